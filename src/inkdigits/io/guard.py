"""Guard: image files that are small, and would keep a decoder busy for hours or fill the memory.

They are refused by counting, before and while they are decoded, never by the clock.
"""

import io
import re
import struct
from typing import Literal

from ..errors import PictureError, printable

# These are more than any honest picture has.
MOST_READS = 500_000  # of chunks, blocks and strips
MOST_TIMES = 4  # that the whole file is read: tags and pixels are read once or twice
MOST_SEGMENTS = 32  # of a JPEG's EXIF, 64 KB each, and as many of Photoshop's
MOST_SCANS = 32  # of a JPEG: a progressive one has about ten, and each goes over all pixels
MOST_VALUES = 250_000  # of all tags of a page of a TIFF: most of them say where its strips are
MOST_TAGS, MOST_TAGS_OF_ALL = 5_000, 100_000  # of a directory of a TIFF, and of all of them

MARKER = re.compile(rb"\xff+([^\x00\xff\xd0-\xd7])")  # of a JPEG's segments; not among its pixels
TIFF = (b"II*\0", b"MM\0*", b"II\0*", b"MM*\0", b"II+\0", b"MM\0+")
BLOBS = (1, 2, 7)  # kinds of TIFF tags that stay bytes, unless they are LISTS
LISTS = (258, 273, 320, 324, 338, 339)
DIRECTORIES = (34665, 34853, 40965)  # TIFF tags that lead to further tags


def picture_error(sentence: str) -> PictureError:
    """Return the error: one line, whatever a file is called."""
    return PictureError(printable(sentence))


def too_large(name: str, most: int) -> PictureError:
    """Return the error of a picture of more than `most` pixels."""
    return picture_error(
        f"{name} has more than {most // 1_000_000} million pixels: save it smaller."
    )


def cause(error: Exception) -> str:
    """Return the first line of what went wrong."""
    text = str(error).strip().rstrip(".:").splitlines()
    return text[0][:120] if text else type(error).__name__


class InPiecesError(Exception):
    """A file that is made of far more pieces than a picture needs."""


class Watched(io.BytesIO):
    """A file in memory that will not be read for ever: a few MB can hold millions of chunks."""

    def __init__(self, content: bytes) -> None:
        super().__init__(content)
        self.reads = MOST_READS
        self.bytes = MOST_TIMES * len(content) + 1_000_000

    def read(self, size: int | None = -1, /) -> bytes:
        """Read as any file does, as long as it was not read too often or too much."""
        piece = super().read(size)
        self.reads -= 1
        self.bytes -= len(piece)
        if min(self.reads, self.bytes) < 0:
            raise InPiecesError
        return piece


def check_jpeg(content: bytes) -> None:
    """Refuse a JPEG of many scans, each of which goes over all pixels, or with much metadata."""
    if max(content.count(b"Exif\0\0"), content.count(b"Photoshop 3.0\0")) > MOST_SEGMENTS:
        raise InPiecesError
    if content.count(b"\xff\xda") <= MOST_SCANS:
        return  # fewer than there may be, even if some are none
    place = scans = 0
    for _ in range(MOST_READS):
        found = MARKER.search(content, place)
        if found is None or found[1] == b"\xd9":  # what comes after the end is not decoded
            return
        place = found.end()
        if found[1] in b"\xd8\x01":  # these two have no length
            continue
        scans += found[1] == b"\xda"
        if scans > MOST_SCANS:
            break
        place += int.from_bytes(content[place : place + 2], "big")
    raise InPiecesError


def check_tiff(content: bytes) -> None:
    """Refuse a TIFF with lists so long that they would fill the memory before any pixel does."""
    directories = _Directories(content)
    waiting = [directories.first]
    while waiting:
        page = waiting.pop()
        following = directories.check(page)
        if following and following not in directories.seen:  # some go round in a circle
            waiting.append(following)


class _Directories:
    """The directories of a TIFF: one a page, each of which leads to the next and to further ones.

    Attributes
    ----------
    first
        Where the first is; 0 is nowhere.
    seen
        Where those are that were looked at.
    """

    def __init__(self, content: bytes) -> None:
        self.content, self.seen, self._tags = content, set[int](), 0
        self._order: Literal["little", "big"] = "little" if content[:2] == b"II" else "big"
        self._big = content[2:3] == b"+"
        sign = "<" if self._order == "little" else ">"
        self._layout = struct.Struct(sign + ("HHQ8s" if self._big else "HHL4s"))
        self.first = self._number(8, 8) if self._big else self._number(4, 4)

    def check(self, page: int) -> int:
        """Refuse a page whose tags hold too much; return where the next one is."""
        values = following = 0
        waiting = [page]
        while waiting:
            start = waiting.pop()
            if start in self.seen:
                continue
            self.seen.add(start)
            first = start + (8 if self._big else 2)
            number = self._number(start, first - start)
            self._tags += number
            if number > MOST_TAGS or max(self._tags, len(self.seen)) > MOST_TAGS_OF_ALL:
                raise InPiecesError
            end = first + number * self._layout.size
            if start == page:
                following = self._number(end, 8 if self._big else 4)
            whole = min(number, max(0, len(self.content) - first) // self._layout.size)
            listed = self.content[first : first + whole * self._layout.size]
            for tag, kind, count, value in self._layout.iter_unpack(listed):
                if kind not in BLOBS or tag in LISTS:
                    values += count
                if values > MOST_VALUES:
                    raise InPiecesError
                if tag in DIRECTORIES:
                    waiting.append(int.from_bytes(value[: 2 if kind == 3 else 8], self._order))
        return following

    def _number(self, start: int, size: int) -> int:
        return int.from_bytes(self.content[start : start + size], self._order)
