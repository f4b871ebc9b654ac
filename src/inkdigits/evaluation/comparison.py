"""Runs compared: a table, curves on shared axes, and whether differences are significant."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import reduce
from itertools import combinations
from pathlib import Path

import numpy as np
import numpy.typing as npt

from .. import notebook
from ..data.digits import Identities
from ..errors import RunError
from ..files import write_bytes, write_text
from ..networks import parameter_count
from ..training.loop import Epoch
from ..training.run import Run
from . import drawing, metrics, plots
from .predictions import Predictions, elsewhere
from .report import render, spoken_seconds

SCOPE = (
    "The test compares these trained networks, not their recipes: with other random seeds the "
    "result may differ."
)
COLUMNS = ("test accuracy", "95% interval", "best validation", "epoch", "parameters", "time")


@dataclass(frozen=True, eq=False)
class Paired:
    """What several runs predicted for the test samples common to all.

    Attributes
    ----------
    identities
        By what each sample is known, ``(N,)``.
    labels
        What they are, ``(N,)``.
    probabilities
        What each run predicted for each, ``(runs, N, C)``.
    """

    identities: Identities
    labels: npt.NDArray[np.int64]
    probabilities: npt.NDArray[np.float32]

    @classmethod
    def of(cls, predicted: Sequence[Predictions]) -> "Paired":
        """Pair predictions sample by sample, whatever else was tested, and in whatever order."""
        keys = [found.keys() for found in predicted]
        shared = reduce(np.intersect1d, keys)
        # In the order in which the first run was tested on them.
        shared = keys[0][np.isin(keys[0], shared)]
        rows = [_rows(own, shared) for own in keys]
        read = [found.probabilities[row] for found, row in zip(predicted, rows, strict=True)]
        first = predicted[0]
        return cls(first.identities[rows[0]], first.labels[rows[0]], np.stack(read))

    @property
    def right(self) -> npt.NDArray[np.bool_]:
        """Which samples each run classified correctly, ``(runs, N)``."""
        return np.asarray(self.probabilities.argmax(2) == self.labels)


def _rows(keys: Identities, wanted: Identities) -> npt.NDArray[np.int64]:
    order = np.argsort(keys)
    return np.asarray(order[np.searchsorted(keys[order], wanted)], np.int64)


@dataclass(frozen=True, eq=False)
class Comparison:
    """Several runs on the same test samples."""

    names: list[str]
    rows: list[list[str]]  # a run each: its name, then `COLUMNS`
    verdicts: list[str]  # one a pair of runs
    histories: dict[str, list[Epoch]]
    paired: Paired
    notes: list[str]  # what a reader of the verdicts should know
    page: Path | None = None  # once it is written
    columns: tuple[str, ...] = COLUMNS

    def __repr__(self) -> str:
        return "\n".join([*self.verdicts, *self.notes])

    def _repr_html_(self) -> str:
        return notebook.card(
            " against ".join(self.names),
            f"{self.shared:,} test samples common to all",
            notebook.table(self.rows, ["run", *self.columns]),
            *map(notebook.paragraph, [*self.verdicts, *self.notes]),
        )

    @property
    def shared(self) -> int:
        """How many test samples all of them were tested on."""
        return len(self.paired.labels)


def compare(runs: Sequence[Run], folder: Path, on: str | None = None) -> Comparison:
    """Compare evaluated runs and write ``index.html`` and ``curves.png`` into `folder`.

    Parameters
    ----------
    runs
        Two or more.
    folder
        Where the page goes.
    on
        The data set on which they were evaluated; by default each on its own.

    Raises
    ------
    RunError
        As for `measure`.
    FileError
        If the page cannot be written.
    """
    found = measure(runs, on)
    return replace(found, page=write_page(found, folder))


def measure(runs: Sequence[Run], on: str | None = None) -> Comparison:
    """Compare evaluated runs as `compare` does, and write nothing.

    Raises
    ------
    RunError
        If there are fewer than two, if one was not evaluated, or if they were evaluated on
        different samples.
    """
    if len(runs) < 2:
        raise RunError("A comparison needs two runs or more: name another.")
    names = _distinct(runs)
    predicted = [Predictions.load(run, elsewhere(run, on)) for run in runs]
    if len({found.symbols for found in predicted}) > 1:
        raise RunError("These runs have different classes: compare runs with the same classes.")
    paired = Paired.of(predicted)
    if not len(paired.labels):
        each = ", ".join(f"{n} on {found.on}" for n, found in zip(names, predicted, strict=True))
        raise RunError(
            f"These runs were tested on different samples ({each}): evaluate them on the same data "
            "set with `inkdigits evaluate --on`."
        )
    notes = [SCOPE]
    if len({found.digest for found in predicted}) > 1:
        *others, last = [f"{len(found.labels):,}" for found in predicted]
        counts = f"{', '.join(others)} and {last}"
        notes.insert(
            0,
            f"The runs were tested on {counts} samples; the comparison and the accuracies are "
            f"of the {len(paired.labels):,} common to all.",
        )
    return Comparison(
        names=names,
        rows=[_row(*each) for each in zip(names, runs, paired.right, strict=True)],
        verdicts=_verdicts(names, paired),
        histories={name: run.history for name, run in zip(names, runs, strict=True)},
        paired=paired,
        notes=notes,
    )


def _verdicts(names: Sequence[str], paired: Paired) -> list[str]:
    """Return a sentence for each pair of runs; p values are adjusted for how many there are."""
    right, pairs = paired.right, list(combinations(range(len(names)), 2))
    tests = [metrics.mcnemar(right[a], right[b]) for a, b in pairs]
    adjusted = metrics.holm([test.p for test in tests])
    return [
        verdict(names[a], names[b], replace(test, p=p), len(paired.labels), len(pairs))
        for (a, b), test, p in zip(pairs, tests, adjusted, strict=True)
    ]


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
        notes=found.notes,
        shared=found.shared,
        picture=drawing.svg(curves),
    )
    write_text(folder / "index.html", page)
    return folder / "index.html"


def verdict(first: str, second: str, test: metrics.McNemar, count: int, pairs: int = 1) -> str:
    """Say which of two networks makes fewer errors, and whether the difference is significant.

    Parameters
    ----------
    first, second
        What they are called.
    test
        McNemar's; its p is adjusted for `pairs` comparisons.
    count
        Test samples that both were tested on.
    pairs
        How many pairs of networks were compared.
    """
    fewer = abs(test.only_first - test.only_second)
    if not test.only_first + test.only_second:
        return f"{first} and {second} are right and wrong on the same samples, {count:,} in all."
    method = "McNemar" if pairs == 1 else f"McNemar, adjusted for {pairs} pairs"
    p = f"p = {test.p:.2g}" if test.p >= 0.001 else "p < 0.001"
    if not fewer:
        return f"{first} and {second} misclassify the same number of {count:,} ({method}, {p})."
    better, worse = (first, second) if test.only_first > test.only_second else (second, first)
    significant = "significant" if test.p < 0.05 else "not significant"
    return (
        f"{better} misclassifies {fewer:,} fewer of {count:,} than {worse}: {significant} "
        f"({method}, {p})."
    )


def _row(name: str, run: Run, right: npt.NDArray[np.bool_]) -> list[str]:
    history, best, test = run.history, run.best, metrics.share(int(right.sum()), len(right))
    if best is None:
        raise RunError(f"{run.path} has no history: train the run again.")
    return [
        name,
        f"{test.value:.2%}",
        f"{test.low:.2%} – {test.high:.2%}",
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
