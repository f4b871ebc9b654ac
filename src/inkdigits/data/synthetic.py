"""Synthetic digits: written from strokes, rendered and normalised as MNIST is. No download."""

import numpy as np
import torch

from ..glyphs import written
from ..glyphs.pen import Variation
from .dataset import Dataset
from .digits import Digits

TRAINING, TEST = 60_000, 10_000


def load(seed: int = 0) -> Dataset:
    """Return 60,000 training and 10,000 test digits, each split from writers of its own."""
    return Dataset(
        "synthetic",
        write(TRAINING, seed=2 * seed, name="synthetic training"),
        lambda: write(TEST, seed=2 * seed + 1, name="synthetic test"),
        place=f"drawn from strokes, seed {seed}; no files",
    )


def write(
    count: int,
    seed: int = 0,
    variation: Variation | None = None,
    name: str = "synthetic",
    variant: int | None = None,
) -> Digits:
    """Write `count` digits, each class equally often, ten a writer.

    Parameters
    ----------
    count
        How many.
    seed
        The same seed gives the same digits on the same machine and versions.
    variation
        How far writers differ.
    name
        What to call them.
    variant
        Write every digit in this one of its variants (modulo how many it has), not in a random one.
    """
    random = torch.Generator().manual_seed(seed)
    turns = range(0, count + written.CLASSES - 1, written.CLASSES)
    labels = torch.cat([torch.randperm(written.CLASSES, generator=random) for _ in turns])
    labels = labels[:count]
    pixels = (written.draw(labels, random, variation, variant) * 255).round_().to(torch.uint8)
    return Digits(name, pixels.numpy(), labels.numpy().astype(np.uint8))
