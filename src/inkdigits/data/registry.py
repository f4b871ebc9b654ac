"""The data sets that are known by name, and those that lie in files: one way to ask for either."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from ..errors import DataError, nearest
from . import arrays, folders, idx, mnist
from .dataset import Dataset, Splits, joined
from .published import Published
from .relatives import RELATIVES
from .splits import SPLITS

Load = Callable[[bool], Dataset]  # with or without downloading what is not there


@dataclass(frozen=True)
class Known:
    """A data set that is known by name: what it is, in a line, and how to get it."""

    about: str
    load: Load


def _synthetic(_: bool) -> Dataset:
    from . import synthetic

    return synthetic.load()


def _mixture(download: bool) -> Dataset:
    from . import mixture

    return mixture.load(download=download)


def _relative(published: Published) -> Known:
    return Known(published.about, lambda download: published.load(download=download))


KNOWN: dict[str, Known] = {
    "mnist": Known(mnist.MNIST.about, lambda download: mnist.load(download=download)),
    "synthetic": Known("70,000 digits written from strokes; needs no files", _synthetic),
    "mixture": Known(
        "MNIST, synthetic digits, print, and pictures of no digit: for a network that rejects",
        _mixture,
    ),
    **{published.key: _relative(published) for published in RELATIVES},
}


def published(name: str) -> Published | None:
    """Return the data set of that name if it is one that can be downloaded, else None."""
    everything = {one.key: one for one in (mnist.MNIST, *RELATIVES)}
    return everything.get(name)


def load_dataset(name: str | Path = "mnist", *, download: bool = True) -> Dataset:
    """Return a data set.

    Parameters
    ----------
    name
        A known name (`KNOWN`); or the path of IDX files in a folder, of a ``.npz`` file, or of a
        folder of class folders; or two of these with a ``+`` between: the first, with the training
        samples of the second added to it.
    download
        Whether to fetch what is known by name and not on this machine.

    Raises
    ------
    DataError
        If there is no such data set, or if it cannot be had, or is damaged.
    """
    text = str(name)
    if text in KNOWN:
        return KNOWN[text].load(download)
    path = Path(text)
    if _exists(path):
        return _from_path(path)
    first, plus, second = text.partition("+")
    if plus and first and second:
        return joined(
            load_dataset(first, download=download), load_dataset(second, download=download)
        )
    looks_like_path = isinstance(name, Path) or any(sign in text for sign in "/\\.")
    if looks_like_path:
        raise DataError(f"There is no data set at {text}: check the path.")
    raise DataError(f"Unknown data set {text!r}; {nearest(text, KNOWN)}")


def _exists(path: Path) -> bool:
    try:
        return path.exists()
    except (OSError, ValueError):  # a name too long, or with a character that no path has
        return False


def _from_path(path: Path) -> Dataset:
    if path.is_file():
        if path.suffix.lower() == ".npz":
            return arrays.load(path)
        raise DataError(
            f"{path} is no data set: name a .npz file, a folder of IDX files, or one with a folder "
            "for each class."
        )
    try:
        place = mnist.find(path)
        if place is not None and mnist.MNIST.holds(place):
            return mnist.load(path)
        if "training" in idx.prefixes(path):
            return idx.load(path)
        return folders.load(path)
    except PermissionError as error:
        raise DataError(f"{path} cannot be looked into: check its permissions.") from error


def load_splits(name: str | Path, split: str = "held-out", *, sealed: bool = False) -> Splits:
    """Return a data set in three splits; if `sealed`, whoever asks for its test split is at fault.

    Raises
    ------
    DataError
        If a name is unknown, or the data cannot be had.
    """
    if split not in SPLITS:
        raise DataError(f"Unknown split {split!r}; {nearest(split, SPLITS)}")
    dataset = load_dataset(name)
    return SPLITS[split](dataset.sealed() if sealed else dataset)


def load_digits(name: str | Path = "mnist", split: str = "held-out") -> Splits:
    """Return a data set in three splits: ``train``, ``validation`` and ``test``.

    Parameters
    ----------
    name
        A known name, such as ``"mnist"``, ``"synthetic"`` or ``"fashion-mnist"``; or the path of a
        folder or file; see `load_dataset`.
    split
        ``"held-out"`` (one training sample of twelve validates, whichever its picture's hash
        says), ``"writers"`` (MNIST alone: all digits of one writer of twelve validate), or one of
        the splits that published systems used: ``"validate-on-test"``, ``"first-5000"``.

    Returns
    -------
    Splits
        Each part is a `Digits`: ``images`` (N, H, W) uint8 and ``labels`` (N,). The test split is
        read when it is first used.

    Raises
    ------
    DataError
        If a name is unknown or the data cannot be had.

    Examples
    --------
    >>> from inkdigits import load_digits
    >>> digits = load_digits("synthetic")
    >>> digits.validation.size
    (28, 28)
    """
    return load_splits(name, split)


def describe(name: str | Path = "mnist") -> tuple[Dataset, list[list[str]], int]:
    """Return a data set, a row for each of its splits, and how many test pictures train, too.

    A row holds the split, how many samples, how many of each class, the mean and the standard
    deviation of the pixels in [0, 1], and how its digest begins.
    """
    dataset = load_dataset(name)
    test = dataset.open_test()
    rows = []
    parts = {"training": dataset.training, "validation": dataset.validation, "test": test}
    for part, digits in parts.items():
        if digits is None:
            continue
        pixels = digits.images / 255.0 if len(digits) else np.zeros(1)
        figures = [f"{pixels.mean():.4f}", f"{pixels.std():.4f}", digits.digest[:16]]
        rows.append([part, str(len(digits)), *map(str, digits.counts), *figures])
    shared = np.isin(test.picture_hashes, dataset.training.picture_hashes)
    return dataset, rows, int(shared.sum())


def check_trainable(dataset: Dataset, least: int = 10) -> None:
    """Refuse a data set that has too few samples of a class to learn it.

    Raises
    ------
    DataError
        If so; the sentence says of which, and how many there are.
    """
    counts = dataset.training.counts
    if int(counts.min()) < least:
        rare = int(counts.argmin())
        raise DataError(
            f"{dataset.name} has {counts[rare]} training samples of "
            f"{dataset.training.alphabet.symbols[rare]!r}; {least} are needed: add more, or learn "
            "from another data set as well, such as `--data mnist+PATH`."
        )
