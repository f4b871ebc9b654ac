"""Pictures: paths, bytes, file objects, Pillow images and arrays become one array of pixels.

Everything unsafe about image files ends here. What cannot be opened is one sentence, a
`PictureError`; nothing after this module knows of formats, modes, orientation or transparency.
"""

import io
import math
import os
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any, TypeAlias

import cv2
import numpy as np
import numpy.typing as npt
from PIL import Image, UnidentifiedImageError

from ..errors import PictureError

Pixels = npt.NDArray[np.uint8]
Source: TypeAlias = "str | os.PathLike[str] | bytes | IO[bytes] | Image.Image | npt.ArrayLike"

FORMATS = ("PNG", "JPEG", "WEBP", "BMP", "GIF", "TIFF")
SUFFIXES = (".png", ".jpg", ".jpeg", ".webp", ".bmp", ".gif", ".tif", ".tiff")
MOST_PIXELS = 50_000_000  # before decoding
MOST_BYTES = 200_000_000
WORKING = 1600  # pixels of the longer side that the reader works on
ORIENTATION = 274  # the EXIF tag
TURNS = {
    2: (Image.Transpose.FLIP_LEFT_RIGHT,),
    3: (Image.Transpose.ROTATE_180,),
    4: (Image.Transpose.FLIP_TOP_BOTTOM,),
    5: (Image.Transpose.TRANSPOSE,),
    6: (Image.Transpose.ROTATE_270,),
    7: (Image.Transpose.TRANSVERSE,),
    8: (Image.Transpose.ROTATE_90,),
}


@dataclass(frozen=True, eq=False)
class Picture:
    """One picture, ready to look for ink in.

    Attributes
    ----------
    name
        What to call it in a sentence: the file's name, or ``"the picture"``.
    pixels
        ``(H, W)`` grey or ``(H, W, 3)`` RGB, uint8, upright and opaque; at most 1,600 a side.
    width, height
        Of the whole picture, upright, in its own pixels.
    """

    name: str
    pixels: Pixels
    width: int
    height: int

    @property
    def scale(self) -> tuple[float, float]:
        """The picture's own pixels to one of `pixels`, across and down."""
        return self.width / self.pixels.shape[1], self.height / self.pixels.shape[0]


def open_picture(source: Source) -> Picture:
    """Return the picture that `source` holds.

    Parameters
    ----------
    source
        A path; the bytes of a PNG, JPEG, WebP, BMP, GIF (its first frame) or TIFF file, or a file
        object with them; a Pillow image; or an array ``(H, W)``, ``(H, W, 1)``, RGB ``(H, W, 3)``
        or RGBA ``(H, W, 4)``: uint8, bool, other integers, or floats (in [0, 1], or of any
        range, which is then stretched).

    Raises
    ------
    PictureError
        If it is no such picture, is damaged, or has more than 50 million pixels.
    """
    if isinstance(source, Image.Image):
        return _decode(lambda: source.copy(), "the picture")
    if isinstance(source, (str, os.PathLike)):
        path = Path(source)
        return _decode_bytes(_read(path), path.name or str(path))
    if isinstance(source, (bytes, bytearray, memoryview)):
        return _decode_bytes(bytes(source), "the picture")
    if hasattr(source, "read"):
        return _decode_bytes(_drain(source), "the picture")
    return _from_array(source)


def _read(path: Path) -> bytes:
    try:
        if path.is_dir():
            raise PictureError(f"{path} is a folder: name the pictures in it.")
        with path.open("rb") as file:
            return _limited(file, str(path))
    except ValueError as error:  # a null character in the name
        raise PictureError(f"{str(path)!r} is no path.") from error
    except OSError as error:
        raise PictureError(
            f"Cannot read {path}: {error.strerror or error}; check the path and its permissions."
        ) from error


def _drain(file: Any) -> bytes:
    try:
        content = _limited(file, "the picture")
    except (OSError, ValueError) as error:
        raise PictureError(f"The file object cannot be read: {error}.") from error
    if not isinstance(content, bytes):
        raise PictureError("The file object gives text: open the file in binary mode.")
    return content


def _limited(file: IO[bytes], name: str) -> bytes:
    content = file.read(MOST_BYTES + 1)
    if len(content) > MOST_BYTES:
        raise PictureError(
            f"{name} has more than {MOST_BYTES // 1_000_000} MB: save it smaller, as JPEG or PNG."
        )
    return content


def _decode_bytes(content: bytes, name: str) -> Picture:
    if not content:
        raise PictureError(f"{name} is empty: 0 bytes.")
    return _decode(lambda: Image.open(io.BytesIO(content), formats=FORMATS), name)


def _decode(open_image: Callable[[], Image.Image], name: str) -> Picture:
    with warnings.catch_warnings():
        # What is odd about a file (its tags, its size) is decided here, not told in passing.
        warnings.simplefilter("ignore")
        try:
            with open_image() as image:
                return _from_image(image, name)
        except PictureError:
            raise
        except UnidentifiedImageError as error:
            raise PictureError(
                f"{name} is no picture that can be opened: use PNG, JPEG, WebP, BMP, GIF or TIFF."
            ) from error
        except Image.DecompressionBombError as error:
            raise PictureError(_too_large(name)) from error
        except Exception as error:
            # Decoders raise whatever they stumble over.
            raise PictureError(f"{name} is damaged or cut short: {_cause(error)}.") from error


