"""The page of all that was measured: what the JSON files hold, as tables and one chart.

It measures nothing, and does without what was not measured yet.
"""

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import jinja2

from benchmarks import results
from benchmarks.laboratory import chart
from benchmarks.laboratory.chart import Dot
from inkdigits.errors import FileError
from inkdigits.evaluation import drawing
from inkdigits.evaluation.report import spoken_seconds
from inkdigits.files import write_bytes, write_text

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
            f"A file in {folder} is not as `python -m benchmarks` writes it ({error}): restore it, "
            "or delete it and measure again."
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
    return results.render(
        PAGE,
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
    """Write hardware and versions in a line: ``"AMD EPYC, 2 of 2 threads; inkdigits 0.1.0, …"``."""
    return (
        f"{machine['hardware']}; inkdigits {machine['inkdigits']}, PyTorch {machine['torch']}, "
        f"Python {machine['python']}"
    )


def share(summary: Row | None, digits: int = 2) -> str:
    """Write a summary of shares in per cent: mean, least and greatest."""
    return _write(summary, "mean", lambda value: f"{value:.{digits}%}")


def seconds(summary: Row | None) -> str:
    """Write a summary of times as a person would: median, least and greatest."""
    return _write(summary, "median", spoken)


def spoken(time: float) -> str:
    """Write a time as a person would, to the hundredth where it is a matter of seconds."""
    return f"{time:.2f} s" if time < 10 else spoken_seconds(time)


def number(summary: Row | None, digits: int = 1) -> str:
    """Write a summary of plain numbers: median, least and greatest."""
    return _write(summary, "median", lambda value: f"{value:,.{digits}f}")


def _write(summary: Row | None, middle: str, one: Callable[[float], str]) -> str:
    if summary is None:
        return "–"
    mid, low, high = _three(summary, middle)
    return one(mid) if low == high else f"{one(mid)} ({one(low)} to {one(high)})"


def _three(summary: Row, middle: str) -> tuple[float, float, float]:
    return summary[middle], summary["low"], summary["high"]
