"""Losses and rates of single steps, from the events that a run writes while it learns.

The files only grow, so each is read on from where the last look ended.
"""

import os
import struct
from array import array
from dataclasses import dataclass
from pathlib import Path
from threading import Lock

import numpy as np

from ..errors import FileError
from ..files import opened

HEAD = struct.Struct("<QI")  # of a record: its length, and a checksum of that
TAIL = 4  # bytes: a checksum of its content
LOSS, RATE = "Loss/Train", "LearningRate"
MOST = 500  # points that a curve needs
AT_ONCE = 64_000_000  # bytes read at a look: the steps of some hours


@dataclass(frozen=True)
class StepCurve:
    """A curve of single steps, each point the mean of as many.

    Attributes
    ----------
    done
        StepReader so far.
    every
        StepReader a point; a power of two, so that points stay where they are while a curve grows.
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
    folder
        Where its events are.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._files: dict[Path, _EventFile] = {}
        self._lock = Lock()

    def read(self) -> StepCurve:
        """Return all steps so far."""
        with self._lock:
            losses, rates = array("d"), array("d")
            for path in sorted(self._folder.glob("events.*")):
                file = self._files.setdefault(path, _EventFile(path))
                file.read_on()
                # A run that is resumed repeats what was lost of an epoch that had not ended.
                del losses[file.before :], rates[file.before :]
                losses.extend(file.losses)
                rates.extend(file.rates)
            return thin(losses, rates)


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


class _EventFile:
    """One file of events, as far as it was read: its steps follow one another without a gap."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._restart(0)

    def _restart(self, inode: int) -> None:
        self.inode, self.offset, self.before = inode, 0, 0
        self.losses, self.rates = array("d"), array("d")

    def read_on(self) -> None:
        """Take in the records that are whole by now."""
        try:
            with opened(self.path) as file:
                status = os.fstat(file.fileno())
                if status.st_ino != self.inode or status.st_size < self.offset:
                    self._restart(status.st_ino)
                if status.st_size == self.offset:
                    return
                file.seek(self.offset)
                content = file.read(AT_ONCE)
        except FileError:  # it has been deleted: there is nothing more of it
            return
        at = 0
        while len(content) - at >= HEAD.size:
            (length, _) = HEAD.unpack_from(content, at)
            end = at + HEAD.size + length + TAIL
            if end > len(content):  # it is still being written
                break
            self._take(content[at + HEAD.size : end - TAIL])
            at = end
        self.offset += at

    def _take(self, record: bytes) -> None:
        from google.protobuf.message import DecodeError  # type: ignore[import-untyped]
        from tensorboard.compat.proto.event_pb2 import Event

        try:
            event = Event.FromString(record)
        except DecodeError:  # damaged: what follows may be whole
            return
        if event.HasField("session_log"):
            self.before = max(event.step - 1, 0)
        for value in event.summary.value:
            if value.tag == LOSS:
                self.losses.append(value.simple_value)
            elif value.tag == RATE:
                self.rates.append(value.simple_value)
