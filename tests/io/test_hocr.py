"""hOCR, held against the rules of its specification, version 1.2."""

import re
from urllib.parse import unquote_to_bytes
from xml.etree import ElementTree

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from inkdigits.document import Candidate, Document, Line, Page, Symbol
from inkdigits.io import to_hocr
from tests.documents import box, document, documents, line

NUMBER, WHOLE = r"-?\d+(?:\.\d+)?", r"\d+"
PROPERTIES = {
    "bbox": rf"{WHOLE} {WHOLE} {WHOLE} {WHOLE}",
    "image": r'"[!#-~ ]*"',
    "ppageno": WHOLE,
    "textangle": NUMBER,
    "x_bboxes": rf"{WHOLE} {WHOLE} {WHOLE} {WHOLE}",
    "x_confs": NUMBER,
    "x_wconf": NUMBER,
}
NEEDED = {
    "ocr_page": {"bbox", "image", "ppageno"},
    "ocr_table": {"bbox"},
    "ocr_line": {"bbox"},
    "ocrx_word": {"bbox", "x_wconf"},
    "ocrx_cinfo": {"x_bboxes", "x_confs"},
}
INSIDE = {
    "ocr_page": None,
    "ocr_table": "ocr_page",
    "ocr_line": "ocr_page",
    "ocrx_word": "ocr_line",
    "ocrx_cinfo": "ocrx_word",
}


def checked(*them: Document) -> ElementTree.Element:
    """Return the file, if it is what the specification asks for."""
    root = ElementTree.fromstring("\n".join(to_hocr(them)).encode())  # noqa: S314 - our own
    assert root.tag.endswith("}html")
    for part in root.iter():
        part.tag = part.tag.split("}")[1]
    meta = {part.get("name"): part.get("content") for part in root.iter("meta")}
    assert meta["ocr-system"]
    assert set(meta["ocr-capabilities"].split()) == set(NEEDED)
    names = [part.get("id") for part in root.iter() if part.get("id")]
    assert len(set(names)) == len(names)
    assert all(re.fullmatch(r"[a-z]+(?:_\d+)+", name) for name in names)
    _check_inside(root, ())
    return root


def _check_inside(part: ElementTree.Element, around: tuple[str, ...]) -> None:
    kind = part.get("class")
    if kind is not None:
        assert INSIDE[kind] is None or around.count(INSIDE[kind]) == 1
        assert kind not in around
        assert set(properties(part)) >= NEEDED[kind]
        around = (*around, kind)
    for child in part:
        _check_inside(child, around)


def properties(part: ElementTree.Element) -> dict[str, str]:
    """Return the properties of an element, each of them well-formed."""
    found = dict(text.strip().split(" ", 1) for text in part.get("title").split(";"))
    for name, value in found.items():
        assert re.fullmatch(PROPERTIES[name], value), (name, value)
        if name in ("x_confs", "x_wconf"):
            assert 0 <= float(value) <= 100
    for name in ("bbox", "x_bboxes"):
        left, top, right, bottom = map(int, found.get(name, "0 0 1 1").split())
        assert left <= right and top <= bottom
    return found


def parts(root: ElementTree.Element, kind: str) -> list[ElementTree.Element]:
    return [part for part in root.iter() if part.get("class") == kind]


def text(part: ElementTree.Element) -> str:
    return "".join(part.itertext())


def test_symbols_stand_in_words_lines_and_pages():
    root = checked(document(line("1?3 0")))
    (page,) = parts(root, "ocr_page")
    assert properties(page) == {"image": '"page.png"', "bbox": "0 0 200 100", "ppageno": "0"}
    (found,) = parts(root, "ocr_line")
    assert text(found) == "1?3 0"
    assert properties(found)["bbox"] == "0 40 48 60"
    assert [text(word) for word in parts(root, "ocrx_word")] == ["1?3", "0"]
    second = properties(parts(root, "ocrx_cinfo")[1])
    assert second == {"x_bboxes": "10 40 18 60", "x_confs": "90.0"}


def test_a_table_is_a_table():
    cells = [line("105", (0, 0)), line("33", (0, 2), 60), line("7", (1, 1), 80)]
    root = checked(document(line("1"), *cells, line("9")))
    (table,) = parts(root, "ocr_table")
    assert table.tag == "table"
    assert [[text(cell) for cell in row] for row in table] == [["105", "", "33"], ["", "7"]]
    assert properties(table)["bbox"] == "0 40 28 100"
    assert [text(p).strip() for p in root.iter("p")] == ["1", "9"]


def test_pages_are_numbered_in_their_file():
    pages = Document("b.tif", (Page(1, 9, 9), Page(2, 9, 9, (line("7"),), rotation=90.0)))
    root = checked(document(line("1")), pages, Document("c", error="It is none."))
    numbers = [properties(page)["ppageno"] for page in parts(root, "ocr_page")]
    assert numbers == ["0", "0", "1"]
    assert [properties(it).get("textangle") for it in parts(root, "ocr_line")] == [None, "90"]


@pytest.mark.parametrize("name", ["<a>&\"'.png", "a;b %1\\.png", "ä\n\0.png", "a\udcff.png"])
def test_any_name_is_an_address(name):
    (page,) = parts(checked(document(line("1"), name=name)), "ocr_page")
    said = properties(page)["image"].strip('"')
    assert unquote_to_bytes(said).decode("utf-8", "surrogateescape") == name


def test_what_xml_cannot_hold_is_replaced():
    odd = Line((Symbol((Candidate("<\0", 1.0),), 0.9, box(-5, -5, 9, 9)),))
    assert text(parts(checked(document(odd)), "ocr_line")[0]) == "<\ufffd"


@settings(deadline=None)
@given(st.lists(documents(), max_size=3))
def test_any_documents_are_valid(them):
    root = checked(*them)
    pages = [page for found in them for page in found.pages]
    assert len(parts(root, "ocr_page")) == len(pages)
    lines = [it.text for page in pages for it in page.lines if it.text]
    assert [text(it) for it in parts(root, "ocr_line")] == lines
