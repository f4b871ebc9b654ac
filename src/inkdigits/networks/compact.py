"""Our own network: stages of convolutions with batch normalisation, and one linear layer."""

from collections.abc import Sequence

from torch import nn


class Compact(nn.Sequential):
    """Stages of convolutions (3×3 → batch norm → ReLU), then one linear layer.

    Every stage halves the picture (28 → 14 → 7 → 3 → 1 pixels). The last convolution of a stage is
    max-pooled before its normalisation: a quarter of the pixels remain to be normalised, which is
    what costs most in a network this small.

    Parameters
    ----------
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
    classes
        12 gives outputs to what is no digit, and to what is several.
    """

    def __init__(
        self,
        stages: Sequence[Sequence[int]] = ((16, 16), (32, 32), (64, 64)),
        head: str = "global",
        first_kernel: int = 3,
        first_stride: int = 1,
        classes: int = 10,
    ) -> None:
        if not 1 <= len(stages) <= 4 or not all(stages):
            raise ValueError("stages must be one to four lists of channels, none empty")
        if head not in ("global", "flatten"):
            raise ValueError("head must be 'global' or 'flatten'")
        if first_kernel % 2 == 0 or first_stride not in (1, 2):
            raise ValueError("first_kernel must be odd and first_stride 1 or 2")
        if classes not in (10, 12):
            raise ValueError("classes must be 10, or 12 to refuse what is no digit or several")
        layers: list[nn.Module] = []
        channels, size, kernel, stride = 1, 28, first_kernel, first_stride
        for number, stage in enumerate(stages, start=1):
            strided, size = stride == 2, size // 2
            for place, width in enumerate(stage, start=1):
                # Batch normalisation has a bias of its own, so the convolution needs none.
                layers.append(
                    nn.Conv2d(channels, width, kernel, stride, padding=kernel // 2, bias=False)
                )
                if place == len(stage):
                    if number == len(stages) and head == "global":
                        layers.append(nn.AdaptiveMaxPool2d(1))
                        size = 1
                    elif not strided:
                        layers.append(nn.MaxPool2d(2))
                layers += [nn.BatchNorm2d(width), nn.ReLU()]
                channels, kernel, stride = width, 3, 1
        super().__init__(*layers, nn.Flatten(), nn.Linear(channels * size**2, classes))
