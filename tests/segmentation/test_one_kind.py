"""Ink of one kind: words are written or printed as a whole."""

import numpy as np
import pytest

from inkdigits.segmentation.finder import PageMap
from inkdigits.segmentation.one_kind import of_one_kind

WORD = (slice(20, 50), slice(10, 30))
NEAR, FAR = (slice(20, 50), slice(34, 54)), (slice(20, 50), slice(80, 100))


def page_map(**pieces: object) -> PageMap:
    """Return a map with pieces of ink: how much of each is handwriting, and how much print."""
    layers = np.zeros((3, 60, 120), np.uint8)
    layers[1, 55:58] = 255  # a rule
    for written, printed, place in pieces.values():  # type: ignore[misc]
        layers[0][place], layers[2][place] = written, printed
    return PageMap(*layers)


def kinds(found: PageMap, place: tuple[slice, slice]) -> tuple[set[int], set[int]]:
    return set(found.handwriting[place].ravel().tolist()), set(found.other[place].ravel().tolist())


@pytest.mark.parametrize(
    ("written", "printed", "is_print"), [(200, 40, False), (40, 200, True), (120, 130, False)]
)
def test_a_piece_of_ink_is_of_the_kind_that_most_of_it_is(written, printed, is_print):
    found = of_one_kind(page_map(word=(written, printed, WORD)))
    total = {written + printed}
    assert kinds(found, WORD) == (({0}, total) if is_print else (total, {0}))
    assert (found.rules[55:58] == 255).all()


def test_letters_side_by_side_are_one_word():
    pieces = {"sure": (10, 240, WORD), "unsure": (130, 110, NEAR), "apart": (130, 110, FAR)}
    found = of_one_kind(page_map(**pieces))
    assert kinds(found, NEAR)[0] == {0}
    assert kinds(found, FAR)[1] == {0}


def test_what_is_hardly_ink_and_the_map_itself_stay_as_they_are():
    seen = page_map(word=(10, 240, WORD), faint=(20, 60, FAR))
    before = [layer.copy() for layer in seen.layers]
    assert kinds(of_one_kind(seen), FAR) == ({20}, {60})
    assert all(np.array_equal(a, b) for a, b in zip(before, seen.layers, strict=True))


def test_a_page_without_print_is_the_same():
    seen = page_map(word=(200, 0, WORD))
    assert of_one_kind(seen) is seen
