import errno
import os

import pytest

from inkdigits import files
from inkdigits.errors import FileError
from inkdigits.files import Disk


class Watched(Disk):
    """Does what it is asked, remembers what that was, and can be told to refuse something."""

    def __init__(self, refused: str = "", error: BaseException | None = None) -> None:
        self.done: list[str] = []
        self.refused, self.error = refused, error or OSError(errno.ENOSPC, "No space left")

    def __getattribute__(self, name: str):
        found = super().__getattribute__(name)
        if name.startswith("_") or not callable(found):
            return found

        def call(*arguments):
            self.done.append(name)
            if name == self.refused:
                raise self.error
            return found(*arguments)

        return call


def test_content_arrives_whole_with_the_users_rights(tmp_path):
    path = tmp_path / "deep" / "down" / "file.txt"
    files.write_text(path, "naïve\n")
    assert path.read_text(encoding="utf-8") == "naïve\n"
    mask = os.umask(0)
    os.umask(mask)
    assert path.stat().st_mode & 0o777 == 0o666 & ~mask


@pytest.mark.parametrize("operation", ["create", "write", "sync", "rename"])
def test_interruption_keeps_the_old_content_and_leaves_nothing(tmp_path, operation):
    path = tmp_path / "file"
    files.write_text(path, "old")
    disk = Watched(operation, KeyboardInterrupt())
    with files.using(disk), pytest.raises(KeyboardInterrupt):
        files.write_text(path, "new")
    assert path.read_text() == "old"
    assert list(tmp_path.iterdir()) == [path]


def test_content_is_on_disk_before_it_has_its_name_and_its_name_before_it_is_reported(tmp_path):
    disk = Watched()
    with files.using(disk):
        files.write_text(tmp_path / "file", "text")
    assert disk.done == ["make_folder", "create", "write", "sync", "rename", "sync"]


@pytest.mark.parametrize(
    ("number", "advice"),
    [
        (errno.ENOSPC, "free some space"),
        (errno.EROFS, "make the folder writable"),
        (errno.EIO, "choose another folder"),
    ],
)
def test_why_a_file_cannot_be_written_decides_what_to_do(tmp_path, number, advice):
    disk = Watched("write", OSError(number, os.strerror(number)))
    with files.using(disk), pytest.raises(FileError, match=f"{os.strerror(number)}; {advice}"):
        files.write_text(tmp_path / "file", "text")


def test_a_folder_that_has_the_name_of_a_file_is_one_sentence(tmp_path):
    (tmp_path / "file").mkdir()
    with pytest.raises(FileError, match="file: a folder has that name; remove it"):
        files.write_text(tmp_path / "file", "text")
    assert [path.name for path in tmp_path.iterdir()] == ["file"]


def test_parts_are_removed_and_nothing_else(tmp_path):
    for name in ("file", ".lock", ".file-0123.part", ".note-01234567.part.txt"):
        (tmp_path / name).write_text("")
    assert files.remove_parts(tmp_path) == []
    path = files.part_of(tmp_path / "file")
    path.write_text("half")
    assert files.remove_parts(tmp_path) == [path.name]
    assert not path.exists()


def test_what_is_no_regular_file_is_not_opened(tmp_path):
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "folder").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "gone")
    (tmp_path / "circle").symlink_to(tmp_path / "circle")
    (tmp_path / "device").symlink_to("/dev/zero")
    for name in ("pipe", "folder", "device"):
        with pytest.raises(FileError, match="is a folder, a pipe or a device"):
            files.read_bytes(tmp_path / name, 10)
    with pytest.raises(FileError, match="a link to a missing file"):
        files.read_bytes(tmp_path / "link", 10)
    for name in ("gone", "circle", "nul\0", "x" * 300):
        with pytest.raises(FileError, match="Cannot read"):
            files.read_bytes(tmp_path / name, 10)


def test_no_more_is_read_than_there_may_be(tmp_path):
    with (tmp_path / "file").open("wb") as file:
        file.truncate(1 << 40)
    with pytest.raises(FileError, match="is larger than 2 kB, the most"):
        files.read_bytes(tmp_path / "file", 2000)


@pytest.mark.parametrize(
    "content",
    [b"", b"\xff", b"{", b"[" * 100_000, b'"\\ud800"', b'{"a":' * 100_000, b"9" * 5000, b"\0"],
)
def test_json_that_is_none_is_one_sentence(tmp_path, content):
    (tmp_path / "file").write_bytes(content)
    with pytest.raises(FileError, match="is damaged, it is not valid JSON"):
        files.read_json(tmp_path / "file", 1_000_000)


def test_systems_that_open_no_folders_are_written_to_as_well(tmp_path, monkeypatch):
    opened = os.open

    def refused(path, flags, *rest, **options):
        if os.path.isdir(path):  # noqa: PTH112 it may be bytes
            raise PermissionError(13, "Permission denied")
        return opened(path, flags, *rest, **options)

    monkeypatch.setattr(os, "open", refused)
    files.write_text(tmp_path / "file", "text")
    assert (tmp_path / "file").read_text() == "text"


def test_what_cannot_be_written_is_one_sentence(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(FileError, match=r"Cannot write .*file/inside"):
        files.write_text(tmp_path / "file" / "inside", "text")
