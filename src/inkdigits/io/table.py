"""Documents as a table: CSV that a spreadsheet shows as it was written."""

import re
from collections.abc import Iterable, Iterator, Sequence
from decimal import Decimal

from ..document import UNKNOWN, Document, Line, Page
from ..values import Value, written

COLUMNS = (
    "file", "page", "line", "row", "column", "text", "value", "confidence", "rejected",
    "left", "top", "width", "height", "error",
)  # fmt: skip
# What every spreadsheet leaves as it is: numbers of at most 15 digits, and texts with a gap.
NUMBER = re.compile(r"0|-?[1-9][0-9]{0,14}")
WITH_GAPS = re.compile(r"[0-9 ?]*\?[0-9 ?]*")
NAME = re.compile(r"[\w./][^\x00-\x1f]*")
NUMBER_LIKE = re.compile(r"[\d\s.,:/eE+-]+")  # a date, a time, a fraction
# What steers a terminal, turns the direction of writing, or is no text at all.
STEERING = re.compile(
    r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069\ud800-\udfff]"
)
LONGEST = 255  # signs that a text in a formula may have
EXACT = 10**15  # whole numbers below are kept to the last digit


def to_csv(documents: Iterable[Document]) -> Iterator[str]:
    """Yield a header, then a row for each line of writing, and for each cell of a table.

    A page without text has a row all the same, and so has a picture that could not be opened:
    nothing that was given is missing. Pages, lines, rows and columns are counted from 1.
    """
    yield ",".join(COLUMNS)
    for document in documents:
        if document.error is not None or not document.pages:
            yield _row(document, error=document.error or "")
        for page in document.pages:
            written = [(n, line) for n, line in enumerate(page.lines, start=1) if line.text]
            if not written:
                yield _row(document, page)
            for number, line in written:
                yield _row(document, page, number, line)


def _row(
    document: Document,
    page: Page | None = None,
    number: int | None = None,
    line: Line | None = None,
    error: str = "",
) -> str:
    values: list[object] = [_harmless(document.name), "" if page is None else page.number]
    if line is None:
        values += [""] * (len(COLUMNS) - 3)
    else:
        cell: Sequence[object] = ("", "") if line.cell is None else [at + 1 for at in line.cell]
        rejected = line.text.count(UNKNOWN)
        values += [number, *cell, _as_written(line.text), _typed(line.value)]
        values += [f"{line.confidence:.4f}", rejected, *line.box]
    return ",".join(_quoted(str(value)) for value in [*values, _harmless(error)])


def _as_written(text: str) -> str:
    """Return a text that a spreadsheet does not change: no zero is lost, nothing becomes a date."""
    plain = NUMBER.fullmatch(text) or WITH_GAPS.fullmatch(text)
    return text if plain or not text else _formula(text)


def _typed(value: Value | None) -> str:
    """Return a value that every spreadsheet takes for a number, a date or a time.

    Whether 12.50 is one depends on where the spreadsheet is; 1250/100 is the same everywhere, to
    the last bit.
    """
    if value is None:
        return ""
    if not isinstance(value, Decimal):
        return written(value)
    over, under = value.as_integer_ratio()
    if under > 1:  # 1250/100 is easier to read than 25/2
        scale = 10 ** -int(value.as_tuple().exponent) // under
        over, under = over * scale, under * scale
    if max(abs(over), under) >= EXACT:
        return _formula(written(value))
    return str(over) if under == 1 else f"={over}/{under}"


def _harmless(text: str) -> str:
    """Return a name or a sentence that no spreadsheet takes for a formula or a number."""
    text = STEERING.sub("?", text)
    plain = NAME.fullmatch(text) and not NUMBER_LIKE.fullmatch(text)
    return text if plain or not text else _formula(text)


def _formula(text: str) -> str:
    """Return the formula whose value is `text`."""
    parts = [text[at : at + LONGEST] for at in range(0, len(text), LONGEST)]
    return "=" + "&".join('"' + part.replace('"', '""') + '"' for part in parts)


def _quoted(value: str) -> str:
    # Some spreadsheets part fields by semicolons or tabs: no field falls apart there either.
    needed = any(sign in value for sign in ',;"\t\r\n')
    return '"' + value.replace('"', '""') + '"' if needed else value
