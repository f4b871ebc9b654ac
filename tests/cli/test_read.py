import csv
import io
import json
import shutil
from pathlib import Path
from xml.etree import ElementTree

import numpy as np
import onnx
import pytest
from PIL import Image

from inkdigits.alphabet import DIGITS
from inkdigits.cli.inputs import inputs
from inkdigits.models.bundle import MODELS, SHIPPED
from inkdigits.models.contract import Contract
from inkdigits.reading import Reader, steps
from tests.cli.pages import row, save
from tests.reading.strokes import one, paper

PNG = b"\x89PNG"


def named(*names: str) -> list[str]:
    return [found.name for found in inputs(names)]


def test_one_picture_prints_its_text_alone(read, pages):
    assert read(pages / "b.png") == (0, "01\n", "")
    assert read(pages / "more" / "C.PNG") == (0, "10\n011\n", "")


def test_several_pictures_print_a_line_each(read, pages):
    code, out, err = read(pages / "b.png", pages / "more" / "C.PNG")
    assert (code, err) == (0, "")
    assert out == f"{pages}/b.png: 01\n{pages}/more/C.PNG: 10; 011\n"


def test_a_folder_is_searched_through_in_order(read, pages):
    code, out, _ = read(pages)
    assert code == 0
    assert [line.split(": ") for line in out.splitlines()] == [
        [f"{pages}/a.jpg", "110"],
        [f"{pages}/b.png", "01"],
        [f"{pages}/more/C.PNG", "10; 011"],
    ]


@pytest.mark.parametrize(
    ("pattern", "found"),
    [("*.png", ["b.png"]), ("?.*", ["a.jpg", "b.png"]), ("**/*.PNG", ["more/C.PNG"])],
)
def test_a_pattern_is_what_fits_it(read, pages, monkeypatch, pattern, found):
    assert named(str(pages / pattern)) == [str(pages / name) for name in found]
    monkeypatch.chdir(pages)
    assert named(pattern) == found
    assert read(pattern)[0] == 0


def test_a_file_whose_name_looks_like_a_pattern_is_that_file(read, tmp_path):
    path = save(tmp_path / "page[1].png", row(paper(100, 200), "10"))
    assert read(path) == (0, "10\n", "")


def test_standard_input_is_a_picture(read, pages):
    content = (pages / "b.png").read_bytes()
    assert read("-", stdin=content) == (0, "01\n", "")
    code, out, _ = read("-", pages / "a.jpg", stdin=content)
    assert (code, out) == (0, f"-: 01\n{pages}/a.jpg: 110\n")


def test_single_takes_all_ink_as_one_digit(read, tmp_path):
    half = save(tmp_path / "one.png", one(paper(), 50, 30))
    assert read(half, "--single") == (0, "1\n", "")
    both = save(tmp_path / "two.png", row(paper(100, 200), "01"))
    code, out, err = read(both, "--single")
    assert (code, out) == (0, "")
    assert "no digit was found (not a digit)" in err


def test_json_is_valid_and_says_all(read, pages, bad):
    code, out, _ = read(pages, bad, "--format", "json")
    found = json.loads(out)
    assert code == 1
    assert [Path(document["name"]).name for document in found] == [
        "a.jpg", "b.png", "C.PNG", "bad.png",
    ]  # fmt: skip
    assert found[2]["text"] == "10\n011"
    assert found[3]["error"].startswith("bad.png is not a picture")
    for document in found[:3]:
        assert document["error"] is None
        (page,) = document["pages"]
        for symbol in (symbol for line in page["lines"] for symbol in line["symbols"]):
            assert sum(c["probability"] for c in symbol["candidates"]) == pytest.approx(1, abs=1e-3)
            assert symbol["candidates"][0]["value"] == symbol["value"]
            for x, y in symbol["outline"]:
                assert 0 <= x <= page["width"]
                assert 0 <= y <= page["height"]


def test_json_of_the_shipped_recogniser_is_valid_too(shipped, pages):
    code, out, _ = shipped(pages, "--format", "json")
    assert code == 0
    assert [document["error"] for document in json.loads(out)] == [None] * 3


def test_json_lines_are_the_documents_of_json(read, pages, bad):
    _, whole, _ = read(pages, bad, "--format", "json")
    code, out, _ = read(pages, bad, "--format", "jsonl")
    assert code == 1
    assert [json.loads(line) for line in out.splitlines()] == json.loads(whole)


def test_csv_is_a_row_a_line(read, pages, bad):
    code, out, _ = read(pages, bad, "--format", "csv")
    rows = list(csv.DictReader(io.StringIO(out, newline="")))
    assert code == 1
    assert [found["text"] for found in rows] == ["110", '="01"', "10", '="011"', ""]
    names = [Path(found["file"]).name for found in rows]
    assert names == ["a.jpg", "b.png", "C.PNG", "C.PNG", "bad.png"]
    assert 0.8 < float(rows[1]["confidence"]) < 1
    assert rows[4]["error"].startswith("bad.png is not a picture") and not rows[0]["error"]


