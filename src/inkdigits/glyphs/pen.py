"""The pen: from the points that strokes pass to pictures of ink, for whole batches at a time.

The points of a stroke are a linear function of its control points, so a batch is a few matrix
products: controls → points of the pen → a sum of Gaussians along the line → an edge one pixel soft.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Self

import torch
from torch import Tensor

from .strokes import parse_variant

POINTS = 112  # samples along the strokes of one figure
BATCH = 320  # figures drawn at a time: what fits the cache, thirty-two writers
FIGURES_A_WRITER = 10
UNUSUAL = 0.1  # how often a writer takes another way than is their habit
SIZE = 28


@dataclass(frozen=True)
class Variation:
    """How far writers differ; each is a standard deviation unless it says otherwise."""

    slant: float = 0.27  # of the shear
    lean: float = 0.14  # mean shear to the right
    turn: float = 0.08  # radians
    narrow: float = 1.0  # mean width over that of the square the variants are drawn on
    width: float = 0.14  # of the log of the width
    balance: float = 0.2  # of the log power that moves the waist up or down
    looseness: float = 0.68  # of each control point, on the 10 × 10 square
    tremor: float = 0.08  # of the pen's way, on the 10 × 10 square
    corners: float = 0.5  # at most this much of a smooth bend turns angular
    pen: float = 1.15  # median half-width of the pen, in pixels of the 28
    pens: float = 0.3  # of the log of that half-width
    pressure: float = 0.3  # of the log of the ink along a stroke
    grain: float = 0.25  # of the log of the ink in each pixel: paper and scanner
    softness: float = 1.4  # pixels over which an edge fades, at most; half of it at least


@dataclass(frozen=True)
class Variants:
    """All variants of all figures as tensors: V variants, C controls, P points."""

    controls: Tensor  # (V, C, 2)
    smooth: Tensor  # (V, P, C): points through the controls by Catmull-Rom splines
    straight: Tensor  # (V, P, C): the same by straight lines
    joined: Tensor  # (V, P - 1): 1 where two points belong to one stroke
    first: Tensor  # (figures,): the first way of each
    count: Tensor  # (figures,): how many variants it has

    @classmethod
    def of(cls, figures: Sequence[Sequence[str]]) -> Self:
        """Return the variants of `figures`, each a list of ways to write it."""
        parsed = [parse_variant(text) for figure in figures for text in figure]
        most = max(sum(len(stroke) for stroke in strokes) for strokes in parsed)
        controls = torch.zeros(len(parsed), most, 2)
        smooth, straight = (torch.zeros(len(parsed), POINTS, most) for _ in range(2))
        joined = torch.ones(len(parsed), POINTS - 1)
        for index, strokes in enumerate(parsed):
            column = row = 0
            for stroke, samples in zip(strokes, _share(strokes), strict=True):
                here = (slice(row, row + samples), slice(column, column + len(stroke)))
                smooth[index][here], straight[index][here] = _bases(len(stroke), samples)
                controls[index, column : column + len(stroke)] = torch.tensor(stroke)
                row, column = row + samples, column + len(stroke)
                if row < POINTS:
                    joined[index, row - 1] = 0
        count = torch.tensor([len(figure) for figure in figures])
        return cls(controls, smooth, straight, joined, count.cumsum(0) - count, count)

    def choose(self, figures: Tensor, random: torch.Generator) -> Tensor:
        """Return a random way of each of `figures`, both ``(N,)``; a writer nearly keeps to one."""
        writers = math.ceil(len(figures) / FIGURES_A_WRITER)
        habits = torch.rand(writers, len(self.count), generator=random)
        writer = torch.arange(len(figures)) // FIGURES_A_WRITER
        usual, other = habits[writer, figures], torch.rand(len(figures), generator=random)
        away = torch.rand(len(figures), generator=random) < UNUSUAL
        chosen = torch.where(away, other, usual)
        return self.first[figures] + (chosen * self.count[figures]).long()


def move(
    variants: Variants, chosen: Tensor, variation: Variation, random: torch.Generator
) -> tuple[Tensor, Tensor]:
    """Return where the pen goes, ``(N, P, 2)`` as (x, y), and the length each point stands for."""
    count = len(chosen)

    def normal(*shape: int) -> Tensor:
        return torch.randn(*shape, generator=random)

    def writer(spread: float) -> Tensor:
        """One draw a writer, plus a little that differs from figure to figure."""
        writers = math.ceil(count / FIGURES_A_WRITER)
        shared = normal(writers, 1).repeat_interleave(FIGURES_A_WRITER, dim=0)[:count]
        return spread * (0.9 * shared + 0.44 * normal(count, 1))

    controls = variants.controls[chosen]
    controls = controls + variation.looseness * normal(*controls.shape)
    angular = variation.corners * torch.rand(count, 1, 1, generator=random)
    basis = torch.lerp(variants.smooth[chosen], variants.straight[chosen], angular)
    points = basis @ controls / 10 - 0.5

    points = points + variation.tremor / 10 * _along(normal(count, 2, POINTS // 8)).transpose(1, 2)

    x, y = points.unbind(-1)
    y = (y.clamp(-0.7, 0.7) / 1.4 + 0.5).pow(torch.exp(writer(variation.balance))) - 0.5
    x = x / 1.4 * variation.narrow * torch.exp(writer(variation.width))
    x = x - (variation.lean + writer(variation.slant)) * y
    turn = writer(variation.turn)
    x, y = x * turn.cos() - y * turn.sin(), x * turn.sin() + y * turn.cos()

    points = torch.stack([x, y], -1)
    step = (points[:, 1:] - points[:, :-1]).norm(dim=-1) * variants.joined[chosen]
    length = torch.zeros(count, POINTS)
    length[:, 1:] += step / 2
    length[:, :-1] += step / 2
    return points, length


def _along(knots: Tensor) -> Tensor:
    """Spread values ``(N, C, K)`` evenly along the strokes: noise that knows its neighbours."""
    return torch.nn.functional.interpolate(knots, POINTS, mode="linear", align_corners=True)


def ink(
    points: Tensor, length: Tensor, variation: Variation, random: torch.Generator, size: int = SIZE
) -> Tensor:
    """Return pictures ``(N, size, size)``, 0 to 1, framed as MNIST is.

    The ink fills 20 parts in 28 of the picture, and its centre of mass is in the middle.
    """
    count, pixel = len(points), size / SIZE

    def normal(*shape: int) -> Tensor:
        return torch.randn(count, *shape, generator=random)

    pen = (
        variation.pen * pixel * torch.exp(variation.pens * normal(1).clamp(-2.2, 2.2))
    )  # half-widths
    low, high = points.amin(1), points.amax(1)
    scale = (18.4 * pixel - 2 * pen) / (high - low).amax(1, keepdim=True).clamp_min(1e-3)
    points, length = points * scale[:, None], length * scale
    mass = (points * length[..., None]).sum(1) / length.sum(1, keepdim=True)
    # Pixel 14, whose own middle is half a pixel on, is where MNIST's centre of mass lies.
    points = points + (14.5 * pixel - 0.5 - mass)[:, None]

    sigma = 0.85 * pen
    pixels = torch.arange(float(size))
    apart = (points[..., None] - pixels) / (math.sqrt(2) * sigma)[..., None, None]
    near = apart.square_().neg_().exp_()  # in place: these are by far the largest tensors
    across, down = near.unbind(2)
    pressure = torch.exp(variation.pressure * _along(normal(1, POINTS // 8))).squeeze(1)
    weight = length * pressure / (sigma * math.sqrt(2 * math.pi))
    density = (down * weight[..., None]).transpose(1, 2) @ across
    density = density * torch.exp(variation.grain * normal(size, size))
    # On a straight line the density falls as exp(-d²/2σ²): at the pen's edge it is `edge`, and
    # `soft` is how much it changes there over the edge; bare paper must stay at 0.
    edge = torch.exp(-((pen / sigma) ** 2) / 2)[..., None]
    fade = variation.softness * (0.5 + 0.5 * torch.rand(count, 1, 1, generator=random))
    soft = torch.minimum(fade * edge * (pen / sigma**2)[..., None], 2 * edge)
    return ((density - edge) / soft + 0.5).clamp(0, 1)


def _share(strokes: list[list[tuple[float, float]]]) -> list[int]:
    """Give each stroke its part of the points, by length."""
    lengths = [sum(math.dist(a, b) for a, b in pairwise(stroke)) for stroke in strokes]
    shares = [int(POINTS * length / sum(lengths)) for length in lengths]
    shares[0] += POINTS - sum(shares)
    return shares


def _bases(controls: int, samples: int) -> tuple[Tensor, Tensor]:
    """Return matrices ``(samples, controls)``: Catmull-Rom through the controls, and straight."""
    at = torch.linspace(0, controls - 1, samples)
    piece = at.floor().clamp(max=controls - 2).long()
    t = at - piece
    cubic = torch.stack(
        [
            -0.5 * t + t**2 - 0.5 * t**3,
            1 - 2.5 * t**2 + 1.5 * t**3,
            0.5 * t + 2 * t**2 - 1.5 * t**3,
            -0.5 * t**2 + 0.5 * t**3,
        ],
        1,
    )
    linear = torch.stack([torch.zeros_like(t), 1 - t, t, torch.zeros_like(t)], 1)
    neighbours = (piece[:, None] + torch.arange(-1, 3)).clamp(0, controls - 1)
    smooth = torch.zeros(samples, controls).scatter_add_(1, neighbours, cubic)
    return smooth, torch.zeros(samples, controls).scatter_add_(1, neighbours, linear)
