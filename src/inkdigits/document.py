"""What was read, as plain values: ``Document > Page > Line > Symbol``.

Everything that is shown, exported, drawn or corrected is made from a document. How it came to be is
for `reading`; here nothing is opened, found or guessed.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from importlib import resources
from typing import Any

import numpy as np
import numpy.typing as npt

from .alphabet import DIGITS, MARKS
from .alphabet import UNKNOWN as UNKNOWN  # it is a part of the document
from .reasons import SILENT
from .reasons import Reason as Reason  # it is a part of the document
from .values import AUTO, Value, value_of

SIDE = 28  # pixels of what a network saw
HALF = 0.5  # a text with a "?" in it is not surer than that
POLARITIES = ("dark_on_light", "light_on_dark")

Point = tuple[float, float]
Outline = tuple[Point, ...]
Box = tuple[int, int, int, int]


@dataclass(frozen=True, slots=True)
class Candidate:
    """One of the symbols that it may be, and how likely that is, if it is a symbol at all."""

    value: str
    probability: float


@dataclass(frozen=True, slots=True)
class Symbol:
    """One symbol (a digit, or a mark such as a comma), or what stands where one was looked for.

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
    def is_digit(self) -> bool:
        """Whether it was read as one of the ten digits."""
        return self.value in DIGITS.symbols

    @property
    def is_mark(self) -> bool:
        """Whether it was read as a mark, or rejected for being one."""
        return self.value in MARKS or self.rejection is Reason.MARK

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
            return f"not sure whether it is a {_named(first.value)}"
        return f"not sure between {_named(first.value)} and {_named(second.value)}"

    def to_dict(self, *, network_input: bool = False) -> dict[str, Any]:
        """Return what JSON knows of it; `network_input` as base64, if asked for."""
        from .document_json import symbol_to_dict

        return symbol_to_dict(self, network_input)

    @classmethod
    def from_dict(cls, found: Mapping[str, Any]) -> "Symbol":
        """Return the symbol that `to_dict` described.

        Raises
        ------
        DocumentError
            If it is no such description.
        """
        from .document_json import symbol_from_dict

        return symbol_from_dict(found)

    def __repr__(self) -> str:
        if self.rejection is not None:
            return f"Symbol(rejected: {self.reason})"
        return f"Symbol({self.value}, {self.confidence:.1%})"

    def _repr_html_(self) -> str:
        from .document_html import symbol_card

        return symbol_card(self)


