"""The pictures that a command is given: files, folders and patterns."""

import glob
from collections.abc import Sequence
from pathlib import Path

from ..errors import PictureError
from ..io.kinds import SUFFIXES


def pictures(names: Sequence[str]) -> list[str]:
    """Return the files that `names` stand for: files, folders (searched through) and patterns.

    ``"-"``, standard input, stays as it is; so does a file that is not there, to fail by itself.

    Raises
    ------
    PictureError
        If a folder holds no picture, or a pattern fits none.
    """
    found: list[str] = []
    for name in names:
        path = Path(name)
        if name != "-" and _is_folder(path):
            inside = [
                str(file)
                for file in sorted(path.rglob("*"))
                if file.suffix.lower() in SUFFIXES and file.is_file() and not _hidden(file, path)
            ]
            if not inside:
                raise PictureError(
                    f"There is no picture in {name}: look for {', '.join(SUFFIXES)}."
                )
            found += inside
        elif any(sign in name for sign in "*?[") and not _exists(path):
            fitting = sorted(glob.glob(name, recursive=True))  # noqa: PTH207 takes absolute ones
            if not fitting:
                raise PictureError(f"No file fits {name!r}: check the pattern.")
            found += fitting
        else:
            found.append(name)
    return found


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


def _hidden(file: Path, under: Path) -> bool:
    return any(part.startswith(".") for part in file.relative_to(under).parts)
