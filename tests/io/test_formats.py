import csv
import io
import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from inkdigits.document import Document
from inkdigits.io import formats
from tests.documents import documents


@settings(deadline=None)
@given(st.lists(documents(), max_size=4))
def test_any_documents_are_valid_json_and_csv(them):
    names = [found.name for found in them]
    said = json.loads("\n".join(formats.lines("json", names, them)))
    assert [Document.from_dict(found) for found in said] == them
    text = "".join(f"{line}\n" for line in formats.lines("csv", names, them))
    rows = list(csv.DictReader(io.StringIO(text, newline="")))
    assert [row["picture"] for row in rows] == names
    assert [row["text"] for row in rows] == [found.text for found in them]
    assert [bool(row["error"]) for row in rows] == [found.error is not None for found in them]


@settings(deadline=None)
@given(st.lists(documents(), max_size=4))
def test_text_is_a_line_a_picture_that_can_be_read(them):
    lines = list(formats.lines("text", [f"p{n}" for n in range(len(them))], them))
    if len(them) == 1:
        assert lines == [text for text in [them[0].text] if text]
    else:
        assert len(lines) == sum(found.error is None for found in them)
        assert all(line.startswith("p") and "\n" not in line for line in lines)


@pytest.mark.parametrize("form", formats.FORMATS)
def test_lines_come_as_documents_do(form):
    taken = []

    def many():
        for number in range(100):
            taken.append(number)
            yield Document("p")

    next(formats.lines(form, map(str, range(100)), many()))
    assert len(taken) <= 2  # one picture is printed otherwise than two
