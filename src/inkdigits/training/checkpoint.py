"""The state of a run after an epoch, in one file: all that going on needs, and the best weights.

One file, so that no crash can leave halves of two epochs. It is the truth of a run: the history and
the best weights that lie beside it are copies, for people and for programs that read.
"""

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import save

from ..errors import RunError
from ..files import parse_json, write_bytes
from ..models.bundle import LARGEST as MODEL
from ..models.bundle import WEIGHTS
from . import weights
from .loop import Epoch, State
from .weights import SavedWeights

LAST = "last.safetensors"
MEMORY = (".exp_avg", ".momentum_buffer")  # of either kind of optimiser one is as large as a weight
LARGEST = 5 * MODEL[WEIGHTS]  # network, average, memory (two of it), best
SHARES = ("accuracy", "precision", "recall", "mean_iou")  # of 1, or not a number


@dataclass(frozen=True)
class Progress:
    """How far a run is.

    Attributes
    ----------
    since
        The epoch from which patience is counted.
    history
        The rows so far.
    best_epoch
        That whose weights are kept; None before the first.
    best_digest
        SHA-256 of their file; empty before the first.
    init
        Name and digest of the weights that it started from; empty if from chance.
    """

    since: int = 0
    history: list[Epoch] = field(default_factory=list)
    best_epoch: int | None = None
    best_digest: str = ""
    init: Mapping[str, str] = field(default_factory=dict)

    @property
    def best(self) -> Epoch | None:
        """The row of the epoch whose weights are kept."""
        return None if self.best_epoch is None else self.history[self.best_epoch - 1]


def write(path: Path, state: State, history: Sequence[Epoch], since: int) -> None:
    """Write weights, their average, the optimiser's memory, the best weights and the history.

    Raises
    ------
    FileError
        If the file cannot be written.
    """
    tensors = {f"network.{k}": v for k, v in state.network.state_dict().items()}
    if state.averaged is not None:
        tensors |= {f"averaged.{k}": v for k, v in state.averaged.state_dict().items()}
    tensors |= {f"optimiser.{k}": v for k, v in state.optimiser.state_dict().items()}
    best = None
    if state.best is not None:
        tensors["best"] = torch.frombuffer(bytearray(state.best.content), dtype=torch.uint8)
        best = {"epoch": state.best.epoch, "sha256": state.best.digest}
    about = {
        "since": since,
        "history": [row.to_dict() for row in history],
        "best": best,
        "init": dict(state.init),
    }
    content = save(weights.contiguous(tensors), {"progress": json.dumps(about)})
    write_bytes(path, content, make_folders=False)


def progress(path: Path) -> Progress:
    """Return how far a run is.

    Only the header is read: whoever wants the history does not wait for the weights.

    Raises
    ------
    RunError
        If it is no state of a run.
    """
    return _progress(weights.metadata(path), path)


def best(path: Path) -> tuple[Progress, SavedWeights | None]:
    """Return how far a run is, and its best weights, as one file holds both.

    Raises
    ------
    RunError
        If it is no state of a run.
    """
    notes, content = weights.content(path, "best")
    found = _progress(notes, path)
    if found.best_epoch is None:
        return found, None
    saved = SavedWeights(content or b"", str(path))
    if saved.digest != found.best_digest or saved.epoch != found.best_epoch:
        raise weights.damaged(path)
    return found, saved


def parameters(path: Path) -> int:
    """Return how many numbers the network learns: as many as the optimiser remembers one for.

    Only the header is read, and no network is made.

    Raises
    ------
    RunError
        If it is damaged.
    """
    remembered = weights.under(weights.header(path), "optimiser")
    return sum(
        math.prod(entry["shape"])
        for name, entry in remembered.items()
        if f".{name}".endswith(MEMORY)
    )


def read(path: Path, state: State) -> tuple[State, list[Epoch], int]:
    """Fill a fresh `state` with what `write` wrote; return it, the history, and that epoch.

    Raises
    ------
    RunError
        If it is damaged, or the state of another network or optimiser.
    """
    found, state.best = best(path)
    tensors = weights.load(path, LARGEST)
    weights.fill(state.network, weights.under(tensors, "network"), path)
    if state.averaged is not None:
        weights.fill(state.averaged, weights.under(tensors, "averaged"), path)
    try:
        state.optimiser.load_state_dict(weights.under(tensors, "optimiser"))
    except ValueError as error:
        raise RunError(
            f"{path} does not have the state of its recipe's optimiser: "
            "restore the recipe, or train the run again."
        ) from error
    state.epoch, state.init = len(found.history), found.init
    return state, found.history, found.since


def _progress(notes: Mapping[str, str], path: Path) -> Progress:
    try:
        about = parse_json(notes["progress"].encode())
        history = [_row(row, number) for number, row in enumerate(about["history"], start=1)]
        since, best, init = about["since"], about["best"], about["init"]
        if type(since) is not int or since < 0:
            raise ValueError("since must be a whole number, 0 or more")
        if not all(isinstance(text, str) for pair in init.items() for text in pair):
            raise ValueError("init must map strings to strings")
        if best is None:
            return Progress(since, history, init=init)
        epoch, digest = best["epoch"], best["sha256"]
        if type(epoch) is not int or not 1 <= epoch <= len(history) or type(digest) is not str:
            raise ValueError("the best epoch must be in the history")
        return Progress(since, history, epoch, digest, init)
    except (AttributeError, KeyError, OverflowError, TypeError, ValueError) as error:
        raise RunError(f"{path} is not the state of a run: {weights.AGAIN}.") from error


def _row(row: Mapping[str, Any], number: int) -> Epoch:
    """Return a row of the history, every value of which can be what it says.

    Raises
    ------
    ValueError
        If one cannot. A loss may be anything, as it runs away; an accuracy may be no number, where
        nothing was counted.
    """
    if type(row["epoch"]) is not int or row["epoch"] != number:
        raise ValueError("epochs must count from 1")
    values: dict[str, Any] = {name: _number(value) for name, value in row.items()}
    for name, value in values.items():
        share = any(name.endswith(f"_{what}") for what in SHARES)
        if share and not (math.isnan(value) or 0 <= value <= 1):
            raise ValueError(f"{name} must be from 0 to 1")
        if name.endswith(("rate", "seconds")) and not 0 <= value < 1e12:
            raise ValueError(f"{name} must be finite")
    return Epoch(**values | {"epoch": number})


def _number(value: object) -> float:
    if type(value) is not int and type(value) is not float:
        raise ValueError("not a number")
    return float(value)
