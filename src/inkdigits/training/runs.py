"""The runs of a folder: which there are, and each as a row of a table."""

from pathlib import Path

from ..errors import InkdigitsError, printable
from .run import FOLDER, Run, folders


def all_runs(folder: Path = FOLDER) -> list[Run]:
    """Return the runs in `folder`, by name; folders that are no runs are passed over.

    Raises
    ------
    RunError
        If the folder cannot be looked into.
    """
    return [Run(path) for path in folders(folder)]


def describe_run(run: Run) -> list[str]:
    """Return a run as a row: name, recipe, digits, epochs, best, validation, test, interval."""
    try:
        run.check()
        found, recipe, test = run.progress, run.recipe, run.figures.get("accuracy")
    except InkdigitsError as error:
        return [printable(run.path.name), f"unreadable: {error}", *[""] * 6]
    best = found.best
    return [
        run.name,
        recipe.name,
        recipe.data.name,
        f"{len(found.history)} of {recipe.training.epochs}",
        str(best.epoch) if best else "",
        f"{best.validation_accuracy:.2%}" if best else "",
        f"{test['value']:.2%}" if test else "",
        f"{test['low']:.2%} – {test['high']:.2%}" if test else "",
    ]
