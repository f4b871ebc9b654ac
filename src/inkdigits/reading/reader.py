"""Reader: pictures in, readings out. Everything else in this room works for it."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from itertools import islice, pairwise
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt

from ..errors import PictureError
from .ink import Ink, find_ink
from .layout import Lattice, lines
from .parts import Part, find_parts, joined, main_parts
from .picture import Picture, Source, open_picture
from .recogniser import Answers, Recogniser

MIN_CONFIDENCE = 0.5  # below it a digit is not vouched for
CROP = 64  # pixels of the longer side of a crop: the network sees 28
TOGETHER = 32  # pictures that `read_many` recognises at a time
FEW, STRANGE, SURE = 5, 0.6, 0.97  # of so many signs, so much strange: digits must be so sure
WORD_GAP = 1.1  # of the height of the writing: wider is a space
BLANK = "blank: there is no ink"
NO_DIGIT = "no digit"
WORD = "part of a word"


@dataclass(frozen=True, eq=False)
class Digit:
    """One digit, or what stands where one was looked for.

    Attributes
    ----------
    value
        0 to 9; None if it is refused.
    confidence
        How likely `value` is right, 0 to 1; of a refused one, the likeliest digit's.
    probabilities
        ``(10,)``, adding up to 1: which digit it is, if it is one.
    box
        (left, top, width, height) in the picture's own pixels.
    line
        The line it stands in, from 0.
    refusal
        Why there is no value, in words; None if there is one.
    seen
        ``(28, 28)`` uint8: the picture that the network saw, 0 paper to 255 ink.
    space
        Whether there is a gap as wide as a digit before it.
    """

    value: int | None
    confidence: float
    probabilities: npt.NDArray[np.float32]
    box: tuple[int, int, int, int]
    line: int
    refusal: str | None
    seen: npt.NDArray[np.uint8]
    space: bool = False

    @property
    def text(self) -> str:
        """The value, or ``"?"``."""
        return "?" if self.value is None else str(self.value)

    def as_dict(self) -> dict[str, Any]:
        """Return what JSON knows of it."""
        return {
            "value": self.value,
            "confidence": round(self.confidence, 4),
            "probabilities": [round(float(share), 4) for share in self.probabilities],
            "box": list(self.box),
            "line": self.line,
            "refusal": self.refusal,
        }

    def __repr__(self) -> str:
        if self.refusal is not None:
            return f"Digit(refused: {self.refusal})"
        return f"Digit({self.value}, {self.confidence:.1%})"


@dataclass(frozen=True, eq=False)
class Reading:
    """What was read in a picture.

    Attributes
    ----------
    name
        The picture's.
    digits
        In reading order. Refused ones stand among them where a number would lose a place without.
    width, height
        Of the picture, upright, in its own pixels.
    error
        What was wrong with the picture, where `read_many` met a bad one.
    """

    name: str
    digits: tuple[Digit, ...] = ()
    width: int = 0
    height: int = 0
    error: PictureError | None = field(default=None, repr=False)

    @property
    def text(self) -> str:
        """The digits: a line of text a line, ``"?"`` for what will not be vouched for.

        What is no digit counts only between digits: a word beside a number is passed over, a blot
        within one is not.
        """
        return "\n".join(line for line in map(_text, _by_line(self.digits)) if line)

    @property
    def confidence(self) -> float:
        """How likely the whole text is right, 0 to 1: the product over its digits."""
        return float(np.prod([d.confidence for d in self.digits if d.value is not None] or [0.0]))

    def as_dict(self) -> dict[str, Any]:
        """Return what JSON knows of it."""
        return {
            "picture": self.name,
            "text": self.text,
            "width": self.width,
            "height": self.height,
            "digits": [digit.as_dict() for digit in self.digits],
            "error": None if self.error is None else str(self.error),
        }

    def __repr__(self) -> str:
        if self.error is not None:
            return f"Reading({self.name}: {self.error})"
        return f"Reading({self.name}: {self.text!r})"


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
    RecogniserError
        If there is no such recogniser.
    """

    def __init__(
        self, recogniser: str | Path | None = None, *, min_confidence: float = MIN_CONFIDENCE
    ) -> None:
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
            digits: list[Digit] = []
            for number, row in enumerate(page.best(answers.confidence, begin)):
                found = [
                    self._digit(part, page.picture, answers, index, number) for part, index in row
                ]
                digits += _with_words(_with_spaces(found))
            begin += len(page.guessed)
            kept = tuple(_in_company(digits))
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
        if answers.answers.no_digit[index] > 0.5:
            refusal = NO_DIGIT
        elif confidence < self.min_confidence:
            refusal = f"unsure between {first} and {second}"
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


def _by_line(digits: Sequence[Digit]) -> list[list[Digit]]:
    found: dict[int, list[Digit]] = {}
    for digit in digits:
        found.setdefault(digit.line, []).append(digit)
    return list(found.values())


def _with_spaces(row: list[Digit]) -> list[Digit]:
    if len(row) < 2:
        return row
    tall = float(np.median([digit.box[3] for digit in row]))
    gaps = [b.box[0] - a.box[0] - a.box[2] for a, b in pairwise(row)]
    usual = float(np.median(gaps))
    wide = max(WORD_GAP * tall, 2.2 * usual)
    return [row[0], *(replace(d, space=gap > wide) for d, gap in zip(row[1:], gaps, strict=True))]


def _with_words(row: list[Digit]) -> list[Digit]:
    """Refuse the digits of a word: among letters an ``l`` is no 1 and an ``o`` no 0."""
    read: list[Digit] = []
    for word in _words(row):
        letters = sum(digit.refusal == NO_DIGIT for digit in word)
        share = 0.5 if len(word) < 4 else 0.3
        if len(word) > 1 and letters >= share * len(word):
            word = [d if d.value is None else replace(d, value=None, refusal=WORD) for d in word]
        read += word
    return read


def _in_company(digits: list[Digit]) -> list[Digit]:
    """Refuse what is not sure among much that is no digit, as noise and print may look like one."""
    strange = sum(digit.refusal in (NO_DIGIT, WORD) for digit in digits)
    if len(digits) < FEW or strange < STRANGE * len(digits):
        return digits
    return [
        replace(digit, value=None, refusal=NO_DIGIT)
        if digit.value is not None and digit.confidence < SURE
        else digit
        for digit in digits
    ]


def _words(row: Sequence[Digit]) -> list[list[Digit]]:
    words: list[list[Digit]] = []
    for digit in row:
        if digit.space or not words:
            words.append([])
        words[-1].append(digit)
    return words


def _text(row: Sequence[Digit]) -> str:
    silent = {NO_DIGIT, WORD, BLANK}
    words = [w for w in _words(row) if any(digit.refusal not in silent for digit in w)]
    return " ".join("".join(digit.text for digit in word) for word in words)
