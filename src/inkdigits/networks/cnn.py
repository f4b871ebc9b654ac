"""The plain CNN of systems B (without dropout) and D (with it)."""

from torch import nn


class CNN(nn.Sequential):
    """Twice conv 3×3 → ReLU → max-pool 2, with 32 and 64 channels, then 128 units.

    421,642 parameters, of which the first linear layer has 401,536.

    Parameters
    ----------
    outputs
        How many there are.
    dropout
        The part of the 128 units that is silenced while training: 0 in system B, 0.5 in D.
    size
        Height and width of its pictures.
    """

    def __init__(
        self, outputs: int, dropout: float = 0.0, size: tuple[int, int] = (28, 28)
    ) -> None:
        height, width = size
        super().__init__(
            nn.Conv2d(1, 32, 3, padding=1),
            nn.ReLU(),
            nn.MaxPool2d(2),
            nn.Conv2d(32, 64, 3, padding=1),
            nn.ReLU(),
            nn.MaxPool2d(2),
            nn.Flatten(),
            nn.Linear(64 * (height // 4) * (width // 4), 128),
            nn.ReLU(),
            nn.Dropout(dropout),
            nn.Linear(128, outputs),
        )
