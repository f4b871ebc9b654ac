"""Synthetic pen digits: written from strokes, rendered and normalised as MNIST is. No download.

Every digit is one way of writing it (`strokes.WAYS`) in the hand of a writer. The points of its
strokes are a linear function of the way's control points, so a batch is a few matrix products:
controls → points of the pen → a sum of Gaussians along the line → an edge one pixel soft.
"""

import math
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

import numpy as np
import torch
from torch import Tensor

from .digits import Collection, Digits
from .strokes import WAYS, parse_way

POINTS = 128  # samples along the strokes of one digit
BATCH = 512  # digits drawn at a time: what fits the cache
TRAINING, TEST = 60_000, 10_000
DIGITS_A_WRITER = 10


@dataclass(frozen=True)
class Hand:
    """How far writers differ; each is a standard deviation unless it says otherwise."""

    slant: float = 0.22  # of the shear
    lean: float = 0.12  # mean shear to the right
    turn: float = 0.10  # radians
    narrow: float = 0.85  # mean width over that of the square the ways are drawn on
    width: float = 0.18  # of the log of the width
    balance: float = 0.16  # of the log power that moves the waist up or down
    looseness: float = 0.30  # of each control point, on the 10 × 10 square
    tremor: float = 0.10  # of the pen's way, on the 10 × 10 square
    corners: float = 0.55  # at most this much of a smooth bend turns angular
    pen: float = 1.1  # median half-width of the pen, in pixels of the 28
    pens: float = 0.28  # of the log of that half-width


@dataclass(frozen=True)
class _Alphabet:
    """All ways of all digits as tensors: V ways, C controls, P points."""

    controls: Tensor  # (V, C, 2)
    smooth: Tensor  # (V, P, C): points through the controls by Catmull-Rom splines
    straight: Tensor  # (V, P, C): the same by straight lines
    joined: Tensor  # (V, P - 1): 1 where two points belong to one stroke
    first: Tensor  # (10,): the first way of each digit
    count: Tensor  # (10,): how many ways it has


def load(seed: int = 0) -> Collection:
    """Return 60,000 training and 10,000 test digits, each half from writers of its own."""
    return Collection(
        "pens",
        write(TRAINING, seed=2 * seed, name="pens training"),
        lambda: write(TEST, seed=2 * seed + 1, name="pens test"),
    )


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
    labels = torch.cat([torch.randperm(10, generator=random) for _ in range(0, count + 9, 10)])
    labels = labels[:count]
    batches = _batches(labels, hand or Hand(), random, way)
    images = torch.cat([image for image in batches] or [torch.empty(0, 28, 28)])
    pixels = (images * 255).round_().to(torch.uint8)
    return Digits(name, pixels.numpy(), labels.numpy().astype(np.uint8))


def _batches(
    labels: Tensor, hand: Hand, random: torch.Generator, way: int | None
) -> Iterator[Tensor]:
    alphabet = _alphabet()
    for chunk in labels.split(BATCH):
        count = alphabet.count[chunk]
        if way is None:
            pick = (torch.rand(len(chunk), generator=random) * count).long()
        else:
            pick = torch.full_like(chunk, way) % count
        points, bend = _points(alphabet, alphabet.first[chunk] + pick, hand, random)
        yield _render(points, bend, _pen(len(chunk), hand, random))


