"""What is no digit: marks and letters, scribbles, several digits in one box, blots, nothing.

A network that has only ever seen digits takes a dash for a 4. These pictures, all of the class
`NO_DIGIT`, teach it to refuse.
"""

from collections.abc import Callable
from functools import cache

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional

from . import pens, printed
from .digits import NO_DIGIT, Digits
from .pen import BATCH, POINTS, Alphabet, Hand, ink, move
from .strokes import MARKS

HAND = Hand(slant=0.2, looseness=0.5, corners=1.0, pen=1.0, pens=0.4)


def write(count: int, seed: int = 0, name: str = "no digits") -> Digits:
    """Return `count` pictures that are no digits, every kind of them."""
    random = torch.Generator().manual_seed(seed)
    kinds = list(KINDS.values())
    parts = torch.full((count // BATCH + 1,), BATCH)
    pictures = [
        kinds[int(torch.multinomial(_shares(), 1, generator=random))][1](int(part), random)
        for part in parts
    ]
    images = torch.cat(pictures)[:count]
    pixels = (images * 255).round_().to(torch.uint8)
    return Digits(name, pixels.numpy(), np.full(count, NO_DIGIT, np.uint8))


def marks(count: int, random: torch.Generator) -> Tensor:
    """Letters and marks, written by hand."""
    figures = torch.randint(len(MARKS), (count,), generator=random)
    return ink(*move(_marks(), _marks().choose(figures, random), HAND, random), HAND, random)


def letters(count: int, random: torch.Generator) -> Tensor:
    """Letters and short words, printed."""
    return printed.draw(printed.LETTERS, count, random)


def scribbles(count: int, random: torch.Generator) -> Tensor:
    """One long line through points at random: from a crooked hook to a tangle."""
    knots = int(torch.randint(7, 24, (1,), generator=random))
    ends = torch.randn(count, 2, knots, generator=random)
    if knots > 9:  # a line that wanders, in place of one that leaps
        ends = torch.lerp(ends.cumsum(2), ends * 2, torch.rand(count, 1, 1, generator=random))
    points = functional.interpolate(ends, POINTS, mode="linear", align_corners=True)
    points = functional.avg_pool1d(points, 5, 1, 2, count_include_pad=False)
    points = points.transpose(1, 2)
    step = (points[:, 1:] - points[:, :-1]).norm(dim=-1)
    length = torch.zeros(count, POINTS)
    length[:, 1:] += step / 2
    length[:, :-1] += step / 2
    return ink(points, length, HAND, random)


def several(count: int, random: torch.Generator) -> Tensor:
    """Two digits in one box, side by side, touching or overlapping; or one above the other."""
    hand = Hand(pen=0.8)
    pair = [_loose(count, hand, random) for _ in range(2)]
    apart = 0.5 + 0.35 * torch.rand(count, 1, 1, generator=random)
    above = (torch.rand(count, 1, 1, generator=random) < 0.15).float()
    way = torch.cat([apart * (1 - above), apart * above * 1.5], 2) / 2
    points = torch.cat([pair[0][0] - way, pair[1][0] + way], 1)
    length = torch.cat([pair[0][1], pair[1][1]], 1)
    return ink(points[:, ::2], length[:, ::2] * 2, hand, random)


def halves(count: int, random: torch.Generator) -> Tensor:
    """Halves of digits whose halves are none: what is left of a cut in the wrong place."""
    labels = 8 * torch.randint(2, (count,), generator=random)  # 0 and 8
    whole = pens.draw(labels, random, HAND)
    side = torch.rand(count, 1, 1, generator=random) < 0.5
    kept = (torch.arange(28.0) < 14.5) == side
    return whole * kept


def blots(count: int, random: torch.Generator) -> Tensor:
    """Dots, smears and specks: noise that is smooth, cut at a height."""
    side = int(torch.randint(3, 15, (1,), generator=random))
    rough = torch.rand(count, 1, side, side, generator=random)
    smooth = functional.interpolate(rough, (20, 20), mode="bicubic", align_corners=False)[:, 0]
    bare = 0.35 + 0.6 * float(torch.rand(1, generator=random))
    height = torch.quantile(smooth.flatten(1), bare, 1)[:, None, None]
    return functional.pad(((smooth - height) * 4).clamp(0, 1), (4, 4, 4, 4))


def blanks(count: int, random: torch.Generator) -> Tensor:
    """Nothing, or next to nothing: a pixel here and there."""
    specks = torch.rand(count, 28, 28, generator=random)
    rare = torch.rand(count, 1, 1, generator=random) * 0.02
    return (specks < rare).float() * torch.rand(count, 28, 28, generator=random)


KINDS: dict[str, tuple[float, Callable[[int, torch.Generator], Tensor]]] = {
    "marks": (0.35, marks),
    "letters": (0.18, letters),
    "scribbles": (0.16, scribbles),
    "several": (0.2, several),
    "halves": (0.03, halves),
    "blots": (0.06, blots),
    "blanks": (0.02, blanks),
}


def _shares() -> Tensor:
    return torch.tensor([share for share, _ in KINDS.values()])


@cache
def _marks() -> Alphabet:
    return Alphabet.of(list(MARKS.values()))


def _loose(count: int, hand: Hand, random: torch.Generator) -> tuple[Tensor, Tensor]:
    labels = torch.randint(10, (count,), generator=random)
    return move(pens.alphabet(), pens.alphabet().choose(labels, random), hand, random)
