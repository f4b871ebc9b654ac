"""The runs that a server shows, and what is cached of them.

A name in a request is looked up among the runs there are; it is never made a path.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache
from threading import Lock
from typing import TYPE_CHECKING

from fastapi import Request
from starlette.exceptions import HTTPException

from ..data import Digits, load_dataset
from ..errors import RunError, nearest, printable
from .settings import Settings
from .step_curves import StepCurve, StepReader

if TYPE_CHECKING:  # PyTorch is loaded when a run is asked for
    from pathlib import Path

    from ..evaluation.predictions import Predictions
    from ..training.run import Run

# What comes of files that are gone, or that hold other than what we write.
DAMAGE = (OSError, ValueError, TypeError, AttributeError, LookupError, ArithmeticError)
KEPT = 32  # runs whose predictions and steps stay in memory: half a megabyte each


class RunStore:
    """The runs of one server."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self._lock = Lock()
        self._tests: dict[str, Digits] = {}  # by data set
        self._steps = lru_cache(KEPT)(StepReader)
        self._predictions = lru_cache(KEPT)(_predictions)

    @classmethod
    def of(cls, request: Request) -> RunStore:
        """Return the store of the server that was asked."""
        return _store(request.app.state.settings)

    def runs(self) -> dict[str, Run]:
        """Return all runs by the names of their folders, as they can be text to a client."""
        from ..training.runs import all_runs

        found: dict[str, Run] = {}
        for run in all_runs(self.settings.runs):
            name = text = printable(run.path.name)
            number = 1
            while text in found:  # two names that nobody can say may look alike
                number += 1
                text = f"{name}-{number}"
            found[text] = run
        return found

    def run(self, name: str) -> Run:
        """Return the run of that name.

        Raises
        ------
        HTTPException
            404 if there is none.
        """
        runs = self.runs()
        if name not in runs:
            hint = nearest(name, runs) if runs else "train one with `inkdigits train quick`."
            raise HTTPException(404, f"There is no run {name!r}: {hint}")
        return runs[name]

    def steps(self, run: Run) -> StepCurve:
        """Return losses and rates of the run's single steps so far."""
        return self._steps(run.path / "steps.csv").read()

    def predictions(self, run: Run) -> Predictions:
        """Return what the run text of its test digits.

        Raises
        ------
        RunError
            If it was not evaluated, or if they are damaged.
        """
        from ..evaluation.predictions import FILE

        if not run.figures:  # those of earlier weights count no more
            return _predictions(run.path, 0, 0)
        try:
            status = (run.path / FILE).lstat()
        except OSError:
            return _predictions(run.path, 0, 0)
        return self._predictions(run.path, status.st_mtime_ns, status.st_ino)

    def test_split(self, name: str) -> Digits:
        """Return the test split of a data set; it downloads nothing.

        Raises
        ------
        DataError
            If they are not on this machine.
        """
        with self._lock:  # whoever comes second waits, and does not load them again
            if name not in self._tests:
                self._tests[name] = load_dataset(name, download=False).open_test()
            return self._tests[name]


@contextmanager
def report_damage(*runs: Run) -> Iterator[None]:
    """Say of runs that are looked at within that they are damaged, if they prove to be.

    Raises
    ------
    RunError
        If so.
    """
    try:
        yield
    except DAMAGE as error:
        names = " or ".join(printable(run.path.name) for run in runs)
        raise RunError(
            f"{names} is damaged, or was just changed: reload it, or train it again."
        ) from error


@lru_cache(4)
def _store(settings: Settings) -> RunStore:
    return RunStore(settings)


def _predictions(path: Path, written: int, inode: int) -> Predictions:  # noqa: ARG001
    """Load predictions; `written` and `inode` tell those of different evaluations apart."""
    from ..evaluation.predictions import Predictions
    from ..training.run import Run

    return Predictions.load(Run(path))
