"""One way to ask for data: known names, paths of every form, and two of them joined."""

import gzip
import inspect
import os
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

import inkdigits
from inkdigits.data import (
    KNOWN,
    Dataset,
    Digits,
    load_dataset,
    load_digits,
    load_splits,
    mnist,
    published,
    registry,
    relatives,
    synthetic,
)
from inkdigits.data.registry import check_trainable, describe, mean_and_std
from inkdigits.errors import DataError, FileError, InkdigitsError
from tests.conftest import TEST, TRAIN, idx


@pytest.fixture
def npz(tmp_path: Path, written: Digits) -> Path:
    path = tmp_path / "pens.npz"
    np.savez(path, images=written.images, labels=written.labels)
    return path


@pytest.fixture
def pictures(tmp_path: Path, written: Digits) -> Path:
    folder = tmp_path / "a+b"
    for number in range(60):
        place = folder / str(written.labels[number])
        place.mkdir(parents=True, exist_ok=True)
        Image.fromarray(written.images[number]).save(place / f"{number}.png")
    return folder


@pytest.fixture
def here(small_mnist: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("INKDIGITS_DATA", str(small_mnist))
    return small_mnist


@pytest.mark.usefixtures("here")
def test_known_names_are_loaded(monkeypatch):
    assert load_dataset().name == load_dataset("mnist").name == "MNIST"
    monkeypatch.setattr(synthetic, "TRAINING", 30)
    assert len(load_dataset("synthetic").training) == 30
    assert set(KNOWN) >= {"mnist", "synthetic", "mixture", "fashion-mnist", "kmnist", "qmnist"}
    assert all(known.about and known.about[-1] != "." for known in KNOWN.values())


@pytest.mark.parametrize("key", [one.key for one in relatives.RELATIVES])
def test_relatives_are_missed_with_the_command_that_fetches_them(key):
    with pytest.raises(DataError, match=f"run `inkdigits data {key} --fetch`"):
        load_dataset(key, download=False)
    assert registry.published(key).key == key
    assert registry.published("synthetic") is None


def test_paths_of_every_form_are_loaded(npz, pictures, small_mnist, tmp_path):
    assert load_dataset(npz).name == "pens"
    assert load_dataset(str(pictures)).name == "a+b"
    assert load_dataset(small_mnist).name == "MNIST"
    assert load_dataset(small_mnist.parent).place == str(small_mnist)
    mine = tmp_path / "mine"
    mine.mkdir()
    for name, array in (("images-idx3", np.zeros((30, 3, 3))), ("labels-idx1", np.arange(30) % 7)):
        (mine / f"train-{name}-ubyte").write_bytes(idx(array.astype(np.uint8)))
    found = load_dataset(mine)
    assert (found.name, len(found.training.alphabet)) == ("mine", 7)


@pytest.mark.usefixtures("monkeypatch")
def test_a_path_is_a_path_even_if_it_is_called_as_a_known_name(pictures):
    pictures.rename("mnist")
    assert load_dataset(Path("mnist")).name == "mnist"
    assert load_dataset("./mnist").training.size == (28, 28)


def test_files_with_the_names_of_mnist_that_are_others_are_not_mnist(small_mnist):
    content = bytearray(gzip.decompress((small_mnist / "train-images-idx3-ubyte.gz").read_bytes()))
    content[-1] ^= 1  # the same labels, other pictures
    (small_mnist / "train-images-idx3-ubyte.gz").write_bytes(gzip.compress(content))
    found = load_dataset(small_mnist)
    assert (found.name, found.open_writers) == ("mnist", None)


def test_a_relative_is_known_by_its_files(tmp_path):
    images = np.zeros((124_800, 28, 28), np.uint8)
    images[:, 3, 5] = 255
    start = tmp_path / "emnist-letters-train"
    for name, array in (("images-idx3", images), ("labels-idx1", np.full(124_800, 26, np.uint8))):
        path = tmp_path / f"{start.name}-{name}-ubyte.gz"
        path.write_bytes(gzip.compress(idx(array), 1))
    found = load_dataset(tmp_path)
    assert found.name == "EMNIST letters"
    assert found.training.texts[0] == "z"
    assert found.training.images[0, 5, 3] == 255
    for name in ("images-idx3", "labels-idx1"):
        (tmp_path / f"emnist-digits-train-{name}-ubyte").touch()
    with pytest.raises(
        DataError, match=r"several data sets \(emnist-digits, emnist-letters\): put"
    ):
        load_dataset(tmp_path)


@pytest.mark.usefixtures("here")
def test_two_are_joined_by_a_plus_that_may_stand_in_a_path_as_well(npz, pictures):
    assert len(load_dataset(f"mnist+{npz}").training) > TRAIN
    both = load_dataset(f"{pictures}+{npz}")
    assert both.name == "a+b and pens"
    three = load_dataset(f"mnist+{pictures}+{npz}")
    assert three.name == "MNIST and a+b and pens"
    assert len(three.open_test()) == TEST
    parts = ("mnist", str(pictures), str(npz))
    assert len(three.training) == sum(len(load_dataset(part).training) for part in parts)


@pytest.mark.usefixtures("here")
def test_what_validates_alone_validates_joined(npz):
    alone, both = load_splits("mnist"), load_splits(f"mnist+{npz}")
    assert np.isin(alone.validation.identities, both.validation.identities).all()
    assert not np.isin(both.train.picture_hashes, both.validation.picture_hashes).any()


@pytest.mark.parametrize(
    ("name", "says"),
    [
        ("minst", "Unknown data set 'minst'; did you mean 'mnist'"),
        ("", "Unknown data set ''; choose one of emnist-balanced"),
        ("+", r"Unknown data set '\+'"),
        ("mnist+", r"Unknown data set 'mnist\+'; did you mean 'mnist'"),
        ("user_digits", "no folder user_digits here: correct a digit on the page"),
        ("synthetic+user_digits", "no folder user_digits here"),
        ("synthetic+minst", "Unknown data set 'minst'; did you mean 'mnist'"),
        ("./nowhere", "no data set at ./nowhere: check the path"),
        ("nowhere.npz", r"no data set at nowhere\.npz: check the path"),
        (Path("nowhere"), "no data set at nowhere: check the path"),
        ("x" * 5000, "Unknown data set"),
        ("nul\0", "Unknown data set"),
        ("file.txt", "file.txt is not a data set: use a .npz file, a folder of IDX files, or"),
        ("pipe", "pipe is not a data set: use a .npz file"),
        ("empty", "empty has no classes: put"),
        (".", "has no classes|has only the class"),
    ],
)
def test_what_is_no_data_set_is_one_sentence(name, says, monkeypatch):
    monkeypatch.setattr(synthetic, "TRAINING", 20)
    Path("file.txt").write_text("text")
    Path("empty").mkdir()
    os.mkfifo("pipe")
    with pytest.raises(DataError, match=says) as error:
        load_dataset(name, download=False)
    assert str(error.value)[-1] in ".?"


@settings(deadline=None)
@given(st.text(max_size=12).filter(lambda name: "synthetic" not in name and "/" not in name))
def test_any_name_is_a_data_set_or_one_sentence(name):
    with pytest.raises(InkdigitsError):
        load_dataset(name, download=False)


@pytest.mark.skipif(os.geteuid() == 0, reason="root may look into everything")
def test_a_folder_that_may_not_be_looked_into_is_one_sentence(tmp_path):
    (tmp_path / "closed").mkdir(0o000)
    with pytest.raises(FileError, match=r"Cannot list .*check its permissions"):
        load_dataset(tmp_path / "closed")


@pytest.mark.usefixtures("here")
def test_splits_are_asked_for_by_name():
    splits = load_digits("mnist", "validate-on-test")
    assert splits.validates_on_test
    assert len(load_splits("mnist").train) + len(load_splits("mnist").validation) == TRAIN
    with pytest.raises(DataError, match="Unknown split 'random'; choose one of first-5000, held"):
        load_splits("nowhere", "random")  # a setting is refused before data are looked for
    with pytest.raises(DataError, match=r"set data.split to held-out"):
        load_splits("mnist", "first-5000", sealed=True)
    assert inspect.signature(inkdigits.load_digits) == inspect.signature(load_digits)


@pytest.mark.usefixtures("here")
def test_a_data_set_is_described_split_by_split():
    dataset, rows, shared = describe("mnist")
    assert [row[:2] for row in rows] == [["training", str(TRAIN)], ["test", str(TEST)]]
    training = dataset.training
    assert rows[0][2:12] == [str(count) for count in training.counts]
    assert rows[0][12:] == [
        f"{training.images.mean() / 255:.4f}", f"{training.images.std() / 255:.4f}",
        training.digest[:16],
    ]  # fmt: skip
    assert shared == 0


def test_a_data_set_without_test_samples_and_with_validation_is_described(tmp_path, written):
    np.savez(tmp_path / "a.npz", x_train=written.images, y_train=written.labels,
             x_val=written.images[:7], y_val=written.labels[:7],
             x_test=written.images[:0], y_test=written.labels[:0])  # fmt: skip
    rows = describe(tmp_path / "a.npz")[1]
    assert [row[:2] for row in rows] == [["training", "800"], ["validation", "7"], ["test", "0"]]
    assert rows[2][-3:-1] == ["0.0000", "0.0000"]


def test_test_pictures_that_are_trained_on_are_counted(tmp_path, written):
    np.savez(tmp_path / "a.npz", x_train=written.images, y_train=written.labels,
             x_test=written.images[:7], y_test=written.labels[:7])  # fmt: skip
    assert describe(tmp_path / "a.npz")[2] == 7


def test_to_describe_downloads_nothing():
    with pytest.raises(DataError, match="run `inkdigits data mnist --fetch`"):
        describe("mnist")
    assert not published.cache_folder().exists()


def test_mean_and_deviation_are_exact_and_count_bytes_part_by_part(monkeypatch, written):
    monkeypatch.setattr(registry, "PART", 7)
    images = written.images
    assert mean_and_std(images) == pytest.approx((images.mean() / 255, images.std() / 255))


def digits(counts: list[int], names: str = "0123456789") -> Dataset:
    labels = np.repeat(np.arange(len(counts)), counts)
    images = np.zeros((len(labels), 3, 3), np.uint8)
    found = Digits("toy", images, labels, alphabet=inkdigits.alphabet.Alphabet(tuple(names)))
    return Dataset("toy", found, lambda: found)


def test_ten_samples_of_each_class_can_be_learned_from_and_nine_cannot():
    check_trainable(digits([10] * 10))
    with pytest.raises(DataError, match=r"9 training samples of the class '3'.*mnist\+PATH"):
        check_trainable(digits([10, 10, 10, 9] + [10] * 6))
    check_trainable(digits([10, 11, 12], "abc"))
    with pytest.raises(DataError, match=r"0 training samples of the class 'b'; 10 .*: add more\."):
        check_trainable(digits([10, 0, 12], "abc"))


@pytest.mark.mnist
def test_the_real_mnist_is_known_wherever_it_lies(real_mnist, monkeypatch):
    assert load_dataset(real_mnist).name == "MNIST"
    monkeypatch.setenv("INKDIGITS_DATA", str(real_mnist))
    with pytest.raises(DataError, match="Fashion-MNIST is not in"):  # whose files are called alike
        load_dataset("fashion-mnist", download=False)
    assert mnist.find() == real_mnist
