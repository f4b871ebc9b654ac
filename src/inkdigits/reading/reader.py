"""Reader: pictures in, readings out. Everything else in this room works for it."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

import cv2
import numpy as np
import numpy.typing as npt

from ..errors import InkdigitsError, PictureError
from .ink import Ink, find_ink
from .layout import Lattice, lines
from .parts import Part, find_parts, joined, main_parts
from .picture import Picture, Source, open_picture
from .reading import BLANK, NO_DIGIT, SEVERAL, Digit, Reading, in_company
from .recogniser import Answers, Recogniser

MIN_CONFIDENCE = 0.5  # below it a digit is not vouched for
CROP = 64  # pixels of the longer side of a crop: the network sees 28
TOGETHER = 32  # pictures that `read_many` recognises at a time


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
        if not isinstance(min_confidence, (int, float)) or not 0 <= min_confidence <= 1:
            raise InkdigitsError(f"min_confidence must be between 0 and 1, not {min_confidence!r}.")
        self.recogniser = Recogniser.load(recogniser)
        self.min_confidence = min_confidence

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
        return self._readings([open_picture(source)])[0]

    def read_digit(self, source: Source) -> Digit:
        """Return the one digit in a picture: all its ink belongs to it.

        Raises
        ------
        PictureError
            If it cannot be opened as a picture.
        """
        return self._singles([open_picture(source)])[0]

    def read_many(self, sources: Iterable[Source], *, single: bool = False) -> Iterator[Reading]:
        """Yield a reading for each of `sources`, in order; they are recognised in batches.

        A picture that cannot be opened does not stop the rest: its reading has an `error`.

        Parameters
        ----------
        sources
            As for `read`.
        single
            Take all ink of a picture as one digit, as `read_digit` does.
        """
        waiting = iter(sources)
        while batch := list(islice(waiting, TOGETHER)):
            yield from self._batch(batch, single)

    def _batch(self, sources: Sequence[Source], single: bool) -> Iterator[Reading]:
        opened = [_try_open(source) for source in sources]
        pictures = [picture for picture in opened if isinstance(picture, Picture)]
        if single:
            digits = self._singles(pictures)
            found = [
                Reading(picture.name, (digit,), picture.width, picture.height)
                for picture, digit in zip(pictures, digits, strict=True)
            ]
        else:
            found = self._readings(pictures)
        readings = iter(found)
        for source, picture in zip(sources, opened, strict=True):
            if isinstance(picture, Picture):
                yield next(readings)
            else:
                yield Reading(_name(source), error=picture)

    def _singles(self, pictures: Sequence[Picture]) -> list[Digit]:
        """Read each picture as one digit, both ways round where ink may be the lighter part."""
        parts, owners = [], []
        for number, picture in enumerate(pictures):
            for ink in _inks(picture):
                found, _ = find_parts(ink.map)
                if found:
                    parts.append(joined(main_parts(found)))
                    owners.append(number)
        answers = _ask(self.recogniser, parts)
        best: dict[int, int] = {}
        for index, number in enumerate(owners):
            if number not in best or answers.confidence[index] > answers.confidence[best[number]]:
                best[number] = index
        return [
            self._digit(parts[best[n]], picture, answers, best[n], 0)
            if n in best
            else _blank(picture)
            for n, picture in enumerate(pictures)
        ]

    def _readings(self, pictures: Sequence[Picture]) -> list[Reading]:
        pages = [_Page(picture, ink) for picture in pictures for ink in _inks(picture)]
        answers = _ask(self.recogniser, [part for page in pages for part in page.parts])
        begin = 0
        for page in pages:
            page.guess(*answers.part(begin, len(page.parts)))
            begin += len(page.parts)
        pages = [
            max((page for page in pages if page.picture is picture), key=lambda page: page.worth)
            for picture in pictures
        ]
        answers = _ask(self.recogniser, [part for page in pages for part in page.guessed])
        readings, begin = [], 0
        for page in pages:
            rows: list[list[Digit]] = []
            for number, row in enumerate(page.best(answers.confidence, begin)):
                found = [
                    self._digit(part, page.picture, answers, index, number) for part, index in row
                ]
                rows.append(found)
            begin += len(page.guessed)
            kept = in_company(rows)
            readings.append(
                Reading(page.picture.name, kept, page.picture.width, page.picture.height)
            )
        return readings

    def _digit(
        self, part: Part, picture: Picture, answers: "_Asked", index: int, line: int
    ) -> Digit:
        shares = answers.answers.probabilities[index]
        confidence = float(answers.confidence[index])
        first, second = (int(digit) for digit in np.argsort(-shares, kind="stable")[:2])
        refusal = None
        if answers.answers.several[index] > 0.5:
            refusal = SEVERAL
        elif answers.answers.no_digit[index] > 0.5:
            refusal = NO_DIGIT
        elif confidence < self.min_confidence:
            refusal = f"unsure between {first} and {second}"
            if answers.answers.no_digit[index] > shares[second]:
                refusal = f"unsure whether it is a {first}"
        across, down = picture.scale
        box = (
            round(part.left * across),
            round(part.top * down),
            max(1, round(part.width * across)),
            max(1, round(part.height * down)),
        )
        seen = np.rint(answers.answers.seen[index] * 255).astype(np.uint8)
        value = first if refusal is None else None
        return Digit(value, confidence, shares, box, line, refusal, seen)


class _Page:
    """One picture on its way: its parts in lines, then the guesses at what they make up."""

    def __init__(self, picture: Picture, ink: Ink) -> None:
        self.picture = picture
        found, self.height = find_parts(ink.map)
        self.rows = lines(found, self.height)
        self.parts = [part for row in self.rows for part in row]
        self.lattices: list[Lattice] = []
        self.guessed: list[Part] = []
        self.worth = 0.0

    def guess(self, confidences: list[float], several: list[float]) -> None:
        """Make guesses, now that it is known what each part is by itself."""
        size = np.array([part.width * part.height for part in self.parts])
        # Paper between strokes makes no digits: the right way round is the one that makes sense.
        self.worth = float(size @ np.array(confidences) / size.sum()) if len(size) else 0.0
        begin = 0
        for row in self.rows:
            here = slice(begin, begin + len(row))
            self.lattices.append(Lattice(row, confidences[here], several[here], self.height))
            begin += len(row)
        self.guessed = [g.part for row in self.lattices for g in row.guesses if g.part is not None]

    def best(
        self, confidences: npt.NDArray[np.float32], begin: int
    ) -> Iterator[list[tuple[Part, int]]]:
        """Yield, line by line, the parts that are read and where their answers stand."""
        for lattice in self.lattices:
            index = []
            for guess in lattice.guesses:
                index.append(begin)
                begin += guess.part is not None
            sure = [float(confidences[i]) if i < len(confidences) else 0.0 for i in index]
            chosen = lattice.best(sure)
            yield [
                (part, index[number])
                for number in chosen
                if (part := lattice.guesses[number].part) is not None
            ]


@dataclass(frozen=True, eq=False)
class _Asked:
    answers: Answers
    confidence: npt.NDArray[np.float32]  # of the likeliest digit, (N,)

    def part(self, begin: int, count: int) -> tuple[list[float], list[float]]:
        """Return how sure each of some is one digit, and how likely several."""
        here = slice(begin, begin + count)
        return self.confidence[here].tolist(), self.answers.several[here].tolist()


def _ask(recogniser: Recogniser, parts: Sequence[Part]) -> _Asked:
    crops = np.zeros((len(parts), *_size(parts)), np.float32)
    for crop, part in zip(crops, parts, strict=True):
        ink = _shrunk(part)
        crop[: ink.shape[0], : ink.shape[1]] = ink
    answers = recogniser.read(crops)
    return _Asked(answers, answers.probabilities.max(1) * (1 - answers.no_digit))


def _shrunk(part: Part) -> npt.NDArray[np.float32]:
    scale = CROP / max(part.height, part.width)
    if scale >= 1:
        return part.ink
    size = max(1, round(part.width * scale)), max(1, round(part.height * scale))
    return np.asarray(cv2.resize(part.ink, size, interpolation=cv2.INTER_AREA), np.float32)


def _size(parts: Sequence[Part]) -> tuple[int, int]:
    """Return a height and width that hold every crop."""
    tall = max((part.height for part in parts), default=2)
    wide = max((part.width for part in parts), default=2)
    return min(max(tall, 2), CROP), min(max(wide, 2), CROP)


def _inks(picture: Picture) -> list[Ink]:
    """Return the picture's ink; both ways round where that is doubtful."""
    ink = find_ink(picture.pixels)
    return [ink, find_ink(picture.pixels, not ink.dark)] if ink.doubtful else [ink]


def _try_open(source: Source) -> Picture | PictureError:
    try:
        return open_picture(source)
    except PictureError as error:
        return error


def _name(source: Source) -> str:
    return Path(source).name if isinstance(source, (str, Path)) else "the picture"


def _blank(picture: Picture) -> Digit:
    box = (0, 0, picture.width, picture.height)
    even = np.full(10, 0.1, np.float32)
    return Digit(None, 0.0, even, box, 0, BLANK, np.zeros((28, 28), np.uint8))
