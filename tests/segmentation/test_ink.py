import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from inkdigits.segmentation.ink import find_ink
from tests.reading.strokes import cross, one, paper, zero


def share(found: np.ndarray, truth: np.ndarray) -> float:
    """Return how much of ink and truth is in both."""
    found, truth = found > 0.4, truth > 0
    return float((found & truth).sum() / max((found | truth).sum(), 1))


@pytest.fixture
def drawn() -> np.ndarray:
    """Return where the ink is."""
    return 255 - zero(paper(), 30, 30, 60)


@given(arrays.arrays(np.uint8, st.tuples(st.integers(1, 40), st.integers(1, 40))))
def test_any_grey_picture_has_a_map_from_0_to_1(pixels):
    ink = find_ink(pixels).map
    assert ink.shape == pixels.shape and ink.dtype == np.float32
    assert np.isfinite(ink).all() and ink.min() >= 0 and ink.max() <= 1


@given(arrays.arrays(np.uint8, st.tuples(st.integers(1, 20), st.integers(1, 20), st.just(3))))
def test_any_coloured_picture_has_one(pixels):
    assert find_ink(pixels).map.shape == pixels.shape[:2]


@pytest.mark.parametrize("level", [0, 128, 255])
def test_even_paper_has_no_ink(level):
    assert not find_ink(paper(level=level)).map.any()


def test_noise_has_next_to_no_ink():
    noise = np.random.default_rng(0).normal(128, 20, (200, 200)).clip(0, 255).astype(np.uint8)
    assert (find_ink(noise).map > 0.4).mean() < 0.01


def test_dark_ink_on_light_paper_and_light_on_dark_are_told_apart(drawn):
    dark, light = find_ink(255 - drawn), find_ink(drawn)
    assert dark.dark and not light.dark
    assert share(dark.map, drawn) > 0.9 and share(light.map, drawn) > 0.9


def test_grey_on_grey_is_ink(drawn):
    faint = np.where(drawn > 0, 120, 132).astype(np.uint8)
    assert share(find_ink(faint).map, drawn) > 0.9


def test_a_shadow_is_no_ink(drawn):
    light = np.linspace(0.35, 1, 120, dtype=np.float32)[None] ** 1.5
    shaded = ((255 - drawn * 0.8) * light).astype(np.uint8)
    assert share(find_ink(shaded).map, drawn) > 0.8


def test_coloured_ink_on_tinted_paper_is_found(drawn):
    page = np.empty((120, 120, 3), np.uint8)
    page[:] = (235, 215, 200)
    page[drawn > 0] = (60, 70, 190)
    assert share(find_ink(page).map, drawn) > 0.9


def test_a_hairline_is_kept():
    page = one(paper(280, 280), 140, 40, 200, pen=1)
    assert (find_ink(page).map.max(1)[45:235] > 0.9).all()


def test_a_stroke_a_third_of_the_picture_wide_is_kept():
    page = zero(paper(), 30, 15, 90, pen=36)
    assert share(find_ink(page).map, 255 - page) > 0.9


def test_light_ruled_lines_are_no_ink(drawn):
    page = paper().astype(np.int16)
    page[::20] -= 45
    page[:, ::20] -= 45
    page = np.where(drawn > 0, 20, page).astype(np.uint8)
    ink = find_ink(page).map
    assert share(ink, drawn) > 0.8


def test_a_line_alone_stays():
    page = one(paper(), 60, 4, 112)
    assert find_ink(page).map.sum() > 300


def test_a_tiny_picture_keeps_its_greys():
    small = cv2.resize(cross(paper(), 20, 20, 80, 14), (8, 8), interpolation=cv2.INTER_AREA)
    ink = find_ink(small).map
    assert len(np.unique(ink)) > 4


def test_who_says_which_is_ink_is_obeyed(drawn):
    assert find_ink(255 - drawn, dark=False).map[drawn == 0].mean() > 0.4
