"""A row of a history, for tests that show one."""

from typing import Any

from inkdigits.training.loop import Epoch


def row(**other: Any) -> Epoch:
    """Return the first epoch of a run, or another."""
    usual = {
        **{f"train_{name}": 0.9 for name in ("accuracy", "precision", "recall")},
        **{f"validation_{name}": 0.95 for name in ("accuracy", "precision", "recall")},
        "epoch": 1,
        "train_loss": 0.3,
        "validation_loss": 0.2,
        "rate": 0.1,
        "seconds": 4.2,
        "validation_seconds": 0.1,
    }
    return Epoch(**{**usual, **other})
