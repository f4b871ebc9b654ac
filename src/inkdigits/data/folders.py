"""A data set as a folder of folders: one a class, each full of pictures of one size.

The page keeps there, in folders ``0`` to ``9``, what a person corrects; anyone may put more of the
kind that `inkdigits read --network-input` writes.
"""

import contextlib
import hashlib
import io
import os
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from PIL import Image

from ..alphabet import DIGITS, REJECTS, Alphabet
from ..errors import AlphabetError, DataError, FileError
from ..files import write_bytes
from .dataset import Dataset, in_order, tested
from .digits import Bytes, Digits, check_shape
from .pictures import grey, is_picture

SPLITS = {"training": ("train", "training"), "test": ("test",), "validation": ("val", "validation")}
MOST = 1 << 31  # bytes of all pictures of a split together
SIDE = 28  # pixels of a digit that is kept


def keep(folder: Path, picture: Bytes, label: int) -> Path:
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
    if picture.shape != (SIDE, SIDE) or picture.dtype != np.uint8 or not 0 <= label < len(DIGITS):
        raise DataError(
            f"A user digit must have {SIDE}×{SIDE} bytes, and a label from "
            f"{', '.join(DIGITS.symbols)}: read it again."
        )
    name = f"{hashlib.sha256(picture.tobytes()).hexdigest()[:16]}.png"
    file = io.BytesIO()
    Image.fromarray(picture).save(file, "PNG")
    path = folder / DIGITS.symbols[label] / name
    write_bytes(path, file.getvalue())
    for other in DIGITS.symbols:
        if other != DIGITS.symbols[label]:
            _remove(folder / other / name)
            with contextlib.suppress(OSError):  # that it is one of ten classes is good to know
                (folder / other).mkdir(exist_ok=True)
    return path


def _remove(path: Path) -> None:
    try:
        path.unlink(missing_ok=True)
    except OSError as error:
        raise FileError(f"Cannot remove {path}: {error.strerror}; remove it yourself.") from error


def labelled(folder: Path) -> list[Path]:
    """Return the files of all digits that are kept in `folder`, class by class."""
    return [path for symbol in DIGITS.symbols for path in files(folder / symbol)]


def files(folder: Path) -> list[Path]:
    """Return the pictures of one class, by name; those of no folder are none.

    What is hidden is passed over, and what is no file: a link that leads nowhere, a pipe.
    """
    return sorted(entry for entry, is_file in _entries(folder) if is_file and is_picture(entry))


def classes(folder: Path) -> list[str]:
    """Return the names of the folders that hold pictures, numbers as numbers are ordered.

    A digit's folder may be empty.
    """
    return in_order(
        place.name
        for place, is_file in _entries(folder)
        if not is_file and (place.name in DIGITS.symbols or _holds_pictures(place))
    )


def load(folder: Path) -> Dataset:
    """Return the pictures in `folder`; without folders train and test a sixth is the test split.

    Pictures become grey. Where those to train with are dark on a bright ground, as ink on paper,
    all are inverted, and the data set says so.

    Raises
    ------
    DataError
        If there are fewer than two classes, or if a file is no picture, or of another size.
    FileError
        If a folder cannot be read.
    """
    name = folder.resolve().name
    parts = {
        split: next((folder / word for word in words if classes(folder / word)), None)
        for split, words in SPLITS.items()
    }
    root = parts["training"] or folder
    alphabet = _alphabet(classes(root), root)
    training, inverted = _read(root, alphabet, f"{name} training")
    note = f"The pictures of {folder} are dark on a bright ground, so they were inverted."
    note = note if inverted else ""
    test, held = parts["test"], parts["validation"]
    validation = None
    if held is not None:
        validation = _read(held, alphabet, f"{name} validation", inverted=inverted)[0]
    if test is None:
        return tested(training, name, str(folder), note, validation)
    return Dataset(
        name,
        training,
        lambda: _read(test, alphabet, f"{name} test", inverted=inverted)[0],
        validation,
        place=str(folder),
        note=note,
    )


def _alphabet(names: Sequence[str], folder: Path) -> Alphabet:
    symbols = tuple(name for name in names if name not in REJECTS)
    rejects = tuple(name for name in REJECTS if name in names)
    if len(symbols) == 1 and symbols[0] in DIGITS.symbols:
        symbols = DIGITS.symbols  # one digit alone is one of ten
    if len(symbols) < 2:
        raise DataError(
            f"{folder} has {f'only the class {symbols[0]}' if symbols else 'no classes'}: "
            "put the pictures of each class into a folder with its name."
        )
    try:
        return Alphabet(symbols, rejects)
    except AlphabetError as error:
        raise DataError(f"The folders of {folder} cannot be classes: {error}") from error


def _read(
    folder: Path, alphabet: Alphabet, name: str, *, inverted: bool | None = None
) -> tuple[Digits, bool]:
    """Return what is in the class folders of `folder`, and whether it was inverted.

    If `inverted` is None the pictures decide.
    """
    found = []
    for class_name in classes(folder):
        paths = files(folder / class_name)
        if paths and class_name not in alphabet.names:
            raise DataError(
                f"{folder} has no training pictures of the class {class_name!r}: add some, or "
                "remove the class."
            )
        found += [(path, alphabet.names.index(class_name)) for path in paths]
    if not found:
        raise DataError(
            f"{folder} holds no pictures of {', '.join(alphabet.names[:12])}: put some there."
        )
    images = _images([path for path, _ in found], name)
    if inverted is None:
        edge = np.concatenate([images[:, [0, -1]].ravel(), images[:, :, [0, -1]].ravel()])
        inverted = float(np.median(edge)) > 127
    if inverted:
        np.subtract(255, images, out=images)
    labels = np.array([label for _, label in found], np.int64)
    return Digits(name, images, labels, alphabet=alphabet), inverted


def _images(paths: Sequence[Path], name: str) -> Bytes:
    first = grey(paths[0])
    high, wide = first.shape
    check_shape(name, (len(paths), high, wide))
    if len(paths) * first.size > MOST:
        raise DataError(
            f"{name} has {len(paths):,} pictures of {high}×{wide} pixels, more than {MOST:,} "
            "bytes: save them smaller."
        )
    images = np.empty((len(paths), high, wide), np.uint8)
    for place, path in enumerate(paths):
        picture = grey(path)
        if picture.shape != first.shape:
            raise DataError(
                f"{path} is {picture.shape[0]}×{picture.shape[1]} and {paths[0]} is {high}×{wide}: "
                "all pictures of a data set must have one size."
            )
        images[place] = picture
    return images


def _entries(folder: Path) -> list[tuple[Path, bool]]:
    """Return what lies in a folder and is not hidden: each file (True) and folder (False)."""
    found = []
    try:
        with os.scandir(folder) as entries:
            for entry in entries:
                if entry.name.startswith("."):
                    continue
                with contextlib.suppress(OSError):  # a link that leads to itself
                    if entry.is_file() or entry.is_dir():
                        found.append((folder / entry.name, entry.is_file()))
    except (FileNotFoundError, NotADirectoryError):
        return []
    except OSError as error:
        raise FileError(
            f"Cannot list the folder {folder}: {error.strerror}; check its permissions."
        ) from error
    return found


def _holds_pictures(folder: Path) -> bool:
    return any(is_file and is_picture(path) for path, is_file in _entries(folder))
