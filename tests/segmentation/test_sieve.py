import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from inkdigits.document import Reason
from inkdigits.segmentation.components import Unread, find_components
from inkdigits.segmentation.sieve import Sieved, sieve
from tests.reading.strokes import Grey, one, paper, zero
from tests.segmentation.drawings import ink, number, table


def sieved(page: Grey) -> Sieved:
    return sieve(ink(page))


def left_out(found: Sieved, reason: Reason) -> list[Unread]:
    return [one for one in found.unread if one.reason is reason]


def covers(one: Unread, left: int, top: int, right: int, bottom: int, near: int = 3) -> bool:
    """Whether it is about where it should be."""
    apart = (one.left - left, one.top - top, one.left + one.width - right)
    return max(*map(abs, apart), abs(one.top + one.height - bottom)) <= near


def test_plain_writing_is_writing_and_nothing_else():
    found = sieved(number(paper(100, 200), "0101", 20, 30))
    assert len(found.components) == 4 and found.height == pytest.approx(44, abs=4)
    assert not (found.unread or found.walls or found.rules)


def test_blank_paper_holds_nothing():
    found = sieved(paper())
    assert not found.components and not found.unread and found.height == 0


def test_a_speck_of_a_few_pixels_alone_is_too_little_to_be_anything():
    page = paper()
    page[60, 60] = 0
    assert not sieved(page).components


def test_an_underline_is_left_out_as_a_rule():
    page = zero(one(paper(160, 200), 50, 30, 70), 90, 30, 70)
    cv2.line(page, (30, 125), (170, 127), 0, 4)
    found = sieved(page)
    assert len(found.components) == 2
    (rule,) = left_out(found, Reason.RULE)
    assert covers(rule, 28, 122, 172, 130)


def test_an_underline_that_digits_stand_on_is_left_out_as_a_rule_and_they_stay():
    page = number(paper(160, 400), "01010", 60, 40, size=70)
    cv2.line(page, (40, 112), (340, 112), 0, 3)
    found = sieved(page)
    assert len(found.components) == 5
    assert all(component.height > 60 for component in found.components)
    (rule,) = left_out(found, Reason.RULE)
    assert covers(rule, 38, 110, 342, 114, near=5)


def test_the_edges_of_the_paper_are_left_out():
    page = zero(paper(160, 200), 90, 50, 60)
    page[:, :13] = 0
    page[140:] = 0
    found = sieved(page)
    assert len(found.components) == 1
    (edge,) = found.unread  # both are one piece of ink
    assert edge.reason is Reason.PAPER_EDGE and covers(edge, 0, 0, 200, 160)


def test_an_edge_of_the_paper_as_thin_as_a_rule_is_no_writing_either():
    page = zero(paper(160, 200), 90, 50, 60)
    page[:, :7] = 0
    page[150:] = 0
    found = sieved(page)
    assert len(found.components) == 1
    assert {one.reason for one in found.unread} <= {Reason.PAPER_EDGE, Reason.RULE}
    assert any(covers(one, 0, 150, 200, 160) for one in found.unread)


def test_a_digit_that_touches_the_edge_is_one():
    assert len(sieved(zero(paper(80, 60), 2, 2, 74, pen=5)).components) == 1


def test_a_box_around_writing_is_left_out():
    page = zero(paper(), 45, 40)
    cv2.rectangle(page, (10, 10), (110, 110), 0, 3)
    found = sieved(page)
    assert len(found.components) == 1 and found.components[0].left > 30
    (box,) = left_out(found, Reason.BOX)
    assert covers(box, 9, 9, 112, 112)


def test_a_digit_is_freed_from_the_box_it_touches():
    page = one(paper(), 60, 40, 66)
    cv2.rectangle(page, (10, 10), (110, 105), 0, 3)
    found = sieved(page)
    (digit,) = found.components
    assert digit.left == pytest.approx(58, abs=2) and digit.height > 50
    assert left_out(found, Reason.BOX)


def test_a_large_zero_is_no_box_though_a_dot_stands_in_it():
    page = zero(paper(200, 200), 40, 30, 140, pen=8)
    cv2.circle(page, (75, 100), 6, 0, -1)
    found = sieved(page)
    assert max(component.height for component in found.components) > 130
    assert not left_out(found, Reason.BOX)


def test_rules_across_the_page_are_left_out_and_strokes_that_cross_them_stay():
    written = zero(paper(200, 300), 100, 60, 90, pen=7)
    page = written.copy()
    for y in (30, 100, 180):
        cv2.line(page, (0, y), (299, y + 4), 0, 2)
    found = sieved(page)
    assert len(left_out(found, Reason.RULE)) == len(found.rules) == 3
    kept = sum(component.mass for component in found.components)
    assert kept > 0.85 * float(ink(written).sum())
    assert all(component.top >= 50 for component in found.components)


