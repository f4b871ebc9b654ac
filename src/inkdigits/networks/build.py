"""From settings to a network: counted before anything is made, and tried once it is."""

from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from typing import Any, TypeVar

import torch
from torch import Tensor, nn
from torch.nn.parameter import is_lazy

from ..alphabet import DIGITS, Alphabet
from ..errors import InkdigitsError, RecipeError
from ..limits import brief, number
from . import own
from .cnn import CNN
from .compact import Compact
from .ensemble import Ensemble
from .frame import Frame
from .lenet import LeNet5
from .line import LineNetwork
from .mlp import MLP
from .one_conv import OneConv
from .settings import SIZE, NetworkSettings, Size
from .spatial_dropout import SpatialDropoutCNN
from .unet import UNet

MAX_PARAMETERS = 100_000_000  # and other numbers that a network keeps
MAX_MODULES = 10_000
MAX_VALUES = 1 << 29  # that the convolutions may give for one picture: two gigabytes


def _ensemble(
    outputs: int,
    size: Size,
    members: Sequence[Mapping[str, Any]],
    weights: Sequence[float],
    temperatures: Sequence[float],
) -> Ensemble:
    settings = [NetworkSettings(**member) for member in members]
    if any(one.name == "ensemble" or one.size != size for one in settings):
        raise ValueError("its members must be single networks, with its network.size")
    return Ensemble([_network(one, outputs) for one in settings], weights, temperatures)


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
SIZED = NETWORKS.keys() - {"line", "unet"}  # those that are told the size of their pictures

N = TypeVar("N", bound=nn.Module)


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
        """``(N, 1, H, W)`` in [0, 1] → the same shape, about 0 with spread 1."""
        return (images - self.mean) / self.std


class Network(nn.Sequential):
    """What `build` makes: parts in a row, and what is known of them.

    Attributes
    ----------
    own
        The name of a network of somebody's own; empty for others.
    size
        Height and width of the pictures that it takes, behind its frame if it has one.
    """

    own: str = ""
    size: Size = SIZE

    def forward(self, pictures: Tensor) -> Tensor:
        """Pictures → logits; what a foreign module raises is one sentence.

        Raises
        ------
        RecipeError
            If a network of somebody's own raises anything.
        """
        if not self.own:
            return super().forward(pictures)  # type: ignore[no-any-return, no-untyped-call]
        with own.explained(self.own, f"on pictures of the shape {tuple(pictures.shape)}"):
            return super().forward(pictures)  # type: ignore[no-any-return, no-untyped-call]


def build(
    settings: NetworkSettings, alphabet: Alphabet = DIGITS, side: int | None = None
) -> Network:
    """Return the network that `settings` describe, with fresh weights from the global seed.

    Parameters
    ----------
    settings
        Its own.
    alphabet
        What its outputs mean.
    side
        Of the square pictures that it shall take besides those of ``settings.size``, in pixels; any
        is as good for one that frames, and lines and pages have sides of their own.

    Returns
    -------
    Network
        ``normalise`` and ``body``, before them ``frame`` and behind them ``softmax`` where the
        settings have one: pictures ``(N, 1, H, W)`` in [0, 1] (ink of any size, if framed) →
        logits ``(N, len(alphabet))``. What reads lines or pages takes and gives what it says.

    Raises
    ------
    RecipeError
        If it is unknown or too large, if an option has an impossible value, if it cannot take such
        pictures, or if a network of somebody's own is not what it should be.
    """
    with suppress(own.ForeignError):  # its constructor may need tensors that are there: see below
        count(settings, alphabet)
    network = _network(settings, len(alphabet))
    shapes = {settings.shape(), settings.shape(side)}
    if settings.is_own:
        own.check(network, settings.name, len(alphabet), sorted(shapes))
        _check_parts(network, settings)
        return network.train()
    for shape in sorted(shapes):
        try:
            with torch.inference_mode():
                network.eval()(torch.zeros(1, *shape))
        except RuntimeError as error:
            raise RecipeError(
                f"Network {settings.name!r} with {brief(dict(settings.options))} cannot take "
                f"pictures of {shape[-2]}×{shape[-1]} pixels: {str(error).splitlines()[0]}."
            ) from error
    return network.train()


def count(settings: NetworkSettings, alphabet: Alphabet = DIGITS) -> int:
    """Return how many numbers a network learns, without making room for a single one.

    Raises
    ------
    RecipeError
        As for `build`, but that it is not tried.
    """
    for name in settings.own_names:  # imported first, as what a module makes is to be real
        own.load(name)
    # Whatever random numbers are drawn for weights that are not there, none of others changes.
    with torch.random.fork_rng(devices=[]), torch.device("meta"):
        network = _network(settings, len(alphabet))
    _check_parts(network, settings)
    height, width = settings.shape()[-2:]
    channels = sum(part.out_channels for part in network.modules() if isinstance(part, nn.Conv2d))
    if not settings.own_names and channels * height * width > MAX_VALUES:
        raise RecipeError(
            f"Network {settings.name!r} has {channels:,} channels, which are too many for pictures "
            f"of {height}×{width} pixels: use fewer channels, or reduce network.size."
        )
    return parameter_count(network)


def _check_parts(network: nn.Module, settings: NetworkSettings) -> None:
    """Refuse a network of too many parts or numbers."""
    modules = sum(1 for _ in network.modules())
    tensors = (*network.parameters(), *network.buffers())
    numbers = sum(tensor.numel() for tensor in tensors if not is_lazy(tensor))
    for found, most, what in (
        (modules, MAX_MODULES, "modules"),
        (numbers, MAX_PARAMETERS, "parameters"),
    ):
        if found > most:
            raise RecipeError(
                f"Network {settings.name!r} would have {found:,} {what}, and {number(most)} are "
                "allowed: reduce network.options or network.size."
            )


def _network(settings: NetworkSettings, outputs: int) -> Network:
    network = Network()
    if settings.frame:
        network.add_module("frame", Frame(settings.size))
    network.add_module("normalise", Normalise(settings.mean, settings.std))
    network.add_module("body", _body(settings, outputs))
    if settings.head == "softmax":
        network.add_module("softmax", nn.Softmax(dim=1))
    network.own = settings.name if settings.is_own else ""
    network.size = settings.size
    return network


def _body(settings: NetworkSettings, outputs: int) -> nn.Module:
    if settings.is_own:
        return own.construct(settings.name, outputs, settings.size, settings.options)
    given = {"size": settings.size} if settings.name in SIZED else {}
    try:
        return NETWORKS[settings.name](outputs=outputs, **given, **settings.options)
    except InkdigitsError:
        raise
    except (TypeError, ValueError, RuntimeError) as error:
        raise RecipeError(
            f"Network {settings.name!r} cannot be built with {brief(dict(settings.options))}: "
            f"{error}."
        ) from error


def place(network: N, device: torch.device | str) -> N:
    """Move `network` to `device`, channels last: the layout in which convolutions are fastest.

    One of somebody's own keeps its layout, as there are modules that go by it, such as those that
    flatten by `view`.
    """
    if any(isinstance(part, Network) and part.own for part in network.modules()):
        return network.to(device=device)
    return network.to(device=device, memory_format=torch.channels_last)  # type: ignore[call-overload, no-any-return]


def parameter_count(network: nn.Module) -> int:
    """How many numbers the network learns."""
    return sum(p.numel() for p in network.parameters() if p.requires_grad and not is_lazy(p))
