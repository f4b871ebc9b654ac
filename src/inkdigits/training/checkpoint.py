"""The state of a run after an epoch, in one file: all that going on needs.

One file, so that no crash can leave halves of two epochs.
"""

import json
import math
from collections.abc import Sequence
from pathlib import Path

from safetensors.torch import save

from ..errors import RunError
from ..files import write_bytes
from . import weights
from .loop import Epoch, State

LAST = "last.safetensors"
MEMORY = (".exp_avg", ".momentum_buffer")  # of either kind of optimiser one is as large as a weight


def write(path: Path, state: State, history: Sequence[Epoch], since: int) -> None:
    """Write weights, their average, the optimiser's memory, the history and where patience counts.

    Raises
    ------
    FileError
        If the file cannot be written.
    """
    tensors = {f"network.{k}": v for k, v in state.network.state_dict().items()}
    if state.averaged is not None:
        tensors |= {f"averaged.{k}": v for k, v in state.averaged.state_dict().items()}
    tensors |= {f"optimiser.{k}": v for k, v in state.optimiser.memory.items()}
    metadata = {"since": str(since), "history": json.dumps([row.to_dict() for row in history])}
    write_bytes(path, save(weights.contiguous(tensors), metadata))


def progress(path: Path) -> tuple[int, list[Epoch]]:
    """Return where patience counts from, and the history.

    Only the header is read: whoever wants the history does not wait for the weights.

    Raises
    ------
    RunError
        If it is no state of a run.
    """
    metadata = weights.metadata(path)
    try:
        return int(metadata["since"]), [Epoch(**r) for r in json.loads(metadata["history"])]
    except (KeyError, TypeError, ValueError) as error:
        raise RunError(f"{path} is not the state of a run: train it again.") from error


def parameters(path: Path) -> int:
    """Return how many numbers the network learns: as many as the optimiser remembers one for.

    Only the header is read, and no network is made.

    Raises
    ------
    RunError
        If it is damaged.
    """
    with weights.opened(path) as file:
        return sum(
            math.prod(file.get_slice(name).get_shape())
            for name in file.keys()  # noqa: SIM118 - it is no dict
            if name.startswith("optimiser.") and name.endswith(MEMORY)
        )


def read(path: Path, state: State) -> tuple[State, list[Epoch], int]:
    """Fill a fresh `state` with what `write` wrote; return it, the history, and that epoch.

    Raises
    ------
    RunError
        If it is damaged, or the state of another network or optimiser.
    """
    tensors = weights.load(path)
    since, history = progress(path)
    weights.fill(state.network, weights.under(tensors, "network"), path)
    if state.averaged is not None:
        weights.fill(state.averaged, weights.under(tensors, "averaged"), path)
    try:
        state.optimiser.remember(weights.under(tensors, "optimiser"))
    except ValueError as error:
        raise RunError(
            f"{path} holds the memory of another optimiser than its recipe names: "
            "restore the recipe, or train the run again."
        ) from error
    state.epoch = len(history)
    return state, history, since
