"""Writing files whole or not at all: a temporary name beside the target, then a rename."""

import contextlib
import os
import tempfile
from pathlib import Path

from .errors import FileError


def write_bytes(path: Path, content: bytes) -> None:
    """Write `content` to `path`, making the folders above it.

    Whatever happens midway (Ctrl-C, a full disk, a crash, a power cut), `path` holds its old
    content or all of the new one; once this returns, the new one is on disk.

    Raises
    ------
    FileError
        If the file cannot be written; the sentence says why.
    """
    temporary = None
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}-")
        temporary = Path(name)
        with os.fdopen(handle, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        temporary.chmod(0o666 & ~_umask())
        temporary.replace(path)
        _keep_names(path.parent)
    except (FileExistsError, NotADirectoryError) as error:
        raise FileError(
            f"Cannot write {path}: a file stands where a folder is needed; choose another folder."
        ) from error
    except OSError as error:
        raise FileError(
            f"Cannot write {path}: {error.strerror or error}; "
            "free some space there or choose another folder."
        ) from error
    finally:
        if temporary is not None:
            with contextlib.suppress(OSError):
                temporary.unlink(missing_ok=True)


def write_text(path: Path, text: str) -> None:
    """Write `text` to `path` as UTF-8, whole or not at all.

    Raises
    ------
    FileError
        If the file cannot be written.
    """
    write_bytes(path, text.encode())


def _keep_names(folder: Path) -> None:
    """Have a folder written to disk: without, a file may be gone after the power was."""
    with contextlib.suppress(OSError):  # not every system opens folders, nor every disk obeys
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


def _umask() -> int:
    # mkstemp makes files for the owner alone; a finished file gets the user's usual rights.
    mask = os.umask(0)
    os.umask(mask)
    return mask
