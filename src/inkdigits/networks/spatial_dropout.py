"""System C: two unpadded convolutions, with whole channels dropped while training."""

from torch import nn


class SpatialDropoutCNN(nn.Sequential):
    """Conv 5×5, 1→10 → pool → ReLU → conv 5×5, 10→20 → Dropout2d → pool → ReLU → 50 → 10.

    21,840 parameters.

    Parameters
    ----------
    outputs
        How many there are.
    dropout
        The part of the channels, and of the 50 units, that is silenced while training.
    size
        Height and width of its pictures, 16 pixels or more.
    """

    def __init__(
        self, outputs: int, dropout: float = 0.5, size: tuple[int, int] = (28, 28)
    ) -> None:
        if min(size) < 16:
            raise ValueError("its pictures must be 16×16 pixels or larger: set network.size")
        rows, columns = (((side - 4) // 2 - 4) // 2 for side in size)
        super().__init__(
            nn.Conv2d(1, 10, 5),
            nn.MaxPool2d(2),
            nn.ReLU(),
            nn.Conv2d(10, 20, 5),
            nn.Dropout2d(dropout),
            nn.MaxPool2d(2),
            nn.ReLU(),
            nn.Flatten(),
            nn.Linear(20 * rows * columns, 50),
            nn.ReLU(),
            nn.Dropout(dropout),
            nn.Linear(50, outputs),
        )
