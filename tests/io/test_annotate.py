from dataclasses import replace

import numpy as np
import pytest
from PIL import Image

from inkdigits.document import LeftOut, Line, Page, Reason
from inkdigits.io import annotate
from inkdigits.io.picture import ROTATIONS, Placement
from inkdigits.reading import Reader
from tests.cli.pages import row
from tests.documents import box, line, symbol
from tests.reading.strokes import Shapes, one, paper


@pytest.fixture(scope="module")
def reader() -> Reader:
    """Return a reader with the stand-in in place of a recogniser."""
    return Reader.of(Shapes())


def test_boxes_are_drawn_where_digits_are(reader):
    large = np.kron(row(paper(100, 300), "0x1", step=70), np.ones((8, 8), np.uint8))
    trace = reader.trace(large)  # 2,400 across
    (page,) = trace.pages
    image = np.asarray(annotate.annotated(page.pixels, page.page))
    scale = image.shape[1] / large.shape[1]
    assert scale < 1
    assert len(trace.document.symbols) == 3
    for found in trace.document.symbols:
        left, top, width, height = (round(side * scale) for side in found.box)
        colour = annotate.READ if found.value is not None else annotate.REJECTED
        beside = image[top + height // 2, left - 4 : left + 1]
        assert (beside == colour).all(1).any()
        beside = image[top + height - 3 : top + height + 5, left + width // 2]
        assert (beside == colour).all(1).any()


@pytest.mark.parametrize("tag", ROTATIONS)
def test_boxes_of_a_turned_file_are_drawn_upright(tag):
    pixels = paper(600, 900)
    rotation, mirrored = ROTATIONS[tag]
    width, height = (900, 600) if rotation in (0, 180) else (600, 900)
    outline = Placement(width, height, 900, 600, tag).outline(500, 100, 40, 60)
    page = Page(
        1,
        width,
        height,
        (),
        (LeftOut(Reason.SPECK, outline),),
        rotation=rotation,
        mirrored=mirrored,
    )
    drawn = (np.asarray(annotate.annotated(pixels, page)) != 255).any(2)
    assert drawn[130, 498:503].any() and drawn[130, 538:543].any()
    assert drawn[98:103, 520].any() and drawn[158:163, 520].any()
    assert not drawn[:, :490].any()


def test_no_label_covers_the_next_one():
    first, far, near = (
        symbol(value, left=at) for value, at in (("1", 100), ("2", 300), ("3", 112))
    )
    apart, close, alone = (
        np.asarray(annotate.annotated(paper(200, 500), Page(1, 500, 200, (Line(them),))))
        for them in ((first, far), (first, near), (near,))
    )
    assert (apart[:36, 112:120] == annotate.READ).all(2).any()  # there is room for how sure it is
    np.testing.assert_array_equal(close[:, 110:], alone[:, 110:])


def test_what_was_passed_over_or_left_out_is_grey_and_can_be_hidden():
    letter = replace(symbol(None, left=100), space_before=True)
    speck = LeftOut(Reason.SPECK, box(150, 40, 8, 20))
    page = Page(1, 500, 200, (Line((symbol("7"), letter)),), (speck,))
    pixels = paper(200, 500)
    drawn, hidden = (
        np.asarray(annotate.annotated(pixels, page, left_out=both)) for both in (True, False)
    )
    for left in (100, 150):
        assert tuple(drawn[50, left]) == annotate.LEFT_OUT
        assert (hidden[:, left - 5 :] == 255).all()
    assert (drawn[20:80, :30] == hidden[20:80, :30]).all()
    assert not (drawn == annotate.REJECTED).all(2).any()


def test_what_the_text_has_a_mark_for_is_red():
    page = Page(1, 500, 200, (line("1?3"),))
    drawn = np.asarray(annotate.annotated(paper(200, 500), page))
    red = (drawn == annotate.REJECTED).all(2)
    assert red[50, 8] and red[50, 20]
    assert not red[:, 30:].any()


def test_cells_are_drawn_lightly_around_their_lines():
    page = Page(1, 500, 200, (line("13", (0, 1)), Line((), (0, 2))))
    drawn = np.asarray(annotate.annotated(paper(200, 500), page))
    assert tuple(drawn[50, 23]) == tuple(drawn[65, 10]) == annotate.CELL  # five pixels around it
    assert (drawn[45:66, 26:60] != 255).any()  # R1C2


def test_a_small_picture_is_enlarged_so_that_labels_can_be_read(reader):
    page = np.pad(one(paper(20, 10), 5, 2, 16, 2), 9, constant_values=255)
    assert max(annotate.annotated(page, reader.read(page).pages[0]).size) == 480


def test_a_picture_without_digits_stays_as_it_is(reader):
    page = paper(600, 500, 200)
    image = annotate.annotated(page, reader.read(page).pages[0])
    assert image.size == (500, 600)
    assert (np.asarray(image) == 200).all()


def test_the_picture_itself_is_not_drawn_on(reader):
    (page,) = reader.trace(row(paper(600, 500), "01")).pages
    before = page.pixels.tobytes()
    annotate.annotated(page.pixels, page.page)
    assert page.pixels.tobytes() == before


def test_pages_are_stacked_in_order():
    pages = [Image.new("RGB", (20, 10), "red"), Image.new("RGB", (10, 30), "blue")]
    whole = annotate.stacked(pages)
    assert whole.size == (20, 40)
    assert [whole.getpixel(at) for at in ((19, 0), (0, 10), (15, 20))] == [
        (255, 0, 0), (0, 0, 255), (255, 255, 255),
    ]  # fmt: skip
    assert annotate.stacked(pages[:1]) is pages[0]
