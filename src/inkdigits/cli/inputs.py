"""What a command is given: files, folders and patterns, and what of them is not read."""

import glob
import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from ..errors import PictureError, printable
from ..io.kinds import SUFFIXES, by_name

STDIN = "-"


@dataclass(frozen=True)
class Input:
    """A picture to read, or what looks like one and is not read.

    Attributes
    ----------
    name
        Its path, or ``"-"``: standard input.
    problem
        Why it is not read, in one sentence; None if it is.
    """

    name: str
    problem: str | None = None


def inputs(names: Sequence[str], outputs: Sequence[Path] = ()) -> list[Input]:
    """Return what `names` stand for: files, folders (searched through) and patterns.

    ``"-"`` stays as it is; so does a file that is not there, to fail by itself. In a folder, what
    is hidden is passed over, and what has no name of a picture or a document; what looks like one
    and cannot be opened is among the inputs, with its problem.

    Parameters
    ----------
    names
        As a user gives them.
    outputs
        Folders that are written to: what is in them is not searched for.

    Raises
    ------
    PictureError
        If a folder holds no picture, a pattern fits none, or a name says nothing.
    """
    if names.count(STDIN) > 1:
        raise PictureError("Standard input holds one picture: use - only once.")
    found: list[Input] = []
    for name in names:
        if not name:
            raise PictureError("A path is empty: name a file, a folder or a pattern.")
        path = Path(name)
        if name != STDIN and _is_folder(path):
            found += _in_folder(path, outputs)
        elif any(sign in name for sign in "*?[") and not _exists(path):
            found += _fitting(name, outputs)
        else:
            found.append(Input(name))
    return found


def _in_folder(folder: Path, outputs: Sequence[Path]) -> list[Input]:
    search = _Search(outputs)
    if search.is_output(folder):
        raise PictureError(
            printable(f"{folder} is both read and written to: choose another folder to write to.")
        )
    found = list(search.through(folder))
    if not found:
        raise PictureError(
            printable(f"There is no picture in {folder}: supported are {', '.join(SUFFIXES)}.")
        )
    return found


def _fitting(pattern: str, outputs: Sequence[Path]) -> list[Input]:
    search = _Search(outputs)
    found: list[Input] = []
    for name in sorted(glob.glob(pattern, recursive=True)):  # noqa: PTH207 takes absolute ones
        path = Path(name)
        if search.is_output(path) or any(search.is_output(above) for above in path.parents):
            continue
        if not _is_folder(path):
            found.append(Input(name))
        elif "**" not in pattern:  # which fits what is in the folder as well
            found += search.through(path)
    if not found:
        raise PictureError(f"No file matches {pattern!r}: check the pattern.")
    return found


@dataclass
class _Search:
    """A search through folders, each of which is entered once, however links lead to it."""

    outputs: Sequence[Path]
    entered: set[tuple[int, int]] = field(default_factory=set)

    def is_output(self, path: Path) -> bool:
        """Whether a folder is one that is written to."""
        return any(_same(path, output) for output in self.outputs)

    def through(self, folder: Path) -> Iterator[Input]:
        """Yield what is in a folder and in those within, in the order of their names."""
        try:
            about = folder.stat()
            if (about.st_dev, about.st_ino) in self.entered:
                return
            self.entered.add((about.st_dev, about.st_ino))
            with os.scandir(folder) as entries:
                found = sorted((entry.name, _leads_on(entry)) for entry in entries)
        except OSError as error:
            yield Input(str(folder), _closed(folder, error))
            return
        for name, leads_on in found:
            path = folder / name
            if name.startswith("."):
                continue
            if leads_on:
                if not self.is_output(path):
                    yield from self.through(path)
            elif path.suffix.lower() in SUFFIXES:
                yield Input(str(path))  # a pipe or a dead link says so when it is opened
            elif (other := by_name(path.suffix)) is not None:
                yield Input(str(path), printable(f"{path} is {other}."))


def _leads_on(entry: os.DirEntry[str]) -> bool:
    try:
        return entry.is_dir()
    except OSError:  # a link to where nobody may look
        return False


def _closed(folder: Path, error: OSError) -> str:
    return printable(
        f"Cannot open the folder {folder}: {error.strerror or error}; check its permissions."
    )


def _same(one: Path, other: Path) -> bool:
    try:
        return one.samefile(other)
    except (OSError, ValueError):  # it may have to be made yet
        return one.absolute() == other.absolute()


def _is_folder(path: Path) -> bool:
    try:
        return path.is_dir()
    except (OSError, ValueError):  # a name that no file can have: it fails when it is opened
        return False


def _exists(path: Path) -> bool:
    try:
        return path.exists()
    except (OSError, ValueError):
        return False
