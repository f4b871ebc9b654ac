"""What was read, as plain values: ``Document > Page > Line > Symbol``.

Everything that is shown, exported, drawn or corrected is made from a document. How it came to be is
for `reading`; here nothing is opened, found or guessed.
"""

import base64
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from importlib import resources
from itertools import groupby
from typing import Any

import numpy as np
import numpy.typing as npt

from . import notebook
from .errors import DocumentError

SCHEMA = 1  # changes when `from_dict` cannot read what an earlier version wrote
SIDE = 28  # pixels of what a network saw
UNKNOWN = "?"  # stands for a rejected symbol in a text
HALF = 0.5  # a text with a "?" in it is not surer than that
SHOWN = 100  # symbols on the page that a notebook draws, at most

Point = tuple[float, float]
Outline = tuple[Point, ...]
Box = tuple[int, int, int, int]


class Reason(StrEnum):
    """Why a symbol was rejected, or why ink was left out."""

    BLANK = "blank"
    NOT_A_SYMBOL = "not_a_symbol"
    SEVERAL_SYMBOLS = "several_symbols"
    LOW_CONFIDENCE = "low_confidence"
    PART_OF_WORD = "part_of_word"
    MARK = "mark"
    TOO_SMALL = "too_small"
    RULE = "rule"
    BOX = "box"
    PAPER_EDGE = "paper_edge"
    SPECK = "speck"
    TOO_MANY = "too_many"
    TOO_LONG = "too_long"

    @property
    def sentence(self) -> str:
        """The reason in words."""
        return _SENTENCES[self]


_SENTENCES = {
    Reason.BLANK: "blank: there is no ink",
    Reason.NOT_A_SYMBOL: "not a digit",
    Reason.SEVERAL_SYMBOLS: "several digits",
    Reason.LOW_CONFIDENCE: "not sure enough",
    Reason.PART_OF_WORD: "part of a word",
    Reason.MARK: "a mark: dot, comma, dash or stroke",
    Reason.TOO_SMALL: "too small to read",
    Reason.RULE: "a printed rule or an underline",
    Reason.BOX: "a printed box or table",
    Reason.PAPER_EDGE: "the edge of the paper",
    Reason.SPECK: "a speck",
    Reason.TOO_MANY: "more pieces of ink than a page of writing has",
    Reason.TOO_LONG: "far larger than the writing",
}
# Words of such symbols alone are no part of a text: print beside a number, a lone dash.
SILENT = frozenset({Reason.NOT_A_SYMBOL, Reason.PART_OF_WORD, Reason.BLANK, Reason.MARK})


@dataclass(frozen=True, slots=True)
class Candidate:
    """One of the symbols that it may be, and how likely that is, if it is a symbol at all."""

    value: str
    probability: float


