import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from inkdigits.recognition.texts import aligned, softmax, symbol_shares

some_text = st.lists(st.integers(1, 3), max_size=6).map(tuple)


@given(some_text, some_text)
def test_an_alignment_tells_of_every_symbol_once_and_in_order(one, other):
    pairs = aligned(one, other)
    assert [a for a, _ in pairs if a is not None] == list(range(len(one)))
    assert [b for _, b in pairs if b is not None] == list(range(len(other)))
    assert all(pair != (None, None) for pair in pairs)


@given(some_text)
def test_a_text_is_aligned_with_itself(text):
    assert aligned(text, text) == [(at, at) for at in range(len(text))]


def test_what_differs_is_held_against_each_other():
    assert aligned((1, 2, 3), (1, 5, 3)) == [(0, 0), (1, 1), (2, 2)]
    assert aligned((1, 2, 3), (1, 3)) == [(0, 0), (1, None), (2, 1)]
    assert aligned((1, 3), (1, 2, 3)) == [(0, 0), (None, 1), (1, 2)]
    assert aligned((1, 1), (1,)) == [(0, 0), (1, None)]


def test_a_symbol_is_as_likely_as_the_texts_that_have_it():
    texts = [(1, 2, 3), (1, 3, 3), (1, 3), (1, 2, 3, 3)]
    shares, several = symbol_shares(texts[0], texts, np.array([0.5, 0.25, 0.15, 0.1]), 4)
    assert shares[0] == pytest.approx([0, 1, 0, 0])
    assert shares[1] == pytest.approx([0.15, 0, 0.6, 0.25])
    assert shares[2] == pytest.approx([0, 0, 0, 1])
    assert several == pytest.approx([0, 0, 0.1]) or several == pytest.approx([0, 0.1, 0])


@given(st.lists(some_text, min_size=1, max_size=6, unique=True), st.integers(0, 100))
def test_shares_are_probabilities(texts, seed):
    posterior = softmax(np.random.default_rng(seed).normal(size=len(texts)))
    shares, several = symbol_shares(texts[0], texts, posterior, 4)
    assert shares.sum(1) == pytest.approx(1)
    assert ((several >= 0) & (several <= 1)).all()


def test_nothing_has_no_symbols():
    shares, several = symbol_shares((), [(), (1,)], np.array([0.6, 0.4]), 3)
    assert shares.shape == (0, 3) and several.shape == (0,)


def test_probabilities_of_scores_that_cannot_be():
    assert softmax(np.array([-3.0, -np.inf, -3.0])) == pytest.approx([0.5, 0, 0.5])
