"""Digits as people write them: each in one variant of `strokes.VARIANTS`, in somebody's hand."""

from functools import cache

import torch
from torch import Tensor

from ..alphabet import DIGITS
from .pen import BATCH, Variants, Variation, ink, move
from .strokes import VARIANTS

CLASSES = len(DIGITS)


def draw(
    labels: Tensor,
    random: torch.Generator,
    variation: Variation | None = None,
    variant: int | None = None,
    size: int = 28,
) -> Tensor:
    """Write the digits `labels` ``(N,)`` and return their pictures ``(N, size, size)``, 0 to 1.

    Parameters
    ----------
    labels
        Which digits, ``(N,)`` int64; ten after one another are by one writer.
    random
        What chance is drawn from.
    variation
        How far writers differ.
    variant
        Write every digit in this one of its variants (modulo how many it has), not in a random one.
    size
        Of a picture, in pixels.
    """
    variation, figures = variation or Variation(), variants()
    pictures = [torch.empty(0, size, size)]
    for chunk in labels.split(BATCH):
        if variant is None:
            pick = figures.choose(chunk, random)
        else:
            pick = figures.first[chunk] + variant % figures.count[chunk]
        points, length = move(figures, pick, variation, random)
        pictures.append(ink(points, length, variation, random, size))
    return torch.cat(pictures)


@cache
def variants() -> Variants:
    """Return all the variants of the ten digits."""
    return Variants.of([list(VARIANTS[digit].values()) for digit in range(CLASSES)])
