import json

from hypothesis import given, settings
from hypothesis import strategies as st

from inkdigits.document import Document, Page
from inkdigits.io import to_json, to_jsonl, to_text
from tests.documents import document, documents, line


def test_one_document_is_its_text_alone():
    found = document(line("1 2"), line("105", (0, 0)), line("33", (0, 1)))
    assert list(to_text([found])) == ["1 2\n105\t33"]
    assert list(to_text([Document("p")])) == []


def test_several_documents_are_a_line_each():
    table = document(line("1 2"), line("105", (0, 0)), line("33", (0, 2)), name="a.png")
    pages = Document("b.tif", (Page(1, 9, 9, (line("7"),)), Page(2, 9, 9, (line("8"),))))
    bad = Document("c.png", error="It is none.")
    assert list(to_text([table, pages, bad])) == ["a.png: 1 2; 105 | 33", "b.tif: 7; 8"]


@settings(deadline=None)
@given(st.lists(documents(), min_size=2, max_size=4))
def test_text_is_a_line_a_picture_that_can_be_read(them):
    lines = list(to_text(them))
    assert len(lines) == sum(found.error is None for found in them)
    assert all(len(said.splitlines()) == 1 for said in lines)


@settings(deadline=None)
@given(st.lists(documents(), max_size=4))
def test_any_documents_come_back_from_json(them):
    said = json.loads("\n".join(to_json(them)))
    assert [Document.from_dict(found) for found in said] == them
    lines = list(to_jsonl(them))
    assert [Document.from_dict(json.loads(found)) for found in lines] == them
    assert all(len(found.splitlines()) == 1 for found in lines)
