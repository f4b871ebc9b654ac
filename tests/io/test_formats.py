import csv
import io
import json
import sys
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays
from PIL import Image

from inkdigits import cli
from inkdigits.cli import inputs, watch
from inkdigits.errors import PictureError
from inkdigits.io import annotate, formats
from inkdigits.io.picture import open_picture
from inkdigits.recognition.recogniser import Recogniser
from tests.reading.strokes import Grey, Shapes, cross, one, paper, zero

PNG = b"\x89PNG"


def row(page: Grey, text: str, y: int = 30, step: int = 45) -> Grey:
    """Draw `text` of 0, 1, x and blanks on `page`."""
    draw = {"0": zero, "1": one, "x": cross}
    for place, sign in enumerate(text):
        if sign != " ":
            draw[sign](page, 20 + place * step, y)
    return page


def save(path: Path, page: Grey) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(page).save(path)
    return path


@pytest.fixture
def shipped(monkeypatch, capsys):
    """Run `inkdigits read` as a user does; return exit code, output and error output."""

    def go(*arguments: str | Path, stdin: bytes = b"") -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["inkdigits", "read", *map(str, arguments)])
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(stdin)))
        try:
            cli.main()
            code = 0
        except SystemExit as end:
            code = int(end.code or 0)
        return code, *capsys.readouterr()

    return go


@pytest.fixture
def read(monkeypatch, shipped):
    """Run `inkdigits read` with the stand-in for a recogniser."""
    monkeypatch.setattr(Recogniser, "load", lambda _=None, **__: Shapes())
    return shipped


@pytest.fixture
def pages(tmp_path) -> Path:
    """Return a folder, with another in it, of pictures and of what is none."""
    folder = tmp_path / "pages"
    save(folder / "b.png", row(paper(100, 200), "01"))
    save(folder / "a.jpg", row(paper(100, 200), "110"))
    save(folder / "more" / "C.PNG", row(row(paper(200, 200), "10"), "011", y=120))
    save(folder / ".hidden.png", row(paper(100, 200), "000"))
    (folder / "notes.txt").write_text("no picture")
    return folder


@pytest.fixture
def blank(tmp_path) -> Path:
    return save(tmp_path / "blank.png", paper())


@pytest.fixture
def bad(tmp_path) -> Path:
    path = tmp_path / "bad.png"
    path.write_bytes(b"no picture")
    return path


def test_one_picture_prints_its_text_alone(read, pages):
    assert read(pages / "b.png") == (0, "01\n", "")
    assert read(pages / "more" / "C.PNG") == (0, "10\n011\n", "")


def test_several_pictures_print_a_line_each(read, pages):
    code, out, err = read(pages / "b.png", pages / "more" / "C.PNG")
    assert (code, err) == (0, "")
    assert out == f"{pages}/b.png: 01\n{pages}/more/C.PNG: 10 / 011\n"


def test_a_folder_is_searched_through_in_order(read, pages):
    code, out, _ = read(pages)
    assert code == 0
    assert [line.split(": ") for line in out.splitlines()] == [
        [f"{pages}/a.jpg", "110"],
        [f"{pages}/b.png", "01"],
        [f"{pages}/more/C.PNG", "10 / 011"],
    ]


@pytest.mark.parametrize(
    ("pattern", "found"),
    [("*.png", ["b.png"]), ("?.*", ["a.jpg", "b.png"]), ("**/*.PNG", ["more/C.PNG"])],
)
def test_a_pattern_is_what_fits_it(read, pages, monkeypatch, pattern, found):
    assert inputs.pictures([str(pages / pattern)]) == [str(pages / name) for name in found]
    monkeypatch.chdir(pages)
    assert inputs.pictures([pattern]) == found
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
    assert "no digit here (no digit)" in err


