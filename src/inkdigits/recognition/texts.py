"""Texts against each other: which symbols of one are those of another, and how sure each is."""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from .ctc import Classes

MISSING = 0  # the class of what is not there: that of the blank
LEAST = 1e-4  # a text that is less likely says nothing of any symbol

Floats = npt.NDArray[np.float64]


def softmax(scores: Floats) -> Floats:
    """Return probabilities of which `scores` are the logarithms, but for a constant."""
    shares = np.exp(scores - scores.max())
    found: Floats = shares / shares.sum()
    return found


def symbol_shares(
    text: Classes, others: Sequence[Classes], posterior: Floats, classes: int
) -> tuple[Floats, Floats]:
    """Return how likely each symbol of a text is each class, and that it is several.

    Parameters
    ----------
    text
        The one whose symbols are asked for.
    others, posterior
        All texts that there may be, `text` among them, and how likely each is.
    classes
        How many there are; class 0 stands for no symbol at all.

    Returns
    -------
    shares
        ``(L, C)``; each row adds up to 1.
    several
        ``(L,)``: how likely there is one symbol more beside it.
    """
    shares = np.zeros((len(text), classes))
    several = np.zeros(len(text))
    for other, share in zip(others, posterior, strict=True):
        if share < LEAST or not text:
            continue
        here = 0
        for own, theirs in aligned(text, other):
            if own is None:  # one more: beside the symbol before it
                several[max(here - 1, 0)] += share
                continue
            shares[own, MISSING if theirs is None else other[theirs]] += share
            here = own + 1
    total = shares.sum(1, keepdims=True)
    return shares / np.maximum(total, LEAST), np.minimum(several, 1.0)


def aligned(one: Classes, other: Classes) -> list[tuple[int | None, int | None]]:
    """Return which symbol of one text is which of another, from left to right.

    It takes the fewest changes; None stands for one that the other text lacks.
    """
    head = 0
    while head < min(len(one), len(other)) and one[head] == other[head]:
        head += 1
    tail = 0
    while tail < min(len(one), len(other)) - head and one[-1 - tail] == other[-1 - tail]:
        tail += 1
    inner = _inner(one[head : len(one) - tail], other[head : len(other) - tail])
    found: list[tuple[int | None, int | None]] = [(at, at) for at in range(head)]
    found += [(None if a is None else head + a, None if b is None else head + b) for a, b in inner]
    return found + [(len(one) - at, len(other) - at) for at in range(tail, 0, -1)]


def _inner(one: Classes, other: Classes) -> list[tuple[int | None, int | None]]:
    """Return the same of what two texts differ in, by the edit distance."""
    cost = [list(range(len(other) + 1))]
    for symbol in one:
        before, row = cost[-1], [cost[-1][0] + 1]
        for b, theirs in enumerate(other, 1):
            row.append(min(before[b - 1] + (symbol != theirs), before[b] + 1, row[-1] + 1))
        cost.append(row)
    a, b = len(one), len(other)
    found: list[tuple[int | None, int | None]] = []
    while a or b:
        if a and b and cost[a][b] == cost[a - 1][b - 1] + (one[a - 1] != other[b - 1]):
            a, b = a - 1, b - 1
            found.append((a, b))
        elif a and cost[a][b] == cost[a - 1][b] + 1:
            a -= 1
            found.append((a, None))
        else:
            b -= 1
            found.append((None, b))
    return found[::-1]


def log_odds(share: float) -> float:
    """Return the logarithm of the odds of a probability, within bounds."""
    share = min(max(share, 1e-6), 1 - 1e-6)
    return float(np.log(share / (1 - share)))
