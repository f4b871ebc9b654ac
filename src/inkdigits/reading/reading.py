"""Readings: what was read in a picture, and what company says of a digit."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise
from typing import Any

import numpy as np
import numpy.typing as npt

from .. import notebook
from ..errors import PictureError

FEW, STRANGE, SURE = 5, 0.6, 0.97  # of so many signs, so much strange: digits must be so sure
MANY_GAPS = 3
WORD_GAP = 1.1  # of the height of the writing: wider is a space
BLANK = "blank: there is no ink"
NO_DIGIT = "no digit"
SEVERAL = "several digits"
WORD = "part of a word"
SHOWN = 100  # digits on the page that a notebook shows, at most


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
            "space": self.space,
            "refusal": self.refusal,
        }

    def __repr__(self) -> str:
        if self.refusal is not None:
            return f"Digit(refused: {self.refusal})"
        return f"Digit({self.value}, {self.confidence:.1%})"

    def _repr_html_(self) -> str:
        seen = notebook.thumbnail(self.seen, "what the network saw", side=84)
        shares = notebook.bars(self.probabilities.tolist(), self.value)
        return notebook.card(self.text, self._said, notebook.row([seen, shares]))

    @property
    def _said(self) -> str:
        return self.refusal or f"{self.confidence:.1%} sure"


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
        """How likely all digits that were read are right, 0 to 1: the product over them."""
        return float(np.prod([d.confidence for d in self.digits if d.value is not None] or [0.0]))

    def as_dict(self) -> dict[str, Any]:
        """Return what JSON knows of it."""
        return {
            "picture": self.name,
            "text": self.text,
            "confidence": round(self.confidence, 4),
            "width": self.width,
            "height": self.height,
            "digits": [digit.as_dict() for digit in self.digits],
            "error": None if self.error is None else str(self.error),
        }

    def __repr__(self) -> str:
        if self.error is not None:
            return f"Reading({self.name}: {self.error})"
        return f"Reading({self.name}: {self.text!r})"

    def _repr_html_(self) -> str:
        if self.error is not None:
            warning = notebook.paragraph(str(self.error), "warning")
            return notebook.card(self.name, "not read", warning)
        if not self.digits:
            return notebook.card(self.name, "no digit was found")
        marks = [
            notebook.Mark(digit.box, digit.seen, digit.text, digit.refusal is None, digit._said)
            for digit in self.digits[:SHOWN]
        ]
        lines = [
            [text, f"{np.prod([d.confidence for d in line if d.value is not None]):.1%}"]
            for line in _by_line(self.digits)
            if (text := _text(line))
        ]
        more = len(self.digits) - len(marks)
        note = f"{self.width}×{self.height} pixels" + (f", {more} digits not drawn" if more else "")
        return notebook.card(
            self.name,
            note,
            notebook.page(self.width, self.height, marks),
            notebook.table(lines, ["text", "confidence"]),
        )


def in_company(rows: Sequence[list[Digit]]) -> tuple[Digit, ...]:
    """Return all digits of a page, judged by what they stand among: spaces, words, and noise."""
    return tuple(_among_strangers([d for row in rows for d in _with_words(_with_spaces(row))]))


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
    wide = WORD_GAP * tall
    if len(gaps) >= MANY_GAPS:  # a line that is written widely has wide gaps throughout
        wide = max(wide, min(2.2 * float(np.median(gaps)), 3 * tall))
    return [row[0], *(replace(d, space=gap > wide) for d, gap in zip(row[1:], gaps, strict=True))]


def _with_words(row: list[Digit]) -> list[Digit]:
    """Refuse the digits of a word: among letters an ``l`` is no 1 and an ``o`` no 0."""
    read: list[Digit] = []
    for word in _words(row):
        letters = sum(digit.refusal == NO_DIGIT for digit in word)
        # One illegible sign, or two in five, make no word of a number; but what else is read there
        # may all be an o, an l or an s.
        alike = {digit.value for digit in word} <= {None, 0, 1, 5}
        if letters >= 2 and letters > (0.25 if alike else 0.4) * len(word):
            word = [d if d.value is None else replace(d, value=None, refusal=WORD) for d in word]
        read += word
    return read


def _among_strangers(digits: list[Digit]) -> list[Digit]:
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
