"""A data set as a folder of folders: one a class, each full of pictures of one size.

The page keeps there, in folders ``0`` to ``9``, what a person corrects; anyone may put more of the
kind that `inkdigits read --seen` writes.
"""

import hashlib
import io
import re
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from PIL import Image

from ..alphabet import DIGITS, Alphabet
from ..errors import AlphabetError, DataError, FileError
from ..files import write_bytes
from .dataset import Dataset, tested
from .digits import Bytes, Digits

FORMATS = ("PNG", "JPEG", "BMP", "GIF", "WEBP", "TIFF")
SUFFIXES = {".png", ".jpg", ".jpeg", ".bmp", ".gif", ".webp", ".tif", ".tiff"}
SPLITS = {"training": ("train", "training"), "test": ("test",), "validation": ("val", "validation")}
LARGEST = 1024  # pixels a side


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
    if picture.shape != (28, 28) or picture.dtype != np.uint8 or not 0 <= label < len(DIGITS):
        raise DataError(
            "A digit to keep is 28×28 bytes, and its label one of "
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
    return path


def _remove(path: Path) -> None:
    try:
        path.unlink(missing_ok=True)
    except OSError as error:
        raise FileError(f"Cannot remove {path}: {error.strerror}; remove it yourself.") from error


def labelled(folder: Path) -> list[Path]:
    """Return the files of all digits that are kept in `folder`, class by class."""
    places = (folder / symbol for symbol in DIGITS.symbols)
    return [path for place in places if place.is_dir() for path in files(place)]


def classes(folder: Path) -> list[str]:
    """Return the names of the folders that hold pictures, numbers as numbers are ordered."""
    found = [place.name for place in folder.iterdir() if place.is_dir() and files(place)]
    return sorted(found, key=lambda name: [(not part.isdigit(), int(part) if part.isdigit() else 0,
                                            part) for part in re.split(r"(\d+)", name) if part])  # fmt: skip


def files(folder: Path) -> list[Path]:
    """Return the pictures of one class, by name."""
    return sorted(
        path
        for path in folder.iterdir()
        if path.suffix.lower() in SUFFIXES and path.is_file() and not path.name.startswith(".")
    )


def load(folder: Path) -> Dataset:
    """Return the pictures in `folder`; without folders train and test a sixth is the test split.

    Pictures become grey. Where they are dark on a bright ground, as ink on paper, all are inverted,
    and the data set says so.

    Raises
    ------
    DataError
        If there are fewer than two classes, or if a file is no picture, or of another size.
    """
    name = folder.resolve().name
    parts = {
        split: next((folder / word for word in words if (folder / word).is_dir()), None)
        for split, words in SPLITS.items()
    }
    training = parts["training"]
    root = folder if training is None else training
    names = classes(root)
    alphabet = _alphabet(names, root)
    whole, note = _read(root, names, alphabet, f"{name} training")
    test = parts["test"]
    if training is None or test is None:
        return tested(whole, name, place=str(folder), note=note)
    held = parts["validation"]
    validation = None if held is None else _read(held, names, alphabet, f"{name} validation")[0]
    return Dataset(
        name,
        whole,
        lambda: _read(test, names, alphabet, f"{name} test")[0],
        validation,
        place=str(folder),
        note=note,
    )


def _alphabet(names: Sequence[str], folder: Path) -> Alphabet:
    if set(names) <= set(DIGITS.symbols) and names:
        return DIGITS  # some of the ten may still be missing
    if len(names) < 2:
        raise DataError(
            f"{folder} holds no classes: put the pictures of each class into a folder of its name."
        )
    try:
        return Alphabet(tuple(names))
    except AlphabetError as error:
        raise DataError(f"The folders of {folder} cannot be classes: {error}") from error


def _read(folder: Path, names: Sequence[str], alphabet: Alphabet, name: str) -> tuple[Digits, str]:
    found = [(path, alphabet.index(c)) for c in names if (folder / c).is_dir()
             for path in files(folder / c)]  # fmt: skip
    if not found:
        raise DataError(f"{folder} holds no pictures of {', '.join(names)}: put some there.")
    pictures = []
    for path, _ in found:
        pictures.append(_open(path))
        if pictures[-1].shape != pictures[0].shape:
            (high, wide), (rows, columns) = pictures[0].shape, pictures[-1].shape
            raise DataError(
                f"{path} is {rows}×{columns} and {found[0][0]} is {high}×{wide}: all pictures of a "
                "data set must be of one size."
            )
    images = np.stack(pictures)
    edge = np.concatenate([images[:, [0, -1]].ravel(), images[:, :, [0, -1]].ravel()])
    inverted = float(np.median(edge)) > 127
    if inverted:
        images = 255 - images
    labels = np.array([label for _, label in found], np.int64)
    note = f"The pictures of {folder} are dark on a bright ground, so they were inverted."
    return Digits(name, images, labels, alphabet=alphabet), note if inverted else ""


def _open(path: Path) -> Bytes:
    try:
        with Image.open(path, formats=FORMATS) as image:
            if max(image.size) > LARGEST:
                raise DataError(
                    f"{path} is {image.height}×{image.width}: pictures of a data set are "
                    f"{LARGEST} pixels a side at most."
                )
            return np.array(image.convert("L"), np.uint8)
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError) as error:
        raise DataError(f"{path} is no picture that can be opened: remove it.") from error
