import io
import os

import numpy as np
import pytest
from PIL import Image

from inkdigits.document import Document
from inkdigits.io.picture import Picture
from inkdigits.reading.chunks import LOAD, chunks, work
from tests.reading.strokes import paper


def test_paths_and_bytes_travel_as_they_are_and_all_else_is_opened_here(tmp_path):
    path = tmp_path / "page.png"
    Image.fromarray(paper()).save(path)
    sources = [path, str(path), b"1", io.BytesIO(b"2"), io.StringIO("3"), paper(), "none.png"]
    (parcel,) = chunks([*sources, Image.fromarray(paper())])
    *packed, none, image = parcel.sources
    assert packed[:4] == [path, str(path), b"1", b"2"] and none == "none.png"
    assert isinstance(packed[4], Document) and "binary mode" in str(packed[4].error)
    assert isinstance(packed[5], Picture) and isinstance(image, Picture)
    assert parcel.whole and parcel.last


@pytest.mark.skipif(not os.path.isdir("/dev/fd"), reason="this system has no such names")  # noqa: PTH112
def test_a_name_that_means_something_else_elsewhere_is_read_here(tmp_path):
    path = tmp_path / "page.png"
    Image.fromarray(paper()).save(path)
    with path.open("rb") as file:
        (packed,) = next(chunks([f"/dev/fd/{file.fileno()}"])).sources
    assert packed == path.read_bytes()


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="this system has no named pipes")
def test_a_pipe_is_not_waited_for(tmp_path):
    os.mkfifo(tmp_path / "pipe")
    assert next(chunks([tmp_path / "pipe"])).sources == [tmp_path / "pipe"]
    assert work([tmp_path / "pipe"]) == 1


def test_a_batch_of_large_pictures_is_several_chunks():
    large = [np.zeros((1200, 1600), np.uint8)] * 20
    found = list(chunks(large))
    assert 2 < len(found) < 20
    assert sum(len(parcel.sources) for parcel in found) == 20
    assert [parcel.last for parcel in found] == [False] * (len(found) - 1) + [True]
    assert not any(parcel.whole for parcel in found)


def test_work_is_counted_no_further_than_asked():
    assert work([paper()] * 32) < LOAD
    assert 400 <= work([paper()] * 10_000, 400) < 402
