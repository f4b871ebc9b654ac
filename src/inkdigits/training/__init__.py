"""From a recipe to a run: `train` begins one, `resume` goes on with one."""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import torch

from .. import networks
from ..data import NAMES, load_collection, own
from ..data.digits import SPLITS, Digits, Splits
from ..errors import DataError, FileError, RecipeError, RunError, TrainingError, nearest
from . import device as devices
from .loop import Batches, Epoch, State, Tensors, batch_count, check_alphabet, run_epoch
from .pretrained import Pretrained, seal
from .progress import Lines, shown
from .recipe import Recipe
from .run import FOLDER, Run, best_epoch, stalled, teacher_of

if TYPE_CHECKING:
    from .tensorboard import Board

__all__ = ["Recipe", "Run", "resume", "train"]


def train(
    recipe: str | Path | Recipe,
    *,
    epochs: int | None = None,
    seed: int | None = None,
    settings: Mapping[str, object] | None = None,
    name: str | None = None,
    runs: str | Path = FOLDER,
    data: str | Path | None = None,
    or_pens: bool = False,
    device: str = "auto",
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
        The folder that holds MNIST; by default it is searched for, else downloaded. Or one that
        holds digits of your own, which are then added to MNIST's.
    or_pens
        If MNIST cannot be had, train on the synthetic pen digits, and say so.
    device
        ``"auto"``, ``"cpu"``, ``"cuda"`` or ``"mps"``.
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
    _refuse_ensemble(recipe)
    # What cannot be built shall not leave a folder behind.
    networks.build(recipe.network, recipe.alphabet, recipe.side)
    start = None if init is None else Pretrained.open(init, runs)
    if start is not None:
        start.check(recipe)
    with shown(progress) as display:
        recipe, splits = _open(recipe, data, display, or_pens)
        teacher_of(recipe, Path(runs), place)  # nor what has nobody to learn from
        run = Run.create(recipe, name, Path(runs))
        return _go_on(run, splits, place, display, start=start)


def resume(
    run: str | Path | Run,
    *,
    epochs: int | None = None,
    runs: str | Path = FOLDER,
    data: str | Path | None = None,
    device: str = "auto",
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
    runs, data, device, progress
        As for `train`.

    Raises
    ------
    RunError
        If there is nothing left to train.
    """
    run = Run.open(run, Path(runs))
    place = devices.choose(device)
    recipe = run.recipe
    _refuse_ensemble(recipe)
    with shown(progress) as display:
        if epochs is not None:
            if epochs <= len(run.history):
                raise RunError(
                    f"{run.name} has {len(run.history)} epochs already: give --epochs a number "
                    "above that to train it for longer."
                )
            recipe = recipe.with_settings({"training.epochs": epochs})
        elif run.finished:
            raise RunError(
                f"{run.name} is finished after {len(run.history)} epochs: "
                f"give --epochs {len(run.history) + 5} to train it for longer."
            )
        recipe, splits = _open(recipe, data, display)
        return _go_on(run, splits, place, display, recipe)


def _refuse_ensemble(recipe: Recipe) -> None:
    if recipe.network.name == "ensemble":
        raise RecipeError(
            f"{recipe.name} is an ensemble, which is not trained: train its members, and put them "
            "together by `inkdigits ensemble`."
        )


def _open(
    recipe: Recipe, data: str | Path | None, display: Lines, or_pens: bool = False
) -> tuple[Recipe, Splits]:
    """Find the digits that the recipe names; with `or_pens` others, and a recipe that says so."""
    if recipe.data.name not in NAMES:
        raise DataError(
            f"No digits are called {recipe.data.name!r}; {nearest(recipe.data.name, NAMES)}"
        )
    if recipe.data.name == "mnist" and data is not None and (mine := own.files(Path(data))):
        display.note(
            f"Digits of your own in {data}: {len(mine):,}. They are added to those of MNIST that "
            "are learned from and chosen by."
        )
        recipe = replace(recipe, data=replace(recipe.data, name="mnist+own"))
    try:
        collection = load_collection(recipe.data.name, data)
    except (DataError, FileError) as error:
        if not or_pens:
            raise
        display.note(
            "MNIST cannot be had, so this run uses synthetic pen digits and its figures say "
            f"nothing about MNIST. ({error})"
        )
        recipe = replace(recipe, data=replace(recipe.data, name="pens"))
        collection = load_collection("pens")
    if recipe.data.name == "own":
        own.check(collection)
    check_alphabet(recipe, collection.training)
    return recipe, SPLITS[recipe.data.split](collection)


def _go_on(
    run: Run,
    splits: Splits,
    device: torch.device,
    display: Lines,
    longer: Recipe | None = None,
    start: Pretrained | None = None,
) -> Run:
    """Train `run` to its end, from wherever it stands, alone."""
    from .tensorboard import Board

    with run.locked():
        if longer is not None and longer != run.recipe:
            run.write_recipe(longer)
        recipe = run.recipe
        if start is None:
            run.write_environment(splits, device)
        else:
            init = {"name": start.name, "sha256": start.digest}
            run.write_environment(splits, device, init)
            run.begin(start.tensors, device)
            display.note(f"It starts from the weights of {start.name}.")
        state, history, since = run.load_last(device)
        if longer is not None and stalled(history, recipe, since):
            since = len(history)
        train = Tensors.of(splits.train, device)
        steps = batch_count(len(train), recipe)
        if recipe.published.worth:
            display.note(f"As published: {recipe.published.worth}")
        display.note(
            f"{run.path}: {recipe.name} on {len(train):,} digits of {splits.train.name}, "
            f"validated on {len(splits.validation):,} of {splits.validation.name}, "
            f"on {devices.describe(device)}."
        )
        folder = run.path / "tensorboard"
        with Board(folder, len(history) * steps, splits.validates_on_test) as board:
            try:
                _epochs(run, state, history, since, train, splits.validation, display, board)
            except KeyboardInterrupt:
                display.note(
                    f"Stopped; {len(history)} of {recipe.training.epochs} epochs are kept. "
                    f"Go on with: inkdigits train --resume {run.name}"
                )
                raise
            except TrainingError as error:
                raise TrainingError(
                    f"{error} {run.path} keeps its {len(history)} good epochs."
                ) from error
        seal(run)
    return run


def _epochs(
    run: Run,
    state: State,
    history: list[Epoch],
    since: int,
    train: Tensors,
    validation: Digits,
    display: Lines,
    board: "Board",
) -> None:
    """Train epoch after epoch until the last or until patience is out, keeping each on disk."""
    recipe = run.recipe
    judged = Tensors.of(validation, train.images.device)

    def watch(done: Batches) -> None:
        display.batches(done)
        board.batches(done)

    while len(history) < recipe.training.epochs:
        row, guesses = run_epoch(state, recipe, train, judged, watch)
        history.append(row)
        best = best_epoch(history, recipe.stopping.monitor) is row
        # Best first: a crash between the two repeats the epoch, and writes the same best again.
        if best:
            run.save_best(state)
        run.save_last(state, history, since)
        board.epoch(row, validation, guesses.cpu().numpy(), recipe.alphabet.names)
        display.epoch(row, best)
        if stalled(history, recipe, since):
            display.note(f"No better epoch in {recipe.stopping.patience}: stopped early.")
            return
