"""What training writes into the folder of a run, and how it goes on from there."""

from collections.abc import Mapping, Sequence
from pathlib import Path

import torch
from torch import Tensor

from ..errors import FileError, RunError
from ..files import exists, read_bytes, remove_parts, write_bytes, write_text
from ..models.bundle import LARGEST, WEIGHTS, unseal
from . import checkpoint
from .checkpoint import LAST
from .distil import Teacher
from .history import to_csv
from .loop import Epoch, State
from .recipe import Recipe
from .run import Run
from .weights import SavedWeights, check_copy

HISTORY = "history.csv"


def begin(
    run: Run, init: Mapping[str, Tensor], device: torch.device, started_from: Mapping[str, str]
) -> None:
    """Write the state before the first step, with the weights `init` of `started_from`."""
    teacher = teacher_of(run.recipe, run.path.parent, device)
    state = State.fresh(run.recipe, device, teacher, init)
    state.init = started_from
    save(run, state, [], 0)


def save(run: Run, state: State, history: Sequence[Epoch], since: int) -> None:
    """Write all that going on needs, in one file, and then the copies of parts of it.

    Parameters
    ----------
    state
        Weights, their average, the optimiser's memory, and the best weights.
    history
        The rows so far.
    since
        The epoch from which patience is counted.
    """
    run.check_folder()
    better = state.best is not None and state.best.epoch == state.epoch
    if better:
        unseal(run.path)  # what was made of earlier weights is none of the better ones'
    checkpoint.write(run.path / LAST, state, history, since)
    write_text(run.path / HISTORY, to_csv(history), make_folders=False)
    if better and state.best is not None:
        _write_weights(run, state.best)


def load_last(run: Run, device: torch.device) -> tuple[State, list[Epoch], int]:
    """Return what `save` wrote: the state, the history, and where patience counts from.

    A run that was stopped before its first epoch ended starts afresh.

    Raises
    ------
    RunError
        If it is damaged, or if it was removed from a run that had begun.
    """
    run.check()
    path = run.path / LAST
    if not exists(path) and (exists(run.path / WEIGHTS) or run.environment.get("init")):
        raise RunError(
            f"{run.path} has no {LAST}, which is needed to continue: restore it, or delete the "
            "folder and train it again."
        )
    state = State.fresh(run.recipe, device, teacher_of(run.recipe, run.path.parent, device))
    return checkpoint.read(path, state) if exists(path) else (state, [], 0)


def mend(run: Run) -> list[str]:
    """Make what lies beside ``last.safetensors`` agree with it, after a kill.

    Returns
    -------
    list of str
        The temporary files that were left, and are removed.

    Raises
    ------
    RunError
        If they are damaged.
    FileError
        If the folder cannot be written.
    """
    removed = remove_parts(run.path)
    path = run.path / LAST
    if not exists(path):
        return removed
    found, best = checkpoint.best(path)
    if best is not None:
        check_copy(run.path / WEIGHTS, best)
    if not _holds(run.path / HISTORY, to_csv(found.history).encode()):
        write_text(run.path / HISTORY, to_csv(found.history), make_folders=False)
    if best is not None and not _holds(run.path / WEIGHTS, best.content):
        unseal(run.path)
        _write_weights(run, best)
    return removed


def teacher_of(recipe: Recipe, folder: Path, device: torch.device) -> Teacher | None:
    """Return whom `recipe` learns from, found among the runs in `folder`; None if from nobody.

    Raises
    ------
    RunError
        If there is no such run, or if its network sees or says other things.
    """
    if not recipe.distil.teacher:
        return None
    try:
        run = Run.open(recipe.distil.teacher, folder)
    except RunError as error:
        raise RunError(f"{recipe.name} needs its teacher. {error}") from error
    ours, theirs = recipe, run.recipe
    seen = [recipe.network.frame or recipe.network.size for recipe in (ours, theirs)]
    if seen[0] != seen[1] or ours.alphabet != theirs.alphabet:
        raise RunError(
            f"{run.name} cannot teach {recipe.name}: network.frame, network.size and the alphabet "
            "must be the same in both."
        )
    return Teacher(run.logits(device), recipe.distil)


def _write_weights(run: Run, saved: SavedWeights) -> None:
    write_bytes(run.path / WEIGHTS, saved.content, make_folders=False)


def _holds(path: Path, content: bytes) -> bool:
    try:
        return read_bytes(path, LARGEST[WEIGHTS]) == content
    except FileError:
        return False
