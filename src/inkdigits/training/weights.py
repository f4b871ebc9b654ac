"""Weights on disk: safetensors in and out, and one sentence where they do not fit."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from safetensors import SafetensorError, safe_open
from torch import Tensor, nn

from ..errors import RunError


def contiguous(tensors: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """Return `tensors` as a file keeps them: one layout; copying restores channels last.

    Layers may share what they learn; a file has it once for each.
    """
    made: dict[str, Tensor] = {}
    seen: set[int] = set()
    for name, tensor in tensors.items():
        whole = tensor.detach().cpu().contiguous()
        place = whole.untyped_storage().data_ptr()
        made[name] = whole.clone() if place in seen else whole
        seen.add(place)
    return made


def under(tensors: Mapping[str, Tensor], prefix: str) -> dict[str, Tensor]:
    """Return the tensors whose names begin with `prefix` and a dot, without it."""
    start = f"{prefix}."
    return {k.removeprefix(start): v for k, v in tensors.items() if k.startswith(start)}


def finite(tensors: Mapping[str, Tensor], where: str) -> Mapping[str, Tensor]:
    """Return `tensors`, or raise one sentence if there is one that holds what is no number."""
    if not all(bool(tensor.isfinite().all()) for tensor in tensors.values()):
        raise RunError(f"{where} holds values that are not numbers: train the run again.")
    return tensors


@contextmanager
def opened(path: Path) -> Iterator[Any]:
    """Open a file of weights, or raise one sentence."""
    try:
        with safe_open(path, framework="pt") as file:
            yield file
    except (OSError, SafetensorError) as error:
        raise RunError(f"{path} is missing or damaged: train the run again.") from error


def load(path: Path) -> dict[str, Tensor]:
    """Return all tensors of a file."""
    with opened(path) as file:
        return {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118


def metadata(path: Path) -> dict[str, str]:
    """Return what a file says of its tensors; these are not read."""
    with opened(path) as file:
        return dict(file.metadata() or {})


def fill(module: nn.Module, tensors: Mapping[str, Tensor], path: Path) -> None:
    """Put `tensors` into `module`, or raise one sentence."""
    try:
        module.load_state_dict(dict(tensors))
    except RuntimeError as error:
        raise RunError(
            f"{path} holds the weights of another network than its recipe names: "
            "restore the recipe, or train the run again."
        ) from error