def _points(
    alphabet: _Alphabet, ways: Tensor, hand: Hand, random: torch.Generator
) -> tuple[Tensor, Tensor]:
    """Return where the pen goes, ``(N, P, 2)`` as (x, y), and the length each point stands for."""
    count = len(ways)

    def normal(*shape: int) -> Tensor:
        return torch.randn(*shape, generator=random)

    def writer(spread: float) -> Tensor:
        """One draw a writer, plus a little that differs from digit to digit."""
        writers = math.ceil(count / DIGITS_A_WRITER)
        shared = normal(writers, 1).repeat_interleave(DIGITS_A_WRITER, dim=0)[:count]
        return spread * (0.9 * shared + 0.44 * normal(count, 1))

    controls = alphabet.controls[ways]
    controls = controls + hand.looseness * normal(*controls.shape)
    angular = hand.corners * torch.rand(count, 1, 1, generator=random)
    basis = torch.lerp(alphabet.smooth[ways], alphabet.straight[ways], angular)
    points = basis @ controls / 10 - 0.5

    knots = normal(count, POINTS // 8, 2)  # a tremor is noise that knows its neighbours
    tremor = torch.nn.functional.interpolate(
        knots.transpose(1, 2), POINTS, mode="linear", align_corners=True
    ).transpose(1, 2)
    points = points + hand.tremor / 10 * tremor

    x, y = points.unbind(-1)
    y = (y.clamp(-0.7, 0.7) / 1.4 + 0.5).pow(torch.exp(writer(hand.balance))) - 0.5
    x = x / 1.4 * hand.narrow * torch.exp(writer(hand.width))
    x = x - (hand.lean + writer(hand.slant)) * y
    turn = writer(hand.turn)
    x, y = x * turn.cos() - y * turn.sin(), x * turn.sin() + y * turn.cos()

    points = torch.stack([x, y], -1)
    step = (points[:, 1:] - points[:, :-1]).norm(dim=-1) * alphabet.joined[ways]
    length = torch.zeros(count, POINTS)
    length[:, 1:] += step / 2
    length[:, :-1] += step / 2
    return points, length


def _pen(count: int, hand: Hand, random: torch.Generator) -> Tensor:
    """Half-widths of the pens in pixels, ``(N, 1)``."""
    spread = torch.randn(count, 1, generator=random).clamp(-2.2, 2.2)
    return hand.pen * torch.exp(hand.pens * spread)


def _render(points: Tensor, length: Tensor, pen: Tensor) -> Tensor:
    """Return pictures ``(N, 28, 28)``, 0 to 1: the ink fills 20 × 20, its mass is in the centre."""
    low, high = points.amin(1), points.amax(1)
    scale = (19.6 - 2 * pen) / (high - low).amax(1, keepdim=True).clamp_min(1e-3)
    points, length = points * scale[:, None], length * scale
    mass = (points * length[..., None]).sum(1) / length.sum(1, keepdim=True)
    points = points + (14.0 - mass)[:, None]  # pixel 14 is where MNIST's centre of mass lies

    sigma = 0.85 * pen
    pixels = torch.arange(28.0)
    near = torch.exp(-((points[..., None] - pixels) ** 2) / (2 * sigma**2)[..., None, None])
    across, down = near.unbind(2)
    weight = length / (sigma * math.sqrt(2 * math.pi))
    density = (down * weight[..., None]).transpose(1, 2) @ across
    # On a straight line the density falls as exp(-d²/2σ²): at the pen's edge it is `edge`, and
    # `soft` is how much it changes there over 1.3 pixels; bare paper must stay at 0.
    edge = torch.exp(-((pen / sigma) ** 2) / 2)[..., None]
    soft = torch.minimum(1.3 * edge * (pen / sigma**2)[..., None], 2 * edge)
    return ((density - edge) / soft + 0.5).clamp(0, 1)


@cache
def _alphabet() -> _Alphabet:
    ways = [parse_way(text) for digit in range(10) for text in WAYS[digit].values()]
    most = max(sum(len(stroke) for stroke in way) for way in ways)
    controls = torch.zeros(len(ways), most, 2)
    smooth, straight = (torch.zeros(len(ways), POINTS, most) for _ in range(2))
    joined = torch.ones(len(ways), POINTS - 1)
    for index, way in enumerate(ways):
        column = row = 0
        for stroke, samples in zip(way, _share(way), strict=True):
            here = (slice(row, row + samples), slice(column, column + len(stroke)))
            smooth[index][here], straight[index][here] = _bases(len(stroke), samples)
            controls[index, column : column + len(stroke)] = torch.tensor(stroke)
            row, column = row + samples, column + len(stroke)
            if row < POINTS:
                joined[index, row - 1] = 0
    count = torch.tensor([len(WAYS[digit]) for digit in range(10)])
    return _Alphabet(controls, smooth, straight, joined, count.cumsum(0) - count, count)


def _share(way: list[list[tuple[float, float]]]) -> list[int]:
    """Give each stroke its part of the points, by length."""
    lengths = [
        sum(math.dist(a, b) for a, b in zip(stroke, stroke[1:], strict=False)) for stroke in way
    ]
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
