"""Along which directions lines run, by where components stand."""

import math

import pytest

from inkdigits.segmentation.components import Component
from inkdigits.segmentation.turn import Course, bodies
from tests.segmentation.drawings import block, ring


def rows(degrees: float, count: int = 6, lines: int = 2) -> list[Component]:
    """Return rows of components, turned clockwise about the corner of the page."""
    cos, sin = math.cos(math.radians(degrees)), math.sin(math.radians(degrees))
    places = [(34 * column, 90 * row) for row in range(lines) for column in range(count)]
    return [ring(round(500 + x * cos - y * sin), round(500 + x * sin + y * cos)) for x, y in places]


@pytest.mark.parametrize("degrees", [-42, -30, -18, 15, 27, 45])
def test_lines_that_slant_are_seen(degrees):
    assert Course.of(rows(degrees)).across == pytest.approx(degrees, abs=4)


@pytest.mark.parametrize("degrees", [-2, 0, 3])
def test_lines_that_are_about_level_are_level(degrees):
    course = Course.of(rows(degrees))
    assert course.across == 0 and course.turns[0] == 180


def test_lines_that_run_down_the_page_can_only_lie_on_their_side():
    course = Course.of(rows(90, 8, 1))
    assert course.across is None and course.turns == [90, 270]


def test_of_two_components_nothing_is_known():
    assert Course.of(rows(30, 2, 1)) == Course(0.0, 0.0)


def test_specks_say_nothing_of_lines():
    digits = rows(0)
    assert bodies([*digits, block(0, 0, 3, 3)]) == digits
