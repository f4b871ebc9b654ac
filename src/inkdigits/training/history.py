"""The history of a run: which epoch is its best, whether it goes on, and how it is written."""

import csv
import io
from collections.abc import Sequence
from dataclasses import MISSING, fields

from .loop import Epoch
from .recipe import Recipe

COLUMNS = [field.name for field in fields(Epoch) if field.default is MISSING]  # of every task


def best_epoch(history: Sequence[Epoch], monitor: str) -> Epoch | None:
    """Return the first epoch that no later one beats."""
    if not history:
        return None
    if monitor == "last":
        return history[-1]
    if monitor == "loss":
        return min(history, key=lambda row: row.validation_loss)
    return max(history, key=lambda row: row.validation_accuracy)


def stalled(history: Sequence[Epoch], recipe: Recipe, since: int) -> bool:
    """Whether patience has run out: too many epochs without a better one, counted from `since`."""
    best = best_epoch(history, recipe.stopping.monitor)
    patience = recipe.stopping.patience
    return bool(best and patience and len(history) - max(best.epoch, since) >= patience)


def to_csv(history: Sequence[Epoch]) -> str:
    """Return a history as a spreadsheet has it: a row an epoch, a column a figure of its task."""
    text, rows = io.StringIO(newline=""), [row.to_dict() for row in history]
    writer = csv.DictWriter(text, list(rows[0]) if rows else COLUMNS, lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue()
