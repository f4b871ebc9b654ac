"""Synthetic pen digits: written from strokes, rendered and normalised as MNIST is. No download.

Every digit is one way of writing it (`strokes.WAYS`) in the hand of a writer (`pen.Hand`).
"""

from functools import cache

import numpy as np
import torch
from torch import Tensor

from ..alphabet import DIGITS
from .digits import Collection, Digits
from .pen import BATCH, Alphabet, Hand, ink, move
from .strokes import WAYS

TRAINING, TEST = 60_000, 10_000
CLASSES = len(DIGITS)


def load(seed: int = 0) -> Collection:
    """Return 60,000 training and 10,000 test digits, each half from writers of its own."""
    return Collection(
        "pens",
        write(TRAINING, seed=2 * seed, name="pens training"),
        lambda: test_half(seed),
    )


def test_half(seed: int = 0) -> Digits:
    """Return the test digits of `load` alone, without writing the others."""
    return write(TEST, seed=2 * seed + 1, name="pens test")


def write(
    count: int, seed: int = 0, hand: Hand | None = None, name: str = "pens", way: int | None = None
) -> Digits:
    """Write `count` digits, each class equally often, ten a writer.

    Parameters
    ----------
    count
        How many.
    seed
        The same seed gives the same digits on the same machine and versions.
    hand
        How far writers differ.
    name
        What to call them.
    way
        Write every digit in this one of its ways (modulo how many it has), not in a random one.
    """
    random = torch.Generator().manual_seed(seed)
    turns = range(0, count + CLASSES - 1, CLASSES)
    labels = torch.cat([torch.randperm(CLASSES, generator=random) for _ in turns])
    labels = labels[:count]
    pixels = (draw(labels, random, hand, way) * 255).round_().to(torch.uint8)
    return Digits(name, pixels.numpy(), labels.numpy().astype(np.uint8))


def draw(
    labels: Tensor,
    random: torch.Generator,
    hand: Hand | None = None,
    way: int | None = None,
    size: int = 28,
) -> Tensor:
    """Write the digits `labels` ``(N,)`` and return their pictures ``(N, size, size)``, 0 to 1."""
    hand, ways = hand or Hand(), alphabet()
    pictures = [torch.empty(0, size, size)]
    for chunk in labels.split(BATCH):
        if way is None:
            pick = ways.choose(chunk, random)
        else:
            pick = ways.first[chunk] + way % ways.count[chunk]
        pictures.append(ink(*move(ways, pick, hand, random), hand, random, size))
    return torch.cat(pictures)


@cache
def alphabet() -> Alphabet:
    """Return all the ways of the ten digits."""
    return Alphabet.of([list(WAYS[digit].values()) for digit in range(CLASSES)])
