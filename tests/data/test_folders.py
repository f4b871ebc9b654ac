"""Folders of class folders: what the page keeps, what people have, and what is none."""

import os
import zlib
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image

from inkdigits.alphabet import DIGITS
from inkdigits.data import Digits, folders, load_dataset, load_splits, pictures
from inkdigits.errors import DataError, FileError, InkdigitsError

ONE_FOLDER = settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)


@pytest.fixture
def kept(tmp_path: Path, written: Digits) -> Path:
    """Return a folder with 100 digits as the page keeps them, ten of each."""
    place = tmp_path / "user_digits"
    for label in range(10):
        for image in written.images[written.labels == label][:10]:
            folders.keep(place, image, label)
    return place


def put(folder: Path, name: str, pixels: np.ndarray | None = None, seed: int = 0) -> Path:
    """Write a picture of 6×5 pixels, dark but for some ink."""
    if pixels is None:
        pixels = np.zeros((6, 5), np.uint8)
        pixels[1:5, 1:4] = np.random.default_rng(seed).integers(0, 256, (4, 3))
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(pixels).save(path)
    return path


@pytest.fixture
def animals(tmp_path: Path) -> Path:
    """Return a folder with 20 pictures of each of three classes."""
    for number, name in enumerate(("cat", "dog", "owl 10")):
        for one in range(20):
            put(tmp_path / "animals" / name, f"{one}.png", seed=100 * number + one)
    return tmp_path / "animals"


def test_what_is_kept_is_what_is_loaded(kept, written):
    found = folders.load(kept)
    known = {image.tobytes(): int(label) for image, label in
             zip(written.images, written.labels, strict=True)}  # fmt: skip
    splits = (found.training, found.open_test())
    assert sum(len(split) for split in splits) == 100
    for split in splits:
        for image, label in zip(split.images, split.labels, strict=True):
            assert known[image.tobytes()] == label
    assert (found.name, found.place, found.note) == ("user_digits", str(kept), "")


def test_a_digit_stays_in_its_split_when_others_come(kept, written):
    before, splits = set(folders.load(kept).open_test().identities), load_splits(kept)
    for image, label in zip(written.images[-100:], written.labels[-100:], strict=True):
        folders.keep(kept, image, int(label))
    after = set(folders.load(kept).open_test().identities)
    assert before < after
    more = load_splits(kept)
    assert set(splits.train.identities) < set(more.train.identities)
    assert set(splits.validation.identities) <= set(more.validation.identities)


def test_the_same_picture_is_kept_once_under_its_last_label(tmp_path, written):
    for label in (3, 3, 8):
        path = folders.keep(tmp_path, written.images[0], label)
    assert folders.labelled(tmp_path) == [path]
    assert path.parent.name == "8"


def test_one_digit_that_is_kept_is_one_of_ten_classes(tmp_path, written):
    folders.keep(tmp_path, written.images[0], 3)
    found = folders.load(tmp_path)
    assert found.training.alphabet == DIGITS
    assert [*found.training.texts, *found.open_test().texts] == ["3"]


def test_what_cannot_be_removed_is_one_sentence(tmp_path, written):
    (tmp_path / "8").write_bytes(b"no folder")
    with pytest.raises(FileError, match="Cannot remove"):
        folders.keep(tmp_path, written.images[0], 3)


@pytest.mark.parametrize(
    ("picture", "label"),
    [
        (np.zeros((28, 27), np.uint8), 1),
        (np.zeros((28, 28)), 1),
        (np.zeros((28, 28), np.uint8), 10),
    ],
)
def test_what_is_no_digit_is_not_kept(tmp_path, picture, label):
    with pytest.raises(DataError, match="28×28"):
        folders.keep(tmp_path, picture, label)
    assert not list(tmp_path.iterdir())


def test_names_of_folders_are_the_classes_in_the_order_of_a_person(tmp_path):
    for name in ("10", "9", "a2", "a10", "empty", ".hidden"):
        if name == "empty":
            (tmp_path / name).mkdir()
        else:
            put(tmp_path / name, "one.png")
    put(tmp_path, "beside.png")
    put(tmp_path / "empty" / "deeper", "one.png")
    assert folders.load(tmp_path).training.alphabet.symbols == ("9", "10", "a2", "a10")


def test_two_digits_are_two_classes_and_not_ten(tmp_path):
    for name in ("0", "1"):
        for one in range(12):
            put(tmp_path / name, f"{one}.png", seed=int(name) * 50 + one)
    found = folders.load(tmp_path)
    assert found.training.alphabet.symbols == ("0", "1")
    assert found.training.under(DIGITS).texts == found.training.texts


