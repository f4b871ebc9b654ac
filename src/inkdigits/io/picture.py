"""Pictures: paths, bytes, file objects, Pillow images and arrays become arrays of pixels.

Nothing after this module knows of formats, modes, orientation or transparency.
"""

import math
import os
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import IO, Any, TypeAlias

import numpy as np
import numpy.typing as npt
from PIL import Image

from ..document import Outline, Page
from .decode import MOST_PAGES, WORKING, Stored, check_size, decoded, orientation, safely
from .guard import Watched, picture_error
from .pixels import Affine, Look, Pixels, averaged, large, opaque, rotated, shrunk, stretched
from .sources import content, read_path

__all__ = ["Picture", "Pixels", "Placement", "Source", "open_pages", "open_picture"]

Corners = tuple[tuple[float, float], tuple[float, float], tuple[float, float], tuple[float, float]]
Source: TypeAlias = (
    "str | os.PathLike[str] | bytes | IO[bytes] | Image.Image | npt.ArrayLike | Picture"
)

# Clockwise degrees, after mirroring from left to right or not.
ROTATIONS = {
    1: (0.0, False),
    2: (0.0, True),
    3: (180.0, False),
    4: (180.0, True),
    5: (270.0, True),
    6: (90.0, False),
    7: (90.0, True),
    8: (270.0, False),
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
        In the pixels of the file as it is stored.
    orientation
        The EXIF tag, 1 to 8: how the stored picture was turned to be upright.
    number
        Of the page, from 1.
    original
        What `enlarged` looks at, if the file has more pixels.
    turn
        Clockwise degrees by which it was turned further, for the writing to be upright.
    """

    name: str
    pixels: Pixels
    width: int
    height: int
    orientation: int = 1
    number: int = 1
    original: "Original | None" = field(default=None, repr=False)
    turn: float = 0.0

    def enlarged(self, side: int) -> "Picture":
        """Return the same page with more pixels, to read small writing in.

        Parameters
        ----------
        side
            How many pixels the longer side of `pixels` shall have; fewer if the file has fewer.

        Raises
        ------
        PictureError
            If there is not enough memory, or `side` is no number of pixels.
        """
        if side < 1:
            raise picture_error(f"A picture cannot be enlarged to {side} pixels: use 1 or more.")
        original = self.original
        if original is None or side <= max(self.pixels.shape[:2]):
            return replace(self, pixels=shrunk(self.pixels, side))

        def enlarge() -> Picture:
            pixels = upright(original.pixels(side), self.orientation)
            return replace(self, pixels=shrunk(pixels, side))

        return safely(enlarge, self.name)

    def turned(self, rotation: int) -> "Picture":
        """Return the same page turned clockwise by so many degrees from how it is stored.

        Parameters
        ----------
        rotation
            0, 90, 180 or 270; it counts after mirroring, as a page's rotation does.

        Raises
        ------
        PictureError
            If it is another.
        """
        now, mirrored = ROTATIONS[self.orientation]
        tag = next((t for t, way in ROTATIONS.items() if way == (rotation, mirrored)), None)
        if tag is None:
            raise picture_error(
                f"A picture can be rotated by 0, 90, 180 or 270 degrees, not {rotation}."
            )
        pixels = np.rot90(self.pixels, round((now - rotation) / 90))
        return replace(self, pixels=np.ascontiguousarray(pixels), orientation=tag)

    def slanted(self, degrees: float) -> "Picture":
        """Return the same page turned clockwise from how it lies now, by any angle.

        It has as many pixels as hold all of it, and no more of them are to be had later.
        """
        place = self.place.turned(degrees)
        if degrees % 90 == 0:
            pixels: Pixels = np.rot90(self.pixels, -round(degrees / 90))
        else:
            pixels = rotated(self.pixels, between(self.place, place), (place.wide, place.tall))
        return replace(self, pixels=pixels, turn=place.turn, original=None)

    @property
    def place(self) -> "Placement":
        """Where `pixels` lie in the file."""
        tall, wide = self.pixels.shape[:2]
        return Placement(self.width, self.height, wide, tall, self.orientation, self.turn)


@dataclass(frozen=True, eq=False)
class Original:
    """A picture that is larger than its working copy: decoded, or a JPEG, which decodes faster.

    Attributes
    ----------
    image
        As it is stored, not turned; or the bytes of a JPEG.
    look
        What its working copy looks like.
    """

    image: Image.Image | bytes
    look: Look

    def pixels(self, side: int) -> Pixels:
        """Return its pixels, as they are stored, shrunk to not less than `side`."""
        if isinstance(self.image, Image.Image):
            return large(self.image, side, self.look)
        with Image.open(Watched(self.image), formats=("JPEG",)) as image:
            least = min(1.0, side / max(image.size))
            image.draft(None, (math.ceil(image.width * least), math.ceil(image.height * least)))
            image.load()
            return large(image, side, self.look)


@dataclass(frozen=True)
class Placement:
    """How the pixels that are read lie in the file: mirrored, turned and shrunk.

    Attributes
    ----------
    width, height
        Of the file as it is stored, in its pixels.
    wide, tall
        Of the upright pixels that are read: what holds the whole file once it is turned.
    orientation
        The EXIF tag, 1 to 8.
    turn
        Clockwise degrees by which it was turned further, for the writing to be upright.
    """

    width: int
    height: int
    wide: int
    tall: int
    orientation: int = 1
    turn: float = 0.0

    @classmethod
    def of(cls, page: Page, wide: int, tall: int) -> "Placement":
        """Return how upright pixels, so many wide and tall, lie in a page that was read."""
        return cls(page.width, page.height, wide, tall, 1 + page.mirrored, page.rotation)

    def turned(self, degrees: float) -> "Placement":
        """Return how the same pixels lie if they are turned clockwise, and are as large as before.

        They are as many as hold all of them.
        """
        found = replace(self, turn=(self.turn + degrees) % 360)
        across, down = self._whole()
        scale = self.wide / across, self.tall / down
        if degrees % 180 == 90:
            scale = scale[1], scale[0]
        across, down = found._whole()
        wide, tall = round(across * scale[0]), round(down * scale[1])
        return replace(found, wide=max(1, wide), tall=max(1, tall))

    @property
    def rotation(self) -> float:
        """Clockwise degrees by which the stored picture is turned to be upright."""
        return (ROTATIONS[self.orientation][0] + self.turn) % 360

    @property
    def mirrored(self) -> bool:
        """Whether it is mirrored from left to right before it is turned."""
        return ROTATIONS[self.orientation][1]

    @cached_property
    def matrix(self) -> Affine:
        """What makes of a point of the file one of the upright pixels: two rows of (x, y, 1)."""
        cos, sin = self._cos_sin()
        across, down = self._whole()
        x, y, way = self.wide / across, self.tall / down, -1 if self.mirrored else 1
        a, b, c, d = x * cos * way, -x * sin, y * sin * way, y * cos
        middle_x, middle_y = self.width / 2, self.height / 2
        left = self.wide / 2 - a * middle_x - b * middle_y
        top = self.tall / 2 - c * middle_x - d * middle_y
        return (a, b, left), (c, d, top)

    @cached_property
    def inverse(self) -> Affine:
        """What makes of a point of the upright pixels one of the file."""
        (a, b, left), (c, d, top) = self.matrix
        size = a * d - b * c
        a, b, c, d = d / size, -b / size, -c / size, a / size
        return (a, b, -a * left - b * top), (c, d, -c * left - d * top)

    def outline(self, left: float, top: float, width: float, height: float) -> Corners:
        """Return the corners in the stored file of a box of upright pixels, clockwise there."""
        box = [(left, top), (left + width, top), (left + width, top + height), (left, top + height)]
        corners = [_moved(self.inverse, x, y) for x, y in box]
        # What is added makes 0 of -0.
        corners = [(round(x, 2) + 0.0, round(y, 2) + 0.0) for x, y in corners]
        return (corners[0], corners[1], corners[2], corners[3])

    def upright(self, outline: Outline) -> tuple[float, float, float, float]:
        """Return left, top, right and bottom of an outline in upright pixels."""
        points = [_moved(self.matrix, x, y) for x, y in outline]
        xs, ys = [x for x, _ in points], [y for _, y in points]
        return min(xs), min(ys), max(xs), max(ys)

    def _cos_sin(self) -> tuple[float, float]:
        """Return cosine and sine of the rotation; of quarter turns to the last bit."""
        quarters, rest = divmod(self.rotation, 90)
        if rest == 0:
            return ((1.0, 0.0), (0.0, 1.0), (-1.0, 0.0), (0.0, -1.0))[int(quarters)]
        return math.cos(math.radians(self.rotation)), math.sin(math.radians(self.rotation))

    def _whole(self) -> tuple[float, float]:
        """Return width and height of what holds the whole file, turned, in its pixels."""
        cos, sin = (abs(value) for value in self._cos_sin())
        return self.width * cos + self.height * sin, self.width * sin + self.height * cos


def between(old: Placement, new: Placement) -> Affine:
    """Return what makes of a point of upright pixels one of others of the same file."""
    points = [_moved(new.matrix, *_moved(old.inverse, x, y)) for x, y in ((0, 0), (1, 0), (0, 1))]
    (left, top), (a, c), (b, d) = points
    return (a - left, b - left, left), (c - top, d - top, top)


def _moved(by: Affine, x: float, y: float) -> tuple[float, float]:
    (a, b, left), (c, d, top) = by
    return a * x + b * y + left, c * x + d * y + top


def open_picture(source: Source) -> Picture:
    """Return the picture that `source` holds.

    Parameters
    ----------
    source
        A path; the bytes of a PNG, JPEG, WebP, BMP, GIF (its first frame) or TIFF file, or a file
        object with them; a Pillow image; or an array ``(H, W)``, ``(H, W, 1)``, RGB ``(H, W, 3)``
        or RGBA ``(H, W, 4)``: uint8, bool, other integers, or floats (in [0, 1], or of any
        range, which is then stretched). A picture that is open already is returned as it is.

    Raises
    ------
    PictureError
        If it is no such picture, is damaged, or has more than 50 million pixels (25 in WebP).
    """
    named = _file(source)
    if named is not None:
        return next(_pages(*named, whole=False))
    return _opened(source)


def open_pages(source: Source, most: int = MOST_PAGES) -> Iterator[Picture]:
    """Yield the pages of a file, each opened when it is asked for; of a picture the only one.

    The pages of a TIFF are those that are no previews and no masks of others; those of an animated
    GIF, WebP or PNG are its pictures, as they are shown one after the other. A JPEG is one page,
    whatever previews are in it; so is an image that Pillow has opened: what it shows.

    Parameters
    ----------
    source
        As for `open_picture`.
    most
        A file of more pages is refused.

    Raises
    ------
    PictureError
        If it cannot be opened, or has more pages or pixels than are read; once it is asked for the
        first page, or for one that is damaged.
    """
    named = _file(source)
    if named is not None:
        yield from _pages(*named, whole=True, most=most)
    else:
        yield _opened(source)


def _file(source: Source) -> tuple[bytes, str] | None:
    """Return what is in a file, and its name; None if `source` is none."""
    if isinstance(source, (str, os.PathLike)):
        path = Path(os.fsdecode(source))
        return read_path(path), path.name or str(path)
    if isinstance(source, (bytes, bytearray, memoryview)) or (
        hasattr(source, "read") and not isinstance(source, Image.Image)
    ):
        return content(source), "the picture"
    return None


def _pages(content: bytes, name: str, *, whole: bool, most: int = MOST_PAGES) -> Iterator[Picture]:
    if not content:
        raise picture_error(f"{name} is empty, 0 bytes: save or copy it again.")
    pages = decoded(content, name, whole=whole, most=most)
    number, called = 1, name

    def following() -> Picture | None:
        page = next(pages, None)
        return None if page is None else _made(page, name, number)

    while (picture := safely(following, called)) is not None:
        yield picture
        number += 1
        called = f"page {number} of {name}"


def _opened(source: Source) -> Picture:
    """Return the picture of what is no file."""
    if isinstance(source, Picture):
        return source
    if isinstance(source, Image.Image):
        image = source
        return safely(lambda: _made(_copied(image), "the picture"), "the picture")
    pixels = _from_array(source)
    return safely(lambda: _made(_copied(Image.fromarray(pixels)), "the array"), "the array")


def _copied(image: Image.Image) -> Stored:
    """Return the page that a Pillow image shows, whatever its owner does with it later."""
    check_size(*image.size, "the picture")
    image.load()  # before its orientation is asked for: Pillow turns a TIFF when it loads it
    stored = image.copy() if max(image.size) > WORKING else image
    return Stored(stored, stored.size, orientation(image))


def _made(page: Stored, name: str, number: int = 1) -> Picture:
    pixels, look = opaque(averaged(page.image, WORKING), name)
    working = shrunk(upright(pixels, page.orientation), WORKING)
    original = Original(page.jpeg or page.image, look) if max(page.size) > WORKING else None
    return Picture(name, working, *page.size, page.orientation, number, original)


def upright(pixels: Pixels, tag: int) -> Pixels:
    """Return stored pixels turned as an EXIF tag says."""
    rotation, mirrored = ROTATIONS[tag]
    return np.rot90(pixels[:, ::-1] if mirrored else pixels, -round(rotation / 90))


def _from_array(source: Any) -> Pixels:
    try:
        values = np.asarray(source)
    except Exception as error:  # any object may come
        raise picture_error(
            f"{type(source).__name__} is not a picture: pass an array of numbers."
        ) from error
    if values.dtype.kind not in "buif":
        raise picture_error(
            f"{type(source).__name__} of {values.dtype} is not a picture: pass a path, bytes, "
            "a file object, a Pillow image or an array of numbers."
        )
    if values.ndim == 3 and values.shape[2] == 1:
        values = values[..., 0]
    if values.ndim not in (2, 3) or (values.ndim == 3 and values.shape[2] not in (3, 4)):
        raise picture_error(
            f"An array of shape {values.shape} is not a picture: it must be (H, W), (H, W, "
            "1), (H, W, 3) or (H, W, 4)."
        )
    check_size(values.shape[1], values.shape[0], "the array")
    return stretched(values, "the array")
