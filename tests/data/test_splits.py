from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from inkdigits.data import SPLITS, Dataset, DataSettings, Digits, mnist, qmnist
from inkdigits.errors import DataError


def pictures(count: int, name: str = "toy", seed: int = 0) -> Digits:
    """Return digits of few pixels, no two the same, but for chance."""
    images = np.random.default_rng(seed).integers(0, 256, (count, 3, 3), np.uint8)
    return Digits(name, images, (np.arange(count) % 10).astype(np.uint8))


def dataset(count: int, tests: int = 100, **more: object) -> Dataset:
    return Dataset("toy", pictures(count), lambda: pictures(tests, "toy test", 1), **more)


def held(whole: Digits, **more: object) -> set[bytes]:
    found = Dataset("toy", whole, lambda: whole, **more)
    return set(SPLITS["held-out"](found).validation.identities.tolist())


@settings(max_examples=30, deadline=None)
@given(st.integers(200, 1500), st.integers(0, 50))
def test_held_out_parts_the_training_split_and_takes_about_a_twelfth(count, seed):
    splits = SPLITS["held-out"](Dataset("toy", pictures(count, seed=seed), lambda: pictures(1)))
    both = np.concatenate([splits.train.index, splits.validation.index])
    assert sorted(both) == list(range(count))
    assert abs(len(splits.validation) - count / 12) < 6 * np.sqrt(count / 12)
    assert (splits.train.name, splits.validation.name) == ("toy train", "toy validation")


@settings(max_examples=30, deadline=None)
@given(st.integers(150, 400), st.integers(1, 200), st.randoms(use_true_random=False))
def test_a_sample_that_is_added_moves_no_other(count, more, random):
    whole = pictures(count + more)
    order = list(range(count + more))
    random.shuffle(order)
    before, after = held(whole[:count]), held(whole[np.array(order)])
    first = set(whole[:count].identities.tolist())
    assert after & first == before


@settings(max_examples=20, deadline=None)
@given(st.lists(st.integers(0, 60), min_size=200, max_size=400), st.integers(0, 20))
def test_the_same_picture_is_never_on_both_sides_whatever_its_label(which, seed):
    images = pictures(61, seed=seed).images[which]
    whole = Digits("toy", images, np.arange(len(which)) % 10)
    try:
        splits = SPLITS["held-out"](Dataset("toy", whole, lambda: whole))
    except DataError:  # of 61 pictures none may be held out
        return
    assert not np.isin(splits.train.picture_hashes, splits.validation.picture_hashes).any()


def test_what_its_author_holds_back_validates_and_is_not_trained_on():
    whole = pictures(60)
    splits = SPLITS["held-out"](Dataset("toy", whole, lambda: whole, validation=whole[50:]))
    assert (len(splits.train), len(splits.validation)) == (50, 10)
    assert not np.isin(splits.train.picture_hashes, splits.validation.picture_hashes).any()


def test_held_out_never_opens_the_test_split():
    def opened() -> Digits:
        raise AssertionError("the test split was opened")

    splits = SPLITS["held-out"](Dataset("toy", pictures(240), opened))
    assert "unopened" in repr(splits)
    with pytest.raises(AssertionError, match="opened"):
        _ = splits.test


def test_writers_stay_whole_and_the_split_does_not_move_with_their_order():
    writers = np.random.default_rng(0).integers(0, 300, 3000)
    found = dataset(3000, open_writers=lambda: writers)
    splits = SPLITS["writers"](found)
    here, there = writers[splits.train.index], writers[splits.validation.index]
    assert not set(here) & set(there)
    assert 10 < len(set(there)) < 45
    assert set(here) | set(there) == set(writers)
    mixed = replace(found, training=found.training[::-1], open_writers=lambda: writers[::-1])
    again = SPLITS["writers"](mixed).validation
    assert set(again.identities.tolist()) == set(splits.validation.identities.tolist())


def test_without_writers_it_says_which_split_to_take():
    with pytest.raises(DataError, match=r"writers of toy are unknown: .*held-out"):
        SPLITS["writers"](dataset(100))
    with pytest.raises(DataError, match="toy has 5 writer labels for 100"):
        SPLITS["writers"](dataset(100, open_writers=lambda: np.arange(5)))


@pytest.mark.parametrize("split", ["validate-on-test", "first-5000"])
def test_published_splits_say_that_they_validate_on_test_digits(split):
    assert not SPLITS["held-out"](dataset(240)).validates_on_test
    assert SPLITS[split](dataset(240)).validates_on_test
    with pytest.raises(DataError, match=r"set data.split to held-out"):
        SPLITS[split](dataset(240).sealed())


def test_validate_on_test_trains_on_all():
    splits = SPLITS["validate-on-test"](dataset(240))
    assert len(splits.train) == 240
    assert splits.validation.digest == splits.test.digest
    assert splits.validation.name == "toy test"


def test_first_5000_is_tested_on_a_half_that_it_did_not_validate_on():
    splits = SPLITS["first-5000"](dataset(6000, 4000))
    assert list(splits.train.index) == list(range(5000))
    assert len(splits.validation) == 900
    assert len(splits.test) == 2000
    assert not set(splits.validation.index) & set(splits.test.index)


@pytest.mark.parametrize("split", ["held-out", "validate-on-test", "first-5000"])
def test_too_few_to_train_and_to_validate_with_is_one_sentence(split):
    with pytest.raises(DataError, match="toy has 0 training and"):
        SPLITS[split](dataset(0))
    with pytest.raises(DataError, match=r"toy has \d+ training and 0 validation samples: add more"):
        SPLITS[split](dataset(1 if split == "held-out" else 20, 0))


def test_a_part_that_was_made_for_training_has_none_to_validate_with_and_says_so():
    train = SPLITS["held-out"](dataset(600)).train
    again = Dataset("part", train, lambda: train)
    with pytest.raises(DataError, match=r"and 0 validation samples: .*, as x_val of a"):
        SPLITS["held-out"](again)
    splits = SPLITS["held-out"](replace(again, validation=train[:50]))
    assert (len(splits.train), len(splits.validation)) == (len(train) - 50, 50)


def test_an_unknown_split_is_one_sentence():
    with pytest.raises(DataError, match="Unknown split 'heldout'; did you mean 'held-out'"):
        DataSettings(split="heldout")


@pytest.mark.mnist
def test_writers_of_both_series_of_the_real_mnist_validate(real_mnist):
    found = mnist.load(real_mnist)
    try:
        writers = qmnist.writers(real_mnist)
    except DataError:
        pytest.skip("needs QMNIST's labels beside MNIST")
    validation = SPLITS["writers"](found).validation
    chosen = set(writers[validation.index].tolist())
    everyone = set(writers.tolist())
    for first, last in ((0, 288), (2100, 2349)):  # series hsf_0 and hsf_4
        series = {writer for writer in everyone if first <= writer <= last}
        assert 0.04 < len(chosen & series) / len(series) < 0.15
    assert 4000 < len(validation) < 6000
    assert validation.counts.min() > 350


@pytest.mark.mnist
def test_held_out_of_the_real_mnist_is_what_docs_say(real_mnist):
    splits = SPLITS["held-out"](mnist.load(real_mnist))
    assert (len(splits.train), len(splits.validation)) == (55_095, 4_905)
