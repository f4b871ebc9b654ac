"""Decoding: the bytes of a file become images, page by page, within limits of every kind.

Everything unsafe about image files ends here. What cannot be opened is one sentence, a
`PictureError`.
"""

import math
import threading
import warnings
from collections.abc import Callable, Iterator
from typing import NamedTuple, TypeVar

from PIL import Image, UnidentifiedImageError

from ..errors import PictureError
from .bmp import without_runs
from .guard import TIFF, InPiecesError, Watched, check_jpeg, check_tiff, picture_error, too_large
from .kinds import by_content

FORMATS = ("PNG", "JPEG", "WEBP", "BMP", "GIF", "TIFF")
PAGED = ("TIFF", "GIF", "WEBP", "PNG")  # a JPEG has previews in it, but no pages
MOST_PIXELS = 50_000_000  # before decoding
MOST_MOVING = 25_000_000  # decoders of WebP, and of what moves, hold a picture several times
MOST_PAGES = 500
MOST_OF_PAGES = 5_000_000_000  # pixels of all pages of a TIFF
MOST_OF_FRAMES = 150_000_000  # pixels of all pictures of what moves, each drawn over the one before
WORKING = 1600  # pixels of the longer side that the reader works on
ORIENTATION = 274  # the EXIF tag
SUBFILE, OLD_SUBFILE = 254, 255  # tags of a TIFF that tell pages from their previews and masks
EXIF = ("exif", "Raw profile type exif")
MOST_EXIF = 1_000_000  # bytes that are looked through for the orientation

Made = TypeVar("Made")


