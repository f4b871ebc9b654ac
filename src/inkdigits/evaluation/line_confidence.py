"""Fitting how sure a line is, on lines whose text is known."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import numpy.typing as npt

from ..recognition.line_confidence import NAMES, Calibration, Features

AGAINST = ("unexplained", "length")  # features that speak against a line; all others speak for it
PENALTY = 1.0  # on squared coefficients: few lines shall not make one certain
ROUNDS = 50
STILL = 1e-9  # a step that changes no coefficient by more is the last

Floats = npt.NDArray[np.float64]


def fitted(
    calibration: Calibration, features: Sequence[Features], right: Sequence[bool]
) -> Calibration:
    """Return a calibration whose confidence is how often lines with such features are right.

    A feature that would count the wrong way round, as chance has it among few lines, does not
    count: what speaks against a line never makes it surer.

    Parameters
    ----------
    calibration
        With which the lines were read.
    features, right
        Of each line: what was known of it, and whether all its digits were read right.
    """
    rows = np.array([one.values for one in features]).reshape(len(features), len(NAMES))
    way = np.where(np.isin(NAMES, AGAINST), -1.0, 1.0)
    counts = np.ones(len(NAMES), bool)
    while True:
        bias, *weights = fit_logistic(rows * counts, np.asarray(right, np.float64))
        wrong = (np.array(weights) * way < 0) & counts
        if not wrong.any():
            break
        counts &= ~wrong
    coefficients = dict(zip(NAMES, map(float, weights * counts), strict=True))
    return replace(calibration, bias=float(bias), coefficients=coefficients)


def fit_logistic(rows: Floats, right: Floats, penalty: float = PENALTY) -> Floats:
    """Return bias and coefficients ``(1 + F,)`` of a logistic regression, by Newton's method.

    Parameters
    ----------
    rows
        ``(N, F)``.
    right
        ``(N,)``, 0 or 1.
    penalty
        On half the squared coefficients; on the bias there is none to speak of.
    """
    spread = np.maximum(rows.std(0), 1e-6) if len(rows) else np.ones(rows.shape[1])
    middle = rows.mean(0) if len(rows) else np.zeros(rows.shape[1])
    given = np.column_stack([np.ones(len(rows)), (rows - middle) / spread])
    shrink = np.full(given.shape[1], penalty)
    shrink[0] = 1e-3  # where all lines are right there is no end to it
    found = np.zeros(given.shape[1])
    for _ in range(ROUNDS):
        share = 1 / (1 + np.exp(-given @ found))
        slope = given.T @ (right - share) - shrink * found
        bend = given.T @ (given * (share * (1 - share))[:, None]) + np.diag(shrink)
        step = np.linalg.solve(bend, slope)
        longest = float(np.abs(step).max())
        found = found + step / max(longest, 1.0)  # far from the end a step may be too long
        if longest < STILL:
            break
    weights = found[1:] / spread
    return np.append(found[0] - weights @ middle, weights)
