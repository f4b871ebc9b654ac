"""Documents as plain values for JSON, and back: what `Document.to_dict` and `from_dict` do.

`document.schema.json` says what the values are; the HTTP interface says the same.
"""

import base64
import binascii
import math
from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
import numpy.typing as npt

from .document import (
    POLARITIES,
    SIDE,
    Candidate,
    Document,
    LeftOut,
    Line,
    Outline,
    Page,
    Reason,
    Symbol,
)
from .errors import DocumentError
from .values import DECIMALS, type_of, written

SCHEMA = 1  # changes when `from_dict` cannot read what an earlier version wrote
FAR = 1_000_000_000  # no page has a point further out
MOST_CELLS = 10_000  # rows or columns of a table
CORNERS = 3  # of an outline, at least


def document_to_dict(document: Document, network_input: bool) -> dict[str, Any]:
    """Return a document as plain values."""
    return {
        "schema": SCHEMA,
        "name": document.name,
        "text": document.text,
        "confidence": document.confidence,
        "error": document.error,
        "pages": [_page_to_dict(page, network_input) for page in document.pages],
    }


def _page_to_dict(page: Page, network_input: bool) -> dict[str, Any]:
    return {
        "number": page.number,
        "width": page.width,
        "height": page.height,
        "rotation": page.rotation,
        "mirrored": page.mirrored,
        "polarity": page.polarity,
        "text": page.text,
        "confidence": page.confidence,
        "lines": [_line_to_dict(line, network_input) for line in page.lines],
        "left_out": [
            {
                "reason": ink.reason.value,
                "sentence": ink.reason.sentence,
                "outline": [list(point) for point in ink.outline],
                "doubt": ink.doubt,
            }
            for ink in page.left_out
        ],
    }


def _line_to_dict(line: Line, network_input: bool) -> dict[str, Any]:
    value = line.value
    return {
        "text": line.text,
        "value": None if value is None else written(value),
        "value_type": type_of(value),
        "decimal": line.decimal,
        "confidence": line.confidence,
        "probability": line.probability,
        "box": list(line.box),
        "cell": None if line.cell is None else list(line.cell),
        "symbols": [symbol_to_dict(symbol, network_input) for symbol in line.symbols],
    }


def symbol_to_dict(symbol: Symbol, network_input: bool) -> dict[str, Any]:
    """Return a symbol as plain values."""
    candidates = [{"value": c.value, "probability": c.probability} for c in symbol.candidates]
    found: dict[str, Any] = {
        "value": symbol.value,
        "confidence": symbol.confidence,
        "candidates": candidates,
        "outline": [list(point) for point in symbol.outline],
        "rejection": None if symbol.rejection is None else symbol.rejection.value,
        "reason": symbol.reason,
        "space_before": symbol.space_before,
    }
    if network_input and symbol.network_input is not None:
        found["network_input"] = base64.b64encode(symbol.network_input.tobytes()).decode()
    return found


def document_from_dict(found: object) -> Document:
    """Return the document that `document_to_dict` described.

    Raises
    ------
    DocumentError
        If it is no such description, or one of another schema.
    """
    fields = _Fields(found, "it")
    schema = fields.whole("schema", 0, FAR)
    if schema != SCHEMA:
        raise DocumentError(
            f"This document has schema {schema}, and this version supports {SCHEMA} only: "
            "read the picture again, or use the version of inkdigits that wrote it."
        )
    pages = [_page_from_dict(page) for page in fields.each("pages")]
    error = None if fields.take("error") is None else fields.text("error")
    return Document(fields.text("name"), tuple(pages), error)


def _page_from_dict(fields: "_Fields") -> Page:
    polarity = fields.text("polarity")
    if polarity not in POLARITIES:
        raise fields.damaged("polarity", f"is not {' or '.join(POLARITIES)}")
    left_out = [
        LeftOut(_reason(ink, "reason"), _outline(ink), ink.number("doubt", 0, 1))
        for ink in fields.each("left_out")
    ]
    return Page(
        fields.whole("number", 1, FAR),
        fields.whole("width", 1, FAR),
        fields.whole("height", 1, FAR),
        tuple(_line_from_dict(line) for line in fields.each("lines")),
        tuple(left_out),
        fields.number("rotation", -360, 360),
        fields.flag("mirrored"),
        polarity,
    )


def _line_from_dict(fields: "_Fields") -> Line:
    symbols = tuple(_symbol(symbol) for symbol in fields.each("symbols"))
    said = fields.take("probability")
    probability = None if said is None else fields.number("probability", 0, 1)
    decimal = None if fields.take("decimal") is None else fields.text("decimal")
    if decimal is not None and decimal not in DECIMALS:
        raise fields.damaged("decimal", f"is not {' or '.join(DECIMALS)}")
    return Line(symbols, _cell(fields), probability, decimal)


