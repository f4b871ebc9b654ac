"""Guard: image files that are small, and would keep a decoder busy for hours or fill the memory.

They are refused by counting, before and while they are decoded, never by the clock.
"""

import io
import re
import struct
from collections.abc import Iterator
from typing import Literal

from ..errors import PictureError

# These are more than any honest picture has.
MOST_READS = 500_000  # of chunks, blocks and strips
MOST_TIMES = 4  # that the whole file is read: tags and pixels are read once or twice
MOST_SEGMENTS = 32  # of a JPEG's EXIF, 64 KB each, and as many of Photoshop's
MOST_SCANS = 32  # of a JPEG: a progressive one has about ten, and each goes over all pixels
MOST_VALUES = 250_000  # of all tags of a TIFF: most of them say where its strips are
MOST_TAGS = 5_000

MARKER = re.compile(rb"\xff+([^\x00\xff\xd0-\xd7])")  # of a JPEG's segments; not among its pixels
TIFF = (b"II*\0", b"MM\0*", b"II\0*", b"MM*\0", b"II+\0", b"MM\0+")
BLOBS = (1, 2, 7)  # kinds of TIFF tags that stay bytes, unless they are LISTS
LISTS = (258, 273, 320, 324, 338, 339)
DIRECTORIES = (34665, 34853, 40965)  # TIFF tags that lead to further tags


def refusal(sentence: str) -> PictureError:
    """Return the error: one line, whatever a file is called."""
    return PictureError("".join(sign if sign.isprintable() else "?" for sign in sentence))


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
    values = 0
    for tag, kind, count in _tags(content):
        if kind not in BLOBS or tag in LISTS:
            values += count
        if values > MOST_VALUES:
            raise InPiecesError


def _tags(content: bytes) -> Iterator[tuple[int, int, int]]:
    """Yield tag, kind and number of values of all that the first directory of a TIFF leads to."""
    order: Literal["little", "big"] = "little" if content[:2] == b"II" else "big"
    big = content[2:3] == b"+"
    layout = struct.Struct(("<" if order == "little" else ">") + ("HHQ8s" if big else "HHL4s"))
    waiting = [int.from_bytes(content[8:16] if big else content[4:8], order)]
    seen: set[int] = set()
    while waiting:
        start = waiting.pop()
        if start in seen:
            continue
        seen.add(start)
        first = start + (8 if big else 2)
        number = int.from_bytes(content[start:first], order)
        if max(number, len(seen)) > MOST_TAGS:
            raise InPiecesError
        number = min(number, max(0, len(content) - first) // layout.size)
        listed = content[first : first + number * layout.size]
        for tag, kind, count, value in layout.iter_unpack(listed):
            yield tag, kind, count
            if tag in DIRECTORIES:
                waiting.append(int.from_bytes(value[: 2 if kind == 3 else 8], order))
