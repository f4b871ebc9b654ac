"""Published data sets: told from each other, and fetched from a server that may do anything."""

import gzip
import hashlib
import http.server
import io
import threading
import zipfile
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from inkdigits.alphabet import Alphabet
from inkdigits.data import published, relatives
from inkdigits.data.published import File, Published
from inkdigits.errors import DataError, FileError
from tests.conftest import idx

NAMES = relatives.FILES
DEAD = "http://127.0.0.1:9/"


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


def values(seed: int = 0) -> list[np.ndarray]:
    random = np.random.default_rng(seed)
    shapes = ((30, 4, 5), (30,), (12, 4, 5), (12,))
    return [random.integers(0, 3 if len(shape) == 1 else 256, shape, np.uint8) for shape in shapes]


def contents(seed: int = 0) -> dict[str, bytes]:
    return {
        f"{name}.gz": gzip.compress(idx(one), mtime=0)
        for name, one in zip(NAMES, values(seed), strict=True)
    }


def write(folder: Path, files: dict[str, bytes]) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    for name, content in files.items():
        (folder / name).write_bytes(content)
    return folder


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Path, str]]:
    """Serve a folder, and return it and its address."""
    folder = tmp_path_factory.mktemp("served")
    handler = lambda *args: Server(*args, directory=str(folder))  # noqa: E731
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield folder, f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


@pytest.fixture
def toys(served: tuple[Path, str]) -> Published:
    """Return a data set as Fashion-MNIST is, and have it served."""
    folder, address = served
    files = contents()
    write(folder, files)
    one, two, three, four = (
        File(name, f"md5:{hashlib.md5(files[f'{name}.gz'], usedforsecurity=False).hexdigest()}",
             array.shape)
        for name, array in zip(NAMES, values(), strict=True)
    )  # fmt: skip
    alphabet = Alphabet(("ball", "bear", "kite"))
    return Published("toys", "To-ys", "toys", (one, two, three, four), (address,), None, alphabet)


@pytest.fixture
def archived(toys: Published, served: tuple[Path, str]) -> Published:
    """Return a data set as EMNIST is: in an archive, turned over, with labels from 1."""
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w") as archive:
        for name, array in zip(NAMES, values(), strict=True):
            turned = array + 1 if array.ndim == 1 else array
            archive.writestr(f"gzip/toys-{name}.gz", gzip.compress(idx(turned)))
    (served[0] / "all.zip").write_bytes(held.getvalue())
    one, two, three, four = (File(f"toys-{f.name}", "", f.shape) for f in toys.files)
    checksum = f"md5:{hashlib.md5(held.getvalue(), usedforsecurity=False).hexdigest()}"
    return replace(toys, files=(one, two, three, four), archive=("all.zip", checksum), first=1,
                   transposed=True)  # fmt: skip


def test_fetch_downloads_into_the_cache_and_it_is_found_there(toys):
    assert toys.find() is None
    place = toys.fetch(progress=False)
    assert place == published.cache_folder() / "toys" == toys.find()
    assert sorted(path.name for path in place.iterdir()) == sorted(contents())
    found = toys.load()
    assert np.array_equal(found.training.images, values()[0])
    assert found.open_test().texts == [("ball", "bear", "kite")[n] for n in values()[3]]
    assert (found.name, found.place) == ("To-ys", str(place))


def test_load_downloads_only_if_it_may(toys):
    with pytest.raises(DataError, match=r"To-ys is not in \$INKDIGITS_DATA or the cache: run "
                       "`inkdigits data toys --fetch`"):  # fmt: skip
        toys.load(download=False)
    assert not published.cache_folder().exists()
    assert len(toys.load().training) == 30


def test_fetch_downloads_what_is_missing_and_nothing_else(toys, tmp_path):
    place = write(tmp_path / "new", contents())
    (place / "t10k-labels-idx1-ubyte.gz").unlink()
    before = {path: path.stat().st_mtime_ns for path in place.iterdir()}
    assert toys.fetch(place, progress=False) == place
    assert len(toys.load(place).open_test()) == 12
    assert all(path.stat().st_mtime_ns == then for path, then in before.items())
    assert replace(toys, mirrors=(DEAD,)).fetch(place) == place


