"""System B's multilayer perceptron: every pixel joined to every unit, no idea of place."""

from collections.abc import Sequence
from itertools import pairwise

from torch import nn


class MLP(nn.Sequential):
    """Flatten → 784-256-128-10 with ReLU. 235,146 parameters."""

    def __init__(
        self,
        outputs: int,
        widths: Sequence[int] = (256, 128),
        size: tuple[int, int] = (28, 28),
    ) -> None:
        height, width = size
        units = (height * width, *widths)
        layers: list[nn.Module] = [nn.Flatten()]
        for fan_in, fan_out in pairwise(units):
            layers += [nn.Linear(fan_in, fan_out), nn.ReLU()]
        super().__init__(*layers, nn.Linear(units[-1], outputs))
