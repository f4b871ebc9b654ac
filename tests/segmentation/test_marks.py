import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from inkdigits.segmentation.components import Component, find_components
from inkdigits.segmentation.marks import percents, slash_score, sort_marks, straight
from tests.reading.strokes import paper, zero
from tests.segmentation.drawings import block, ink, ring, slash

HEIGHT = 60
BASE = 160  # where the digits end


def digit(left: int) -> Component:
    return ring(left, BASE - HEIGHT, 40, HEIGHT, 6)


ROW = [digit(0), digit(60), digit(120)]
BETWEEN = 46  # the left side of what stands between the first two


def sorted_as(small: Component, row: list[Component] = ROW) -> str:
    """Return what is made of one small component: a mark, a part of a digit, or dust."""
    found, dust = sort_marks(row, [small], HEIGHT)
    if dust:
        return "dust"
    return "mark" if found.marks else "part"


DOT = block(BETWEEN, BASE - 8, 8, 8)
COMMA = block(BETWEEN, BASE - 10, 6, 22)
DASH = block(BETWEEN - 4, BASE - 32, 16, 6)


@pytest.mark.parametrize("mark", [DOT, COMMA, DASH], ids=["dot", "comma", "dash"])
def test_a_mark_between_digits_is_one(mark):
    assert sorted_as(mark) == "mark"


@pytest.mark.parametrize("mark", [DOT, COMMA, DASH], ids=["dot", "comma", "dash"])
def test_a_mark_before_a_number_is_one(mark):
    before = Component(mark.left - 70, mark.top, mark.ink)
    assert sorted_as(before) == "mark"


@pytest.mark.parametrize(("gap", "found"), [(10, True), (3, False)])
def test_a_dash_as_short_as_the_pen_is_wide_is_one_where_paper_is_about_it(gap, found):
    stubby = block(0, BASE - 33, 9, 7)
    before = Component(-stubby.width - gap, stubby.top, stubby.ink)
    assert (sorted_as(before) == "mark") == found


def test_the_soft_edges_of_a_dash_do_not_count():
    soft = np.pad(np.full((5, 8), 0.9, np.float32), 1, constant_values=0.2)
    assert sorted_as(Component(-12, BASE - 34, soft)) == "mark"


@pytest.mark.parametrize("mark", [DOT, COMMA, DASH], ids=["dot", "comma", "dash"])
def test_what_follows_a_number_is_none(mark):
    behind = Component(mark.left + 120, mark.top, mark.ink)
    assert sorted_as(behind) != "mark"


def test_a_colon_is_one_mark_of_two_dots():
    low, high = DOT, block(BETWEEN, BASE - 44, 8, 8)
    found, dust = sort_marks(ROW, [high, low], HEIGHT)
    (mark,) = found.marks
    assert not dust and list(found.parts) == [mark]
    assert (mark.top, mark.bottom) == (high.top, low.bottom)
    assert mark.mass == low.mass + high.mass


def test_two_dots_that_stand_apart_are_two_marks():
    found, _ = sort_marks(ROW, [DOT, block(106, BASE - 8, 8, 8)], HEIGHT)
    assert len(found.marks) == 2


def test_specks_are_no_marks_unless_they_are_as_large_as_strokes():
    stroke = float(np.median([body.stroke for body in ROW]))
    speck = block(BETWEEN, BASE - 3, 2, 2)
    assert 0.6 * stroke > 2 and sorted_as(speck) == "dust"
    assert sorted_as(block(BETWEEN, BASE - 6, 6, 6)) == "mark"


def test_a_dot_above_the_middle_of_the_line_is_none():
    assert sorted_as(block(BETWEEN, BASE - HEIGHT + 2, 8, 8)) == "dust"


def test_the_bar_of_a_five_stays_a_part_of_it():
    assert sorted_as(block(70, BASE - HEIGHT - 8, 34, 7)) == "part"


def test_a_bar_that_crosses_a_seven_stays_a_part_of_it():
    assert sorted_as(block(65, BASE - 30, 24, 6)) == "part"


