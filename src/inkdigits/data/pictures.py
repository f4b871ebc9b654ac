"""One picture of a data set: opened as the reader opens pictures, and grey."""

from io import BytesIO
from pathlib import Path

import cv2
import numpy as np
from PIL import Image

from ..errors import DataError, PictureError
from ..io.decode import Stored, decoded, safely
from ..io.kinds import SUFFIXES
from ..io.picture import upright
from ..io.pixels import averaged, opaque
from ..io.sources import read_path
from .digits import LARGEST, Bytes

PLAIN = b"\x08\0\0\0"  # of a PNG: 8 bits of grey


def is_picture(path: Path) -> bool:
    """Whether a file has the name of a picture."""
    return path.suffix.lower() in SUFFIXES


def grey(path: Path) -> Bytes:
    """Return the first page of a picture, ``(H, W)`` uint8, turned as its EXIF tag says.

    Raises
    ------
    DataError
        If it is no picture, or too large.
    """
    try:
        content = read_path(path)
        plain = _plain(content)
        return _any(content, str(path)) if plain is None else plain
    except PictureError as error:
        raise DataError(str(error)) from error


def _plain(content: bytes) -> Bytes | None:
    """Return a small grey PNG at once: data sets have thousands; None if it is anything else."""
    if content[:8] != b"\x89PNG\r\n\x1a\n" or content[24:28] != PLAIN:
        return None
    if b"tRNS" in content or b"eXIf" in content or b"acTL" in content:
        return None
    if max(int.from_bytes(content[at : at + 4], "big") for at in (16, 20)) > LARGEST:
        return None
    try:
        with Image.open(BytesIO(content), formats=("PNG",)) as image:
            return np.array(image, np.uint8) if image.mode == "L" else None
    except Exception:  # noqa: BLE001 whatever is wrong with it is said by the one below
        return None


def _any(content: bytes, name: str) -> Bytes:
    def first() -> Stored:
        return next(decoded(content, name, whole=False))

    page = safely(first, name)
    if max(page.size) > LARGEST:
        raise DataError(
            f"{name} is {page.size[1]}×{page.size[0]}: pictures of a data set are {LARGEST:,} "
            "pixels a side at most."
        )
    pixels = safely(
        lambda: upright(opaque(averaged(page.image, LARGEST), name)[0], page.orientation), name
    )
    if pixels.ndim == 3:
        pixels = np.asarray(
            cv2.cvtColor(np.ascontiguousarray(pixels), cv2.COLOR_RGB2GRAY), np.uint8
        )
    return np.ascontiguousarray(pixels)
