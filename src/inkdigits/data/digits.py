"""Labelled digits and the ways to split them. Finding or making them is for the other modules here.

A collection has a training half and a test half. The test half is a function that nobody calls
before an evaluation does, so a model cannot be chosen on it by accident.
"""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from functools import cached_property

import numpy as np
import numpy.typing as npt

from ..alphabet import DIGITS, Alphabet
from ..errors import DataError, nearest
from ..limits import within

Bytes = npt.NDArray[np.uint8]
Index = npt.NDArray[np.int64]

SPLIT_SEED = 0  # every run is validated on the same digits, whatever its own seed


@dataclass(frozen=True, eq=False)
class Digits:
    """Pictures of digits with their labels.

    Parameters
    ----------
    name
        What they are, such as ``"MNIST test"``.
    images
        ``(N, 28, 28)`` uint8, 0 for paper to 255 for ink.
    labels
        ``(N,)`` uint8: which name of the alphabet each is.
    index
        ``(N,)`` int64, where each digit stands in the collection it was taken from.
    alphabet
        What the labels mean.
    """

    name: str
    images: Bytes
    labels: Bytes
    index: Index = field(default_factory=lambda: np.empty(0, np.int64))
    alphabet: Alphabet = DIGITS

    def __post_init__(self) -> None:
        count = len(self.labels)
        if self.images.shape != (count, 28, 28) or self.images.dtype != np.uint8:
            raise DataError(
                f"{self.name} needs uint8 pictures of shape ({count}, 28, 28), one a label; "
                f"these are {self.images.dtype} of shape {self.images.shape}."
            )
        if count and int(self.labels.max()) >= len(self.alphabet):
            raise DataError(
                f"{self.name} has the label {self.labels.max()}; its alphabet has "
                f"labels from 0 to {len(self.alphabet) - 1}: {', '.join(self.alphabet.names)}."
            )
        if not len(self.index):
            object.__setattr__(self, "index", np.arange(count, dtype=np.int64))

    def __len__(self) -> int:
        return len(self.labels)

    def __getitem__(self, which: slice | Index) -> "Digits":
        return replace(
            self, images=self.images[which], labels=self.labels[which], index=self.index[which]
        )

    def __repr__(self) -> str:
        return f"Digits({self.name}: {len(self):,} of 28×28)"

    def named(self, name: str) -> "Digits":
        """Return the same digits under another name."""
        return replace(self, name=name)

    @property
    def are_symbols(self) -> npt.NDArray[np.bool_]:
        """Which are pictures of a symbol, and not of none or several, ``(N,)``."""
        return self.labels < len(self.alphabet.symbols)

    @property
    def texts(self) -> list[str]:
        """What each label says."""
        return [self.alphabet.names[label] for label in self.labels]

    @property
    def counts(self) -> Index:
        """How many there are of each symbol of the alphabet, in its order."""
        symbols = self.labels[self.are_symbols]
        return np.bincount(symbols, minlength=len(self.alphabet.symbols)).astype(np.int64)

    @cached_property
    def checksum(self) -> str:
        """SHA-256 of the pictures followed by the labels."""
        digest = hashlib.sha256(np.ascontiguousarray(self.images).data)
        digest.update(np.ascontiguousarray(self.labels).data)
        return digest.hexdigest()


@dataclass(frozen=True)
class Collection:
    """A training half, read at once, and a test half, read when it is asked for."""

    name: str
    training: Digits
    open_test: Callable[[], Digits]


@dataclass(frozen=True)
class Splits:
    """The three parts of a collection: to learn from, to choose by, to be judged on."""

    train: Digits
    validation: Digits
    open_test: Callable[[], Digits]
    validates_on_test: bool = False

    @cached_property
    def test(self) -> Digits:
        """The test part; opened on first use."""
        return self.open_test()

    def __repr__(self) -> str:
        return f"Splits(train={self.train!r}, validation={self.validation!r}, test unopened)"


def stratified(collection: Collection) -> Splits:
    """Keep a twelfth of every class of the training half for validation (55,000 and 5,000)."""
    whole = collection.training
    shuffled = np.random.default_rng(SPLIT_SEED).permutation(len(whole))
    by_class = shuffled[np.argsort(whole.labels[shuffled], kind="stable")]
    held = np.zeros(len(whole), bool)
    held[by_class[::12]] = True
    return Splits(
        train=whole[np.flatnonzero(~held)].named(f"{collection.name} train"),
        validation=whole[np.flatnonzero(held)].named(f"{collection.name} validation"),
        open_test=collection.open_test,
    )


def validate_on_test(collection: Collection) -> Splits:
    """Train on all and validate on the test half, as systems B, C and D were published."""
    test = collection.open_test()
    return Splits(
        train=collection.training.named(f"{collection.name} train"),
        validation=test,
        open_test=lambda: test,
        validates_on_test=True,
    )


def first_5000(collection: Collection) -> Splits:
    """Train on the first 5,000 digits; validate on 900 of one random half of the test digits.

    The other half is the test: system A as published.
    """
    test = collection.open_test()
    order = np.random.default_rng(SPLIT_SEED).permutation(len(test))
    half = len(test) // 2
    judged = test[np.sort(order[half:])].named(f"{collection.name} test, one half")
    return Splits(
        train=collection.training[:5000].named(f"{collection.name} train, first 5,000"),
        validation=test[order[:half][:900]].named(f"{collection.name} test, other half"),
        open_test=lambda: judged,
        validates_on_test=True,
    )


SPLITS: dict[str, Callable[[Collection], Splits]] = {
    "stratified": stratified,
    "validate-on-test": validate_on_test,
    "first-5000": first_5000,
}


MADE = ("lines", "pages")  # what is made as it is asked for, and no collection
MAX_SAMPLES = 1_000_000  # of an epoch
MAX_VALIDATION = 50_000  # as all of them are kept in memory


@dataclass(frozen=True)
class DataSettings:
    """Which digits, and how they are split; or how many lines or pages are made."""

    name: str = "mnist"
    split: str = "stratified"
    samples: int = 0  # of lines or pages, in an epoch
    validation: int = 0  # of lines or pages to be validated on, and as many to be judged on

    def __post_init__(self) -> None:
        if self.split not in SPLITS:
            raise DataError(f"No split is called {self.split!r}; {nearest(self.split, SPLITS)}")
        made = self.name in MADE
        if made and min(self.samples, self.validation) < 2:
            raise DataError(
                f"{self.name.capitalize()} are made as they are asked for: set data.samples and "
                "data.validation to how many, 2 or more."
            )
        within("data.samples", self.samples, 0, MAX_SAMPLES)
        within("data.validation", self.validation, 0, MAX_VALIDATION)
        if not made and (self.samples or self.validation):
            raise DataError(
                "data.samples and data.validation are of what is made as it is asked for, "
                f"{' and '.join(MADE)}: {self.name} has as many as it has."
            )

    @property
    def task(self) -> str:
        """What they are pictures of: ``"symbols"``, ``"lines"`` or ``"pages"``."""
        return self.name if self.name in MADE else "symbols"
