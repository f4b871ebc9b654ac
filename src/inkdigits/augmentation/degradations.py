"""Degradations: what happens to ink between a pen and a picture, drawn at random for each image.

Pens are thin or broad, strokes break, cameras blur, scanners see few pixels or only black and
white, a neighbour reaches into the box, and the picture's edge cuts a digit. Whoever is to read any
picture learns from digits that have been through it.
"""

from dataclasses import dataclass, fields

import torch
from torch import Tensor
from torch.nn import functional

from ..errors import RecipeError

COARSE = (10, 11, 12, 16, 22, 30)  # pixels a side
JAGGED = 0.4  # of what is seen in few pixels is seen in black and white
WIDEST = 2.5  # times as wide at most is slim ink that is stretched to a square


@dataclass(frozen=True)
class Degradations:
    """How often each thing happens, as a part of the images; all 0 leaves them alone."""

    stretched: float = 0.0  # ink fills a square, or nearly: each side was scaled by itself
    thick: float = 0.0  # strokes grow by up to 3 pixels
    thin: float = 0.0  # strokes shrink by up to 2 pixels
    broken: float = 0.0  # a gap or two across the strokes
    blurred: float = 0.0
    coarse: float = 0.0  # seen in 10 to 30 pixels a side, many in black and white alone
    binary: float = 0.0  # black and white
    faded: float = 0.0  # ink of uneven strength
    noisy: float = 0.0  # grain and specks
    cut: float = 0.0  # an edge takes up to 30% of the picture away, margin and all
    neighbour: float = 0.0  # a part of another image at one side

    def __post_init__(self) -> None:
        for setting in fields(self):
            if not 0 <= getattr(self, setting.name) <= 1:
                raise RecipeError(f"degradations.{setting.name} must be between 0 and 1.")

    @property
    def active(self) -> bool:
        """Whether anything happens to any image."""
        return any(getattr(self, setting.name) for setting in fields(self))


def degrade(images: Tensor, settings: Degradations, random: torch.Generator) -> Tensor:
    """Return `images` ``(N, 1, H, W)`` in [0, 1] worn at random, each by draws of its own."""
    if not settings.active:
        return images
    images = images.clone()
    # The order is that of the world: the pen, the paper, the box, the camera.
    for name, happens in (
        ("stretched", _stretched),
        ("thick", _thick),
        ("thin", _thin),
        ("broken", _broken),
        ("neighbour", _neighbour),
        ("cut", _cut),
        ("faded", _faded),
        ("blurred", _blurred),
        ("coarse", _coarse),
        ("binary", _binary),
        ("noisy", _noisy),
    ):
        draw = torch.rand(len(images), generator=random, device=images.device)
        rows = torch.nonzero(draw < getattr(settings, name)).flatten()
        if len(rows):
            images[rows] = happens(images[rows], random)
    return images.clamp_(0, 1)


def _uniform(images: Tensor, random: torch.Generator, low: float = 0, high: float = 1) -> Tensor:
    """One draw an image, ``(N, 1, 1, 1)``."""
    draw = torch.rand(len(images), 1, 1, 1, generator=random, device=images.device)
    return low + (high - low) * draw


def _stretched(images: Tensor, random: torch.Generator) -> Tensor:
    """Return images whose ink is about as wide as it is high, as some collections frame it."""
    count, size = len(images), images.shape[-1]
    at = torch.linspace(-1, 1, size, device=images.device)
    bounds = []
    for axis in (2, 3):  # of the columns, then of the rows
        inked = images.amax(axis).squeeze(1) > 0.2
        low = torch.where(inked, at, 1.0).amin(1)
        high = torch.where(inked, at, -1.0).amax(1)
        bounds.append(((low + high) / 2, (high - low).clamp_min(2 / size)))
    (across, wide), (down, tall) = bounds
    amount = _uniform(images, random, 0.5, 1).flatten()
    longer = torch.maximum(wide, tall)
    scales = [(longer / side).clamp(1, WIDEST) ** amount for side in (wide, tall)]
    matrices = torch.zeros(count, 2, 3, device=images.device)
    for row, (middle, scale) in enumerate(zip((across, down), scales, strict=True)):
        matrices[:, row, row] = 1 / scale
        matrices[:, row, 2] = middle * (1 - 1 / scale)
    grid = functional.affine_grid(matrices, list(images.shape), align_corners=True)
    return functional.grid_sample(images, grid, align_corners=True)


