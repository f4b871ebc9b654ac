"""Pictures: paths, bytes, file objects, Pillow images and arrays become one array of pixels.

Everything unsafe about image files ends here. What cannot be opened is one sentence, a
`PictureError`; nothing after this module knows of formats, modes, orientation or transparency.
"""

import io
import math
import os
import threading
import warnings
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import IO, Any, TypeAlias

import numpy as np
import numpy.typing as npt
from PIL import Image, UnidentifiedImageError

from ..document import Outline, Page
from ..errors import PictureError
from .guard import TIFF, InPiecesError, Watched, check_jpeg, check_tiff, refusal
from .pixels import Look, Pixels, averaged, large, opaque, shrunk, stretched

__all__ = ["Picture", "Pixels", "Placement", "Source", "content", "open_pages", "open_picture"]

Corners = tuple[tuple[float, float], tuple[float, float], tuple[float, float], tuple[float, float]]
Source: TypeAlias = (
    "str | os.PathLike[str] | bytes | IO[bytes] | Image.Image | npt.ArrayLike | Picture"
)

FORMATS = ("PNG", "JPEG", "WEBP", "BMP", "GIF", "TIFF")
SUFFIXES = (".png", ".jpg", ".jpeg", ".webp", ".bmp", ".gif", ".tif", ".tiff")
MOST_PIXELS = 50_000_000  # before decoding
MOST_WEBP_PIXELS = 25_000_000  # its decoder holds the picture four times
MOST_BYTES = 200_000_000
WORKING = 1600  # pixels of the longer side that the reader works on
ORIENTATION = 274  # the EXIF tag
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
FILTERS = threading.RLock()
EXIF = ("exif", "Raw profile type exif")
MOST_EXIF = 1_000_000  # bytes that are looked through for the orientation


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
    """

    name: str
    pixels: Pixels
    width: int
    height: int
    orientation: int = 1
    number: int = 1
    original: "Original | None" = field(default=None, repr=False)

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
            raise refusal(f"A picture cannot be made {side} pixels large: take 1 or more.")
        original = self.original
        if original is None or side <= max(self.pixels.shape[:2]):
            return replace(self, pixels=shrunk(self.pixels, side))

        def enlarge() -> Picture:
            pixels = upright(original.pixels(side), self.orientation)
            return replace(self, pixels=shrunk(pixels, side))

        return _safely(enlarge, self.name)

    @property
    def place(self) -> "Placement":
        """Where `pixels` lie in the file."""
        tall, wide = self.pixels.shape[:2]
        return Placement(self.width, self.height, wide, tall, self.orientation)


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
    """How the pixels that are read lie in the file: turned, mirrored and shrunk.

    Attributes
    ----------
    width, height
        Of the file as it is stored, in its pixels.
    wide, tall
        Of the upright pixels that are read.
    orientation
        The EXIF tag, 1 to 8.
    """

    width: int
    height: int
    wide: int
    tall: int
    orientation: int = 1

    @classmethod
    def of(cls, page: Page, wide: int, tall: int) -> "Placement":
        """Return how upright pixels, so many wide and tall, lie in a page that was read."""
        turned = page.rotation, page.mirrored
        orientation = next((tag for tag, way in ROTATIONS.items() if way == turned), 1)
        return cls(page.width, page.height, wide, tall, orientation)

    @property
    def rotation(self) -> float:
        """Clockwise degrees by which the stored picture is turned to be upright."""
        return ROTATIONS[self.orientation][0]

    @property
    def mirrored(self) -> bool:
        """Whether it is mirrored from left to right before it is turned."""
        return ROTATIONS[self.orientation][1]

    def outline(self, left: float, top: float, width: float, height: float) -> Corners:
        """Return the corners in the stored file of a box of upright pixels, clockwise there."""
        box = [(left, top), (left + width, top), (left + width, top + height), (left, top + height)]
        corners = [self._stored(x / self.wide, y / self.tall) for x, y in box]
        return (corners[0], corners[1], corners[2], corners[3])

    def upright(self, outline: Outline) -> tuple[float, float, float, float]:
        """Return left, top, right and bottom of an outline in upright pixels."""
        points = [self._turned(x / self.width, y / self.height) for x, y in outline]
        xs, ys = [x for x, _ in points], [y for _, y in points]
        return min(xs), min(ys), max(xs), max(ys)

    def _turned(self, x: float, y: float) -> tuple[float, float]:
        """Return where a point of the file lies upright; `x` and `y` are shares of its sides."""
        if self.mirrored:
            x = 1 - x
        if self.rotation == 90:
            x, y = 1 - y, x
        elif self.rotation == 180:
            x, y = 1 - x, 1 - y
        elif self.rotation == 270:
            x, y = y, 1 - x
        return x * self.wide, y * self.tall

    def _stored(self, x: float, y: float) -> tuple[float, float]:
        """Return where a point lies in the file; `x` and `y` are shares of the upright sides."""
        if self.rotation == 90:
            x, y = y, 1 - x
        elif self.rotation == 180:
            x, y = 1 - x, 1 - y
        elif self.rotation == 270:
            x, y = 1 - y, x
        if self.mirrored:
            x = 1 - x
        return round(x * self.width, 2), round(y * self.height, 2)


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
    if isinstance(source, Picture):
        return source
    if isinstance(source, Image.Image):
        return _safely(lambda: _from_image(source, "the picture"), "the picture")
    if isinstance(source, (str, os.PathLike)):
        path = Path(os.fsdecode(source))
        return _from_bytes(_read(path), path.name or str(path))
    if isinstance(source, (bytes, bytearray, memoryview)) or hasattr(source, "read"):
        return _from_bytes(content(source), "the picture")
    pixels = _from_array(source)
    return _safely(lambda: _from_image(Image.fromarray(pixels), "the array"), "the array")


def open_pages(source: Source) -> Iterator[Picture]:
    """Yield the pages of a file; of a picture the only one.

    Parameters
    ----------
    source
        As for `open_picture`.

    Raises
    ------
    PictureError
        If it cannot be opened.
    """
    yield open_picture(source)


def _read(path: Path) -> bytes:
    try:
        if path.is_dir():
            raise refusal(f"{path} is a folder: name the pictures in it.")
        with path.open("rb") as file:
            return _limited(file, str(path))
    except ValueError as error:  # a null character in the name
        raise refusal(f"{str(path)!r} is no path: name a file.") from error
    except OSError as error:
        raise refusal(
            f"Cannot read {path}: {error.strerror or error}; check the path and its permissions."
        ) from error


def content(source: Any) -> bytes:
    """Return what is in a file object, or in something like bytes.

    Raises
    ------
    PictureError
        If it cannot be read, or is too much.
    """
    if isinstance(source, io.TextIOBase):
        raise refusal("The file object gives text: open the file in binary mode.")
    try:
        file = source if hasattr(source, "read") else io.BytesIO(bytes(source))
        return _limited(file, "the picture")
    except PictureError:
        raise
    except Exception as error:  # any object may come
        raise refusal(
            f"{type(source).__name__} cannot be read ({_cause(error)}): pass a path, bytes or a "
            "file that is open in binary mode."
        ) from error


def _limited(file: IO[Any], name: str) -> bytes:
    pieces: list[bytes] = []
    size = 0
    while piece := file.read(MOST_BYTES + 1 - size):  # a pipe gives one piece after the other
        if isinstance(piece, str):
            raise refusal("The file object gives text: open the file in binary mode.")
        pieces.append(bytes(piece))
        size += len(piece)
        if size > MOST_BYTES:
            raise refusal(
                f"{name} has more than {MOST_BYTES // 1_000_000} MB: save it smaller, as JPEG or "
                "PNG."
            )
    return b"".join(pieces)


def _from_bytes(content: bytes, name: str) -> Picture:
    if not content:
        raise refusal(f"{name} is empty, 0 bytes: save or copy it again.")
    return _safely(lambda: _from_file(content, name), name)


def _safely(make: Callable[[], Picture], name: str) -> Picture:
    """Return what `make` returns, or raise one sentence."""
    # The filters of warnings belong to the whole process: one thread at a time may change them.
    with FILTERS, warnings.catch_warnings():
        # What is odd about a file (its tags, its size) is decided here, not told in passing.
        warnings.simplefilter("ignore")
        try:
            return make()
        except PictureError:
            raise
        except UnidentifiedImageError as error:
            raise refusal(
                f"{name} is no picture that can be opened, or its beginning is damaged: use PNG, "
                "JPEG, WebP, BMP, GIF or TIFF."
            ) from error
        except Image.DecompressionBombError as error:
            raise _too_large(name) from error
        except InPiecesError as error:
            raise refusal(
                f"{name} is in too many pieces to be opened safely: save it again, as JPEG or PNG."
            ) from error
        except MemoryError as error:
            raise refusal(f"{name} needs more memory than there is: save it smaller.") from error
        except Exception as error:
            # Decoders raise whatever they stumble over.
            raise refusal(
                f"{name} is damaged or cut short ({_cause(error)}): save or copy it again."
            ) from error


def _from_file(content: bytes, name: str) -> Picture:
    if content.startswith(b"\xff\xd8\xff"):
        check_jpeg(content)
    elif content.startswith(TIFF):
        check_tiff(content)
    with Image.open(Watched(content), formats=FORMATS) as image:
        width, height = image.size
        _check_size(
            width, height, name, MOST_WEBP_PIXELS if image.format == "WEBP" else MOST_PIXELS
        )
        _check_tiles(image, name)
        # A JPEG can be decoded at a half, a quarter or an eighth of its size, in as much less time.
        image.draft(None, (min(width, WORKING), min(height, WORKING)))
        # Pillow turns a TIFF when it loads it, unless it does not know how.
        tag = _orientation(image, forget=True) if image.format == "TIFF" else None
        image.load()
        stored = image._new(image.im)  # as it is stored, and without the file
        tag = _orientation(image) if tag is None else tag
        drafted = stored.size if image.format == "TIFF" else (width, height)
        return _made(stored, drafted, name, tag, content)


def _from_image(image: Image.Image, name: str) -> Picture:
    """Return the picture that a Pillow image holds, which stays the caller's."""
    _check_size(*image.size, name)
    image.load()  # before its orientation is asked for: Pillow turns a TIFF when it loads it
    tag = _orientation(image)
    stored = image.copy() if max(image.size) > WORKING else image
    return _made(stored, stored.size, name, tag)


