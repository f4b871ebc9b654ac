"""Files in and out: written whole or not at all, and read only if they are regular files.

What is written goes to a temporary name beside the target, and then gets its name. What is read may
be anybody's: a pipe that never ends, a device, a file of gigabytes.
"""

import contextlib
import json
import os
import re
import secrets
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from errno import EACCES, EDQUOT, EISDIR, ENOSPC, EPERM, EROFS
from pathlib import Path
from typing import Any, BinaryIO

from .errors import FileError

PART = re.compile(r"\..*-[0-9a-f]{8}\.part", re.DOTALL)  # a name that `write_bytes` left behind
NAMED = 40  # signs of a file's name that its temporary name repeats: there is no room for all


class Disk:
    """Everything that is done to files, one method an operation.

    All changes go through one of these, so that a test can end the program before any of them:
    see `using`.
    """

    def make_folder(self, path: Path) -> None:
        """Make a folder, and those above it, where they are missing."""
        path.mkdir(parents=True, exist_ok=True)

    def create(self, path: Path) -> int:
        """Open a new file with the user's usual rights."""
        flags = os.O_CREAT | os.O_EXCL | os.O_WRONLY | getattr(os, "O_BINARY", 0)
        return os.open(path, flags, 0o666)

    def write(self, handle: int, content: bytes) -> None:
        """Write all of `content`."""
        rest = memoryview(content)
        while len(rest):
            rest = rest[os.write(handle, rest[: 1 << 26]) :]

    def sync(self, handle: int) -> None:
        """Wait until a file or folder is on the disk itself."""
        os.fsync(handle)

    def rename(self, source: Path, target: Path) -> None:
        """Give a file or folder another name, which it takes from a file that has it."""
        source.replace(target)

    def remove(self, path: Path) -> None:
        """Remove a file if it is there."""
        path.unlink(missing_ok=True)

    def remove_folder(self, path: Path) -> None:
        """Remove an empty folder."""
        path.rmdir()


_disk: ContextVar[Disk] = ContextVar("disk", default=Disk())  # noqa: B039 it has no state


def disk() -> Disk:
    """Return what changes files here."""
    return _disk.get()


@contextmanager
def using(other: Disk) -> Iterator[None]:
    """Have files changed by `other` within, such as one that fails at its tenth operation."""
    token = _disk.set(other)
    try:
        yield
    finally:
        _disk.reset(token)


def write_bytes(path: Path, content: bytes, *, make_folders: bool = True) -> None:
    """Write `content` to `path`, making the folders above it unless told otherwise.

    Whatever happens midway (Ctrl-C, a full disk, a crash, a power cut), `path` holds its old
    content or all of the new one; once this returns, the new one is on disk. A program that is
    killed may leave a file whose name matches `PART`: see `remove_parts`.

    Raises
    ------
    FileError
        If the file cannot be written; the sentence says why.
    """
    temporary = None
    try:
        if make_folders:
            disk().make_folder(path.parent)
        temporary = part_of(path)
        handle = disk().create(temporary)
        try:
            disk().write(handle, content)
            disk().sync(handle)
        finally:
            os.close(handle)
        disk().rename(temporary, path)
        temporary = None
        sync_folder(path.parent)
    except (FileExistsError, NotADirectoryError) as error:
        raise FileError(
            f"Cannot write {path}: a file stands where a folder is needed; choose another folder."
        ) from error
    except OSError as error:
        raise FileError(f"Cannot write {path}: {cause_of(error)}.") from error
    finally:
        if temporary is not None:
            with contextlib.suppress(OSError):
                disk().remove(temporary)


def write_text(path: Path, text: str, *, make_folders: bool = True) -> None:
    """Write `text` to `path` as UTF-8, whole or not at all.

    Raises
    ------
    FileError
        If the file cannot be written.
    """
    write_bytes(path, text.encode(), make_folders=make_folders)


def cause_of(error: OSError) -> str:
    """Say why something cannot be written, and what to do."""
    cause = error.strerror or str(error)
    if error.errno in (ENOSPC, EDQUOT):
        return f"{cause}; free some space there or choose another folder"
    if error.errno in (EACCES, EPERM, EROFS):
        return f"{cause}; make the folder writable or choose another one"
    if error.errno == EISDIR:
        return "a folder has that name; remove it"
    return f"{cause}; choose another folder"


def part_of(path: Path) -> Path:
    """Return a name beside `path` that nothing has yet, for what is to become `path`."""
    return path.with_name(f".{path.name[:NAMED]}-{secrets.token_hex(4)}.part")