def test_folders_of_rejects_are_rejects(animals):
    put(animals / "no_symbol", "one.png")
    found = folders.load(animals)
    assert found.training.alphabet.symbols == ("cat", "dog", "owl 10")
    assert found.training.alphabet.rejects == ("no_symbol",)
    assert "no_symbol" in [*found.training.texts, *found.open_test().texts]


def test_splits_of_its_author_are_kept(animals, tmp_path):
    root = tmp_path / "split"
    root.mkdir()
    for split in ("train", "test", "val"):
        (root / split).symlink_to(animals)
    found = folders.load(root)
    assert len(found.training) == len(found.open_test()) == len(found.validation) == 60
    (root / "test").unlink()
    found = folders.load(root)
    assert len(found.training) + len(found.open_test()) == 60
    assert len(found.validation) == 60


def test_a_class_may_be_called_test_or_train(animals):
    (animals / "cat").rename(animals / "test")
    (animals / "dog").rename(animals / "train")
    found = folders.load(animals)
    assert found.training.alphabet.symbols == ("owl 10", "test", "train")


def test_a_test_folder_beside_classes_is_the_test_split(animals):
    put(animals / "test" / "cat", "one.png")
    found = folders.load(animals)
    assert len(found.training) == 60
    assert found.open_test().texts == ["cat"]


def test_a_class_that_is_only_tested_is_one_sentence(animals):
    put(animals / "test" / "wolf", "one.png")
    with pytest.raises(DataError, match="no training pictures of the class 'wolf'"):
        folders.load(animals).open_test()


def test_dark_ink_on_bright_paper_is_inverted_in_every_split_and_said(animals):
    for path in animals.rglob("*.png"):
        put(path.parent, path.name, 255 - np.asarray(Image.open(path)))
    dark = np.zeros((6, 5), np.uint8)
    put(animals / "test" / "cat", "one.png", dark)
    found = folders.load(animals)
    assert (
        found.note
        == f"The pictures of {animals} are dark on a bright ground, so they were inverted."
    )
    assert found.training.images[:, 0].max() == 0
    assert found.open_test().images.min() == 255  # as those it was trained with, not for itself


@pytest.mark.parametrize("mode", ["L", "1", "P", "RGB", "RGBA", "LA", "I;16", "CMYK"])
def test_pictures_of_any_mode_are_grey(tmp_path, mode):
    ink = np.zeros((6, 5), np.uint8)
    ink[2:4, 1:4] = 255
    if mode == "I;16":
        picture = Image.fromarray(ink.astype(np.uint16) * 257)
    else:
        picture = Image.fromarray(ink).convert(mode)
    suffix = "tiff" if mode == "CMYK" else "png"
    picture.save(tmp_path / f"one.{suffix}")
    assert np.array_equal(pictures.grey(tmp_path / f"one.{suffix}"), ink)


def test_transparent_paper_is_no_ink(tmp_path):
    drawn = np.zeros((9, 9, 4), np.uint8)  # black ink on black paper that does not show
    drawn[3:6, 3:6, 3] = 255
    Image.fromarray(drawn).save(tmp_path / "one.png")
    grey = pictures.grey(tmp_path / "one.png")
    assert (grey[3:6, 3:6] == 0).all()
    assert grey[0, 0] == 255


def test_a_small_grey_png_goes_the_short_way_to_the_same_pixels(tmp_path, monkeypatch):
    path = put(tmp_path, "one.png")
    short = pictures.grey(path)
    monkeypatch.setattr(pictures, "PLAIN", b"none")
    assert np.array_equal(pictures.grey(path), short)


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"", "is not a picture that can be opened|is empty"),
        (b"no picture", "is not a picture that can be opened"),
        (b"\x89PNG\r\n\x1a\n" + bytes(40), "damaged|no picture"),
        (None, r"is 1×1025: pictures of a data set are 1,024 pixels a side at most"),
        (20_000, "million pixels|pixels a side at most"),
    ],
)
def test_a_broken_or_huge_picture_is_named_in_one_sentence(animals, content, says):
    path = animals / "cat" / "z.png"
    if isinstance(content, bytes):
        path.write_bytes(content)
    elif content is None:
        Image.new("L", (1025, 1)).save(path)
    else:
        start = b"IHDR" + 2 * content.to_bytes(4, "big") + b"\x08\0\0\0\0"
        sent = start + zlib.crc32(start).to_bytes(4, "big")
        path.write_bytes(b"\x89PNG\r\n\x1a\n\0\0\0\x0d" + sent + b"\0\0\0\0IEND\xaeB`\x82")
    with pytest.raises(DataError, match=says) as error:
        folders.load(animals)
    assert str(path) in str(error.value)


