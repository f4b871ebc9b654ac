"""A small U-Net (Ronneberger et al. 2015): a class for every square of 2×2 pixels of a page."""

from collections.abc import Sequence

import torch
from torch import Tensor, nn
from torch.nn import functional


class UNet(nn.Module):
    """Pages ``(N, 3, H, W)`` → logits ``(N, outputs, H / 2, W / 2)``; sides are multiples of 32.

    The four pixels of a square become channels, so that the largest maps, which cost most, have
    half the side of the page. Then each level halves what it gets, and on the way back up what
    was found below is laid beside what was there before.

    Parameters
    ----------
    outputs
        How many classes there are.
    channels
        Of each level, from the top down; of five levels the lowest sees a page 32 times smaller.
    """

    def __init__(self, outputs: int, channels: Sequence[int] = (16, 24, 32, 48, 64)) -> None:
        super().__init__()
        if not 2 <= len(channels) <= 5:
            raise ValueError("channels must be of two to five levels")
        self.down = nn.ModuleList()
        before = 3 * 4
        for width in channels:
            self.down.append(_level(before, width))
            before = width
        self.up = nn.ModuleList()
        for width in reversed(channels[:-1]):
            self.up.append(_level(before + width, width))
            before = width
        self.head = nn.Conv2d(before, outputs, 1)

    def forward(self, pages: Tensor) -> Tensor:
        """``(N, 3, H, W)`` → ``(N, outputs, H / 2, W / 2)``."""
        found, levels = functional.pixel_unshuffle(pages, 2), []
        for number, level in enumerate(self.down):
            found = level(found if number == 0 else functional.max_pool2d(found, 2))
            levels.append(found)
        for level, beside in zip(self.up, reversed(levels[:-1]), strict=True):
            larger = functional.interpolate(found, scale_factor=2.0, mode="nearest")
            found = level(torch.cat([larger, beside], 1))
        logits: Tensor = self.head(found)
        return logits


def _level(before: int, width: int) -> nn.Sequential:
    layers: list[nn.Module] = []
    for channels in (before, width):
        convolution = nn.Conv2d(channels, width, 3, padding=1, bias=False)
        layers += [convolution, nn.BatchNorm2d(width), nn.ReLU()]
    return nn.Sequential(*layers)