def test_json_is_valid_and_says_all(read, pages, bad):
    code, out, _ = read(pages, bad, "--format", "json")
    found = json.loads(out)
    assert code == 1
    assert [Path(page["picture"]).name for page in found] == ["a.jpg", "b.png", "C.PNG", "bad.png"]
    assert found[2]["text"] == "10\n011"
    assert found[3]["error"].startswith("bad.png is no picture")
    for page in found[:3]:
        assert page["error"] is None
        for digit in page["digits"]:
            assert sum(digit["probabilities"]) == pytest.approx(1, abs=1e-3)
            assert digit["probabilities"][digit["value"]] == max(digit["probabilities"])
            left, top, width, height = digit["box"]
            assert 0 <= left < left + width <= page["width"] + 1
            assert 0 <= top < top + height <= page["height"] + 1


def test_json_of_the_shipped_recogniser_is_valid_too(shipped, pages):
    code, out, _ = shipped(pages, "--format", "json")
    assert code == 0
    for page in json.loads(out):
        for digit in page["digits"]:
            assert sum(digit["probabilities"]) == pytest.approx(1, abs=1e-3)


def test_csv_is_a_row_a_picture(read, pages, bad):
    code, out, _ = read(pages, bad, "--format", "csv")
    rows = list(csv.DictReader(io.StringIO(out, newline="")))
    assert code == 1
    assert tuple(rows[0]) == formats.COLUMNS
    assert [found["text"] for found in rows] == ["110", "01", "10\n011", ""]
    assert [found["digits"] for found in rows] == ["3", "2", "5", "0"]
    assert [found["refused"] for found in rows] == ["0"] * 4
    assert 0.8 < float(rows[1]["confidence"]) < 1
    assert rows[3]["error"] and not rows[0]["error"]


def test_annotated_copies_are_written(read, pages, tmp_path):
    assert read(pages, "--annotated", tmp_path / "out")[:2] == read(pages)[:2]
    written = sorted((tmp_path / "out").iterdir())
    assert [path.name for path in written] == ["C-read.png", "a-read.png", "b-read.png"]
    for path in written:
        with Image.open(path) as picture:
            assert picture.mode == "RGB"


def test_what_the_network_saw_is_written(shipped, pages, tmp_path):
    assert shipped(pages / "b.png", "--seen", tmp_path / "out")[0] == 0
    written = sorted((tmp_path / "out").iterdir())
    assert [path.name[:6] for path in written] == ["b-001-", "b-002-"]
    for path in written:
        with Image.open(path) as picture:
            assert (picture.size, picture.mode) == ((28, 28), "L")
            assert np.asarray(picture).max() > 100


def test_what_was_seen_is_named_by_place_and_value(read, tmp_path):
    page = save(tmp_path / "p.png", row(paper(100, 400), "0x101", step=70))
    assert read(page, "--seen", tmp_path / "out")[1] == "0?101\n"
    names = sorted(path.name for path in (tmp_path / "out").iterdir())
    assert names == [f"p-00{n}-{v}.png" for n, v in enumerate(["0", "none", "1", "0", "1"], 1)]


def test_the_way_of_a_picture_is_written(read, pages, tmp_path):
    assert read(pages / "b.png", "--steps", tmp_path / "new" / "out")[0] == 0
    (path,) = (tmp_path / "new" / "out").iterdir()
    with Image.open(path) as picture:
        assert picture.width > 5 * annotate.PANEL


def test_pictures_of_one_name_are_written_beside_each_other(read, tmp_path):
    pictures = [
        save(tmp_path / folder / name, row(paper(100, 200), text))
        for folder, name, text in (("a", "p.png", "0"), ("b", "p.png", "1"), ("c", "p.jpg", "01"))
    ]
    folders = {kind: tmp_path / kind for kind in ("annotated", "seen", "steps")}
    options = [part for kind, folder in folders.items() for part in (f"--{kind}", folder)]
    assert read(*pictures, *options)[0] == 0
    for kind, what in (("annotated", "read"), ("steps", "steps")):
        names = sorted(path.name for path in folders[kind].iterdir())
        assert names == [f"p-2-{what}.png", f"p-3-{what}.png", f"p-{what}.png"]
    assert sorted(path.name for path in folders["seen"].iterdir()) == [
        "p-001-0.png", "p-2-001-1.png", "p-3-001-0.png", "p-3-002-1.png",
    ]  # fmt: skip


