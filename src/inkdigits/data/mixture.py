"""What the shipped recogniser learns from: MNIST, pens of all widths, print, and no digits."""

from pathlib import Path

import numpy as np
import torch

from ..alphabet import DIGITS_OR_REJECT
from . import mnist, negatives, pens, printed
from .digits import Collection, Digits
from .pen import Hand

PENS = (
    (22_000, Hand()),
    (14_000, Hand(pen=0.6, pens=0.4, looseness=0.45)),  # thin pens show how neat a hand is
    (6_000, Hand(pen=1.7, pens=0.2)),
    (8_000, Hand(pen=0.9, slant=0.45, looseness=0.4)),  # heavy slants
)
PRINTED = 3_000
NEGATIVES = 34_000


def load(folder: Path | None = None, seed: int = 0) -> Collection:
    """Return the mixture; its first 60,000 are MNIST's training digits, its test half is MNIST's.

    Raises
    ------
    DataError
        If MNIST cannot be had.
    """
    real = mnist.load(folder)
    written = [
        pens.write(count, seed=1000 + 10 * seed + number, hand=hand)
        for number, (count, hand) in enumerate(PENS)
    ]
    none = negatives.write(NEGATIVES, seed=2000 + seed)
    return Collection(
        "mixture", joined("mixture", real.training, *written, _printed(seed), none), real.open_test
    )


def joined(name: str, *parts: Digits) -> Digits:
    """Return all pictures of `parts`, of digits and of none, one part after the other."""
    images = np.concatenate([part.images for part in parts])
    labels = np.concatenate([part.labels for part in parts])
    return Digits(name, images, labels, alphabet=DIGITS_OR_REJECT)


def _printed(seed: int) -> Digits:
    random = torch.Generator().manual_seed(3000 + seed)
    texts = printed.DIGITS
    labels = np.arange(PRINTED) % len(texts)
    images = torch.cat(
        [printed.draw((text,), PRINTED // len(texts), random)[:, None] for text in texts], 1
    )
    pixels = (images.flatten(0, 1) * 255).round().to(torch.uint8)
    return Digits("printed", pixels.numpy(), labels.astype(np.uint8))
