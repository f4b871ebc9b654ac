import csv
import io
import re
from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from inkdigits.document import Candidate, Document, Line, Page, Symbol
from inkdigits.io import to_csv
from inkdigits.io.table import COLUMNS, STEERING
from tests.documents import box, document, documents, line

FRACTION = re.compile(r"=-?[0-9]{1,15}/10+")
FORMULA = re.compile(r'="(?:[^"]|"")*"(?:&"(?:[^"]|"")*")*')


def rows(*them: Document) -> list[dict[str, str]]:
    text = "".join(f"{row}\r\n" for row in to_csv(them))
    return list(csv.DictReader(io.StringIO(text, newline=""), strict=True))


def meant(field: str) -> str:
    """Return what a spreadsheet shows of a field."""
    if not field.startswith("="):
        return field
    assert FORMULA.fullmatch(field)
    parts = re.findall(r'"((?:[^"]|"")*)"', field[1:])
    return "".join(part.replace('""', '"') for part in parts)


def signs(text: str) -> Document:
    """Return a document of one line of any symbols."""
    symbols = tuple(Symbol((Candidate(s, 1.0),), 0.9, box(0, 0, 5, 9)) for s in text)
    return document(Line(symbols))


def test_a_row_is_a_line_or_a_cell():
    cells = [line("105", (0, 0), top=60), line("3?", (0, 1), top=60)]
    found = rows(document(line("12"), *cells))
    assert tuple(found[0]) == COLUMNS
    assert [list(row.values()) for row in found] == [
        ["page.png", "1", "1", "", "", "12", "12", "0.8100", "0", "0", "40", "18", "20", ""],
        ["page.png", "1", "2", "1", "1", "105", "105", "0.7290", "0", "0", "60", "28", "20", ""],
        ["page.png", "1", "3", "1", "2", "3?", "", "0.5000", "1", "0", "60", "18", "20", ""],
    ]


def test_nothing_that_was_given_is_missing():
    pages = Document("b.tif", (Page(1, 9, 9), Page(2, 9, 9, (line("7"),))))
    bad = Document("c.png", error="It is none, or damaged.")
    found = rows(Document("a.png"), pages, bad)
    assert [(row["file"], row["page"], row["text"], row["error"]) for row in found] == [
        ("a.png", "", "", ""),
        ("b.tif", "1", "", ""),
        ("b.tif", "2", "7", ""),
        ("c.png", "", "", "It is none, or damaged."),
    ]


@pytest.mark.parametrize("text", ["0", "7", "105", "123456789012345", "-12"])
def test_plain_numbers_are_plain(text):
    assert rows(signs(text))[0]["text"] == text


@pytest.mark.parametrize(
    "text", ["007", "00", "1234567890123456", "12.50", "1,5", "3-4", "1/2", "12:30", "+5", "-0"]
)
def test_what_a_spreadsheet_would_change_is_a_formula_of_the_text(text):
    assert rows(signs(text))[0]["text"] == f'="{text}"'


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("007", "7"),
        ("12.50", "=1250/100"),
        ("-264,27", "=-26427/100"),
        ("3.000.-", "3000"),
        ("50%", "=50/100"),
        ("1,00", "1"),
        ("14/03/2026", "2026-03-14"),
        ("10:45", "10:45:00"),
        ("1.234", ""),
        ("1234567890123456", '="1234567890123456"'),
        ("0,0000000000000001", '="0.0000000000000001"'),
    ],
)
def test_a_value_is_what_every_spreadsheet_counts_with(text, value):
    assert rows(signs(text))[0]["value"] == value


@given(st.integers(-(10**14), 10**14), st.integers(1, 12))
def test_a_fraction_is_its_number_to_the_last_bit(digits, places):
    text = format(Decimal((digits < 0, Decimal(abs(digits)).as_tuple().digits, -places)), "f")
    field = rows(Document("a", (Page(1, 9, 9, (replace(signs(text).lines[0], decimal="point"),)),)))
    over, _, under = field[0]["value"].removeprefix("=").partition("/")
    assert int(over) / int(under or 1) == float(text)


def test_gaps_within_a_number_stay_as_they_are():
    assert rows(document(line("1?3 0?")))[0]["text"] == "1?3 0?"
    assert rows(document(line("12 34")))[0]["text"] == '="12 34"'


def test_a_text_that_is_long_for_a_formula_is_put_together_in_it():
    field = rows(signs("0" * 600))[0]["text"]
    assert meant(field) == "0" * 600
    assert max(len(part) for part in re.findall(r'"([^"]*)"', field)) == 255


@pytest.mark.parametrize(
    "name",
    [
        "=1+1",
        "+1.png",
        "-",
        "@SUM(A1)",
        "\t=1",
        " =1",
        "\uff1d1",
        '=cmd|"/c calc"!A1',
        "2026-03-14",
    ],
)
def test_no_name_is_a_formula(name):
    (row,) = rows(Document(name))
    assert FORMULA.fullmatch(row["file"])
    assert meant(row["file"]) == name


@pytest.mark.parametrize("name", ["a.png", "/scans/März 3.png", "./=1.png", "scan-001.png"])
def test_usual_names_stay_as_they_are(name):
    assert rows(Document(name))[0]["file"] == name


@pytest.mark.parametrize("name", ["a;=1.png", "a\t=1.png", "a,b.png", 'a"b.png', "a\r\nb.png"])
def test_no_name_falls_apart_in_any_spreadsheet(name):
    for text in to_csv([Document(name)]):
        for mark in ",;\t":
            fields = next(csv.reader(io.StringIO(text, newline=""), delimiter=mark))
            assert not any(field.startswith("=1") for field in fields)
    assert meant(rows(Document(name))[0]["file"]) == name


def test_a_name_that_is_no_text_can_still_be_printed():
    content = "\n".join(to_csv([Document("a\udcff.png")])).encode()
    assert content.count(b".png") == 1


@settings(deadline=None)
@given(st.lists(documents(), max_size=4))
def test_any_documents_are_a_table(them):
    found = rows(*them)
    lines = [
        (STEERING.sub("?", it.name), part.text) for it in them for part in it.lines if part.text
    ]
    assert [(meant(row["file"]), meant(row["text"])) for row in found if row["text"]] == lines
    shown = [(STEERING.sub("?", it.name), it.error) for it in them if it.error is not None]
    given = [(name, STEERING.sub("?", error)) for name, error in shown]
    assert [(meant(r["file"]), meant(r["error"])) for r in found if r["error"]] == given
    for row in found:
        assert not any(
            field[:1] in ("=", "+", "@") and not FORMULA.fullmatch(field)
            for name, field in row.items()
            if not (name == "value" and FRACTION.fullmatch(field))
        )
