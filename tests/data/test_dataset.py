from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from inkdigits.alphabet import DIGITS_OR_REJECT, Alphabet
from inkdigits.data import Dataset, Digits
from inkdigits.data import dataset as data_sets
from inkdigits.data.dataset import in_order, joined
from inkdigits.errors import DataError


def some(name: str, count: int = 30, seed: int = 0, **more: object) -> Digits:
    images = np.random.default_rng(seed).integers(0, 256, (count, 3, 3), np.uint8)
    return Digits(name, images, np.arange(count) % 10, **more)


def dataset(name: str, seed: int = 0, **more: object) -> Dataset:
    return Dataset(name, some(name, seed=seed), lambda: some(f"{name} test", 5, 99), **more)


def test_what_comes_without_a_test_split_gets_a_sixth_that_never_moves():
    whole = some("toy", 3000)
    found = data_sets.tested(whole, "toy")
    test = found.open_test()
    assert len(found.training) + len(test) == 3000
    assert 400 < len(test) < 600
    fewer = data_sets.tested(whole[:2000], "toy").open_test()
    assert np.array_equal(fewer.identities, test[: len(fewer)].identities)
    assert not np.isin(test.picture_hashes, found.training.picture_hashes).any()


def test_joined_data_sets_are_tested_and_validated_as_the_first_is():
    held = some("held", 4, 7)
    first = dataset("a", 0, validation=held, note="One.", place="here")
    both = joined(first, dataset("b", 1, note="Two.", place="there"))
    assert len(both.training) == 60
    assert both.open_test().digest == some("t", 5, 99).digest
    assert both.validation is held
    assert (both.name, both.place, both.note) == ("a and b", "here; there", "One. Two.")
    assert np.array_equal(both.training.identities[:30], first.training.identities)


def test_classes_are_joined_by_name_and_not_by_place():
    letters = some("letters", 20, alphabet=Alphabet(tuple("9876543210")))
    both = joined(dataset("a"), Dataset("b", letters, lambda: letters))
    assert both.training.texts[30:] == letters.texts
    assert np.array_equal(both.training.identities[30:], letters.identities)


def test_who_rejects_can_learn_from_who_does_not_and_not_the_other_way():
    rejects = Dataset("r", some("r", alphabet=DIGITS_OR_REJECT), lambda: some("t"))
    assert joined(rejects, dataset("a")).training.alphabet == DIGITS_OR_REJECT
    nothing = replace(rejects, training=replace(rejects.training, labels=np.full(30, 10)))
    with pytest.raises(DataError, match="class 'no_symbol', which is not among 0, 1"):
        joined(dataset("a"), nothing)


def test_pictures_of_two_sizes_cannot_be_joined():
    wide = Digits("wide", np.zeros((3, 3, 4), np.uint8), np.arange(3))
    with pytest.raises(DataError, match=r"wide has pictures of 3×4 pixels and a of 3×3"):
        joined(dataset("a"), Dataset("wide", wide, lambda: wide))


def test_a_sealed_data_set_is_not_opened():
    with pytest.raises(DataError, match="held-out"):
        dataset("a").sealed().open_test()


@given(st.lists(st.text(max_size=8)))
def test_names_are_ordered_one_way_whatever_they_are(names):
    assert in_order(names) == in_order(reversed(names))
    assert sorted(in_order(names)) == sorted(names)


def test_numbers_in_names_are_ordered_by_what_they_count():
    assert in_order(["10", "9", "a10", "a9", "b", "٣"]) == ["9", "10", "a9", "a10", "b", "٣"]