def test_standard_input_is_written_under_a_name(read, pages, tmp_path):
    read("-", "--annotated", tmp_path / "out", stdin=(pages / "b.png").read_bytes())
    assert [path.name for path in (tmp_path / "out").iterdir()] == ["picture-read.png"]


def test_a_bad_picture_is_a_sentence_and_stops_nothing(read, pages, bad, tmp_path):
    missing = tmp_path / "missing.png"
    code, out, err = read(
        pages / "b.png", bad, missing, pages / "a.jpg", "--seen", tmp_path / "out"
    )
    assert code == 1
    assert out == f"{pages}/b.png: 01\n{pages}/a.jpg: 110\n"
    first, second, summary = err.splitlines()
    assert first.startswith(f"{bad}: bad.png is no picture")
    assert second.startswith(f"Cannot read {missing}") and second.endswith(".")
    assert summary == "2 of 4 pictures could not be read."
    assert len(list((tmp_path / "out").iterdir())) == 5


def test_a_bad_picture_alone_prints_nothing(read, bad):
    code, out, err = read(bad)
    assert (code, out) == (1, "")
    assert "bad.png is no picture" in err and "Traceback" not in err


def test_standard_input_that_is_no_picture_is_a_sentence(read):
    code, out, err = read("-", stdin=b"")
    assert (code, out) == (1, "")
    assert err.startswith("-: ")


@pytest.mark.parametrize("options", [[], ["--single"]])
def test_a_blank_picture_is_a_note_and_no_error(read, blank, options):
    code, out, err = read(blank, *options)
    assert (code, out) == (0, "")
    assert err.startswith(f"{blank}: no digit here (blank: there is no ink")
    assert len(err.splitlines()) == 1


@pytest.mark.parametrize("options", [[], ["--single"]])
def test_a_blank_picture_can_be_drawn_on(read, blank, tmp_path, options):
    folders = ["--annotated", tmp_path / "a", "--steps", tmp_path / "b", "--seen", tmp_path / "c"]
    assert read(blank, *options, *folders)[0] == 0
    assert (tmp_path / "a" / "blank-read.png").read_bytes().startswith(PNG)
    assert (tmp_path / "b" / "blank-steps.png").read_bytes().startswith(PNG)


def test_a_picture_without_digits_says_why(read, tmp_path):
    code, out, err = read(save(tmp_path / "x.png", row(paper(100, 200), "x")))
    assert (code, out) == (0, "")
    assert "no digit here (no digit)." in err


def test_the_least_confidence_can_be_set(read, pages):
    code, out, _ = read(pages / "b.png", "--min-confidence", "0.999")
    assert (code, out) == (0, "??\n")
    assert read(pages / "b.png", "--min-confidence", "1.5")[0] == 2


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["empty"], "There is no picture in empty: look for .png"),
        (["none*.png"], "No file fits 'none*.png'"),
        (["p.png", "--format", "xml"], "--format is text or json or csv, not xml"),
        (["p.png", "--recogniser", "none.onnx"], "Cannot read the recogniser none.onnx"),
        (["p.png", "--recogniser", "p.png"], "p.png is no recogniser"),
        (["p.png", "--recogniser", "empty"], "empty holds no recogniser.onnx"),
        (["p.png", "--annotated", "p.png"], "Cannot write"),
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
    from inkdigits.recognition.recogniser import SHIPPED

    folder = tmp_path / "runs" / "mine"
    folder.mkdir(parents=True)
    (folder / "recogniser.onnx").write_bytes(SHIPPED.read_bytes())
    usual = shipped(pages / "b.png")
    assert shipped(pages / "b.png", "--recogniser", "mine") == usual
    assert shipped(pages / "b.png", "--recogniser", folder) == usual


def test_copies_never_take_the_place_of_a_picture(read, pages):
    before = (pages / "b.png").read_bytes()
    read(pages / "b.png", "--annotated", pages)
    assert (pages / "b.png").read_bytes() == before