def test_hocr_is_one_file_of_all_pictures(read, pages, bad):
    code, out, _ = read(pages, bad, "--format", "hocr")
    root = ElementTree.fromstring(out.encode())  # noqa: S314 - our own
    found = [part for part in root.iter() if part.get("class") == "ocr_page"]
    assert code == 1
    assert ["".join(page.itertext()).split() for page in found] == [["110"], ["01"], ["10", "011"]]


def test_annotated_copies_are_written(read, pages, tmp_path):
    assert read(pages, "--annotated", tmp_path / "out")[:2] == read(pages)[:2]
    written = sorted((tmp_path / "out").iterdir())
    assert [path.name for path in written] == ["C-read.png", "a-read.png", "b-read.png"]
    for path in written:
        with Image.open(path) as picture:
            assert picture.mode == "RGB"


def test_what_the_network_saw_is_written(shipped, pages, tmp_path):
    assert shipped(pages / "b.png", "--network-input", tmp_path / "out")[0] == 0
    written = sorted((tmp_path / "out").iterdir())
    assert [path.name[:6] for path in written] == ["b-001-", "b-002-"]
    for path in written:
        with Image.open(path) as picture:
            assert (picture.size, picture.mode) == ((28, 28), "L")
            assert np.asarray(picture).max() > 100


def test_what_was_seen_is_named_by_place_and_value(read, tmp_path):
    page = save(tmp_path / "p.png", row(paper(100, 400), "0x101", step=70))
    assert read(page, "--network-input", tmp_path / "out")[1] == "0?101\n"
    names = sorted(path.name for path in (tmp_path / "out").iterdir())
    assert names == [f"p-00{n}-{v}.png" for n, v in enumerate(["0", "none", "1", "0", "1"], 1)]


def test_the_way_of_a_picture_is_written(read, pages, tmp_path):
    assert read(pages / "b.png", "--steps", tmp_path / "new" / "out")[0] == 0
    (path,) = (tmp_path / "new" / "out").iterdir()
    with Image.open(path) as picture:
        assert picture.width > 5 * steps.PANEL


def test_pictures_of_one_name_are_written_beside_each_other(read, tmp_path):
    pictures = [
        save(tmp_path / folder / name, row(paper(100, 200), text))
        for folder, name, text in (("a", "p.png", "0"), ("b", "p.png", "1"), ("c", "p.jpg", "01"))
    ]
    folders = {kind: tmp_path / kind for kind in ("annotated", "network-input", "steps")}
    options = [part for kind, folder in folders.items() for part in (f"--{kind}", folder)]
    assert read(*pictures, *options)[0] == 0
    for kind, what in (("annotated", "read"), ("steps", "steps")):
        names = sorted(path.name for path in folders[kind].iterdir())
        assert names == [f"p-2-{what}.png", f"p-3-{what}.png", f"p-{what}.png"]
    assert sorted(path.name for path in folders["network-input"].iterdir()) == [
        "p-001-0.png", "p-2-001-1.png", "p-3-001-0.png", "p-3-002-1.png",
    ]  # fmt: skip


def test_standard_input_is_written_under_a_name(read, pages, tmp_path):
    read("-", "--annotated", tmp_path / "out", stdin=(pages / "b.png").read_bytes())
    assert [path.name for path in (tmp_path / "out").iterdir()] == ["picture-read.png"]


def test_a_bad_picture_is_a_sentence_and_stops_nothing(read, pages, bad, tmp_path):
    missing = tmp_path / "missing.png"
    code, out, err = read(
        pages / "b.png", bad, missing, pages / "a.jpg", "--network-input", tmp_path / "out"
    )
    assert code == 1
    assert out == f"{pages}/b.png: 01\n{pages}/a.jpg: 110\n"
    first, second, summary = err.splitlines()
    assert first.startswith(f"inkdigits: {bad}: bad.png is not a picture")
    assert second.startswith(f"inkdigits: Cannot read {missing}") and second.endswith(".")
    assert summary == "inkdigits: 2 of 4 pictures could not be read."
    assert len(list((tmp_path / "out").iterdir())) == 5


def test_a_bad_picture_alone_prints_nothing(read, bad):
    code, out, err = read(bad)
    assert (code, out) == (1, "")
    assert "bad.png is not a picture" in err and "Traceback" not in err


def test_standard_input_that_is_no_picture_is_a_sentence(read):
    code, out, err = read("-", stdin=b"")
    assert (code, out) == (1, "")
    assert err.startswith("inkdigits: -: ")


@pytest.mark.parametrize("options", [[], ["--single"]])
def test_a_blank_picture_is_a_note_and_no_error(read, blank, options):
    code, out, err = read(blank, *options)
    assert (code, out) == (0, "")
    assert err.startswith(f"inkdigits: {blank}: no digit was found (blank: there is no ink")
    assert len(err.splitlines()) == 1