@dataclass(frozen=True, slots=True)
class Symbol:
    """One symbol, or what stands where one was looked for.

    Attributes
    ----------
    candidates
        Every symbol of the alphabet, the likeliest first; probabilities add up to 1.
    confidence
        How likely the first candidate is right, 0 to 1.
    outline
        Its corners ``(x, y)`` in the pixels of the file as it is stored.
    rejection
        Why it has no value; None if it has one.
    space_before
        Whether there is a gap as wide as a digit before it.
    network_input
        ``(28, 28)`` uint8, 0 paper to 255 ink: what the network saw. Not compared.
    """

    candidates: tuple[Candidate, ...]
    confidence: float
    outline: Outline
    rejection: Reason | None = None
    space_before: bool = False
    network_input: npt.NDArray[np.uint8] | None = field(default=None, compare=False, repr=False)

    @property
    def value(self) -> str | None:
        """What it is, such as ``"7"``; None if it was rejected."""
        return None if self.rejection is not None else self.candidates[0].value

    @property
    def text(self) -> str:
        """The value, or ``"?"``."""
        return UNKNOWN if self.value is None else self.value

    @property
    def box(self) -> Box:
        """Left, top, width and height of the outline, in whole pixels."""
        return bounds([self.outline])

    @property
    def reason(self) -> str:
        """Why it was rejected, in words; empty if it was not."""
        if self.rejection is not Reason.LOW_CONFIDENCE:
            return "" if self.rejection is None else self.rejection.sentence
        first, second = (self.candidates * 2)[:2]
        # What the candidates do not account for is that it is none of them.
        if 1 - self.confidence / max(first.probability, 1e-9) > second.probability:
            return f"not sure whether it is a {first.value}"
        return f"not sure between {first.value} and {second.value}"

    def to_dict(self, *, network_input: bool = False) -> dict[str, Any]:
        """Return what JSON knows of it; `network_input` as base64, if asked for."""
        found: dict[str, Any] = {
            "value": self.value,
            "confidence": self.confidence,
            "candidates": [
                {"value": c.value, "probability": c.probability} for c in self.candidates
            ],
            "outline": [list(point) for point in self.outline],
            "rejection": None if self.rejection is None else self.rejection.value,
            "reason": self.reason,
            "space_before": self.space_before,
        }
        if network_input and self.network_input is not None:
            found["network_input"] = base64.b64encode(self.network_input.tobytes()).decode()
        return found

    @classmethod
    def from_dict(cls, found: Mapping[str, Any]) -> "Symbol":
        """Return the symbol that `to_dict` described.

        Raises
        ------
        DocumentError
            If it is no such description.
        """
        with _reported():
            seen = found.get("network_input")
            pixels = None
            if seen is not None:
                flat = np.frombuffer(base64.b64decode(seen, validate=True), np.uint8)
                pixels = flat.reshape(SIDE, SIDE)
            candidates = [Candidate(c["value"], c["probability"]) for c in found["candidates"]]
            if not candidates:
                raise ValueError("a symbol needs candidates")
            return cls(
                tuple(candidates),
                found["confidence"],
                _outline(found["outline"]),
                None if found["rejection"] is None else Reason(found["rejection"]),
                found["space_before"],
                pixels,
            )

    def __repr__(self) -> str:
        if self.rejection is not None:
            return f"Symbol(rejected: {self.reason})"
        return f"Symbol({self.value}, {self.confidence:.1%})"

    def _repr_html_(self) -> str:
        shares = {c.value: c.probability for c in self.candidates}
        parts = [notebook.bars(dict(sorted(shares.items())), self.value)]
        if self.network_input is not None:
            seen = notebook.thumbnail(self.network_input, "what the network saw", side=84)
            parts.insert(0, seen)
        return notebook.card(self.text, self._hint, notebook.row(parts))

    @property
    def _hint(self) -> str:
        return self.reason or f"{self.confidence:.1%} sure"


@dataclass(frozen=True, slots=True)
class LeftOut:
    """Ink that is no part of any line, and is not plainly dirt.

    Attributes
    ----------
    reason
        What it was taken for.
    outline
        Its corners ``(x, y)`` in the pixels of the file as it is stored.
    doubt
        How likely it is a symbol after all, 0 to 1.
    """

    reason: Reason
    outline: Outline
    doubt: float = 0.0

    @property
    def box(self) -> Box:
        """Left, top, width and height of the outline, in whole pixels."""
        return bounds([self.outline])


@dataclass(frozen=True, slots=True)
class Line:
    """One line of writing, or what stands in one cell of a printed table.

    Attributes
    ----------
    symbols
        From left to right.
    cell
        Row and column, from 0, if it stands in a table.
    """

    symbols: tuple[Symbol, ...]
    cell: tuple[int, int] | None = None

    @property
    def text(self) -> str:
        """Its symbols, ``"?"`` for a rejected one, a space where there is a gap.

        What is no symbol counts only within a number: a word beside one is passed over, a blot or
        a mark within one is not.
        """
        return " ".join("".join(s.text for s in word) for word in self.words if is_shown(word))

    @property
    def words(self) -> list[tuple[Symbol, ...]]:
        """Its symbols, apart where there is a gap."""
        found: list[list[Symbol]] = []
        for symbol in self.symbols:
            if symbol.space_before or not found:
                found.append([])
            found[-1].append(symbol)
        return [tuple(word) for word in found]

    @property
    def confidence(self) -> float:
        """How likely all of it is right, 0 to 1: the product over its symbols.

        A rejected symbol counts as well, so rejecting one never makes the rest surer.
        """
        shares = [_share(symbol, is_shown(word)) for word in self.words for symbol in word]
        return float(np.prod(shares or [0.0]))

    @property
    def box(self) -> Box:
        """Left, top, width and height of all its symbols, in whole pixels."""
        return bounds([symbol.outline for symbol in self.symbols])


def is_shown(word: Sequence[Symbol]) -> bool:
    """Whether a word is part of the text: not one of letters or of marks alone."""
    return any(symbol.rejection not in SILENT for symbol in word)


