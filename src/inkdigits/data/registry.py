"""The data sets that are known by name, and those that lie in files: one way to ask for either."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from ..alphabet import DIGITS
from ..errors import DataError, FileError, nearest
from . import arrays, folders, idx, mnist
from .dataset import Dataset, Splits, joined
from .digits import Bytes
from .published import Published
from .relatives import RELATIVES
from .splits import SPLITS

PART = 10_000  # pictures that are looked at together
USER_DIGITS = "user_digits"  # the folder in which the page keeps corrected digits
LEAST = 10  # samples of a class, below which nothing can be learned of it

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
    "synthetic": Known(
        "70,000 synthetic digits, drawn from strokes; no files are needed", _synthetic
    ),
    "mixture": Known(
        "MNIST, synthetic and printed digits, pictures without a digit: for reject classes",
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
    if text in KNOWN and not isinstance(name, Path):
        return KNOWN[text].load(download)
    if _exists(text):
        return _from_path(Path(text))
    parts = _parted(text)
    if parts is not None:
        first, second = (load_dataset(part, download=download) for part in parts)
        return joined(first, second)
    looks_like_path = isinstance(name, Path) or any(sign in text for sign in "/\\.")
    if looks_like_path:
        raise DataError(f"There is no data set at {text}: check the path.")
    if text == USER_DIGITS:
        raise DataError(
            f"There is no folder {USER_DIGITS} here: correct a digit on the page of "
            "`inkdigits serve`, which makes it, or name another data set."
        )
    raise DataError(f"Unknown data set {text!r}; {nearest(text, KNOWN)}")


def _parted(text: str) -> tuple[str, str] | None:
    """Return the two data sets that are joined by a plus, which may be part of a path as well."""
    places = [at for at, sign in enumerate(text) if sign == "+" and 0 < at < len(text) - 1]
    if not places:
        return None
    known = (at for at in places if text[:at] in KNOWN or _exists(text[:at]))
    at = next(known, places[0])
    return text[:at], text[at + 1 :]


def _exists(text: str) -> bool:
    try:
        return bool(text.strip()) and Path(text).exists()
    except (OSError, ValueError):  # a name too long, or with a character that no path has
        return False


def _from_path(path: Path) -> Dataset:
    if path.is_file() and path.suffix.lower() == ".npz":
        return arrays.load(path)
    if not path.is_dir():
        raise DataError(
            f"{path} is not a data set: use a .npz file, a folder of IDX files, or a folder with "
            "one folder for each class."
        )
    try:
        recognised = [one for one in (mnist.MNIST, *RELATIVES) if _holds(path, one)]
        if len(recognised) > 1:
            raise DataError(
                f"{path} holds several data sets ({', '.join(one.key for one in recognised)}): "
                "put the files of each into a folder of its name, and use one of these."
            )
        if recognised:
            one = recognised[0]
            return mnist.load(path) if one is mnist.MNIST else one.load(path)
        return idx.load(path) if idx.prefixes(path) else folders.load(path)
    except OSError as error:
        raise FileError(
            f"Cannot list {path}: {error.strerror or error}; check its permissions."
        ) from error


def _holds(folder: Path, published: Published) -> bool:
    place = published.find(folder)
    return place is not None and published.holds(place)


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
    deviation of the pixels in [0, 1], and how its digest begins. Nothing is downloaded.

    Raises
    ------
    DataError
        If there is no such data set on this machine, or if it is damaged.
    """
    dataset = load_dataset(name, download=False)
    test = dataset.open_test()
    rows = []
    parts = {"training": dataset.training, "validation": dataset.validation, "test": test}
    for part, digits in parts.items():
        if digits is None:
            continue
        figures = [f"{value:.4f}" for value in mean_and_std(digits.images)]
        rows.append([part, str(len(digits)), *map(str, digits.counts), *figures,
                     digits.digest[:16]])  # fmt: skip
    shared = np.isin(test.picture_hashes, dataset.training.picture_hashes)
    return dataset, rows, int(shared.sum())


def mean_and_std(images: Bytes) -> tuple[float, float]:
    """Return mean and standard deviation of all pixels in [0, 1]; of no pixels both are 0."""
    counts = np.zeros(256)
    for at in range(0, len(images), PART):  # bytes are counted, so that no float of each is kept
        counts += np.bincount(images[at : at + PART].ravel(), minlength=256)
    values = np.arange(256) / 255
    mean = float(counts @ values / max(counts.sum(), 1))
    return mean, float(np.sqrt(counts @ (values - mean) ** 2 / max(counts.sum(), 1)))


def check_trainable(dataset: Dataset, minimum: int = LEAST) -> None:
    """Refuse a data set that has too few samples of a class to learn it.

    Raises
    ------
    DataError
        If so; the sentence says of which, and how many there are.
    """
    counts = dataset.training.counts
    if int(counts.min()) < minimum:
        rare, symbols = int(counts.argmin()), dataset.training.alphabet.symbols
        others = ""
        if set(symbols) <= set(DIGITS.symbols):
            others = ", or train on MNIST as well with `--data mnist+PATH`"
        raise DataError(
            f"{dataset.name} has {counts[rare]} training samples of the class {symbols[rare]!r}; "
            f"{minimum} are needed: add more{others}."
        )
