import pytest

from inkdigits.recognition.cuts import cut_candidates
from inkdigits.segmentation.components import find_components, joined
from tests.reading.strokes import one, paper, zero
from tests.segmentation.drawings import ink


def test_two_rings_that_touch_are_cut_between_them():
    page = zero(zero(paper(100, 140), 28, 20, 60, 5), 62, 20, 60, 5)
    (whole,), _ = find_components(ink(page))
    cut = cut_candidates(whole)
    edges = [piece.left for piece in cut] + [cut[-1].right]
    assert any(abs(edge - 61) <= 4 for edge in edges)
    assert joined(cut).mass == pytest.approx(whole.mass)


def test_one_stroke_is_not_cut():
    (whole,), _ = find_components(ink(one(paper(), 60, 20, 80, pen=8)))
    assert cut_candidates(whole) == [whole]


def test_pieces_lie_from_left_to_right_and_hold_all_the_ink():
    page = paper(100, 300)
    for x in range(20, 260, 28):
        zero(page, x, 20, 60, 4)
    (whole,), _ = find_components(ink(page))
    cut = cut_candidates(whole)
    lefts = [piece.left for piece in cut]
    assert lefts == sorted(lefts) and len(cut) > 2
    assert sum(piece.mass for piece in cut) == pytest.approx(whole.mass)
