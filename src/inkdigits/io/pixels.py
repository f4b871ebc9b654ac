"""Pixels: images of every mode and numbers of every kind become bytes, grey or RGB.

A page is converted twice: once small, to look for ink in, where it is also decided what lies under
transparent ink and which numbers are black and white; and large for who looks closer, alike.
"""

import math
from collections.abc import Iterator
from typing import Any, NamedTuple, TypeVar

import cv2
import numpy as np
import numpy.typing as npt
from PIL import Image

from .guard import picture_error

Pixels = npt.NDArray[np.uint8]
Value = TypeVar("Value", np.uint8, np.float32)

Row = tuple[float, float, float]
Affine = tuple[Row, Row]  # what makes of a point (x, y, 1) another

PATCHES = 16  # of a side, by which the paper's brightness is known beyond its edges
PART = 2_000_000  # pixels that are converted at a time


class Look(NamedTuple):
    """What a page looks like that does not say so itself.

    Attributes
    ----------
    paper
        The brightness that is laid under transparent ink.
    low, high
        The numbers that are black and white, where they are no bytes.
    """

    paper: int = 255
    low: float = 0.0
    high: float = 255.0


def averaged(image: Image.Image, side: int) -> Image.Image:
    """Return `image` in a plain mode, shrunk by whole numbers to not less than `side`.

    It goes part by part, so that a large picture stands in memory once; and averages what is
    transparent by its weight, so that no thin stroke on it pales.
    """
    if max(image.size) // side < 2:
        return _plain(image)
    across, down = _factors(image, side)
    mode = _weighed(image.crop((0, 0, 1, 1))).mode
    small = Image.new(mode, (math.ceil(image.width / across), math.ceil(image.height / down)))
    for place, part in _parts(image, across, down):
        small.paste(part, place)
    return small.convert("RGBA") if mode == "RGBa" else small


def opaque(image: Image.Image, name: str) -> tuple[Pixels, Look]:
    """Return the pixels of an image in a plain mode, transparent ones filled, and its look."""
    look = Look()
    if image.mode in ("I", "F"):
        look = Look(255, *_range(np.asarray(image), name))
    elif image.mode == "RGBA":
        look = Look(_paper(np.asarray(image)))
    return _filled(image, look), look


def large(image: Image.Image, side: int, look: Look) -> Pixels:
    """Return the pixels of an image in any mode, shrunk by whole numbers to not less than `side`.

    It goes part by part: nothing but the image and the result is ever as large.
    """
    across, down = _factors(image, side)
    size = math.ceil(image.height / down), math.ceil(image.width / across)
    whole: Pixels | None = None
    for (left, top), part in _parts(image, across, down):
        pixels = _filled(part.convert("RGBA") if part.mode == "RGBa" else part, look)
        if whole is None:
            whole = np.empty((*size, *pixels.shape[2:]), np.uint8)
        whole[top : top + pixels.shape[0], left : left + pixels.shape[1]] = pixels
    if whole is None:
        raise ValueError("the image has no pixels")
    return whole


def shrunk(pixels: Pixels, side: int) -> Pixels:
    """Return `pixels` at most `side` a side; shrinking averages areas, so no stroke is lost."""
    height, width = pixels.shape[:2]
    scale = side / max(height, width)
    if scale >= 1:
        return np.ascontiguousarray(pixels)
    size = max(1, round(width * scale)), max(1, round(height * scale))
    small = cv2.resize(np.ascontiguousarray(pixels), size, interpolation=cv2.INTER_AREA)
    return np.asarray(small, np.uint8)


def rotated(pixels: Pixels, by: Affine, size: tuple[int, int]) -> Pixels:
    """Return `pixels` as `by` moves them, on a canvas of `size` (width, height).

    What lies beyond their edges is as bright as the paper near them.
    """
    height, width = pixels.shape[:2]
    pixels = np.ascontiguousarray(pixels)
    small = min(width, PATCHES), min(height, PATCHES)
    paper = np.asarray(cv2.resize(pixels, small, interpolation=cv2.INTER_AREA), np.uint8)
    paper = np.asarray(cv2.medianBlur(paper, 3), np.uint8)
    coarse = np.array(by) @ np.diag([width / small[0], height / small[1], 1.0])
    around: Pixels = moved(paper, coarse, size, beyond=cv2.BORDER_REPLICATE)
    within: Pixels = moved(pixels, by, size, beyond=cv2.BORDER_REPLICATE)
    shown = moved(np.full((height, width), 255, np.uint8), by, size) >= 128
    return np.where(shown if pixels.ndim == 2 else shown[..., None], within, around)


