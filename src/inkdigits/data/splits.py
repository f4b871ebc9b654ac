"""The ways to split a data set. Which samples validate is a function of the samples alone."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np

from ..errors import DataError
from .dataset import VALIDATION, Dataset, Splits
from .digits import Digits

SPLIT_SEED = 0  # every run is validated on the same digits, whatever its own seed


def held_out(dataset: Dataset) -> Splits:
    """Hold back one training sample of twelve for validation, by the hash of its picture.

    So a sample that is added moves no other, and the same picture never stands on both sides.
    Where its author holds samples back these validate, and none of their pictures is trained on.
    """
    whole = dataset.training
    if dataset.validation is not None:
        seen = np.isin(whole.picture_hashes, dataset.validation.picture_hashes)
        return _splits(dataset, whole[np.flatnonzero(~seen)], dataset.validation)
    held = whole.picture_hashes % VALIDATION == 0
    return _splits(dataset, whole[np.flatnonzero(~held)], whole[np.flatnonzero(held)])


def by_writers(dataset: Dataset) -> Splits:
    """Hold back all digits of one writer of twelve, so that validation is of hands never seen.

    Raises
    ------
    DataError
        If it is not known who wrote the digits.
    """
    if dataset.open_writers is None:
        raise DataError(f"The writers of {dataset.name} are unknown: set data.split to held-out.")
    writers = dataset.open_writers().astype(np.uint64)
    if len(writers) != len(dataset.training):
        raise DataError(
            f"{dataset.name} has {len(writers):,} writer labels for {len(dataset.training):,} "
            "training samples: set data.split to held-out."
        )
    # Numbers of writers run through both of NIST's series: an even spread takes of each.
    spread = (writers * np.uint64(0x9E3779B97F4A7C15)) >> np.uint64(40)
    held = spread % VALIDATION == 0
    whole = dataset.training
    return _splits(dataset, whole[np.flatnonzero(~held)], whole[np.flatnonzero(held)])


def validate_on_test(dataset: Dataset) -> Splits:
    """Train on all and validate on the test split, as systems B, C and D were published."""
    test = dataset.open_test()
    splits = _splits(dataset, dataset.training, test)
    return replace(splits, validation=test, open_test=lambda: test, validates_on_test=True)


def first_5000(dataset: Dataset) -> Splits:
    """Train on the first 5,000 digits; validate on 900 of one random half of the test split.

    The other half is the test: system A as published.
    """
    test = dataset.open_test()
    order = np.random.default_rng(SPLIT_SEED).permutation(len(test))
    half = len(test) // 2
    tested_on = test[np.sort(order[half:])].named(f"{dataset.name} test, one half")
    splits = _splits(dataset, dataset.training[:5000], test[order[:half][:900]])
    return Splits(
        train=splits.train.named(f"{dataset.name} train, first 5,000"),
        validation=splits.validation.named(f"{dataset.name} test, other half"),
        open_test=lambda: tested_on,
        validates_on_test=True,
    )


SPLITS: dict[str, Callable[[Dataset], Splits]] = {
    "held-out": held_out,
    "writers": by_writers,
    "validate-on-test": validate_on_test,
    "first-5000": first_5000,
}


def _splits(dataset: Dataset, train: Digits, validation: Digits) -> Splits:
    if not len(train) or not len(validation):
        raise DataError(
            f"{dataset.name} has {len(train):,} training and {len(validation):,} validation "
            "samples: add more, or hold some out yourself, as x_val of a .npz file or in a "
            "folder val."
        )
    return Splits(
        train=train.named(f"{dataset.name} train"),
        validation=validation.named(f"{dataset.name} validation"),
        open_test=dataset.open_test,
    )