def _made(
    image: Image.Image, size: tuple[int, int], name: str, tag: int, content: bytes = b""
) -> Picture:
    """Return the picture of an image, whose `size` was another before a draft."""
    pixels, look = opaque(averaged(image, WORKING), name)
    working = shrunk(upright(pixels, tag), WORKING)
    original = None
    if max(size) > WORKING:
        original = Original(image if image.size == size else content, look)
    return Picture(name, working, *size, tag, original=original)


def upright(pixels: Pixels, tag: int) -> Pixels:
    """Return stored pixels turned as an EXIF tag says."""
    rotation, mirrored = ROTATIONS[tag]
    return np.rot90(pixels[:, ::-1] if mirrored else pixels, -round(rotation / 90))


def _check_size(width: int, height: int, name: str, most: int = MOST_PIXELS) -> None:
    if width * height > most:
        raise _too_large(name, most)
    if width < 1 or height < 1:
        raise refusal(f"{name} has no pixels: its size is {width}×{height}.")


def _check_tiles(image: Image.Image, name: str) -> None:
    """Refuse a TIFF whose tiles are far larger than the picture: they are decoded whole."""
    tags = getattr(image, "tag_v2", {})
    sizes = [tags.get(tag) for tag in (256, 257, 322, 323)]
    whole = [size for size in sizes if isinstance(size, int) and size > 0]
    if len(whole) < len(sizes):
        return
    width, height, across, down = whole
    if math.ceil(width / across) * across * math.ceil(height / down) * down > 1.5 * MOST_PIXELS:
        raise _too_large(name)


