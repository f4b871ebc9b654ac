import cv2
import numpy as np
import pytest

from inkdigits.recognition.cuts import cut_candidates
from inkdigits.segmentation.components import Component, find_components, joined, trimmed
from tests.reading.strokes import one, paper, zero


def ink(page: np.ndarray) -> np.ndarray:
    """Return a drawing in black as a map of ink."""
    return ((255 - page) / 255).astype(np.float32)


def test_nothing_has_no_parts():
    assert find_components(np.zeros((50, 60), np.float32)) == ([], 0.0)


def test_each_piece_is_a_part_with_its_own_ink_alone():
    page = zero(one(paper(), 20, 30), 50, 30)
    parts, height = find_components(ink(page))
    assert len(parts) == 2 and height == pytest.approx(44, abs=4)
    assert sum(part.mass for part in parts) == pytest.approx(float(ink(page).sum()), rel=0.01)


def test_specks_are_dropped_beside_writing():
    page = zero(paper(), 40, 30)
    page[5, 5] = page[100, 100] = 0
    page[110:113, 20:23] = 0
    assert len(find_components(ink(page))[0]) == 1


def test_a_speck_alone_is_nothing():
    page = paper()
    page[60:63, 60:63] = 0
    assert find_components(ink(page))[0] == []


def test_an_underline_is_no_part():
    page = zero(one(paper(160, 200), 50, 30, 70), 90, 30, 70)
    cv2.line(page, (30, 125), (170, 127), 0, 4)
    assert len(find_components(ink(page))[0]) == 2


def test_the_edge_of_the_paper_is_no_part():
    page = zero(paper(160, 200), 90, 50, 60)
    page[:, :7] = 0
    page[150:] = 0
    assert len(find_components(ink(page))[0]) == 1


def test_a_digit_that_touches_the_edge_is_one():
    page = zero(paper(80, 60), 2, 2, 74, pen=5)
    assert len(find_components(ink(page))[0]) == 1


def test_a_box_around_writing_is_no_part():
    page = zero(paper(), 45, 40)
    cv2.rectangle(page, (10, 10), (110, 110), 0, 3)
    parts, _ = find_components(ink(page))
    assert len(parts) == 1 and parts[0].left > 30


def test_a_digit_is_freed_from_the_box_it_touches():
    page = one(paper(), 60, 40, 66)
    cv2.rectangle(page, (10, 10), (110, 105), 0, 3)
    parts, _ = find_components(ink(page))
    assert len(parts) == 1
    assert parts[0].left == pytest.approx(58, abs=2) and parts[0].height > 50


def test_joined_parts_hold_all_ink_in_one_box():
    page = zero(one(paper(), 20, 30), 50, 30)
    parts, _ = find_components(ink(page))
    whole = joined(parts)
    assert whole.mass == pytest.approx(sum(part.mass for part in parts))
    assert (whole.left, whole.top) == (min(p.left for p in parts), min(p.top for p in parts))


def test_trimming_leaves_the_ink_and_nothing_around_it():
    part = trimmed(Component(5, 7, np.pad(np.ones((3, 4), np.float32), 6)))
    assert part is not None and (part.left, part.top, part.width, part.height) == (11, 13, 4, 3)
    assert trimmed(Component(0, 0, np.zeros((3, 4), np.float32))) is None


def test_two_rings_that_touch_are_cut_between_them():
    page = zero(zero(paper(100, 140), 28, 20, 60, 5), 62, 20, 60, 5)
    (part,), _ = find_components(ink(page))
    cut = cut_candidates(part)
    edges = [piece.left for piece in cut] + [cut[-1].right]
    assert any(abs(edge - 61) <= 4 for edge in edges)
    assert joined(cut).mass == pytest.approx(part.mass)


def test_one_stroke_is_not_cut():
    page = one(paper(), 60, 20, 80, pen=8)
    (part,), _ = find_components(ink(page))
    assert cut_candidates(part) == [part]


def test_pieces_lie_from_left_to_right_and_hold_all_the_ink():
    page = paper(100, 300)
    for x in range(20, 260, 28):
        zero(page, x, 20, 60, 4)
    (part,), _ = find_components(ink(page))
    cut = cut_candidates(part)
    lefts = [piece.left for piece in cut]
    assert lefts == sorted(lefts) and len(cut) > 2
    assert sum(piece.mass for piece in cut) == pytest.approx(part.mass)
