"""A picture on its way through a network: every layer in order, what it is, what it gives."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy.typing as npt
import torch
from torch import Tensor, nn

from ..alphabet import Alphabet
from ..errors import InkdigitsError
from ..networks import Normalise
from ..networks.compact import Cosines, Row
from ..networks.frame import SIZE, Frame

Settings = dict[str, int | float]


@dataclass(frozen=True, eq=False)
class Layer:
    """One step of a network.

    Attributes
    ----------
    index
        Its place, from 0.
    kind
        ``"normalise"``, ``"conv"``, ``"fixed-conv"``, ``"batch-norm"``, ``"relu"``, ``"max-pool"``,
        ``"global-max-pool"``, ``"dropout"``, ``"spatial-dropout"``, ``"flatten"``, ``"row"``,
        ``"linear"`` or ``"softmax"``.
    name
        What to call it: ``"conv 5×5, 16 maps"``.
    settings
        Numbers that are not learned: kernel, stride and padding in pixels, mean and std, part.
    tensors
        Numbers that are: ``weight`` and ``bias``; of batch normalisation, where they are the factor
        and what is added behind it, also ``mean`` and ``variance``. Those of a fixed convolution
        are given in the same way.
    module
        What computes it.
    """

    index: int
    kind: str
    name: str
    settings: Settings
    tensors: dict[str, Tensor]
    module: nn.Module

    def as_dict(self) -> dict[str, Any]:
        """Return all but the tensors, as JSON knows it."""
        named = {"index": self.index, "kind": self.kind, "name": self.name}
        return {**named, "settings": self.settings}


@dataclass(frozen=True, eq=False)
class Trace:
    """What a picture became, layer by layer.

    Attributes
    ----------
    input
        ``(28, 28)``, 0 paper to 1 ink.
    layers
        The steps, in order.
    outputs
        What each gives, without the dimension of the batch: maps ``(C, H, W)`` or units ``(N,)``.
    """

    input: Tensor
    layers: list[Layer]
    outputs: list[Tensor]

    @property
    def logits(self) -> Tensor:
        """What stands before the softmax, one for each output."""
        last = self.layers[-1].kind == "softmax"
        return self.outputs[-2 if last else -1]


def layers(network: nn.Module) -> list[Layer]:
    """Return the layers of a network that `networks.build` made, but for its frame.

    Raises
    ------
    InkdigitsError
        If it is no chain of layers, as an ensemble is none, or holds one of an unknown kind.
    """
    return [_layer(index, module) for index, module in enumerate(_leaves(network))]


def trace(network: nn.Module, picture: npt.ArrayLike | Tensor) -> Trace:
    """Send a picture through a network, and keep what every layer gives.

    Parameters
    ----------
    network
        As for `layers`; it is read as it reads: nothing drops out.
    picture
        ``(28, 28)`` as the network saw it: bytes from 0 for paper to 255, or floats from 0 to 1.

    Raises
    ------
    InkdigitsError
        As for `layers`, or if the picture has another size.
    """
    steps = layers(network.eval())
    values = start = as_input(picture)
    outputs = []
    with torch.inference_mode():
        for step in steps:
            values = step.module(values)
            outputs.append(values[0].contiguous())
    return Trace(start[0, 0], steps, outputs)


def as_input(picture: npt.ArrayLike | Tensor) -> Tensor:
    """Return a picture ``(28, 28)`` as the batch of one, ``(1, 1, 28, 28)`` in [0, 1]."""
    given = torch.as_tensor(picture)
    if given.shape != (SIZE, SIZE):
        raise InkdigitsError(
            f"A picture to look at is {SIZE}×{SIZE}, not {'×'.join(map(str, given.shape))}: "
            "send it as a network sees it."
        )
    scaled = given.float() / 255 if given.dtype == torch.uint8 else given.float()
    return scaled[None, None]


def shares(
    logits: Tensor, alphabet: Alphabet, temperature: float = 1.0
) -> tuple[Tensor, float, float]:
    """Return which symbol it is if it is one, and how likely it is none, or several.

    Parameters
    ----------
    logits
        One for each name of the alphabet.
    alphabet
        Of the network.
    temperature
        What they are divided by first.

    Returns
    -------
    tuple
        Probabilities of the symbols that add up to 1; how likely it is none or several, 0 where
        the network has no such output; and how likely several, a part of it.
    """
    scaled = logits.double() / temperature
    symbols, several = len(alphabet.symbols), alphabet.several_symbols
    every = scaled.softmax(0)
    return (
        scaled[:symbols].softmax(0),
        float(every[symbols:].sum()),
        0.0 if several is None else float(every[several]),
    )


def _leaves(network: nn.Module) -> Iterator[nn.Module]:
    for part in network.children():
        if isinstance(part, nn.Sequential):
            yield from _leaves(part)
        elif not isinstance(part, Frame):
            yield part


def _layer(index: int, module: nn.Module) -> Layer:
    kind, name, settings = _described(module)
    return Layer(index, kind, name, settings, _tensors(module), module)


def _described(module: nn.Module) -> tuple[str, str, Settings]:
    match module:
        case Normalise():
            return "normalise", "normalise", _rounded(mean=module.mean, std=module.std)
        case nn.Conv2d():
            window = _window(module.kernel_size, module.stride, module.padding)
            return "conv", f"conv {_side(window)}, {module.out_channels} maps", window
        case Cosines():
            count, _, *size = module.filters.shape
            window = _window(size, module.stride, module.padding)
            return "fixed-conv", f"fixed conv {_side(window)}, {count} maps", window
        case nn.BatchNorm2d():
            return "batch-norm", "batch norm", {"epsilon": module.eps}
        case nn.ReLU():
            return "relu", "ReLU", {}
        case nn.MaxPool2d():
            window = _window(module.kernel_size, module.stride, module.padding)
            return "max-pool", f"max-pool {_side(window)}", window
        case nn.AdaptiveMaxPool2d(output_size=1):
            return "global-max-pool", "global max-pool", {}
        case nn.Dropout():
            return "dropout", "dropout", {"part": module.p}
        case nn.Dropout2d():
            return "spatial-dropout", "spatial dropout", {"part": module.p}
        case nn.Flatten():
            return "flatten", "flatten", {}
        case Row():
            return "row", "flatten", {}
        case nn.Linear():
            return "linear", f"linear, {module.out_features} units", {}
        case nn.Softmax():
            return "softmax", "softmax", {}
    raise InkdigitsError(
        f"A network with a layer {type(module).__name__} cannot be looked into: "
        "look into one that is a chain of plain layers."
    )


def _tensors(module: nn.Module) -> dict[str, Tensor]:
    found: dict[str, Tensor | None] = {}
    if isinstance(module, Cosines):
        found = {"weight": module.filters}
    elif isinstance(module, nn.Conv2d | nn.Linear):
        found = {"weight": module.weight, "bias": module.bias}
    elif isinstance(module, nn.BatchNorm2d):
        statistics = {"mean": module.running_mean, "variance": module.running_var}
        found = {"weight": module.weight, "bias": module.bias, **statistics}
    return {name: value.detach().contiguous() for name, value in found.items() if value is not None}


def _window(kernel: Any, stride: Any, padding: Any) -> Settings:
    each = {"kernel": kernel, "stride": stride, "padding": padding}
    return {name: _one(value) for name, value in each.items()}


def _one(value: Any) -> int:
    """Return the one number of what is the same both ways."""
    ways = {int(way) for way in value} if isinstance(value, list | tuple) else {int(value)}
    if len(ways) > 1:
        raise InkdigitsError("Windows that are not square cannot be looked into.")
    return ways.pop()


def _side(window: Settings) -> str:
    return f"{window['kernel']}×{window['kernel']}"


def _rounded(**values: Tensor) -> Settings:
    return {name: round(float(value), 6) for name, value in values.items()}
