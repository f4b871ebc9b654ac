import csv
import io
import json
import os
import shutil
from pathlib import Path

import pytest

from inkdigits.cli.inputs import Input, inputs
from inkdigits.errors import PictureError
from tests.cli.pages import row, save
from tests.reading.strokes import paper


def named(*names: str | Path) -> list[str]:
    return [Path(found.name).name for found in inputs([str(name) for name in names])]


def problems(*names: str | Path) -> dict[str, str]:
    found = inputs([str(name) for name in names])
    return {Path(one.name).name: one.problem for one in found if one.problem is not None}


def test_a_folder_holds_files_that_are_not_hidden(pages):
    save(pages / ".cache" / "old.png", paper())
    (pages / "list.csv").write_text("1,2")
    assert named(pages) == ["a.jpg", "b.png", "C.PNG"]


def test_a_name_that_no_system_takes_fails_by_itself(pages):
    names = ["x" * 300, str(pages / "b.png"), "-"]
    assert inputs(names) == [Input(name) for name in names]


def test_what_looks_like_a_picture_and_is_not_opened_has_a_problem(pages):
    for name in ("scan.pdf", "IMG_1.HEIC", "more/page.djvu", "drawing.svg", "photo.CR2"):
        (pages / name).write_bytes(b"")
    found = problems(pages)
    assert sorted(found) == ["IMG_1.HEIC", "drawing.svg", "page.djvu", "photo.CR2", "scan.pdf"]
    assert found["IMG_1.HEIC"].endswith(
        "HEIC, which is not supported: export it as JPEG or PNG, and read that."
    )
    assert "scan.pdf is PDF, which is not supported: save its pages" in found["scan.pdf"]
    assert all(problem.endswith(".") and problem.isprintable() for problem in found.values())


def test_what_is_not_opened_has_a_row_a_sentence_and_a_count(read, pages):
    (pages / "IMG_1.heic").write_bytes(b"")
    code, out, err = read(pages)
    assert code == 1
    assert len(out.splitlines()) == 3
    assert err.splitlines() == [
        f"inkdigits: {pages}/IMG_1.heic is HEIC, which is not supported: export it as JPEG or PNG, "
        "and read that.",
        "inkdigits: 1 of 4 pictures could not be read.",
    ]
    code, out, _ = read(pages, "--format", "json")
    assert code == 1
    assert ["HEIC" in (found["error"] or "") for found in json.loads(out)] == [True, *[False] * 3]
    code, out, _ = read(pages, "--format", "csv")
    rows = list(csv.DictReader(io.StringIO(out, newline="")))
    assert code == 1
    names = list(dict.fromkeys(Path(found["file"]).name for found in rows))
    assert names == ["IMG_1.heic", "a.jpg", "b.png", "C.PNG"]
    assert "HEIC" in rows[0]["error"]


def test_a_folder_of_what_is_not_opened_alone_is_told_of(read, tmp_path):
    (tmp_path / "scans").mkdir()
    (tmp_path / "scans" / "scan.pdf").write_bytes(b"%PDF-1.7")
    code, out, err = read(tmp_path / "scans")
    assert (code, out) == (1, "")
    assert err.splitlines()[1] == "inkdigits: 1 of 1 pictures could not be read."


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="this system has no named pipes")
def test_what_is_no_file_is_told_of_and_not_waited_for(read, pages):
    os.mkfifo(pages / "pipe.png")
    (pages / "gone.jpg").symlink_to("nowhere.jpg")
    code, out, err = read(pages)
    assert (code, len(out.splitlines())) == (1, 3)
    gone, pipe, summary = err.splitlines()
    assert gone.startswith(f"inkdigits: Cannot read {pages}/gone.jpg: No such file")
    assert pipe.startswith(f"inkdigits: {pages}/pipe.png is a pipe: pass a file")
    assert summary == "inkdigits: 2 of 5 pictures could not be read."
    assert read(pages / "pipe.png")[0] == 1


@pytest.mark.skipif(os.geteuid() == 0, reason="root may look everywhere")
def test_a_folder_without_permission_is_told_of(read, pages):
    (pages / "more").chmod(0)
    try:
        code, out, err = read(pages)
    finally:
        (pages / "more").chmod(0o755)
    assert (code, len(out.splitlines())) == (1, 2)
    assert f"Cannot open the folder {pages}/more: Permission denied" in err


