"""What the shipped recogniser learns from: MNIST, synthetic digits, print, and no digits."""

import numpy as np
import torch

from ..alphabet import DIGITS_OR_REJECT
from ..glyphs import negatives, printed
from ..glyphs.pen import Variation
from . import mnist, synthetic
from .dataset import Dataset
from .digits import Digits

WRITTEN = (
    (22_000, Variation()),
    (14_000, Variation(pen=0.6, pens=0.4, looseness=0.45)),  # thin pens show how neat a hand is
    (6_000, Variation(pen=1.7, pens=0.2)),
    (8_000, Variation(pen=0.9, slant=0.45, looseness=0.4)),  # heavy slants
)
PRINTED = 3_000
NEGATIVES = 34_000


def load(seed: int = 0, *, download: bool = True) -> Dataset:
    """Return the mixture; its first 60,000 are MNIST's training digits, its test split is MNIST's.

    Raises
    ------
    DataError
        If MNIST cannot be had.
    """
    real = mnist.load(download=download)
    written = [
        synthetic.write(count, seed=1000 + 10 * seed + number, variation=variation)
        for number, (count, variation) in enumerate(WRITTEN)
    ]
    none = Digits("no digits", *negatives.write(NEGATIVES, 2000 + seed), alphabet=DIGITS_OR_REJECT)
    return Dataset(
        "mixture",
        joined("mixture training", real.training, *written, _printed(seed), none),
        real.open_test,
        place=f"{real.place}, with synthetic and printed digits, and pictures without a digit",
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
