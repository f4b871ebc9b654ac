"""Runs side by side: a table, curves on shared axes, and a verdict in plain words."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import combinations
from pathlib import Path

import numpy as np
import numpy.typing as npt

from .. import notebook
from ..errors import RunError
from ..files import write_bytes, write_text
from ..networks import parameter_count
from ..training.loop import Epoch
from ..training.run import Run
from . import drawing, metrics, plots
from .predictions import Predictions
from .report import render, spoken_seconds

COLUMNS = ("test accuracy", "95% interval", "best validation", "epoch", "parameters", "time")


@dataclass(frozen=True, eq=False)
class Answers:
    """What several runs said of the test digits that all of them read.

    Attributes
    ----------
    index
        Where these digits stand in their collection, ``(N,)``.
    labels
        What they are, ``(N,)``.
    probabilities
        What each run said of each, ``(runs, N, C)``.
    """

    index: npt.NDArray[np.int64]
    labels: npt.NDArray[np.uint8]
    probabilities: npt.NDArray[np.float32]

    @classmethod
    def of(cls, predicted: Sequence[Predictions]) -> "Answers":
        """Return what runs said that were evaluated on the same collection."""
        shared = predicted[0].index
        for found in predicted[1:]:
            shared = np.intersect1d(shared, found.index)
        rows = [found.rows(shared) for found in predicted]
        said = [found.probabilities[row] for found, row in zip(predicted, rows, strict=True)]
        return cls(shared, predicted[0].labels[rows[0]], np.stack(said))

    @property
    def right(self) -> npt.NDArray[np.bool_]:
        """Which digits each run read right, ``(runs, N)``."""
        return np.asarray(self.probabilities.argmax(2) == self.labels)


@dataclass(frozen=True, eq=False)
class Comparison:
    """Several runs on the same test digits."""

    names: list[str]
    rows: list[list[str]]  # a run each: its name, then `COLUMNS`
    verdicts: list[str]  # one a pair of runs
    histories: dict[str, list[Epoch]]
    answers: Answers
    page: Path | None = None  # once it is written
    columns: tuple[str, ...] = COLUMNS

    def __repr__(self) -> str:
        return "\n".join(self.verdicts)

    def _repr_html_(self) -> str:
        return notebook.card(
            " against ".join(self.names),
            f"{self.shared:,} test digits that all of them read",
            notebook.table(self.rows, ["run", *self.columns]),
            *map(notebook.paragraph, self.verdicts),
        )

    @property
    def shared(self) -> int:
        """How many test digits all of them read."""
        return len(self.answers.labels)


def compare(runs: Sequence[Run], folder: Path) -> Comparison:
    """Compare evaluated runs and write ``index.html`` and ``curves.png`` into `folder`.

    Raises
    ------
    RunError
        As for `measure`.
    FileError
        If the page cannot be written.
    """
    found = measure(runs)
    return replace(found, page=write_page(found, folder))


def measure(runs: Sequence[Run]) -> Comparison:
    """Compare evaluated runs, and write nothing.

    Raises
    ------
    RunError
        If there are fewer than two, if one was not evaluated, or if they were evaluated on
        different digits.
    """
    if len(runs) < 2:
        raise RunError("A comparison needs two runs or more: name another.")
    names = _distinct(runs)
    predicted = [Predictions.load(run) for run in runs]
    if len({found.digits for found in predicted}) > 1:
        on = ", ".join(f"{n} on {found.on}" for n, found in zip(names, predicted, strict=True))
        raise RunError(
            f"These runs were evaluated on different digits ({on}): evaluate them alike."
        )
    answers = Answers.of(predicted)
    right = answers.right
    return Comparison(
        names=names,
        rows=[_row(name, run) for name, run in zip(names, runs, strict=True)],
        verdicts=[
            verdict(names[a], names[b], metrics.mcnemar(right[a], right[b]), len(answers.labels))
            for a, b in combinations(range(len(runs)), 2)
        ],
        histories={name: run.history for name, run in zip(names, runs, strict=True)},
        answers=answers,
    )


def write_page(found: Comparison, folder: Path) -> Path:
    """Write ``index.html`` and ``curves.png`` into `folder`, and return the page.

    Raises
    ------
    FileError
        If they cannot be written.
    """
    curves = plots.comparison(found.histories)
    write_bytes(folder / "curves.png", drawing.png(curves))
    page = render(
        "comparison.html",
        title=" against ".join(found.names),
        names=found.names,
        rows=found.rows,
        columns=found.columns,
        verdicts=found.verdicts,
        shared=found.shared,
        picture=drawing.svg(curves),
    )
    write_text(folder / "index.html", page)
    return folder / "index.html"


def verdict(first: str, second: str, test: metrics.McNemar, count: int) -> str:
    """Say in plain words which of two networks misreads fewer, and whether that could be chance."""
    fewer = abs(test.only_first - test.only_second)
    apart = test.only_first + test.only_second
    if not apart:
        return f"{first} and {second} are right and wrong on the same digits."
    p = f"p = {test.p:.2g}" if test.p >= 0.001 else "p < 0.001"
    if not fewer:
        return f"{first} and {second} misread equally many of {count:,} ({p})."
    better, worse = (first, second) if test.only_first > test.only_second else (second, first)
    chance = "hardly chance" if test.p < 0.05 else "could be chance"
    return f"{better} misreads {fewer:,} fewer of {count:,} than {worse}; {chance}, {p}."


def _row(name: str, run: Run) -> list[str]:
    history, best, test = run.history, run.best, run.figures.get("accuracy")
    if best is None or test is None:
        raise RunError(f"{run.name} was not evaluated yet: run `inkdigits evaluate {run.name}`.")
    return [
        name,
        f"{test['value']:.2%}",
        f"{test['low']:.2%} – {test['high']:.2%}",
        f"{best.validation_accuracy:.2%}",
        f"{best.epoch} of {len(history)}",
        f"{run.parameters or parameter_count(run.network()):,}",
        spoken_seconds(sum(row.seconds for row in history)),
    ]


def _distinct(runs: Sequence[Run]) -> list[str]:
    names = [run.name for run in runs]
    if len(set(names)) == len(names):
        return names
    if len({run.path.resolve() for run in runs}) < len(runs):
        raise RunError("A run cannot be compared with itself: name two different ones.")
    return [str(run.path) for run in runs]
