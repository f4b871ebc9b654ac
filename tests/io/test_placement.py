"""Where the pixels that are read lie in the file, however a page is mirrored and turned."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from inkdigits.document import Page
from inkdigits.io.picture import ROTATIONS, Placement, open_picture

sides = st.integers(1, 4000)


@settings(max_examples=60, deadline=None)
@given(sides, sides, sides, sides, st.sampled_from(list(ROTATIONS)), st.floats(0, 359.9), st.data())
def test_an_outline_is_where_it_was_once_it_is_mapped_to_the_file_and_back(
    width, height, wide, tall, tag, turn, data
):
    place = Placement(width, height, wide, tall, tag, turn)
    x, y = data.draw(st.floats(0, wide)), data.draw(st.floats(0, tall))
    outline = place.outline(x, y, 0, 0)
    scale = max(wide, tall) / min(place.width, place.height)
    assert place.upright(outline) == pytest.approx((x, y, x, y), abs=0.02 * max(1.0, scale))


@settings(max_examples=60, deadline=None)
@given(sides, sides, st.sampled_from(list(ROTATIONS)), st.floats(-180, 360))
def test_a_page_that_was_read_says_how_its_pixels_lie(width, height, tag, turn):
    place = Placement(width, height, width, height, tag).turned(turn)
    page = Page(1, width, height, rotation=place.rotation, mirrored=place.mirrored)
    known = Placement.of(page, place.wide, place.tall)
    assert 0 <= place.rotation < 360
    assert np.allclose(known.matrix, place.matrix, atol=1e-6)


@pytest.mark.parametrize("degrees", [0, 90, 180, 270, 30, 315])
def test_what_is_turned_lies_where_the_placement_says(degrees):
    stored = np.full((300, 400), 230, np.uint8)
    stored[40:60, 100:140] = 10
    picture = open_picture(stored).slanted(degrees)
    rows, columns = np.nonzero(picture.pixels < 120)
    left, top, right, bottom = picture.place.upright(((100, 40), (140, 40), (140, 60), (100, 60)))
    found = columns.min(), rows.min(), columns.max() + 1, rows.max() + 1
    assert found == pytest.approx((left, top, right, bottom), abs=1.5)
    assert picture.pixels.shape == (picture.place.tall, picture.place.wide)


def test_a_page_that_is_turned_back_is_the_page():
    pixels = np.arange(35, dtype=np.uint8).reshape(5, 7)
    picture = open_picture(pixels)
    assert (picture.slanted(90).slanted(270).pixels == pixels).all()
    assert picture.slanted(90).slanted(270).place == picture.place


def test_beyond_a_slanting_page_it_is_as_bright_as_its_paper():
    pixels = np.full((200, 300, 3), (210, 200, 150), np.uint8)
    found = open_picture(pixels).slanted(25).pixels
    assert found.shape[0] > 200 and (np.abs(found.astype(int) - (210, 200, 150)) <= 2).all()
