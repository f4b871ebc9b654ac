"""Everything that a reader is measured on, by name: pictures of a folder, and pages made here.

None of the pictures is distributed; a set whose folder is missing is left out.
"""

import csv
import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageOps

from inkdigits.io.picture import open_picture
from inkdigits.synthesis import (
    SyntheticPage,
    SyntheticTable,
    Writers,
    comb,
    large_and_small,
    marked_page,
    page,
    small_writing,
    table,
)

Source = Path | npt.NDArray[np.uint8]
HEIGHTS = (2, 3, 4, 5, 6, 8)  # millimetres
RESOLUTIONS = (200, 300)  # dots an inch
TURNED = 20
QUARTERS = (90, 180, 270)  # degrees
SLANTS = (-40, -25, 25, 40)
WITHOUT_MARKS = ("handwriting/strings", "handwriting2/cheques")  # digits alone are labelled there


@dataclass(frozen=True, eq=False)
class Sample:
    """One picture and what it says.

    Attributes
    ----------
    source
        A file or an array.
    truth
        Lines of text; empty if there is no digit.
    how
        What to read, and what to count: ``"page"``, ``"bag"`` (numbers in no order), ``"digit"``,
        ``"none"`` and ``"sign"`` (no digit on a page, or as a single sign), ``"lines"``,
        ``"marks"`` or ``"cells"``.
    cells
        Of a table: the text by row and column.
    name
        To be found again by.
    effects
        Of a page made here: what happened to it.
    marks
        Whether `truth` tells marks, too.
    """

    source: Source
    truth: str
    how: str
    name: str
    cells: tuple[tuple[str, ...], ...] = ()
    effects: tuple[str, ...] = ()
    marks: bool = True


@dataclass(frozen=True, eq=False)
class Dataset:
    """A named set of samples, each made when it is asked for."""

    name: str
    count: int
    at: Callable[[int], Sample]
    made: bool = False  # here, each kind of page in turn


def data_folder() -> Path:
    """Return the folder of data that the environment names, or this one."""
    return Path(os.environ.get("INKDIGITS_DATA", "."))


def datasets(data: Path | None = None) -> dict[str, Dataset]:
    """Return all sets whose data are there, by name."""
    data = data_folder() if data is None else data
    found: list[Dataset | None] = [
        *(_folder(data / "handwriting" / name, how) for name, how in HANDWRITING.items()),
        *(_folder(data / "handwriting2" / name, how) for name, how in HANDWRITING_2.items()),
        _npz(data / "handwriting2" / "crohme_digits.npz", "digit"),
        _npz(data / "handwriting2" / "crohme_signs.npz", "sign"),
        _turned("turned", data, STRINGS, QUARTERS),
        _turned("slanted", data, STRINGS, SLANTS),
        _turned("turned documents", data, DOCUMENTS, QUARTERS, count=100, least=2),
        *_made(data),
    ]
    return {one.name: one for one in found if one is not None}


STRINGS = ("handwriting/strings", "handwriting2/strings")
DOCUMENTS = ("handwriting2/cheques", "handwriting2/crohme_numbers", "handwriting2/forms")
HANDWRITING = {"drawn": "digit", "photo": "digit", "strings": "page"}
HANDWRITING_2 = {
    "cheques": "page",
    "crohme_numbers": "page",
    "forms": "page",
    "strings": "page",
    "single": "digit",
    "none": "none",
}


@cache
def _labels(folder: Path) -> Sequence[dict[str, str]]:
    with (folder / "labels.csv").open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def _folder(folder: Path, how: str) -> Dataset | None:
    if not (folder / "labels.csv").is_file():
        return None
    rows = _labels(folder)

    def at(number: int) -> Sample:
        row = rows[number]
        own = "bag" if "unordered" in (row.get("note") or "") else how
        marks = name not in WITHOUT_MARKS
        return Sample(folder / row["file"], row["label"], own, row["file"], marks=marks)

    name = f"{folder.parent.name}/{folder.name}"
    return Dataset(name, len(rows), at)


@cache
def _arrays(path: Path) -> dict[str, npt.NDArray[Any]]:
    with np.load(path, allow_pickle=False) as archive:
        return {name: archive[name] for name in archive.files}


