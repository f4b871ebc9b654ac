import os
import stat
from pathlib import Path

import pytest

from inkdigits import files
from inkdigits.errors import FileError


def test_content_arrives_whole_with_the_users_rights(tmp_path):
    path = tmp_path / "deep" / "down" / "file.txt"
    files.write_text(path, "naïve\n")
    assert path.read_text(encoding="utf-8") == "naïve\n"
    mask = os.umask(0)
    os.umask(mask)
    assert path.stat().st_mode & 0o777 == 0o666 & ~mask


def test_interruption_keeps_the_old_content_and_leaves_nothing(tmp_path, monkeypatch):
    path = tmp_path / "file"
    files.write_text(path, "old")
    monkeypatch.setattr(os, "fdopen", lambda *_: (_ for _ in ()).throw(KeyboardInterrupt))
    with pytest.raises(KeyboardInterrupt):
        files.write_text(path, "new")
    assert path.read_text() == "old"
    assert list(tmp_path.iterdir()) == [path]


def test_content_is_on_disk_before_it_has_its_name_and_its_name_before_it_is_said(
    tmp_path, monkeypatch
):
    done, fsync, replace = [], os.fsync, Path.replace

    def flushed(handle):
        done.append("folder" if stat.S_ISDIR(os.fstat(handle).st_mode) else "file")
        fsync(handle)

    def renamed(self, target):
        done.append("name")
        return replace(self, target)

    monkeypatch.setattr(os, "fsync", flushed)
    monkeypatch.setattr(Path, "replace", renamed)
    files.write_text(tmp_path / "file", "text")
    assert done == ["file", "name", "folder"]


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
