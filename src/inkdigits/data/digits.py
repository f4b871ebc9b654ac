"""Labelled digits: pictures, what each is, and by what each is known.

A sample is known by the hash of its picture and its label, never by where it stands: splits,
comparisons, teachers and resumed runs go by that.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property

import numpy as np
import numpy.typing as npt

from ..alphabet import DIGITS, Alphabet
from ..errors import DataError

Bytes = npt.NDArray[np.uint8]
Index = npt.NDArray[np.int64]
Identities = npt.NDArray[np.bytes_]

MOST = 10_000_000  # samples of a data set
LARGEST = 1024  # pixels a side
HALF = 8  # bytes of an identity: the first say which picture, the others with which label
NONE = np.empty(0, np.int64)


@dataclass(frozen=True, eq=False)
class Digits:
    """Pictures of digits, or of any other classes, with their labels.

    Parameters
    ----------
    name
        What they are, such as ``"MNIST test"``.
    images
        ``(N, H, W)`` uint8, 0 for paper to 255 for ink.
    labels
        ``(N,)`` integers: which name of the alphabet each is.
    index
        ``(N,)`` int64, where each stands in what it was taken from.
    alphabet
        What the labels mean.

    Raises
    ------
    DataError
        If pictures, labels and alphabet do not belong together.

    Examples
    --------
    >>> import numpy as np
    >>> digits = Digits("two blanks", np.zeros((2, 28, 28), np.uint8), np.array([3, 7]))
    >>> digits
    Digits(two blanks: 2 of 28×28)
    >>> digits[1:].texts
    ['7']
    """

    name: str
    images: Bytes
    labels: npt.NDArray[np.integer]
    index: Index = field(default_factory=lambda: NONE)
    alphabet: Alphabet = DIGITS

    def __post_init__(self) -> None:
        if self.labels.ndim != 1 or self.labels.dtype.kind not in "iu":
            raise DataError(
                f"{self.name} needs one whole number a picture as its label; these labels are "
                f"{self.labels.dtype} of shape {self.labels.shape}."
            )
        count = len(self.labels)
        if self.images.ndim != 3 or len(self.images) != count or self.images.dtype != np.uint8:
            raise DataError(
                f"{self.name} needs uint8 pictures of shape ({count}, height, width), one for each "
                f"label; these are {self.images.dtype} of shape {self.images.shape}."
            )
        check_shape(self.name, self.images.shape)
        if count and not 0 <= int(self.labels.min()) <= int(self.labels.max()) < len(self.alphabet):
            outside = self.labels[(self.labels < 0) | (self.labels >= len(self.alphabet))][0]
            raise DataError(
                f"{self.name} has the label {outside}; labels are 0 to {len(self.alphabet) - 1}."
            )
        if not len(self.index):
            object.__setattr__(self, "index", np.arange(count, dtype=np.int64))

    def __len__(self) -> int:
        return len(self.labels)

    def __getitem__(self, which: slice | Index | npt.NDArray[np.bool_]) -> "Digits":
        part = replace(
            self, images=self.images[which], labels=self.labels[which], index=self.index[which]
        )
        if "identities" in self.__dict__:  # to hash a sample once is enough
            part.__dict__["identities"] = self.identities[which]
        return part

    def __repr__(self) -> str:
        return f"Digits({self.name}: {len(self):,} of {self.size[0]}×{self.size[1]})"

    def under(self, alphabet: Alphabet) -> "Digits":
        """Return the same samples, each labelled as `alphabet` labels the class of that name.

        Raises
        ------
        DataError
            If some are of a class that it has not.
        """
        if alphabet == self.alphabet:
            return self
        places = {name: place for place, name in enumerate(alphabet.names)}
        table = np.array([places.get(name, -1) for name in self.alphabet.names], np.int64)
        labels = table[self.labels]
        if (labels < 0).any():
            unknown = self.alphabet.names[int(self.labels[labels < 0][0])]
            raise DataError(
                f"{self.name} has the class {unknown!r}, which is not among "
                f"{_listed(alphabet.names)}: use data with these classes."
            )
        return self._carried(replace(self, labels=labels, alphabet=alphabet))

    def named(self, name: str) -> "Digits":
        """Return the same digits under another name."""
        return self._carried(replace(self, name=name))

    def _carried(self, same: "Digits") -> "Digits":
        """Return `same`, the same samples, with their identities if they are known already."""
        if "identities" in self.__dict__:  # to hash a sample once is enough
            same.__dict__["identities"] = self.identities
        return same

    @property
    def size(self) -> tuple[int, int]:
        """Height and width of every picture, in pixels."""
        return self.images.shape[1], self.images.shape[2]

    @property
    def are_symbols(self) -> npt.NDArray[np.bool_]:
        """Which are pictures of a symbol, and not of none or several, ``(N,)``."""
        return np.asarray(self.labels < len(self.alphabet.symbols))

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
    def identities(self) -> Identities:
        """By what each sample is known, ``(N,)`` of 16 bytes: a hash of its picture, one of both.

        The label enters by its name, so that a 7 is the same sample in every alphabet.
        """
        height, width = self.size
        size = height.to_bytes(4, "big") + width.to_bytes(4, "big")
        names = [name.encode() for name in self.alphabet.names]
        pictures = np.ascontiguousarray(self.images).reshape(len(self), height * width)
        found = []
        for picture, label in zip(pictures, self.labels.tolist(), strict=True):
            hashed = hashlib.blake2b(picture.data, digest_size=HALF, salt=size)
            which = hashed.digest()
            hashed.update(names[label])
            found.append(which + hashed.digest())
        return np.array(found, f"S{2 * HALF}")

    @property
    def picture_hashes(self) -> npt.NDArray[np.uint64]:
        """A hash of each picture, whatever its label, ``(N,)``: evenly spread over 64 bits."""
        if not len(self):
            return np.empty(0, np.uint64)
        return np.ascontiguousarray(self.identities).view(">u8")[::2].astype(np.uint64)

    @cached_property
    def digest(self) -> str:
        """The SHA-256 of all identities in their order: by this a set of digits is known."""
        return hashlib.sha256(np.ascontiguousarray(self.identities).tobytes()).hexdigest()


def check_shape(name: str, shape: tuple[int, ...]) -> None:
    """Refuse pictures ``(N, H, W)`` that are too many, too large, or have no pixels.

    Raises
    ------
    DataError
        If they are.
    """
    count, height, width = shape
    if count > MOST:
        raise DataError(f"{name} has {count:,} samples; {MOST:,} are allowed: use fewer.")
    if count and not 1 <= min(height, width) <= max(height, width) <= LARGEST:
        raise DataError(
            f"{name} has pictures of {height}×{width} pixels; 1 to {LARGEST:,} a side are allowed."
        )


def _listed(names: Sequence[str], most: int = 12) -> str:
    return ", ".join(names[:most]) + (" and more" if len(names) > most else "")
