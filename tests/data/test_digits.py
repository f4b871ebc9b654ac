import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from inkdigits.data import SPLITS, Dataset, Digits
from inkdigits.errors import DataError


def collection(count: int, tests: int = 100) -> Dataset:
    return Dataset("toy", blank(count), lambda: blank(tests, "toy test"))


def blank(count: int, name: str = "toy") -> Digits:
    labels = (np.arange(count) % 10).astype(np.uint8)
    return Digits(name, np.zeros((count, 28, 28), np.uint8), labels)


@given(st.integers(1, 2000))
def test_stratified_split_parts_the_training_half_and_keeps_every_class_alike(count):
    splits = SPLITS["held-out"](collection(count))
    both = np.concatenate([splits.train.index, splits.validation.index])
    assert sorted(both) == list(range(count))
    assert len(splits.validation) == -(-count // 12)
    assert np.ptp(splits.validation.counts) <= 2


def test_stratified_split_is_always_the_same():
    first, second = (SPLITS["held-out"](collection(600)) for _ in range(2))
    assert np.array_equal(first.validation.index, second.validation.index)


def test_stratified_split_never_opens_the_test_half():
    def opened() -> Digits:
        raise AssertionError("the test half was opened")

    splits = SPLITS["held-out"](Dataset("toy", blank(120), opened))
    assert len(splits.train) == 110
    with pytest.raises(AssertionError, match="opened"):
        _ = splits.test


def test_published_splits_say_that_they_validate_on_test_digits():
    assert not SPLITS["held-out"](collection(120)).validates_on_test
    assert SPLITS["validate-on-test"](collection(120)).validates_on_test
    assert SPLITS["first-5000"](collection(120)).validates_on_test


def test_first_5000_judges_on_a_half_that_it_did_not_validate_on():
    splits = SPLITS["first-5000"](collection(6000, 4000))
    assert list(splits.train.index) == list(range(5000))
    assert len(splits.validation) == 900
    assert len(splits.test) == 2000
    assert not set(splits.validation.index) & set(splits.test.index)


def test_digits_refuse_wrong_shapes_types_and_labels():
    images, labels = np.zeros((2, 28, 28), np.uint8), np.zeros(2, np.uint8)
    with pytest.raises(DataError, match="shape"):
        Digits("toy", images[:1], labels)
    with pytest.raises(DataError, match="uint8"):
        Digits("toy", images.astype(float), labels)
    with pytest.raises(DataError, match="label 12"):
        Digits("toy", images, labels + 12)


def test_a_part_of_digits_remembers_where_it_came_from():
    part = blank(50)[np.array([3, 30])]
    assert list(part[1:].index) == [30]
