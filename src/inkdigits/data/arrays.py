"""A data set in one ``.npz`` file: NumPy arrays of pictures and labels, under their usual names."""

import warnings
import zipfile
import zlib
from collections.abc import Mapping
from pathlib import Path
from tokenize import TokenError
from typing import IO

import numpy as np
import numpy.typing as npt

from ..alphabet import MAX_SYMBOLS, Alphabet
from ..errors import AlphabetError, DataError, FileError
from .dataset import Dataset, in_order, tested
from .digits import Bytes, Digits, check_shape

Array = npt.NDArray[np.generic]

MOST = 1 << 31  # bytes of all arrays together, unpacked
PART = 10_000  # pictures that are converted at a time
FAINT = 128  # whoever has pixels from 0 to 16 should hear that they are taken as such
GREY = np.array([0.299, 0.587, 0.114], np.float32)  # of red, green and blue (ITU-R BT.601)
# What arrays are called: by Keras, by MedMNIST, and by anyone.
NAMES = {
    "training": (("x_train", "y_train"), ("train_images", "train_labels"), ("images", "labels")),
    "validation": (("x_val", "y_val"), ("val_images", "val_labels")),
    "test": (("x_test", "y_test"), ("test_images", "test_labels")),
}
CLASSES = ("classes", "class_names")
READERS = {
    (1, 0): np.lib.format.read_array_header_1_0,
    (2, 0): np.lib.format.read_array_header_2_0,
}


def load(path: Path) -> Dataset:
    """Return the data set in a ``.npz`` file; without test pictures a sixth is the test split.

    Pictures are ``(N, H, W)`` or ``(N, H, W, 3)``, bytes or numbers from 0 to 1, bright ink on a
    dark ground as MNIST has it; labels are whole numbers from 0, or names.

    Raises
    ------
    DataError
        If it is no such file.
    FileError
        If it cannot be read.
    """
    arrays, pairs = _arrays(path)
    if "training" not in pairs:
        raise DataError(
            f"{path} holds no training pictures with labels: name its arrays x_train, y_train, "
            "x_test and y_test, or images and labels."
        )
    labels = {split: _flat(arrays[pair[1]], path) for split, pair in pairs.items()}
    pictures = {}
    for split, (images, _) in pairs.items():
        pictures[split] = _pictures(arrays.pop(images), len(labels[split]), path, images)
    listed = next((arrays[name] for name in CLASSES if name in arrays), None)
    alphabet, values = _alphabet(labels, listed, path)
    name = path.stem
    splits = {
        split: Digits(f"{name} {split}", pictures[split], values[split], alphabet=alphabet)
        for split in pairs
    }
    training, validation, note = splits["training"], splits.get("validation"), ""
    if 1 < (brightest := int(training.images.max(initial=0))) < FAINT:
        note = f"No training pixel of {path} is brighter than {brightest} of 255."
    if "test" not in splits:
        return tested(training, name, str(path), note, validation)
    test = splits["test"]
    return Dataset(name, training, lambda: test, validation, place=str(path), note=note)


def _arrays(path: Path) -> tuple[dict[str, Array], dict[str, tuple[str, str]]]:
    """Return the arrays of a file that are used, and which are pictures and labels of a split.

    None is opened that would run code, or that holds more than its file does.
    """
    try:
        with path.open("rb") as file, zipfile.ZipFile(file) as packed:
            members = {info.filename.removesuffix(".npy"): info for info in packed.infolist()}
            pairs = {
                split: pair
                for split, choices in NAMES.items()
                for pair in reversed(choices)  # the first of them stays
                if all(name in members for name in pair)
            }
            used = [name for pair in pairs.values() for name in pair]
            used += [name for name in CLASSES if name in members]
            if sum(members[name].file_size for name in used) > MOST:
                raise DataError(
                    f"{path} holds more than {MOST:,} bytes of pictures: use fewer or smaller ones."
                )
            return {name: _array(packed, members[name], path) for name in used}, pairs
    except FileNotFoundError as error:
        raise FileError(f"Cannot read {path}: there is no such file; check the path.") from error
    except PermissionError as error:
        raise FileError(f"Cannot read {path}: {error.strerror}; check its permissions.") from error
    # A damaged or encrypted archive, or one that is packed in a way we do not know.
    except (OSError, ValueError, EOFError, zipfile.BadZipFile, zlib.error, RuntimeError) as error:
        raise DataError(f"{path} is not a .npz file, or is damaged: save it again.") from error
    except MemoryError as error:
        raise DataError(
            f"{path} needs more memory than is available: use fewer pictures."
        ) from error


def _array(packed: zipfile.ZipFile, member: zipfile.ZipInfo, path: Path) -> Array:
    name = member.filename.removesuffix(".npy")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", UserWarning)  # that Python 2 wrote a header
            with packed.open(member) as file:
                _check_header(file, member.file_size)
            with packed.open(member) as file:
                return np.asarray(np.lib.format.read_array(file, allow_pickle=False))
    # Whatever numpy stumbles over in a header.
    except (ValueError, TypeError, SyntaxError, TokenError, RecursionError, OverflowError) as error:
        raise DataError(
            f"{name} of {path} must be an array of numbers or strings: save it as one with "
            "numpy.savez."
        ) from error


