from dataclasses import replace

import cv2
import numpy as np
import pytest
from PIL import Image

from inkdigits.document import Reason
from inkdigits.io.picture import WORKING, Picture, open_picture
from inkdigits.segmentation.components import Component
from inkdigits.segmentation.segment import (
    LARGEST,
    READABLE,
    SIDE,
    Segmentation,
    segment,
)
from inkdigits.synthesis import large_and_small, small_writing
from tests.reading.strokes import Grey, one, paper, zero
from tests.segmentation.drawings import number, table

MM = 25.4  # an inch


def sheet(resolution: int, millimetres: float, rows: int = 5, digits: int = 6) -> Grey:
    """Return a sheet of A4 with lines of zeros and ones, so many millimetres high."""
    tall, wide = (round(side * resolution / MM) for side in (297, 210))
    page = paper(tall, wide, 250)
    size = round(millimetres * resolution / MM)
    pen = max(1, round(0.4 * resolution / MM))
    for row in range(rows):
        y = round((20 + 12 * row) * resolution / MM)
        for at in range(digits):
            x = round((20 + 0.9 * millimetres * at) * resolution / MM)
            (zero if (row + at) % 2 else one)(page, x, y, size, pen, ink=40)
    return page


def segmented(page: Grey, **options: bool) -> Segmentation:
    return segment(open_picture(page), **options)


def lengths(found: Segmentation) -> list[int]:
    return [len(line.components) for line in found.hypotheses[0].lines]


@pytest.mark.parametrize("resolution", [200, 300])
@pytest.mark.parametrize("millimetres", [2, 3])
def test_small_writing_is_found_at_the_resolution_of_the_file(resolution, millimetres):
    page = sheet(resolution, millimetres)
    found = segmented(page)
    assert lengths(found) == [6] * 5
    assert WORKING <= max(found.place.wide, found.place.tall) <= SIDE
    # It is as high as can be read, or as it is in the file.
    height = found.hypotheses[0].lines[0].height
    assert height >= min(READABLE, 0.9 * millimetres * resolution / MM)


def test_a_scan_of_small_writing_is_found_line_by_line():
    assert lengths(segmented(small_writing(2, 300, 2, 4).picture)) == [10] * 12


def test_one_large_digit_above_small_entries_leaves_all_lines():
    made = large_and_small(2, 6)  # no 5 of it has a bar that stands by itself
    assert lengths(segmented(made.picture)) == [len(text) for text in made.truth.split("\n")]


def test_large_writing_is_segmented_small_however_large_its_file_is():
    found = segmented(sheet(300, 9, rows=1, digits=4))
    assert max(found.place.wide, found.place.tall) == WORKING
    assert lengths(found) == [4]


def test_a_page_is_enlarged_within_bounds():
    page = paper(6000, 6000, 250)
    for at in range(6):
        zero(page, 500 + 40 * at, 500, 30, 5)
    found = segmented(page)
    wide, tall = found.place.wide, found.place.tall
    assert WORKING < max(wide, tall) <= SIDE and wide * tall <= 1.01 * LARGEST


def test_a_picture_without_more_pixels_is_segmented_as_it_is():
    picture = open_picture(number(paper(100, 300), "0101", 20, 30, size=14, pen=2))
    assert segment(picture).place == picture.place


def test_a_page_knows_its_name_and_place():
    picture = replace(open_picture(zero(paper(), 40, 30)), name="seven.png", orientation=6)
    found = segment(picture)
    assert (found.name, found.place) == ("seven.png", picture.place)
    assert not found.single and found.picture is None and found.hypotheses[0].ink is None


def test_all_ink_of_a_single_digit_is_one_component():
    page = number(paper(100, 200), "01", 30, 30)
    found = segmented(page, single=True)
    (line,) = found.hypotheses[0].lines
    (whole,) = line.components
    assert found.single and (whole.left, whole.right) == (
        pytest.approx(28, abs=3),
        pytest.approx(65, abs=3),
    )
    assert not segmented(paper(), single=True).hypotheses[0].lines


def test_specks_are_no_part_of_a_single_digit():
    page = zero(paper(200, 200), 60, 40, 110, 8)
    alone = segmented(page, single=True).hypotheses[0].components[0]
    page[10:14, 170:174] = page[185:188, 20:23] = 0
    (found,) = segmented(page, single=True).hypotheses[0].components
    assert found.mass == alone.mass
    assert not segmented(paper(), single=True).hypotheses[0].components


