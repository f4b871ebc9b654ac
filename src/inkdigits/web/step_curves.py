"""Losses and rates of single steps, from the ``steps.csv`` that a run adds to while it trains.

Of a file that has only grown, no more is read than what is new.
"""

import os
from array import array
from dataclasses import dataclass
from pathlib import Path
from threading import Lock

import numpy as np

from ..errors import FileError
from ..files import opened

MOST = 500  # points that a curve needs
LARGEST = 50_000_000  # bytes: a million steps


@dataclass(frozen=True)
class StepCurve:
    """A curve of single steps, each point the mean of as many.

    Attributes
    ----------
    done
        Steps so far.
    every
        Steps a point; a power of two, so that points stay where they are while a curve grows.
    losses, rates
        One a point.
    """

    done: int
    every: int
    losses: list[float]
    rates: list[float]


class StepReader:
    """The steps of one run.

    Parameters
    ----------
    path
        Of its ``steps.csv``.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._lock = Lock()
        self._restart(0)

    def read(self) -> StepCurve:
        """Return all steps so far."""
        with self._lock:
            try:
                self._read_on()
            except FileError:  # it is not there, or has been deleted
                self._restart(0)
            return thin(self._losses, self._rates)

    def _restart(self, inode: int) -> None:
        self._inode, self._offset = inode, 0
        self._losses, self._rates = array("d"), array("d")

    def _read_on(self) -> None:
        """Take in the rows that are whole by now."""
        with opened(self._path) as file:
            status = os.fstat(file.fileno())
            # A run that is resumed writes a new file, without the epoch that was not done.
            if status.st_ino != self._inode or status.st_size < self._offset:
                self._restart(status.st_ino)
            if self._offset >= min(status.st_size, LARGEST):
                return
            file.seek(self._offset)
            content = file.read(LARGEST)
        whole = content[: content.rfind(b"\n") + 1]  # the last row may still be written
        self._offset += len(whole)
        for row in whole.splitlines():
            try:
                _, loss, rate = map(float, row.split(b","))
            except ValueError:  # the header, or damage: what follows may be whole
                continue
            self._losses.append(loss)
            self._rates.append(rate)


def thin(losses: "array[float]", rates: "array[float]") -> StepCurve:
    """Return `losses` and `rates` as at most `MOST` points."""
    done = min(len(losses), len(rates))
    every = 1
    while done > MOST * every:
        every *= 2
    return StepCurve(done, every, _means(losses, done, every), _means(rates, done, every))


def _means(values: "array[float]", done: int, every: int) -> list[float]:
    if not done:
        return []
    starts = np.arange(0, done, every)
    totals = np.add.reduceat(np.frombuffer(values)[:done], starts)
    return [float(mean) for mean in totals / np.minimum(every, done - starts)]
