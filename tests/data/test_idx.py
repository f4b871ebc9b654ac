"""IDX files: any bytes are values or one sentence, and never more memory than there are bytes."""

import gzip
import os
import tracemalloc
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays

from inkdigits.data import idx
from inkdigits.errors import DataError, FileError, InkdigitsError
from tests.conftest import idx as packed

ONE_FOLDER = settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)


@pytest.fixture
def folder(tmp_path: Path, written) -> Path:
    """Return a folder with training and test files of a data set of three classes."""
    place = tmp_path / "shapes"
    place.mkdir()
    for start, part in (("train", written[:300]), ("t10k", written[300:360])):
        (place / f"{start}-images-idx3-ubyte").write_bytes(packed(part.images[:, 9:18, 10:17]))
        labels = (part.labels % 3).astype(np.uint8)
        (place / f"{start}-labels-idx1-ubyte.gz").write_bytes(gzip.compress(packed(labels)))
    return place


@ONE_FOLDER
@given(arrays(np.uint8, array_shapes(max_dims=3, min_side=0, max_side=6)), st.booleans())
def test_what_is_written_is_read(tmp_path, values, zipped):
    path = tmp_path / "values"
    path.write_bytes(gzip.compress(packed(values)) if zipped else packed(values))
    found = idx.read(path)
    assert found.shape == values.shape
    assert np.array_equal(found, values)


def test_integers_of_four_bytes_are_read(tmp_path):
    values = np.array([[1, -2], [300000, 4]], ">i4")
    header = bytes([0, 0, 0x0C, 2]) + np.array(values.shape, ">u4").tobytes()
    (tmp_path / "values").write_bytes(header + values.tobytes())
    assert np.array_equal(idx.read(tmp_path / "values"), values)


@ONE_FOLDER
@given(st.one_of(
    st.binary(max_size=60),
    st.binary(max_size=60).map(lambda more: b"\0\0\x08" + more),
    st.binary(max_size=60).map(lambda more: gzip.compress(b"\0\0\x0c\x02" + more)),
    st.binary(max_size=60).map(lambda more: b"\x1f\x8b" + more),
))  # fmt: skip
def test_any_bytes_are_values_or_one_sentence(tmp_path, content):
    path = tmp_path / "values"
    path.write_bytes(content)
    try:
        found = idx.read(path)
    except InkdigitsError as error:
        assert str(path) in str(error)
        assert str(error).endswith("replace it.")
    else:
        assert found.ndim in (1, 2, 3)


@pytest.mark.parametrize(
    ("shape", "says"),
    [
        ((2**32 - 1,) * 3, "declares .* bytes"),
        ((2**31, 1, 1), "truncated"),  # as much as is allowed, and nothing there
        ((2**32 - 1, 2**32 - 1, 0), "declares the impossible shape|too long"),
    ],
)
@pytest.mark.parametrize("zipped", [True, False])
def test_a_header_that_lies_costs_no_memory(tmp_path, shape, says, zipped):
    content = bytes([0, 0, 8, 3]) + np.array(shape, ">u4").tobytes() + bytes(10)
    path = tmp_path / "values"
    path.write_bytes(gzip.compress(content) if zipped else content)
    tracemalloc.start()
    with pytest.raises(DataError, match=says):
        idx.read(path)
    assert tracemalloc.get_traced_memory()[1] < 3 * idx.PIECE
    tracemalloc.stop()


def test_a_file_much_too_long_is_not_unpacked_whole(tmp_path):
    path = tmp_path / "values.gz"
    content = packed(np.zeros(10, np.uint8)) + bytes(100_000_000)
    path.write_bytes(gzip.compress(content, compresslevel=1))
    tracemalloc.start()
    with pytest.raises(DataError, match="too long"):
        idx.read(path)
    assert tracemalloc.get_traced_memory()[1] < 1_000_000
    tracemalloc.stop()


