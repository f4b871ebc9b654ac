"""A data set: what is learned from, what is chosen by, and a test split that is read last.

The test split is a function that nobody calls before an evaluation does, so a model cannot be
chosen on it by accident.
"""

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from functools import cached_property
from typing import NoReturn

import numpy as np

from ..errors import DataError
from .digits import Digits, Index

VALIDATION = 12  # one of so many training samples is held back for validation
TEST = 6  # one of so many is the test split of what comes without one


@dataclass(frozen=True)
class Dataset:
    """A training split, read at once, and a test split, read when it is asked for.

    Attributes
    ----------
    name
        As a person calls it, such as ``"Fashion-MNIST"``.
    training
        All that may be learned from or chosen by.
    open_test
        Returns the test split.
    validation
        What its author holds back for validation; mostly None.
    open_writers
        Returns the writer of each training sample, ``(N,)``; None where nobody knows.
    place
        Where it comes from, for a person.
    note
        What was done to it that whoever uses it should know; mostly nothing.
    """

    name: str
    training: Digits
    open_test: Callable[[], Digits]
    validation: Digits | None = None
    open_writers: Callable[[], Index] | None = None
    place: str = ""
    note: str = ""

    def sealed(self) -> "Dataset":
        """Return the same without a test split: whoever asks for it is at fault."""
        return replace(self, open_test=_refuse)


@dataclass(frozen=True)
class Splits:
    """The three splits of a data set: to learn from, to choose by, to be tested on."""

    train: Digits
    validation: Digits
    open_test: Callable[[], Digits]
    validates_on_test: bool = False

    @cached_property
    def test(self) -> Digits:
        """The test split; opened on first use."""
        return self.open_test()

    def __repr__(self) -> str:
        return f"Splits(train={self.train!r}, validation={self.validation!r}, test unopened)"


def tested(
    whole: Digits, name: str, place: str = "", note: str = "", validation: Digits | None = None
) -> Dataset:
    """Return a data set of samples that come without a test split: it gets a sixth of them.

    Which those are follows from the pictures alone, so what was learned from is never tested on,
    however many come later.
    """
    held = (whole.picture_hashes // VALIDATION) % TEST == 0
    training = whole[np.flatnonzero(~held)].named(f"{name} training")
    return Dataset(
        name,
        training,
        lambda: whole[np.flatnonzero(held)].named(f"{name} test"),
        validation,
        place=place,
        note=note,
    )


def joined(first: Dataset, second: Dataset) -> Dataset:
    """Return a data set that learns from both and is tested as the first one is.

    Raises
    ------
    DataError
        If the second has classes or pictures that the first does not know.
    """
    if second.training.size != first.training.size:
        (high, wide), (rows, columns) = first.training.size, second.training.size
        raise DataError(
            f"{second.name} has pictures of {rows}×{columns} pixels and {first.name} of "
            f"{high}×{wide}: both must have one size."
        )
    parts = first.training, second.training.under(first.training.alphabet)
    name = f"{first.name} and {second.name}"
    training = Digits(
        f"{name} training",
        np.concatenate([part.images for part in parts]),
        np.concatenate([part.labels for part in parts]),
        alphabet=parts[0].alphabet,
    )
    places = "; ".join(filter(None, (first.place, second.place)))
    notes = " ".join(filter(None, (first.note, second.note)))
    return Dataset(name, training, first.open_test, first.validation, place=places, note=notes)


def in_order(names: Iterable[str]) -> list[str]:
    """Return names as a person orders them: numbers within them by what they count, 2 before 10."""

    def parts(name: str) -> list[tuple[bool, int, str]]:
        found = []
        for piece in filter(None, re.split("([0-9]+)", name)):
            number = piece.lstrip("0") if piece[0] in "0123456789" else None
            found.append((True, 0, piece) if number is None else (False, len(number), number))
        return found

    return sorted(names, key=lambda name: (parts(name), name))


def _refuse() -> NoReturn:
    raise DataError(
        "This split validates on test samples, which must not be used to choose anything: set "
        "data.split to held-out."
    )