def test_fetch_goes_on_to_the_next_mirror(toys, served, tmp_path):
    address = served[1]
    mirrors = (DEAD, f"{address}/nowhere", f"{address}/broken/", address)
    place = replace(toys, mirrors=mirrors).fetch(tmp_path / "new", progress=False)
    assert len(toys.load(place).training) == 30


def test_a_broken_download_says_why_and_leaves_nothing_behind(toys, served, tmp_path):
    mirrors = (DEAD, f"{served[1]}/nowhere", f"{served[1]}/broken")
    with pytest.raises(DataError) as error:
        replace(toys, mirrors=mirrors).fetch(tmp_path / "new", progress=False)
    assert "cannot be reached or broke off" in str(error.value)
    assert "nowhere answers 404" in str(error.value)
    assert str(error.value).endswith("put its files into the folder toys of $INKDIGITS_DATA.")
    assert not list((tmp_path / "new").iterdir())


def test_a_server_that_never_answers_is_not_waited_for(toys, tmp_path, monkeypatch):
    import socket

    monkeypatch.setattr(published, "READ_SECONDS", 0.2)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        mirror = f"http://127.0.0.1:{silent.getsockname()[1]}"
        with pytest.raises(DataError, match="does not answer in time"):
            replace(toys, mirrors=(mirror,)).fetch(tmp_path / "new", progress=False)


def test_a_download_with_a_wrong_checksum_is_not_kept(toys, served, tmp_path):
    (served[0] / "train-images-idx3-ubyte.gz").write_bytes(b"something else")
    with pytest.raises(DataError, match="sent a file with the wrong checksum"):
        toys.fetch(tmp_path / "new", progress=False)
    assert not list((tmp_path / "new").iterdir())


def test_an_archive_is_unpacked_and_gone(archived, tmp_path):
    place = archived.fetch(tmp_path / "new", progress=False)
    assert sorted(path.name for path in place.iterdir()) == [f"toys-{n}.gz" for n in sorted(NAMES)]
    found = archived.load(place)
    assert np.array_equal(found.training.images, values()[0].transpose(0, 2, 1))
    assert np.array_equal(found.training.labels, values()[1])
    assert found.training.images.flags.c_contiguous


def test_an_archive_with_a_wrong_checksum_is_not_opened(archived, served, tmp_path):
    (served[0] / "all.zip").write_bytes(b"PK something else")
    with pytest.raises(DataError, match="wrong checksum"):
        archived.fetch(tmp_path / "new", progress=False)
    assert not list((tmp_path / "new").iterdir())


@pytest.mark.parametrize(
    ("change", "says"),
    [(lambda content: content[:40], "is damaged: delete it"),
     (lambda content: content.replace(b"toys-train", b"toys-trash"), "lacks toys-train")],
)  # fmt: skip
def test_an_archive_that_is_not_what_it_was_is_one_sentence(
    archived, served, tmp_path, change, says
):
    content = change((served[0] / "all.zip").read_bytes())
    (served[0] / "all.zip").write_bytes(content)
    checksum = f"md5:{hashlib.md5(content, usedforsecurity=False).hexdigest()}"
    with pytest.raises(DataError, match=says):
        replace(archived, archive=("all.zip", checksum)).fetch(tmp_path / "new", progress=False)