def _named(value: str) -> str:
    """Return a symbol as a sentence has it: a dot by itself would end one."""
    return f"{MARKS[value]} ({value})" if value in MARKS else value


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
    probability
        How likely all of its digits are right, as its reader says; None if it does not, and then it
        follows from the symbols.
    decimal
        What parts whole and fraction of its numbers: ``"point"``, ``"comma"``, or ``"auto"`` if
        that is not known. None if marks of it were left out: what remains has no value.
    """

    symbols: tuple[Symbol, ...]
    cell: tuple[int, int] | None = None
    probability: float | None = None
    decimal: str | None = AUTO

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
        """How likely all its digits are right: its probability, else that of all its symbols.

        A rejected symbol counts as if it had been read, so rejecting one never makes the rest
        surer; and with a ``"?"`` in it a line is not surer than 0.5.
        """
        return _sureness([self]) if self.symbols else 0.0

    @property
    def value(self) -> Value | None:
        """The number, date or time that it is, as `inkdigits.values.value_of` says; else None."""
        return None if self.decimal is None else value_of(self.text, self.decimal)

    @property
    def box(self) -> Box:
        """Left, top, width and height of all its symbols, in whole pixels."""
        return bounds([symbol.outline for symbol in self.symbols])


def is_shown(word: Sequence[Symbol]) -> bool:
    """Whether a word is part of the text: not one of letters or of marks alone."""
    return any(symbol.rejection not in SILENT for symbol in word)


def _sureness(lines: Iterable[Line], left_out: Iterable[LeftOut] = ()) -> float:
    """Return how likely all of `lines` is right, and that nothing was left out that counts.

    It never rises when a symbol that was read is rejected, or is left out with its confidence as
    doubt. Each one's share falls or stays; what is cut short at a half stays so, since whoever
    overrules the network leaves a doubt behind; and no share depends on other symbols.
    """
    product, doubtful = 1.0, False
    for line in lines:
        by_symbols = 1.0
        for word in line.words:
            shown = is_shown(word)
            for symbol in word:
                is_none = _is_none(symbol)
                by_symbols *= 1 - symbol.confidence if is_none else symbol.confidence
                doubtful |= symbol.rejection is not None and (shown or not is_none)
        # What a reader says of a whole line holds whatever is rejected in it afterwards.
        product *= by_symbols if line.probability is None else line.probability
    for ink in left_out:
        product *= 1 - ink.doubt
        doubtful |= ink.doubt >= HALF
    return min(product, HALF) if doubtful else product


def _is_none(symbol: Symbol) -> bool:
    """Whether the network itself took it for no symbol, so that passing it over is right."""
    if symbol.rejection not in (Reason.NOT_A_SYMBOL, Reason.MARK):
        return False
    # What the candidates do not account for is that it is none of them.
    return symbol.confidence <= HALF * symbol.candidates[0].probability


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
    polarity: str = POLARITIES[0]

    @property
    def symbols(self) -> tuple[Symbol, ...]:
        """All symbols, in reading order."""
        return tuple(symbol for line in self.lines for symbol in line.symbols)

    @property
    def text(self) -> str:
        """A line of text a line; a tab between the cells of one row of a table."""
        return "\n".join("\t".join(row) for row in self.rows)

    @property
    def rows(self) -> tuple[tuple[str, ...], ...]:
        """The texts of its lines, those of the cells of a row side by side, ``""`` of an empty one.

        Where there is no text at all there is no row.
        """
        rows = [
            tuple(" ".join(line.text for line in cell if line.text) for cell in row)
            for row in rows_of_cells(self.lines)
        ]
        return tuple(row for row in rows if any(row))

    @property
    def confidence(self) -> float:
        """How likely all digits are right, 0 to 1, and that nothing was left out that counts."""
        return _sureness(self.lines, self.left_out) if self.symbols else 0.0


def rows_of_cells(lines: Iterable[Line]) -> list[list[list[Line]]]:
    """Return what stands in each cell of each row, empty cells among them.

    A line that is in no table is a row of one cell.
    """
    rows: list[list[list[Line]]] = []
    last = None
    for line in lines:
        cell = line.cell
        # One table may follow another: a row ends where the columns begin anew.
        if last is None or cell is None or cell[0] != last[0] or cell[1] < last[1]:
            rows.append([])
        column = 0 if cell is None else cell[1]
        rows[-1] += [[] for _ in range(column + 1 - len(rows[-1]))]
        rows[-1][column].append(line)
        last = cell
    return rows


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
    >>> from inkdigits import Candidate, Document, Line, Page, Symbol
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
    def symbols(self) -> tuple[Symbol, ...]:
        """The symbols of all pages, marks and rejected ones among them."""
        return tuple(symbol for page in self.pages for symbol in page.symbols)

    @property
    def digits(self) -> tuple[Symbol, ...]:
        """The symbols of all pages that were read as digits."""
        return tuple(symbol for symbol in self.symbols if symbol.is_digit)

    @property
    def confidence(self) -> float:
        """How likely all digits of it are right, 0 to 1, on all pages together."""
        left_out = [ink for page in self.pages for ink in page.left_out]
        return _sureness(self.lines, left_out) if self.symbols else 0.0

    def to_dict(self, *, network_input: bool = False) -> dict[str, Any]:
        """Return it as plain values for JSON, as `json_schema` says.

        Parameters
        ----------
        network_input
            Add the 28×28 that the network saw of each symbol, as base64.
        """
        from .document_json import document_to_dict

        return document_to_dict(self, network_input)

    @classmethod
    def from_dict(cls, found: Mapping[str, Any]) -> "Document":
        """Return the document that `to_dict` described; texts and confidences follow from it.

        Raises
        ------
        DocumentError
            If it is no such description, or one of another schema.
        """
        from .document_json import document_from_dict

        return document_from_dict(found)

    def __repr__(self) -> str:
        return f"Document({self.name}: {self.error or repr(self.text)})"

    def _repr_html_(self) -> str:
        from .document_html import document_card

        return document_card(self)


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
