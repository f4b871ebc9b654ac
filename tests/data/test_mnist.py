import gzip
import http.server
import os
import shutil
import threading
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from inkdigits.data import mnist
from inkdigits.errors import DataError, FileError, InkdigitsError
from tests.conftest import TEST, TRAIN, idx


class Server(http.server.SimpleHTTPRequestHandler):
    """Serves a folder; a path under /broken/ breaks off half-way."""

    def do_GET(self) -> None:
        if self.path.startswith("/broken/"):
            content = (Path(self.directory) / Path(self.path).name).read_bytes()
            self.send_response(200)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content[: len(content) // 2])
            self.close_connection = True
        else:
            super().do_GET()

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def served(small_mnist: Path) -> Iterator[str]:
    handler = lambda *args: Server(*args, directory=str(small_mnist))  # noqa: E731
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


def test_loads_both_halves(small_mnist):
    found = mnist.load(small_mnist)
    assert found.training.images.shape == (TRAIN, 28, 28)
    assert len(found.open_test()) == TEST


def test_raw_files_and_dotted_names_are_read_too(small_mnist):
    for path in list(small_mnist.iterdir()):
        raw = path.with_name(path.name.removesuffix(".gz").replace("-idx", ".idx"))
        raw.write_bytes(gzip.decompress(path.read_bytes()))
        path.unlink()
    assert len(mnist.load(small_mnist).open_test()) == TEST


def test_training_half_is_found_without_the_test_half(small_mnist):
    (small_mnist / "t10k-images-idx3-ubyte.gz").unlink()
    found = mnist.load(small_mnist)
    with pytest.raises(DataError, match="lacks t10k-images"):
        found.open_test()


def test_named_folder_comes_before_environment_before_cache(small_mnist, monkeypatch, tmp_path):
    cache = mnist.cache_folder()
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
    with pytest.raises(DataError, match=r"cannot be reached.*--data"):
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
    elif how == "label":
        values[8] = 10
    elif how == "checksum":
        values[8] ^= 1
    return bytes(values)


@pytest.mark.parametrize(
    ("how", "says"),
    [
        ("truncated", "truncated"),
        ("too long", "too long"),
        ("magic", "no IDX file"),
        ("counts", "says it holds"),
        ("label", "label 10"),
        ("checksum", "checksum"),
    ],
)
@pytest.mark.parametrize("packed", [True, False])
def test_damaged_file_says_what_is_wrong(small_mnist, how, says, packed):
    path = small_mnist / "train-labels-idx1-ubyte.gz"
    content = corrupt(gzip.decompress(path.read_bytes()), how)
    path.write_bytes(gzip.compress(content) if packed else content)
    with pytest.raises(DataError, match=says):
        mnist.load(small_mnist)


@pytest.mark.parametrize("keep", [0.5, 0.99])
def test_gzip_that_breaks_off_says_so(small_mnist, keep):
    path = small_mnist / "train-images-idx3-ubyte.gz"
    content = path.read_bytes()
    path.write_bytes(content[: int(len(content) * keep)])
    with pytest.raises(DataError, match="truncated or damaged"):
        mnist.load(small_mnist)


@given(st.binary(max_size=200))
def test_any_bytes_are_digits_or_one_sentence(content):
    file = mnist.IdxFile("labels", (4,), "0" * 64, "")
    with pytest.raises(InkdigitsError):
        mnist.parse(content, file, Path("labels"))


def test_a_file_much_too_long_is_not_unpacked_whole(small_mnist):
    path = small_mnist / "train-labels-idx1-ubyte.gz"
    path.write_bytes(gzip.compress(bytes(200_000_000), compresslevel=1))
    with pytest.raises(DataError, match="no IDX file"):
        mnist.load(small_mnist)


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_unreadable_file_is_one_sentence(small_mnist):
    (small_mnist / "train-labels-idx1-ubyte.gz").chmod(0)
    with pytest.raises(FileError, match="Cannot read"):
        mnist.load(small_mnist)


def test_fetch_downloads_what_is_missing(served, tmp_path):
    place = mnist.fetch(tmp_path / "new", [served], mnist.FILES, progress=False)
    assert len(mnist.load(place).open_test()) == TEST


def test_fetch_goes_on_to_the_next_mirror(served, tmp_path):
    mirrors = ["http://127.0.0.1:9", f"{served}/nowhere", f"{served}/broken", served]
    place = mnist.fetch(tmp_path / "new", mirrors, mnist.FILES, progress=False)
    assert len(mnist.load(place).training) == TRAIN


def test_broken_download_leaves_nothing_behind(served, tmp_path):
    with pytest.raises(DataError, match="broke off"):
        mnist.fetch(tmp_path / "new", [f"{served}/broken"], mnist.FILES, progress=False)
    assert not list((tmp_path / "new").iterdir())


def test_download_with_a_wrong_checksum_is_not_kept(served, small_mnist, tmp_path):
    (small_mnist / "train-images-idx3-ubyte.gz").write_bytes(b"something else")
    with pytest.raises(DataError, match="wrong checksum"):
        mnist.fetch(tmp_path / "new", [served], mnist.FILES, progress=False)
    assert not list((tmp_path / "new").iterdir())


def test_fetch_into_an_impossible_folder_is_one_sentence(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(FileError, match="Cannot make"):
        mnist.fetch(tmp_path / "file" / "folder", ["http://127.0.0.1:9"])


def test_labels_above_9_are_refused_before_the_checksum(tmp_path):
    content = idx(np.array([1, 2, 77], np.uint8))
    file = mnist.IdxFile("labels", (3,), "0" * 64, "")
    with pytest.raises(DataError, match="label 77"):
        mnist.parse(content, file, tmp_path)


@pytest.mark.mnist
def test_real_mnist_is_what_the_field_knows(real_mnist):
    found = mnist.load(real_mnist)
    assert abs(found.training.images.mean() / 255 - 0.1307) < 5e-5
    assert abs(found.training.images.std() / 255 - 0.3081) < 5e-5
    assert list(found.open_test().counts) == [
        980, 1135, 1032, 1010, 982, 892, 958, 1028, 974, 1009,
    ]  # fmt: skip