def test_a_picture_that_is_cut_short_is_named(animals):
    path = animals / "cat" / "3.png"
    path.write_bytes(path.read_bytes()[:-30])
    with pytest.raises(DataError, match=r"cat/3.png is damaged or incomplete"):
        folders.load(animals)


@ONE_FOLDER
@given(st.integers(0, 200), st.integers(0, 255))
def test_a_picture_with_any_byte_changed_is_one_or_one_sentence(tmp_path, place, byte):
    path = put(tmp_path, "one.png")
    content = bytearray(path.read_bytes())
    content[place % len(content)] = byte
    path.write_bytes(content)
    try:
        assert pictures.grey(path).dtype == np.uint8
    except InkdigitsError as error:
        assert str(path) in str(error)
        assert str(error).endswith(".")


def test_sizes_that_differ_are_one_sentence(animals):
    put(animals / "owl 10", "wide.png", np.zeros((6, 7), np.uint8))
    with pytest.raises(DataError, match=r"wide.png is 6×7 and .*0.png is 6×5: all pictures"):
        folders.load(animals)


def test_pictures_that_fill_the_memory_are_one_sentence(animals, monkeypatch):
    monkeypatch.setattr(folders, "MOST", 60 * 30 - 1)
    with pytest.raises(DataError, match="60 pictures of 6×5 pixels, more than 1,799 bytes"):
        folders.load(animals)


def test_links_in_circles_pipes_and_what_is_hidden_are_passed_over(animals):
    (animals / "cat" / "again").symlink_to(animals)
    (animals / "cat" / "circle.png").symlink_to("circle.png")
    (animals / "cat" / "dead.png").symlink_to("nowhere")
    (animals / "loop").symlink_to("loop")
    os.mkfifo(animals / "cat" / "pipe.png")
    (animals / "cat" / ".hidden.png").write_bytes(b"no picture")
    (animals / "cat" / "notes.txt").write_text("no picture")
    found = folders.load(animals)
    assert len(found.training) + len(found.open_test()) == 60


@pytest.mark.parametrize(
    ("names", "says"),
    [
        ([], "has no classes: put the pictures of each class into a folder with its name"),
        (["one"], "has only the class one: put"),
        (["a", "?"], "cannot be classes: '\\?'"),
        (["a", "b\n"], r"cannot be classes: Invalid symbol 'b\\n'"),
        (["a", "x" * 65], "cannot be classes"),
        (["a", os.fsdecode(b"\xff")], r"cannot be classes: Invalid symbol '\\udcff'"),
    ],
)
def test_folders_that_are_no_classes_are_one_sentence(tmp_path, names, says):
    for name in names:
        put(tmp_path / name, "one.png")
    with pytest.raises(DataError, match=says):
        folders.load(tmp_path)


def test_more_classes_than_an_alphabet_has_are_one_sentence(tmp_path):
    first = put(tmp_path / "0", "one.png")
    for name in range(1, 1001):
        (tmp_path / str(name)).mkdir()
        os.link(first, tmp_path / str(name) / "one.png")
    with pytest.raises(DataError, match="2 to 1,000 symbols, not 1,001"):
        folders.load(tmp_path)


def test_odd_names_of_pictures_are_read(tmp_path):
    for number, name in enumerate(("ä b.PNG", "-o.png", "日本.Png", os.fsdecode(b"\xff\xfe.png"))):
        path = put(tmp_path / str(number), "one.png", seed=number)
        path.rename(path.parent / name)
    found = folders.load(tmp_path)
    assert len(found.training) + len(found.open_test()) == 4


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_what_may_not_be_read_is_one_sentence(animals):
    (animals / "cat" / "0.png").chmod(0)
    with pytest.raises(DataError, match="check the path and its permissions"):
        folders.load(animals)
    (animals / "cat").chmod(0)
    with pytest.raises(FileError, match=r"Cannot list the folder .*check its permissions"):
        folders.load(animals)
    (animals / "cat").chmod(0o700)


def test_a_data_set_beside_mnist_is_learned_from_and_mnist_is_tested(
    kept, small_mnist, monkeypatch
):
    monkeypatch.setenv("INKDIGITS_DATA", str(small_mnist))
    both = load_dataset(f"mnist+{kept}")
    assert len(both.training) == 600 + len(folders.load(kept).training)
    assert len(both.open_test()) == 200
    assert both.name == "MNIST and user_digits"
