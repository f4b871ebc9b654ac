"""What a notebook shows of a document and of a symbol."""

import numpy as np

from . import notebook
from .document import SIDE, Document, Page, Symbol

SHOWN = 100  # symbols on the page that are drawn, at most


def symbol_card(symbol: Symbol) -> str:
    """Return a card: the network's input, and the probability of each candidate."""
    shares = {c.value: c.probability for c in symbol.candidates}
    parts = [notebook.bars(dict(sorted(shares.items())), symbol.value)]
    if symbol.network_input is not None:
        seen = notebook.thumbnail(symbol.network_input, "network input", side=84)
        parts.insert(0, seen)
    return notebook.card(symbol.text, _hint(symbol), notebook.row(parts))


def document_card(document: Document) -> str:
    """Return a card: each page with its symbols in their places, and its lines."""
    if document.error is not None:
        warning = notebook.paragraph(document.error, "warning")
        return notebook.card(document.name, "not read", warning)
    if not document.symbols:
        return notebook.card(document.name, "no digits found")
    parts = [part for page in document.pages for part in _page(page)]
    more = sum(max(0, len(page.symbols) - SHOWN) for page in document.pages)
    note = f"{len(document.pages)} pages, " if len(document.pages) > 1 else ""
    note += f"{document.pages[0].width}×{document.pages[0].height} pixels"
    return notebook.card(document.name, note + (f", {more} not shown" if more else ""), *parts)


def _page(page: Page) -> list[notebook.Html]:
    blank = np.zeros((SIDE, SIDE), np.uint8)
    marks = [
        notebook.Mark(
            symbol.box,
            blank if symbol.network_input is None else symbol.network_input,
            symbol.text,
            symbol.rejection is None,
            _hint(symbol),
        )
        for symbol in page.symbols[:SHOWN]
    ]
    lines = [[line.text, f"{line.confidence:.1%}"] for line in page.lines if line.text]
    drawn = notebook.page(page.width, page.height, marks)
    return [drawn, notebook.table(lines, ["text", "confidence"])]


def _hint(symbol: Symbol) -> str:
    return symbol.reason or f"probability {symbol.confidence:.1%}"
