"""The folder of a run: made at once, held by one process, and watched while that trains."""

import os
import re
import stat
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from errno import EACCES, EIO, ELOOP, EPERM
from pathlib import Path

from filelock import FileLock, Timeout

from ..errors import FileError, RunError
from ..files import PART, cause_of, disk, exists, part_of, remove, remove_parts, sync_folder

RECIPE = "recipe.toml"  # what makes a folder a run
LOCK = ".lock"
NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")
PATIENCE = 60  # seconds that another process may take to make its run


def is_run(path: Path) -> bool:
    """Whether a folder is a run, damaged or not."""
    try:
        os.lstat(path / RECIPE)
    except ValueError:  # a name that no file can have
        return False
    except OSError as error:  # where nobody may look, what is wrong will be said
        return error.errno in (EACCES, EPERM, ELOOP, EIO)
    return True


def make(
    folder: Path, wanted: str, *, numbered: bool, fill: Callable[[Path], None]
) -> tuple[Path, list[str]]:
    """Make the folder of a new run, with all that `fill` writes into it, or nothing.

    It is filled under a temporary name, and then gets its own: no crash can leave half of it. A
    folder that is empty, or holds only what a killed program left, gives way to it.

    Parameters
    ----------
    folder
        Where the runs are.
    wanted
        The name of the new one.
    numbered
        Whether it may get a number behind its name if that is taken.
    fill
        What writes into the folder that it is given.

    Returns
    -------
    Path
        Where it lies.
    list of str
        What a killed program had left, and is removed.

    Raises
    ------
    RunError
        If the name is impossible or taken.
    FileError
        If it cannot be written.
    """
    if not NAME.fullmatch(wanted):
        raise RunError(
            f"Invalid name of a run, {wanted!r}: use letters, digits, dots, dashes and "
            "underscores, a letter or digit first."
        )
    try:
        disk().make_folder(folder)
        # Whoever makes a run here waits for the others: what they leave is what a kill left.
        with _lock(folder, PATIENCE, "making a run in"):
            removed = _tidied(folder)
            path = _free(folder, wanted, numbered, removed)
            part = part_of(path)
            try:
                disk().make_folder(part)
                fill(part)
                disk().rename(part, path)
            except BaseException:
                _discard(part)
                raise
            sync_folder(folder)
    except OSError as error:
        raise FileError(f"Cannot make a run in {folder}: {cause_of(error)} with --runs.") from error
    return path, removed


def _free(folder: Path, wanted: str, numbered: bool, removed: list[str]) -> Path:
    """Return a name that nothing has, after what gives way was removed."""
    number = 1
    while True:
        path = folder / (wanted if number == 1 else f"{wanted}-{number}")
        if not exists(path):
            return path
        if _gives_way(path):
            removed += [f"{path.name}/{name}" for name in remove_parts(path)]
            remove(path / LOCK)
            disk().remove_folder(path)
            return path
        if not numbered and is_run(path):
            raise RunError(
                f"The run {path} exists: continue it with --resume {wanted}, "
                "or choose another --name."
            )
        if not numbered:
            raise RunError(f"{path} exists and is not a run: remove it, or choose another --name.")
        number += 1


def _gives_way(path: Path) -> bool:
    """Whether a folder holds nothing, or only what a program leaves that is killed."""
    if path.is_symlink() or not path.is_dir():
        return False
    names = [entry.name for entry in path.iterdir()]
    return all(name == LOCK or PART.fullmatch(name) for name in names)


def _tidied(folder: Path) -> list[str]:
    """Remove the folders of runs that were never finished being made; return their names."""
    parts = [path for path in sorted(folder.iterdir()) if PART.fullmatch(path.name)]
    for part in parts:
        _discard(part)
    return [part.name for part in parts]


def _discard(part: Path) -> None:
    """Remove the folder of a run that is not finished being made: it has no folders within."""
    with suppress(OSError):
        if stat.S_ISDIR(part.lstat().st_mode):
            for path in part.iterdir():
                disk().remove(path)
            disk().remove_folder(part)
        else:
            disk().remove(part)


class Hold:
    """The folder of a run while one process trains it."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._handle: int | None = None
        with suppress(OSError):  # not every system opens folders
            self._handle = os.open(path, os.O_RDONLY)
        self._was = path.stat()

    def check(self) -> None:
        """Refuse to go on where the folder is no longer the one that was being trained.

        Raises
        ------
        RunError
            If it was removed, moved or replaced, with what is lost by that.
        """
        with suppress(OSError):
            now = self.path.stat()
            same = (now.st_dev, now.st_ino) == (self._was.st_dev, self._was.st_ino)
            if same and is_run(self.path):
                return
        if self._gone():
            raise RunError(
                f"{self.path} was removed during training, and its epochs are lost: train it again."
            )
        raise RunError(
            f"{self.path} was moved or replaced during training: the epochs until then are saved "
            "where it was moved to; continue it there with --resume."
        )

    def close(self) -> None:
        """Let go of the folder."""
        if self._handle is not None:
            os.close(self._handle)

    def _gone(self) -> bool:
        """Whether the folder itself, wherever it may be by now, is no run any more."""
        if self._handle is None:
            return False
        if os.fstat(self._handle).st_nlink == 0:
            return True
        try:
            os.stat(RECIPE, dir_fd=self._handle)
        except (OSError, NotImplementedError):
            return True
        return False


@contextmanager
def held(path: Path) -> Iterator[Hold]:
    """Hold a run for this process alone.

    Raises
    ------
    RunError
        If another process holds it, or if it is no longer there.
    FileError
        If it cannot be written.
    """
    if not is_run(path):  # a lock would make the folder anew
        raise RunError(f"The run {path} no longer exists: train it again.")
    with _lock(path, 0, "training"):
        try:
            hold = Hold(path)
        except OSError as error:
            raise FileError(f"Cannot read {path}: {error.strerror}.") from error
        try:
            yield hold
        finally:
            hold.close()


@contextmanager
def _lock(folder: Path, patience: float, what: str) -> Iterator[None]:
    file = folder / LOCK
    if file.is_symlink() or (exists(file) and not file.is_file()):
        raise RunError(f"{file} is not a file of inkdigits: remove it.")
    lock = FileLock(file, timeout=patience)
    try:
        lock.acquire()
    except Timeout as error:
        raise RunError(
            f"Another process is {what} {folder}: wait for it, or choose another --name."
        ) from error
    except (OSError, NotImplementedError) as error:
        cause = cause_of(error) if isinstance(error, OSError) else "it does not support locks"
        raise FileError(f"Cannot write {folder}: {cause}.") from error
    try:
        yield
    finally:
        lock.release()
