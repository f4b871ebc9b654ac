from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from inkdigits.document import Page
from inkdigits.errors import InkdigitsError
from inkdigits.io import annotate
from inkdigits.io.picture import open_picture
from inkdigits.reading import steps
from inkdigits.reading.line_trace import LineTrace
from inkdigits.reading.read import PageTrace
from inkdigits.segmentation.finder import PageMap
from inkdigits.segmentation.strip import Strip
from tests.cli.pages import row
from tests.reading.strokes import paper


def test_what_the_network_saw_is_laid_out_in_lines(reader):
    document = reader.read(row(row(paper(200, 300), "011"), "10", y=120))
    assert steps._seen(document.pages[0]).size == (3 * 30, 2 * 30)
    assert steps._seen(Page(1, 9, 9)).size == (30, 30)


def test_without_intermediate_pictures_there_is_nothing_to_draw():
    for draw in (steps.steps, steps.stages):
        with pytest.raises(InkdigitsError, match="No intermediate pictures"):
            draw(PageTrace(Page(1, 9, 9)))


def test_stages_are_grey_and_ink(reader):
    (page,) = reader.trace(row(paper(200, 2000), "01")).pages
    stages = steps.stages(page)
    assert list(stages) == ["grey", "ink"]
    assert all(image.size == (800, 80) for image in stages.values())
    assert np.asarray(stages["ink"]).min() < 50


def test_layers_are_a_colour_where_the_finder_is_sure():
    page = Page(1, 960, 480)
    assert steps.layers(PageTrace(page)) == {}
    seen = np.zeros((480, 960), np.uint8)
    seen[:, :480] = 255
    drawn = steps.layers(PageTrace(page, page_map=PageMap(seen, 0 * seen, 255 - seen)))
    assert list(drawn) == ["handwriting", "rules", "other"]
    assert {image.size for image in drawn.values()} == {(480, 240)}
    assert drawn["handwriting"].getpixel((10, 10)) == (*steps.LAYERS["handwriting"], 224)
    assert drawn["handwriting"].getpixel((400, 10))[3] == drawn["rules"].getextrema()[3][1] == 0


@settings(deadline=None, max_examples=25)
@given(arrays.arrays(np.uint8, st.tuples(st.integers(1, 40), st.integers(1, 40))))
def test_any_picture_can_be_drawn(reader, pixels):
    (page,) = reader.trace(pixels).pages
    copy, way = annotate.annotated(page.pixels, page.page), steps.steps(page)
    assert copy.mode == way.mode == "RGB"
    assert annotate.png(copy).startswith(b"\x89PNG")


@pytest.mark.parametrize("shape", [(1, 1), (1, 900), (900, 1), (3, 2000), (2000, 1200)])
def test_pictures_of_any_shape_can_be_drawn(reader, shape):
    pixels = paper(*shape)
    pixels[: shape[0] // 2 + 1, : shape[1] // 2 + 1] = 0
    (page,) = reader.trace(pixels, single=True).pages
    copy = annotate.annotated(page.pixels, page.page)
    assert max(copy.size) == pytest.approx(max(480, *open_picture(pixels).pixels.shape), abs=1)
    assert steps.steps(page).height < 700


def line_trace(width=160, confidence=0.5, **changed):
    strip = Strip(np.full((40, width), 200, np.uint8), np.array([[0.5, 0, 10], [0, 0.5, 20.0]]))
    said = ((20.0, "1"), (60.0, "2"), (900.0, "3"))
    known = {"by_components": said, "by_network": said, "agree": True, "text": "12"} | changed
    return LineTrace(strip, confidence=confidence, **known)


def test_symbols_stand_on_the_strip_where_they_stand_on_the_page():
    assert line_trace().on_strip(((20.0, "1"), (60.0, "2"))) == [(20.0, "1"), (100.0, "2")]
    assert line_trace().on_strip(((5.0, "1"), (900.0, "3"))) == []  # beside it


def test_lines_are_drawn_below_a_page_the_least_sure_of_them():
    blank = np.full((50, 50), 255, np.uint8)
    page = PageTrace(Page(1, 50, 50), blank, 255 - blank)
    alone = steps.steps(page)
    lines = [line_trace(1500, 0.1 * at, agree=at > 1) for at in range(6)]
    drawn = steps.steps(replace(page, lines=lines))
    assert drawn.width == alone.width
    word = line_trace(1500, 0.0, by_components=((20.0, "?"),))
    assert steps.steps(replace(page, lines=[*lines, word])) == drawn
    row = steps._two_readers(lines[0], drawn.width)
    assert drawn.height == alone.height + steps.LINES * row.height
    below = drawn.crop((0, alone.height, *drawn.size)).getcolors(1 << 16)
    assert {steps.GREEN, steps.RED} <= {colour for _, colour in below}


def test_a_page_that_a_finder_saw_has_a_panel_more():
    blank = np.full((60, 60), 255, np.uint8)
    page = PageTrace(Page(1, 60, 60), blank, 255 - blank)
    seen = PageMap(blank, 0 * blank, 0 * blank)
    more = steps.steps(replace(page, page_map=seen)).width - steps.steps(page).width
    assert more == steps.PANEL + 12
