"""LeNet-5: the layout of 1998 with the activations of today."""

from torch import nn


class LeNet5(nn.Sequential):
    """32×32 → C1 6@28 → S2 → C3 16@10 → S4 → C5 120 → F6 84 → 10. 61,706 parameters.

    LeCun, Bottou, Bengio and Haffner 1998, figure 2. As everywhere today, C3 sees all six maps of
    S2 (theirs saw a table of subsets), pooling takes the maximum (theirs: a trained average), units
    are ReLU (theirs: scaled tanh), and the output is linear (theirs: radial basis functions).
    """

    def __init__(self, outputs: int, size: tuple[int, int] = (28, 28)) -> None:
        if min(size) < 28:
            raise ValueError("its pictures must be 28×28 pixels or larger: set network.size")
        rows, columns = ((side // 2 - 4) // 2 - 4 for side in size)
        super().__init__(
            nn.Conv2d(1, 6, 5, padding=2),
            nn.ReLU(),
            nn.MaxPool2d(2),
            nn.Conv2d(6, 16, 5),
            nn.ReLU(),
            nn.MaxPool2d(2),
            nn.Conv2d(16, 120, 5),
            nn.ReLU(),
            nn.Flatten(),
            nn.Linear(120 * rows * columns, 84),
            nn.ReLU(),
            nn.Linear(84, outputs),
        )
