"""Lines and pages that are drawn in no time, and recipes of networks that learn them in seconds."""

import pytest

from inkdigits.training import made
from inkdigits.training.recipe import Recipe

SMALL = {
    "lines": {
        "data.samples": 65,
        "data.validation": 16,
        "training.batch_size": 16,
        "training.averaging": 0.0,
        "network.options": {"channels": [8] * 4, "strides": [[2, 2], [2, 1], [2, 2], [1, 1]]}
        | {"context": 16, "gaps": [1]},
    },
    "pages": {
        "data.samples": 33,
        "data.validation": 8,
        "training.batch_size": 8,
        "training.averaging": 0.0,
        "network.options": {"channels": [8, 8]},
    },
}


def stand_in(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let stand-ins make lines and pages."""
    monkeypatch.setitem(made.MAKERS, "lines", "tests.training.strips")
    monkeypatch.setitem(made.MAKERS, "pages", "tests.training.patches")


def small(task: str, **settings) -> Recipe:
    return Recipe.load(task).with_settings(SMALL[task] | settings)
