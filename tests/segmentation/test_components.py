import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from inkdigits.document import Reason
from inkdigits.segmentation.components import (
    AREA,
    MOST,
    SEEN,
    Component,
    Unread,
    find_components,
    is_small,
    joined,
    main_components,
    trimmed,
    writing_height,
)
from inkdigits.segmentation.rules import connected
from tests.reading.strokes import one, paper, zero
from tests.segmentation.drawings import block, box, ink, ring, slash

SIDE = 1600


def stripes() -> np.ndarray:
    y, x = np.mgrid[:SIDE, :SIDE]
    return ((y + 2 * x) % 3 < 1).astype(np.float32)


def nested_rings() -> np.ndarray:
    y, x = np.mgrid[:SIDE, :SIDE]
    inwards = np.minimum(np.minimum(x, SIDE - 1 - x), np.minimum(y, SIDE - 1 - y))
    return (inwards % 4 < 1).astype(np.float32)


def checkerboard() -> np.ndarray:
    y, x = np.mgrid[:SIDE, :SIDE]
    return ((y % 14 < 7) & (x % 14 < 7)).astype(np.float32)


def test_nothing_has_no_components():
    assert find_components(np.zeros((50, 60), np.float32)) == ([], [])


def test_each_piece_is_a_component_with_its_own_ink_alone():
    page = ink(zero(one(paper(), 20, 30), 50, 30))
    found, unread = find_components(page)
    assert len(found) == 2 and not unread
    assert sum(component.mass for component in found) == pytest.approx(float(page.sum()), rel=0.01)


def test_what_reaches_into_the_box_of_another_is_none_of_its_ink():
    page = zero(paper(), 20, 20, 80)
    dot = zero(paper(), 36, 50, 16, pen=2)
    ringed, inner = sorted(find_components(ink(np.minimum(page, dot)))[0], key=lambda c: -c.height)
    assert ringed.left < inner.left and inner.right < ringed.right
    assert ringed.mass == pytest.approx(float(ink(page).sum()))
    assert inner.mass == pytest.approx(float(ink(dot).sum()))


def test_the_soft_edge_of_a_stroke_is_a_part_of_it():
    page = np.zeros((20, 20), np.float32)
    page[5:15, 8:11] = 1
    page[5:15, 7] = page[5:15, 11] = 0.2
    (found,), _ = find_components(page)
    assert found.mass == pytest.approx(float(page.sum()))


def test_the_largest_comes_first():
    sizes = (30, 60, 45)
    page = paper(100, 300)
    for at, size in enumerate(sizes):
        zero(page, 20 + 90 * at, 20, size)
    tall = [component.height for component in find_components(ink(page))[0]]
    assert tall == sorted(tall, reverse=True) and len(tall) == len(sizes)


def test_grains_of_a_few_pixels_are_no_components_beside_digits():
    page = zero(paper(), 40, 30)
    page[5, 5] = page[100, 100] = 0
    assert len(find_components(ink(page))[0]) == 1


@pytest.mark.parametrize("size", [4, 5, 6])
def test_what_has_a_shape_is_kept_however_large_the_largest_is(size):
    page = paper(600, 600)
    page[50:550, 50:300] = 0
    page[100 : 100 + size, 400 : 400 + size] = 0
    assert len(find_components(ink(page))[0]) == 2


@pytest.mark.parametrize("full", [stripes, nested_rings, checkerboard])
def test_a_page_full_of_ink_is_bounded_in_pieces_and_in_pixels(full):
    page = full()
    found, unread = find_components(page)
    assert len(found) <= MOST
    # The pixel around each is its soft edge, and no part of its own box.
    own = sum(max(c.width - 2, 1) * max(c.height - 2, 1) for c in found)
    assert own <= AREA
    assert unread and {one.reason for one in unread} == {Reason.TOO_MANY}
    # Nothing that has a shape is given up without a word.
    pieces = connected((page > 0.3).astype(np.uint8))[1][1:]
    assert len(found) + len(unread) >= (pieces[:, 2:4].max(1) >= SEEN).sum()


