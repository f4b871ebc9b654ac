"""Which way is up: what is read better turned is turned, all else stays as it lies."""

from dataclasses import replace

import cv2
import numpy as np
import pytest

from inkdigits.io.picture import Picture, open_picture
from inkdigits.reading.read import PageTrace, ReadOptions, read
from inkdigits.recognition.recogniser import Prediction
from inkdigits.segmentation.segment import segment
from tests.cli.pages import row
from tests.reading.strokes import Grey, Shapes, paper

TURN = ReadOptions()


class Corners(Shapes):
    """A stand-in that takes an L that stands upright for a 4, and knows nothing else."""

    def read(self, ink: np.ndarray) -> Prediction:
        found = super().read(ink)
        for at, crop in enumerate(ink):
            upright = _is_upright(crop)
            found.no_symbol[at] = 0 if upright else 0.98
            found.probabilities[at] = 0.001
            found.probabilities[at, 4] = 0.991 if upright else 0.001
        return found


def _is_upright(crop: np.ndarray) -> bool:
    inked = crop > 0.4
    ys, xs = np.flatnonzero(inked.any(1)), np.flatnonzero(inked.any(0))
    if not len(ys):
        return False
    inked = inked[ys[0] : ys[-1] + 1, xs[0] : xs[-1] + 1]
    tall, wide = (max(1, side // 4) for side in inked.shape)
    sides = (
        inked[:, :wide].any(1),
        inked[-tall:].any(0),
        inked[:, -wide:].any(1),
        inked[:tall].any(0),
    )
    left, bottom, right, top = (float(side.mean()) for side in sides)
    return min(left, bottom) > 0.85 and max(right, top) < 0.6


def corners(page: Grey, lines: int, count: int) -> Grey:
    for line in range(lines):
        for at in range(count):
            x, y = 40 + 60 * at, 40 + 110 * line
            cv2.polylines(page, [np.array([(x, y), (x, y + 56), (x + 34, y + 56)])], False, 0, 6)
    return page


def trace(
    picture: Picture | Grey, options: ReadOptions = TURN, shapes: Shapes | None = None
) -> PageTrace:
    found = segment(open_picture(picture), single=options.single, keep=options.keep)
    return read([found], shapes or Corners(), options)[0]  # type: ignore[arg-type]


@pytest.mark.parametrize("quarters", [0, 1, 2, 3])
def test_a_page_that_lies_on_its_side_or_head_is_turned(quarters):
    stored = np.ascontiguousarray(np.rot90(corners(paper(280, 460), 2, 6), quarters))
    page = trace(stored).page
    assert page.text.replace(" ", "") == "444444\n444444"
    assert page.rotation == 90 * quarters and (page.height, page.width) == stored.shape
    rest = stored.copy()
    for symbol in page.symbols:
        left, top, width, height = symbol.box
        assert (stored[top : top + height, left : left + width] < 128).any()
        rest[max(top - 2, 0) : top + height + 2, max(left - 2, 0) : left + width + 2] = 255
    assert (rest == 255).all()


@pytest.mark.parametrize("quarters", [0, 1, 2])
def test_of_a_page_with_much_on_it_a_part_shows_which_way_is_up(quarters):
    stored = np.ascontiguousarray(np.rot90(corners(paper(500, 620), 4, 8), quarters))
    page = trace(stored).page
    assert page.text.replace(" ", "") == "\n".join(["4" * 8] * 4)
    assert page.rotation == 90 * quarters


@pytest.mark.parametrize("degrees", [-40, -20, 25, 40])
def test_a_page_that_slants_is_levelled(degrees):
    stored = open_picture(corners(paper(280, 460), 2, 6)).slanted(degrees).pixels
    page = trace(stored).page
    assert page.text.replace(" ", "") == "444444\n444444"
    assert page.rotation == pytest.approx(-degrees % 360, abs=4)
    rest = stored.copy()
    for symbol in page.symbols:
        cv2.fillPoly(rest, [np.rint(symbol.outline).astype(int)], 255)
    assert (rest < 128).sum() < 0.1 * (stored < 128).sum()


def test_nothing_is_turned_where_that_is_forbidden():
    stored = np.rot90(corners(paper(280, 460), 2, 6), 1)
    page = trace(stored, replace(TURN, rotate=False)).page
    assert page.rotation == 0 and not page.text


def test_what_reads_well_is_not_even_tried_turned():
    page = corners(paper(280, 460), 2, 6)
    tried, not_tried = Corners(), Corners()
    assert (
        trace(page, shapes=tried).page == trace(page, replace(TURN, rotate=False), not_tried).page
    )
    assert tried.asked == not_tried.asked


def test_a_lone_symbol_is_never_turned():
    page = trace(np.rot90(corners(paper(280, 460), 1, 1), 2)).page
    assert page.rotation == 0


def test_two_symbols_are_turned():
    page = trace(np.rot90(corners(paper(280, 460), 1, 2), 2)).page
    assert page.text == "44" and page.rotation == 180


def test_a_single_symbol_is_never_turned():
    options = replace(TURN, single=True)
    assert trace(np.rot90(corners(paper(280, 460), 1, 3), 2), options).page.rotation == 0


def test_dashes_are_not_turned_into_ones():
    page = paper(400, 400)
    for y in (60, 120, 180, 240):
        for x in (40, 130, 220):
            cv2.line(page, (x, y), (x + 50, y), 0, 6)
    assert trace(page, shapes=Shapes()).page.rotation == 0


def test_pictures_that_are_kept_are_those_that_were_read():
    stored = np.rot90(corners(paper(280, 460), 2, 6), 1)
    found = trace(stored, replace(TURN, keep=True))
    assert found.pixels is not None and found.pixels.shape == found.ink.shape == (280, 460)
    assert found.components and found.page.rotation == 90


def test_what_is_read_in_a_turned_file_stays_where_its_exif_says():
    assert trace(row(paper(100, 300), "0110"), shapes=Shapes()).page.rotation == 0
