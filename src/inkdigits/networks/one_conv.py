"""System A: one convolution, batch normalisation, one linear layer."""

from torch import nn


class OneConv(nn.Sequential):
    """Pad 2 → conv 5×5, 1→16 → batch norm → ReLU → max-pool 2 → linear. 31,818 parameters."""

    def __init__(self, outputs: int, size: tuple[int, int] = (28, 28)) -> None:
        height, width = size
        super().__init__(
            nn.Conv2d(1, 16, 5, padding=2),
            nn.BatchNorm2d(16),
            nn.ReLU(),
            nn.MaxPool2d(2),
            nn.Flatten(),
            nn.Linear(16 * (height // 2) * (width // 2), outputs),
        )
