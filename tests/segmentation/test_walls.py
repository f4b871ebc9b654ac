"""Walls of combs, and 1s, which are none."""

import pytest

from inkdigits.segmentation.components import Component
from inkdigits.segmentation.walls import ones_among, without_walls
from tests.segmentation.drawings import block, ring


def comb(cells: int, slope: float = 0.0, height: int = 40) -> list[Component]:
    """Return the walls of a comb, `height` high and as far apart."""
    return [block(50 * at, round(slope * 50 * at), 2, height) for at in range(cells + 1)]


def test_walls_between_digits_are_taken_out():
    walls = comb(4)
    digits = [ring(50 * at + 15, 8, 18, 26) for at in range(4)]
    rest, rules = without_walls([*walls, *digits])
    assert rest == digits
    assert [rule.left for rule in rules] == [wall.left for wall in walls]


def test_an_empty_comb_that_lies_aslant_has_many_walls():
    rest, rules = without_walls(comb(7, slope=0.03))
    assert not rest and len(rules) == 8


def test_ones_are_no_walls():
    tops = [0, 3, 1, 4, 2, 5, 1]
    ones = [block(30 * at, top, 4, 36 + top % 3) for at, top in enumerate(tops)]
    assert without_walls(ones) == (ones, [])
    between = [block(50, 0, 3, 30), ring(80, 0, 18, 30), block(120, 0, 3, 30)]
    assert without_walls(between) == (between, [])


def test_strokes_at_uneven_distances_are_no_walls():
    strokes = [block(left, 0, 3, 40) for left in (0, 40, 97, 130, 200, 219, 290)]
    assert without_walls(strokes) == (strokes, [])


def test_nothing_has_no_walls():
    assert without_walls([]) == ([], [])


def test_an_upright_stroke_among_digits_may_be_a_1_whatever_a_finder_sees():
    digits = [block(40, 20, 20, 40), block(80, 20, 22, 40)]
    stroke = block(68, 20, 5, 40)
    assert ones_among([stroke], digits) == [stroke]
    assert ones_among([stroke], []) == ones_among([], digits) == []


@pytest.mark.parametrize(
    "box", [(300, 20, 5, 40), (68, 0, 5, 80), (110, 20, 30, 40), (68, 80, 5, 40)]
)
def test_what_is_apart_longer_broader_or_below_is_none(box):
    digits = [block(40, 20, 20, 40), block(80, 20, 22, 40)]
    assert ones_among([block(*box)], digits) == []
