"""The page of all that was measured: what the JSON files hold, as tables and one chart.

It measures nothing, and does without what was not measured yet.
"""

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import jinja2

from ..errors import FileError
from ..evaluation import drawing
from ..evaluation.report import render, spoken_seconds
from ..files import write_bytes, write_text
from . import chart, results
from .chart import Dot

PAGE = "benchmarks.md"
CHART = "accuracy-against-time.png"
OURS, PUBLISHED, OTHERS = (
    "recipes of inkdigits",
    "published systems, as published",
    "other programs",
)
Row = Mapping[str, Any]


def write(folder: Path) -> Path:
    """Write ``benchmarks.md`` beside `folder`, and its chart into ``pictures`` there.

    Parameters
    ----------
    folder
        Where the JSON files are; what the published systems score is read from
        ``published.json`` beside it, if that is there.

    Returns
    -------
    Path
        The page.

    Raises
    ------
    FileError
        If a file is damaged or lacks what the page tells of.
    """
    try:
        drawn = dots(folder)
        text = _text(folder, bool(drawn))
    except (LookupError, TypeError, ValueError, AttributeError, jinja2.UndefinedError) as error:
        raise FileError(
            f"A file in {folder} is not as `inkdigits bench` writes it ({error}): restore it, or "
            "delete it and measure again."
        ) from error
    if drawn:
        picture = drawing.png(chart.accuracy_against_time(drawn))
        write_bytes(folder.parent / "pictures" / CHART, picture)
    page = folder.parent / PAGE
    write_text(page, text)
    return page


def dots(folder: Path) -> list[Dot]:
    """Return what the chart shows: every recipe and every other program that was measured."""
    found = [_dot(name, OURS, row) for name, row in results.load(folder, results.RECIPES).items()]
    for pair in _published(folder):
        for kind, group in (("corrected", OURS), ("published", PUBLISHED)):
            row = pair[kind]
            seconds = (row["seconds"],) * 3
            found.append(Dot(row["recipe"], group, seconds, _three(row["honest_top_1"], "mean")))
    for row in results.load(folder, results.TRAINING).get("rows", ()):
        group = OURS if row["ours"] else OTHERS
        found.append(_dot(row["name"], group, row))
    drawn: dict[str, Dot] = {}
    for dot in found:  # a recipe that was measured twice is drawn as its own table has it
        drawn.setdefault(dot.name, dot)
    return list(drawn.values())


def _dot(name: str, group: str, row: Row) -> Dot:
    return Dot(name, group, _three(row["seconds"], "median"), _three(row["test_top_1"], "mean"))


def _published(folder: Path) -> list[Row]:
    path = folder.parent / "published.json"
    try:
        systems: list[Row] = json.loads(path.read_text(encoding="utf-8"))["systems"]
    except FileNotFoundError:
        return []
    except (OSError, ValueError) as error:
        raise results.damaged(path) from error
    return systems


def _text(folder: Path, drawn: bool) -> str:
    found = {kind: results.load(folder, kind) for kind in results.KINDS}
    return render(
        "benchmarks.md",
        **found,
        machines=machines(found),
        chart=f"pictures/{CHART}" if drawn else "",
        where=folder.name,
        share=share,
        time=seconds,
        number=number,
        spoken=spoken,
    )


def machines(found: Mapping[str, Mapping[str, Any]]) -> dict[str, list[str]]:
    """Return what was measured on each machine, by the sentence that describes the machine."""
    on: dict[str, list[str]] = {}
    for name, row in found[results.RECIPES].items():
        on.setdefault(on_machine(row["machine"]), []).append(f"`{name}`")
    for kind, what in (
        (results.TRAINING, "other programs"),
        (results.INFERENCE, "reading"),
        (results.MACHINE, "the machine"),
    ):
        if found[kind]:
            on.setdefault(on_machine(found[kind]["machine"]), []).append(what)
    return on


def on_machine(machine: Row) -> str:
    """Say hardware and versions in a line: ``"AMD EPYC, 2 of 2 threads; inkdigits 0.1.0, …"``."""
    return (
        f"{machine['hardware']}; inkdigits {machine['inkdigits']}, PyTorch {machine['torch']}, "
        f"Python {machine['python']}"
    )


def share(spread: Row | None, digits: int = 2) -> str:
    """Say a spread of shares in per cent: mean, least and greatest."""
    return _say(spread, "mean", lambda value: f"{value:.{digits}%}")


def seconds(spread: Row | None) -> str:
    """Say a spread of times as a person would: median, least and greatest."""
    return _say(spread, "median", spoken)


def spoken(time: float) -> str:
    """Say a time as a person would, to the hundredth where it is a matter of seconds."""
    return f"{time:.2f} s" if time < 10 else spoken_seconds(time)


def number(spread: Row | None, digits: int = 1) -> str:
    """Say a spread of plain numbers: median, least and greatest."""
    return _say(spread, "median", lambda value: f"{value:,.{digits}f}")


def _say(spread: Row | None, middle: str, one: Callable[[float], str]) -> str:
    if spread is None:
        return "–"
    mid, low, high = _three(spread, middle)
    return one(mid) if low == high else f"{one(mid)} ({one(low)} to {one(high)})"


def _three(spread: Row, middle: str) -> tuple[float, float, float]:
    return spread[middle], spread["low"], spread["high"]
