"""Readings as text, JSON or CSV, and the pictures that a command is given."""

import csv
import glob
import io
import json
from collections.abc import Iterable, Iterator, Sequence
from itertools import chain
from pathlib import Path

from ..errors import PictureError
from .picture import SUFFIXES
from .reading import Reading

FORMATS = ("text", "json", "csv")
COLUMNS = ("picture", "text", "confidence", "digits", "refused", "error")


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


def lines(form: str, names: Iterable[str], readings: Iterable[Reading]) -> Iterator[str]:
    """Yield the lines to print for `readings` of `names`, one after the other as they come."""
    # Readings first: what watches over them ends only when it is asked for one too many.
    pairs = ((name, reading) for reading, name in zip(readings, names, strict=False))
    return {"text": _text, "json": _json, "csv": _csv}[form](pairs)


def _text(pairs: Iterable[tuple[str, Reading]]) -> Iterator[str]:
    # One picture gives its text and nothing else, so that it can be piped.
    waiting = iter(pairs)
    first = next(waiting, None)
    second = next(waiting, None)
    if first is None:
        return
    if second is None:
        if first[1].error is None and first[1].text:
            yield first[1].text
        return
    for name, reading in chain((first, second), waiting):
        if reading.error is None:
            yield f"{name}: {' / '.join(reading.text.splitlines())}"


def _json(pairs: Iterable[tuple[str, Reading]]) -> Iterator[str]:
    before = "["
    for name, reading in pairs:
        yield before + json.dumps({**reading.as_dict(), "picture": name})
        before = ","
    yield "[]" if before == "[" else "]"


def _csv(pairs: Iterable[tuple[str, Reading]]) -> Iterator[str]:
    yield _row(COLUMNS)
    for name, reading in pairs:
        refused = reading.text.count("?")
        read = sum(digit.value is not None for digit in reading.digits)
        yield _row(
            [
                name,
                reading.text,
                f"{reading.confidence:.4f}",
                str(read),
                str(refused),
                "" if reading.error is None else str(reading.error),
            ]
        )


def _row(values: Sequence[str]) -> str:
    text = io.StringIO(newline="")
    csv.writer(text).writerow(values)  # quotes a line end only if it is among its own
    return text.getvalue().removesuffix("\r\n")
