"""IDX files, the form in which MNIST and its relatives are published: found, read, checked."""

import gzip
import zlib
from pathlib import Path
from typing import IO

import numpy as np
import numpy.typing as npt

from ..alphabet import MAX_SYMBOLS, Alphabet
from ..errors import DataError, FileError
from .dataset import Dataset, tested
from .digits import Digits

Values = npt.NDArray[np.integer]

KINDS: dict[int, np.dtype[np.integer]] = {
    0x08: np.dtype(np.uint8),
    0x0C: np.dtype(">i4"),
}  # the third byte: what values are
MOST = 1 << 31  # bytes of one unpacked file: 2.7 million pictures of 28×28
PIECE = 1 << 24  # bytes that are unpacked at a time
IMAGES = "images-idx3-ubyte"
LABELS = ("labels-idx1-ubyte", "labels-idx2-int")
SPLITS = (("train", "training"), ("t10k", "test"), ("test", "test"))  # as files are called


def read(path: Path) -> Values:
    """Return the values of an IDX file, gzipped or not, after every check that can be made.

    Raises
    ------
    DataError
        If it is no IDX file, or truncated, too long or too large.
    FileError
        If it cannot be read.
    """
    try:
        with path.open("rb") as raw:
            if raw.read(2) != b"\x1f\x8b":
                raw.seek(0)
                return _read(raw, path)
            raw.seek(0)
            with gzip.open(raw) as packed:
                return _read(packed, path)
    except (EOFError, zlib.error, gzip.BadGzipFile) as error:
        raise DataError(f"{path} is truncated or damaged: replace it.") from error
    except OSError as error:
        raise FileError(
            f"Cannot read {path}: {error.strerror or error}; check its permissions."
        ) from error
    except MemoryError as error:
        raise DataError(
            f"{path} needs more memory than is available: use a smaller file."
        ) from error


def _read(file: IO[bytes] | gzip.GzipFile, path: Path) -> Values:
    head = file.read(4)
    kind = KINDS.get(head[2]) if len(head) == 4 and head[:2] == b"\0\0" else None
    if kind is None or not 1 <= head[3] <= 3:
        raise DataError(f"{path} is not an IDX file of bytes or of 32-bit integers: replace it.")
    sizes = file.read(4 * head[3])
    if len(sizes) < 4 * head[3]:
        raise DataError(f"{path} is truncated: replace it.")
    shape = tuple(int(size) for size in np.frombuffer(sizes, ">u4"))
    wanted = int(np.prod(shape, dtype=object)) * kind.itemsize
    if wanted > MOST:
        raise DataError(
            f"{path} declares {wanted:,} bytes of values; {MOST:,} are allowed: replace it."
        )
    content = bytearray()  # grows with what is there, whatever the beginning promises
    while len(content) < wanted and (piece := file.read(min(PIECE, wanted - len(content)))):
        content += piece
    # One byte more shows that a file is too long; more is never unpacked.
    if len(content) < wanted or file.read(1):
        state = "truncated" if len(content) < wanted else "too long"
        raise DataError(
            f"{path} is {state}: it should hold {wanted:,} bytes of values; replace it."
        )
    try:
        return np.frombuffer(content, kind).reshape(shape)
    except ValueError as error:  # a product of 0 with sizes beyond any array
        raise DataError(f"{path} declares the impossible shape {shape}: replace it.") from error


def locate(folder: Path, name: str) -> Path | None:
    """Return where the file `name` lies in `folder`, under any of the names it goes by, or None."""
    dotted = name.replace("-idx", ".idx")
    for candidate in (name, f"{name}.gz", dotted, f"{dotted}.gz"):
        try:
            if (folder / candidate).is_file():
                return folder / candidate
        except OSError:  # a folder we may not look into holds nothing for us
            return None
    return None


