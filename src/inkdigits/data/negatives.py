"""What is no digit: marks and letters, scribbles, several digits in one box, blots, nothing.

A network that has only ever seen digits takes a dash for a 4. These pictures teach it to refuse:
those labelled `NONE` for good, those labelled `SEVERAL` until they are taken apart.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional

from ..alphabet import DIGITS_OR_REJECT, NO_SYMBOL, SEVERAL_SYMBOLS
from . import pens, printed
from .digits import Digits
from .pen import BATCH, POINTS, Alphabet, Hand, ink, move
from .strokes import MARKS

NONE = DIGITS_OR_REJECT.names.index(NO_SYMBOL)
SEVERAL = DIGITS_OR_REJECT.names.index(SEVERAL_SYMBOLS)
HAND = Hand(slant=0.2, looseness=0.5, corners=1.0, pen=1.0, pens=0.4)


def write(count: int, seed: int = 0, name: str = "no digits") -> Digits:
    """Return `count` pictures to refuse: of some thousands, every kind of them."""
    random = torch.Generator().manual_seed(seed)
    kinds = list(KINDS)
    shares = torch.tensor([kind.share for kind in kinds])
    pictures, labels = [], []
    for _ in range(0, max(count, 1), BATCH):
        kind = kinds[int(torch.multinomial(shares, 1, generator=random))]
        pictures.append(kind.draw(BATCH, random))
        labels.append(np.full(BATCH, kind.label, np.uint8))
    pixels = (torch.cat(pictures)[:count] * 255).round_().to(torch.uint8)
    return Digits(name, pixels.numpy(), np.concatenate(labels)[:count], alphabet=DIGITS_OR_REJECT)


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
    """Two or three digits in one box, side by side, touching or overlapping."""
    hand = Hand(pen=0.8)
    many = 2 + int(torch.rand(1, generator=random) < 0.35)
    labels = torch.randint(len(DIGITS_OR_REJECT.symbols), (many, count), generator=random)
    written = [
        move(pens.alphabet(), pens.alphabet().choose(one, random), hand, random) for one in labels
    ]
    apart = 0.5 + 0.4 * torch.rand(count, 1, generator=random)
    rise = 0.1 * torch.randn(count, 1, generator=random)
    points, length = [], []
    for number, (way, long) in enumerate(written):
        place = number - (many - 1) / 2
        points.append(way[:, ::many] + place * torch.cat([apart, rise], 1)[:, None])
        length.append(long[:, ::many] * many)
    return ink(torch.cat(points, 1)[:, :POINTS], torch.cat(length, 1)[:, :POINTS], hand, random)


def numbers(count: int, random: torch.Generator) -> Tensor:
    """Numbers of two or three digits, printed."""
    return printed.draw(printed.NUMBERS, count, random)


def halves(count: int, random: torch.Generator) -> Tensor:
    """Halves of a 0, which are no digits: what is left of a cut in the wrong place."""
    whole = pens.draw(torch.zeros(count, dtype=torch.int64), random, HAND)
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


@dataclass(frozen=True)
class Kind:
    """One kind of pictures to refuse: what part of all it is, its label, and who draws it."""

    share: float
    label: int
    draw: Callable[[int, torch.Generator], Tensor]


KINDS = (
    Kind(0.33, NONE, marks),
    Kind(0.19, NONE, letters),
    Kind(0.15, NONE, scribbles),
    Kind(0.03, NONE, halves),
    Kind(0.06, NONE, blots),
    Kind(0.02, NONE, blanks),
    Kind(0.2, SEVERAL, several),
    Kind(0.02, SEVERAL, numbers),
)


@cache
def _marks() -> Alphabet:
    return Alphabet.of(list(MARKS.values()))