def _cell(fields: "_Fields") -> tuple[int, int] | None:
    cell = fields.take("cell")
    if cell is None:
        return None
    if not isinstance(cell, (list, tuple)) or len(cell) != 2:
        raise fields.damaged("cell", "is not a row and a column")
    row, column = (_whole(value) for value in cell)
    if row is None or column is None or not (0 <= row < MOST_CELLS and 0 <= column < MOST_CELLS):
        raise fields.damaged("cell", f"is not a row and a column below {MOST_CELLS}")
    return row, column


def symbol_from_dict(found: object) -> Symbol:
    """Return the symbol that `symbol_to_dict` described.

    Raises
    ------
    DocumentError
        If it is no such description.
    """
    return _symbol(_Fields(found, "it"))


def _symbol(fields: "_Fields") -> Symbol:
    candidates = [
        Candidate(one.text("value"), one.number("probability", 0, 1))
        for one in fields.each("candidates")
    ]
    if not all(one.value for one in candidates) or not candidates:
        raise fields.damaged("candidates", "names no symbol")
    return Symbol(
        tuple(candidates),
        fields.number("confidence", 0, 1),
        _outline(fields),
        None if fields.take("rejection") is None else _reason(fields, "rejection"),
        fields.flag("space_before"),
        _network_input(fields),
    )


def _network_input(fields: "_Fields") -> npt.NDArray[np.uint8] | None:
    if not fields.has("network_input"):
        return None
    try:
        content = base64.b64decode(fields.text("network_input"), validate=True)
    except (ValueError, binascii.Error) as error:
        raise fields.damaged("network_input", "is not base64") from error
    if len(content) != SIDE * SIDE:
        raise fields.damaged("network_input", f"is not {SIDE}×{SIDE} bytes")
    return np.frombuffer(content, np.uint8).reshape(SIDE, SIDE)


def _reason(fields: "_Fields", key: str) -> Reason:
    try:
        return Reason(fields.text(key))
    except ValueError as error:
        raise fields.damaged(key, "is not a known reason") from error


def _outline(fields: "_Fields") -> Outline:
    points = fields.take("outline")
    if not isinstance(points, (list, tuple)) or len(points) < CORNERS:
        raise fields.damaged("outline", f"has fewer than {CORNERS} corners")
    outline = []
    for point in points:
        if not isinstance(point, (list, tuple)) or len(point) != 2:
            raise fields.damaged("outline", "has a corner that is not a pair of numbers")
        x, y = (_number(value) for value in point)
        if x is None or y is None or max(abs(x), abs(y)) > FAR:
            raise fields.damaged("outline", "has a corner that is not a pair of numbers")
        outline.append((x, y))
    return tuple(outline)


def _number(value: object) -> float | None:
    """Return a finite number, or None; True is none, whatever Python says."""
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return None
    if isinstance(value, int) and abs(value) > FAR:
        return None  # it may be more than a float can hold
    return float(value) if math.isfinite(value) else None


def _whole(value: object) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) else None


class _Fields:
    """A description, whose fields are checked as they are taken."""

    def __init__(self, found: object, at: str) -> None:
        self._at = at
        if not isinstance(found, Mapping):
            raise _damaged(at, "is not an object")
        self._found = found

    def damaged(self, key: str, problem: str) -> DocumentError:
        """Return the error of a field."""
        return _damaged(key if self._at == "it" else f"{self._at}.{key}", problem)

    def has(self, key: str) -> bool:
        return self._found.get(key) is not None

    def take(self, key: str) -> object:
        if key not in self._found:
            raise self.damaged(key, "is missing")
        return self._found[key]

    def text(self, key: str) -> str:
        value = self.take(key)
        if not isinstance(value, str):
            raise self.damaged(key, "is not a string")
        return value

    def flag(self, key: str) -> bool:
        value = self.take(key)
        if not isinstance(value, bool):
            raise self.damaged(key, "is neither true nor false")
        return value

    def number(self, key: str, least: float, most: float) -> float:
        value = _number(self.take(key))
        if value is None or not least <= value <= most:
            raise self.damaged(key, f"is not a number from {least} to {most}")
        return value

    def whole(self, key: str, least: int, most: int) -> int:
        value = _whole(self.take(key))
        if value is None or not least <= value <= most:
            raise self.damaged(key, f"is not a whole number from {least} to {most}")
        return value

    def each(self, key: str) -> "Iterator[_Fields]":
        values = self.take(key)
        if not isinstance(values, (list, tuple)):
            raise self.damaged(key, "is not an array")
        at = key if self._at == "it" else f"{self._at}.{key}"
        return (_Fields(value, f"{at}[{number}]") for number, value in enumerate(values))


def _damaged(at: str, problem: str) -> DocumentError:
    return DocumentError(
        f"This is not a document written by inkdigits ({at} {problem}): pass the output of "
        "`to_dict` or `--format json`."
    )