def cells(page: Grey, xs: list[int], ys: list[int]) -> Grey:
    """Write 01 or 10 in every cell."""
    for row, y in enumerate(ys[:-1]):
        for column, x in enumerate(xs[:-1]):
            number(page, "01" if (row + column) % 2 else "10", x + 30, y + 20)
    return page


def test_of_a_table_the_digits_stay_and_its_walls_are_known():
    xs, ys = [20, 150, 280, 410], [20, 105, 190]
    page = table(cells(paper(220, 440), xs, ys), xs, ys)
    found = sieved(page)
    assert len(found.components) == 12
    for x in xs:
        assert any(wall.left <= x + 2 and wall.right >= x - 2 for wall in found.walls)
    assert left_out(found, Reason.RULE) or left_out(found, Reason.BOX)


def test_walls_may_be_missing_in_places():
    xs, ys = [20, 150, 280, 410], [20, 105, 190]
    page = table(cells(paper(220, 440), xs, ys), xs, ys)
    whole = cells(paper(220, 440), xs, ys)
    for x, y in ((150, 60), (280, 140), (20, 150)):
        gap = (slice(y, y + 9), slice(x - 4, x + 5))
        page[gap] = whole[gap]
    found = sieved(page)
    assert len(found.components) == 12
    assert all(30 < component.height < 60 for component in found.components)


def test_the_boxes_of_a_comb_hold_a_digit_each():
    xs = list(range(20, 321, 60))
    page = table(paper(120, 340), xs, [20, 100])
    for at, x in enumerate(xs[:-1]):
        (zero if at % 2 else one)(page, x + 22, 40)
    assert len(sieved(page).components) == 5


@pytest.mark.parametrize("room", [3, 6, 12])
def test_a_1_that_nearly_fills_its_box_of_a_comb_is_no_wall(room):
    xs, top = list(range(20, 321, 60)), 20
    page = table(paper(120, 340), xs, [top, top + 50 + 2 * room])
    for at, x in enumerate(xs[:-1]):
        (zero if at % 2 else one)(page, x + 22, top + 5 + room, 40)
    found = sieved(page)
    assert len(found.components) == 5
    assert not any(wall.left <= x + 22 < wall.right for wall in found.walls for x in xs)


def test_a_wall_between_two_cells_is_none_of_the_writing_though_it_is_short():
    xs = list(range(20, 321, 60))
    page = table(paper(120, 340), xs, [20, 80])
    page[22:26, 138:143] = 255  # one of the walls does not reach its rule
    for at, x in enumerate(xs[:-1]):
        (zero if at % 2 else one)(page, x + 22, 35, 30)
    assert len(sieved(page).components) == 5


def test_what_is_too_much_is_left_out_with_its_place():
    y, x = np.mgrid[:1200, :1200]
    found = sieve(((y % 16 < 8) & (x % 16 < 8)).astype(np.float32))
    lost = left_out(found, Reason.TOO_MANY)
    assert lost and all(8 <= one.width <= 10 and 8 <= one.height <= 10 for one in lost)


DRAWN = st.lists(
    st.tuples(
        st.sampled_from(["ring", "stroke", "level", "box", "dot"]),
        st.integers(0, 240),
        st.integers(0, 180),
        st.integers(3, 70),
        st.integers(1, 5),
    ),
    max_size=9,
)


def drawn(shapes: list[tuple[str, int, int, int, int]]) -> Grey:
    page = paper(200, 260)
    for kind, x, y, size, pen in shapes:
        if kind == "ring":
            cv2.ellipse(page, (x, y), (size // 3, size // 2), 0, 0, 360, 0, pen)
        elif kind == "box":
            cv2.rectangle(page, (x, y), (x + size, y + size), 0, pen)
        elif kind == "dot":
            cv2.circle(page, (x, y), pen, 0, -1)
        else:
            aside, down = (0, size) if kind == "stroke" else (3 * size, 0)
            cv2.line(page, (x, y), (x + aside, y + down), 0, pen)
    return page


@settings(deadline=None, max_examples=60)
@given(DRAWN)
def test_all_ink_is_kept_or_left_out_with_a_reason(shapes):
    page = ink(drawn(shapes))
    found = sieve(page)
    seen = np.zeros(page.shape, bool)
    for component in found.components:
        here = seen[component.top : component.bottom, component.left : component.right]
        here |= component.ink > 0
    for gone in found.unread:
        # Rules are fitted: what lies along one within a few pixels is of it.
        top, left = max(gone.top - 4, 0), max(gone.left - 4, 0)
        seen[top : gone.top + gone.height + 4, left : gone.left + gone.width + 4] = True
    for component in find_components(page)[0]:
        here = seen[component.top : component.bottom, component.left : component.right]
        missed = (component.ink > 0.3) & ~here
        assert missed.sum() <= 0.3 * (component.ink > 0.3).sum() + 12