def _share(symbol: Symbol, shown: bool) -> float:
    if symbol.rejection is None:
        return symbol.confidence
    if shown:
        return min(symbol.confidence, HALF)
    # Of what is passed over: that it is no symbol, or else as if it had been read.
    is_none = symbol.rejection in (Reason.NOT_A_SYMBOL, Reason.MARK)
    return 1 - symbol.confidence if is_none else symbol.confidence


@dataclass(frozen=True, slots=True)
class Page:
    """One page: a picture, or one of the pages of a file.

    Attributes
    ----------
    number
        From 1.
    width, height
        In the pixels of the file as it is stored.
    lines
        In reading order; the cells of a table row by row.
    left_out
        Ink that is in no line, with its reason.
    rotation, mirrored
        What makes the stored picture upright: first mirrored from left to right, then turned
        clockwise by so many degrees.
    polarity
        ``"dark_on_light"`` or ``"light_on_dark"``: the ink that was read.
    """

    number: int
    width: int
    height: int
    lines: tuple[Line, ...] = ()
    left_out: tuple[LeftOut, ...] = ()
    rotation: float = 0.0
    mirrored: bool = False
    polarity: str = "dark_on_light"

    @property
    def symbols(self) -> tuple[Symbol, ...]:
        """All symbols, in reading order."""
        return tuple(symbol for line in self.lines for symbol in line.symbols)

    @property
    def text(self) -> str:
        """A line of text a line; a tab between the cells of one row of a table."""
        rows = groupby(enumerate(self.lines), key=lambda at: _row(*at))
        joined = ("\t".join(line.text for _, line in row) for _, row in rows)
        return "\n".join(text for text in joined if text.strip())

    @property
    def confidence(self) -> float:
        """How likely all of it is right, 0 to 1, and that nothing was left out that counts."""
        if not self.symbols:
            return 0.0
        sure = [line.confidence for line in self.lines]
        return float(np.prod([*sure, *(1 - ink.doubt for ink in self.left_out)]))


def _row(number: int, line: Line) -> tuple[str, int]:
    return ("line", number) if line.cell is None else ("row", line.cell[0])


@dataclass(frozen=True, slots=True)
class Document:
    """What was read in a picture, or in all pages of a file.

    Attributes
    ----------
    name
        The file's.
    pages
        Those that were read.
    error
        What was wrong with the picture, in one sentence, where `read_many` met a bad one.

    Examples
    --------
    >>> seven = Symbol((Candidate("7", 1.0),), 0.98, ((0, 0), (9, 0), (9, 9), (0, 9)))
    >>> document = Document("seven.png", (Page(1, 28, 28, (Line((seven,)),)),))
    >>> document.text
    '7'
    >>> Document.from_dict(document.to_dict()) == document
    True
    """

    name: str
    pages: tuple[Page, ...] = ()
    error: str | None = None

    @property
    def text(self) -> str:
        """The text of all pages, an empty line between them."""
        return "\n\n".join(page.text for page in self.pages if page.text)

    @property
    def lines(self) -> tuple[Line, ...]:
        """The lines of all pages."""
        return tuple(line for page in self.pages for line in page.lines)

    @property
    def digits(self) -> tuple[Symbol, ...]:
        """The symbols of all pages, rejected ones among them."""
        return tuple(symbol for page in self.pages for symbol in page.symbols)

    @property
    def confidence(self) -> float:
        """How likely all of it is right, 0 to 1: the product over the pages with writing."""
        return float(np.prod([page.confidence for page in self.pages if page.symbols] or [0.0]))

    def to_dict(self, *, network_input: bool = False) -> dict[str, Any]:
        """Return it as plain values for JSON, as `json_schema` describes them.

        Parameters
        ----------
        network_input
            Add the 28×28 that the network saw of each symbol, as base64.
        """
        return {
            "schema": SCHEMA,
            "name": self.name,
            "text": self.text,
            "confidence": self.confidence,
            "error": self.error,
            "pages": [_page_to_dict(page, network_input) for page in self.pages],
        }

    @classmethod
    def from_dict(cls, found: Mapping[str, Any]) -> "Document":
        """Return the document that `to_dict` described; texts and confidences follow from it.

        Raises
        ------
        DocumentError
            If it is no such description, or one of another schema.
        """
        with _reported():
            if found["schema"] != SCHEMA:
                raise ValueError(f"its schema is {found['schema']!r}, not {SCHEMA}")
            pages = tuple(_page_from_dict(page) for page in found["pages"])
            return cls(found["name"], pages, found["error"])

    def __repr__(self) -> str:
        return f"Document({self.name}: {self.error or repr(self.text)})"

    def _repr_html_(self) -> str:
        if self.error is not None:
            return notebook.card(self.name, "not read", notebook.paragraph(self.error, "warning"))
        if not self.digits:
            return notebook.card(self.name, "no digit was found")
        parts = [part for page in self.pages for part in _shown(page)]
        more = sum(max(0, len(page.symbols) - SHOWN) for page in self.pages)
        note = f"{len(self.pages)} pages, " if len(self.pages) > 1 else ""
        note += f"{self.pages[0].width}×{self.pages[0].height} pixels"
        return notebook.card(self.name, note + (f", {more} not drawn" if more else ""), *parts)