def test_of_rings_around_one_another_the_inner_ones_are_kept():
    found, unread = find_components(nested_rings())
    assert max(c.width for c in found) <= min(u.width for u in unread) + 2


def test_joined_components_hold_all_ink_in_one_box():
    found, _ = find_components(ink(zero(one(paper(), 20, 30), 50, 30)))
    whole = joined(found)
    assert whole.mass == pytest.approx(sum(component.mass for component in found))
    assert (whole.left, whole.top) == (min(c.left for c in found), min(c.top for c in found))
    assert joined(found[:1]) is found[0]


@settings(deadline=None)
@given(st.lists(st.tuples(*[st.integers(0, 30)] * 2, *[st.integers(1, 9)] * 2), min_size=1))
def test_joining_is_the_ink_of_all_where_it_was(boxes):
    canvas = np.zeros((40, 40), np.float32)
    components = [block(*one) for one in boxes]
    for left, top, wide, tall in boxes:
        canvas[top : top + tall, left : left + wide] = 1
    whole = joined(components)
    assert float(canvas.sum()) == whole.mass
    left, top, wide, tall = box(whole)
    assert np.array_equal(canvas[top : top + tall, left : left + wide], whole.ink)


def test_trimming_leaves_the_ink_and_nothing_around_it():
    found = trimmed(Component(5, 7, np.pad(np.ones((3, 4), np.float32), 6)))
    assert found is not None and box(found) == (11, 13, 4, 3)
    assert trimmed(Component(0, 0, np.zeros((3, 4), np.float32))) is None


@pytest.mark.parametrize("pen", [2, 3, 4, 6, 9])
def test_a_stroke_is_as_thick_as_its_pen(pen):
    straight = Component(0, 0, np.ones((60, pen), np.float32))
    assert straight.stroke == pytest.approx(pen, rel=0.35)
    assert ring(0, 0, 50, 60, pen).stroke == pytest.approx(pen, rel=0.6)


@pytest.mark.parametrize("height", [60, 700])
@pytest.mark.parametrize("lean", [-0.3, -0.1, 0, 0.1, 0.3])
def test_a_stroke_leans_as_it_was_drawn(lean, height):
    stroke = slash(0, 0, round(lean * height), height, 4)
    assert stroke.lean == pytest.approx(lean, abs=0.06)


def test_faint_ink_of_one_row_leans_nowhere():
    faint = np.zeros((300, 300), np.float32)
    faint[1, 1:250] = 0.2  # between the pixels that are looked at
    assert Component(0, 0, faint).lean == pytest.approx(0, abs=1e-6)


def test_a_digit_is_all_but_dust_that_lies_apart():
    digit, near, far = block(40, 40, 20, 40), block(62, 50, 2, 2), block(110, 110, 2, 2)
    half = block(90, 90, 10, 20)
    assert main_components([digit, near, far, half]) == [digit, near, half]
    assert main_components([]) == []


def test_the_height_of_the_writing_is_not_that_of_a_hundred_specks():
    digits = [block(30 * at, 0, 20, 30) for at in range(4)]
    specks = [block(5 * at, 60, 3, 3) for at in range(60)]
    assert writing_height(digits) == writing_height([*digits, *specks]) == 30
    assert writing_height([]) == 0


def test_a_dash_says_little_of_the_height_of_the_writing():
    assert writing_height([block(0, 0), block(30, 0), block(60, 15, 70, 4)]) == 30


def test_small_is_what_is_much_lower_than_the_writing():
    assert is_small(block(0, 0, 20, 5), 30) and not is_small(block(0, 0, 4, 20), 30)


def test_what_is_in_no_line_keeps_its_box():
    unread = Unread.of(block(3, 4, 5, 6), Reason.SPECK)
    assert (unread.left, unread.top, unread.width, unread.height) == (3, 4, 5, 6)
    assert unread.component is not None and unread.reason is Reason.SPECK
