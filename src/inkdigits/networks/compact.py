"""Our own network: stages of convolutions with batch normalisation, and one linear layer."""

import math
from collections.abc import Sequence

import torch
from torch import Tensor, nn
from torch.nn import functional

WIDEST = 64  # pixels of a row that is taken at once


class Compact(nn.Sequential):
    """Stages of convolutions (3×3 → batch norm → ReLU), then one linear layer.

    Every stage halves the picture (28 → 14 → 7 → 3 pixels); 3 pixels are halved no more. The last
    convolution of a stage is max-pooled before its normalisation: a quarter of the pixels remain to
    be normalised, which is what costs most in a network this small.

    Parameters
    ----------
    outputs
        How many there are.
    stages
        The channels of each convolution, a list a stage.
    head
        ``"global"`` takes the greatest value of each channel of the last stage, in place of its
        halving; ``"flatten"`` keeps where things are.
    first_kernel
        Pixels that the first convolution sees each way, an odd number.
    first_stride
        2 lets the first stage halve the picture by the stride of its first convolution, with no
        pooling.
    unpadded
        How many convolutions, from the first on, keep their windows inside the picture. Nothing is
        missed, as the outermost pixels are paper; there is less to compute, and the answers of a
        5×5 window are 24 or 12 pixels wide, which halve without a rest.
    first_fixed
        The first convolution is not learned: its filters are cosines, each with its negative, and
        it is not normalised. So nothing need flow back to the largest pictures.
    size
        Height and width of its pictures.
    """

    def __init__(
        self,
        outputs: int,
        stages: Sequence[Sequence[int]] = ((16, 16), (32, 32), (64, 64)),
        head: str = "global",
        first_kernel: int = 3,
        first_stride: int = 1,
        first_fixed: bool = False,
        unpadded: int = 0,
        size: tuple[int, int] = (28, 28),
    ) -> None:
        layers: list[nn.Module] = []
        channels, kernel, stride = 1, first_kernel, first_stride
        left, (height, width) = unpadded, size
        for number, stage in enumerate(stages, start=1):
            halved = stride == 2
            for place, maps in enumerate(stage, start=1):
                padding = 0 if left > 0 else kernel // 2
                fixed = first_fixed and not layers
                if fixed:
                    layers.append(Cosines(maps, kernel, stride, padding, width))
                else:  # batch normalisation has a bias of its own: the convolution needs none
                    layers.append(nn.Conv2d(channels, maps, kernel, stride, padding, bias=False))
                height, width = (
                    (side + 2 * padding - kernel) // stride + 1 for side in (height, width)
                )
                if min(height, width) < 1:
                    raise ValueError(
                        "so many convolutions without padding leave no pixels of a picture of "
                        f"{size[0]}×{size[1]} pixels"
                    )
                if place == len(stage):
                    if number == len(stages) and head == "global":
                        layers.append(nn.AdaptiveMaxPool2d(1))
                        height = width = 1
                    elif not halved and min(height, width) > 3:
                        layers.append(nn.MaxPool2d(2))
                        height, width = height // 2, width // 2
                if not fixed:
                    layers.append(nn.BatchNorm2d(maps))
                layers.append(nn.ReLU())
                channels, kernel, stride, left = maps, 3, 1, left - 1
        super().__init__(*layers, Row(), nn.Linear(channels * height * width, outputs))


class Row(nn.Module):
    """Flatten a picture in the order in which it lies in memory: no copy, there or back."""

    def forward(self, pictures: Tensor) -> Tensor:
        """``(N, C, H, W)``, channels last → ``(N, H·W·C)``."""
        return pictures.permute(0, 2, 3, 1).flatten(1)


class Cosines(nn.Module):
    """A first convolution that is not learned: two-dimensional cosines, each with its negative.

    They are the slowest of the discrete cosine transform, which are close to the principal
    components of small windows of pictures, so their answers hardly repeat one another.

    A convolution over a single channel keeps a processor waiting. While it learns, a network
    therefore takes a row of pixels as the channels of one point, and all windows along it at once:
    five times the arithmetic, in little more than half the time. Rows of more than `WIDEST` pixels
    would be too much of it.

    Parameters
    ----------
    channels, kernel, stride, padding
        As of any convolution.
    width
        Of the pictures that it learns from, in pixels; others are taken as well.
    """

    filters: Tensor
    rows: Tensor | None

    def __init__(
        self, channels: int, kernel: int, stride: int, padding: int, width: int = 28
    ) -> None:
        super().__init__()
        if channels % 2 or channels > 2 * kernel**2:
            raise ValueError(
                f"a fixed first convolution of {kernel}×{kernel} has an even number of channels, "
                f"{2 * kernel**2} at most"
            )
        self.stride, self.padding, self.width = stride, padding, width
        filters = _cosines(channels // 2, kernel)
        filters = torch.cat([filters, -filters]).unsqueeze(1)
        # Settings, not weights: they are never saved, as the recipe says all of them.
        self.register_buffer("filters", filters, persistent=False)
        rows = _along_rows(filters, stride, padding, width) if width <= WIDEST else None
        self.register_buffer("rows", rows, persistent=False)

    def forward(self, pictures: Tensor) -> Tensor:
        """``(N, 1, H, W)`` → ``(N, C, H', W')``, channels last."""
        if not self.training or self.rows is None or pictures.shape[3] != self.width:
            return functional.conv2d(pictures, self.filters, None, self.stride, self.padding)
        columns = pictures.transpose(1, 3).transpose(2, 3)  # (N, across, 1, down)
        found = functional.conv2d(columns, self.rows, None, (1, self.stride), (0, self.padding))
        # (N, W·C, 1, H) in memory is (N, H, W, C): what is asked for, by other names.
        count, _, _, height = found.shape
        points = found.permute(0, 3, 2, 1).reshape(count, height, -1, len(self.filters))
        return points.permute(0, 3, 1, 2)


def _cosines(count: int, size: int) -> Tensor:
    """Return the `count` slowest cosines ``(count, size, size)``."""
    middles = torch.arange(size) + 0.5
    waves = torch.cos(math.pi / size * torch.arange(size)[:, None] * middles)
    waves /= waves.norm(dim=1, keepdim=True)
    slowest = sorted((i * i + j * j, i, j) for i in range(size) for j in range(size))
    return torch.stack([torch.outer(waves[i], waves[j]) for _, i, j in slowest[:count]])


def _along_rows(filters: Tensor, stride: int, padding: int, width: int) -> Tensor:
    """Return `filters` at every place along a row, ``(W·C, width, 1, size)``: a banded matrix."""
    channels, _, size, _ = filters.shape
    places = max((width + 2 * padding - size) // stride + 1, 0)
    bands = torch.zeros(places, channels, width + 2 * padding, 1, size)
    for place in range(places):
        at = place * stride
        bands[place, :, at : at + size, 0] = filters[:, 0].transpose(1, 2)
    bands = bands[:, :, padding : padding + width]
    return bands.flatten(0, 1).contiguous(memory_format=torch.channels_last)
