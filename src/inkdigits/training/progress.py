"""What a person sees while a network learns: a live bar in a terminal, plain lines elsewhere."""

from collections.abc import Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, Progress, TaskID, TextColumn, TimeRemainingColumn

from .loop import Batches, Epoch


class Lines:
    """Plain lines: one every 20 batches, one an epoch. For pipes, logs and notebooks."""

    def __init__(self, console: Console) -> None:
        self.console = console

    def batches(self, done: Batches) -> None:
        """Tell of the last few batches."""
        self._say(
            f"epoch {done.epoch}/{done.epochs}  batch {done.batch}/{done.batches}  "
            f"loss {done.losses[-1]:.4f}"
        )

    def epoch(self, row: Epoch, best: bool) -> None:
        """Tell of a finished epoch."""
        self._say(
            f"epoch {row.epoch}  loss {row.train_loss:.4f}  accuracy {row.train_accuracy:.2%}  "
            f"validation loss {row.validation_loss:.4f}  accuracy {row.validation_accuracy:.2%}  "
            f"{row.seconds:.1f} s{'  best so far' if best else ''}"
        )

    def note(self, sentence: str) -> None:
        """Tell a sentence."""
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


class Silent(Lines):
    """Nothing at all."""

    def _say(self, text: str) -> None:
        pass


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
    else:
        yield Lines(console)
