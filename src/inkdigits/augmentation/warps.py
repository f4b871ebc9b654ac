"""Batched random warps: affine and elastic, one draw an image, one resampling for both."""

import math
from dataclasses import dataclass
from functools import cache

import torch
from torch import Tensor
from torch.nn import functional

from ..limits import within

# Of each setting the least and the greatest value, and what it is counted in.
DEGREES, PART, PIXELS = "degrees", "a fraction of the size: 0.1 is ±10%", "pixels"
LIMITS = {
    "rotation": (0, 89, DEGREES),
    "scale": (0, 0.99, PART),
    "stretch": (0, 0.99, PART),
    "shear": (0, 89, DEGREES),
    "shift": (0, 512, PIXELS),
    "elastic": (0, 512, PIXELS),
    "smoothness": (1, 512, PIXELS),
}
SIDES = 8, 512  # pixels of the canvas
KNOTS = 9  # the elastic field is drawn on this coarse grid: smooth fields need no finer one


@dataclass(frozen=True)
class Augmentation:
    """How far each image is moved at random; all 0 leaves it alone.

    Affine draws are uniform between minus and plus the value, elastic ones are normal.
    """

    rotation: float = 0.0  # degrees
    scale: float = 0.0  # part of the size
    stretch: float = 0.0  # part of the size, in width alone
    shear: float = 0.0  # degrees
    shift: float = 0.0  # pixels, each way
    elastic: float = 0.0  # pixels, standard deviation of each way
    smoothness: float = 4.0  # pixels over which neighbours move together
    canvas: int = 0  # pixels a side of what comes out; 0: as many as went in

    def __post_init__(self) -> None:
        for name, (low, high, unit) in LIMITS.items():
            within(f"augmentation.{name}", getattr(self, name), low, high, unit)
        if self.canvas:
            unit = "pixels a side, or 0 for the size of the input"
            within("augmentation.canvas", self.canvas, *SIDES, unit)

    @property
    def active(self) -> bool:
        """Whether any image is moved at all."""
        moved = (self.rotation, self.scale, self.stretch, self.shear, self.shift, self.elastic)
        return any(moved) or self.canvas > 0


def warp(images: Tensor, warps: Augmentation, random: torch.Generator) -> Tensor:
    """Return `images` moved at random, each by a draw of its own.

    Parameters
    ----------
    images
        ``(N, 1, H, W)`` float, 0 for paper.
    warps
        How far.
    random
        The source of the draws, on the device of the images.

    Returns
    -------
    Tensor
        ``(N, 1, H, W)``, or as large as the canvas; what comes in from outside is paper.
    """
    if not warps.active:
        return images
    count, _, height, width = images.shape
    matrices = affine(count, warps, random, height)
    if warps.canvas:
        height = width = warps.canvas
    grid = functional.affine_grid(matrices, [count, 1, height, width], align_corners=False)
    if warps.elastic:
        grid = grid + elastic(count, warps, random, height, width)
    return functional.grid_sample(images, grid, align_corners=False)


def rotate(images: Tensor, degrees: float) -> Tensor:
    """Return `images` ``(N, 1, H, W)`` turned by `degrees` counter-clockwise about the centre."""
    turn = math.radians(degrees)
    cos, sin = math.cos(turn), math.sin(turn)
    matrix = torch.tensor([[cos, -sin, 0.0], [sin, cos, 0.0]], device=images.device)
    grid = functional.affine_grid(
        matrix.expand(len(images), 2, 3), list(images.shape), align_corners=False
    )
    return functional.grid_sample(images, grid, align_corners=False)


def affine(count: int, warps: Augmentation, random: torch.Generator, size: int) -> Tensor:
    """Draw `count` affine matrices ``(N, 2, 3)`` in the units of `affine_grid`."""
    draw = torch.rand(6, count, generator=random, device=random.device) * 2 - 1
    turn = draw[0] * math.radians(warps.rotation)
    shear = torch.tan(draw[1] * math.radians(warps.shear))
    tall = 1 / (1 + draw[2] * warps.scale)  # the grid looks up where to read: its inverse
    wide = tall / (1 + draw[3] * warps.stretch)
    shift = draw[4:] * (2 * warps.shift / size)
    cos, sin = turn.cos(), turn.sin()
    rows = [
        torch.stack([wide * cos, wide * (shear * cos - sin), shift[0]], -1),
        torch.stack([tall * sin, tall * (shear * sin + cos), shift[1]], -1),
    ]
    return torch.stack(rows, 1)


def elastic(
    count: int, warps: Augmentation, random: torch.Generator, height: int, width: int
) -> Tensor:
    """Draw smooth displacements ``(N, H, W, 2)`` in the units of `affine_grid`.

    Noise on a coarse grid, spread by Gaussians: two small matrix products (after Simard, Steinkraus
    and Platt 2003, who blur noise drawn at every pixel).
    """
    noise = torch.randn(count, 2, KNOTS, KNOTS, generator=random, device=random.device)
    down = _spread(height, warps.smoothness).to(noise.device)
    across = _spread(width, warps.smoothness).to(noise.device)
    field = down @ noise @ across.T  # (N, 2, H, W) of unit variance
    pixels = torch.tensor([2 / width, 2 / height], device=noise.device)
    return field.permute(0, 2, 3, 1) * (warps.elastic * pixels)


@cache
def _spread(size: int, smoothness: float) -> Tensor:
    """Weights ``(size, KNOTS)`` that spread the coarse grid; each row has unit length."""
    knots = torch.linspace(-0.1, 1.1, KNOTS) * (size - 1)
    apart = float(knots[1] - knots[0])
    wide = max(smoothness, 0.6 * apart)  # narrower than the grid can carry it would show the grid
    weights = torch.exp(-((torch.arange(size)[:, None] - knots) ** 2) / (2 * wide**2))
    return weights / weights.square().sum(1, keepdim=True).sqrt()
