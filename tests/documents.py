"""Documents of any kind, for tests of what is made from them."""

import numpy as np
from hypothesis import strategies as st

from inkdigits.document import Candidate, Document, LeftOut, Line, Outline, Page, Reason, Symbol

CELLS = st.none() | st.tuples(st.integers(0, 3), st.integers(0, 3))
SHARES = st.floats(0, 1)
NAMES = st.text(max_size=12)


def symbol(value: str | None = "7", confidence: float = 0.9, left: float = 0.0) -> Symbol:
    """Return a symbol of a given value, 8 by 20 pixels; None is rejected."""
    order = [value or "0", *(digit for digit in "0123456789" if digit != (value or "0"))]
    candidates = tuple(Candidate(digit, 0.91 if digit == order[0] else 0.01) for digit in order)
    seen = np.zeros((28, 28), np.uint8)
    seen[4:24, 10:18] = 255
    return Symbol(
        candidates,
        confidence,
        box(left, 40, 8, 20),
        Reason.NOT_A_SYMBOL if value is None else None,
        network_input=seen,
    )


def line(text: str, cell: tuple[int, int] | None = None, top: float = 40.0) -> Line:
    """Return a line of digits and marks, ``?`` rejected between them, and spaces."""
    symbols: list[Symbol] = []
    for place, sign in enumerate(text):
        if sign != " ":
            made = symbol(None if sign == "?" else sign)
            gap = place > 0 and text[place - 1] == " "
            symbols.append(
                Symbol(
                    made.candidates,
                    made.confidence,
                    box(10.0 * place, top, 8, 20),
                    Reason.LOW_CONFIDENCE if sign == "?" else None,
                    gap,
                    made.network_input,
                )
            )
    return Line(tuple(symbols), cell)


def document(*lines: Line, name: str = "page.png") -> Document:
    """Return a document of one page."""
    return Document(name, (Page(1, 200, 100, lines),))


def box(left: float, top: float, width: float, height: float) -> Outline:
    """Return the outline of an upright box."""
    right, bottom = left + width, top + height
    return ((left, top), (right, top), (right, bottom), (left, bottom))


def outlines() -> st.SearchStrategy[Outline]:
    """Return outlines of some corners."""
    side = st.floats(-10, 5000).map(lambda at: round(at, 2))
    return st.lists(st.tuples(side, side), min_size=3, max_size=5).map(tuple)


def symbols() -> st.SearchStrategy[Symbol]:
    """Return symbols that were read or rejected for any reason."""
    candidates = st.lists(
        st.builds(Candidate, st.sampled_from("0123456789.,-/:+%=—"), SHARES),
        min_size=1,
        max_size=12,
    )
    seen = st.none() | st.integers(0, 255).map(lambda ink: np.full((28, 28), ink, np.uint8))
    rejection = st.none() | st.sampled_from(Reason)
    return st.builds(
        Symbol, candidates.map(tuple), SHARES, outlines(), rejection, st.booleans(), seen
    )


def lines() -> st.SearchStrategy[Line]:
    """Return lines, in cells or not."""
    decimal = st.sampled_from(("point", "comma", "auto", None))
    found = st.lists(symbols(), max_size=5).map(tuple)
    return st.builds(Line, found, CELLS, st.none() | SHARES, decimal)


def pages() -> st.SearchStrategy[Page]:
    """Return pages, turned in any way."""
    ink = st.builds(LeftOut, st.sampled_from(Reason), outlines(), SHARES)
    return st.builds(
        Page,
        st.integers(1, 500),
        st.integers(1, 9000),
        st.integers(1, 9000),
        st.lists(lines(), max_size=3).map(tuple),
        st.lists(ink, max_size=2).map(tuple),
        st.sampled_from((0.0, 90.0, 180.0, 270.0)),
        st.booleans(),
        st.sampled_from(("dark_on_light", "light_on_dark")),
    )


def documents() -> st.SearchStrategy[Document]:
    """Return documents of some pages, and of bad pictures."""
    good = st.builds(Document, NAMES, st.lists(pages(), max_size=2).map(tuple))
    bad = st.builds(Document, NAMES, st.just(()), st.text(min_size=1, max_size=30))
    return good | bad