def _from_image(image: Image.Image, name: str) -> Picture:
    width, height = image.size
    if width * height > MOST_PIXELS:
        raise PictureError(_too_large(name))
    if width < 1 or height < 1:
        raise PictureError(f"{name} has no pixels.")
    turns = TURNS.get(_orientation(image), ())
    # A JPEG can be decoded at a half, a quarter or an eighth of its size, in as much less time.
    image.draft(None, (min(width, WORKING), min(height, WORKING)))
    upright = image
    for turn in turns:
        upright = upright.transpose(turn)
    if turns and turns[0] in _SIDEWAYS:
        width, height = height, width
    return Picture(name, _shrunk(_opaque(upright, name)), width, height)


_SIDEWAYS = {turns[0] for tag, turns in TURNS.items() if tag >= 5}


def _orientation(image: Image.Image) -> int:
    try:
        return int(image.getexif().get(ORIENTATION, 1))
    except Exception:  # noqa: BLE001 a damaged tag is no reason to refuse a picture
        return 1


def _opaque(image: Image.Image, name: str) -> Pixels:
    """Return grey or RGB pixels of any mode, transparent ones filled."""
    if image.mode in ("1", "L"):
        return np.asarray(image.convert("L"))
    if image.mode in ("I", "F") or image.mode.startswith("I;16"):
        return _from_values(np.asarray(image), name)
    if image.mode in ("LA", "La", "PA", "RGBA", "RGBa") or "transparency" in image.info:
        return _composite(np.asarray(image.convert("RGBA")))
    return np.asarray(image.convert("RGB"))


def _composite(rgba: Pixels) -> Pixels:
    """Lay RGBA ``(H, W, 4)`` on white, or on black where white would swallow the ink."""
    rgba = _shrunk(rgba)
    alpha = rgba[..., 3]
    colour = rgba[..., :3]
    if int(alpha.min()) == 255:
        return np.ascontiguousarray(colour)
    seen = cv2.cvtColor(np.ascontiguousarray(colour), cv2.COLOR_RGB2GRAY)[alpha > 127]
    paper = 255.0
    if seen.size:
        light = float(np.median(seen)) > 127
        # Much contrast among what is opaque: it is paper with ink on it. Little: it is the ink.
        is_paper = float(np.percentile(seen, 99) - np.percentile(seen, 1)) > 100
        paper = 255.0 if light == is_paper else 0.0
    share = (alpha.astype(np.float32) / 255)[..., None]
    return np.asarray(np.rint(colour * share + paper * (1 - share)), np.uint8)


def _from_array(source: Any) -> Picture:
    try:
        values = np.asarray(source)
    except Exception as error:  # any object may come
        raise PictureError(f"{type(source).__name__} is no picture: {_cause(error)}.") from error
    if values.dtype.kind not in "buif":
        raise PictureError(
            f"{type(source).__name__} is no picture: pass a path, bytes, a file object, a Pillow "
            "image or an array of numbers."
        )
    if values.ndim == 3 and values.shape[2] == 1:
        values = values[..., 0]
    if values.ndim not in (2, 3) or (values.ndim == 3 and values.shape[2] not in (3, 4)):
        raise PictureError(
            f"An array of shape {values.shape} is no picture: it must be (H, W), (H, W, 1), "
            "(H, W, 3) or (H, W, 4)."
        )
    if not values.size:
        raise PictureError(f"An array of shape {values.shape} has no pixels.")
    height, width = values.shape[:2]
    if height * width > MOST_PIXELS:
        raise PictureError(_too_large("the array"))
    pixels = _from_values(values, "the array")
    pixels = _composite(pixels) if pixels.shape[2:] == (4,) else pixels
    return Picture("the array", _shrunk(pixels), width, height)


def _from_values(values: npt.NDArray[Any], name: str) -> Pixels:
    """Return numbers of any kind as bytes."""
    if values.dtype == np.uint8:
        return values
    if values.dtype == bool:
        return np.asarray(values, np.uint8) * np.uint8(255)
    if values.dtype.kind == "f" and not np.isfinite(values).all():
        raise PictureError(f"{name} holds values that are not numbers (NaN or infinite).")
    low, high = float(values.min()), float(values.max())
    if values.dtype.kind == "f" and low >= 0 and high <= 1:
        low, high = 0.0, 1.0
    if not math.isfinite(high - low) or high == low:
        return np.zeros(values.shape, np.uint8)
    stretched = (values.astype(np.float32) - low) * np.float32(255 / (high - low))
    return np.asarray(np.rint(stretched).clip(0, 255), np.uint8)


def _shrunk(pixels: Pixels) -> Pixels:
    """Return `pixels` at most `WORKING` a side; shrinking averages areas, so no stroke is lost."""
    height, width = pixels.shape[:2]
    scale = WORKING / max(height, width)
    if scale >= 1:
        return np.ascontiguousarray(pixels)
    size = max(1, round(width * scale)), max(1, round(height * scale))
    small = cv2.resize(np.ascontiguousarray(pixels), size, interpolation=cv2.INTER_AREA)
    return np.asarray(small, np.uint8)


def _too_large(name: str) -> str:
    return f"{name} has more than {MOST_PIXELS // 1_000_000} million pixels: save it smaller."


def _cause(error: Exception) -> str:
    text = str(error).strip().rstrip(".").splitlines()
    return text[0][:120] if text else type(error).__name__
