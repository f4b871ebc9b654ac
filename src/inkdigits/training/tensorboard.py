"""The run as TensorBoard shows it: scalars at every step, and a sheet of misread digits.

Events are written a few batches at a time with TensorBoard's own record writer: no thread, no
import of its summary machinery, so even the shortest training is not slowed.
"""

import io
import os
import time
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import Self

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageDraw
from tensorboard.compat.proto.event_pb2 import Event, SessionLog
from tensorboard.compat.proto.summary_pb2 import Summary
from tensorboard.summary.writer.record_writer import RecordWriter

from ..data.digits import Digits
from ..errors import FileError
from ..files import cause_of, disk
from .loop import Batches, Epoch

SHEET = 8  # misread digits across and down
SCALE = 2


class _Events:
    """A file that events are added to, each time as many as there are."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._handle = disk().create(path)
        self._waiting = bytearray()

    def write(self, content: bytes) -> None:
        self._waiting += content

    def flush(self) -> None:
        content = bytes(self._waiting)
        self._waiting.clear()
        disk().write(self._handle, content)

    def close(self) -> None:
        os.close(self._handle)


class Board:
    """One events file.

    Parameters
    ----------
    folder
        Where it goes.
    step
        How many steps were done before; TensorBoard forgets later ones of an earlier session.
    validates_on_test
        Whether the validation digits are test digits: then their curves also bear that name.
    """

    def __init__(self, folder: Path, step: int, validates_on_test: bool) -> None:
        self.validated = ["Validation"] + ["Test"] * validates_on_test
        self.step = step
        stamp = time.time()
        try:
            disk().make_folder(folder)
            self.file = _Events(folder / f"events.out.tfevents.{stamp:.6f}.{step}")
        except OSError as error:
            raise FileError(f"Cannot write {folder}: {error.strerror}.") from error
        self.records = RecordWriter(self.file)
        # What an earlier session wrote from this step on was of an epoch that was not finished.
        start = SessionLog(status=SessionLog.SessionStatus.START)
        self._write(
            [
                Event(wall_time=stamp, file_version="brain.Event:2"),
                Event(wall_time=stamp, step=step + 1, session_log=start),
            ]
        )

    def batches(self, done: Batches) -> None:
        """Write loss and rate of each batch."""
        now = time.time()
        self._write(
            [
                _scalar(now, done.step + offset, tag, value)
                for offset, pair in enumerate(zip(done.losses, done.rates, strict=True), 1)
                for tag, value in zip(("Loss/Train", "LearningRate"), pair, strict=True)
            ]
        )
        self.step = done.step + len(done.losses)

    def epoch(self, row: Epoch, sheet: bytes) -> None:
        """Write the figures of an epoch, and a PNG of what it misread."""
        now = time.time()
        events = [_scalar(now, self.step, "Accuracy/Train", row.train_accuracy)]
        for part in self.validated:
            events += [
                _scalar(now, self.step, f"{tag}/{part}", value)
                for tag, value in (
                    ("Loss", row.validation_loss),
                    ("Accuracy", row.validation_accuracy),
                    ("SymbolError", row.validation_symbol_error),
                    ("MeanIoU", row.validation_mean_iou),
                )
                if value is not None
            ]
        with Image.open(io.BytesIO(sheet)) as opened:
            width, height, channels = opened.width, opened.height, len(opened.getbands())
        image = Summary.Image(
            height=height, width=width, colorspace=channels, encoded_image_string=sheet
        )
        events.append(_event(now, self.step, Summary.Value(tag="Misread", image=image)))
        self._write(events)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.file.close()

    def _write(self, events: list[Event]) -> None:
        try:
            for event in events:
                self.records.write(event.SerializeToString())
            self.records.flush()
        except OSError as error:
            raise FileError(f"Cannot write {self.file.path}: {cause_of(error)}.") from error


def misread_sheet(digits: Digits, predicted: npt.NDArray[np.int64], names: Sequence[str]) -> bytes:
    """Return a PNG of the first 64 misread digits, each with ``true→predicted`` under it."""
    wrong = np.flatnonzero(predicted != digits.labels)[: SHEET**2]
    sheet = Image.new("L", (SHEET * 28 * SCALE, SHEET * 40 * SCALE))
    draw = ImageDraw.Draw(sheet)
    for place, index in enumerate(wrong):
        left, top = place % SHEET * 28 * SCALE, place // SHEET * 40 * SCALE
        digit = Image.fromarray(digits.images[index]).resize((28 * SCALE, 28 * SCALE))
        sheet.paste(digit, (left, top))
        text = f"{names[digits.labels[index]]} > {names[predicted[index]]}"
        draw.text((left + 14 * SCALE, top + 29 * SCALE), text, fill=200, anchor="ma")
    encoded = io.BytesIO()
    sheet.save(encoded, "PNG")
    return encoded.getvalue()


def _scalar(now: float, step: int, tag: str, value: float) -> Event:
    return _event(now, step, Summary.Value(tag=tag, simple_value=value))


def _event(now: float, step: int, value: Summary.Value) -> Event:
    return Event(wall_time=now, step=step, summary=Summary(value=[value]))
