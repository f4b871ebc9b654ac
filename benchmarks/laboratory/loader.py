"""One tensor against one Python call an image: seconds an epoch, side by side.

Each published recipe is trained with the same network, optimiser and batch size, in turn by our
loop and by the loader it was published with: picture → tensor → normalise → collate, image by
image. Run with nothing else running:

    python -m benchmarks loader [--epochs 3] [--data DIR] [--json FILE]
"""

import statistics
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from benchmarks import results
from benchmarks.laboratory.baselines import CPU, Learner, Ours, as_published
from benchmarks.options import argument_parser
from inkdigits.data import load_digits
from inkdigits.data.digits import Digits
from inkdigits.training import Recipe
from inkdigits.training.device import describe
from inkdigits.training.environment import versions

RECIPES = ("one-conv", "mlp", "cnn", "spatial-dropout", "simple-cnn")
WORKERS = {"spatial-dropout": 1}  # as published; the others load in the training process
WARM = 200  # digits: what is done once is not what is measured


def main(arguments: Sequence[str]) -> None:
    """Measure every recipe and print a table."""
    parser = argument_parser("loader", __doc__)
    parser.add_argument("--epochs", type=int, default=3, help="of each kind, in turn")
    parser.add_argument("--data", type=Path, default=None, help="folder that holds MNIST")
    parser.add_argument("--json", type=Path, default=None, help="write the figures here")
    options = parser.parse_args(arguments)
    rows = [measure(name, options.epochs, options.data) for name in RECIPES]
    print(f"{describe(CPU)}; medians of {options.epochs} epochs, seconds an epoch")
    print(f"{'recipe':28}{'loader':>9}{'ours, float32':>15}{'ours':>9}{'ratio':>8}{'spread':>14}")
    for row in rows:
        low, high = min(row["ratios"]), max(row["ratios"])
        print(
            f"{row['recipe']:28}{row['loader']:9.2f}{row['float32']:15.2f}{row['ours']:9.2f}"
            f"{row['ratio']:8.1f}{f'{low:.1f} to {high:.1f}':>14}"
        )
    if options.json is not None:
        found = {"hardware": describe(CPU), **versions(), "epochs": options.epochs, "rows": rows}
        results.write_json(options.json, found)


def measure(name: str, epochs: int, data: Path | None) -> dict[str, Any]:
    """Return the seconds an epoch of one recipe takes each way, taken in turn."""
    recipe = Recipe.load(f"{name}-published")
    wide = recipe.with_settings({"training.precision": "auto"})
    digits = load_digits("mnist", recipe.data.split).train
    ways: dict[str, Callable[[Digits], Learner]] = {
        "loader": lambda digits: as_published(recipe, digits, WORKERS.get(name, 0)),
        "float32": lambda digits: Ours(recipe, digits),
        "ours": lambda digits: Ours(wide, digits),
    }
    for begin in ways.values():
        begin(digits[:WARM]).epoch()
    learners = {way: begin(digits) for way, begin in ways.items()}
    seconds: dict[str, list[float]] = {way: [] for way in ways}
    for _ in range(epochs):
        for way, learner in learners.items():
            start = time.perf_counter()
            learner.epoch()
            seconds[way].append(time.perf_counter() - start)
    ratios = [a / b for a, b in zip(seconds["loader"], seconds["ours"], strict=True)]
    medians = {way: statistics.median(times) for way, times in seconds.items()}
    return {
        "recipe": recipe.name,
        "digits": len(digits),
        **medians,
        "ratio": statistics.median(ratios),
        "ratios": ratios,
    }
