"""Weights on disk: safetensors in and out, and one sentence where they do not fit.

Files are read whole or by their header, never mapped into memory: they may be anybody's, and may
change or go while they are looked at.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from safetensors import SafetensorError
from safetensors.torch import load as unpack
from safetensors.torch import save
from torch import Tensor, nn

from ..errors import FileError, RunError
from ..files import exists, opened, parse_json, read_bytes
from ..models.bundle import LARGEST, WEIGHTS, digest

if TYPE_CHECKING:
    import numpy.typing as npt

T = TypeVar("T")
HEADER = 32_000_000  # bytes of a header at most: a history of 80,000 epochs
AGAIN = "restore it, or train the run again"


@dataclass(frozen=True)
class SavedWeights:
    """A file of weights as it was read, or is to be written: the same weights, the same bytes.

    Attributes
    ----------
    content
        The file, byte by byte.
    where
        What to call it in a sentence.
    """

    content: bytes
    where: str = WEIGHTS

    @classmethod
    def of(cls, network: nn.Module, epoch: int) -> "SavedWeights":
        """Return the weights that `network` has after an epoch."""
        # One entry alone: safetensors writes several in no order.
        return cls(save(contiguous(network.state_dict()), {"epoch": str(epoch)}))

    @classmethod
    def read(cls, path: Path) -> "SavedWeights":
        """Return what a file holds.

        Raises
        ------
        RunError
            If it cannot be read.
        """
        try:
            return cls(read_bytes(path, LARGEST[WEIGHTS], AGAIN), str(path))
        except FileError as error:
            raise RunError(str(error)) from error

    @cached_property
    def epoch(self) -> int | None:
        """After which epoch of its run the network had them; None if the file does not say."""
        header, _ = _header(self.content[:8], self.content[8 : 8 + HEADER], len(self.content))
        text = header.get("__metadata__", {}).get("epoch", "") if header is not None else ""
        return int(text) if text.isascii() and text.isdecimal() and len(text) < 10 else None

    @cached_property
    def digest(self) -> str:
        """The SHA-256 of the file."""
        return digest(self.content)

    def tensors(self) -> Mapping[str, Tensor]:
        """Return the weights by their names.

        Raises
        ------
        RunError
            If the file is damaged, or if one holds what is no number.
        """
        return finite(_unpacked(self.content, self.where), self.where)


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


def under(tensors: Mapping[str, T], prefix: str) -> dict[str, T]:
    """Return the tensors whose names begin with `prefix` and a dot, without it."""
    start = f"{prefix}."
    return {k.removeprefix(start): v for k, v in tensors.items() if k.startswith(start)}


def finite(tensors: Mapping[str, Tensor], where: str) -> Mapping[str, Tensor]:
    """Return `tensors`, or raise one sentence if there is one that holds what is no number."""
    try:
        good = all(bool(tensor.isfinite().all()) for tensor in tensors.values())
    except (RuntimeError, TypeError):  # of a type that PyTorch cannot reckon with
        good = False
    if not good:
        raise RunError(f"{where} holds values that are not numbers: train the run again.")
    return tensors


def load(path: Path, largest: int = LARGEST[WEIGHTS]) -> dict[str, Tensor]:
    """Return all tensors of a file of at most `largest` bytes."""
    try:
        return _unpacked(read_bytes(path, largest, AGAIN), str(path))
    except FileError as error:
        raise RunError(str(error)) from error


def load_arrays(path: Path, largest: int = LARGEST[WEIGHTS]) -> dict[str, "npt.NDArray[Any]"]:
    """Return all tensors of a file as arrays."""
    from safetensors.numpy import load as arrays

    try:
        return arrays(read_bytes(path, largest, AGAIN))
    except FileError as error:
        raise RunError(str(error)) from error
    except (SafetensorError, KeyError, TypeError, ValueError) as error:
        raise damaged(path) from error


def header(path: Path) -> dict[str, Any]:
    """Return the header of a file: shapes by the names of tensors; these are not read.

    Raises
    ------
    RunError
        If it is missing or damaged.
    """
    return _opened_header(path)[0]


def metadata(path: Path) -> dict[str, str]:
    """Return what a file says of its tensors; these are not read."""
    found: dict[str, str] = header(path).get("__metadata__", {})
    return found


def content(path: Path, name: str) -> tuple[dict[str, str], bytes | None]:
    """Return what a file says of its tensors, and the bytes of one; None if it has no such one."""
    found, part = _opened_header(path, name)
    return found.get("__metadata__", {}), part


def fill(module: nn.Module, tensors: Mapping[str, Tensor], where: str | Path) -> None:
    """Put `tensors` into `module`, or raise one sentence."""
    wanted = module.state_dict()
    try:
        if any(k in wanted and wanted[k].dtype != v.dtype for k, v in tensors.items()):
            raise RuntimeError("tensors of another type")
        module.load_state_dict(dict(tensors))
    except RuntimeError as error:
        raise RunError(
            f"The weights in {where} do not fit the network of its recipe: "
            "restore the recipe, or train the run again."
        ) from error


def check_copy(path: Path, saved: SavedWeights) -> None:
    """Refuse a file beside the weights `saved` that is neither a copy of them nor of earlier ones.

    Raises
    ------
    RunError
        If it is one.
    """
    if not exists(path):
        return
    found = SavedWeights.read(path)
    if found.content != saved.content and found.epoch in (None, saved.epoch):
        raise RunError(
            f"{path} is damaged, or was replaced by hand: delete it, and {Path(saved.where).name} "
            "is used instead."
        )


def damaged(where: str | Path) -> RunError:
    """Return what to raise where a file is not what it should be."""
    return RunError(f"{where} is damaged: {AGAIN}.")


def _unpacked(content: bytes, where: str) -> dict[str, Tensor]:
    try:
        return unpack(content)
    # A header may say anything of its tensors, such as a type that PyTorch has not.
    except (SafetensorError, KeyError, TypeError, ValueError, RuntimeError) as error:
        raise damaged(where) from error


def _opened_header(path: Path, name: str = "") -> tuple[dict[str, Any], bytes | None]:
    try:
        with opened(path, AGAIN) as file:
            total = file.seek(0, 2)
            file.seek(0)
            first = file.read(8)
            length = int.from_bytes(first, "little")
            found, start = _header(first, file.read(min(length, HEADER)), total)
            if found is None:
                raise damaged(path)
            if name not in found:
                return found, None
            begin, end = found[name]["data_offsets"]
            if end - begin > LARGEST[WEIGHTS]:
                raise damaged(path)
            file.seek(start + begin)
            return found, file.read(end - begin)
    except FileError as error:
        raise RunError(str(error)) from error


def _header(first: bytes, rest: bytes, total: int) -> tuple[dict[str, Any] | None, int]:
    """Return the header of a safetensors file, and where its tensors start; None if damaged.

    Parameters
    ----------
    first
        The first 8 bytes, which say how long the header is.
    rest
        At least as many of those that follow.
    total
        How many the file has.
    """
    length = int.from_bytes(first, "little")
    start = 8 + length
    if len(first) < 8 or length > HEADER or start > total:
        return None, 0
    try:
        found = parse_json(rest[:length])
    except ValueError:
        return None, 0
    if not isinstance(found, dict):
        return None, 0
    notes = found.get("__metadata__", {})
    if not isinstance(notes, dict) or not all(isinstance(text, str) for text in notes.values()):
        return None, 0
    entries = [entry for name, entry in found.items() if name != "__metadata__"]
    if not all(_is_entry(entry, total - start) for entry in entries):
        return None, 0
    return found, start


def _is_entry(entry: object, room: int) -> bool:
    if not isinstance(entry, dict):
        return False
    offsets: Any = entry.get("data_offsets")
    if not _are_counts(offsets) or not _are_counts(entry.get("shape")):
        return False
    return len(offsets) == 2 and offsets[0] <= offsets[1] <= room


def _are_counts(numbers: Any) -> bool:
    return isinstance(numbers, list) and all(type(n) is int and n >= 0 for n in numbers)
