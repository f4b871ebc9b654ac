"""Reader: pictures in, documents out. Everything else in this room works for it."""

import logging
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import BrokenExecutor
from contextlib import closing
from dataclasses import replace
from itertools import chain, islice
from pathlib import Path
from typing import TypeAlias

from ..document import Document, Symbol
from ..errors import InkdigitsError, RecogniserError
from ..io.guard import picture_error
from ..io.picture import Source, open_pages
from ..recognition.line_network import LineNetwork
from ..recognition.recogniser import Recogniser
from ..values import AUTO
from .batch import Found, Trace, find, find_or_fail, grouped, read_batch, traces, traces_or_fail
from .chunks import Chunk, called, chunks, failed, work
from .numbers import ALL
from .read import ReadOptions

logger = logging.getLogger(__name__)

MIN_CONFIDENCE = 0.5  # below it a symbol is not vouched for
Job: TypeAlias = tuple[ReadOptions, Chunk]
Done: TypeAlias = "tuple[Sequence[Found | Trace], bool]"

TOGETHER = 32  # pictures that `read_many` recognises at a time: in others, the last bits may differ
MOST_WORKERS = 32  # one program can feed no more, and each takes 100 MB
ENOUGH = 400  # small drawings, or as much work: what starting processes costs is less


class Reader:
    """Reads handwritten digits in any picture.

    It may be used by several threads at a time, and pickled.

    Parameters
    ----------
    recogniser
        A model or an .onnx file that `inkdigits export` made, or a run's folder; by default the
        shipped one. The shipped network of lines reads beside the shipped one alone: whoever names
        another sees what that one reads.
    min_confidence
        What is read with less is rejected: ``"?"``.
    alphabet
        ``"all"``: digits and marks as they are written; ``"digits"``: digits alone. A mark is then
        left out, and listed in the page's `left_out`.
    decimal
        How numbers are written: ``"point"`` (1,234.50), ``"comma"`` (1.234,50), or ``"auto"``, as
        the numbers of a page prove it. See `inkdigits.values.value_of`.
    rotate
        Turn a page that lies on its side or upside down, or whose lines slant.

    Raises
    ------
    InkdigitsError
        If there is no such recogniser, confidence, alphabet or decimal sign.

    Examples
    --------
    An upright stroke of black ink on white paper, as an array; a path is read alike.

    >>> import numpy as np
    >>> from inkdigits import Reader
    >>> picture = np.full((60, 40), 255, np.uint8)
    >>> picture[10:50, 18:22] = 0
    >>> Reader().read(picture).text
    '1'
    """

    _warned = False

    def __init__(
        self,
        recogniser: str | Path | None = None,
        *,
        min_confidence: float = MIN_CONFIDENCE,
        alphabet: str = ALL,
        decimal: str = AUTO,
        rotate: bool = True,
    ) -> None:
        self._options = ReadOptions(
            min_confidence=min_confidence, alphabet=alphabet, decimal=decimal, rotate=rotate
        )
        # More threads would gain little: nearly all the time goes into segmentation.
        self.recogniser = _reads_crops(Recogniser.load(recogniser, threads=1))
        if recogniser is None:  # whoever names another wants to know what that one reads
            self.recogniser.lines = LineNetwork.shipped()

    @classmethod
    def of(cls, recogniser: Recogniser, options: ReadOptions | None = None) -> "Reader":
        """Return a reader with a recogniser that is loaded already."""
        reader = cls.__new__(cls)
        reader.recogniser, reader._options = _reads_crops(recogniser), options or ReadOptions()
        return reader

    def __repr__(self) -> str:
        return f"Reader({self.recogniser.name}, min_confidence={self.min_confidence:g})"

    @property
    def min_confidence(self) -> float:
        """What is read with less is rejected."""
        return self._options.min_confidence

    @property
    def warning(self) -> str | None:
        """What is to be known before pages are read with it; None if nothing is.

        A single symbol is read without rejects well enough: somebody said that it is one.
        """
        if self.recogniser.alphabet.can_reject:
            return None
        return (
            f"{self.recogniser.name} cannot reject what is not a symbol: it reads marks, "
            "letters and scribbles as digits; train one with alphabet.rejects, as in the "
            "recipe reader."
        )

    def read(self, source: Source) -> Document:
        """Return all numbers in a picture, page by page and line by line.

        Parameters
        ----------
        source
            A path, bytes, a file object, a Pillow image or an array: see `open_pages`.

        Raises
        ------
        PictureError
            If it cannot be opened as a picture.
        """
        return self._read(source, self.options()).document

    def read_digit(self, source: Source) -> Symbol:
        """Return the one symbol in a picture: all its ink belongs to it.

        Of a file of several pages it is the one on the first.

        Raises
        ------
        PictureError
            If it cannot be opened as a picture.
        """
        first = next(open_pages(source))
        return self._read(first, self.options(single=True)).document.symbols[0]

    def options(self, *, single: bool = False) -> ReadOptions:
        """Return how this reader reads."""
        return replace(self._options, single=single)

    def trace(self, source: Source, *, single: bool = False) -> Trace:
        """Return a document and the intermediate pictures that it was read from.

        Raises
        ------
        PictureError
            If it cannot be opened as a picture.
        """
        return self._read(source, replace(self.options(single=single), keep=True))

    def _read(self, source: Source, options: ReadOptions) -> Trace:
        self._warn(options)
        return traces([find(source, self.recogniser, options)], self.recogniser, options)[0]

    def read_many(
        self, sources: Iterable[Source], *, single: bool = False, workers: int | None = None
    ) -> Iterator[Document]:
        """Return a document for each of `sources`, in order and as they come.

        A picture that cannot be opened or read does not stop the rest, not even one on which a
        process dies: its document has an `error`. Memory does not grow with the number of
        pictures, which may be endless.

        Parameters
        ----------
        sources
            As for `read`.
        single
            Take all ink of a picture as one digit, as `read_digit` does.
        workers
            How many processes read side by side; 1 is this one. By default there are as many as
            processors, once there is so much to read that starting them pays. The documents are
            the same whatever it is.

        Raises
        ------
        InkdigitsError
            If there is no such number of workers, or if they cannot be started.
        """
        workers = _checked_workers(workers)
        options = self.options(single=single)
        return (trace.document for trace in self._traces(sources, options, workers))

    def trace_many(
        self,
        sources: Iterable[Source],
        *,
        single: bool = False,
        workers: int | None = None,
        keep: bool = True,
    ) -> Iterator[Trace]:
        """Return what `read_many` does, with the intermediate pictures if `keep`."""
        options = replace(self.options(single=single), keep=keep)
        return self._traces(sources, options, _checked_workers(workers))

    def _traces(
        self, sources: Iterable[Source], options: ReadOptions, workers: int | None
    ) -> Iterator[Trace]:
        self._warn(options)
        batches = _batches(sources)
        if workers is None and isinstance(sources, Sequence):
            workers = _processors() if work(sources, ENOUGH) >= ENOUGH else 1
        done = 0.0
        # How much there is to read shows only as it comes.
        while workers is None and done < ENOUGH and (batch := next(batches, [])):
            yield from read_batch(batch, self.recogniser, options)
            done += work(batch)
        first = next(batches, None)
        if first is None:
            return  # nothing is left that would be worth a process
        batches = chain([first], batches)
        workers = workers or _processors()
        if workers > 1:
            yield from self._side_by_side(batches, options, workers)
        for batch in batches:
            yield from read_batch(batch, self.recogniser, options)

    def _warn(self, options: ReadOptions) -> None:
        """Log the warning of this reader when it first reads more than a single symbol."""
        if not (self._warned or options.single) and self.warning:
            self._warned = True
            logger.warning("%s", self.warning)

    def _side_by_side(
        self, batches: Iterator[list[Source]], options: ReadOptions, workers: int
    ) -> Iterator[Trace]:
        from .pool import side_by_side

        jobs = ((options, chunk) for batch in batches for chunk in chunks(batch))
        with closing(side_by_side(read_chunk, jobs, self.recogniser, workers, _alone)) as done:
            for group in grouped(done):
                yield from traces_or_fail(group, self.recogniser, options)


