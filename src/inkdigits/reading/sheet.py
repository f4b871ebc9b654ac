"""Sheets: pictures that have been looked at, and what a recogniser reads on many of them at once.

Looking at a picture takes nearly all the time, and no recogniser. A sheet is small, unlike a
picture.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

from .ink import Ink, find_ink
from .layout import Lattice, lines
from .parts import Part, find_parts, joined, main_parts
from .picture import Picture
from .reading import BLANK, NO_DIGIT, SEVERAL, Digit, Reading, in_company
from .recogniser import Recogniser

CROP = 64  # pixels of the longer side of a crop: the network sees 28


@dataclass(frozen=True, eq=False)
class Sheet:
    """The writing in a picture.

    Attributes
    ----------
    name, width, height, scale
        The picture's.
    pages
        Its ink; both ways round where either brightness may be the ink.
    """

    name: str
    width: int
    height: int
    scale: tuple[float, float]
    pages: "Sequence[Page]"


@dataclass(frozen=True, eq=False)
class Page:
    """The ink of a picture, one way round: its parts in lines, and the height of the writing."""

    rows: Sequence[Sequence[Part]]
    height: float

    @property
    def parts(self) -> list[Part]:
        """All its parts, in reading order."""
        return [part for row in self.rows for part in row]

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


def look(picture: Picture, single: bool) -> Sheet:
    """Return the writing in a picture; if `single`, all its ink as one part."""
    inks = [find_ink(picture.pixels)]
    if inks[0].doubtful:
        inks.append(find_ink(picture.pixels, not inks[0].dark))
    pages = [_page(ink, single) for ink in inks]
    return Sheet(picture.name, picture.width, picture.height, picture.scale, pages)


def _page(ink: Ink, single: bool) -> Page:
    parts, height = find_parts(ink.map)
    if single:
        return Page([[joined(main_parts(parts))]] if parts else [], height)
    return Page(lines(parts, height), height)


def read(sheets: Sequence[Sheet], recogniser: Recogniser, least: float) -> list[Reading]:
    """Return what is written on each of `sheets`; what is less sure than `least` is refused."""
    answers = _ask(recogniser, [p for sheet in sheets for page in sheet.pages for p in page.parts])
    # Paper between strokes makes no digits: the right way round is the one that makes sense.
    chosen = [max(sheet.pages, key=lambda page: page.worth(answers)) for sheet in sheets]
    lattices = [page.lattices(answers) for page in chosen]
    guessed = [part for rows in lattices for lattice in rows for part in lattice.parts]
    answers |= _ask(recogniser, [part for part in guessed if part not in answers])
    return [
        _reading(sheet, rows, answers, least) for sheet, rows in zip(sheets, lattices, strict=True)
    ]


def read_singles(sheets: Sequence[Sheet], recogniser: Recogniser, least: float) -> list[Reading]:
    """Return the one digit of each of `sheets`, on which all ink is one part."""
    ways = [[part for page in sheet.pages for part in page.parts] for sheet in sheets]
    answers = _ask(recogniser, [part for parts in ways for part in parts])
    readings = []
    for sheet, parts in zip(sheets, ways, strict=True):
        best = max(parts, key=lambda part: answers[part].confidence, default=None)
        digit = _blank(sheet) if best is None else _digit(best, answers[best], sheet, 0, least)
        readings.append(Reading(sheet.name, (digit,), sheet.width, sheet.height))
    return readings


def _reading(
    sheet: Sheet, lattices: Sequence[Lattice], answers: dict[Part, _Answer], least: float
) -> Reading:
    rows = [
        [
            _digit(part, answers[part], sheet, line, least)
            for part in lattice.best({p: answers[p].confidence for p in lattice.parts})
        ]
        for line, lattice in enumerate(lattices)
    ]
    return Reading(sheet.name, in_company(rows), sheet.width, sheet.height)


def _digit(part: Part, answer: _Answer, sheet: Sheet, line: int, least: float) -> Digit:
    first, second = (int(digit) for digit in np.argsort(-answer.shares, kind="stable")[:2])
    refusal = None
    if answer.several > 0.5:
        refusal = SEVERAL
    elif answer.no_digit > 0.5:
        refusal = NO_DIGIT
    elif answer.confidence < least:
        refusal = f"unsure between {first} and {second}"
        if answer.no_digit > answer.shares[second]:
            refusal = f"unsure whether it is a {first}"
    across, down = sheet.scale
    box = (
        round(part.left * across),
        round(part.top * down),
        max(1, round(part.width * across)),
        max(1, round(part.height * down)),
    )
    seen = np.rint(answer.seen * 255).astype(np.uint8)
    value = first if refusal is None else None
    return Digit(value, answer.confidence, answer.shares, box, line, refusal, seen)


def _blank(sheet: Sheet) -> Digit:
    box = (0, 0, sheet.width, sheet.height)
    even = np.full(10, 0.1, np.float32)
    return Digit(None, 0.0, even, box, 0, BLANK, np.zeros((28, 28), np.uint8))


def _ask(recogniser: Recogniser, parts: Sequence[Part]) -> dict[Part, _Answer]:
    """Return what the recogniser says of each part; parts are told apart by identity."""
    if not parts:
        return {}
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