def test_a_folder_that_cannot_be_made_is_one_sentence(toys, tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(FileError, match="Cannot make the folder"):
        toys.fetch(tmp_path / "file" / "folder", progress=False)


def test_a_bar_shows_on_a_terminal_how_far_it_is(toys, tmp_path, monkeypatch, capsys):
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setenv("FORCE_COLOR", "1")
    toys.fetch(tmp_path / "new")
    shown = capsys.readouterr()
    assert "train-images-idx3-ubyte.gz" in shown.err
    assert not shown.out
    monkeypatch.delenv("FORCE_COLOR")
    toys.fetch(tmp_path / "again")
    assert not capsys.readouterr().err.strip()


def test_files_are_found_where_others_put_them(toys, tmp_path, monkeypatch):
    for folder in ("toys", "Toys/raw", ""):
        place = write(tmp_path / f"data {folder[:2]}" / folder, contents())
        root = tmp_path / f"data {folder[:2]}"
        assert replace(toys, name="To-ys" if folder != "Toys/raw" else "Toys").find(root) == place
        monkeypatch.setenv("INKDIGITS_DATA", str(root))
        assert replace(toys, name="Toys").find() == place


def test_the_environment_comes_before_the_cache(toys, tmp_path, monkeypatch):
    cache = toys.fetch(progress=False)
    monkeypatch.setenv("INKDIGITS_DATA", str(tmp_path / "nowhere"))
    assert toys.find() == cache
    mine = write(tmp_path / "mine" / "toys", contents())
    monkeypatch.setenv("INKDIGITS_DATA", str(tmp_path / "mine"))
    assert toys.find() == mine


def test_another_data_set_with_the_same_names_is_not_taken_for_it(toys, tmp_path, monkeypatch):
    other = write(tmp_path / "other", contents(seed=1))
    monkeypatch.setenv("INKDIGITS_DATA", str(other))
    assert toys.find() is None
    assert not toys.holds(other)
    place = toys.fetch(progress=False)
    assert place == published.cache_folder() / "toys"
    assert np.array_equal(toys.load().training.images, values()[0])


@pytest.mark.parametrize("zipped", [True, False])
def test_a_data_set_is_known_by_its_content_where_that_is_known(toys, tmp_path, zipped):
    known = [
        replace(file, content=hashlib.sha256(idx(array)).hexdigest(), packed="md5:0")
        for file, array in zip(toys.files, values(), strict=True)
    ]
    toys = replace(toys, files=tuple(known))
    files = contents()
    if not zipped:
        files = {name[:-3]: gzip.decompress(content) for name, content in files.items()}
    place = write(tmp_path / "here", files)
    assert toys.holds(place)
    image = next(path for path in place.iterdir() if path.name.startswith("train-images"))
    content = bytearray(idx(values()[0]))
    content[-1] ^= 1
    image.write_bytes(content)
    assert not toys.holds(place)
    with pytest.raises(DataError, match=r"its checksum differs.*delete it and run `inkdigits data"):
        toys.load(place)


def test_damage_is_said_and_not_taken_for_absence(toys, tmp_path, monkeypatch):
    files = contents()
    files["train-labels-idx1-ubyte.gz"] = files["train-labels-idx1-ubyte.gz"][:-9]
    one, two, three, four = toys.files
    toys = replace(toys, files=(one, replace(two, content="0"), three, four))
    monkeypatch.setenv("INKDIGITS_DATA", str(write(tmp_path / "here", files)))
    with pytest.raises(DataError, match=r"truncated or damaged: replace .* or delete it and run"):
        toys.load()


def test_other_shapes_and_labels_are_one_sentence(toys, tmp_path):
    one, two, three, four = toys.files
    place = write(tmp_path / "here", contents())
    with pytest.raises(DataError, match=r"has the shape \(30, 4, 5\), .* has \(31, 4, 5\)"):
        replace(toys, files=(replace(one, shape=(31, 4, 5)), two, three, four)).load(place)
    with pytest.raises(DataError, match="label 2; labels are 0 to 1"):
        replace(toys, alphabet=Alphabet(("ball", "bear"))).load(place)
    with pytest.raises(DataError, match="label 0; labels are 1 to 3"):
        replace(toys, first=1).load(place)


def test_a_test_file_that_is_missing_is_missed_when_it_is_asked_for(toys, tmp_path):
    place = write(tmp_path / "here", contents())
    (place / "t10k-images-idx3-ubyte.gz").unlink()
    found = toys.load(place)
    with pytest.raises(DataError, match="lacks t10k-images-idx3-ubyte: put it there"):
        found.open_test()
