import itertools

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from inkdigits.glyphs import negatives, printed, written
from inkdigits.glyphs.letters import AMBIGUOUS, LETTERS
from inkdigits.glyphs.negatives import KINDS, NONE, SEVERAL
from inkdigits.glyphs.pen import ink, move
from inkdigits.glyphs.signs import SIGNS
from inkdigits.glyphs.strokes import VARIANTS, parse_variant


def random(seed: int = 0) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def distinct(pictures: torch.Tensor) -> int:
    return len({picture.numpy().tobytes() for picture in pictures})


@settings(deadline=None, max_examples=15)
@given(st.integers(0, 700), st.integers(0, 1000))
def test_as_many_as_asked_for_with_labels_to_refuse(count, seed):
    digits = negatives.write(count, seed=seed)
    assert digits.images.shape == (count, 28, 28)
    assert len(digits) == count
    assert set(digits.labels.tolist()) <= {NONE, SEVERAL}


def test_same_seed_same_pictures_and_other_seed_others():
    first, again, other = (negatives.write(400, seed=seed) for seed in (1, 1, 2))
    assert first.checksum == again.checksum != other.checksum
    assert negatives.write(5, name="mine").name == "mine"


def test_writing_leaves_the_global_generator_alone():
    torch.manual_seed(1)
    expected = torch.rand(1)
    torch.manual_seed(1)
    negatives.write(700)
    assert torch.equal(torch.rand(1), expected)


def test_shares_add_up_to_one():
    assert sum(kind.share for kind in KINDS) == pytest.approx(1)
    assert all(kind.share > 0 for kind in KINDS)
    assert {kind.label for kind in KINDS} == {NONE, SEVERAL}


def test_every_kind_comes_by_its_share(monkeypatch):
    drawn = []
    blank = torch.zeros(negatives.BATCH, 28, 28)

    def counted(place: int, label: int) -> negatives.Kind:
        return negatives.Kind(KINDS[place].share, label, lambda *_: drawn.append(place) or blank)

    fakes = tuple(counted(place, kind.label) for place, kind in enumerate(KINDS))
    monkeypatch.setattr(negatives, "KINDS", fakes)
    digits = negatives.write(300 * negatives.BATCH)
    shares = np.bincount(drawn, minlength=len(KINDS)) / len(drawn)
    assert shares == pytest.approx([kind.share for kind in KINDS], abs=0.08)
    assert [KINDS[place].label for place in drawn] == digits.labels[:: negatives.BATCH].tolist()


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.draw.__name__)
def test_pictures_of_a_kind_are_in_range_and_differ(kind):
    pictures = kind.draw(60, random(2))
    assert pictures.shape == (60, 28, 28)
    assert pictures.min() >= 0 and pictures.max() <= 1
    assert distinct(pictures) > 45
    assert torch.equal(pictures, kind.draw(60, random(2)))
    assert not torch.equal(pictures, kind.draw(60, random(3)))


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.draw.__name__)
def test_all_kinds_but_blanks_have_ink(kind):
    mass = kind.draw(60, random(5)).sum((1, 2))
    if kind.draw is negatives.blanks:
        assert mass.max() < 20
    else:
        assert mass.median() > 20


def test_halves_are_of_one_side():
    pictures = negatives.halves(50, random(0))
    columns = pictures.amax(1) > 0
    assert ((columns[:, :15].any(1)) != (columns[:, 15:].any(1))).all()


def test_several_are_wider_than_one():
    def shape(pictures):
        inked = pictures > 0.3
        return inked.any(1).sum(1).float() / inked.any(2).sum(1)

    alone = written.draw(torch.arange(100) % 10, random(1))
    assert shape(negatives.several(100, random(1))).median() > 1.3 * shape(alone).median()


SAME = ("0,5 5,5 10,5", "5,0 5,10")  # a dash and a longer one, I and l
EVERY = {**MARKS, **AMBIGUOUS, **{name: sign.ways for name, sign in SIGNS.items()}}