def test_sizes_whose_product_is_nothing_are_one_sentence(tmp_path):
    path = tmp_path / "values"
    path.write_bytes(bytes([0, 0, 8, 3]) + np.array([2**32 - 1, 2**32 - 1, 0], ">u4").tobytes())
    with pytest.raises(DataError, match="declares the impossible shape"):
        idx.read(path)


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_what_may_not_be_read_is_one_sentence(tmp_path):
    (tmp_path / "values").touch(0o000)
    with pytest.raises(FileError, match=r"Cannot read .*check its permissions"):
        idx.read(tmp_path / "values")


def test_a_folder_is_a_data_set_with_its_labels_as_classes(folder):
    found = idx.load(folder)
    assert found.training.alphabet.symbols == ("0", "1", "2")
    assert found.training.size == (9, 7)
    assert (len(found.training), len(found.open_test())) == (300, 60)
    assert (found.name, found.place) == ("shapes", str(folder))


def test_without_test_files_a_sixth_is_tested(folder):
    for path in folder.glob("t10k*"):
        path.unlink()
    found = idx.load(folder)
    assert len(found.training) + len(found.open_test()) == 300
    assert 20 < len(found.open_test()) < 90


def test_test_files_are_read_when_they_are_asked_for(folder):
    (folder / "t10k-images-idx3-ubyte").write_bytes(b"damaged")
    found = idx.load(folder)
    with pytest.raises(DataError, match="not an IDX file"):
        found.open_test()


@pytest.mark.parametrize(
    ("name", "values", "says"),
    [
        ("train-labels-idx1-ubyte.gz", np.zeros(299, np.uint8), "300 pictures and .* 299 labels"),
        ("train-labels-idx1-ubyte.gz", np.zeros((300, 0), np.uint8), "do not hold pictures and"),
        ("train-images-idx3-ubyte", np.zeros((300, 784), np.uint8), "do not hold pictures and"),
        ("train-images-idx3-ubyte", np.zeros((300, 0, 9), np.uint8), "pictures of 0×9"),
        ("train-images-idx3-ubyte", np.zeros((300, 1, 1025), np.uint8), "pictures of 1×1025"),
    ],
)
def test_files_that_do_not_belong_together_are_one_sentence(folder, name, values, says):
    content = packed(values)
    (folder / name).write_bytes(gzip.compress(content) if name.endswith("gz") else content)
    with pytest.raises(DataError, match=says):
        idx.load(folder)


def test_a_label_that_training_does_not_have_is_one_sentence(folder):
    labels = np.full(60, 3, np.uint8)
    (folder / "t10k-labels-idx1-ubyte.gz").write_bytes(packed(labels))
    with pytest.raises(DataError, match="label 3; labels are 0 to 2"):
        idx.load(folder).open_test()


def test_negative_labels_and_labels_without_end_are_one_sentence(folder):
    for label, says in ((-1, "label -1"), (1_000, "label 1000; labels are 0 to 999")):
        table = np.zeros((300, 8), ">i4")
        table[5, 0] = label
        header = bytes([0, 0, 0x0C, 2]) + np.array(table.shape, ">u4").tobytes()
        (folder / "train-labels-idx1-ubyte.gz").unlink(missing_ok=True)
        (folder / "train-labels-idx2-int").write_bytes(header + table.tobytes())
        with pytest.raises(DataError, match=says):
            idx.load(folder)


def test_a_folder_of_two_data_sets_or_of_test_files_alone_is_one_sentence(folder):
    copy = folder / "emnist-letters-train-images-idx3-ubyte"
    copy.write_bytes((folder / "train-images-idx3-ubyte").read_bytes())
    with pytest.raises(DataError, match="files of several data sets"):
        idx.load(folder)
    copy.unlink()
    (folder / "train-images-idx3-ubyte").unlink()
    with pytest.raises(DataError, match="only test files"):
        idx.load(folder)


def test_missing_labels_are_one_sentence(folder):
    (folder / "train-labels-idx1-ubyte.gz").unlink()
    with pytest.raises(DataError, match="lacks train-labels-idx1-ubyte: add it"):
        idx.load(folder)
