"""How far a download has got, on standard error; nothing where that is no terminal."""

from rich.console import Console
from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TimeRemainingColumn


class DownloadBar:
    """A progress bar as pooch takes one: it sets `total`, and calls the methods.

    Parameters
    ----------
    name
        Of the file.
    """

    def __init__(self, name: str) -> None:
        console = Console(stderr=True)
        self.total = 0  # bytes; 0 where the server does not say
        self._name = name
        self._progress = Progress(
            TextColumn("{task.description}"),
            BarColumn(),
            DownloadColumn(),
            TimeRemainingColumn(),
            console=console,
            transient=True,
            disable=not console.is_terminal,
        )
        self._task = self._progress.add_task(name, total=None)

    def update(self, count: int) -> None:
        """Add bytes that have come."""
        self._progress.start()
        self._progress.update(self._task, total=self.total or None, advance=count)

    def reset(self) -> None:
        """Begin again at nothing."""
        self._progress.reset(self._task)

    def close(self) -> None:
        """Take the bar away."""
        self._progress.stop()
