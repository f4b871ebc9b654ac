"""Chunks: a few sources, made ready to be read in another process, and how much work they are.

What only this process has (an open file, an image, an array) is read or opened here. Paths go as
they are, and so do bytes.
"""

import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias

from ..document import Document
from ..errors import PictureError
from ..io.guard import cause, picture_error
from ..io.picture import Picture, Source, open_picture
from ..io.sources import content, read_path

Packed: TypeAlias = "str | Path | bytes | Picture | Document"

# Work is counted in small drawings: 3 ms of one processor, as measured.
BYTES = 25_000  # of a JPEG that are as much work as one
PIXELS = 200_000  # of an array, likewise
LOAD = 64  # of work in a chunk; a batch of small pictures has less and stays whole
OURS = ("/dev/", "/proc/")  # what these names mean differs from process to process


@dataclass(frozen=True)
class Chunk:
    """Some sources of a batch.

    Attributes
    ----------
    sources
        Ready to travel; what could not be opened is a `Document` with an error already.
    whole
        Whether they are all of a batch.
    last
        Whether they are the last of one.
    """

    sources: Sequence[Packed]
    whole: bool
    last: bool


def chunks(batch: Sequence[Source]) -> Iterator[Chunk]:
    """Yield a batch as one chunk, or as several where its pictures are much work."""
    whole = work(batch) <= LOAD
    waiting: list[Packed] = []
    load = 0.0
    for source in batch:
        heavy = 0.0 if whole else work([source])
        if waiting and load + heavy > LOAD:
            yield Chunk(waiting, whole=False, last=False)
            waiting, load = [], 0.0
        waiting.append(_packed(source))
        load += heavy
    yield Chunk(waiting, whole=whole, last=True)


def work(sources: Sequence[Source], enough: float = float("inf")) -> float:
    """Return about how much work it is to read `sources`; stop counting at `enough`."""
    found = 0.0
    for source in sources:
        if found >= enough:
            break
        found += 1 + _size(source)
    return found


def _size(source: Source) -> float:
    if isinstance(source, (str, Path)):
        about = _status(source)
        return about.st_size / BYTES if about is not None else 0.0
    if isinstance(source, bytes):
        return len(source) / BYTES
    shape = getattr(source, "shape", None) or getattr(source, "size", None)
    if isinstance(shape, tuple) and len(shape) > 1:
        return float(shape[0] * shape[1]) / PIXELS
    return 0.0


def _packed(source: Source) -> Packed:
    try:
        if isinstance(source, (str, Path)):
            return source if _travels(source) else read_path(Path(source))
        if isinstance(source, bytes) or hasattr(source, "read"):
            return content(source)
        return open_picture(source)
    except Exception as error:  # noqa: BLE001 whatever is wrong with one is no matter to the rest
        return failed(source, error)


def failed(source: "Source | Packed", error: Exception) -> Document:
    """Return the document of what could not be opened or read, whatever went wrong."""
    return unread(called(source), error)


def called(source: "Source | Packed") -> str:
    """Return the name of a source."""
    if isinstance(source, (str, Path)):
        return Path(source).name
    return source.name if isinstance(source, (Picture, Document)) else "the picture"


def unread(name: str, error: Exception) -> Document:
    """Return the document of a picture of that name that could not be read."""
    if isinstance(error, PictureError):
        return Document(name, error=str(error))
    if isinstance(error, MemoryError):
        sentence = (
            f"{name} needs more memory than is available: save it smaller, or use fewer workers."
        )
    else:
        sentence = (
            f"{name} could not be read ({type(error).__name__}: {cause(error)}), which is a "
            "mistake of inkdigits: please report it, with the picture if you may."
        )
    return Document(name, error=str(picture_error(sentence)))


def _travels(path: str | Path) -> bool:
    """Whether any process finds the same there."""
    return not str(path).startswith(OURS)


def _status(path: str | Path) -> os.stat_result | None:
    try:
        return Path(path).stat()
    except (OSError, ValueError):  # it fails once more, with a sentence, when it is opened
        return None