def json_schema() -> dict[str, Any]:
    """Return the JSON Schema (draft 2020-12) of what `Document.to_dict` gives."""
    text = (resources.files(__package__) / "document.schema.json").read_text(encoding="utf-8")
    found: dict[str, Any] = json.loads(text)
    return found


def bounds(outlines: Iterable[Outline]) -> Box:
    """Return left, top, width and height of what holds all `outlines`, in whole pixels."""
    points = np.array([point for outline in outlines for point in outline], float)
    if not len(points):
        return (0, 0, 0, 0)
    left, top = (int(value) for value in np.rint(points.min(0)))
    right, bottom = (int(value) for value in np.rint(points.max(0)))
    return left, top, max(1, right - left), max(1, bottom - top)


def _shown(page: Page) -> list[notebook.Html]:
    blank = np.zeros((SIDE, SIDE), np.uint8)
    marks = [
        notebook.Mark(
            symbol.box,
            blank if symbol.network_input is None else symbol.network_input,
            symbol.text,
            symbol.rejection is None,
            symbol._hint,
        )
        for symbol in page.symbols[:SHOWN]
    ]
    lines = [[line.text, f"{line.confidence:.1%}"] for line in page.lines if line.text]
    drawn = notebook.page(page.width, page.height, marks)
    return [drawn, notebook.table(lines, ["text", "confidence"])]


def _page_to_dict(page: Page, network_input: bool) -> dict[str, Any]:
    lines = [
        {
            "text": line.text,
            "confidence": line.confidence,
            "box": list(line.box),
            "cell": None if line.cell is None else list(line.cell),
            "symbols": [s.to_dict(network_input=network_input) for s in line.symbols],
        }
        for line in page.lines
    ]
    left_out = [
        {
            "reason": ink.reason.value,
            "sentence": ink.reason.sentence,
            "outline": [list(point) for point in ink.outline],
            "doubt": ink.doubt,
        }
        for ink in page.left_out
    ]
    return {
        "number": page.number,
        "width": page.width,
        "height": page.height,
        "rotation": page.rotation,
        "mirrored": page.mirrored,
        "polarity": page.polarity,
        "text": page.text,
        "confidence": page.confidence,
        "lines": lines,
        "left_out": left_out,
    }


def _page_from_dict(found: Mapping[str, Any]) -> Page:
    lines = [
        Line(
            tuple(Symbol.from_dict(symbol) for symbol in line["symbols"]),
            None if line["cell"] is None else (line["cell"][0], line["cell"][1]),
        )
        for line in found["lines"]
    ]
    left_out = [
        LeftOut(Reason(ink["reason"]), _outline(ink["outline"]), ink["doubt"])
        for ink in found["left_out"]
    ]
    return Page(
        found["number"],
        found["width"],
        found["height"],
        tuple(lines),
        tuple(left_out),
        found["rotation"],
        found["mirrored"],
        found["polarity"],
    )


def _outline(points: Sequence[Sequence[float]]) -> Outline:
    return tuple((float(x), float(y)) for x, y in points)


class _reported:  # noqa: N801 used as a statement
    """Say in one sentence that a description is none of ours."""

    def __enter__(self) -> None:
        return None

    def __exit__(self, _: object, error: BaseException | None, __: object) -> None:
        if isinstance(error, (KeyError, TypeError, ValueError, AttributeError, IndexError)):
            cause = f"{error} is missing" if isinstance(error, KeyError) else str(error)
            raise DocumentError(
                f"This is no document that inkdigits wrote ({cause}): pass what `to_dict` or "
                "`--format json` gave."
            ) from error
