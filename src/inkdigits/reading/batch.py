"""Batches: files that are segmented one by one, and read together within a bound of memory."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from ..document import Document, Page
from ..io.picture import Picture, Source, open_pages
from ..recognition.recogniser import Recogniser
from ..segmentation.finder import shipped
from ..segmentation.segment import Segmentation, segment
from .chunks import Packed, failed, unread
from .read import PageTrace, ReadOptions, read

HELD = 64_000_000  # bytes of segmentations that wait to be read; where it is passed, they are


@dataclass(frozen=True, eq=False)
class Found:
    """A file before it is read: its pages, or what was read of those that could not wait."""

    name: str
    pages: "Sequence[Segmentation | PageTrace]"

    @property
    def size(self) -> int:
        """Bytes of what waits to be read."""
        return sum(page.size for page in self.pages if isinstance(page, Segmentation))


@dataclass(frozen=True, eq=False)
class Trace:
    """A document, and the intermediate pictures of its pages where they were asked for."""

    document: Document
    pages: Sequence[PageTrace] = ()


def find(source: Source, recogniser: Recogniser, options: ReadOptions) -> Found:
    """Return the writing on each page of a file.

    Raises
    ------
    PictureError
        If it cannot be opened as a picture.
    """
    name = ""
    pages: list[Segmentation | PageTrace] = []
    waiting: list[Segmentation] = []
    for picture in _turned(open_pages(source, options.most_pages), options):
        name = picture.name
        strips = recogniser.lines is not None
        waiting.append(
            segment(
                picture,
                single=options.single,
                keep=options.keep,
                finder=shipped(),
                strips=strips,
            )
        )
        if sum(page.size for page in waiting) > HELD:  # a file may have hundreds of pages
            pages += read(waiting, recogniser, options)
            waiting = []
    return Found(name, [*pages, *waiting])


def _turned(pictures: Iterator[Picture], options: ReadOptions) -> Iterator[Picture]:
    """Yield pages as somebody said that they lie."""
    for picture in pictures:
        yield picture if options.rotation is None else picture.turned(options.rotation)


def find_or_fail(
    source: "Source | Packed", recogniser: Recogniser, options: ReadOptions
) -> Found | Trace:
    """Return the writing in a file, or the document of one that cannot be opened or read."""
    if isinstance(source, Document):
        return Trace(source)
    try:
        return find(source, recogniser, options)
    except Exception as error:  # noqa: BLE001 whatever is wrong with one is no matter to the rest
        return Trace(failed(source, error))


def read_batch(
    sources: "Iterable[Source | Packed]", recogniser: Recogniser, options: ReadOptions
) -> Iterator[Trace]:
    """Yield what is read of each of `sources`."""
    found = ([find_or_fail(source, recogniser, options)] for source in sources)
    for group in grouped((some, False) for some in found):
        yield from traces_or_fail(group, recogniser, options)


def grouped(
    found: "Iterable[tuple[Sequence[Found | Trace], bool]]",
) -> "Iterator[list[Found | Trace]]":
    """Yield what is read together: until a batch ends, or as much waits as may.

    Each of `found` tells whether a batch ends with it. Groups do not depend on how many processes
    segment, so neither does what is read.
    """
    group: list[Found | Trace] = []
    held = 0
    for some, is_last in found:
        for one in some:
            group.append(one)
            held += one.size if isinstance(one, Found) else 0
            if held > HELD:
                yield group
                group, held = [], 0
        if is_last and group:
            yield group
            group, held = [], 0
    if group:
        yield group


def traces(
    found: Sequence[Found | Trace], recogniser: Recogniser, options: ReadOptions
) -> list[Trace]:
    """Return what is read of files, those that are read already among the new ones."""
    waiting = [
        page
        for one in found
        if isinstance(one, Found)
        for page in one.pages
        if isinstance(page, Segmentation)
    ]
    read_now = iter(read(waiting, recogniser, options))
    return [one if isinstance(one, Trace) else _trace(one, read_now, options) for one in found]


def traces_or_fail(
    found: Sequence[Found | Trace], recogniser: Recogniser, options: ReadOptions
) -> list[Trace]:
    """Return what is read of files; if that fails, of each by itself, and which one it was."""
    try:
        return traces(found, recogniser, options)
    except Exception as error:  # noqa: BLE001 whatever is wrong with one is no matter to the rest
        if len(found) > 1:
            return [traces_or_fail([one], recogniser, options)[0] for one in found]
        (one,) = found
        return [one if isinstance(one, Trace) else Trace(unread(one.name, error))]


def _trace(found: Found, read_now: Iterator[PageTrace], options: ReadOptions) -> Trace:
    pages = [next(read_now) if isinstance(p, Segmentation) else p for p in found.pages]
    numbered: list[Page] = [
        replace(trace.page, number=number) for number, trace in enumerate(pages, start=1)
    ]
    document = Document(found.name, tuple(numbered))
    return Trace(document, pages if options.keep else ())
