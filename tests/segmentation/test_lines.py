import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from inkdigits.document import Reason
from inkdigits.segmentation.components import SEEN, Component
from inkdigits.segmentation.lines import (
    LONG_STROKE,
    TextLine,
    is_writing,
    lines,
    text_lines,
    with_commas,
)
from tests.reading.strokes import paper
from tests.segmentation.drawings import block, ring
from tests.segmentation.test_sieve import DRAWN, drawn, sieved

SHAPE = (600, 600)


def rings(left: int, top: int, count: int, height: int = 30) -> list[Component]:
    """Return a row of rings, as zeros are."""
    wide, pen = max(4, 2 * height // 3), max(1, height // 10)
    return [ring(left + round(1.4 * wide) * at, top, wide, height, pen) for at in range(count)]


def texts(found: list[TextLine]) -> list[list[tuple[int, int]]]:
    return [[(c.left, c.top) for c in line.components] for line in found]


def test_no_components_make_no_lines():
    assert lines([], 0.0) == []
    assert text_lines([], SHAPE) == ([], [])


def test_lines_go_down_and_digits_to_the_right():
    grid = [block(30 * x, 60 * y) for y in range(3) for x in range(4)]
    expected = [[(30 * x, 60 * y) for x in range(4)] for y in range(3)]
    found = lines(list(reversed(grid)), 30)
    assert [[(c.left, c.top) for c in row] for row in found] == expected
    assert texts(text_lines(list(reversed(grid)), (200, 200))[0]) == expected


@pytest.mark.parametrize("slope", [-0.2, -0.1, 0.1, 0.2])
def test_lines_may_slant(slope):
    grid = [block(40 * x, int(70 * y + slope * 40 * x)) for y in range(3) for x in range(8)]
    assert [len(row) for row in lines(grid, 30)] == [8, 8, 8]


@settings(deadline=None)
@given(st.lists(st.integers(-9, 9), min_size=2, max_size=10))
def test_digits_may_jump_within_a_line(jumps):
    line = [block(30 * x, 100 + jump) for x, jump in enumerate(jumps)]
    assert [len(row) for row in lines(line, 30)] == [len(jumps)]


def test_a_small_component_goes_to_the_line_it_is_in():
    rows = [block(0, 0), block(30, 0), block(0, 80), block(30, 80)]
    dot = block(55, 98, 6, 6)
    found, _ = text_lines([*rows, dot], (200, 200))
    assert found[1].components[-1] is dot


def test_below_one_large_digit_small_entries_are_lines_of_their_own():
    large = ring(40, 20, 130, 200, 14)
    small = [c for y in range(5) for c in rings(30, 320 + 50 * y, 4, 24)]
    found, unread = text_lines([large, *small], SHAPE)
    assert [len(line.components) for line in found] == [1, 4, 4, 4, 4, 4]
    assert [line.height for line in found] == [200, *[24] * 5]
    assert not unread
    assert [line.doubtful for line in found] == [False, *[True] * 5]


@pytest.mark.parametrize("gap", [8, 30, 70])
@pytest.mark.parametrize("height", [20, 24, 40])
def test_small_entries_close_below_a_large_digit_are_lines_too(gap, height):
    large = ring(40, 20, 130, 200, 14)
    small = [c for y in range(4) for c in rings(30, 220 + gap + 55 * y, 6, height)]
    found, unread = text_lines([large, *small], SHAPE)
    assert [len(line.components) for line in found] == [1, 6, 6, 6, 6] and not unread


@pytest.mark.parametrize("gap", [10, 60, 120])
def test_small_entries_close_beside_a_large_digit_are_lines_too(gap):
    large = ring(30, 20, 130, 200, 14)
    small = [c for y in range(3) for c in rings(160 + gap, 30 + 60 * y, 6, 24)]
    found, unread = text_lines([large, *small], SHAPE)
    assert sorted(len(line.components) for line in found) == [1, 6, 6, 6] and not unread


def test_a_few_specks_beside_a_large_digit_are_no_writing():
    large = ring(30, 20, 130, 200, 14)
    specks = [ring(180 + 35 * at, 60 + 35 * at, 9, 14, 2) for at in range(4)]
    found, unread = text_lines([large, *specks], SHAPE)
    assert [list(line.components) for line in found] == [[large]]
    assert {one.component for one in unread} <= set(specks) and unread


def test_three_sizes_are_three_kinds_of_lines():
    sizes = (150, 50, 18)
    parts = [c for at, size in enumerate(sizes) for c in rings(20, 20 + 200 * at, 6, size)]
    found, unread = text_lines(parts, (1200, 1200))
    assert [line.height for line in found] == list(sizes) and not unread


def test_small_beside_large_stands_above_or_below_by_its_place():
    large, small = rings(20, 200, 3, 100), rings(20, 40, 6, 24)
    found, _ = text_lines([*large, *small], SHAPE)
    assert [line.height for line in found] == [24, 100]


def test_grain_is_no_writing_and_is_left_out_as_specks():
    random = np.random.default_rng(3)
    grain = [
        ring(int(x), int(y), int(w), int(h), 1)
        for x, y, w, h in zip(
            random.integers(0, 1500, 60),
            random.integers(300, 1500, 60),
            random.integers(4, 16, 60),
            random.integers(4, 16, 60),
            strict=True,
        )
    ]
    digits = rings(100, 60, 5, 120)
    found, unread = text_lines([*digits, *grain], (1600, 1600))
    assert [len(line.components) for line in found] == [5]
    assert {one.reason for one in unread} == {Reason.SPECK}
    assert len(unread) == sum(is_stroke(c) for c in grain)


def test_what_is_small_and_cut_off_by_the_edge_of_the_picture_is_no_writing():
    large = rings(20, 60, 3, 150)
    for top, heights in ((600 - 24, [150]), (560, [150, 24])):
        found, _ = text_lines([*large, *rings(100, top, 6, 24)], SHAPE)
        assert [line.height for line in found] == heights


def test_blots_are_no_writing():
    blots = [block(40 * at, 300, 12, 12) for at in range(10)]
    found, unread = text_lines([*rings(0, 60, 4, 90), *blots], SHAPE)
    assert [line.height for line in found] == [90] and not unread


@pytest.mark.parametrize("count", [5, 12])
def test_writing_is_of_one_height_drawn_with_strokes_and_in_lines(count):
    row = rings(0, 0, count, 20)
    assert is_writing(row, row, 20)
    assert not is_writing([block(30 * at, 0, 14, 20) for at in range(count)], row, 20)
    apart = [ring(200 * at, 150 * at, 14, 20, 2) for at in range(count)]
    assert not is_writing(apart, apart, 20)
    sizes = [ring(40 * at, 0, 14, 8 + 22 * (at % 3), 2) for at in range(count)]
    assert not is_writing(sizes, sizes, 20)


def test_a_few_small_digits_are_writing_unless_they_are_tiny_or_among_dirt():
    few = rings(0, 0, 3, 20)
    assert is_writing(few, few, 20)
    assert not is_writing(few, few, 6)
    assert not is_writing(few, [*few, *(block(9 * at, 50, 3, 3) for at in range(30))], 20)


def test_a_percent_sign_is_one_mark_of_its_line():
    page = paper(120, 300)
    cv2.ellipse(page, (40, 60), (14, 22), 0, 0, 360, 0, 3)
    cv2.line(page, (90, 84), (122, 36), 0, 3)
    cv2.circle(page, (90, 46), 8, 0, 3)
    cv2.circle(page, (122, 74), 8, 0, 3)
    (line,), unread = text_lines(sieved(page).components, page.shape)
    assert len(line.components) == 2 and not unread
    assert set(line.marks) == {line.components[1]}
    assert line.components[1].width > 40


def test_a_dot_of_a_line_is_a_mark_and_dust_beside_it_is_left_out():
    digits = [ring(0, 100, 40, 60, 5), ring(60, 100, 40, 60, 5)]
    dot, dust = block(46, 153, 8, 8), block(57, 105, 2, 6)
    (line,), unread = text_lines([*digits, dot, dust], (300, 300))
    assert list(line.components) == [digits[0], dot, digits[1]] and line.marks == {dot}
    assert [one.component for one in unread] == [dust]
    assert unread[0].reason is Reason.SPECK


def is_stroke(component: Component) -> bool:
    long = max(component.width, component.height)
    return long >= SEEN and long >= LONG_STROKE * component.stroke


def lost(components: list[Component], shape: tuple[int, ...]) -> list[Component]:
    """Return the strokes that are in no line and not left out; lines must be in order."""
    found, unread = text_lines(components, shape)
    kept = [c for line in found for c in line.components]
    assert len({id(c) for c in kept}) == len(kept)
    ids = {id(c) for c in kept} | {id(one.component) for one in unread}
    # What was joined to a mark or a percent sign is where that is.
    whole = np.zeros((shape[0] + 80, shape[1] + 80), bool)
    for mark in {m for line in found for m in line.marks} | {u.component for u in unread}:
        here = whole[mark.top : mark.bottom, mark.left : mark.right]
        here |= mark.ink > 0
    for line in found:
        middles = [c.middle[0] for c in line.components]
        assert middles == sorted(middles) and line.marks <= set(line.components)
    levels = [np.mean([c.middle[1] for c in line.components]) for line in found]
    assert levels == sorted(levels)
    rest = [c for c in components if id(c) not in ids and is_stroke(c)]
    return [c for c in rest if not whole[c.top : c.bottom, c.left : c.right][c.ink > 0].all()]


BOXES = st.tuples(st.integers(0, 500), st.integers(0, 500), *[st.integers(2, 80)] * 2)


@settings(deadline=None, max_examples=60)
@given(st.lists(BOXES, max_size=25), st.integers(1, 4))
def test_every_component_is_in_a_line_or_left_out_or_dust(boxes, pen):
    assert not lost([ring(*one, pen) for one in boxes], SHAPE)


@settings(deadline=None, max_examples=40)
@given(DRAWN)
def test_every_component_of_a_drawing_is_in_a_line_or_left_out_or_dust(shapes):
    page = drawn(shapes)
    assert not lost(sieved(page).components, page.shape)


def test_a_large_comma_that_hangs_below_its_line_stands_in_it():
    digits = [block(40 * at, 0, 20, 40) for at in range(3)]
    comma = block(28, 34, 6, 24)
    (row,) = with_commas([digits, [comma]])
    assert [c.left for c in row] == [0, 28, 40, 80]


def test_a_digit_of_the_line_below_stays_there():
    digits = [block(40 * at, 0, 20, 40) for at in range(3)]
    for other in (block(28, 60, 20, 40), block(-30, 34, 6, 24), block(300, 34, 6, 24)):
        assert with_commas([digits, [other]]) == [digits, [other]]
