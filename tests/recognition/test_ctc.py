from collections import defaultdict
from itertools import groupby, product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from inkdigits.recognition.ctc import (
    BLANK,
    Classes,
    Span,
    align,
    beam_search,
    best_path,
    log_likelihood,
    log_likelihoods,
)

CLASSES = 4


def spoken(seed: int, columns: int, sharpness: float = 2.0) -> np.ndarray:
    """Return what a network may say of so many columns, `sharpness` from even to plain."""
    logits = sharpness * np.random.default_rng(seed).normal(size=(columns, CLASSES))
    return logits - np.logaddexp.reduce(logits, axis=1, keepdims=True)


def collapsed(path: tuple[int, ...]) -> Classes:
    return tuple(found for found, _ in groupby(path) if found != BLANK)


def paths(log_probabilities: np.ndarray) -> dict[Classes, dict[tuple[int, ...], float]]:
    """Return every path through the columns and its logarithm, by the text that it gives."""
    found: dict[Classes, dict[tuple[int, ...], float]] = defaultdict(dict)
    columns = range(len(log_probabilities))
    for path in product(range(CLASSES), repeat=len(log_probabilities)):
        found[collapsed(path)][path] = float(log_probabilities[columns, path].sum())
    return found


def all_texts(log_probabilities: np.ndarray) -> dict[Classes, float]:
    return {
        text: float(np.logaddexp.reduce(list(ways.values())))
        for text, ways in paths(log_probabilities).items()
    }


some = {"seed": st.integers(0, 10_000), "columns": st.integers(1, 5)}


@given(**some, sharpness=st.floats(0, 4))
@settings(max_examples=25, deadline=None)
def test_a_text_is_as_likely_as_all_its_alignments_together(seed, columns, sharpness):
    said = spoken(seed, columns, sharpness)
    texts = all_texts(said)
    assert log_likelihoods(said, list(texts)) == pytest.approx(list(texts.values()))
    assert np.logaddexp.reduce(log_likelihoods(said, list(texts))) == pytest.approx(0, abs=1e-9)


@given(**some)
@settings(max_examples=25, deadline=None)
def test_a_search_that_follows_all_finds_all_in_order(seed, columns):
    said = spoken(seed, columns)
    texts = all_texts(said)
    found = beam_search(said, width=len(texts), least=0)
    assert {one.classes for one in found} == set(texts)
    scores = [one.log_likelihood for one in found]
    assert scores == sorted(scores, reverse=True)
    assert scores == pytest.approx([texts[one.classes] for one in found])


@given(**some)
@settings(max_examples=25, deadline=None)
def test_a_narrow_search_finds_a_plain_text(seed, columns):
    said = spoken(seed, columns, 12.0)
    texts = all_texts(said)
    found = beam_search(said)
    best = max(texts, key=lambda text: texts[text])
    assert best in [one.classes for one in found[:2]]
    assert found[0].log_likelihood >= texts[best] - 0.05


@given(**some)
@settings(max_examples=25, deadline=None)
def test_an_alignment_is_the_likeliest_path_of_its_text(seed, columns):
    said = spoken(seed, columns)
    for text, ways in paths(said).items():
        best = max(ways, key=lambda path: ways[path])
        path = [BLANK] * columns
        for one, symbol in zip(align(said, text), text, strict=True):
            assert one.first <= one.peak <= one.last
            path[one.first : one.last + 1] = [symbol] * (one.last + 1 - one.first)
        assert said[range(columns), path].sum() == pytest.approx(ways[best])
        assert collapsed(tuple(path)) == text


def test_equal_neighbours_need_a_blank_between_them():
    said = np.log(np.array([[0.1, 0.9], [0.1, 0.9], [0.9, 0.1], [0.1, 0.9]]))
    assert beam_search(said)[0].classes == (1, 1)
    assert align(said, (1, 1)) == [Span(0, 1, 0), Span(3, 3, 3)]
    assert log_likelihood(said[:2], (1, 1)) == -np.inf


def test_the_peak_is_the_surest_column():
    said = np.log(np.array([[0.4, 0.6], [0.2, 0.8], [0.45, 0.55], [0.9, 0.1]]))
    assert align(said, (1,)) == [Span(0, 2, 1)]


def test_what_does_not_fit_is_impossible():
    said = spoken(0, 2)
    assert log_likelihood(said, (1, 2, 3)) == -np.inf
    with pytest.raises(ValueError, match="3 symbols does not fit into 2 columns"):
        align(said, (1, 2, 3))


def test_nothing_is_a_text():
    said = spoken(0, 3)
    assert log_likelihood(said, ()) == pytest.approx(said[:, BLANK].sum())
    assert align(said, ()) == []
    assert beam_search(said[:0])[0].classes == ()
    assert len(log_likelihoods(said, [])) == 0


def test_a_class_that_cannot_be_is_no_trouble():
    said = np.full((3, 3), -np.inf)
    said[:, 1] = 0
    assert beam_search(said)[0].classes == (1,)
    assert log_likelihood(said, (2,)) == -np.inf
    with pytest.raises(ValueError, match="1 symbols does not fit"):
        align(said, (2,))


def test_a_long_line_does_not_vanish():
    said = spoken(0, 1500, 0.0)  # each path has a probability of 10⁻⁹⁰³
    best = beam_search(said, width=4, least=0)[0]
    assert np.isfinite(best.log_likelihood)


def test_the_best_path_joins_what_repeats_and_parts_what_blanks_part():
    classes = [0, 1, 1, 0, 1, 2, 2, 0]
    rows = np.log(np.full((len(classes), 3), 0.05))
    rows[np.arange(len(classes)), classes] = np.log(0.9)
    assert best_path(rows) == (1, 1, 2)
    assert best_path(rows[:1]) == ()