def _checked_workers(workers: int | None) -> int | None:
    if workers is not None and workers not in range(1, MOST_WORKERS + 1):
        raise InkdigitsError(
            f"workers must be a whole number, 1 to {MOST_WORKERS}, not {workers!r}."
        )
    return workers


def _processors() -> int:
    from .pool import processors  # few pictures are read before this is loaded

    return min(processors(), MOST_WORKERS)


def _batches(sources: Iterable[Source]) -> Iterator[list[Source]]:
    waiting = iter(sources)
    while batch := list(islice(waiting, TOGETHER)):
        yield batch


def _reads_crops(recogniser: Recogniser) -> Recogniser:
    """Return a recogniser that takes crops of any size, or refuse it.

    Raises
    ------
    RecogniserError
        If it takes pictures of one size alone.
    """
    if recogniser.size is None:
        return recogniser
    height, width = recogniser.size
    raise RecogniserError(
        f"{recogniser.name} takes pictures of {height}×{width} pixels as its data set draws them, "
        "so it cannot read pages: set network.frame to true in its recipe and train it again."
    )


def read_chunk(recogniser: Recogniser, job: Job) -> Done:
    """Segment some pictures; read them too if no others belong to their batch."""
    options, chunk = job
    if chunk.whole:
        return list(read_batch(chunk.sources, recogniser, options)), chunk.last
    return [find_or_fail(source, recogniser, options) for source in chunk.sources], chunk.last


def _alone(attempt: Callable[[Job], Done], job: Job) -> Done:
    """Segment the pictures of a chunk that was lost, one by one, and tell which of them it was."""
    options, chunk = job
    found: list[Found | Trace] = []
    for source in chunk.sources:
        try:
            found += attempt((options, Chunk([source], whole=False, last=False)))[0]
        except BrokenExecutor:
            sentence = (
                f"The process that read {called(source)} died twice, perhaps for lack of "
                "memory: save the picture smaller, or use fewer workers."
            )
            found.append(Trace(failed(source, picture_error(sentence))))
        except InkdigitsError:  # no process can be started
            raise
        except Exception as error:  # noqa: BLE001 what it is made of may not travel
            found.append(Trace(failed(source, error)))
    return found, chunk.last