@pytest.mark.parametrize("options", [[], ["--single"]])
def test_a_blank_picture_can_be_drawn_on(read, blank, tmp_path, options):
    folders = [
        "--annotated",
        tmp_path / "a",
        "--steps",
        tmp_path / "b",
        "--network-input",
        tmp_path / "c",
    ]
    assert read(blank, *options, *folders)[0] == 0
    assert (tmp_path / "a" / "blank-read.png").read_bytes().startswith(PNG)
    assert (tmp_path / "b" / "blank-steps.png").read_bytes().startswith(PNG)


def test_a_picture_without_digits_says_why(read, tmp_path):
    code, out, err = read(save(tmp_path / "x.png", row(paper(100, 200), "x")))
    assert (code, out) == (0, "")
    assert "no digit was found (not a digit)." in err


def test_the_least_confidence_can_be_set(read, pages):
    code, out, _ = read(pages / "b.png", "--min-confidence", "0.999")
    assert (code, out) == (0, "??\n")
    assert read(pages / "b.png", "--min-confidence", "1.5")[0] == 2


def test_how_it_is_read_can_be_said(read, pages, monkeypatch):
    asked = []
    trace_many = Reader.trace_many
    monkeypatch.setattr(
        Reader, "trace_many", lambda self, *a, **k: asked.append(self) or trace_many(self, *a, **k)
    )
    given = ("--alphabet", "digits", "--decimal", "comma", "--no-rotate")
    assert read(pages / "b.png", *given)[:2] == read(pages / "b.png")[:2] == (0, "01\n")
    assert [(one.alphabet, one.decimal, one.rotate) for one in (it.options() for it in asked)] == [
        ("digits", "comma", False),
        ("all", "auto", True),
    ]


def test_a_line_comes_with_its_value(read, pages):
    (document,) = json.loads(read(pages / "a.jpg", "--format", "json")[1])
    (line,) = document["pages"][0]["lines"]
    assert (line["text"], line["value"], line["value_type"]) == ("110", "110", "number")
    assert next(csv.DictReader(io.StringIO(read(pages, "--format", "csv")[1])))["value"] == "110"


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["empty"], "There is no picture in empty: supported are .png"),
        (["none*.png"], "No file matches 'none*.png'"),
        (["p.png", "--format", "xml"], "Unknown format 'xml'"),
        (["p.png", "--alphabet", "letters"], "alphabet must be all or digits, not 'letters'"),
        (["p.png", "--decimal", "dot"], "decimal must be point or comma or auto, not 'dot'"),
        (["p.png", "--recogniser", "none.onnx"], "Cannot read none.onnx"),
        (["p.png", "--recogniser", "p.png"], "p.png is not a recogniser"),
        (["p.png", "--recogniser", "empty"], "empty has no model.json"),
        (["p.png", "--annotated", "p.png"], "p.png is a file, not a folder"),
    ],
)
def test_a_users_error_is_one_sentence_and_exit_code_2(shipped, tmp_path, arguments, says):
    (tmp_path / "empty").mkdir()
    save(tmp_path / "p.png", row(paper(100, 200), "0"))
    code, _, err = shipped(*arguments)
    assert code == 2
    assert says in err
    assert "Traceback" not in err
    assert len(err.strip().splitlines()) == 1


def test_nothing_to_read_is_refused(shipped):
    assert shipped()[0] == 2


def test_a_run_is_a_recogniser_by_its_name(shipped, pages, tmp_path):
    folder = tmp_path / "runs" / "mine"
    shutil.copytree(MODELS / SHIPPED, folder)
    usual = shipped(pages / "b.png")
    assert shipped(pages / "b.png", "--recogniser", "mine") == usual
    assert shipped(pages / "b.png", "--recogniser", folder) == usual


def test_a_recogniser_that_cannot_reject_says_so_of_pages(shipped, pages, small_file):
    model = onnx.load(small_file)
    onnx.helper.set_model_props(model, Contract(DIGITS).to_metadata())
    onnx.save(model, small_file)
    code, _, err = shipped(pages / "b.png", "--recogniser", small_file)
    assert code == 0
    assert err.startswith(f"inkdigits: {small_file} cannot reject what is not a symbol: it reads")
    assert len(err.strip().splitlines()) == 1
    assert shipped(pages / "b.png", "--recogniser", small_file, "--single")[2] == ""
    assert shipped(pages / "b.png")[2] == ""


def test_copies_never_take_the_place_of_a_picture(read, pages):
    before = (pages / "b.png").read_bytes()
    read(pages / "b.png", "--annotated", pages)
    assert (pages / "b.png").read_bytes() == before


def test_two_kinds_of_copies_in_one_folder_are_both_kept_or_refused(read, pages, tmp_path):
    code, *_ = read(pages / "b.png", "--annotated", tmp_path / "x", "--steps", tmp_path / "x")
    assert code == 2 or len(list((tmp_path / "x").iterdir())) == 2
