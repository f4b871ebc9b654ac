import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from inkdigits.alphabet import DIGITS, DIGITS_OR_REJECT, Alphabet
from inkdigits.data import Digits, digits
from inkdigits.errors import DataError


def some(count: int = 20, seed: int = 0, alphabet: Alphabet = DIGITS) -> Digits:
    random = np.random.default_rng(seed)
    images = random.integers(0, 256, (count, 5, 4), np.uint8)
    return Digits("toy", images, np.arange(count) % 10, alphabet=alphabet)


def test_a_sample_is_known_by_its_picture_and_label_wherever_it_stands():
    whole, order = some(), np.random.default_rng(1).permutation(20)
    mixed = whole[order]
    fresh = Digits("other", whole.images[order], whole.labels[order])
    assert np.array_equal(whole.identities[order], mixed.identities)
    assert np.array_equal(mixed.identities, fresh.identities)
    assert len(np.unique(whole.identities)) == 20
    assert whole.identities.dtype.itemsize == 16


def test_another_label_is_another_sample_of_the_same_picture():
    first = some()
    second = Digits("toy", first.images, (first.labels + 1) % 10)
    assert np.array_equal(first.picture_hashes, second.picture_hashes)
    assert not np.isin(first.identities, second.identities).any()


def test_the_same_pixels_in_another_shape_are_another_picture():
    first = some()
    turned = Digits("toy", first.images.reshape(20, 4, 5), first.labels)
    assert not np.isin(first.picture_hashes, turned.picture_hashes).any()


def test_a_seven_is_the_same_sample_in_every_alphabet():
    sevens = Alphabet(("9", "8", "7"))
    images = some(2).images
    one = Digits("a", images, np.array([7, 8]))
    other = Digits("b", images, np.array([2, 1]), alphabet=sevens)
    assert np.array_equal(one.identities, other.identities)


def test_a_digest_is_of_samples_and_their_order_and_not_of_a_name():
    whole = some()
    assert whole.digest == some().named("other").digest
    assert len({whole.digest, whole[::-1].digest, whole[1:].digest, some(seed=1).digest}) == 4
    assert len(whole[:0].digest) == 64
    assert whole[:0].picture_hashes.shape == (0,)


def test_the_same_picture_in_fortran_order_is_the_same():
    whole = some()
    turned = Digits("toy", np.asfortranarray(whole.images), whole.labels)
    assert turned.digest == whole.digest


@given(st.integers(0, 40), st.data())
def test_identities_of_a_part_are_those_of_the_whole(count, data):
    whole = some(count)
    which = np.array(data.draw(st.lists(st.integers(0, count - 1)) if count else st.just([])), int)
    fresh = whole[which].identities
    _ = whole.identities  # now a part takes over what is known already
    assert np.array_equal(whole[which].identities, fresh)
    assert np.array_equal(whole[which].index, which)


def test_what_is_known_is_not_hashed_again(monkeypatch):
    whole = some()
    _ = whole.identities
    monkeypatch.setattr(digits, "hashlib", None)
    assert len(whole[3:5].named("other").under(DIGITS_OR_REJECT).identities) == 2


def test_labels_follow_their_names_into_another_alphabet():
    letters = Alphabet(("c", "a", "b"))
    found = Digits("toy", some(3).images, np.array([0, 1, 2]), alphabet=letters)
    wider = found.under(Alphabet(("a", "b", "c", "d"), ("no_symbol",)))
    assert wider.labels.tolist() == [2, 0, 1]
    assert wider.texts == found.texts
    assert np.array_equal(wider.identities, found.identities)
    with pytest.raises(DataError, match=r"class 'b', which is not among c, a: use data"):
        found.under(Alphabet(("c", "a")))
    assert found[:2].under(Alphabet(("c", "a"))).labels.tolist() == [0, 1]


def test_rejects_are_no_symbols_and_are_counted_apart():
    labels = np.array([0, 10, 11, 3, 3])
    found = Digits("toy", some(5).images, labels, alphabet=DIGITS_OR_REJECT)
    assert found.are_symbols.tolist() == [True, False, False, True, True]
    assert found.counts.tolist() == [1, 0, 0, 2] + 6 * [0]
    assert found.texts[1:3] == ["no_symbol", "several_symbols"]
    assert len(set(found.identities)) == 5
    with pytest.raises(DataError, match="no_symbol"):
        found.under(DIGITS)


@pytest.mark.parametrize(
    ("images", "labels", "says"),
    [
        (np.zeros((1, 28, 28), np.uint8), np.zeros(2, int), r"shape \(2, height"),
        (np.zeros((2, 28, 28)), np.zeros(2, int), "uint8"),
        (np.zeros((2, 28, 28), np.uint8), np.array([0, 12]), "label 12; labels are 0 to 9"),
        (np.zeros((2, 28, 28), np.uint8), np.array([-1, 0]), "label -1"),
        (np.zeros((2, 28, 28), np.uint8), np.zeros(2), "float64"),
        (np.zeros((2, 28, 28), np.uint8), np.zeros((2, 1), int), "one whole number"),
        (np.zeros((2, 0, 28), np.uint8), np.zeros(2, int), "0×28"),
        (np.zeros((2, 1, 1025), np.uint8), np.zeros(2, int), "1×1025.*1,024"),
    ],
)
def test_what_does_not_belong_together_is_one_sentence(images, labels, says):
    with pytest.raises(DataError, match=says):
        Digits("toy", images, labels)


def test_more_samples_than_anybody_has_are_refused(monkeypatch):
    monkeypatch.setattr(digits, "MOST", 19)
    with pytest.raises(DataError, match=r"20 samples; 19 are allowed"):
        some(20)


def test_a_part_of_digits_remembers_where_it_came_from():
    part = some(50)[np.array([3, 30])]
    assert list(part[1:].index) == [30]
    assert repr(part) == "Digits(toy: 2 of 5×4)"