def _check_header(file: IO[bytes], size: int) -> None:
    """Refuse an array of objects, and one whose header promises more than its file holds."""
    version = np.lib.format.read_magic(file)
    if version not in READERS:
        raise ValueError("a structured array")
    shape, _, kind = READERS[version](file)
    values = int(np.prod(shape, dtype=object))
    if kind.hasobject or kind.itemsize < 1 or min(shape, default=0) < 0:
        raise ValueError("an array of objects")
    if values * kind.itemsize > size:
        raise ValueError("shorter than its header says")


def _pictures(images: Array, count: int, path: Path, name: str) -> Bytes:
    """Return `count` pictures as bytes ``(N, H, W)``."""
    if images.ndim == 4 and 1 in (images.shape[1], images.shape[3]):
        images = images[:, 0] if images.shape[1] == 1 else images[..., 0]
    colour = images.ndim == 4 and images.shape[3] == 3
    if images.dtype.kind not in "buif" or not (images.ndim == 3 or colour):
        raise DataError(
            f"{name} of {path} are not pictures: they must be numbers of shape (count, height, "
            f"width), not {images.dtype} of shape {images.shape}."
        )
    if len(images) != count:
        raise DataError(
            f"{path} has {len(images):,} pictures {name} and {count:,} labels: save one for each."
        )
    check_shape(f"{name} of {path}", images.shape[:3])
    if images.dtype == np.bool_:
        images = images.view(np.uint8)
    with np.errstate(invalid="ignore"):  # not a number is in no range
        least, most = float(images.min(initial=0)), float(images.max(initial=0))
    if not 0 <= least <= most <= 255:
        raise DataError(
            f"{name} of {path} range from {least:g} to {most:g}: pixels must be 0 to 1, or 0 to "
            "255."
        )
    scale = np.float32(255 if most <= 1 else 1)
    if images.dtype == np.uint8 and scale == 1 and not colour:
        return np.ascontiguousarray(images)
    pixels = np.empty(images.shape[:3], np.uint8)
    for at in range(0, count, PART):
        part = images[at : at + PART].astype(np.float32)
        pixels[at : at + PART] = np.rint((part @ GREY if colour else part) * scale)
    return pixels


def _alphabet(
    labels: Mapping[str, Array], listed: Array | None, path: Path
) -> tuple[Alphabet, dict[str, npt.NDArray[np.int64]]]:
    """Return what labels mean, and the labels of each split as numbers from 0."""
    try:
        if labels["training"].dtype.kind in "US":
            return _named({split: _texts(given) for split, given in labels.items()}, path)
        whole = {split: _whole(given, path) for split, given in labels.items()}
        if listed is not None:
            if listed.size > MAX_SYMBOLS:
                raise DataError(
                    f"{path} names {listed.size:,} classes: use at most {MAX_SYMBOLS:,}."
                )
            return Alphabet(tuple(_texts(listed.ravel()))), whole
        most = max(int(given.max(initial=1)) for given in whole.values())
        return Alphabet(tuple(map(str, range(min(most, MAX_SYMBOLS) + 1)))), whole
    except AlphabetError as error:
        raise DataError(f"The classes of {path} cannot be used: {error}") from error


def _named(
    texts: Mapping[str, list[str]], path: Path
) -> tuple[Alphabet, dict[str, npt.NDArray[np.int64]]]:
    alphabet = Alphabet(tuple(in_order(set(texts["training"]))))
    places = {name: place for place, name in enumerate(alphabet.names)}
    unknown = next((name for given in texts.values() for name in given if name not in places), None)
    if unknown is not None:
        raise DataError(
            f"{path} has validation or test samples of {unknown!r}, but no training samples: add "
            "some, or leave that class out."
        )
    return alphabet, {
        split: np.array([places[name] for name in given], np.int64)
        for split, given in texts.items()
    }


def _texts(labels: Array) -> list[str]:
    found = labels.tolist()
    return [one.decode("utf-8", "replace") if isinstance(one, bytes) else str(one) for one in found]


def _whole(labels: Array, path: Path) -> npt.NDArray[np.int64]:
    with np.errstate(invalid="ignore"):
        whole = labels.astype(np.int64) if labels.dtype.kind in "buif" else None
    if whole is None or not np.array_equal(whole, labels):
        raise DataError(f"The labels of {path} are not whole numbers: save them as such.")
    return whole


def _flat(labels: Array, path: Path) -> Array:
    flat = labels[:, 0] if labels.ndim == 2 and labels.shape[1] == 1 else labels
    if flat.ndim != 1 or flat.dtype.kind not in "iubfUS":
        raise DataError(
            f"The labels of {path} must be one number or name for each picture, not "
            f"{labels.dtype} of shape {labels.shape}."
        )
    return flat