def test_what_is_to_be_drawn_is_kept_if_asked():
    page = number(paper(100, 200), "01", 30, 30)
    found = segmented(page, keep=True)
    kept = found.hypotheses[0].ink
    assert kept is not None and kept.shape == page.shape and kept.max() == 255
    assert found.picture is not None and found.size > segmented(page).size > 0


def test_ink_that_covers_as_much_as_the_paper_has_two_hypotheses():
    x = np.mgrid[:400, :400][1]
    found = segmented(np.where((x // 20) % 2 == 0, 0, 255).astype(np.uint8))
    assert sorted(h.dark for h in found.hypotheses) == [False, True]
    assert [h.dark for h in segmented(number(paper(), "01", 30, 30)).hypotheses] == [True]
    assert [h.dark for h in segmented(255 - number(paper(), "01", 30, 30)).hypotheses] == [False]


def in_file(found: Segmentation, component: Component) -> tuple[float, float]:
    """Return the middle of a component in the pixels of the file."""
    outline = found.place.outline(component.left, component.top, component.width, component.height)
    return float(np.mean([x for x, _ in outline])), float(np.mean([y for _, y in outline]))


@pytest.mark.parametrize("orientation", range(1, 9))
def test_small_writing_lies_where_it_is_in_the_file_however_that_is_turned(orientation):
    size, place = 16, (1500, 700)
    page = paper(2400, 3000, 250)
    for at in range(4):
        zero(page, place[0] + 22 * at, place[1], size, 2)
    stored = np.asarray(
        Image.fromarray(page).transpose(INVERSE[orientation]) if orientation > 1 else page
    )
    image = Image.fromarray(stored)
    exif = image.getexif()
    exif[274] = orientation
    image.info["exif"] = exif.tobytes()
    found = segment(open_picture(image))
    (line,) = found.hypotheses[0].lines
    assert max(found.place.wide, found.place.tall) > WORKING
    dark = np.argwhere(stored < 128)
    middle = np.mean([in_file(found, c) for c in line.components], axis=0)
    assert middle == pytest.approx(dark.mean(0)[::-1], abs=3)


INVERSE = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_90,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_270,
}


def test_a_table_is_cells_and_its_rules_are_left_out():
    xs, ys = [20, 150, 280, 410], [20, 105, 190]
    page = table(paper(220, 440), xs, ys)
    for row, y in enumerate(ys[:-1]):
        for x in xs[:-1]:
            number(page, "01" if row else "10", x + 30, y + 20)
    (found,) = segmented(page).hypotheses
    assert [line.cell for line in found.lines] == [(r, c) for r in (0, 1) for c in range(3)]
    assert all(len(line.components) == 2 for line in found.lines)
    assert {one.reason for one in found.unread} <= {Reason.RULE, Reason.BOX} and found.unread


def test_a_comb_is_one_line():
    xs = list(range(20, 321, 60))
    page = table(paper(120, 340), xs, [20, 100])
    for at, x in enumerate(xs[:-1]):
        (zero if at % 2 else one)(page, x + 22, 40)
    (line,) = segmented(page).hypotheses[0].lines
    assert len(line.components) == 5 and line.cell is None


def test_specks_on_a_page_stand_in_no_line():
    page = number(paper(200, 400), "010101", 40, 60, size=70, pen=6)
    random = np.random.default_rng(1)
    for x, y in zip(random.integers(0, 398, 40), random.integers(0, 198, 40), strict=True):
        page[y, x : x + 2] = np.minimum(page[y, x : x + 2], 60)
    assert lengths(segmented(page)) == [6]


def test_grain_below_writing_is_no_line_that_is_sure_of_itself():
    page = number(paper(900, 900), "01010", 100, 100, size=160, pen=12)
    random = np.random.default_rng(2)
    for x, y in random.integers(340, 880, (150, 2)):
        cv2.circle(page, (int(x), int(y)), int(random.integers(1, 4)), 0, -1)
    (found,) = segmented(page).hypotheses
    sure = [line for line in found.lines if not line.doubtful]
    assert [len(line.components) for line in sure] == [5]


def test_a_picture_of_any_shape_can_be_segmented():
    for shape in ((1, 1), (1, 900), (900, 1), (2, 2), (5000, 3)):
        pixels = np.zeros(shape, np.uint8)
        pixels[: shape[0] // 2 + 1, : shape[1] // 2 + 1] = 255
        found = segment(open_picture(pixels))
        assert isinstance(found.place, type(Picture("p", pixels, 1, 1).place))
        assert 1 <= len(found.hypotheses) <= 2