def _orientation(image: Image.Image, *, forget: bool = False) -> int:
    try:
        if max(len(image.info.get(place, b"")) for place in EXIF) > MOST_EXIF:
            return 1
        tags = image.getexif()
        tag = int(tags.get(ORIENTATION, 1))
        if forget:
            tags.pop(ORIENTATION, None)
        return tag if tag in ROTATIONS else 1
    except Exception:  # noqa: BLE001 a damaged tag is no reason to refuse a picture
        return 1


def _from_array(source: Any) -> Pixels:
    try:
        values = np.asarray(source)
    except Exception as error:  # any object may come
        raise refusal(
            f"{type(source).__name__} is no picture ({_cause(error)}): pass an array of numbers."
        ) from error
    if values.dtype.kind not in "buif":
        raise refusal(
            f"{type(source).__name__} of {values.dtype} is no picture: pass a path, bytes, a file "
            "object, a Pillow image or an array of numbers."
        )
    if values.ndim == 3 and values.shape[2] == 1:
        values = values[..., 0]
    if values.ndim not in (2, 3) or (values.ndim == 3 and values.shape[2] not in (3, 4)):
        raise refusal(
            f"An array of shape {values.shape} is no picture: it must be (H, W), (H, W, 1), "
            "(H, W, 3) or (H, W, 4)."
        )
    _check_size(values.shape[1], values.shape[0], "the array")
    return stretched(values, "the array")


def _too_large(name: str, most: int = MOST_PIXELS) -> PictureError:
    return refusal(f"{name} has more than {most // 1_000_000} million pixels: save it smaller.")


def _cause(error: Exception) -> str:
    text = str(error).strip().rstrip(".:").splitlines()
    return text[0][:120] if text else type(error).__name__
