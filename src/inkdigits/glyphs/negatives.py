"""What is no digit: signs, letters and words, scribbles, what is struck out, several digits, blots.

A network that has only ever seen digits takes a dash for a 4. These pictures teach it to refuse:
those labelled `NONE` for good, those labelled `SEVERAL` until they are taken apart.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cache

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor
from torch.nn import functional

from ..alphabet import DIGITS_OR_REJECT, NO_SYMBOL, SEVERAL_SYMBOLS
from . import printed, written
from .letters import AMBIGUOUS, LETTERS, SMALL, X_HEIGHT
from .pen import BATCH, POINTS, Variants, Variation, ink, move
from .signs import FIGURES, PLAIN, SIGNS
from .strikes import STRIKES, strikes

Bytes = npt.NDArray[np.uint8]

NONE = DIGITS_OR_REJECT.names.index(NO_SYMBOL)
SEVERAL = DIGITS_OR_REJECT.names.index(SEVERAL_SYMBOLS)
VARIATION = Variation(slant=0.2, looseness=0.5, corners=1.0, pen=1.0, pens=0.4)
FINE = replace(VARIATION, pen=0.65)  # for much writing in one picture
OTHER_GLYPHS = {sign: SIGNS[sign].variants for sign in PLAIN} | FIGURES | LETTERS
# A single line makes of a 0 a slashed one and of a 7 (or a 1) a crossed one; a 4 has a bar anyway.
STRUCK = torch.tensor([2, 3, 5, 6, 8, 9])


def write(count: int, seed: int = 0) -> tuple[Bytes, Bytes]:
    """Return `count` pictures to reject, ``(N, 28, 28)``, and their labels, `NONE` or `SEVERAL`.

    Of some thousands every kind is among them.
    """
    random = torch.Generator().manual_seed(seed)
    kinds = list(KINDS)
    shares = torch.tensor([kind.share for kind in kinds])
    pictures, labels = [], []
    for _ in range(0, max(count, 1), BATCH):
        kind = kinds[int(torch.multinomial(shares, 1, generator=random))]
        pictures.append(kind.draw(BATCH, random))
        labels.append(np.full(BATCH, kind.label, np.uint8))
    pixels = (torch.cat(pictures)[:count] * 255).round_().to(torch.uint8)
    return pixels.numpy(), np.concatenate(labels)[:count]


def marks(count: int, random: torch.Generator) -> Tensor:
    """Letters and marks, written by hand."""
    figures = torch.randint(len(OTHER_GLYPHS), (count,), generator=random)
    return ink(
        *move(_marks(), _marks().choose(figures, random), VARIATION, random), VARIATION, random
    )


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
    return ink(points, length, VARIATION, random)


def words(count: int, random: torch.Generator) -> Tensor:
    """Two to four letters of a word, written by hand; one of them at least is like no digit."""
    many = 2 + int(torch.randint(3, (1,), generator=random))
    names = [*LETTERS, *AMBIGUOUS]
    letters = torch.randint(len(names), (count, many), generator=random)
    plain = torch.randint(len(LETTERS), (count, 1), generator=random)
    letters.scatter_(1, torch.randint(many, (count, 1), generator=random), plain)
    picked = _letters().choose(letters.flatten(), random)
    points, length = move(_letters(), picked, FINE, random)
    points, length = points.view(count, many, POINTS, 2), length.view(count, many, POINTS)
    small = torch.tensor([name in SMALL for name in names])[letters]
    scale = torch.where(small, X_HEIGHT, 1.0)[..., None]
    x, y = points.unbind(-1)
    x, y = x * scale, (y - 0.36) * scale  # they all stand on one line
    left, right = x.amin(2, keepdim=True), x.amax(2, keepdim=True)
    gap = 0.03 + 0.12 * torch.rand(count, 1, 1, generator=random)
    x = x - left + (right - left + gap).cumsum(1) - (right - left)
    points = torch.stack([x, y], -1)[:, :, ::many].flatten(1, 2)
    length = (length * scale)[:, :, ::many].flatten(1, 2) * many
    return ink(points[:, :POINTS], length[:, :POINTS], FINE, random)


def struck(count: int, random: torch.Generator) -> Tensor:
    """One digit, or two or three, through which its writer has drawn a line or more."""
    variation = Variation(pen=0.65)
    many = (1, 1, 2, 3)[int(torch.randint(4, (1,), generator=random))]
    kinds = torch.randint(len(STRIKES), (count,), generator=random)
    labels = torch.randint(len(DIGITS_OR_REJECT.symbols), (many, count), generator=random)
    if many == 1:
        clear = STRUCK[torch.randint(len(STRUCK), (count,), generator=random)]
        labels = torch.where(kinds == STRIKES.index("line"), clear, labels)
    points, length = _side_by_side(labels, variation, random)
    keep = POINTS // 2
    points, length = points[:, ::2], length[:, ::2] * 2
    through, long = strikes(points, kinds, POINTS - keep, random)
    return ink(torch.cat([points, through], 1), torch.cat([length, long], 1), variation, random)


def several(count: int, random: torch.Generator) -> Tensor:
    """Two or three digits in one box, side by side, touching or overlapping."""
    variation = Variation(pen=0.8)
    many = 2 + int(torch.rand(1, generator=random) < 0.35)
    labels = torch.randint(len(DIGITS_OR_REJECT.symbols), (many, count), generator=random)
    return ink(*_side_by_side(labels, variation, random), variation, random)


def _side_by_side(
    labels: Tensor, variation: Variation, random: torch.Generator
) -> tuple[Tensor, Tensor]:
    """Return where the pen goes that writes the digits ``(M, N)``, M a number, and how far."""
    many, count = labels.shape
    drawn = [
        move(written.variants(), written.variants().choose(one, random), variation, random)
        for one in labels
    ]
    apart = 0.5 + 0.4 * torch.rand(count, 1, generator=random)
    rise = 0.1 * torch.randn(count, 1, generator=random)
    points, length = [], []
    for number, (way, long) in enumerate(drawn):
        place = number - (many - 1) / 2
        points.append(way[:, ::many] + place * torch.cat([apart, rise], 1)[:, None])
        length.append(long[:, ::many] * many)
    return torch.cat(points, 1)[:, :POINTS], torch.cat(length, 1)[:, :POINTS]


def numbers(count: int, random: torch.Generator) -> Tensor:
    """Numbers of two or three digits, printed."""
    return printed.draw(printed.NUMBERS, count, random)


def halves(count: int, random: torch.Generator) -> Tensor:
    """Halves of a 0, which are no digits: what is left of a cut in the wrong place."""
    whole = written.draw(torch.zeros(count, dtype=torch.int64), random, VARIATION)
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
    Kind(0.3, NONE, marks),
    Kind(0.13, NONE, letters),
    Kind(0.1, NONE, words),
    Kind(0.1, NONE, scribbles),
    Kind(0.08, NONE, struck),
    Kind(0.02, NONE, halves),
    Kind(0.05, NONE, blots),
    Kind(0.02, NONE, blanks),
    Kind(0.18, SEVERAL, several),
    Kind(0.02, SEVERAL, numbers),
)


@cache
def _marks() -> Variants:
    return Variants.of(list(OTHER_GLYPHS.values()))


@cache
def _letters() -> Variants:
    return Variants.of([*LETTERS.values(), *AMBIGUOUS.values()])
