"""Files of NumPy arrays: what people save, and what is no such file."""

import io
import os
import tracemalloc
import zipfile
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as of_arrays

from inkdigits.data import arrays, load_splits
from inkdigits.errors import DataError, FileError, InkdigitsError

ONE_FOLDER = settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
IMAGES = np.random.default_rng(0).integers(0, 256, (60, 5, 4), np.uint8)
LABELS = np.arange(60) % 3


def saved(folder: Path, **values: object) -> Path:
    np.savez(folder / "toy.npz", **values)
    return folder / "toy.npz"


def member(content: bytes, name: str = "images.npy", size: int | None = None) -> bytes:
    """Return an archive with one file, which claims to be of `size` bytes."""
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(name, content)
        labels = io.BytesIO()
        np.save(labels, LABELS)
        archive.writestr("labels.npy", labels.getvalue())
    if size is None:
        return held.getvalue()
    told = len(content).to_bytes(4, "little")
    return held.getvalue().replace(told, size.to_bytes(4, "little"))


def npy(shape: object, kind: object = "|u1", values: bytes = b"") -> bytes:
    """Return an array whose header says what is asked for, whatever follows it."""
    header = repr({"descr": kind, "fortran_order": False, "shape": shape}).encode()
    header += b" " * (118 - len(header)) + b"\n"
    return b"\x93NUMPY\x01\x00" + len(header).to_bytes(2, "little") + header + values


def test_the_usual_names_are_found(tmp_path):
    for first, second in (("x_train", "y_train"), ("train_images", "train_labels")):
        test = {
            first.replace("train", "test"): IMAGES[:6],
            second.replace("train", "test"): LABELS[:6],
        }
        found = arrays.load(saved(tmp_path, **{first: IMAGES, second: LABELS}, **test))
        assert np.array_equal(found.training.images, IMAGES)
        assert found.training.labels.tolist() == LABELS.tolist()
        assert found.training.alphabet.symbols == ("0", "1", "2")
        assert (found.name, len(found.open_test())) == ("toy", 6)


def test_without_test_pictures_a_sixth_is_tested_and_validation_stays(tmp_path):
    path = saved(tmp_path, images=IMAGES, labels=LABELS, x_val=IMAGES[:9], y_val=LABELS[:9])
    found = arrays.load(path)
    assert len(found.training) + len(found.open_test()) == 60
    assert len(load_splits(path).validation) == 9


@pytest.mark.parametrize(
    "images",
    [
        IMAGES[..., None],
        IMAGES[:, None],
        np.repeat(IMAGES[..., None], 3, axis=3),
        IMAGES.astype(np.int64),
        IMAGES.astype(">f4"),
        IMAGES.astype(np.float64) / 255,
        np.asfortranarray(IMAGES),
    ],
    ids=["channel last", "channel first", "colour", "integers", "floats", "0 to 1", "Fortran"],
)
def test_pictures_of_any_form_are_the_same_bytes(tmp_path, images):
    found = arrays.load(
        saved(tmp_path, x_train=images, y_train=LABELS, x_test=images, y_test=LABELS)
    )
    assert np.array_equal(found.training.images, IMAGES)
    assert found.training.images.flags.c_contiguous


@pytest.mark.parametrize("kind", [bool, np.uint8, np.int32, np.float16])
def test_black_and_white_are_0_and_255_of_whatever_type(tmp_path, kind):
    black = IMAGES > 128
    found = arrays.load(saved(tmp_path, x_train=black.astype(kind), y_train=LABELS,
                              x_test=black, y_test=LABELS))  # fmt: skip
    assert np.array_equal(found.training.images, black * np.uint8(255))
    assert not found.note


