"""Documents as plain text, and as JSON."""

import json
from collections.abc import Iterable, Iterator
from itertools import chain

from ..document import Document, Page

BETWEEN_ROWS, BETWEEN_CELLS = "; ", " | "  # where all of a picture is one line: no marks of numbers


def to_text(documents: Iterable[Document]) -> Iterator[str]:
    """Yield the text of one document as it is, or a line for each of several.

    Parameters
    ----------
    documents
        What was read. Of a picture that could not be opened nothing is said.
    """
    # One picture gives its text and nothing else, so that it can be piped.
    waiting = iter(documents)
    first = next(waiting, None)
    second = next(waiting, None)
    if first is None:
        return
    if second is None:
        if first.text:
            yield first.text
        return
    for document in chain((first, second), waiting):
        if document.error is None:
            yield f"{_on_one_line(document.name)}: {_joined(document.pages)}"


def to_json(documents: Iterable[Document]) -> Iterator[str]:
    """Yield the lines of a JSON array of documents; `document.schema.json` describes each."""
    before = "["
    for document in documents:
        yield before + json.dumps(document.to_dict())
        before = ","
    yield "[]" if before == "[" else "]"


def to_jsonl(documents: Iterable[Document]) -> Iterator[str]:
    """Yield a line of JSON for each document."""
    return (json.dumps(document.to_dict()) for document in documents)


def _joined(pages: Iterable[Page]) -> str:
    rows = [row for page in pages for row in page.rows]
    return BETWEEN_ROWS.join(BETWEEN_CELLS.join(cell for cell in row if cell) for row in rows)


def _on_one_line(name: str) -> str:
    """Return a name that takes one line, whatever a file is called."""
    return "".join(sign if sign.isprintable() else "\ufffd" for sign in name)
