"""One tensor against one Python call an image: seconds an epoch, side by side.

Each published recipe is trained with the same network, optimiser and batch size, in turn by our
loop and by the loader it was published with: picture → tensor → normalise → collate, image by
image. Run with nothing else running:

    python benchmarks/loader.py [--epochs 3] [--data DIR] [--json FILE]
"""

import argparse
import json
import statistics
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import torch
from PIL import Image
from torch.nn import functional
from torch.utils.data import DataLoader, Dataset

from inkdigits import networks
from inkdigits.data import load_digits
from inkdigits.data.digits import Digits
from inkdigits.files import write_text
from inkdigits.training import Recipe, loop
from inkdigits.training.device import describe
from inkdigits.training.environment import versions

RECIPES = ("one-conv", "mlp", "cnn", "spatial-dropout", "simple-cnn")
WORKERS = {"spatial-dropout": 1}  # as published; the others load in the training process
CPU = torch.device("cpu")


class Pictures(Dataset[tuple[torch.Tensor, int]]):
    """A data set as the tutorials write it: one picture a call, through PIL."""

    def __init__(self, digits: Digits, mean: float, std: float) -> None:
        self.images = torch.from_numpy(digits.images.copy())
        self.labels = digits.labels.astype(np.int64).tolist()
        self.mean, self.std = mean, std

    def __len__(self) -> int:
        return len(self.labels)

    def __getitem__(self, index: int) -> tuple[torch.Tensor, int]:
        picture = Image.fromarray(self.images[index].numpy())
        pixels = torch.from_numpy(np.array(picture, np.uint8, copy=True))
        pixels = pixels.view(28, 28, 1).permute(2, 0, 1).contiguous().float().div(255)
        return pixels.sub_(self.mean).div_(self.std), self.labels[index]


def main() -> None:
    """Measure every recipe and print a table."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("--epochs", type=int, default=3, help="of each kind, in turn")
    parser.add_argument("--data", type=Path, default=None, help="folder that holds MNIST")
    parser.add_argument("--json", type=Path, default=None, help="write the figures here")
    options = parser.parse_args()
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
        write_text(options.json, json.dumps(found, indent=2) + "\n")


def measure(name: str, epochs: int, data: Path | None) -> dict[str, object]:
    """Return the seconds an epoch of one recipe takes each way, taken in turn."""
    recipe = Recipe.load(f"{name}-published")
    digits = load_digits("mnist", recipe.data.split, data).train
    ways = {
        "loader": published_epochs(recipe, digits, WORKERS.get(name, 0)),
        "float32": our_epochs(recipe, digits),
        "ours": our_epochs(recipe.with_settings({"training.precision": "auto"}), digits),
    }
    for step in ways.values():
        step(200)  # what is done once is not what is measured
    seconds: dict[str, list[float]] = {way: [] for way in ways}
    for _ in range(epochs):
        for way, step in ways.items():
            seconds[way].append(step(len(digits)))
    ratios = [a / b for a, b in zip(seconds["loader"], seconds["ours"], strict=True)]
    medians = {way: statistics.median(times) for way, times in seconds.items()}
    return {
        "recipe": recipe.name,
        "digits": len(digits),
        **medians,
        "ratio": statistics.median(ratios),
        "ratios": ratios,
    }


def our_epochs(recipe: Recipe, digits: Digits) -> Callable[[int], float]:
    """Return what trains on the first few digits by our loop and gives the seconds it took."""
    state = loop.State.fresh(recipe, CPU)

    def epoch(count: int) -> float:
        tensors = loop.Tensors.of(digits[:count], CPU)
        state.epoch = 0
        begin = time.perf_counter()
        loop.train_epoch(state, recipe, tensors, lambda _: None)
        return time.perf_counter() - begin

    return epoch


def published_epochs(recipe: Recipe, digits: Digits, workers: int) -> Callable[[int], float]:
    """Return what trains on the first few digits as published and gives the seconds it took."""
    torch.manual_seed(recipe.training.seed)
    settings = recipe.network
    network = networks.build(settings)
    network.normalise = torch.nn.Identity()  # this way normalises each picture as it is loaded
    optimiser = torch.optim.Adam(network.parameters(), lr=recipe.optimiser.rate)
    network.train()

    def epoch(count: int) -> float:
        pictures = Pictures(digits[:count], settings.mean, settings.std)
        loader = DataLoader(pictures, recipe.training.batch_size, shuffle=True, num_workers=workers)
        total = 0.0
        begin = time.perf_counter()
        for images, labels in loader:
            optimiser.zero_grad()
            loss = functional.cross_entropy(network(images), labels)
            loss.backward()
            optimiser.step()
            total += loss.item()
        return time.perf_counter() - begin

    return epoch


if __name__ == "__main__":
    main()