def test_two_kinds_of_copies_in_one_folder_are_both_kept_or_refused(read, pages, tmp_path):
    code, *_ = read(pages / "b.png", "--annotated", tmp_path / "x", "--steps", tmp_path / "x")
    assert code == 2 or len(list((tmp_path / "x").iterdir())) == 2


def test_a_folder_holds_files_that_are_not_hidden(pages):
    (pages / "folder.png").mkdir()
    save(pages / ".cache" / "old.png", paper())
    names = [Path(name).name for name in inputs.pictures([str(pages)])]
    assert names == ["a.jpg", "b.png", "C.PNG"]


def test_a_name_that_no_system_takes_fails_by_itself(pages):
    names = ["x" * 300, str(pages / "b.png")]
    assert inputs.pictures(names) == names


def readings() -> st.SearchStrategy[Reading]:
    """Return readings of any digits, and of bad pictures."""
    digit = st.builds(
        lambda value, line, space: Digit(
            value=value,
            confidence=0.9,
            probabilities=np.full(10, 0.1, np.float32),
            box=(0, 0, 5, 9),
            line=line,
            refusal=None if value is not None else NO_DIGIT,
            seen=np.zeros((28, 28), np.uint8),
            space=space,
        ),
        st.none() | st.integers(0, 9),
        st.integers(0, 2),
        st.booleans(),
    )
    lines = st.lists(digit, max_size=6).map(lambda found: sorted(found, key=lambda d: d.line))
    good = st.builds(lambda digits: Reading("p", tuple(digits), 9, 9), lines)
    return good | st.builds(lambda text: Reading("p", error=PictureError(text)), st.text())


@settings(deadline=None)
@given(st.lists(st.tuples(st.text(), readings()), max_size=5))
def test_any_readings_are_valid_json_and_csv(found):
    names, them = [name for name, _ in found], [reading for _, reading in found]
    said = json.loads("\n".join(formats.lines("json", names, them)))
    assert [page["picture"] for page in said] == names
    assert [page["text"] for page in said] == [reading.text for reading in them]
    text = "".join(f"{line}\n" for line in formats.lines("csv", names, them))
    rows = list(csv.DictReader(io.StringIO(text, newline="")))
    assert [page["picture"] for page in rows] == names
    assert [page["text"] for page in rows] == [reading.text for reading in them]
    assert [bool(page["error"]) for page in rows] == [
        bool(str(reading.error)) and reading.error is not None for reading in them
    ]


@settings(deadline=None)
@given(st.lists(readings(), max_size=5))
def test_text_is_a_line_a_picture_that_can_be_read(them):
    lines = list(formats.lines("text", [f"p{n}" for n in range(len(them))], them))
    if len(them) == 1:
        assert lines == [text for text in [them[0].text] if text]
    else:
        assert len(lines) == sum(reading.error is None for reading in them)
        assert all(line.startswith("p") and "\n" not in line for line in lines)


@pytest.mark.parametrize("form", formats.FORMATS)
def test_lines_come_as_readings_do(form):
    taken = []

    def many():
        for number in range(100):
            taken.append(number)
            yield Reading("p")

    next(formats.lines(form, map(str, range(100)), many()))
    assert len(taken) <= 2  # one picture is printed otherwise than two


@given(st.lists(st.sampled_from(["a", "a-2", "a-2-2", "b", "a-3"]), max_size=12))
def test_no_two_pictures_are_written_under_one_name(stems):
    watching = watch.Watch([], [])
    names = [watching._free(stem) for stem in stems]
    assert len(set(names)) == len(names)
    assert all(name.startswith(stem) for name, stem in zip(names, stems, strict=True))


def test_a_picture_that_has_gone_since_is_not_drawn_on(reader, pages, tmp_path):
    path = pages / "b.png"
    watching = watch.Watch([str(path)], [path], annotated=tmp_path / "a", steps=tmp_path / "b")
    reading = reader.read(path)
    path.unlink()
    assert list(watching.over([reading])) == [reading]
    assert watching.failed == 0
    assert not (tmp_path / "a").exists()