def remove_parts(folder: Path) -> list[str]:
    """Remove the temporary files in `folder` that a killed program left; return their names.

    Nobody else may be writing there.

    Raises
    ------
    FileError
        If one cannot be removed.
    """
    try:
        found = sorted(path for path in folder.iterdir() if PART.fullmatch(path.name))
    except OSError as error:
        raise FileError(f"Cannot read the folder {folder}: {error.strerror}.") from error
    for path in found:
        remove(path)
    return [path.name for path in found]


def remove(path: Path) -> None:
    """Remove a file if it is there.

    Raises
    ------
    FileError
        If it cannot be removed.
    """
    try:
        disk().remove(path)
    except OSError as error:
        raise FileError(f"Cannot remove {path}: {error.strerror}; remove it yourself.") from error


def sync_folder(folder: Path) -> None:
    """Have the names in a folder on disk: without, a file may be gone after the power was."""
    try:
        handle = os.open(folder, os.O_RDONLY)
    except OSError:  # not every system opens folders
        return
    try:
        with contextlib.suppress(OSError):  # nor does every disk obey
            disk().sync(handle)
    finally:
        os.close(handle)


@contextmanager
def opened(path: Path, hint: str = "restore it") -> Iterator[BinaryIO]:
    """Open a regular file to read it; a link to one counts, a pipe or a device does not.

    Parameters
    ----------
    path
        The file.
    hint
        What to do if it cannot be read: the end of a sentence.

    Raises
    ------
    FileError
        If it is missing, no regular file, or cannot be read, also within.
    """
    try:
        with os.fdopen(_regular(path, hint), "rb") as file:
            yield file
    except OSError as error:
        cause = error.strerror or str(error)
        if isinstance(error, FileNotFoundError) and path.is_symlink():
            cause = "it is a link to a missing file"
        raise FileError(f"Cannot read {path}: {cause}; {hint}.") from error


def _regular(path: Path, hint: str) -> int:
    flags = os.O_RDONLY
    for name in ("O_NONBLOCK", "O_NOCTTY", "O_BINARY"):  # the first: if it became a pipe since
        flags |= getattr(os, name, 0)
    try:
        if stat.S_ISREG(path.stat().st_mode):  # to open a device is to use it
            handle = os.open(path, flags)
            if stat.S_ISREG(os.fstat(handle).st_mode):
                return handle
            os.close(handle)
    except ValueError as error:  # a name that no file can have
        raise FileError(f"Cannot read {str(path)!r}: {error}; {hint}.") from error
    raise FileError(f"{path} is a folder, a pipe or a device, not a file: {hint}.")


def read_bytes(path: Path, largest: int, hint: str = "restore it") -> bytes:
    """Return the content of a regular file of at most `largest` bytes.

    Raises
    ------
    FileError
        If there is none, or if it is larger.
    """
    with opened(path, hint) as file:
        large = os.fstat(file.fileno()).st_size > largest
        content = b"" if large else file.read(largest + 1)  # it may be growing
    if large or len(content) > largest:
        raise FileError(f"{path} is larger than {size(largest)}, the most allowed: {hint}.")
    return content


def read_text(path: Path, largest: int, hint: str = "restore it") -> str:
    """Return the text of a regular file of at most `largest` bytes.

    Raises
    ------
    FileError
        If there is none, if it is larger, or if it is no UTF-8 text.
    """
    content = read_bytes(path, largest, hint)
    try:
        return content.decode()
    except UnicodeDecodeError as error:
        raise FileError(f"{path} is not UTF-8 text: {hint}.") from error


def read_json(path: Path, largest: int, hint: str = "restore it") -> Any:
    """Return what a regular file of at most `largest` bytes holds as JSON.

    Raises
    ------
    FileError
        If there is none, if it is larger, or if it is no JSON that can be written again.
    """
    try:
        return parse_json(read_bytes(path, largest, hint))
    except ValueError as error:
        raise FileError(f"{path} is damaged, it is not valid JSON: {hint}.") from error


def parse_json(content: bytes) -> Any:
    """Return what foreign JSON says.

    Raises
    ------
    ValueError
        If it is none, or if it is nested too deep, or holds text that UTF-8 cannot say.
    """
    try:
        found = json.loads(content.decode())
        json.dumps(found, ensure_ascii=False).encode()  # half of a surrogate pair is text to JSON
    except RecursionError as error:
        raise ValueError("nested too deep") from error
    return found


def exists(path: Path) -> bool:
    """Whether anything has that name, even a link that leads nowhere."""
    return os.path.lexists(path)


def size(count: int) -> str:
    """Say a number of bytes as a person does."""
    return f"{count / 1e6:,.0f} MB" if count >= 1e6 else f"{count / 1e3:,.0f} kB"
