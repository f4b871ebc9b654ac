import gzip
import shutil

import numpy as np
import pytest

from inkdigits.data import mnist, qmnist
from inkdigits.errors import DataError
from tests.conftest import TEST, TRAIN


def test_loads_both_splits(small_mnist):
    found = mnist.load(small_mnist)
    assert found.training.images.shape == (TRAIN, 28, 28)
    assert len(found.open_test()) == TEST
    assert found.place == str(small_mnist)


def test_raw_files_and_dotted_names_are_read_too(small_mnist):
    for path in list(small_mnist.iterdir()):
        raw = path.with_name(path.name.removesuffix(".gz").replace("-idx", ".idx"))
        raw.write_bytes(gzip.decompress(path.read_bytes()))
        path.unlink()
    assert len(mnist.load(small_mnist).open_test()) == TEST


def test_named_folder_comes_before_environment_before_cache(small_mnist, monkeypatch, tmp_path):
    cache = tmp_path / "cache" / "inkdigits" / "mnist"
    shutil.copytree(small_mnist, cache)
    assert mnist.find() == cache
    monkeypatch.setenv("INKDIGITS_DATA", str(small_mnist.parent))
    assert mnist.find() == small_mnist
    elsewhere = tmp_path / "elsewhere"
    shutil.copytree(small_mnist, elsewhere)
    assert mnist.find(elsewhere) == elsewhere


def test_folder_without_the_files_is_one_sentence(tmp_path):
    with pytest.raises(DataError, match="train-images-idx3-ubyte"):
        mnist.load(tmp_path)


def test_nothing_found_and_no_network_is_one_sentence():
    with pytest.raises(DataError, match=r"MNIST cannot be downloaded .*cannot be reached.*mnist"):
        mnist.load()


def corrupt(content: bytes, how: str) -> bytes:
    values = bytearray(content)
    if how == "truncated":
        return content[:-1]
    if how == "too long":
        return content + b"\0"
    if how == "magic":
        values[2] = 9
    elif how == "counts":
        values[7] ^= 1
    elif how == "checksum":
        values[8] ^= 1
    return bytes(values)


@pytest.mark.parametrize(
    ("how", "says"),
    [
        ("truncated", "truncated"),
        ("too long", "too long"),
        ("magic", "not an IDX file"),
        ("counts", "truncated|too long"),
        ("checksum", "checksum"),
    ],
)
@pytest.mark.parametrize("packed", [True, False])
def test_damaged_file_says_what_is_wrong_and_what_to_do(small_mnist, how, says, packed):
    path = small_mnist / "train-labels-idx1-ubyte.gz"
    content = corrupt(gzip.decompress(path.read_bytes()), how)
    path.write_bytes(gzip.compress(content) if packed else content)
    with pytest.raises(DataError, match=f"({says}).*[:;] replace .* or delete it and run"):
        mnist.load(small_mnist)


@pytest.mark.parametrize("keep", [0.5, 0.99])
def test_gzip_that_breaks_off_says_so(small_mnist, keep):
    path = small_mnist / "train-images-idx3-ubyte.gz"
    content = path.read_bytes()
    path.write_bytes(content[: int(len(content) * keep)])
    with pytest.raises(DataError, match="truncated or damaged"):
        mnist.load(small_mnist)


def test_writers_are_looked_for_when_they_are_asked_for(small_mnist):
    found = mnist.load(small_mnist)
    with pytest.raises(DataError, match="writers of MNIST are not on this machine"):
        found.open_writers()


@pytest.mark.mnist
def test_real_mnist_is_what_the_field_knows(real_mnist):
    found = mnist.load(real_mnist)
    assert abs(found.training.images.mean() / 255 - 0.1307) < 5e-5
    assert abs(found.training.images.std() / 255 - 0.3081) < 5e-5
    assert list(found.open_test().counts) == [
        980, 1135, 1032, 1010, 982, 892, 958, 1028, 974, 1009,
    ]  # fmt: skip


@pytest.mark.mnist
def test_bad_labels_of_the_real_mnist_are_each_of_one_test_digit(real_mnist):
    test = mnist.load(real_mnist).open_test()
    bad = np.isin(test.identities, mnist.BAD_TEST_LABELS)
    assert bad.sum() == len(mnist.BAD_TEST_LABELS) == 15


@pytest.mark.mnist
def test_writers_of_the_real_mnist_wrote_what_its_labels_say(real_mnist):
    try:
        writers = qmnist.writers(real_mnist)
    except DataError:
        pytest.skip("needs QMNIST's labels beside MNIST")
    assert len(np.unique(writers)) == 539
    assert np.bincount(writers)[np.unique(writers)].min() > 10