@pytest.mark.parametrize("name", EVERY)
def test_every_mark_can_be_drawn(name):
    alphabet = Alphabet.of([[way] for way in EVERY[name]])
    figures = torch.arange(len(EVERY[name])).repeat_interleave(4)
    ways = alphabet.choose(figures, random())
    pictures = ink(*move(alphabet, ways, HAND, random()), HAND, random())
    assert pictures.isfinite().all()
    assert (pictures.amax((1, 2)) > 0.9).all()
    assert (pictures.sum((1, 2)) > 4).all()  # two dots; a digit has about 100


def test_strokes_have_two_points_or_more_and_marks_are_no_digits():
    every = [*itertools.chain(*MARKS.values(), *(ways.values() for ways in VARIANTS.values()))]
    every += itertools.chain(*AMBIGUOUS.values())
    assert all(len(stroke) >= 2 for way in every for stroke in parse_variant(way))
    drawn = [way for way in every if way not in SAME]
    assert len(set(drawn)) == len(drawn)


def test_what_may_pass_for_a_digit_is_refused_in_words_alone():
    assert not set(AMBIGUOUS) & set(MARKS)
    assert set("oOlIzZsSbgqBDGQ") <= set(AMBIGUOUS)
    assert not {".", ",", "/"} & set(MARKS)
    assert set(LETTERS) <= set(MARKS)


def test_words_are_wider_than_letters_and_lie_on_one_line():
    inked = negatives.words(60, random(1)) > 0.3
    shape = inked.any(1).sum(1).float() / inked.any(2).sum(1)
    assert shape.median() > 1.2


def test_what_is_struck_out_has_more_ink_than_what_was_written():
    written = written.draw(torch.arange(60) % 10, random(1), Variation(pen=0.65))
    assert negatives.struck(60, random(1)).sum() > 1.2 * written.sum()


def test_printed_digits_look_different_by_face_and_by_digit():
    faces = len(printed._faces())
    assert faces >= 10
    sheets = torch.stack(
        [
            torch.stack([printed._framed(digit, face) for digit in printed.DIGITS])
            for face in range(faces)
        ]
    )
    for one in sheets.unbind(0) + sheets.unbind(1):
        assert distinct(one) == len(one)
    apart = (sheets[:, None] - sheets).abs().mean((2, 3, 4))
    assert apart[~torch.eye(faces, dtype=torch.bool)].min() > 0.01


@pytest.mark.parametrize("texts", [printed.DIGITS, printed.NUMBERS, printed.LETTERS])
def test_print_fits_its_box_and_fills_its_middle(texts):
    pictures = printed.draw(texts, 80, random(1))
    assert pictures.shape == (80, 28, 28)
    assert pictures.min() >= 0 and pictures.max() <= 1
    assert (pictures.amax((1, 2)) > 0.5).all()
    assert (pictures[:, 8:20, 8:20].sum((1, 2)) > 8).all()


@pytest.mark.parametrize("texts", [printed.DIGITS, printed.NUMBERS])
def test_printed_digits_are_framed_as_mnist_is(texts):
    pictures = printed.draw(texts, 80, random(1))
    inked = pictures > 0
    sides = torch.maximum(inked.any(2).sum(1), inked.any(1).sum(1))
    assert sides.max() <= 20 and sides.median() >= 18
    mass, at = pictures.sum((1, 2)), torch.arange(28.0)
    for lines in (pictures.sum(2), pictures.sum(1)):
        assert (((lines @ at) / mass) - 14).abs().max() < 1.01


def test_print_is_drawn_at_random_from_all_texts():
    assert distinct(printed.draw(("7",), 200, random(0))) > 10
    assert torch.equal(printed.draw(("7",), 9, random(3)), printed.draw(("7",), 9, random(3)))
    assert not torch.equal(printed.draw(("7",), 9, random(3)), printed.draw(("1",), 9, random(3)))


def test_texts_to_refuse_hold_no_digit_and_none_twice():
    assert not any(sign.isdigit() for text in printed.LETTERS for sign in text)
    assert len(set(printed.LETTERS)) == len(printed.LETTERS)
    assert all(text.isdigit() and 2 <= len(text) <= 3 for text in printed.NUMBERS)
