import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from inkdigits.recognition.lattice import Lattice
from inkdigits.segmentation.components import Component
from inkdigits.segmentation.lines import lines


def block(left: int, top: int, width: int = 20, height: int = 30) -> Component:
    return Component(left, top, np.ones((height, width), np.float32))


def read(line: list[Component], sure: list[float], says) -> list[tuple[int, int]]:
    """Return (left, right) of what is chosen when a recogniser `says` how sure it is of a part."""
    lattice = Lattice(line, sure, [1 - value for value in sure], 30)
    chosen = lattice.best({part: says(part) for part in lattice.components})
    return [(part.left, part.right) for part in chosen]


def test_no_parts_make_no_lines():
    assert lines([], 0.0) == []


def test_lines_go_down_and_digits_to_the_right():
    grid = [block(30 * x, 60 * y) for y in range(3) for x in range(4)]
    found = lines(list(reversed(grid)), 30)
    assert [[(p.left, p.top) for p in row] for row in found] == [
        [(30 * x, 60 * y) for x in range(4)] for y in range(3)
    ]


@pytest.mark.parametrize("slope", [-0.2, -0.1, 0.1, 0.2])
def test_lines_may_slant(slope):
    grid = [block(40 * x, int(70 * y + slope * 40 * x)) for y in range(3) for x in range(8)]
    assert [len(row) for row in lines(grid, 30)] == [8, 8, 8]


@given(st.lists(st.integers(-9, 9), min_size=2, max_size=10))
def test_digits_may_jump_within_a_line(jumps):
    line = [block(30 * x, 100 + jump) for x, jump in enumerate(jumps)]
    assert [len(row) for row in lines(line, 30)] == [len(jumps)]


def test_a_small_part_goes_to_the_line_it_is_in():
    rows = [block(0, 0), block(30, 0), block(0, 80), block(30, 80)]
    dot = block(60, 98, 5, 5)
    assert lines([*rows, dot], 30)[1][-1] is dot


def test_sure_digits_are_read_as_they_stand():
    line = [block(0, 0), block(30, 0)]
    assert read(line, [0.99, 0.99], lambda _: 0.99) == [(0, 20), (30, 50)]


def test_a_broken_digit_is_joined_when_that_makes_one():
    left, right = block(0, 0, 10), block(12, 0, 10)
    assert read([left, right], [0.1, 0.4], lambda p: 0.95 if p.width > 15 else 0.2) == [(0, 22)]


def test_neighbours_are_not_joined_when_each_is_a_digit():
    left, right = block(0, 0, 10), block(12, 0, 10)
    assert len(read([left, right], [0.8, 0.8], lambda p: 0.8 if p.width < 15 else 0.6)) == 2


def test_what_stands_far_apart_is_never_joined():
    line = [block(0, 0, 10), block(60, 0, 10)]
    assert len(read(line, [0.1, 0.1], lambda p: 0.99 if p.width > 15 else 0.1)) == 2


def test_a_dot_between_digits_is_passed_over():
    line = [block(0, 0), block(24, 26, 4, 4), block(32, 0)]
    assert read(line, [0.99, 0.6, 0.99], lambda p: 0.99 if p.width == 20 else 0.3) == [
        (0, 20),
        (32, 52),
    ]


def test_the_bar_of_a_five_is_taken_along():
    body, bar = block(0, 6, 16, 24), block(10, 0, 14, 5)
    found = read([body, bar], [0.5, 0.1], lambda p: 0.99 if p.width == 24 else 0.5)
    assert found == [(0, 24)]


def test_digits_that_touch_are_cut_when_the_halves_are_digits():
    ink = np.zeros((40, 60), np.float32)
    for x in (0, 32):
        ink[:, x : x + 28] = 1
        ink[5:35, x + 5 : x + 23] = 0
    ink[18:22, 26:34] = 1  # where they touch
    found = read([Component(0, 0, ink)], [0.05], lambda p: 0.95 if 24 <= p.width <= 34 else 0.05)
    assert len(found) == 2


@given(st.lists(st.floats(0, 1), min_size=1, max_size=8))
def test_every_part_is_either_read_or_passed_over(sure):
    line = [block(22 * x, 0) for x in range(len(sure))]
    found = read(line, sure, lambda _: 0.5)
    assert found[0][0] == 0 and found[-1][1] == line[-1].right
