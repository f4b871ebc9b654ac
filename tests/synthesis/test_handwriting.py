"""Lines by pen: what they say, where it stands, and that chance is a function of the seed."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest

from inkdigits.synthesis.handwriting import Written, random_style, write

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


def test_a_style_has_its_variant_of_each_symbol() -> None:
    style = random_style(np.random.default_rng(3))
    assert set("0123456789.,-/:+%=—") <= set(style.variants)
    sevens = {random_style(np.random.default_rng(seed)).variants["7"] for seed in range(40)}
    assert len(sevens) > 5


def rows_of(line: Written, at: int) -> np.ndarray:
    """Return in which rows there is ink of a symbol, by where it stands."""
    left, right = line.spans[at]
    return np.flatnonzero((line.ink[:, round(left) : round(right) + 1] > 0.5).any(1))


def styled(text: str, seed: int, **style: object) -> Written:
    random = np.random.default_rng(seed)
    wide = replace(random_style(random), gap=0.5, uneven=0.0, slant=0.0, joins=0.0)
    return write(text, replace(wide, **style), 40, random)  # type: ignore[arg-type]


def test_some_write_their_points_half_way_up() -> None:
    for seed in range(10):
        low, high = (styled(".", seed, point=point) for point in (0.0, 0.5))
        above = [line.base - rows_of(line, 0).mean() for line in (low, high)]
        assert abs(above[0]) < 8
        assert above[1] - above[0] == pytest.approx(20, abs=3)


def test_noughts_at_an_end_get_smaller_in_some_hands() -> None:
    for seed in range(10):
        line = styled("3000", seed, noughts=(0.7, 0.75), sizes=0.0, loose=0.1)
        first, second, third = (len(rows_of(line, at)) for at in (1, 2, 3))
        assert first > second > third > 0.3 * first


def test_a_digit_of_a_hand_may_stand_lower_than_the_others() -> None:
    build = {str(digit): (1.0, 0.3 if digit == 7 else 0.0) for digit in range(10)}
    for seed in range(10):
        line = styled("171", seed, build=build, jumps=0.0, sizes=0.0, loose=0.1)
        assert rows_of(line, 1).max() - rows_of(line, 0).max() > 5
