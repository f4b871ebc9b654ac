"""Documents as text, JSON or CSV."""

import csv
import io
import json
from collections.abc import Iterable, Iterator, Sequence
from itertools import chain

from ..document import Document

FORMATS = ("text", "json", "csv")
COLUMNS = ("picture", "text", "confidence", "digits", "rejected", "error")


def lines(form: str, names: Iterable[str], documents: Iterable[Document]) -> Iterator[str]:
    """Yield the lines to print for `documents` of `names`, one after the other as they come."""
    # Documents first: what watches over them ends only when it is asked for one too many.
    pairs = ((name, document) for document, name in zip(documents, names, strict=False))
    return {"text": _text, "json": _json, "csv": _csv}[form](pairs)


def _text(pairs: Iterable[tuple[str, Document]]) -> Iterator[str]:
    # One picture gives its text and nothing else, so that it can be piped.
    waiting = iter(pairs)
    first = next(waiting, None)
    second = next(waiting, None)
    if first is None:
        return
    if second is None:
        if first[1].error is None and first[1].text:
            yield first[1].text
        return
    for name, document in chain((first, second), waiting):
        if document.error is None:
            yield f"{name}: {' / '.join(document.text.splitlines())}"


def _json(pairs: Iterable[tuple[str, Document]]) -> Iterator[str]:
    before = "["
    for name, document in pairs:
        yield before + json.dumps({**document.to_dict(), "name": name})
        before = ","
    yield "[]" if before == "[" else "]"


def _csv(pairs: Iterable[tuple[str, Document]]) -> Iterator[str]:
    yield _row(COLUMNS)
    for name, document in pairs:
        refused = document.text.count("?")
        read = sum(digit.value is not None for digit in document.digits)
        yield _row(
            [
                name,
                document.text,
                f"{document.confidence:.4f}",
                str(read),
                str(refused),
                "" if document.error is None else str(document.error),
            ]
        )


def _row(values: Sequence[str]) -> str:
    text = io.StringIO(newline="")
    csv.writer(text).writerow(values)  # quotes a line end only if it is among its own
    return text.getvalue().removesuffix("\r\n")
