import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from inkdigits.segmentation.rules import connected, peeled, without_grid, without_rules
from tests.reading.strokes import one, paper, zero
from tests.segmentation.drawings import ink, number, table


def test_without_rules_ink_is_the_very_same_map():
    page = ink(zero(paper(), 40, 30, 60))
    found = without_rules(page)
    assert found.ink is page and not found.any


@pytest.mark.parametrize("fall", [0, 4, -4])
def test_a_rule_across_the_page_goes_and_what_crosses_it_stays(fall):
    written = zero(paper(200, 300), 100, 60, 90, pen=7)
    page = written.copy()
    cv2.line(page, (0, 100), (299, 100 + fall), 0, 2)
    found = without_rules(ink(page))
    (rule,) = found.lying
    assert not found.upright and rule.long >= 290
    assert rule.top <= 100 + max(fall, 0) and rule.bottom >= 100 + min(fall, 0)
    assert found.ink[:, :90].max() < 0.5  # nothing of it is left beside the digit
    assert found.ink[written == 0].mean() > 0.85


def test_upright_rules_are_looked_for_unless_nobody_wants_them():
    page = zero(paper(200, 200), 100, 60, 60)
    cv2.line(page, (40, 0), (40, 199), 0, 2)
    (rule,) = without_rules(ink(page)).upright
    assert rule.left <= 40 < rule.right and rule.bottom - rule.top >= 190
    assert not without_rules(ink(page), upright=False).any


def test_a_line_that_is_all_there_is_is_the_writing():
    assert not without_rules(ink(one(paper(), 60, 2, 116))).any


def test_a_row_of_digits_is_no_rule():
    assert not without_rules(ink(number(paper(100, 300), "0101010", 20, 30))).any


def test_of_a_table_all_rules_are_found_and_no_stroke_of_a_digit():
    page = number(number(paper(220, 320), "01", 40, 50), "10", 200, 130)
    written = ink(page)
    xs, ys = [20, 160, 300], [30, 110, 190]
    found = without_grid(ink(table(page, xs, ys)), 40)
    assert sorted(round((rule.left + rule.right) / 2) for rule in found.upright) == pytest.approx(
        xs, abs=2
    )
    assert sorted(round((rule.top + rule.bottom) / 2) for rule in found.lying) == pytest.approx(
        ys, abs=2
    )
    assert np.abs(found.ink - written).sum() < 0.05 * written.sum()


def test_a_box_is_peeled_off_what_stands_in_it():
    page = zero(paper(80, 80), 28, 22, 36)
    cv2.rectangle(page, (2, 2), (77, 77), 0, 3)
    rest = peeled(ink(page))
    assert rest is not None and rest[:10].max() == rest[:, -10:].max() == 0
    assert rest[20:60, 20:60].sum() == pytest.approx(float(ink(page)[20:60, 20:60].sum()))


def test_a_box_may_lack_one_side_and_no_more():
    page = zero(paper(80, 80), 28, 22, 36)
    for left, top, right, bottom in ((2, 2, 2, 77), (2, 77, 77, 77), (77, 2, 77, 77)):
        cv2.line(page, (left, top), (right, bottom), 0, 3)
    assert peeled(ink(page)) is not None
    page[:, 70:] = 255
    assert peeled(ink(page)) is None


@pytest.mark.parametrize("draw", [zero, one])
def test_a_digit_is_no_box(draw):
    page = draw(paper(100, 100), 40, 10, 80, 5)
    rows, columns = np.flatnonzero((page == 0).any(1)), np.flatnonzero((page == 0).any(0))
    assert peeled(ink(page[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1])) is None


@settings(deadline=None)
@given(arrays.arrays(np.uint8, st.tuples(*[st.integers(1, 12)] * 2), elements=st.integers(0, 1)))
def test_connected_pieces_are_all_that_is_inked(mask):
    labels, boxes = connected(mask)
    assert np.array_equal(labels > 0, mask > 0)
    for label, (left, top, wide, tall, pixels) in enumerate(boxes[1:], start=1):
        rows, columns = np.nonzero(labels == label)
        assert (columns.min(), rows.min(), len(rows)) == (left, top, pixels)
        assert (columns.max() + 1, rows.max() + 1) == (left + wide, top + tall)
