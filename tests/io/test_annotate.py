import numpy as np
import pytest
from PIL import Image

from inkdigits.document import LeftOut, Page, Reason
from inkdigits.io import annotate
from inkdigits.io.picture import ROTATIONS, Placement
from inkdigits.reading import Reader
from tests.cli.pages import row
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
    assert len(trace.document.digits) == 3
    for symbol in trace.document.digits:
        left, top, width, height = (round(side * scale) for side in symbol.box)
        colour = annotate.READ if symbol.value is not None else annotate.REJECTED
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
