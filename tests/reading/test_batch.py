import os
from itertools import cycle, islice

import numpy as np
import pytest

import inkdigits
from inkdigits.reading import batch, reader
from tests.cli.pages import row, save
from tests.reading.strokes import paper

GOOD = row(paper(100, 200), "01")
KILLER = b"killer"
BAD = np.full((100, 201), 200, np.uint8)  # the one whose width makes the stand-ins fail


def failing(error: BaseException):
    """Return what takes the place of a step, and fails for the bad picture alone."""

    def step(original):
        def instead(first, *rest, **options):
            wide = getattr(getattr(first, "place", None), "wide", 0) or max(
                (one.place.wide for one in first if hasattr(one, "place")), default=0
            )
            if wide == BAD.shape[1]:
                raise error
            return original(first, *rest, **options)

        return instead

    return step


@pytest.mark.parametrize("step", ["segment", "read"])
@pytest.mark.parametrize(
    ("error", "says"),
    [
        (ValueError("two\nlines"), "could not be read (ValueError: two), which is a mistake"),
        (RecursionError(), "could not be read (RecursionError: RecursionError), which"),
        (MemoryError(), "needs more memory than is available"),
    ],
)
def test_whatever_is_wrong_with_one_picture_is_its_error_alone(
    reader, monkeypatch, tmp_path, step, error, says
):
    monkeypatch.setattr(batch, step, failing(error)(getattr(batch, step)))
    sources = [GOOD, save(tmp_path / "bad.png", BAD), GOOD, GOOD]
    documents = list(reader.read_many(sources, workers=1))
    assert [document.text for document in documents] == ["01", "", "01", "01"]
    assert documents[1].error is not None
    assert documents[1].error.startswith(f"bad.png {says}")
    assert documents[1].error.isprintable()
    assert [documents[place].error for place in (0, 2, 3)] == [None] * 3
    with pytest.raises(type(error)):
        reader.read(BAD)  # who reads one picture is told by an exception


def test_ctrl_c_is_no_mistake_of_a_picture(reader, monkeypatch):
    monkeypatch.setattr(batch, "segment", failing(KeyboardInterrupt())(batch.segment))
    with pytest.raises(KeyboardInterrupt):
        list(reader.read_many([GOOD, BAD], workers=1))


def test_pages_of_a_file_are_numbered(reader, tmp_path):
    from PIL import Image

    path = tmp_path / "pages.tif"
    first, second = (Image.fromarray(row(paper(100, 200), text)) for text in ("01", "10"))
    first.save(path, save_all=True, append_images=[second])
    document = reader.read(path)
    assert [(page.number, page.text) for page in document.pages] == [(1, "01"), (2, "10")]
    assert document.text == "01\n\n10"


def dies(recogniser, job):
    """Segment pictures as usual, but for one on which the process dies."""
    if any(isinstance(source, bytes) and source == KILLER for source in job[1].sources):
        os._exit(9)
    return ORIGINAL(recogniser, job)


ORIGINAL = reader.read_chunk


def test_a_picture_on_which_its_process_dies_has_an_error_and_the_rest_is_read(monkeypatch):
    shipped = inkdigits.Reader()
    sources = [*[GOOD] * 3, KILLER, GOOD, b"no picture", *[GOOD] * 40, KILLER, GOOD]
    expected = list(shipped.read_many(sources, workers=1))
    monkeypatch.setattr(reader, "read_chunk", dies)
    found = list(shipped.read_many(sources, workers=2))
    killers = [place for place, source in enumerate(sources) if source is KILLER]
    assert [place for place, one in enumerate(found) if "died twice" in str(one.error)] == killers
    for place, document in enumerate(found):
        if place not in killers:
            assert (document.text, document.error) == (expected[place].text, expected[place].error)


def test_a_process_that_is_killed_from_outside_changes_no_document(started):
    shipped = inkdigits.Reader()
    documents = shipped.read_many(cycle([GOOD]), workers=2)
    expected = next(documents)
    started().pop().terminate()
    assert {document.text for document in islice(documents, 200)} == {expected.text}
    documents.close()
    assert not started()
