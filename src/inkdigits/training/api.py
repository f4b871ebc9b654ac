"""From a recipe to a run: `train` begins one, `resume` goes on with one."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import torch

from .. import networks
from ..errors import FileError, RecipeError, RunError, TrainingError
from . import datasets, saving, threads
from . import device as devices
from .history import best_epoch, stalled
from .loop import Batches, Epoch, State, run_epoch
from .new_run import check_new
from .pretrained import Pretrained, is_sealed, seal
from .progress import Lines, shown
from .recipe import Recipe
from .run import FOLDER, Run
from .samples import Parts, Samples
from .steps import StepLog
from .tasks import open_parts
from .weights import SavedWeights

if TYPE_CHECKING:
    from .tensorboard import Board


def train(
    recipe: str | Path | Recipe,
    *,
    epochs: int | None = None,
    seed: int | None = None,
    settings: Mapping[str, object] | None = None,
    name: str | None = None,
    runs: str | Path = FOLDER,
    data: str | Path | None = None,
    or_synthetic: bool = False,
    device: str = "auto",
    workers: int = 0,
    progress: bool = True,
    init: str | Path | Run | None = None,
) -> Run:
    """Train a network as a recipe says, and return the run.

    Parameters
    ----------
    recipe
        The name of a shipped recipe, the path of a TOML file, or a `Recipe`.
    epochs, seed
        Used in place of the recipe's.
    settings
        Other settings to change, such as ``{"optimiser.rate": 0.003}``.
    name
        What to call the run; by default as the recipe, numbered if need be.
    runs
        The folder that holds the runs.
    data
        The data set to learn from, in place of the recipe's: a known name, or the path of a folder
        or file; see `load_digits`. Lines and pages are made, and take none.
    or_synthetic
        If the data cannot be had, train on synthetic digits, and say so.
    device
        ``"auto"``, ``"cpu"``, ``"cuda"`` or ``"mps"``.
    workers
        How many processes make lines or pages ahead, while the network learns; 0 for none. They
        are the same to the last bit.
    progress
        Whether to show how it goes.
    init
        A run or a model whose weights to start from, in place of chance: by its name or folder.
        Its alphabet and its layers must be those of the recipe.

    Returns
    -------
    Run
        With the best weights on disk.

    Raises
    ------
    InkdigitsError
        One sentence on what is wrong with recipe, data, device, folder or training.

    Examples
    --------
    >>> from inkdigits import train
    >>> run = train("tiny", epochs=1, data="synthetic", name="first", progress=False)
    >>> run.name, len(run.history)
    ('first', 1)
    """
    if not isinstance(recipe, Recipe):
        recipe = Recipe.load(recipe)
    changed = dict(settings or {})
    if epochs is not None:
        changed["training.epochs"] = epochs
    if seed is not None:
        changed["training.seed"] = seed
    recipe = recipe.with_settings(changed)
    place = devices.choose(device)
    check_new(name, Path(runs))
    _refuse_ensemble(recipe)
    # What cannot be built shall not leave a folder behind.
    networks.build(recipe.network, recipe.alphabet, recipe.side)
    start = None if init is None else Pretrained.open(init, runs)
    if start is not None:
        start.check(recipe)
    with (
        shown(progress) as display,
        open_parts(recipe, data, place, workers, display, or_synthetic) as (recipe, parts),
    ):
        saving.teacher_of(recipe, Path(runs), place)  # nor what has nobody to learn from
        datasets.check_teacher(recipe, Path(runs), parts)
        begin = None if start is None else _beginning(start, place)
        run = Run.create(recipe, name, Path(runs), begin)
        if start is not None:
            display.note(f"Training starts from the weights of {start.name}.")
        return _go_on(run, parts, place, display)


def resume(
    run: str | Path | Run,
    *,
    epochs: int | None = None,
    runs: str | Path = FOLDER,
    data: str | Path | None = None,
    device: str = "auto",
    workers: int = 0,
    progress: bool = True,
) -> Run:
    """Go on with a run that was interrupted, or train a finished one for longer.

    On the same CPU with the same versions and threads, an interrupted run that is resumed ends
    with the same bits as one that was not.

    Parameters
    ----------
    run
        Its name or folder.
    epochs
        How many it shall have in all. The schedule is stretched to them, so the rate may rise
        where a run that had cooled down goes on.
    runs, data, device, workers, progress
        As for `train`.

    Raises
    ------
    RunError
        If there is nothing left to train.
    """
    run = Run.open(run, Path(runs))
    place = devices.choose(device)
    run.check()
    recipe = run.recipe
    if epochs is not None or not run.finished:
        _refuse_ensemble(recipe)
    with shown(progress) as display:
        if epochs is not None:
            if epochs <= len(run.history):
                raise RunError(
                    f"{run.name} already has {len(run.history)} epochs: set --epochs higher "
                    "to train it for longer."
                )
            recipe = recipe.with_settings({"training.epochs": epochs})
        elif run.finished:
            _finish(run, display)
            return run
        with open_parts(recipe, data, place, workers, display) as (recipe, parts):
            return _go_on(run, parts, place, display, recipe)


def _beginning(start: Pretrained, device: torch.device) -> Callable[[Run], None]:
    """Return what writes into a new run that it goes on from the weights of `start`."""
    about = {"name": start.name, "sha256": start.digest}
    return lambda run: saving.begin(run, start.tensors, device, about)


def _finish(run: Run, display: Lines) -> None:
    """Write what a kill after the last epoch kept from being written.

    Raises
    ------
    RunError
        If nothing did.
    """
    with run.locked():
        whole = is_sealed(run)
        _mend(run, display)
        if not whole:
            seal(run)
            display.note(f"Repaired {run.path}; its training was already finished.")
            return
    _refuse_ensemble(run.recipe)
    done = len(run.history)
    raise RunError(
        f"{run.name} is finished after {done} {'epoch' if done == 1 else 'epochs'}: "
        f"give --epochs {done + 5} to train it for longer."
    )


def _mend(run: Run, display: Lines) -> None:
    if removed := [*run.removed, *saving.mend(run)]:
        display.note(f"Removed temporary files of an interrupted program: {', '.join(removed)}.")


def _refuse_ensemble(recipe: Recipe) -> None:
    if recipe.network.name == "ensemble":
        raise RecipeError(
            f"{recipe.name} is an ensemble and cannot be trained: train its members, and "
            "combine them with `inkdigits ensemble`."
        )


def _go_on(
    run: Run, parts: Parts, device: torch.device, display: Lines, longer: Recipe | None = None
) -> Run:
    """Train `run` to its end, from wherever it stands, alone."""
    from .tensorboard import Board

    with run.locked():
        _mend(run, display)
        data = parts.describe()
        datasets.check_same(run, data)  # what is refused shall change nothing
        if longer is not None and longer != run.recipe:
            run.write_recipe(longer)
        recipe = run.recipe
        run.write_environment(data, device)
        state, history, since = saving.load_last(run, device)
        if longer is not None and stalled(history, recipe, since):
            since = len(history)
        train, validation = parts.train, parts.validation
        steps = train.batch_count(recipe)
        kind = "samples" if recipe.task == "symbols" else recipe.task
        if recipe.published.note:
            display.note(f"As published: {recipe.published.note}")
        display.note(
            f"{run.path}: training {recipe.name} on {len(train):,} {kind} of {train.name}, "
            f"validating on {len(validation):,} of {validation.name}, on "
            f"{devices.describe(device)}."
        )
        if hint := threads.hint(device):
            display.note(hint)
        done = len(history) * steps
        with (
            _keeping(run, display),
            StepLog(run.path, done) as log,
            Board(run.path / "tensorboard", done, parts.validates_on_test) as board,
        ):
            _epochs(run, state, history, since, train, validation, display, board, log)
        run.check_folder()
        seal(run)
    return run


@contextmanager
def _keeping(run: Run, display: Lines) -> Iterator[None]:
    """Say what is kept of a run if its training ends before its time."""
    try:
        yield
    except KeyboardInterrupt:
        display.note(
            f"Stopped; {len(run.history)} of {run.recipe.training.epochs} epochs are saved. "
            f"Continue with: inkdigits train --resume {run.name}"
        )
        raise
    except TrainingError as error:
        raise TrainingError(f"{error} {_kept(run)}") from error
    except FileError as error:
        run.check_folder()  # what cannot be written may be gone
        raise FileError(
            f"{error} {_kept(run)} Continue with: inkdigits train --resume {run.name}"
        ) from error


def _kept(run: Run) -> str:
    count = len(run.history)
    return f"{count} epoch{' is' if count == 1 else 's are'} saved in {run.path}."


def _epochs(
    run: Run,
    state: State,
    history: list[Epoch],
    since: int,
    train: Samples,
    validation: Samples,
    display: Lines,
    board: "Board",
    log: StepLog,
) -> None:
    """Train epoch after epoch until the last or until patience is out, keeping each on disk."""
    recipe = run.recipe

    def watch(done: Batches) -> None:
        display.batches(done)
        board.batches(done)
        log.batches(done)

    while len(history) < recipe.training.epochs:
        row, predicted = run_epoch(state, recipe, train, validation, watch)
        history.append(row)
        known = [] if state.best is None else [history[(state.best.epoch or 1) - 1]]
        best = best_epoch([*known, row], recipe.stopping.monitor) is row
        if best:
            state.best = SavedWeights.of(state.ema_or_model, state.epoch)
        saving.save(run, state, history, since)
        board.epoch(row, validation.sheet(predicted, recipe))
        display.epoch(row, best)
        if stalled(history, recipe, since):
            display.note(f"No improvement in {recipe.stopping.patience} epochs: stopped early.")
            return
