"""Digits of one's own: a folder with folders 0 to 9, each full of 28×28 PNG files.

The page keeps there what its reader corrects; anyone may put more of the kind that
`inkdigits read --seen` writes.
"""

import hashlib
import io
from pathlib import Path

import numpy as np
from PIL import Image

from ..alphabet import DIGITS
from ..errors import DataError, FileError
from ..files import write_bytes
from .digits import Bytes, Collection, Digits

LEAST = 10  # of each class, to learn from them alone
TESTED = 6  # a sixth is the test half


def keep(folder: Path, seen: Bytes, label: int) -> Path:
    """Keep a picture ``(28, 28)`` uint8, 0 paper to 255 ink, as a digit, and return its file.

    The file is named by what is in it: the same picture twice is one file, and it leaves the
    folder of another label.

    Raises
    ------
    DataError
        If it is no such picture or label.
    FileError
        If it cannot be written.
    """
    if seen.shape != (28, 28) or seen.dtype != np.uint8 or not 0 <= label < len(DIGITS):
        raise DataError(
            "A digit to keep is 28×28 bytes, and its label one of "
            f"{', '.join(DIGITS.symbols)}: read it again."
        )
    name = f"{hashlib.sha256(seen.tobytes()).hexdigest()[:16]}.png"
    file = io.BytesIO()
    Image.fromarray(seen).save(file, "PNG")
    path = folder / DIGITS.symbols[label] / name
    write_bytes(path, file.getvalue())
    for other in DIGITS.symbols:
        if other != DIGITS.symbols[label]:
            _remove(folder / other / name)
    return path


def _remove(path: Path) -> None:
    try:
        path.unlink(missing_ok=True)
    except OSError as error:
        raise FileError(f"Cannot remove {path}: {error.strerror}; remove it yourself.") from error


def files(folder: Path) -> list[Path]:
    """Return the files of all digits in `folder`, class by class."""
    return [file for symbol in DIGITS.symbols for file in sorted((folder / symbol).glob("*.png"))]


def load(folder: Path | None) -> Collection:
    """Return the digits in `folder`; a sixth of them, chosen by their names, are the test half.

    So a digit that was learned from is never tested on, however many come later.

    Raises
    ------
    DataError
        If there are none, or if a file is no such picture.
    """
    if folder is None:
        raise DataError("Digits of your own are in a folder: name it with --data.")
    found = files(folder)
    if not found:
        raise DataError(
            f"{folder} holds no digits of your own: they are PNG files in its folders "
            f"{DIGITS.symbols[0]} to {DIGITS.symbols[-1]}."
        )
    labels = np.array([DIGITS.index(path.parent.name) for path in found], np.uint8)
    images = np.stack([_open(path) for path in found])
    tested = np.array([_tested(path) for path in found])
    whole = Digits("own", images, labels)
    training = whole[np.flatnonzero(~tested)].named("own training")
    return Collection("own", training, lambda: whole[np.flatnonzero(tested)].named("own test"))


def check(collection: Collection) -> None:
    """Refuse digits of one's own that are too few to learn from alone.

    Raises
    ------
    DataError
        If so; the sentence says how many there are.
    """
    counts = collection.training.counts
    if int(counts.min()) < LEAST:
        raise DataError(
            f"Digits of your own to learn from: {len(collection.training)}, of a "
            f"{int(counts.argmin())} only {counts.min()}; keep {LEAST} of each to learn from them "
            "alone, or add them to MNIST with `--set data.name=mnist+own`."
        )


def _tested(path: Path) -> bool:
    return hashlib.sha256(path.stem.encode()).digest()[0] % TESTED == 0


def _open(path: Path) -> Bytes:
    try:
        with Image.open(path, formats=("PNG",)) as image:
            if image.size != (28, 28):
                raise DataError(
                    f"{path} is {image.width}×{image.height}, not 28×28: make such pictures with "
                    "`inkdigits read --seen`."
                )
            return np.array(image.convert("L"), np.uint8)
    except (OSError, ValueError, SyntaxError) as error:
        raise DataError(f"{path} is no PNG file that can be opened: remove it.") from error
