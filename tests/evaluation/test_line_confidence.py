from dataclasses import replace

import numpy as np
import pytest

from inkdigits.evaluation.line_confidence import fit_logistic, fitted
from inkdigits.recognition.line_confidence import NAMES, Calibration, Features

USUAL = Features(2.0, 1.0, -0.3, -0.5, 0.05, 1.0, 1.0, 1.8)


def test_the_coefficients_that_made_the_answers_are_found():
    random = np.random.default_rng(0)
    rows = random.normal(2, 3, (4000, 2))
    true = np.array([-1.0, 0.8, -0.5])
    share = 1 / (1 + np.exp(-(true[0] + rows @ true[1:])))
    found = fit_logistic(rows, (random.random(4000) < share).astype(float))
    assert found == pytest.approx(true, abs=0.15)


def test_a_fit_is_as_sure_as_lines_are_often_right():
    random = np.random.default_rng(1)
    lines = [
        replace(USUAL, agree=float(random.random() < 0.6), weakest=6 * random.random())
        for _ in range(2000)
    ]
    right = [bool(random.random() < (0.97 if line.agree else 0.5)) for line in lines]
    found = fitted(Calibration(weight=0.7), lines, right)
    assert found.weight == 0.7 and set(found.coefficients) == set(NAMES)
    sure = np.array([found.confidence(line) for line in lines])
    agree = np.array([line.agree for line in lines]) > 0
    assert sure[agree].mean() == pytest.approx(0.97, abs=0.02)
    assert sure[~agree].mean() == pytest.approx(0.5, abs=0.05)


def test_what_speaks_against_a_line_never_makes_it_surer():
    random = np.random.default_rng(2)
    lines = [replace(USUAL, unexplained=random.random(), steady=0.5) for _ in range(500)]
    right = [bool(random.random() < 0.2 + 0.7 * line.unexplained) for line in lines]
    found = fitted(Calibration(), lines, right)
    assert found.coefficients["unexplained"] == 0
    assert found.confidence(lines[0]) == pytest.approx(np.mean(right), abs=0.02)


def test_lines_that_are_all_right_make_no_certainty_without_end():
    found = fitted(Calibration(), [USUAL] * 20, [True] * 20)
    assert 0.95 < found.confidence(USUAL) < 1
    assert np.isfinite(fitted(Calibration(), [], []).confidence(USUAL))


def test_what_divides_right_and_wrong_exactly_is_no_trouble():
    rows = np.array([[0.0], [1.0], [2.0], [3.0]] * 5)
    found = fit_logistic(rows, (rows[:, 0] > 1.5).astype(float))
    assert np.isfinite(found).all() and found[1] > 0.5
