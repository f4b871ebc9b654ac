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
from .recogniser import Recogniser

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
        wholes = [_wholes(picture) for picture in pictures]
        answers = _ask(self.recogniser, [part for ways in wholes for part in ways])
        digits = []
        for picture, ways in zip(pictures, wholes, strict=True):
            best = max(ways, key=lambda part: answers[part].confidence, default=None)
            if best is None:
                digits.append(_blank(picture))
            else:
                digits.append(self._digit(best, answers[best], picture, 0))
        return digits

    def _readings(self, pictures: Sequence[Picture]) -> list[Reading]:
        pages = [[_Page(ink) for ink in _inks(picture)] for picture in pictures]
        answers = _ask(self.recogniser, [p for ways in pages for page in ways for p in page.parts])
        # Paper between strokes makes no digits: the right way round is the one that makes sense.
        chosen = [max(ways, key=lambda page: page.worth(answers)) for ways in pages]
        lattices = [page.lattices(answers) for page in chosen]
        guessed = [part for rows in lattices for lattice in rows for part in lattice.parts]
        answers |= _ask(self.recogniser, [part for part in guessed if part not in answers])
        return [
            self._reading(picture, rows, answers)
            for picture, rows in zip(pictures, lattices, strict=True)
        ]

    def _reading(
        self, picture: Picture, lattices: Sequence[Lattice], answers: "dict[Part, _Answer]"
    ) -> Reading:
        rows = [
            [
                self._digit(part, answers[part], picture, line)
                for part in lattice.best({p: answers[p].confidence for p in lattice.parts})
            ]
            for line, lattice in enumerate(lattices)
        ]
        return Reading(picture.name, in_company(rows), picture.width, picture.height)

    def _digit(self, part: Part, answer: "_Answer", picture: Picture, line: int) -> Digit:
        first, second = (int(digit) for digit in np.argsort(-answer.shares, kind="stable")[:2])
        refusal = None
        if answer.several > 0.5:
            refusal = SEVERAL
        elif answer.no_digit > 0.5:
            refusal = NO_DIGIT
        elif answer.confidence < self.min_confidence:
            refusal = f"unsure between {first} and {second}"
            if answer.no_digit > answer.shares[second]:
                refusal = f"unsure whether it is a {first}"
        across, down = picture.scale
        box = (
            round(part.left * across),
            round(part.top * down),
            max(1, round(part.width * across)),
            max(1, round(part.height * down)),
        )
        seen = np.rint(answer.seen * 255).astype(np.uint8)
        value = first if refusal is None else None
        return Digit(value, answer.confidence, answer.shares, box, line, refusal, seen)


class _Page:
    """The ink of a picture, one way round: its parts, in lines."""

    def __init__(self, ink: Ink) -> None:
        found, self.height = find_parts(ink.map)
        self.rows = lines(found, self.height)
        self.parts = [part for row in self.rows for part in row]

    def worth(self, answers: "dict[Part, _Answer]") -> float:
        """Return how sure its parts are digits on average, each counted by its size."""
        size = np.array([part.width * part.height for part in self.parts])
        sure = np.array([answers[part].confidence for part in self.parts])
        return float(size @ sure / size.sum()) if len(size) else 0.0

    def lattices(self, answers: "dict[Part, _Answer]") -> list[Lattice]:
        """Return the ways to read each line, now that it is known what each part is by itself."""
        return [
            Lattice(
                row,
                [answers[part].confidence for part in row],
                [answers[part].several for part in row],
                self.height,
            )
            for row in self.rows
        ]


@dataclass(frozen=True, eq=False)
class _Answer:
    """What a recogniser says of one part: a row of `Answers`."""

    shares: npt.NDArray[np.float32]  # (10,)
    no_digit: float
    several: float
    seen: npt.NDArray[np.float32]  # (28, 28)

    @property
    def confidence(self) -> float:
        """How likely it is a digit, and the likeliest one."""
        return float(self.shares.max()) * (1 - self.no_digit)


def _ask(recogniser: Recogniser, parts: Sequence[Part]) -> dict[Part, _Answer]:
    """Return what the recogniser says of each part; parts are told apart by identity."""
    crops = np.zeros((len(parts), *_size(parts)), np.float32)
    for crop, part in zip(crops, parts, strict=True):
        ink = _shrunk(part)
        crop[: ink.shape[0], : ink.shape[1]] = ink
    found = recogniser.read(crops)
    rows = zip(
        found.probabilities,
        found.no_digit.tolist(),
        found.several.tolist(),
        found.seen,
        strict=True,
    )
    return {part: _Answer(*row) for part, row in zip(parts, rows, strict=True)}


def _wholes(picture: Picture) -> list[Part]:
    """Return all the ink of a picture as one part; both ways round where that is doubtful."""
    found = [find_parts(ink.map)[0] for ink in _inks(picture)]
    return [joined(main_parts(parts)) for parts in found if parts]


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
