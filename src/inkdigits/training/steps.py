"""``steps.csv`` of a run: the loss and the learning rate of every step, a row each.

TensorBoard's events hold the same, and its own reader takes a second for 20,000 steps; this file
takes a hundredth of that, and any spreadsheet opens it.
"""

import contextlib
from pathlib import Path
from types import TracebackType
from typing import Self

from ..errors import FileError
from ..files import cause_of, read_text, write_text
from .loop import Batches

FILE = "steps.csv"
HEADER = "step,loss,rate\n"
LARGEST = 50_000_000  # bytes: a million steps


class StepLog:
    """The file, open to be added to.

    Parameters
    ----------
    folder
        Of the run.
    step
        How many steps were done before. What an earlier session wrote of later ones was of an
        epoch that was not finished, and is removed.

    Raises
    ------
    FileError
        If it cannot be written.
    """

    def __init__(self, folder: Path, step: int) -> None:
        self.path = folder / FILE
        try:
            rows = read_text(self.path, LARGEST).splitlines(keepends=True)[1:][:step]
        except FileError:  # there is none yet, or none that could be kept
            rows = []
        write_text(self.path, HEADER + "".join(rows), make_folders=False)
        try:
            self.file = self.path.open("a", encoding="utf-8", newline="")
        except OSError as error:
            raise self._error(error) from error

    def batches(self, done: Batches) -> None:
        """Add the steps of a few batches."""
        pairs = enumerate(zip(done.losses, done.rates, strict=True), done.step + 1)
        try:
            self.file.writelines(f"{step},{loss!r},{rate!r}\n" for step, (loss, rate) in pairs)
            self.file.flush()
        except OSError as error:
            raise self._error(error) from error

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        # Closing writes what is left once more; a full disk was reported when it was met.
        with contextlib.suppress(OSError):
            self.file.close()

    def _error(self, error: OSError) -> FileError:
        return FileError(f"Cannot write {self.path}: {cause_of(error)}.")
