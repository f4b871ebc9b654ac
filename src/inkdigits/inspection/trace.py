"""A picture on its way through a network: every layer in order, what it is, what it gives."""

from dataclasses import dataclass
from typing import Any

import numpy.typing as npt
import torch
from torch import Tensor, nn

from ..alphabet import Alphabet
from ..errors import InkdigitsError
from ..networks import Network, Normalise
from ..networks.compact import Cosines, Row
from ..networks.ensemble import Ensemble
from ..networks.settings import SIZE
from .calls import Between, Step, between, calls, is_plain

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
        ``"linear"``, ``"softmax"``; or ``"other"``: of it only what it gives is known.
    name
        What to call it: ``"conv 5×5, 16 maps"``.
    settings
        Numbers that are not learned: kernel, stride and padding in pixels, mean and std, part; of
        an ``"other"`` how many parameters it has.
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
        ``(H, W)``, 0 paper to 1 ink.
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

    They are what it calls for a picture, in that order: see `calls`.

    Raises
    ------
    InkdigitsError
        If it is an ensemble, whose members can be looked into one by one.
    """
    return [_layer(index, step) for index, step in enumerate(_steps(network))]


def trace(network: nn.Module, picture: npt.ArrayLike | Tensor) -> Trace:
    """Send a picture through a network, and keep what every layer gives.

    Parameters
    ----------
    network
        As for `layers`; it is read as it reads: nothing drops out.
    picture
        As the network saw it, ``(28, 28)`` or what size it has: bytes from 0 for paper to 255, or
        floats from 0 to 1.

    Raises
    ------
    InkdigitsError
        As for `layers`, or if the picture has another size.
    """
    steps = _steps(network)
    start = as_input(picture, size_of(network))
    called, result = calls(network, start)
    if [call.module for call in called] != [step.module for step in steps if step.called]:
        raise InkdigitsError(
            "This network calls different layers for different pictures, so it cannot be "
            "inspected: use one that always calls the same layers."
        )
    values, outputs, waiting = start, [], iter(called)
    ends = [call.before for call in called] + [result]  # what comes out between two calls
    done = 0
    with torch.inference_mode():
        for at, step in enumerate(steps):
            if step.called:
                values, done = next(waiting).after, done + 1
            elif at + 1 == len(steps) or steps[at + 1].called:
                values = ends[done]
            else:
                values = step.module(values)
            outputs.append(_shown(values))
    return Trace(start[0, 0], [_layer(index, step) for index, step in enumerate(steps)], outputs)


def size_of(network: nn.Module) -> tuple[int, int]:
    """Return height and width of the pictures that a network takes behind its frame."""
    return network.size if isinstance(network, Network) else SIZE


def as_input(picture: npt.ArrayLike | Tensor, size: tuple[int, int] = SIZE) -> Tensor:
    """Return a picture ``(H, W)`` of that size as the batch of one, ``(1, 1, H, W)`` in [0, 1]."""
    given = torch.as_tensor(picture)
    if given.shape != size:
        raise InkdigitsError(
            f"The picture must be {size[0]}×{size[1]}, not {'×'.join(map(str, given.shape))}: "
            "pass it as the network takes it."
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


def _steps(network: nn.Module) -> list[Step]:
    """Return what a network does, as a picture of noise shows it."""
    for part in network.modules():
        if isinstance(part, Ensemble):
            raise InkdigitsError("An ensemble cannot be inspected: inspect its members.")
    noise = torch.rand(1, 1, *size_of(network), generator=torch.Generator().manual_seed(0))
    called, result = calls(network, noise)
    steps, values = [], noise
    for call in called:
        steps += [Step(module, values) for module in between(values, call.before)]
        steps.append(Step(call.module, call.before, called=True))
        values = call.after
    return steps + [Step(module, values) for module in between(values, result)]


def _shown(values: Tensor) -> Tensor:
    """Return values without the dimension of the batch: maps ``(C, H, W)``, or units ``(N,)``."""
    one = values[0]
    if one.ndim == 2:
        one = one.unsqueeze(0)
    return (one if one.ndim in (1, 3) else one.flatten()).contiguous()


def _layer(index: int, step: Step) -> Layer:
    module = step.module
    described = _described(module) if is_plain(module) and _fits(module, step.before) else None
    if described is None:
        learned = sum(weight.numel() for weight in module.parameters())
        name = "between layers" if isinstance(module, Between) else type(module).__name__
        return Layer(index, "other", name, {"parameters": learned}, {}, module)
    kind, name, settings = described
    return Layer(index, kind, name, settings, _tensors(module), module)


def _fits(module: nn.Module, before: Tensor) -> bool:
    """Whether a layer takes what layers of its kind usually take: units, or maps."""
    return before.ndim == 2 or not isinstance(module, nn.Linear | nn.Softmax)


def _described(module: nn.Module) -> tuple[str, str, Settings] | None:
    """Return kind, name and settings; None for what is not as plain as its kind usually is."""
    match module:
        case Normalise():
            return "normalise", "normalise", _rounded(mean=module.mean, std=module.std)
        case nn.Conv2d(groups=1, dilation=(1, 1), padding_mode="zeros"):
            padding = 0 if module.padding == "valid" else module.padding
            window = _window(module.kernel_size, module.stride, padding)
            name = f"{module.out_channels} maps"
            return ("conv", f"conv {_side(window)}, {name}", window) if window else None
        case Cosines():
            count, _, *size = module.filters.shape
            window = _window(size, module.stride, module.padding)
            name = f"{count} maps"
            return ("fixed-conv", f"fixed conv {_side(window)}, {name}", window) if window else None
        case nn.BatchNorm2d(affine=True, track_running_stats=True):
            return "batch-norm", "batch norm", {"epsilon": module.eps}
        case nn.ReLU():
            return "relu", "ReLU", {}
        case nn.MaxPool2d(padding=0, dilation=1, ceil_mode=False):
            window = _window(module.kernel_size, module.stride, 0)
            return ("max-pool", f"max-pool {_side(window)}", window) if window else None
        case nn.AdaptiveMaxPool2d(output_size=1):
            return "global-max-pool", "global max-pool", {}
        case nn.Dropout():
            return "dropout", "dropout", {"part": module.p}
        case nn.Dropout2d():
            return "spatial-dropout", "spatial dropout", {"part": module.p}
        case nn.Flatten(start_dim=1, end_dim=-1):
            return "flatten", "flatten", {}
        case Row():
            return "row", "flatten", {}
        case nn.Linear():
            return "linear", f"linear, {module.out_features} units", {}
        case nn.Softmax(dim=1):
            return "softmax", "softmax", {}
    return None


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


def _window(kernel: Any, stride: Any, padding: Any) -> Settings | None:
    """Return the settings of a square window; None for others."""
    found: Settings = {}
    for name, value in (("kernel", kernel), ("stride", stride), ("padding", padding)):
        if isinstance(value, str):
            return None
        ways = {int(way) for way in value} if isinstance(value, list | tuple) else {int(value)}
        if len(ways) > 1:
            return None
        found[name] = ways.pop()
    return found


def _side(window: Settings) -> str:
    return f"{window['kernel']}×{window['kernel']}"


def _rounded(**values: Tensor) -> Settings:
    return {name: round(float(value), 6) for name, value in values.items()}
