from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inkdigits.cli import watch
from inkdigits.document import Candidate, Reason
from tests.documents import symbol


@given(st.lists(st.sampled_from(["a", "a-2", "a-2-2", "b", "a-3"]), max_size=12))
def test_no_two_pictures_are_written_under_one_name(stems):
    watching = watch.Watch([])
    names = [watching._free(stem) for stem in stems]
    assert len(set(names)) == len(names)
    assert all(name.startswith(stem) for name, stem in zip(names, stems, strict=True))


@pytest.mark.parametrize(
    ("value", "name"), [("7", "7"), ("/", "slash"), ("—", "long-dash"), ("a/b", "a-b")]
)
def test_files_are_called_by_what_was_read(value, name):
    found = replace(symbol("7"), candidates=(Candidate(value, 1.0),))
    assert watch._file_name(found) == name
    assert watch._file_name(replace(found, rejection=Reason.MARK)) == "none"


def test_a_picture_that_has_gone_since_is_drawn_from_what_was_kept(reader, pages, tmp_path):
    path = pages / "b.png"
    watching = watch.Watch([str(path)], annotated=tmp_path / "a", steps=tmp_path / "b")
    trace = reader.trace(path)
    path.unlink()
    assert list(watching.over([trace])) == [replace(trace.document, name=str(path))]
    assert watching.failed == 0
    assert (tmp_path / "a" / "b-read.png").exists()


def test_no_picture_that_is_read_is_overwritten(reader, pages):
    text = reader.read(pages / "b.png").text
    for name in ("b-001-1.png", "b-001-0.png", "b-read.png", "b-steps.png"):
        (pages / name).write_bytes(b"mine")
    names = [str(path) for path in sorted(pages.glob("b*.png"))]
    watching = watch.Watch(names, pages, pages, pages)
    list(watching.over(reader.trace_many(names)))
    assert text
    for name in ("b-001-1.png", "b-001-0.png", "b-read.png", "b-steps.png"):
        assert (pages / name).read_bytes() == b"mine"
    assert (pages / "b-copy-read.png").exists()


def test_watching_hands_documents_on_as_they_come(reader, pages):
    taken = []

    def source():
        for name in ("a.jpg", "b.png"):
            taken.append(name)
            yield reader.trace(pages / name)

    found = watch.Watch(["a.jpg", "b.png"]).over(source())
    assert next(found).text == "110"
    assert taken == ["a.jpg"]
