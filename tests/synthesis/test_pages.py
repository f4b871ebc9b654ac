"""Pages whose truth is known: the same seed gives the same ones, and what they say is on them."""

import cv2
import numpy as np
import pytest

from inkdigits.glyphs.signs import SIGNS
from inkdigits.synthesis import KINDS, SyntheticPage, Writers, page, pages
from inkdigits.synthesis.effects import EFFECTS, NEVER_BOTH, choose_effects
from inkdigits.synthesis.marks import NOTES, marked_page
from inkdigits.synthesis.papers import random_of
from inkdigits.synthesis.small_writing import large_and_small, small_writing
from inkdigits.synthesis.writers import by_mark, by_pen


@pytest.mark.parametrize("kind", KINDS)
def test_a_seed_and_a_number_name_a_page(kind):
    writers = Writers()
    several = list(pages(kind, 4, writers, seed=3))
    again = page(kind, 3, writers, seed=3)
    assert np.array_equal(several[3].picture, again.picture) and several[3].truth == again.truth
    other = page(kind, 3, writers, seed=4)
    assert not np.array_equal(again.picture, other.picture)


def test_effects_that_hide_the_writing_together_never_meet():
    names = {name for group in EFFECTS.values() for name in group}
    for number in range(1, 400, 2):
        chosen = set(choose_effects("pages", number, random_of(0, "test", number)))
        assert chosen <= names | {"plain"}
        assert not any(pair <= chosen for pair in NEVER_BOTH)


def test_every_other_page_has_one_effect():
    assert all(
        len(choose_effects("pages", number, random_of(0, "test", number))) == 1
        for number in range(0, 60, 2)
    )


def test_pages_without_digits_say_nothing():
    assert all(not made.truth for made in pages("none", 9, Writers()))


def test_mnist_writes_where_there_is_a_folder(small_mnist):
    by_pens, with_mnist = Writers(), Writers(small_mnist)
    same = [
        np.array_equal(page("singles", n, by_pens).picture, page("singles", n, with_mnist).picture)
        for n in range(12)
    ]
    assert not all(same) and any(same)  # some digits are MNIST's, some are the pens' as before


def heights(made: SyntheticPage) -> np.ndarray:
    """Return how tall the pieces of ink are on a scan."""
    dark = (made.picture < 140).astype(np.uint8)
    _, _, boxes, _ = cv2.connectedComponentsWithStats(dark, connectivity=8)
    return boxes[1:, 3]


@pytest.mark.parametrize(("height", "resolution"), [(2, 300), (3, 200), (6, 200)])
def test_small_writing_is_as_high_as_it_says(height, resolution):
    made = small_writing(height, resolution)
    assert made.picture.shape == (round(297 * resolution / 25.4), round(210 * resolution / 25.4))
    found = heights(made)
    digit = height * resolution / 25.4
    assert np.median(found[found > 0.5 * digit]) == pytest.approx(digit, rel=0.15)
    assert [len(line) for line in made.truth.split()] == [10] * 12


def test_a_seven_of_25_mm_stands_above_small_numbers():
    made = large_and_small(1)  # whose 7 is not written low
    found = heights(made)
    assert found.max() == pytest.approx(25 * 200 / 25.4, rel=0.15)
    assert np.median(found[found > 10]) == pytest.approx(3 * 200 / 25.4, rel=0.2)
    assert made.truth.startswith("7\n") and len(made.truth.split()) == 10


def test_marks_are_on_the_pages_and_in_their_truth():
    notes = [note for number in range(8) for note in marked_page(number).truth.split()]
    assert len(notes) == 24 and all(any(sign in SIGNS for sign in note) for note in notes)
    assert {sign for note in notes for sign in note if sign in SIGNS} == set(".,-/:%")
    assert len(NOTES) == 8


@pytest.mark.parametrize("mark", SIGNS)
def test_a_mark_is_as_large_beside_a_digit_as_people_write_it(mark):
    random = random_of(0, mark, 0)
    (digit,) = by_pen([8], 60, 1.0, random)
    glyph = by_mark(mark, 60, 1.0, random)
    assert glyph.max() > 0.9
    assert max(glyph.shape) == pytest.approx(SIGNS[mark].extent * 60, rel=0.5, abs=6)
    assert max(digit.shape) == pytest.approx(60, abs=4)