def test_a_large_piece_at_the_base_line_is_a_part():
    assert sorted_as(block(66, BASE - 34, 30, 34)) == "part"


def test_a_comma_as_large_as_a_digit_is_marked_in_its_row():
    comma = block(BETWEEN, BASE - 10, 8, 30)
    row = [ROW[0], comma, *ROW[1:]]
    found, dust = sort_marks(row, [], HEIGHT)
    assert found.marks == {comma} and not dust and not found.parts


def test_one_digit_alone_is_no_mark():
    assert not sort_marks([digit(0)], [], HEIGHT)[0].marks


BOXES = st.tuples(
    st.integers(-30, 170), st.integers(70, 190), st.integers(1, 24), st.integers(1, 24)
)


@settings(deadline=None)
@given(st.lists(BOXES, max_size=10), st.integers(1, 3))
def test_sorting_loses_nothing(boxes, count):
    small = [block(*one) for one in boxes]
    row = ROW[:count]
    found, dust = sort_marks(row, small, HEIGHT)
    assert found.marks <= {*found.parts, *row}
    canvas, kept = (np.zeros((300, 300), bool) for _ in range(2))
    for page, components in ((canvas, small), (kept, [*found.parts, *dust])):
        for c in components:
            page[c.top : c.bottom, c.left + 50 : c.right + 50] |= c.ink > 0
    assert np.array_equal(canvas, kept)
    # What is no mark stays as it was.
    assert {*dust, *found.parts} - found.marks <= set(small)


@pytest.mark.parametrize("aside", [-20, -8, 0, 8, 20])
def test_a_stroke_is_straight_however_it_leans(aside):
    assert straight(slash(0, 0, aside, 60, 4))


def test_a_ring_and_a_hook_are_not_straight():
    page = paper()
    cv2.line(page, (30, 20), (70, 20), 0, 4)
    cv2.line(page, (70, 20), (40, 100), 0, 4)
    (seven,), _ = find_components(ink(page))
    assert not straight(seven) and not straight(ring(0, 0, 30, 60, 4))


def test_a_stroke_between_digits_leans_more_than_they_do_or_is_taller():
    one, leaning = slash(0, 0, 6, 60, 4), slash(0, 0, 30, 60, 4)
    assert slash_score(one, 0.0, 60) == 0
    assert slash_score(leaning, 0.0, 60) > slash_score(leaning, 0.3, 60) > 0
    assert slash_score(slash(0, 0, 40, 80, 4), 0.3, 60) > slash_score(
        slash(0, 0, 30, 60, 4), 0.3, 60
    )
    assert slash_score(slash(0, 0, 20, 35, 4), 0.0, 60) == 0  # lower than the digits
    assert slash_score(ring(0, 0, 30, 60, 4), 0.0, 60) == 0


def percent(x: int = 90) -> list[Component]:
    """Return a leaning stroke and its two rings."""
    page = paper(140, 300)
    cv2.line(page, (x, 110), (x + 36, 50), 0, 4)
    zero(page, x - 8, 52, 22, 3)
    zero(page, x + 34, 86, 22, 3)
    return sorted(find_components(ink(page))[0], key=lambda c: -c.height)


def test_a_percent_sign_is_a_leaning_stroke_and_two_rings():
    stroke, *rings = percent()
    (found,) = percents([ring(10, 50, 40, 60), stroke], rings, 60)
    assert {*found} == {stroke, *rings}


def test_without_both_rings_it_is_none():
    stroke, *rings = percent()
    for one in rings:
        assert percents([stroke], [one], 60) == []


def test_an_upright_one_between_small_rings_is_a_one():
    stroke, *rings = percent()
    upright = slash(stroke.left + 16, stroke.top, 0, 60, 4)
    assert percents([upright], rings, 60) == []


def test_no_ring_belongs_to_two_percent_signs():
    first, second = percent(60), percent(180)
    found = percents([first[0], second[0]], [*first[1:], *second[1:]], 60)
    assert [{*sign} for sign in found] == [{*first}, {*second}]
