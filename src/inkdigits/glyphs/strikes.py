"""Lines through what has been written: how people take a figure back."""

import torch
from torch import Tensor

STRIKES = ("line", "two lines", "cross", "zigzag", "scribble")
LEGS = 7  # of a zigzag, at most
TURNS = 4  # of a scribble, at most


def strikes(
    points: Tensor, kinds: Tensor, samples: int, random: torch.Generator
) -> tuple[Tensor, Tensor]:
    """Return lines through figures: where the pen goes, and the length each point stands for.

    Parameters
    ----------
    points
        ``(N, P, 2)`` as (x, y): the figures.
    kinds
        ``(N,)``: which of `STRIKES` each is to have.
    samples
        Points of the lines.
    random
        The source of all draws.

    Returns
    -------
    points, length
        ``(N, samples, 2)`` and ``(N, samples)``.
    """
    along = torch.linspace(0, 1, samples)
    drawn = torch.stack(
        [kind(along, len(points), random) for kind in (_line, _two, _cross, _zigzag, _scribble)]
    )
    way = drawn[kinds, torch.arange(len(points))]  # (N, samples, 2) on a square of 1
    low, high = points.amin(1, keepdim=True), points.amax(1, keepdim=True)
    # A 1 is slim: what goes through it is wider than it is.
    size = torch.maximum(high - low, (high - low).amax(2, keepdim=True) * 0.6)
    way = (low + high) / 2 + (way - 0.5) * size
    step = (way[:, 1:] - way[:, :-1]).norm(dim=-1)
    lifted = (kinds == STRIKES.index("two lines")) | (kinds == STRIKES.index("cross"))
    step[:, samples // 2 - 1] *= (~lifted).float()
    length = torch.zeros(len(points), samples)
    length[:, 1:] += step / 2
    length[:, :-1] += step / 2
    return way, length


def _uniform(count: int, low: float, high: float, random: torch.Generator) -> Tensor:
    return low + (high - low) * torch.rand(count, 1, generator=random)


def _between(along: Tensor, start: Tensor, end: Tensor) -> Tensor:
    return start + (end - start) * along


def _line(along: Tensor, count: int, random: torch.Generator) -> Tensor:
    """One line from the left to the right, level or rising, that reaches beyond."""
    height, rise = _uniform(count, 0.3, 0.7, random), _uniform(count, -0.3, 0.8, random)
    left, right = _uniform(count, -0.4, -0.1, random), _uniform(count, 1.1, 1.4, random)
    bow = _uniform(count, -0.08, 0.08, random) * (3.1416 * along).sin()
    return torch.stack([_between(along, left, right), height + bow + rise * (0.5 - along)], -1)


def _two(along: Tensor, count: int, random: torch.Generator) -> Tensor:
    """Two lines, one below the other."""
    way = _line((2 * along) % 1.0001, count, random)
    apart = _uniform(count, 0.1, 0.35, random)
    way[..., 1] += apart * ((along > 0.5).float() - 0.5)
    return way


def _cross(along: Tensor, count: int, random: torch.Generator) -> Tensor:
    """Two lines from corner to corner."""
    half = (2 * along) % 1.0001
    reach = _uniform(count, 0.0, 0.25, random)
    across = _between(half, -reach, 1 + reach)
    down = _between(half, _uniform(count, -0.1, 0.2, random), _uniform(count, 0.8, 1.1, random))
    return torch.stack([across, torch.where(along > 0.5, 1 - down, down)], -1)


def _zigzag(along: Tensor, count: int, random: torch.Generator) -> Tensor:
    """Up and down from the left to the right."""
    legs = 3 + torch.randint(LEGS - 2, (count, 1), generator=random)
    wave = 2 * ((along * legs / 2 + _uniform(count, 0, 1, random)) % 1 - 0.5).abs()
    tall = _uniform(count, 0.4, 1.1, random)
    across = _between(along, _uniform(count, -0.2, 0, random), _uniform(count, 1, 1.2, random))
    return torch.stack([across, 0.5 + tall * (wave - 0.5)], -1)


def _scribble(along: Tensor, count: int, random: torch.Generator) -> Tensor:
    """Loops from the left to the right."""
    turns = _uniform(count, 2, TURNS, random) * 6.2832
    wide, tall = _uniform(count, 0.1, 0.3, random), _uniform(count, 0.25, 0.5, random)
    angle = turns * along + _uniform(count, 0, 6.2832, random)
    across = 0.15 + 0.7 * along + wide * angle.cos()
    return torch.stack([across, 0.5 + tall * angle.sin()], -1)