def _npz(path: Path, how: str) -> Dataset | None:
    if not path.is_file():
        return None
    arrays = _arrays(path)

    def at(number: int) -> Sample:
        truth = str(arrays["labels"][number]) if how == "digit" else ""
        return Sample(arrays["images"][number], truth, how, f"{path.stem} {number}")

    return Dataset(f"{path.parent.name}/{path.stem}", len(arrays["images"]), at)


def _turned(
    name: str,
    data: Path,
    sets: Sequence[str],
    turns: Sequence[int],
    count: int = TURNED,
    least: int = 4,
) -> Dataset | None:
    """Return pictures of `least` digits or more, each turned by the next of `turns`, in degrees."""
    folders = [data / one for one in sets]
    if not all((folder / "labels.csv").is_file() for folder in folders):
        return None
    rows = [
        (folder / row["file"], row["label"])
        for folder in folders
        for row in _labels(folder)
        if sum(sign.isdigit() for sign in row["label"]) >= least
        and "unordered" not in (row.get("note") or "")
        and not row["file"].startswith("shrsai123__")  # it lies on its side as it is
    ]
    rows = rows[:: max(1, len(rows) // count)][:count]

    def at(number: int) -> Sample:
        path, label = rows[number]
        with Image.open(path) as opened:
            pixels = np.asarray(ImageOps.exif_transpose(opened).convert("RGB"))
        by = turns[number % len(turns)]
        paper = tuple(np.median(pixels, (0, 1)).astype(int).tolist())
        picture = Image.fromarray(pixels).rotate(
            by, Image.Resampling.BICUBIC, True, fillcolor=paper
        )
        return Sample(np.asarray(picture), label, "page", f"{path.name} by {by}", marks=False)

    return Dataset(name, len(rows), at)


@cache
def _writers(data: Path | None) -> Writers:
    return Writers(data)


def _made(data: Path) -> list[Dataset]:
    """Return the sets that need no folder; digits of MNIST join in where there are some."""
    mnist = data if (data / "mnist").is_dir() else None

    def of_kind(kind: str, how: str) -> Callable[[int], Sample]:
        return lambda number: _of_page(page(kind, number, _writers(mnist)), how)

    sets = [
        Dataset("stress/pages", 600, of_kind("pages", "page"), made=True),
        Dataset("stress/none", 600, of_kind("none", "none"), made=True),
        Dataset("stress/singles", 600, of_kind("singles", "digit"), made=True),
        Dataset("stress/tight", 600, of_kind("tight", "digit"), made=True),
    ]
    sets.append(Dataset("turned pages", 180, lambda number: _at_an_angle(number, mnist), made=True))
    sets += [_small(height, resolution) for resolution in RESOLUTIONS for height in HEIGHTS]
    sets += [
        Dataset(
            "large above small",
            6,
            lambda number: _of_page(large_and_small(number), "lines"),
            made=True,
        ),
        Dataset("marks", 120, lambda number: _of_page(marked_page(number), "marks"), made=True),
        Dataset("tables", 120, lambda number: _of_table(table(number), "cells"), made=True),
        Dataset("combs", 120, lambda number: _of_table(comb(number), "page"), made=True),
    ]
    return sets


def _at_an_angle(number: int, mnist: Path | None) -> Sample:
    """Return a page of stress/pages as it lies turned: each by one angle after the other."""
    degrees = (*QUARTERS, *SLANTS)[number % (len(QUARTERS) + len(SLANTS))]
    made = page("pages", number, _writers(mnist))
    pixels = open_picture(made.picture).slanted(degrees).pixels
    return Sample(pixels, made.truth, "page", f"pages {number} by {degrees}", effects=made.effects)


def _small(height: int, resolution: int) -> Dataset:
    return Dataset(
        f"{height} mm at {resolution} dpi",
        2,
        lambda number: _of_page(small_writing(height, resolution, number), "lines"),
        made=True,
    )


def _of_page(made: SyntheticPage, how: str) -> Sample:
    return Sample(made.picture, made.truth, how, f"{made.kind} {made.number}", effects=made.effects)


def _of_table(made: SyntheticTable, how: str) -> Sample:
    name = f"{made.kind} {made.number}"
    return Sample(made.picture, made.truth, how, name, made.cells, made.effects)