def test_pixels_from_0_to_16_are_told_of(tmp_path):
    found = arrays.load(saved(tmp_path, images=IMAGES // 16, labels=LABELS))
    assert found.note.endswith("is brighter than 15 of 255.")


def test_many_pictures_are_converted_part_by_part(tmp_path, monkeypatch):
    monkeypatch.setattr(arrays, "PART", 7)
    found = arrays.load(saved(tmp_path, x_train=IMAGES / 255, y_train=LABELS,
                              x_test=IMAGES, y_test=LABELS))  # fmt: skip
    assert np.array_equal(found.training.images, IMAGES)


@pytest.mark.parametrize(
    ("labels", "more", "names"),
    [
        (np.array(["10", "9", "b"])[LABELS], {}, ("9", "10", "b")),
        (np.array([b"x", b"y", b"z"])[LABELS], {}, ("x", "y", "z")),
        (LABELS, {"classes": np.array(["cat", "dog", "owl"])}, ("cat", "dog", "owl")),
        (LABELS.astype(float)[:, None], {"class_names": [b"c", b"d", b"o"]}, ("c", "d", "o")),
        (LABELS > 0, {}, ("0", "1")),
    ],
)
def test_classes_are_names_or_numbers(tmp_path, labels, more, names):
    path = saved(tmp_path, x_train=IMAGES, y_train=labels, x_test=IMAGES[:2], y_test=labels[:2],
                 **more)  # fmt: skip
    assert arrays.load(path).training.alphabet.symbols == names


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"images": IMAGES[:59]}, "59 pictures images and 60 labels"),
        ({"images": IMAGES[0]}, "not pictures"),
        ({"images": IMAGES.reshape(60, 20)}, "not pictures.*shape"),
        ({"images": np.zeros((60, 5, 4, 2))}, "not pictures"),
        ({"images": IMAGES.astype(complex)}, "not pictures.*complex"),
        ({"images": IMAGES.astype("U3")}, "not pictures"),
        ({"images": IMAGES.astype([("grey", "u1")])}, "not pictures"),
        ({"images": IMAGES.astype("M8[s]")}, "not pictures"),
        ({"images": np.zeros((60, 0, 4))}, "0×4"),
        ({"images": np.zeros((60, 1, 1025), np.uint8)}, "1×1025"),
        ({"images": IMAGES * -1.0}, "range from -25. to"),
        ({"images": IMAGES * 2.0}, "range from 0 to 5"),
        ({"images": np.full((60, 5, 4), np.nan)}, "range from nan to nan"),
        ({"images": np.full((60, 5, 4), np.inf)}, "range from 0 to inf"),
        ({"labels": LABELS - 1}, "label -1"),
        ({"labels": LABELS + 0.5}, "not whole numbers"),
        ({"labels": np.full(60, np.nan)}, "not whole numbers"),
        ({"labels": np.full(60, 1e300)}, "not whole numbers"),
        ({"labels": np.full(60, 2**63, np.uint64)}, "not whole numbers"),
        ({"labels": LABELS.reshape(3, 20)}, "one number or name"),
        ({"labels": np.float64(3)}, "one number or name"),
        ({"labels": LABELS + 5_000}, "2 to 1,000 symbols"),
        ({"labels": np.full(60, "same")}, "2 to 1,000 symbols, not 1"),
        ({"labels": np.array(["a", "?", "b"])[LABELS]}, "cannot be used.*rejected"),
        ({"classes": np.array(["a", "b"])}, "label 2; labels are 0 to 1"),
        ({"classes": np.zeros(5_000)}, "names 5,000 classes"),
        ({"x_test": IMAGES[:2], "y_test": np.array(["a", "b"])}, "not whole numbers"),
    ],
)
def test_what_cannot_be_used_is_one_sentence(tmp_path, changes, says):
    path = saved(tmp_path, **{"images": IMAGES, "labels": LABELS, **changes})
    with pytest.raises(DataError, match=says) as error:
        arrays.load(path)
    assert str(error.value).endswith(".")


def test_a_class_that_is_only_tested_is_one_sentence(tmp_path):
    names = np.array(["a", "b", "c"])
    path = saved(tmp_path, x_train=IMAGES, y_train=names[LABELS % 2], x_test=IMAGES,
                 y_test=names[LABELS])  # fmt: skip
    with pytest.raises(DataError, match="validation or test samples of 'c', but"):
        arrays.load(path)


def test_a_file_without_pictures_says_how_to_name_them(tmp_path):
    with pytest.raises(DataError, match="x_train, y_train"):
        arrays.load(saved(tmp_path, pictures=IMAGES, labels=LABELS))


def test_objects_are_never_unpickled(tmp_path):
    touched = tmp_path / "touched"

    class Hostile:
        def __reduce__(self) -> tuple[object, ...]:
            return os.mkdir, (str(touched),)

    objects = np.empty(60, object)
    objects[:] = Hostile()
    for changes in ({"images": objects}, {"labels": objects}, {"classes": objects}):
        path = saved(tmp_path, **{"images": IMAGES, "labels": LABELS, **changes})
        with pytest.raises(DataError, match="must be an array of numbers or strings"):
            arrays.load(path)
    assert not touched.exists()
    # What is not used is not looked at, so it may be anything.
    assert len(arrays.load(saved(tmp_path, images=IMAGES, labels=LABELS, about=objects)).training)
    assert not touched.exists()