def prefixes(folder: Path) -> dict[str, list[str]]:
    """Return how names of files in `folder` begin, by split: ``{"training": ["train-"]}``."""
    found: dict[str, list[str]] = {}
    for path in sorted(folder.iterdir()):
        name = path.name.removesuffix(".gz").replace(".idx", "-idx")
        start = name.removesuffix(IMAGES)
        if start == name:
            continue
        for word, split in SPLITS:
            if start.endswith(f"{word}-") and start not in found.get(split, []):
                found.setdefault(split, []).append(start)
    return found


def load(folder: Path) -> Dataset:
    """Return the data set whose IDX files lie in `folder`; labels are its classes, from 0.

    Without test files a sixth is the test split.

    Raises
    ------
    DataError
        If there are files of several data sets, or if they do not belong together.
    """
    found, name = prefixes(folder), folder.resolve().name
    if "training" not in found:
        raise DataError(
            f"{folder} has only test files: add the training files, such as train-{IMAGES}."
        )
    several = next((starts for starts in found.values() if len(starts) > 1), None)
    if several is not None:
        raise DataError(
            f"{folder} holds files of several data sets ({', '.join(several)}): put the files "
            "of each into a folder of their own."
        )
    training = digits(folder, found["training"][0], f"{name} training")
    if "test" not in found:
        return tested(training, name, place=str(folder))
    start, alphabet = found["test"][0], training.alphabet

    def test() -> Digits:
        return digits(folder, start, f"{name} test", alphabet)

    return Dataset(name, training, test, place=str(folder))


def digits(
    folder: Path, start: str, name: str, alphabet: Alphabet | None = None, first: int = 0
) -> Digits:
    """Return the pictures and labels of the two files whose names begin with `start`.

    Parameters
    ----------
    folder, start
        Where they lie, and how their names begin.
    name
        What to call the digits.
    alphabet
        What the labels mean; by default ``0`` to the greatest.
    first
        The label of the first class in the file.

    Raises
    ------
    DataError
        If a file is missing or damaged, or if the two do not belong together.
    """
    images, path = _named(folder, start, (IMAGES,))
    labels, source = _named(folder, start, LABELS)
    return labelled(name, images, labels, (path, source), alphabet, first)


def labelled(
    name: str,
    images: Values,
    labels: Values,
    sources: tuple[Path, Path],
    alphabet: Alphabet | None = None,
    first: int = 0,
) -> Digits:
    """Return pictures with their labels; `sources` are the files that they were read from.

    Raises
    ------
    DataError
        If the two do not belong together.
    """
    path, source = sources
    labels = labels[:, 0] if labels.ndim == 2 and labels.shape[1] else labels
    if images.ndim != 3 or images.dtype != np.uint8 or labels.ndim != 1:
        raise DataError(f"{path} and {source} do not hold pictures and labels: replace them.")
    if len(images) != len(labels):
        raise DataError(
            f"{path} has {len(images):,} pictures and {source} has {len(labels):,} labels: "
            "replace one of them."
        )
    labels = labels.astype(np.int64) - first
    least, most = int(labels.min(initial=0)), int(labels.max(initial=1))
    if alphabet is None and most < MAX_SYMBOLS:
        alphabet = Alphabet(tuple(map(str, range(max(most, 1) + 1))))
    if alphabet is None or least < 0 or most >= len(alphabet):
        classes = MAX_SYMBOLS if alphabet is None else len(alphabet)
        raise DataError(
            f"{source} has the label {(least if least < 0 else most) + first}; labels are {first} "
            f"to {classes - 1 + first}: replace it."
        )
    return Digits(name, np.ascontiguousarray(images), labels, alphabet=alphabet)


def _named(folder: Path, start: str, ends: tuple[str, ...]) -> tuple[Values, Path]:
    for end in ends:
        path = locate(folder, start + end)
        if path is not None:
            return read(path), path
    raise DataError(f"{folder} lacks {start}{ends[0]}: add it, gzipped or not.")
