import pickle

import numpy as np
import pytest

from inkdigits.alphabet import PAGE_CLASSES, Alphabet
from inkdigits.errors import RecogniserError
from inkdigits.models.bundle import Bundle
from inkdigits.segmentation import finder as module
from inkdigits.segmentation.finder import Finder
from tests.reading.strokes import paper
from tests.segmentation.colours import BLACK, BLUE, RED, content, finder


def blocks(tall=130, wide=170):
    """Return a page with a block of each colour, and where they are."""
    page = np.full((tall, wide, 3), 255, np.uint8)
    places = [np.s_[20:50, 20:40], np.s_[20:50, 60:80], np.s_[80:110, 20:40]]
    for place, colour in zip(places, (BLUE, BLACK, RED), strict=True):
        page[place] = colour
    return page, places


@pytest.mark.parametrize("size", [(130, 170), (131, 333), (600, 900)])
def test_a_map_has_the_size_of_its_page_and_says_what_is_where(size):
    page, places = blocks(*size)
    found = finder().find(page)
    maps = [found.handwriting, found.rules, found.other]
    for at, one in enumerate(maps):
        assert one.shape == size
        assert one.dtype == np.uint8
        for other, place in enumerate(places):
            inner = one[place][4:-4, 4:-4]
            assert inner.min() > 250 if at == other else inner.max() < 5
        assert one[120:, 100:].max() < 5


def test_a_large_page_is_looked_at_in_fewer_pixels(monkeypatch):
    looked = []
    one = finder()
    run = one.session.run
    monkeypatch.setattr(one.session, "run", lambda page: looked.append(page.shape) or run(page))
    page, places = blocks(1200, 1600)
    found = one.find(page, 100_000)
    assert found.handwriting.shape == (1200, 1600)
    assert found.handwriting[places[0]][8:-8, 8:-8].min() > 200
    one.find(np.full((3, 50_000), 255, np.uint8))
    assert all(shape[2] % 32 == shape[3] % 32 == 0 for shape in looked)
    assert looked[0][2] * looked[0][3] < 150_000
    assert looked[1][3] <= module.LONGEST + 32


@pytest.mark.parametrize("size", [(1, 1), (5, 90), (90, 1), (33, 31)])
def test_no_page_is_too_small(size):
    assert finder().find(paper(*size)).rules.shape == size


def test_a_finder_travels_between_processes():
    page, _ = blocks()
    again = pickle.loads(pickle.dumps(finder()))  # noqa: S301 it is our own
    assert (again.find(page).handwriting == finder().find(page).handwriting).all()


def test_a_bundle_holds_a_finder(tmp_path, monkeypatch):
    bundle = Bundle("f", {}, PAGE_CLASSES, task="pages")
    bundle.write(tmp_path / "f", b"weights", content())
    assert Finder.load(tmp_path / "f").find(paper(40, 40)).other.max() < 5
    module.shipped.cache_clear()
    monkeypatch.setattr(module, "names", list)
    assert module.shipped() is None
    module.shipped.cache_clear()


def test_other_classes_are_refused_in_one_sentence():
    with pytest.raises(RecogniserError, match="not the four paper"):
        Finder(content(Alphabet(("paper", "handwriting", "rule"))), "three")
