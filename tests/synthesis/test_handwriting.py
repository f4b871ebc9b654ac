"""Lines by pen: what they say, where it stands, and that chance is a function of the seed."""

from collections.abc import Sequence

import numpy as np
import pytest

from inkdigits.synthesis.handwriting import random_style, write

TEXTS = ("7", "2026", "12.50", "14/03/2026", "10:45", "3.000.-", "85+9=", "50%", "1 234—")


def drawn(text: Sequence[str], seed: int = 0, tall: float = 30):  # type: ignore[no-untyped-def]
    random = np.random.default_rng(seed)
    return write(text, random_style(random), tall, random)


@pytest.mark.parametrize("text", TEXTS)
def test_a_line_says_what_was_asked_for_and_where(text: str) -> None:
    line = drawn(text)
    assert line.text == text.replace(" ", "")
    assert len(line.spans) == len(line.text)
    assert all(left <= right for left, right in line.spans)
    for left, right in line.spans:
        assert line.ink[:, round(left) : round(right) + 1].max() > 0.5
    assert line.ink.min() >= 0 and line.ink.max() <= 1


def test_symbols_stand_in_reading_order() -> None:
    for seed in range(20):
        middles = [sum(span) / 2 for span in drawn("2938475", seed).spans]
        assert middles == sorted(middles)


def test_digits_are_about_as_high_as_asked_for() -> None:
    heights = [
        float(np.ptp(np.flatnonzero((drawn("8", seed, 40).ink > 0.5).any(1)))) for seed in range(30)
    ]
    assert 30 < np.median(heights) < 52


def test_a_letter_or_a_figure_is_no_symbol() -> None:
    assert drawn("K 12").text == "?12"
    assert drawn(["euro", "5"]).text == "?5"


def test_what_is_written_in_one_go_has_a_span_a_sign() -> None:
    line = drawn(["9", "/-"])
    assert line.text == "9/-"
    assert len(line.spans) == 3


def test_the_same_seed_writes_the_same_line_and_another_does_not() -> None:
    assert np.array_equal(drawn("365", 1).ink, drawn("365", 1).ink)
    other = drawn("365", 2).ink
    assert drawn("365", 1).ink.shape != other.shape or not np.array_equal(
        drawn("365", 1).ink, other
    )


def test_a_hand_keeps_its_ways() -> None:
    style = random_style(np.random.default_rng(3))
    assert set("0123456789.,-/:+%=—") <= set(style.ways)
    ways = {random_style(np.random.default_rng(seed)).ways["7"] for seed in range(40)}
    assert len(ways) > 5
