"""What a network calls for a picture, in order, whatever it is made of.

A module says nothing of what it computes between two of its layers, by functions and operators.
That is found by trying, for the few steps that networks commonly take there; what remains is a step
of its own, of which only the values are known. So each step begins with what the one before gave.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from threading import get_ident

import torch
from torch import Tensor, nn

from ..networks import Normalise
from ..networks.compact import Cosines, Row
from ..networks.frame import Frame

PLAIN = (
    Normalise, nn.Conv2d, Cosines, nn.BatchNorm2d, nn.ReLU, nn.MaxPool2d, nn.AdaptiveMaxPool2d,
    nn.Dropout, nn.Dropout2d, nn.Flatten, Row, nn.Linear, nn.Softmax,
)  # fmt: skip


class Between(nn.Module):
    """What a network computes between two layers, in ways that are not known here."""


@dataclass(frozen=True, eq=False)
class Call:
    """A layer that was called: what it took, and what it gave, batches of one."""

    module: nn.Module
    before: Tensor
    after: Tensor


@dataclass(frozen=True, eq=False)
class Step:
    """A step of a network: a layer that it calls, or what it does between two of them."""

    module: nn.Module
    before: Tensor
    called: bool = False


def calls(network: nn.Module, start: Tensor) -> tuple[list[Call], Tensor]:
    """Return the layers that a network calls for ``(1, 1, H, W)``, and what it gives in the end.

    Its frame is left out, and so are layers that take or give other than a batch of one.
    """
    found: list[Call] = []
    taken: list[Tensor | None] = []
    thread = get_ident()  # whoever asks the same network meanwhile is watched by hooks of their own

    def enter(_: nn.Module, given: tuple[object, ...]) -> None:
        if get_ident() != thread:
            return
        taken.append(_kept(given[0]) if given else None)  # kept now, as it may be changed in place

    def leave(module: nn.Module, _: tuple[object, ...], given: object) -> None:
        if get_ident() != thread:
            return
        before, after = taken.pop(), _kept(given)
        if before is not None and after is not None:
            found.append(Call(module, before, after))

    network.eval()
    parts = [part for part in network.children() if not isinstance(part, Frame)]
    handles = []
    for layer in dict.fromkeys(layer for part in parts for layer in _layers(part)):
        handles.append(layer.register_forward_pre_hook(enter))
        handles.append(layer.register_forward_hook(leave))
    values = start
    try:
        with torch.inference_mode():
            for part in parts:
                values = part(values)
    finally:
        for handle in handles:
            handle.remove()
    return found, values


def is_plain(module: nn.Module) -> bool:
    """Whether a module is a layer whose arithmetic is known, and no variety of it."""
    return any(isinstance(module, kind) and type(module).forward is kind.forward for kind in PLAIN)


def between(values: Tensor, wanted: Tensor) -> list[nn.Module]:
    """Return what makes `wanted` of `values`: nothing, a few plain steps, or what is not known."""
    if _same(values, wanted):
        return []
    with torch.inference_mode():
        for steps in _usual():
            found = values
            try:
                for step in steps:
                    found = step(found)
            except (IndexError, RuntimeError):  # these values are none for it
                continue
            if _same(found, wanted):
                return steps
    return [Between()]


def _usual() -> Iterator[list[nn.Module]]:
    """Yield what networks commonly compute by functions between two layers."""
    for kinds in ("r", "f", "p", "rp", "pr", "rf", "pf", "rpf", "prf"):
        made = {"r": nn.ReLU(), "f": nn.Flatten(), "p": nn.MaxPool2d(2)}
        yield [made[kind] for kind in kinds]


def _same(one: Tensor, other: Tensor) -> bool:
    return one.shape == other.shape and torch.equal(one, other)


def _layers(module: nn.Module) -> Iterator[nn.Module]:
    """Yield the smallest parts of a module that are called, and those that are known as a whole."""
    parts = [] if is_plain(module) else list(module.children())
    if not parts:
        yield module
    for part in parts:
        yield from _layers(part)


def _kept(given: object) -> Tensor | None:
    """Return a copy of what is a batch of one, or the first of several that are given."""
    first = given[0] if isinstance(given, (tuple, list)) and given else given
    if not isinstance(first, Tensor) or first.ndim < 2 or len(first) != 1:
        return None
    return first.detach().clone()