def test_no_picture_that_is_read_is_overwritten(reader, pages):
    text = reader.read(pages / "b.png").text
    for name in ("b-001-1.png", "b-001-0.png", "b-read.png", "b-steps.png"):
        (pages / name).write_bytes(b"mine")
    names = [str(path) for path in sorted(pages.glob("b*.png"))]
    watching = watch.Watch(names, names, pages, pages, pages)
    list(watching.over(reader.read_many(names)))
    assert text
    for name in ("b-001-1.png", "b-001-0.png", "b-read.png", "b-steps.png"):
        assert (pages / name).read_bytes() == b"mine"
    assert (pages / "b-copy-read.png").exists()


def test_watching_hands_readings_on_as_they_come(reader, pages):
    taken = []

    def source():
        for name in ("a.jpg", "b.png"):
            taken.append(name)
            yield reader.read(pages / name)

    found = watch.Watch(["a.jpg", "b.png"], ["a.jpg", "b.png"]).over(source())
    assert next(found).text == "110"
    assert taken == ["a.jpg"]


def test_boxes_are_drawn_where_digits_are(reader):
    page = np.kron(row(paper(100, 300), "0x1", step=70), np.ones((8, 8), np.uint8))  # 2,400 across
    reading = reader.read(page)
    image = np.asarray(annotate.annotated(page, reading))
    scale = image.shape[1] / page.shape[1]
    assert scale < 1
    assert len(reading.digits) == 3
    for digit in reading.digits:
        left, top, width, height = (round(side * scale) for side in digit.box)
        colour = annotate.READ if digit.value is not None else annotate.REFUSED
        beside = image[top + height // 2, left - 4 : left + 1]
        assert (beside == colour).all(1).any()
        beside = image[top + height - 3 : top + height + 5, left + width // 2]
        assert (beside == colour).all(1).any()


def test_a_small_picture_is_enlarged_so_that_labels_can_be_read(reader):
    page = np.pad(one(paper(20, 10), 5, 2, 16, 2), 9, constant_values=255)
    assert max(annotate.annotated(page, reader.read(page)).size) == 480


def test_a_picture_without_digits_stays_as_it_is(reader):
    page = paper(600, 500, 200)
    image = annotate.annotated(page, reader.read(page))
    assert image.size == (500, 600)
    assert (np.asarray(image) == 200).all()


def test_the_picture_itself_is_not_drawn_on(reader):
    page = Image.fromarray(row(paper(600, 500), "01"))
    before = page.tobytes()
    annotate.annotated(page, reader.read(page))
    annotate.steps(page, reader.read(page))
    assert page.tobytes() == before


def test_a_file_that_is_gone_cannot_be_drawn_on(tmp_path):
    for draw in (annotate.annotated, annotate.steps):
        with pytest.raises(PictureError, match="Cannot read"):
            draw(tmp_path / "gone.png", Reading("gone.png"))


def test_what_the_network_saw_is_laid_out_in_lines(reader):
    reading = reader.read(row(row(paper(200, 300), "011"), "10", y=120))
    assert annotate._seen(reading).size == (3 * 30, 2 * 30)
    assert annotate._seen(Reading("none")).size == (30, 30)


@settings(deadline=None, max_examples=25)
@given(arrays.arrays(np.uint8, st.tuples(st.integers(1, 40), st.integers(1, 40))))
def test_any_reading_can_be_drawn(reader, pixels):
    for reading in reader.read_many([pixels]):
        copy, way = annotate.annotated(pixels, reading), annotate.steps(pixels, reading)
        assert copy.mode == way.mode == "RGB"
        assert annotate.png(copy).startswith(PNG)


@pytest.mark.parametrize("shape", [(1, 1), (1, 900), (900, 1), (3, 2000), (2000, 1200)])
def test_pictures_of_any_shape_can_be_drawn(reader, shape):
    page = paper(*shape)
    page[: shape[0] // 2 + 1, : shape[1] // 2 + 1] = 0
    for reading in reader.read_many([page], single=True):
        copy = annotate.annotated(page, reading)
        assert max(copy.size) == pytest.approx(max(480, *open_picture(page).pixels.shape), abs=1)
        assert annotate.steps(page, reading).height < 700