def moved(
    values: npt.NDArray[Value],
    by: Affine | npt.NDArray[np.float64],
    size: tuple[int, int],
    *,
    beyond: int = cv2.BORDER_CONSTANT,
) -> npt.NDArray[Value]:
    """Return what is known of each pixel as `by` moves it, 0 or another border beyond."""
    matrix = np.array(by)
    matrix[:, 2] += matrix[:, :2] @ [0.5, 0.5] - 0.5  # OpenCV counts from the middles of pixels
    values = np.ascontiguousarray(values)
    found: npt.NDArray[Any] = cv2.warpAffine(values, matrix, size, borderMode=beyond)
    return found


def stretched(values: npt.NDArray[Any], name: str) -> Pixels:
    """Return numbers of any kind as bytes.

    Raises
    ------
    PictureError
        If some are none.
    """
    if values.dtype == np.uint8:
        return values
    if values.dtype == bool:
        return np.asarray(values, np.uint8) * np.uint8(255)
    return _scaled(values, *_range(values, name))


def _factors(image: Image.Image, side: int) -> tuple[int, int]:
    factor = max(1, max(image.size) // side)
    return min(factor, image.width), min(factor, image.height)


def _parts(
    image: Image.Image, across: int, down: int
) -> Iterator[tuple[tuple[int, int], Image.Image]]:
    """Yield parts of `image`, shrunk by so much, and where they lie in the whole that is shrunk."""
    width, height = image.size
    rows = max(1, PART // (width * down)) * down
    columns = max(1, PART // (rows * across)) * across
    for top in range(0, height, rows):
        for left in range(0, width, columns):
            right, bottom = min(width, left + columns), min(height, top + rows)
            part = _weighed(image.crop((left, top, right, bottom)))
            yield (left // across, top // down), part.reduce((across, down))


def _weighed(image: Image.Image) -> Image.Image:
    plain = _plain(image)
    return plain.convert("RGBa") if plain.mode == "RGBA" else plain


def _plain(image: Image.Image) -> Image.Image:
    """Return `image` in mode L, RGB, RGBA, I or F."""
    if image.mode == "F":
        return image
    if image.mode.startswith("I"):
        return image.convert("I")
    if image.mode == "LAB":
        return image.getchannel("L")
    if image.mode in ("La", "RGBa"):
        image = image.convert(image.mode.upper())
    if image.has_transparency_data:
        return image.convert("RGBA")
    return image.convert("L" if image.mode in ("1", "L") else "RGB")


def _filled(image: Image.Image, look: Look) -> Pixels:
    """Return the grey or RGB pixels of an image in a plain mode."""
    if image.mode in ("I", "F"):
        return _scaled(np.asarray(image), look.low, look.high)
    if image.mode == "RGBA":
        page = Image.new("RGB", image.size, (look.paper, look.paper, look.paper))
        page.paste(image, mask=image.getchannel("A"))
        image = page
    return np.asarray(image)


def _paper(rgba: Pixels) -> int:
    """Return the brightness of the paper under a transparent picture, on which its ink shows."""
    alpha = rgba[..., 3]
    shown = alpha > int(alpha.max()) // 2
    if int(alpha.min()) == 255 or not shown.any():
        return 255
    seen = cv2.cvtColor(np.ascontiguousarray(rgba[..., :3]), cv2.COLOR_RGB2GRAY)[shown]
    tall, wide = (np.ptp(np.flatnonzero(shown.any(axis))) + 1 for axis in (1, 0))
    darkest, usual, lightest = np.percentile(seen, (0.1, 50, 99.9))
    # Much contrast and few gaps: it is paper with ink on it, which goes on. Else it is the ink.
    is_paper = lightest - darkest > 100 and seen.size > tall * wide / 2
    return 255 if (usual > 127) == is_paper else 0


def _range(values: npt.NDArray[Any], name: str) -> tuple[float, float]:
    """Return which numbers are black and white."""
    with np.errstate(all="ignore"):  # numbers beyond float64 become infinite
        low, high = float(values.min()), float(values.max())
    if not (math.isfinite(low) and math.isfinite(high)):  # one NaN makes both of them NaN
        raise picture_error(f"{name} contains NaN or infinite values: replace them.")
    if values.dtype.kind == "f" and low >= 0 and high <= 1:
        low, high = 0.0, 1.0
    return low, high


def _scaled(values: npt.NDArray[Any], low: float, high: float) -> Pixels:
    span = high / 2 - low / 2  # halves: the whole may be more than a float can hold
    pixels = np.zeros(values.shape, np.uint8)
    if span <= 0:
        return pixels
    rows = max(1, PART // values[0].size)
    for top in range(0, len(values), rows):
        shares = (values[top : top + rows].astype(np.float64) / 2 - low / 2) / span
        pixels[top : top + rows] = np.rint(shares.clip(0, 1) * 255)
    return pixels
