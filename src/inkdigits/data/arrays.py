"""A data set in one ``.npz`` file: NumPy arrays of pictures and labels, under their usual names."""

import ast
import zipfile
from collections.abc import Mapping
from pathlib import Path

import numpy as np
import numpy.typing as npt

from ..alphabet import DIGITS, MAX_SYMBOLS, Alphabet
from ..errors import AlphabetError, DataError, FileError
from .dataset import Dataset, tested
from .digits import Bytes, Digits

Array = npt.NDArray[np.generic]

MOST = 1 << 31  # bytes of one array
# What arrays are called: by Keras, by MedMNIST, and by anyone.
NAMES = {
    "training": (("x_train", "y_train"), ("train_images", "train_labels"), ("images", "labels")),
    "validation": (("x_val", "y_val"), ("val_images", "val_labels")),
    "test": (("x_test", "y_test"), ("test_images", "test_labels")),
}
CLASSES = ("classes", "class_names")


def load(path: Path) -> Dataset:
    """Return the data set in a ``.npz`` file; without test pictures a sixth is the test split.

    Pictures are ``(N, H, W)`` or ``(N, H, W, 3)``, bytes or numbers from 0 to 1, bright ink on a
    dark ground as MNIST has it; labels are whole numbers from 0, or names.

    Raises
    ------
    DataError
        If it is no such file.
    """
    arrays = _arrays(path)
    found: dict[str, tuple[Bytes, Array]] = {}
    for split, choices in NAMES.items():
        for images, labels in choices:
            if images in arrays and labels in arrays:
                found[split] = _pictures(arrays[images], path, images), arrays[labels]
                break
    if "training" not in found:
        raise DataError(
            f"{path} holds no training pictures with labels: name its arrays x_train, y_train, "
            "x_test and y_test, or images and labels."
        )
    alphabet, values = _alphabet(found, arrays, path)
    name = path.stem
    splits = {
        split: Digits(f"{name} {split}", found[split][0], values[split], alphabet=alphabet)
        for split in found
    }
    if "test" not in splits:
        return tested(splits["training"], name, place=str(path))
    test = splits["test"]
    return Dataset(
        name, splits["training"], lambda: test, splits.get("validation"), place=str(path)
    )


def _arrays(path: Path) -> dict[str, Array]:
    """Return the arrays of a file that has none too large, and none that would run code."""
    damaged = f"{path} is not a .npz file of arrays of numbers or texts: save it again."
    try:
        with zipfile.ZipFile(path) as packed:
            for member in packed.infolist():
                if member.file_size > MOST:
                    raise DataError(f"{path} holds an array of {member.file_size:,} bytes; "
                                    f"{MOST:,} are allowed.")  # fmt: skip
                with packed.open(member) as file:
                    _check_header(file.read(1 << 12), member.file_size, damaged)
        with np.load(path, allow_pickle=False) as held:
            return {name: held[name] for name in held.files}
    except FileNotFoundError as error:
        raise FileError(f"Cannot read {path}: there is no such file.") from error
    except (OSError, ValueError, EOFError, KeyError, zipfile.BadZipFile, SyntaxError) as error:
        raise DataError(damaged) from error
    except (NotImplementedError, RuntimeError, MemoryError) as error:  # odd or encrypted archives
        raise DataError(damaged) from error


def _check_header(start: bytes, size: int, damaged: str) -> None:
    """Refuse an array whose header promises more than its file holds."""
    if start[:6] != b"\x93NUMPY" or len(start) < 12:
        raise DataError(damaged)
    wide = 2 if start[6] == 1 else 4
    length = int.from_bytes(start[8 : 8 + wide], "little")
    try:
        header = ast.literal_eval(start[8 + wide : 8 + wide + length].decode("latin-1").strip())
        kind = np.dtype(header["descr"])
        values = int(np.prod(header["shape"], dtype=object))
    except (ValueError, SyntaxError, KeyError, TypeError, RecursionError) as error:
        raise DataError(damaged) from error
    if kind.hasobject or values < 0 or values * kind.itemsize > size:
        raise DataError(damaged)


def _pictures(images: Array, path: Path, name: str) -> Bytes:
    if images.ndim == 4 and 1 in (images.shape[1], images.shape[3]):
        images = images[:, 0] if images.shape[1] == 1 else images[..., 0]
    numbers = np.issubdtype(images.dtype, np.number) or images.dtype == np.bool_
    if not numbers or images.ndim not in (3, 4) or (images.ndim == 4 and images.shape[3] != 3):
        raise DataError(
            f"{name} of {path} are no pictures: they must be numbers of shape (count, height, "
            f"width), not {images.dtype} of shape {images.shape}."
        )
    grey = images.astype(np.float32) if images.ndim == 4 else images
    if grey.ndim == 4:
        grey = grey @ np.array([0.299, 0.587, 0.114], np.float32)
    if grey.dtype == np.uint8:
        return np.ascontiguousarray(grey)
    values = grey.astype(np.float32)
    least, most = float(values.min(initial=0)), float(values.max(initial=0))
    if not 0 <= least <= most <= 255:  # not a number is in no range
        raise DataError(
            f"{name} of {path} range from {least:g} to {most:g}: pixels must be 0 to 1, or 0 to "
            "255."
        )
    return np.rint(values * (255 if most <= 1 else 1)).astype(np.uint8)


def _alphabet(
    found: Mapping[str, tuple[Bytes, Array]], arrays: Mapping[str, Array], path: Path
) -> tuple[Alphabet, dict[str, npt.NDArray[np.int64]]]:
    """Return what labels mean, and the labels of each split as numbers from 0."""
    labels = {split: _flat(values, path) for split, (_, values) in found.items()}
    listed = next((arrays[name] for name in CLASSES if name in arrays), None)
    try:
        if labels["training"].dtype.kind in "US":
            names = sorted({str(name) for name in labels["training"].tolist()})
            place = {name: number for number, name in enumerate(names)}
            values = {
                split: np.array([place[str(name)] for name in given.tolist()], np.int64)
                for split, given in labels.items()
            }
            return Alphabet(tuple(names)), values
        whole = {split: given.astype(np.int64) for split, given in labels.items()}
        if any((whole[split] != labels[split]).any() for split in whole):
            raise DataError(f"The labels of {path} are not whole numbers: save them as such.")
        if listed is not None:
            return Alphabet(tuple(str(name) for name in listed.ravel().tolist())), dict(whole)
        most = max(int(given.max(initial=1)) for given in whole.values())
        if most < len(DIGITS):
            return DIGITS, dict(whole)
        return Alphabet(tuple(map(str, range(min(most, MAX_SYMBOLS) + 1)))), dict(whole)
    except KeyError as error:
        raise DataError(
            f"{path} has the label {error} in one split and not in training."
        ) from error
    except AlphabetError as error:
        raise DataError(f"The classes of {path} cannot be used: {error}") from error


def _flat(labels: Array, path: Path) -> Array:
    flat = labels[:, 0] if labels.ndim == 2 and labels.shape[1] == 1 else labels
    if flat.ndim != 1 or flat.dtype.kind not in "iubfUS":
        raise DataError(
            f"The labels of {path} must be one number or name for each picture, not "
            f"{labels.dtype} of shape {labels.shape}."
        )
    return flat
