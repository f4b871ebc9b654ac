"""Networks: plain modules from pictures in [0, 1] to the logits of an alphabet.

Most take symbols ``(N, 1, 28, 28)``; `line` and `unet` take lines and pages.

`build` puts the normalisation of the pixels in front, so that whoever holds the network cannot
feed it pixels of another scale, and, for published systems that had one, a softmax behind.
"""

import inspect
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import torch
from torch import Tensor, nn

from ..alphabet import DIGITS, Alphabet
from ..errors import RecipeError, nearest
from .cnn import CNN
from .compact import Compact
from .ensemble import Ensemble
from .frame import Frame
from .lenet import LeNet5
from .line import LineNetwork
from .mlp import MLP
from .one_conv import OneConv
from .spatial_dropout import SpatialDropoutCNN
from .unet import UNet


def _ensemble(
    outputs: int,
    members: Sequence[Mapping[str, Any]],
    weights: Sequence[float],
    temperatures: Sequence[float],
) -> Ensemble:
    built = [_network(NetworkSettings(**member), outputs) for member in members]
    return Ensemble(built, weights, temperatures)


NETWORKS: dict[str, Callable[..., nn.Module]] = {
    "one-conv": OneConv,
    "mlp": MLP,
    "cnn": CNN,
    "spatial-dropout": SpatialDropoutCNN,
    "lenet5": LeNet5,
    "compact": Compact,
    "ensemble": _ensemble,
    "line": LineNetwork,
    "unet": UNet,
}
# Of those that read something else than symbols: what, and the shape of a small picture of it.
READS = {"line": ("lines", (1, 40, 64)), "unet": ("pages", (3, 64, 64))}
HEADS = ("logits", "softmax")


@dataclass(frozen=True)
class NetworkSettings:
    """Which network, how its pixels are normalised, and what it gives out.

    ``head = "softmax"`` is a fault of systems A and C: the loss takes the softmax once more.
    """

    name: str = "cnn"
    mean: float = 0.1307  # of MNIST's training pixels in [0, 1]
    std: float = 0.3081
    head: str = "logits"
    frame: bool = False  # take ink of any size, and bring it to 28×28 in front of all else
    options: Mapping[str, object] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if self.name not in NETWORKS:
            raise RecipeError(f"No network is called {self.name!r}; {nearest(self.name, NETWORKS)}")
        if self.head not in HEADS:
            raise RecipeError(f"network.head {self.head!r} is unknown; {nearest(self.head, HEADS)}")
        if self.std <= 0:
            raise RecipeError("network.std must be above 0.")
        known = list(inspect.signature(NETWORKS[self.name]).parameters)
        known.remove("outputs")  # these the alphabet says
        for option in self.options:
            if option not in known:
                has = f"it has {', '.join(known)}" if known else "it has none"
                raise RecipeError(f"Network {self.name!r} has no option {option!r}; {has}.")

    @property
    def task(self) -> str:
        """What the network reads: ``"symbols"``, ``"lines"`` or ``"pages"``."""
        return READS.get(self.name, ("symbols",))[0]

    def shape(self, side: int = 28) -> tuple[int, ...]:
        """Return the shape ``(C, H, W)`` of a small picture of what it reads; `side` of symbols."""
        return READS.get(self.name, ("symbols", (1, side, side)))[1]


class Normalise(nn.Module):
    """Subtract the mean of the pixels and divide by their standard deviation."""

    mean: Tensor
    std: Tensor

    def __init__(self, mean: float, std: float) -> None:
        super().__init__()
        # Not among the weights: they are settings, and stand in the recipe.
        self.register_buffer("mean", torch.tensor(mean), persistent=False)
        self.register_buffer("std", torch.tensor(std), persistent=False)

    def forward(self, images: Tensor) -> Tensor:
        """``(N, 1, 28, 28)`` in [0, 1] → the same shape, about 0 with spread 1."""
        return (images - self.mean) / self.std


def build(settings: NetworkSettings, alphabet: Alphabet = DIGITS, side: int = 28) -> nn.Sequential:
    """Return the network that `settings` describe, with fresh weights from the global seed.

    Parameters
    ----------
    settings
        Its own.
    alphabet
        What its outputs mean.
    side
        Of the pictures that it shall take, in pixels; any other is as good for one that frames,
        and lines and pages have sides of their own.

    Returns
    -------
    nn.Sequential
        ``normalise`` and ``body``, before them ``frame`` and behind them ``softmax`` where the
        settings have one: pictures ``(N, 1, 28, 28)`` in [0, 1] (ink of any size, if framed) →
        logits ``(N, len(alphabet))``. What reads lines or pages takes and gives what it says.

    Raises
    ------
    RecipeError
        If an option has an impossible value, or if it cannot take such pictures.
    """
    network = _network(settings, len(alphabet))
    shape = settings.shape(side)
    try:
        with torch.inference_mode():
            network.eval()(torch.zeros(1, *shape))
    except RuntimeError as error:
        raise RecipeError(
            f"Network {settings.name!r} with {dict(settings.options)} cannot take pictures of "
            f"{shape[-2]}×{shape[-1]} pixels: {str(error).splitlines()[0]}."
        ) from error
    return network.train()


def _network(settings: NetworkSettings, outputs: int) -> nn.Sequential:
    try:
        body = NETWORKS[settings.name](outputs=outputs, **settings.options)
    except (TypeError, ValueError, RuntimeError) as error:
        raise RecipeError(
            f"Network {settings.name!r} cannot be built with {dict(settings.options)}: {error}."
        ) from error
    network = nn.Sequential()
    if settings.frame:
        network.add_module("frame", Frame())
    network.add_module("normalise", Normalise(settings.mean, settings.std))
    network.add_module("body", body)
    if settings.head == "softmax":
        network.add_module("softmax", nn.Softmax(dim=1))
    return network


def place(network: nn.Sequential, device: torch.device | str) -> nn.Sequential:
    """Move `network` to `device`, channels last: the layout in which convolutions are fastest."""
    return network.to(device=device, memory_format=torch.channels_last)  # type: ignore[call-overload, no-any-return]


def parameter_count(network: nn.Module) -> int:
    """How many numbers the network learns."""
    return sum(p.numel() for p in network.parameters() if p.requires_grad)
