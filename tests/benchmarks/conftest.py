"""Shipped recipes made small, and figures that nobody measured."""

import pytest

from benchmarks import results
from inkdigits.training import Recipe


@pytest.fixture
def quickened(monkeypatch, tiny):
    """Make every shipped recipe train for one epoch on a network of no size."""
    original = Recipe.load.__func__

    def load(cls, source):
        recipe = original(cls, source)
        if str(source).endswith(".toml"):
            return recipe
        head = recipe.network.head
        small = {"training.epochs": 1, "network.name": "compact", "data.name": "mnist"}
        return recipe.with_settings({**small, "network.options": dict(tiny.network.options),
                                     "network.head": head})  # fmt: skip

    monkeypatch.setattr(Recipe, "load", classmethod(load))


def spread(middle: float) -> dict[str, float]:
    return {"mean": middle, "median": middle, "low": middle * 0.99, "high": middle * 1.01}


MACHINE = {"hardware": "an abacus", "inkdigits": "0", "torch": "2", "python": "3"}
QUICK = {
    "parameters": 23354,
    "epochs": 1.0,
    "seeds": 2,
    "test_top_1": {"mean": 0.9919, "median": 0.9919, "low": 0.9913, "high": 0.9927,
                   "interval": [0.985, 0.998]},
    "without_bad_labels": spread(0.9924),
    "validation_top_1": spread(0.9883),
    "seconds": spread(0.98),
    "each": [
        {"seed": seed, "test_top_1": value, "without_bad_labels": value, "seconds": 1.0,
         "epochs": 1}
        for seed, value in enumerate((0.9913, 0.9927))
    ],
    "settings": "",
    "machine": MACHINE,
}  # fmt: skip
BASELINE = {
    "name": "slow-program",
    "what": "another program",
    "ours": False,
    "parameters": None,
    "n": 3,
    "reached": 2,
    "test_top_1": spread(0.9901),
    "seconds": spread(61),
    "seconds_to_goal": None,
    "epochs": None,
    "ratio": spread(31.4),
}
TRAINING = {"machine": MACHINE, "goal": 0.99, "rounds": 3, "rows": [BASELINE]}
INFERENCE = {
    "machine": MACHINE,
    "rows": [
        {"network": "small", "parameters": 23354, "backend": "onnxruntime", "threads": 1,
         "batch": 1, "digits_per_second": spread(12345), "milliseconds": spread(0.081),
         "memory_mb": 60.2, "n": 5}
    ],
    "skipped": [{"what": "pytorch compiled", "why": "there is no compiler"}],
    "eight_bits": [{"network": "small", "lost": 0.0123, "n": 200}],
}  # fmt: skip


@pytest.fixture
def measured(tmp_path):
    """Return a folder of figures as measurements leave them, but for the machine's own."""
    folder = tmp_path / "docs" / "benchmarks"
    results.save(folder, results.RECIPES, {"quick": QUICK})
    results.save(folder, results.TRAINING, TRAINING)
    results.save(folder, results.INFERENCE, INFERENCE)
    return folder
