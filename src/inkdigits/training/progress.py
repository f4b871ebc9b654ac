"""What a person sees while a network trains: a live bar in a terminal or notebook, else lines.

Notes and epochs are also logged, by ``inkdigits.training.progress`` at the level INFO: a program
that shows no progress can still record it.
"""

import logging
import time
from collections.abc import Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, Progress, TaskID, TextColumn, TimeRemainingColumn

from .. import notebook
from ..notebook import Html
from .loop import Batches, Epoch

logger = logging.getLogger(__name__)

EPOCHS = ("epoch", "loss", "accuracy", "validation loss", "validation accuracy", "time", "")
EVERY = 0.1  # seconds between two drawings of a bar in a notebook, at least


class Lines:
    """Plain lines: one every 20 batches, one an epoch. For pipes and logs."""

    def __init__(self, console: Console) -> None:
        self.console = console

    def batches(self, done: Batches) -> None:
        """Show the last few batches."""
        self._say(
            f"epoch {done.epoch}/{done.epochs}  batch {done.batch}/{done.batches}  "
            f"loss {done.losses[-1]:.4f}"
        )

    def epoch(self, row: Epoch, best: bool) -> None:
        """Show a finished epoch, and log it."""
        self.note(_line(row, best))

    def note(self, sentence: str) -> None:
        """Show a sentence, and log it."""
        logger.info("%s", sentence)
        self._say(sentence)

    def _say(self, text: str) -> None:
        self.console.print(text, markup=False, highlight=False, soft_wrap=True)


class Bar(Lines):
    """A live bar with loss, accuracy and the time left; finished epochs stay above it."""

    def __init__(self, console: Console) -> None:
        super().__init__(console)
        self.progress = Progress(
            TextColumn("{task.description}"),
            BarColumn(),
            TextColumn("{task.fields[figures]}"),
            TimeRemainingColumn(),
            console=console,
            transient=True,
        )
        self.task: TaskID | None = None

    def batches(self, done: Batches) -> None:
        """Move the bar."""
        total = done.epochs * done.batches
        if self.task is None:
            # The time left is reckoned from here on, not from the epochs of an earlier session.
            self.task = self.progress.add_task("", total=total, completed=done.step, figures="")
        self.progress.update(
            self.task,
            completed=(done.epoch - 1) * done.batches + done.batch,
            description=f"epoch {done.epoch}/{done.epochs}",
            figures=f"loss {done.losses[-1]:.4f}  accuracy {done.accuracy:.1%}",
        )

    def _say(self, text: str) -> None:
        self.progress.console.print(escape(text), highlight=False, soft_wrap=True)


class Cell(Lines):
    """A live bar in a notebook, under a table of the epochs: one output, drawn again in place."""

    def __init__(self, console: Console) -> None:
        super().__init__(console)
        self.before: list[str] = []  # what was said before the first epoch was done
        self.rows: list[tuple[str, ...]] = []
        self.after: list[str] = []
        self.output = notebook.Output()
        self.began: float | None = None
        self.first = 0
        self.drawn = 0.0

    def batches(self, done: Batches) -> None:
        """Move the bar."""
        now, position = time.monotonic(), (done.epoch - 1) * done.batches + done.batch
        if self.began is None:  # as for `Bar`
            self.began, self.first = now, position
        if now - self.drawn < EVERY:
            return
        self.drawn = now
        total = done.epochs * done.batches
        left = (now - self.began) * (total - position) / max(position - self.first, 1)
        figures = (
            f"epoch {done.epoch}/{done.epochs}",
            f"loss {done.losses[-1]:.4f}",
            f"accuracy {done.accuracy:.1%}",
            f"{left:.0f} s left" if position > self.first else "",
        )
        self._draw(notebook.bar(position / total, figures))

    def epoch(self, row: Epoch, best: bool) -> None:
        """Add a row, and log it."""
        logger.info("%s", _line(row, best))
        self.rows.append(
            (
                str(row.epoch),
                f"{row.train_loss:.4f}",
                f"{row.train_accuracy:.2%}",
                f"{row.validation_loss:.4f}",
                f"{row.validation_accuracy:.2%}",
                f"{row.seconds:.1f} s",
                "best so far" if best else "",
            )
        )
        self._draw()

    def close(self) -> None:
        """Take the bar away."""
        self._draw()

    def _say(self, text: str) -> None:
        (self.after if self.rows else self.before).append(text)
        self._draw()

    def _draw(self, *bar: Html) -> None:
        table = [notebook.table(self.rows, EPOCHS)] if self.rows else []
        before, after = (map(notebook.paragraph, said) for said in (self.before, self.after))
        self.output.draw(*before, *table, *after, *bar)


class Silent(Lines):
    """Nothing at all."""

    def _say(self, text: str) -> None:
        pass


def _line(row: Epoch, best: bool) -> str:
    return (
        f"epoch {row.epoch}  loss {row.train_loss:.4f}  accuracy {row.train_accuracy:.2%}  "
        f"validation loss {row.validation_loss:.4f}  accuracy {row.validation_accuracy:.2%}  "
        f"{row.seconds:.1f} s{'  best so far' if best else ''}"
    )


@contextmanager
def shown(progress: bool, console: Console | None = None) -> Iterator[Lines]:
    """Give a display that fits where the output goes."""
    console = console or Console(stderr=False)
    if not progress:
        yield Silent(console)
    elif console.is_terminal:
        bar = Bar(console)
        with bar.progress:
            yield bar
    elif console.is_jupyter:
        cell = Cell(console)
        try:
            yield cell
        finally:
            cell.close()
    else:
        yield Lines(console)
