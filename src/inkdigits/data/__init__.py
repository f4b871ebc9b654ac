"""Labelled digits: where they come from, how they are split, how they are warped."""

from pathlib import Path

import numpy as np

from ..errors import DataError, nearest
from .digits import SPLITS, Collection, Digits, Splits

__all__ = [
    "NAMES",
    "SPLITS",
    "Collection",
    "Digits",
    "Splits",
    "describe",
    "load_collection",
    "load_digits",
]

NAMES = ("mnist", "pens", "mixture", "own", "mnist+own")


def load_collection(name: str = "mnist", folder: str | Path | None = None) -> Collection:
    """Return the collection called `name`, one of `NAMES`; ``"pens"`` needs no files.

    Raises
    ------
    DataError
        If the name is unknown or the digits cannot be had.
    """
    if name == "mnist":
        from . import mnist

        return mnist.load(None if folder is None else Path(folder))
    if name == "pens":
        from . import pens

        return pens.load()
    if name == "mixture":
        from . import mixture

        return mixture.load(None if folder is None else Path(folder))
    if name in ("own", "mnist+own"):
        from . import own

        place = None if folder is None else Path(folder)
        digits = own.load(place)
        return digits if name == "own" else _beside_mnist(digits, place)
    raise DataError(f"No digits are called {name!r}; {nearest(name, NAMES)}")


def _beside_mnist(own: Collection, folder: Path | None) -> Collection:
    """Return MNIST with digits of one's own behind its training half; it is tested as MNIST is."""
    from . import mnist

    digits = mnist.load(folder if folder is not None and mnist.find(folder) else None)
    parts = digits.training, own.training
    training = Digits(
        "MNIST and own training",
        np.concatenate([part.images for part in parts]),
        np.concatenate([part.labels for part in parts]),
    )
    return Collection("MNIST and own", training, digits.open_test)


def describe(
    name: str = "mnist", folder: str | Path | None = None
) -> tuple[str, tuple[str, ...], list[list[str]]]:
    """Return where digits come from, their symbols, and a row for each half of them.

    A row holds the part, how many, how many of each class, the mean and the standard deviation of
    the pixels in [0, 1], and the SHA-256 of pictures and labels.
    """
    collection = load_collection(name, folder)
    place = "strokes, seed 0; no files"
    if name == "own":
        place = str(folder)
    elif name != "pens":
        from . import mnist

        place = str(mnist.find(None if folder is None else Path(folder)))
    if name == "mixture":
        place += ", with pens, print, and pictures of no digit, which are in no class below"
    rows = []
    for part, digits in (("training", collection.training), ("test", collection.open_test())):
        pixels = digits.images / 255.0 if len(digits) else np.zeros(1)
        figures = [f"{pixels.mean():.4f}", f"{pixels.std():.4f}", digits.checksum[:16]]
        rows.append([part, str(len(digits)), *map(str, digits.counts), *figures])
    return place, collection.training.alphabet.symbols, rows


def load_digits(
    name: str = "mnist", split: str = "stratified", folder: str | Path | None = None
) -> Splits:
    """Return digits in three parts: ``train``, ``validation`` and ``test``.

    Parameters
    ----------
    name
        ``"mnist"``, ``"pens"``, or, in `folder`, ``"own"`` digits or ``"mnist+own"``.
    split
        ``"stratified"`` (55,000 and 5,000 of the training half), or one of the splits that
        published systems used: ``"validate-on-test"``, ``"first-5000"``.
    folder
        Where MNIST lies; by default it is searched for and, if need be, downloaded.

    Returns
    -------
    Splits
        Each part is a `Digits`: ``images`` (N, 28, 28) uint8 and ``labels`` (N,) uint8. The
        test part is read when it is first used.

    Raises
    ------
    DataError
        If a name is unknown or the digits cannot be had.
    """
    if split not in SPLITS:
        raise DataError(f"No split is called {split!r}; {nearest(split, SPLITS)}")
    return SPLITS[split](load_collection(name, folder))
