"""The runs of a folder: which there are, and each as a row of a table."""

from pathlib import Path

from ..errors import InkdigitsError
from .run import FOLDER, Run


def all_runs(folder: Path = FOLDER) -> list[Run]:
    """Return the runs in `folder`, by name; folders that are no runs are passed over."""
    if not folder.is_dir():
        return []
    return [Run(path.parent) for path in sorted(folder.glob("*/recipe.toml"))]


def describe_run(run: Run) -> list[str]:
    """Return a run as a row: name, recipe, digits, epochs, best, validation, test, interval."""
    try:
        best, test = run.best, run.figures.get("accuracy")
        recipe, length = run.recipe, len(run.history)
    except InkdigitsError as error:
        return [run.name, f"unreadable: {error}", *[""] * 6]
    return [
        run.name,
        recipe.name,
        recipe.data.name,
        f"{length} of {recipe.training.epochs}",
        str(best.epoch) if best else "",
        f"{best.validation_accuracy:.2%}" if best else "",
        f"{test['value']:.2%}" if test else "",
        f"{test['low']:.2%} – {test['high']:.2%}" if test else "",
    ]
