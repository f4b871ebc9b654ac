"""Reader: pictures in, readings out. Everything else in this room works for it."""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from itertools import chain, islice
from pathlib import Path

from ..errors import InkdigitsError, PictureError
from .parcel import Packed, Parcel, failed, parcels, work
from .picture import Source, open_picture
from .reading import Digit, Reading
from .recogniser import Recogniser
from .sheet import Sheet, look, read, read_singles

MIN_CONFIDENCE = 0.5  # below it a digit is not vouched for
TOGETHER = 32  # pictures that `read_many` recognises at a time: in others, the last bits may differ
MOST_WORKERS = 32  # one program can feed no more, and each takes 100 MB
ENOUGH = 400  # small drawings, or as much work: what starting processes costs is less


class Reader:
    """Reads handwritten digits in any picture.

    Parameters
    ----------
    recogniser
        An .onnx file that `inkdigits export` made, or a run's folder; by default the shipped one.
    min_confidence
        What is read with less is refused: ``"?"``.

    Raises
    ------
    InkdigitsError
        If there is no such recogniser, or no such confidence.
    """

    def __init__(
        self, recogniser: str | Path | None = None, *, min_confidence: float = MIN_CONFIDENCE
    ) -> None:
        # More threads would gain little: nearly all the time goes into looking.
        self.recogniser = Recogniser.load(recogniser, threads=1)
        self.min_confidence = _checked(min_confidence)

    @classmethod
    def of(cls, recogniser: Recogniser, *, min_confidence: float = MIN_CONFIDENCE) -> "Reader":
        """Return a reader with a recogniser that is loaded already."""
        reader = cls.__new__(cls)
        reader.recogniser, reader.min_confidence = recogniser, _checked(min_confidence)
        return reader

    def read(self, source: Source) -> Reading:
        """Return all digits in a picture, line by line.

        Parameters
        ----------
        source
            A path, bytes, a file object, a Pillow image or an array: see `open_picture`.

        Raises
        ------
        PictureError
            If it cannot be opened as a picture.
        """
        sheet = look(open_picture(source), single=False)
        return read([sheet], self.recogniser, self.min_confidence)[0]

    def read_digit(self, source: Source) -> Digit:
        """Return the one digit in a picture: all its ink belongs to it.

        Raises
        ------
        PictureError
            If it cannot be opened as a picture.
        """
        sheet = look(open_picture(source), single=True)
        return read_singles([sheet], self.recogniser, self.min_confidence)[0].digits[0]

    def read_many(
        self, sources: Iterable[Source], *, single: bool = False, workers: int | None = None
    ) -> Iterator[Reading]:
        """Return a reading for each of `sources`, in order and as they come.

        A picture that cannot be opened does not stop the rest: its reading has an `error`. Memory
        does not grow with the number of pictures, which may be endless.

        Parameters
        ----------
        sources
            As for `read`.
        single
            Take all ink of a picture as one digit, as `read_digit` does.
        workers
            How many processes read side by side; 1 is this one. By default there are as many as
            processors, once there is so much to read that starting them pays. The readings are the
            same whatever it is.

        Raises
        ------
        InkdigitsError
            If there is no such number of workers, or if one of them dies.
        """
        if workers is not None and workers not in range(1, MOST_WORKERS + 1):
            raise InkdigitsError(
                f"workers must be a whole number, 1 to {MOST_WORKERS}, not {workers!r}."
            )
        return self._read_many(sources, _Way(single, self.min_confidence), workers)

    def _read_many(
        self, sources: Iterable[Source], way: "_Way", workers: int | None
    ) -> Iterator[Reading]:
        batches = _batches(sources)
        if workers is None and isinstance(sources, Sequence):
            workers = _processors() if work(sources, ENOUGH) >= ENOUGH else 1
        done = 0.0
        # How much there is to read shows only as it comes.
        while workers is None and done < ENOUGH and (batch := next(batches, [])):
            yield from self._here(batch, way)
            done += work(batch)
        first = next(batches, None)
        if first is None:
            return  # nothing is left that would be worth a process
        batches = chain([first], batches)
        workers = workers or _processors()
        if workers > 1:
            yield from self._side_by_side(batches, way, workers)
        for batch in batches:
            yield from self._here(batch, way)

    def _here(self, batch: Sequence[Source], way: "_Way") -> list[Reading]:
        return way.read([way.look(source) for source in batch], self.recogniser)

    def _side_by_side(
        self, batches: Iterator[list[Source]], way: "_Way", workers: int
    ) -> Iterator[Reading]:
        from .pool import side_by_side

        jobs = ((way, parcel) for batch in batches for parcel in parcels(batch))
        looked: list[Sheet | Reading] = []
        with closing(side_by_side(_read_parcel, jobs, self.recogniser, workers)) as done:
            for found, is_last in done:
                looked += found
                if is_last:
                    yield from way.read(looked, self.recogniser)
                    looked = []


def _checked(confidence: float) -> float:
    if not isinstance(confidence, (int, float)) or not 0 <= confidence <= 1:
        raise InkdigitsError(f"min_confidence must be between 0 and 1, not {confidence!r}.")
    return confidence


def _processors() -> int:
    from .pool import processors  # few pictures are read before this is loaded

    return min(processors(), MOST_WORKERS)


@dataclass(frozen=True)
class _Way:
    """How many pictures are read: as one digit each, or not; and what is refused."""

    single: bool
    least: float

    def look(self, source: "Source | Packed") -> Sheet | Reading:
        """Return the writing in a picture, or the reading of one that cannot be opened."""
        if isinstance(source, Reading):
            return source
        try:
            picture = open_picture(source)
        except PictureError as error:
            return failed(source, error)
        return look(picture, self.single)

    def read(self, looked: Sequence[Sheet | Reading], recogniser: Recogniser) -> list[Reading]:
        """Return the readings, those that are there already among the new ones."""
        sheets = [sheet for sheet in looked if isinstance(sheet, Sheet)]
        if not sheets:
            return [reading for reading in looked if isinstance(reading, Reading)]
        new = iter((read_singles if self.single else read)(sheets, recogniser, self.least))
        return [next(new) if isinstance(one, Sheet) else one for one in looked]


def _batches(sources: Iterable[Source]) -> Iterator[list[Source]]:
    waiting = iter(sources)
    while batch := list(islice(waiting, TOGETHER)):
        yield batch


def _read_parcel(
    recogniser: Recogniser, job: tuple[_Way, Parcel]
) -> tuple[Sequence[Sheet | Reading], bool]:
    """Look at some pictures; read them too if no others belong to their batch."""
    way, parcel = job
    looked = [way.look(source) for source in parcel.sources]
    return way.read(looked, recogniser) if parcel.whole else looked, parcel.last
