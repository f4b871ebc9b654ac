import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from inkdigits.document import Reason
from inkdigits.models.contract import LINE_HEIGHT
from inkdigits.segmentation import strip as strips_module
from inkdigits.segmentation.components import Unread, find_components
from inkdigits.segmentation.lines import TextLine
from inkdigits.segmentation.strip import (
    DIGITS,
    MULTIPLE,
    WIDEST,
    Strip,
    ink_alone,
    stretched,
    strips,
    with_strips,
    without_upright,
)
from tests.reading.strokes import paper
from tests.segmentation.drawings import block, ink, line

HEIGHT = 40


def page_of(bars: list[tuple[int, int]], size: int = 30, turn: float = 0.0) -> np.ndarray:
    """Return a page with upright bars at these places, the whole turned clockwise by degrees."""
    page = paper(300, 700)
    for x, y in bars:
        page[y : y + size, x : x + size // 3] = 0
    if turn:
        matrix = cv2.getRotationMatrix2D((350, 150), -turn, 1)
        page = cv2.warpAffine(page, matrix, (700, 300), borderValue=255)
    return page


def line_of(page: np.ndarray, height: float = 30) -> TextLine:
    found = sorted(find_components(ink(page))[0], key=lambda c: c.left)
    return line(*found, height=height)


def rows(found: Strip) -> tuple[int, int]:
    dark = np.flatnonzero(found.pixels.min(1) < 128)
    return int(dark[0]), int(dark[-1]) + 1


def starts(found: Strip) -> list[int]:
    """Return the columns where bars begin."""
    dark = (found.pixels[HEIGHT // 2] < 128).astype(int)
    return np.flatnonzero(np.diff(dark) == 1).tolist()


@pytest.mark.parametrize("size", [12, 26, 30, 61, 200])
def test_digits_of_any_height_become_as_high_as_the_network_knows_them(size):
    page = page_of([(50, 60), (80 + size, 60)], size)
    (found,) = strips(page, line_of(page, size))
    assert found.pixels.shape[0] == HEIGHT and found.width % 8 == 0
    top, bottom = rows(found)
    assert bottom - top == pytest.approx(DIGITS, abs=1)
    assert top + bottom == pytest.approx(HEIGHT, abs=1)


def test_there_is_paper_on_both_sides():
    page = page_of([(3, 60), (680, 60)], 30)
    (found,) = strips(page, line_of(page))
    dark = np.flatnonzero(found.pixels.min(0) < 128)
    # Beyond the edges of the page less is shown than elsewhere.
    assert dark[0] >= DIGITS // 8 and found.width - 1 - dark[-1] >= DIGITS // 8
    inner = page_of([(200, 60), (500, 60)], 30)
    dark = np.flatnonzero(strips(inner, line_of(inner))[0].pixels.min(0) < 128)
    assert dark[0] >= DIGITS // 2
    assert found.pixels[:, :2].min() == found.pixels[:, -2:].min() == 255


@given(turn=st.floats(-10, 10), size=st.integers(14, 60))
@settings(max_examples=15, deadline=None)
def test_a_place_on_the_strip_is_known_on_the_page(turn, size):
    page = page_of([(100 + 70 * at, 130) for at in range(7)], size, turn)
    row = line_of(page, size)
    (found,) = strips(page, row)
    for component, start in zip(row.components, starts(found), strict=True):
        x, y = found.on_page(start + 0.5)
        assert x - 2 <= component.right and x + 2 >= component.left
        assert y == pytest.approx(component.middle[1], abs=0.2 * size + 2)


@pytest.mark.parametrize("turn", [-9, 9])
def test_a_line_that_slopes_is_made_level(turn):
    page = page_of([(60 + 50 * at, 130) for at in range(12)], 30, turn)
    (found,) = strips(page, line_of(page))
    first, last = found.pixels[:, : found.width // 4], found.pixels[:, -found.width // 4 :]
    middles = [np.flatnonzero(part.min(1) < 128).mean() for part in (first, last)]
    assert middles[0] == pytest.approx(middles[1], abs=2.5)


def test_two_digits_tell_no_slope():
    page = page_of([(100, 100), (130, 106)], 30)
    (found,) = strips(page, line_of(page))
    slope = found.matrix[1, 0] / found.matrix[0, 0]
    assert 0 < slope < 0.05


def test_marks_and_dots_change_neither_height_nor_level():
    page = page_of([(100, 100), (150, 100), (200, 100)], 30)
    (plain,) = strips(page, line_of(page))
    page[126:132, 190:194] = 0
    row = line_of(page)
    dot = next(c for c in row.components if c.height < 12)
    (found,) = strips(page, line(*row.components, marks=frozenset([dot])))
    assert np.array_equal(found.matrix[:, :2], plain.matrix[:, :2])


def test_light_ink_becomes_dark():
    page = page_of([(100, 100), (150, 100)], 30)
    row = line_of(page)
    (dark,), (light,) = strips(page, row), strips(255 - page, row, dark=False)
    assert np.array_equal(dark.pixels, light.pixels)


def test_a_fine_stroke_is_not_lost_where_a_page_is_shrunk():
    page = paper(300, 700)
    page[40:240, 100:104] = page[40:240, 300:304] = 0
    (found,) = strips(page, line_of(page, 200))
    dark = 255 - found.pixels[HEIGHT // 2].astype(int)
    assert dark.sum() == pytest.approx(2 * 255 * 4 * DIGITS / 200, rel=0.1)


def test_a_long_line_is_cut_at_its_widest_gaps():
    at = [10, 30, 50, 200, 220, 240, 260, 420, 440, 460, 480, 640, 660]
    page = page_of([(x, 100) for x in at], 9)  # 9 pixels high: 2.9 times as wide
    found = strips(page, line_of(page, 9))
    assert len(found) == 2 and all(one.width <= WIDEST for one in found)
    assert [len(starts(one)) for one in found] == [7, 6]
    assert 265 < found[1].on_page(0)[0] < 420


def test_one_component_may_be_too_long_as_well():
    page = paper(300, 1600)
    page[100:110, 20:1500] = 0
    found = strips(page, line_of(page, 10))
    assert len(found) > 1 and all(one.width <= WIDEST for one in found)
    assert found[0].on_page(0)[0] < 21 and found[-1].on_page(found[-1].width)[0] > 1499


def test_ink_at_the_edge_of_a_page_is_shown():
    page = page_of([(0, 0), (40, 0)], 30)
    (found,) = strips(page, line_of(page))
    assert len(starts(found)) == 2 and rows(found)[1] - rows(found)[0] >= DIGITS - 1


def test_a_line_without_components_has_no_strip():
    assert strips(paper(), line()) == []


def test_a_height_that_is_another_lines_is_held_against_its_own_digits():
    page = page_of([(100, 100), (150, 100)], 30)
    (found,) = strips(page, line_of(page, 44))
    top, bottom = rows(found)
    assert bottom - top == pytest.approx(DIGITS, abs=1)


def test_a_page_has_strips_for_so_many_lines(monkeypatch):
    monkeypatch.setattr(strips_module, "MOST", 150)
    page = paper(300, 300)
    some = [line(block(20, y, 40, 30), block(80, y, 20, 30)) for y in (20, 100, 180)]
    found = with_strips(some, page, dark=True)
    assert [len(row.strips) for row in found] == [1, 0, 0]
    assert [row.components for row in found] == [row.components for row in some]


@pytest.mark.parametrize("by", [0.85, 1.2, 0.01])
def test_a_stretched_strip_lies_where_it_lay(by):
    pixels = np.full((LINE_HEIGHT, 160), 255, np.uint8)
    pixels[:, 78:82] = 0
    strip = Strip(pixels, np.array([[2.0, 0.0, 10.0], [0.0, 2.0, 20.0]]))
    other = stretched(strip, by)
    assert other.width % MULTIPLE == 0 and abs(other.width - by * 160) <= MULTIPLE
    middle = other.pixels[0].argmin() if by > 0.1 else other.width / 2
    assert other.on_page(middle) == pytest.approx(strip.on_page(80), abs=6)


def test_walls_are_painted_over_and_writing_beside_and_across_them_stays():
    page = page_of([(60, 60), (160, 60)])
    written = line_of(page)
    clean = page.copy()
    page[40:110, 110:113] = 60  # between two digits,
    page[40:110, 64:66] = 60  # and through one
    walls = [Unread(Reason.RULE, x, 40, wide, 70) for x, wide in ((110, 3), (64, 2))]
    bare = without_upright(page, walls, [written])
    assert np.abs(bare[60:90].astype(int) - clean[60:90]).max() <= 60
    assert (bare[60:90, 60:70] < 100).all() and (bare[40:110, 105:120] > 200).all()
    (found,), (true,) = (strips(each, written) for each in (bare, clean))
    assert starts(found) == starts(true) and len(starts(true)) == 2


@pytest.mark.parametrize("rule", [(110, 40, 60, 70), (20, 100, 300, 3)])
def test_what_is_no_wall_is_not_painted_over(rule):
    page = page_of([(60, 60)])
    page[rule[1] : rule[1] + rule[3], rule[0] : rule[0] + rule[2]] = 60
    assert without_upright(page, [Unread(Reason.RULE, *rule)], [line_of(page)]) is page


@given(st.integers(-80, 760), st.integers(-120, 360), st.integers(1, 15), st.integers(1, 400))
def test_a_wall_may_lie_anywhere_and_beyond_the_page(left, top, wide, tall):
    page = page_of([(60, 60)])
    bare = without_upright(page, [Unread(Reason.RULE, left, top, wide, tall)], [line_of(page)])
    assert bare.shape == page.shape
    assert np.array_equal(bare[60:90, 60:70], page[60:90, 60:70])


@pytest.mark.parametrize("size", [15, 30, 60])
def test_ink_alone_stands_where_it_stood_and_all_else_is_paper(size):
    page = page_of([(60, 60), (120 + size, 60)], size)
    written = line_of(page, size)
    page[150:152] = 90
    page[60 + size // 2 :, 300:] = 30
    (strip,) = strips(page, written)
    alone = ink_alone(strip, written.components)
    assert alone.pixels.shape == strip.pixels.shape and alone.matrix is strip.matrix
    assert starts(alone) == pytest.approx(starts(strip)[:2], abs=1) and len(starts(alone)) == 2
    edge = alone.pixels[[0, -1]]
    assert edge.min() == edge.max() > 200
