"""Our own recipes: what each scores on MNIST test, over seeds, and what it costs."""

import json
from pathlib import Path

from ..evaluation.report import render, spoken_seconds
from ..files import write_text
from .seeds import machine, train_seeds

RECIPES = ("quick", "standard", "lenet5", "cnn-augmented", "pens")


def measure(seeds: int, out: Path, runs: Path, data: Path | None, device: str) -> Path:
    """Train and evaluate everything, write `out` and a JSON file beside it, and return `out`."""
    folder = runs / "_recipes"
    trained = [train_seeds(name, {}, seeds, folder, data, device, on="mnist") for name in RECIPES]
    found = {**machine(device), "recipes": [one.figures() for one in trained]}
    figures = out.with_suffix(".json")
    write_text(figures, json.dumps(found, indent=2, ensure_ascii=False) + "\n")
    page = render(
        "recipes.md",
        found=found,
        trained=trained,
        seeds=seeds,
        spoken=spoken_seconds,
        path=figures.name,
    )
    write_text(out, page)
    return out