@pytest.mark.skipif(not os.supports_dir_fd, reason="this system cannot make what it cannot name")
def test_a_folder_that_cannot_be_looked_into_is_told_of(pages):
    here = os.open(pages, os.O_RDONLY)
    for _ in range(20):  # of 250 letters: more than a path may have
        os.mkdir("x" * 250, dir_fd=here)
        there = os.open("x" * 250, os.O_RDONLY, dir_fd=here)
        os.close(here)
        here = there
    os.close(here)
    try:
        (problem,) = problems(pages).values()
        assert problem.startswith("Cannot open the folder") and "too long" in problem
        assert named(pages)[:2] == ["a.jpg", "b.png"]
    finally:
        shutil.rmtree(pages / ("x" * 250))


def test_links_in_a_circle_come_to_an_end(pages):
    (pages / "again").symlink_to(pages, target_is_directory=True)
    (pages / "more" / "up").symlink_to("..", target_is_directory=True)
    (pages / "loop").symlink_to("loop")
    assert named(pages) == ["a.jpg", "b.png", "C.PNG"]


def test_a_linked_folder_is_searched_through(pages, tmp_path):
    save(tmp_path / "elsewhere" / "d.png", paper())
    (pages / "link").symlink_to(tmp_path / "elsewhere", target_is_directory=True)
    assert named(pages) == ["a.jpg", "b.png", "d.png", "C.PNG"]


@pytest.mark.parametrize("kind", ["annotated", "steps", "network-input"])
@pytest.mark.parametrize("place", [".", "*", "**/*.png"])
def test_what_was_written_is_not_read_again(read, pages, monkeypatch, kind, place):
    monkeypatch.chdir(pages)
    first = read(place, f"--{kind}", "out")
    assert first[0] == 0 or place == "*"  # which fits the notes as well
    (pages / "out" / "within").mkdir()
    save(pages / "out" / "within" / "e.png", paper())
    written = len(list((pages / "out").iterdir()))
    assert read(place, f"--{kind}", pages / "out") == first
    assert len(list((pages / "out").iterdir())) == written


def test_a_folder_that_is_read_and_written_to_is_refused(read, pages):
    code, out, err = read(pages, "--annotated", pages)
    assert (code, out) == (2, "")
    assert "is both read and written to: choose another folder" in err


def test_a_folder_that_fits_a_pattern_is_searched_through_once(pages):
    assert named(pages / "*") == ["a.jpg", "b.png", "C.PNG", "notes.txt"]
    assert named(pages / "**" / "*") == ["a.jpg", "b.png", "C.PNG", "notes.txt"]


def test_an_empty_name_is_refused(read):
    code, out, err = read("")
    assert (code, out) == (2, "")
    assert "A path is empty" in err


def test_standard_input_is_one_picture(read):
    assert read("-", "-")[0] == 2
    with pytest.raises(PictureError, match="use - only once"):
        inputs(["-", "-"])


def test_standard_input_has_the_limit_of_a_file(read, pages, monkeypatch):
    monkeypatch.setattr("inkdigits.io.sources.MOST_BYTES", 100_000)
    code, out, err = read("-", pages / "b.png", stdin=bytes(100_001))
    assert (code, out) == (1, f"{pages}/b.png: 01\n")
    assert err.splitlines()[0].startswith("inkdigits: -: the picture has more than 0 MB")


def test_names_do_not_steer_a_terminal(read, tmp_path):
    name = "a\x1b[2J\x9b\u202eb\nc.png"
    path, other = save(tmp_path / name, row(paper(100, 200), "01")), tmp_path / "\x1b.png"
    save(tmp_path / "z.png", row(paper(100, 200), "10"))
    other.write_bytes(b"no picture")
    code, out, err = read(path, other, tmp_path / "z.png")
    assert code == 1
    assert out.splitlines()[0] == f"{tmp_path}/a\ufffd[2J\ufffd\ufffdb\ufffdc.png: 01"
    assert all(line.isprintable() for line in (*out.splitlines(), *err.splitlines()))
    assert json.loads(read(path, "--format", "json")[1])[0]["name"] == str(path)
    out = read(path, "--format", "csv")[1]
    (found,) = csv.DictReader(io.StringIO(out, newline=""))
    assert found["file"] == f'="{tmp_path}/a?[2J??b\nc.png"'