def _thick(images: Tensor, random: torch.Generator) -> Tensor:
    amount = _uniform(images, random, 0, 3)
    for step in range(3):
        part = (amount - step).clamp(0, 1)
        images = torch.lerp(images, functional.max_pool2d(images, 3, 1, 1), part)
    return images


def _thin(images: Tensor, random: torch.Generator) -> Tensor:
    amount = _uniform(images, random, 0, 2)
    whole = images
    for step in range(2):
        part = (amount - step).clamp(0, 1)
        images = torch.lerp(images, -functional.max_pool2d(-images, 3, 1, 1), part)
    # A stroke that was thin already would be gone: some of it always stays.
    return torch.maximum(images, whole * 0.35)


def _broken(images: Tensor, random: torch.Generator) -> Tensor:
    size = images.shape[-1]
    axis = torch.linspace(-1, 1, size, device=images.device)
    for _ in range(2):
        angle = _uniform(images, random, 0, 3.1416)
        across = (
            axis * angle.cos() + axis[:, None] * angle.sin() - _uniform(images, random, -0.5, 0.5)
        )
        wide = _uniform(images, random, 0, 2.4) / size
        images = images * ((across.abs() - wide) * size / 2).clamp(0, 1)
    return images


def _neighbour(images: Tensor, random: torch.Generator) -> Tensor:
    size = images.shape[-1]
    way = int(
        torch.randint(size * 5 // 8, size * 3 // 4, (1,), generator=random, device=random.device)
    )
    other = images.roll(1, 0)
    side = _uniform(images, random) < 0.5
    left, right = functional.pad(other, (-way, way)), functional.pad(other, (way, -way))
    return torch.maximum(images, torch.where(side, left, right))


def _cut(images: Tensor, random: torch.Generator) -> Tensor:
    size = images.shape[-1]
    at = torch.arange(size, device=images.device, dtype=images.dtype) / size
    edge = _uniform(images, random, 0.14, 0.3)
    which = _uniform(images, random, 0, 4).floor()
    kept = torch.where(which % 2 == 0, at > edge, at < 1 - edge).to(images.dtype)  # (N, 1, 1, W)
    return images * torch.where(which < 2, kept, kept.transpose(2, 3))


def _faded(images: Tensor, random: torch.Generator) -> Tensor:
    count, size = len(images), images.shape[-1]
    field = torch.rand(count, 1, 4, 4, generator=random, device=images.device)
    field = functional.interpolate(field, size, mode="bilinear", align_corners=True)
    return images * torch.lerp(torch.ones_like(field), field, _uniform(images, random, 0, 0.8))


def _blurred(images: Tensor, random: torch.Generator) -> Tensor:
    soft = functional.avg_pool2d(images, 3, 1, 1)
    softer = functional.avg_pool2d(soft, 5, 1, 2)
    amount = _uniform(images, random, 0, 2)
    images = torch.lerp(images, soft, amount.clamp(max=1))
    return torch.lerp(images, softer, (amount - 1).clamp(min=0))


def _coarse(images: Tensor, random: torch.Generator) -> Tensor:
    which = int(torch.randint(len(COARSE), (1,), generator=random, device=random.device))
    small = functional.adaptive_avg_pool2d(images, COARSE[which])
    peak = small.amax((2, 3), keepdim=True)
    black = (small > peak * _uniform(images, random, 0.3, 0.6)).to(images.dtype)
    small = torch.where(_uniform(images, random) < JAGGED, black, small)
    size = images.shape[-1]
    smooth = functional.interpolate(small, size, mode="bilinear", align_corners=False)
    blocks = functional.interpolate(small, size, mode="nearest")
    return torch.where(_uniform(images, random) < 0.2, blocks, smooth)


def _binary(images: Tensor, random: torch.Generator) -> Tensor:
    peak = images.amax((2, 3), keepdim=True)
    return ((images - peak * _uniform(images, random, 0.25, 0.6)) * 20 + 0.5).clamp(0, 1)


def _noisy(images: Tensor, random: torch.Generator) -> Tensor:
    grain = torch.randn(images.shape, generator=random, device=images.device)
    images = images * (1 + 0.35 * _uniform(images, random) * grain)
    speck = torch.rand(images.shape, generator=random, device=images.device)
    return torch.maximum(images, (speck < 0.004 * _uniform(images, random)).to(images.dtype) * 0.7)