class _Silence:
    """Ignores warnings while any thread is within; the last one to leave puts the filters back.

    They belong to the whole process, so threads cannot each change them for themselves; and if
    they took turns, a picture that takes long would stop all others.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._within = 0

    def __enter__(self) -> None:
        with self._lock:
            if not self._within:
                self._filters = warnings.catch_warnings()
                self._filters.__enter__()
                warnings.simplefilter("ignore")
            self._within += 1

    def __exit__(self, *_: object) -> None:
        with self._lock:
            self._within -= 1
            if not self._within:
                self._filters.__exit__(None, None, None)


SILENCE = _Silence()


class Stored(NamedTuple):
    """A page as its file has it.

    Attributes
    ----------
    image
        Decoded, not turned; of a large JPEG, smaller than it is.
    size
        Width and height in the file.
    orientation
        The EXIF tag, 1 to 8.
    jpeg
        The file, where it was decoded smaller.
    """

    image: Image.Image
    size: tuple[int, int]
    orientation: int
    jpeg: bytes | None = None


def safely(make: Callable[[], Made], name: str) -> Made:
    """Return what `make` returns, or raise one sentence.

    Raises
    ------
    PictureError
        If anything is wrong.
    """
    with SILENCE:  # what is odd about a file, its tags or its size, is decided here
        try:
            return make()
        except PictureError:
            raise
        except UnidentifiedImageError as error:
            raise picture_error(
                f"{name} is not a picture that can be opened, or its beginning is damaged: "
                "use PNG, JPEG, WebP, BMP, GIF or TIFF."
            ) from error
        except Image.DecompressionBombError as error:
            raise too_large(name, MOST_PIXELS) from error
        except InPiecesError as error:
            raise picture_error(
                f"{name} is in too many pieces to be opened safely: save it again, as JPEG or PNG."
            ) from error
        except MemoryError as error:
            raise picture_error(
                f"{name} needs more memory than is available: save it smaller."
            ) from error
        except Exception as error:
            # Decoders raise whatever they stumble over.
            raise picture_error(
                f"{name} is damaged or incomplete: save or copy it again."
            ) from error


def decoded(content: bytes, name: str, *, whole: bool, most: int = MOST_PAGES) -> Iterator[Stored]:
    """Yield the pages of a file, of `most` at most, each decoded when asked for; or the first one.

    It raises whatever decoders raise: see `safely`.
    """
    if content.startswith(b"\xff\xd8\xff"):
        check_jpeg(content)
    elif content.startswith(TIFF):
        check_tiff(content)
    elif content.startswith(b"BM"):
        content = without_runs(content, MOST_PIXELS)
    elif (other := by_content(content)) is not None:
        raise picture_error(f"{name} is {other}.")
    numbers = _numbers(content, name, whole, most)
    pixels = 0
    with Image.open(Watched(content), formats=FORMATS) as image:
        moves = len(numbers) > 1 and image.format != "TIFF"
        for number in numbers:
            if number:
                image.seek(number)
            _check(image, name, moves=moves)
            pixels += image.width * image.height
            if pixels > MOST_OF_PAGES:
                raise _too_much(name, MOST_OF_PAGES)
            yield _stored(image, content, moves=moves)


def _numbers(content: bytes, name: str, whole: bool, most: int) -> list[int]:
    """Return which of the images of a file are its pages."""
    # A file of its own: what is read to count does not count as read to decode.
    with Image.open(Watched(content), formats=FORMATS) as image:
        check_size(*image.size, name)
        number = getattr(image, "n_frames", 1) if image.format in PAGED else 1
        if number == 1 or (image.format != "TIFF" and not whole):
            return [0]
        if whole and number > MOST_PAGES:
            raise _too_many(name, number, MOST_PAGES)
        if image.format != "TIFF":
            if number > most:
                raise _too_many(name, number, most)
            if number * image.width * image.height > MOST_OF_FRAMES:
                raise _too_much(name, MOST_OF_FRAMES)
            return list(range(number))
        pages = (page for page in range(number) if _is_page(image, page))
        found = list(pages) if whole else [next(pages, 0)]
        if len(found) > most:
            raise _too_many(name, len(found), most)
        return found or [0]


def _too_many(name: str, number: int, most: int) -> PictureError:
    return picture_error(f"{name} has {number:,} pages or pictures, more than {most}: split it.")


def _is_page(image: Image.Image, number: int) -> bool:
    """Whether an image of a TIFF is no preview of another one, and no mask."""
    image.seek(number)
    tags = getattr(image, "tag_v2", {})
    kind, old = tags.get(SUBFILE, 0), tags.get(OLD_SUBFILE, 1)
    return not (isinstance(kind, int) and kind & 5) and old != 2


def _check(image: Image.Image, name: str, *, moves: bool) -> None:
    holds_several = moves or image.format == "WEBP"
    check_size(*image.size, name, MOST_MOVING if holds_several else MOST_PIXELS)
    _check_tiles(image, name)


def _stored(image: Image.Image, content: bytes, *, moves: bool) -> Stored:
    """Decode the page that an open file stands at."""
    size = image.size
    # A JPEG can be decoded at a half, a quarter or an eighth of its size, in as much less time.
    image.draft(None, (min(size[0], WORKING), min(size[1], WORKING)))
    if image.format == "TIFF":
        # Pillow turns it when it loads it, and swaps its sides before, unless it does not know.
        tag = orientation(image, forget=True)
        image.load()
        stored = image._new(image.im)
        image._im = None  # or the next page of this size would be decoded into this one
        return Stored(stored, stored.size, tag)
    image.load()
    tag = orientation(image)  # in a PNG it may stand after the pixels
    if moves:  # the next one is drawn over this one
        return Stored(image.copy(), size, tag)
    stored = image._new(image.im)  # without the file
    return Stored(stored, size, tag, None if stored.size == size else content)


def _too_much(name: str, most: int) -> PictureError:
    return picture_error(
        f"{name} has more than {most // 1_000_000:,} million pixels on all its pages or pictures "
        "together: split it, or save it smaller."
    )


def check_size(width: int, height: int, name: str, most: int = MOST_PIXELS) -> None:
    """Refuse a picture of too many pixels, or of none."""
    if width * height > most:
        raise too_large(name, most)
    if width < 1 or height < 1:
        raise picture_error(f"{name} has no pixels: its size is {width}×{height}.")


def _check_tiles(image: Image.Image, name: str) -> None:
    """Refuse a TIFF whose tiles are far larger than the picture: they are decoded whole."""
    tags = getattr(image, "tag_v2", {})
    sizes = [tags.get(tag) for tag in (256, 257, 322, 323)]
    whole = [size for size in sizes if isinstance(size, int) and size > 0]
    if len(whole) < len(sizes):
        return
    width, height, across, down = whole
    if math.ceil(width / across) * across * math.ceil(height / down) * down > 1.5 * MOST_PIXELS:
        raise too_large(name, MOST_PIXELS)


def orientation(image: Image.Image, *, forget: bool = False) -> int:
    """Return the EXIF tag of an image, 1 to 8; 1 where there is none that means anything.

    If `forget`, the image does not know it any more.
    """
    tag = 1
    try:
        if max(len(image.info.get(place, b"")) for place in EXIF) > MOST_EXIF:
            return 1
        tags = image.getexif()
        tag = int(tags.get(ORIENTATION, 1))
        if forget:
            tags.pop(ORIENTATION, None)
    except Exception:  # noqa: BLE001 a damaged tag is no reason to refuse a picture
        return 1
    return tag if 1 <= tag <= 8 else 1
