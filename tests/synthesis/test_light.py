import numpy as np
import pytest

from inkdigits.synthesis.light import BINARY, lit, taken
from inkdigits.synthesis.scrawls import SCRAWLS, drawn, scrawl
from inkdigits.synthesis.sheets import page_sheet
from inkdigits.synthesis.surfaces import PATTERNS, board, no_page, paper, surroundings
from inkdigits.synthesis.typeset import word


def random(seed=0):
    return np.random.default_rng(seed)


def test_light_is_uneven_but_never_turns_paper_into_ink():
    page = np.full((64, 64, 3), 0.9, np.float32)
    found = [lit(page, random(seed)) for seed in range(30)]
    assert all(one.shape == page.shape and one.dtype == np.float32 for one in found)
    assert all(one.min() > 0 for one in found)
    assert sum(float(np.ptp(one)) > 0.1 for one in found) > 10


def test_a_camera_keeps_size_and_what_is_dark_and_light():
    page = np.full((96, 96, 3), 0.9, np.float32)
    page[32:64, 32:64] = 0.1
    for seed in range(40):
        found = taken(page, random(seed))
        assert found.shape == page.shape
        assert found.dtype == np.uint8
        assert found[40:56, 40:56].mean() < found[:24].mean()


@pytest.mark.parametrize("way", dict.fromkeys(BINARY), ids=lambda way: way.__name__)
def test_what_is_black_and_white_has_no_grey(way):
    grey = np.linspace(40, 220, 64 * 64).reshape(64, 64).astype(np.uint8)
    assert set(np.unique(way(grey, random()))) == {0, 255}


@pytest.mark.parametrize("pattern", dict.fromkeys(PATTERNS), ids=lambda pattern: pattern.__name__)
def test_patterns_cover_a_part_of_the_paper(pattern):
    covers = np.zeros((4, 200, 200), np.uint8)
    for seed, cover in enumerate(covers):
        pattern(cover, 9.0, random(seed))
    assert 0.01 < (covers > 60).mean() < 0.95


@pytest.mark.parametrize("make", [board, no_page, surroundings], ids=lambda make: make.__name__)
def test_surfaces_are_pictures(make):
    found = [make(80, random(seed)) for seed in range(6)]
    assert all(one.shape == (80, 80, 3) for one in found)
    assert all(np.isfinite(one).all() for one in found)


def test_paper_is_lighter_than_a_board():
    assert np.mean([paper(80, 30.0, random(seed)).mean() for seed in range(8)]) > 0.7
    assert np.mean([board(80, random(seed)).mean() for seed in range(8)]) < 0.3


@pytest.mark.parametrize("way", dict.fromkeys(SCRAWLS), ids=lambda way: way.__name__)
def test_scrawls_are_strokes_about_as_high_as_digits(way):
    ink = drawn(way(random(2)), 40.0, 0.1)
    assert ink.max() > 0.9
    assert max(ink.shape) > 15
    assert 0.01 < (ink > 0.5).mean() < 0.8


def test_the_same_chance_scrawls_the_same():
    assert (scrawl(40.0, 0.1, random(5)) == scrawl(40.0, 0.1, random(5))).all()


def test_a_word_is_printed_from_where_it_begins():
    cover = np.zeros((60, 200), np.uint8)
    for seed in range(8):
        wide, deep = word(cover, "Total 12", (20, 40), 16.0, random(seed))
        assert wide > 40
        assert deep > 8
    columns = np.flatnonzero(cover.max(0) > 100)
    assert 18 <= columns[0] <= 26
    assert cover[46:].max() < 100 or cover[:40].max() > 100


def test_a_sheet_has_each_picture_above_its_classes():
    pictures = np.full((2, 3, 8, 8), 200, np.uint8)
    classes = np.zeros((2, 8, 8), np.uint8)
    classes[1, :, :4] = 1
    sheet = page_sheet(pictures, classes)
    assert sheet.shape == (16, 16, 3)
    assert (sheet[:8] == 200).all()
    assert (sheet[8:, :8] == 200).all()
    green = sheet[8:, 8:12].reshape(-1, 3)
    assert (green[:, 1] > green[:, 0]).all()
