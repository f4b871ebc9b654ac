"""The network of a line: convolutions alone, from a grey picture to what stands at each step."""

from collections.abc import Sequence

import torch
from torch import Tensor, nn

HEIGHT = 40  # pixels
STEP = 4  # pixels along the line to one output
EPSILON = 1e-2  # of a deviation: less contrast than this is no ink, and is not made any


class LineNetwork(nn.Module):
    """Grey lines ``(N, 1, 40, W)`` in [0, 1] → logits ``(N, W / 4, 1 + outputs)`` for CTC.

    Each picture is brought to mean 0 and deviation 1, so neither light nor pen decides. Then come
    convolutions (3×3 → batch norm → ReLU); what is left of the height becomes channels, and
    convolutions along the line let a symbol be seen beside its neighbours: with their gaps they see
    some sixty pixels to either side.

    Parameters
    ----------
    outputs
        How many names the alphabet has; before them stands the blank of CTC.
    channels
        Of each 3×3 convolution.
    strides
        Of each, downwards and along the line; along the line they multiply to 4.
    context
        Channels along the line.
    gaps
        The dilation of each convolution along the line.
    dropout
        The part of the channels that is silenced before the last layer, while training.
    """

    def __init__(
        self,
        outputs: int,
        channels: Sequence[int] = (24, 32, 64, 64, 96, 96, 128, 128),
        strides: Sequence[Sequence[int]] = (
            (2, 1), (2, 2), (1, 1), (1, 1), (2, 2), (1, 1), (2, 1), (1, 1)
        ),
        context: int = 128,
        gaps: Sequence[int] = (1, 2),
        dropout: float = 0.1,
    ) -> None:  # fmt: skip
        super().__init__()
        if len(channels) != len(strides) or not channels:
            raise ValueError("channels and strides must have the same length, 1 or more")
        if any(len(stride) != 2 for stride in strides):
            raise ValueError("each stride must be two numbers: vertical and horizontal")
        layers: list[nn.Module] = []
        before, height, along = 1, HEIGHT, 1
        for width, (down, across) in zip(channels, strides, strict=True):
            layers += _convolution(nn.Conv2d(before, width, 3, (down, across), 1, bias=False))
            before, height, along = width, (height - 1) // down + 1, along * across
        if along != STEP:
            raise ValueError(f"the product of the horizontal strides must be {STEP}")
        layers += _convolution(nn.Conv2d(before, context, (height, 1), bias=False))
        self.features = nn.Sequential(*layers)
        self.context = nn.Sequential(*(Along(context, gap) for gap in gaps))
        self.head = nn.Sequential(nn.Dropout(dropout), nn.Conv2d(context, 1 + outputs, 1))

    def forward(self, lines: Tensor) -> Tensor:
        """``(N, 1, 40, W)`` → ``(N, W / 4, 1 + outputs)``."""
        with torch.autocast(lines.device.type, enabled=False):
            lines = lines.float()
            centred = lines - lines.mean((2, 3), keepdim=True)
            spread = centred.square().mean((2, 3), keepdim=True).sqrt()
            standard = centred / (spread + EPSILON)
        found: Tensor = self.head(self.context(self.features(standard)))
        return found.squeeze(2).transpose(1, 2)


class Along(nn.Module):
    """A convolution along the line, added to what it sees."""

    def __init__(self, channels: int, gap: int) -> None:
        super().__init__()
        self.body = nn.Sequential(
            nn.Conv2d(
                channels, channels, (1, 5), padding=(0, 2 * gap), dilation=(1, gap), bias=False
            ),
            nn.BatchNorm2d(channels),
        )

    def forward(self, line: Tensor) -> Tensor:
        """``(N, C, 1, T)`` → the same shape."""
        return torch.relu(line + self.body(line))


def _convolution(convolution: nn.Conv2d) -> list[nn.Module]:
    return [convolution, nn.BatchNorm2d(convolution.out_channels), nn.ReLU()]