@pytest.mark.parametrize(
    "content",
    [
        npy((10**15, 28, 28)),
        npy((60, 28, 28), values=bytes(100)),
        npy((10**12,), "<U0"),
        npy((10**12,), "|V0"),
        npy((10**30, 0, 0)),
        npy((-60, -5, 4), values=IMAGES.tobytes()),
        npy((60, 5, 4), "|O", values=b"cos\nsystem\n."),
        npy((60,), [("a", "<U9"), ("b", "|O")]),
        npy("many"),
        npy((2.5, 3)),
        npy((60, 5, 4), "nonsense"),
        b"\x93NUMPY\x03\x00\x04\x00\x00\x00{}\n ",
        b"\x93NUMPY\x01\x00\xff\xff" + b"(" * 5_000,
        b"\x93NUMPY\x01\x00\x10\x00{'descr': 10L, }",
        b"\x93NUM",
        b"",
        b"text",
    ],
)
def test_headers_that_lie_are_one_sentence_and_cost_nothing(tmp_path, content):
    path = tmp_path / "toy.npz"
    path.write_bytes(member(content))
    tracemalloc.start()
    with pytest.raises(DataError, match=r"toy\.npz"):
        arrays.load(path)
    assert tracemalloc.get_traced_memory()[1] < 10_000_000
    tracemalloc.stop()


def test_a_bomb_is_not_unpacked(tmp_path, monkeypatch):
    monkeypatch.setattr(arrays, "MOST", 1_000_000)
    path = tmp_path / "toy.npz"
    np.savez_compressed(path, images=np.zeros((40_000, 28, 28), np.uint8), labels=LABELS)
    tracemalloc.start()
    with pytest.raises(DataError, match="more than 1,000,000 bytes"):
        arrays.load(path)
    assert tracemalloc.get_traced_memory()[1] < 1_000_000
    tracemalloc.stop()


def test_a_member_that_is_longer_than_it_says_is_not_read_on(tmp_path):
    path = tmp_path / "toy.npz"
    path.write_bytes(member(npy((60, 100, 100), values=bytes(600_000)), size=5_000))
    with pytest.raises(DataError, match=r"toy\.npz"):
        arrays.load(path)


def test_names_that_are_there_twice_or_nested_are_no_danger(tmp_path):
    path = saved(tmp_path, images=IMAGES, labels=LABELS, **{"../images": IMAGES})
    with zipfile.ZipFile(path, "a") as archive, pytest.warns(UserWarning, match="Duplicate"):
        archive.writestr("images.npy", npy((10**12, 28, 28)))
    with pytest.raises(DataError, match="images of"):
        arrays.load(path)


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04 no archive", IMAGES.tobytes()])
def test_what_is_no_archive_is_one_sentence(tmp_path, content):
    (tmp_path / "toy.npz").write_bytes(content)
    with pytest.raises(DataError, match=r"is not a .npz file, or is damaged: save it again"):
        arrays.load(tmp_path / "toy.npz")


def test_an_encrypted_archive_is_one_sentence(tmp_path):
    path = saved(tmp_path, images=IMAGES, labels=LABELS)
    content = bytearray(path.read_bytes())
    for start in (b"PK\x03\x04", b"PK\x01\x02"):
        at = content.find(start) + (6 if start[2] == 3 else 8)
        content[at] |= 1
    path.write_bytes(content)
    with pytest.raises(DataError, match="save it again"):
        arrays.load(path)


def test_what_is_not_there_or_may_not_be_read_is_one_sentence(tmp_path):
    with pytest.raises(FileError, match="no such file"):
        arrays.load(tmp_path / "toy.npz")
    if os.geteuid():
        (tmp_path / "toy.npz").touch(0o000)
        with pytest.raises(FileError, match="check its permissions"):
            arrays.load(tmp_path / "toy.npz")


@ONE_FOLDER
@given(st.data())
def test_any_arrays_are_a_data_set_or_one_sentence(tmp_path, data):
    kinds = of_arrays.scalar_dtypes() | of_arrays.unicode_string_dtypes(max_len=3)
    any_array = of_arrays.arrays(kinds, of_arrays.array_shapes(max_dims=4, max_side=4, min_side=0))
    names = st.sampled_from(["images", "labels", "x_test", "y_test", "x_val", "y_val", "classes"])
    path = saved(tmp_path, **data.draw(st.dictionaries(names, any_array, max_size=6)))
    try:
        found = arrays.load(path)
    except InkdigitsError as error:
        assert str(error).endswith(".")
    else:
        assert found.training.images.dtype == np.uint8


@ONE_FOLDER
@given(st.integers(0, 10_000), st.integers(0, 255))
def test_a_file_with_any_byte_changed_is_a_data_set_or_one_sentence(tmp_path, place, byte):
    path = saved(tmp_path, images=IMAGES[:9], labels=LABELS[:9])
    content = bytearray(path.read_bytes())
    content[place % len(content)] = byte
    path.write_bytes(content)
    try:
        arrays.load(path)
    except InkdigitsError as error:
        assert "toy" in str(error)
