"""A search of settings as a person wants it: the best of them, a table, and pictures."""

import csv
import io
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from ..errors import RecipeError, RunError, TrainingError
from ..evaluation import drawing
from ..files import write_bytes, write_text
from ..training import datasets
from ..training import device as devices
from ..training.loop import Batches
from ..training.progress import Bar, Lines, shown
from ..training.recipe import Recipe
from ..training.run import FOLDER, NAME
from ..training.symbols import Tensors
from . import plots as search_plots
from .space import Axis, space
from .study import Study, Trial, work
from .workers import Worker, deaths, workers

BEST = 5  # rows of the table


@dataclass(frozen=True)
class Search:
    """What a search has found so far, and where its pictures are."""

    recipe: Recipe  # as it was given, with its own number of epochs
    axes: tuple[Axis, ...]
    trials: tuple[Trial, ...]
    importance: Mapping[str, float]  # empty while there are too few trials to tell
    folder: Path

    @cached_property
    def ranked(self) -> list[Trial]:
        """The complete trials, the best one first: by error rate, and between equals by loss.

        Of those with the same settings only the first, since they all do the same.
        """
        complete = [trial for trial in reversed(self.trials) if trial.state == "complete"]
        distinct = {repr(trial.settings): trial for trial in complete}.values()
        return sorted(distinct, key=lambda trial: (trial.error, trial.loss))

    @property
    def best(self) -> Trial:
        """The trial with the least validation error.

        The best of many is better on the samples that it was chosen by than on others.
        """
        return self.ranked[0]

    @property
    def unchanged(self) -> Trial | None:
        """The trial of the recipe as it is; None if the space leaves it out."""
        return next((trial for trial in self.trials if trial.unchanged), None)

    @property
    def applied(self) -> Recipe:
        """The recipe with the best settings, for as many epochs as it had."""
        return self.recipe.with_settings(
            {"name": f"{self.recipe.name}-tuned", **self.best.settings}
        )

    @property
    def columns(self) -> list[str]:
        """What the table of the best trials is headed by."""
        return ["trial", "error", "loss", *(axis.setting for axis in self.axes)]

    @property
    def rows(self) -> list[list[str]]:
        """The best trials, a row each."""
        return [
            [str(trial.number), f"{trial.error:.2%}", f"{trial.loss:.4f}", *_values(trial)]
            for trial in self.ranked[:BEST]
        ]

    def __repr__(self) -> str:
        text = (
            f"Search({self.recipe.name}: validation error {self.best.error:.2%} by trial "
            f"{self.best.number} of {len(self.trials)}"
        )
        if self.unchanged is not None and self.unchanged.state == "complete":
            text += f", {self.unchanged.error:.2%} with the recipe unchanged"
        return text + ")"


def tune(
    recipe: str | Path | Recipe,
    *,
    vary: Sequence[str] = (),
    trials: int = 40,
    epochs: int | None = None,
    seeds: int = 1,
    processes: int = 1,
    name: str | None = None,
    runs: str | Path = FOLDER,
    data: str | Path | None = None,
    device: str = "auto",
    progress: bool = True,
) -> Search:
    """Search the settings of a recipe by validation samples alone; test samples stay sealed.

    Each trial is saved when it ends. The same call continues a search that was interrupted, and
    joins one that another process is running.

    Parameters
    ----------
    recipe
        A name, the path of a TOML file, or a `Recipe`.
    vary
        What to vary: ``"optimiser.rate=0.001..0.05"`` is a range, on a log scale if its ends are a
        factor of ten apart; ``"training.batch_size=64,128"`` is a choice, of lists too. By default
        the rate and other settings that matter, about the recipe's own: see `space.around`.
    trials
        How many there shall be in all.
    epochs
        Of each trial; by default the recipe's. What is best in a few need not be in many.
    seeds
        How many each trial is the mean of.
    processes
        How many shall be at it; they share this process's threads.
    name
        What to call the study; by default as the recipe.
    runs
        The study lies in ``_studies`` there, with ``trials.csv``, ``trials.png`` and
        ``settings.png``.
    data, device, progress
        As for `train`.

    Returns
    -------
    Search
        The best is the trial that misclassifies the fewest validation samples; between equals, the
        one with the lowest loss. A loss alone would be biased: label smoothing changes it and
        not one prediction.

    Raises
    ------
    InkdigitsError
        One sentence on what is wrong with recipe, settings, study, data or device.
    """
    recipe = recipe if isinstance(recipe, Recipe) else Recipe.load(recipe)
    recipe.check_symbols("A search of settings")
    tried = recipe if epochs is None else recipe.with_settings({"training.epochs": epochs})
    _check_asked(tried, trials=trials, seeds=seeds, processes=processes)
    folder = _folder(Path(runs), name or recipe.name)
    axes = space(tried, vary)
    place = devices.choose(device)
    tried, splits, _ = datasets.opened(tried, data, sealed=True)
    study = Study.begin(folder, tried, axes, seeds, splits)
    parts = Tensors.of(splits.train, place), Tensors.of(splits.validation, place)
    with shown(progress) as display:
        display.note(
            f"{folder}: {len(study.trials)} of {trials} trials are done; each trains {tried.name} "
            f"for {tried.training.epochs} epochs and is validated on {len(parts[1]):,} samples of "
            f"{splits.validation.name}."
        )
        with workers(processes - 1, folder, trials, data, device) as others:
            _go_through(study, trials, parts, others, display)
    found = Search(recipe, axes, study.trials, study.importance, folder)
    _check_found(found)
    _write(found)
    return found


def _check_asked(recipe: Recipe, **counts: int) -> None:
    """Refuse what cannot be searched: fewer than one of anything, a student without its teacher."""
    for what, count in counts.items():
        if count < 1:
            raise RecipeError(f"A search needs 1 or more {what}, not {count}.")
    if recipe.distil.teacher:
        raise RecipeError(
            f"{recipe.name} is distilled from the run {recipe.distil.teacher}, and a search "
            "supports no distillation: clear distil.teacher first."
        )


def _folder(runs: Path, name: str) -> Path:
    """Return where the study called `name` lies; a name that leads elsewhere is refused."""
    if not NAME.fullmatch(name):
        raise RunError(
            f"Invalid name of a study, {name!r}: use letters, digits, dots, dashes and "
            "underscores, a letter or digit first."
        )
    return runs / "_studies" / name


def _go_through(
    study: Study,
    trials: int,
    parts: tuple[Tensors, Tensors],
    others: Sequence[Worker],
    display: Lines,
) -> None:
    """Try until all trials are done, beside `others`, and tell what came of each."""
    teller = _Teller(study, display)
    try:
        work(study, trials, *parts, teller.batches, teller.trials)
        for sentence in deaths(others):
            display.note(sentence)
        work(study, trials, *parts, teller.batches, teller.trials)  # what they left
    except KeyboardInterrupt:
        display.note(f"Stopped; {len(study.trials)} trials are saved. The same command continues.")
        raise
    teller.trials()
    if (missing := trials - len(study.trials)) > 0:
        display.note(f"Still running in another process, and not counted here: {missing} trials.")


def _check_found(found: Search) -> None:
    """Refuse a search that has found nothing."""
    if not found.trials:
        raise TrainingError(
            "All trials are running in another process: wait for it, or ask for more --trials."
        )
    if not found.ranked:
        raise TrainingError(
            f"Training failed in all of {len(found.trials)} trials: vary other settings "
            f"under another --name. {found.trials[-1].why}".rstrip()
        )


class _Teller:
    """Says what comes of each trial, whichever process was at it."""

    def __init__(self, study: Study, display: Lines) -> None:
        self.study, self.display = study, display
        self.reported = {trial.number for trial in study.trials}
        complete = [t.error for t in study.trials if t.state == "complete"]
        self.lowest = min(complete, default=1.0)

    def batches(self, done: Batches) -> None:
        # A line every 20 batches of many trials would bury the answer.
        if isinstance(self.display, Bar):
            self.display.batches(done)

    def trials(self) -> None:
        for trial in self.study.trials:
            if trial.number not in self.reported:
                self.reported.add(trial.number)
                self.display.note(self._sentence(trial))

    def _sentence(self, trial: Trial) -> str:
        if trial.state == "fail":
            return f"trial {trial.number}: {trial.why}"
        text = f"trial {trial.number}: validation error {trial.error:.2%}, loss {trial.loss:.4f}"
        if trial.state == "pruned":
            return f"{text}, stopped early"
        if trial.unchanged:
            text += ", the recipe unchanged"
        if trial.error < self.lowest:
            self.lowest = trial.error
            text += ", best so far"
        return text


def _values(trial: Trial) -> list[str]:
    return [
        f"{value:g}" if isinstance(value, float) else str(value)
        for value in trial.settings.values()
    ]


def _write(found: Search) -> None:
    pictures = {
        "trials.png": search_plots.trials(found.trials),
        "settings.png": search_plots.settings(found.ranked, found.axes, found.importance),
    }
    for name, figure in pictures.items():
        write_bytes(found.folder / name, drawing.png(figure))
    table = io.StringIO(newline="")
    writer = csv.writer(table, lineterminator="\n")
    settings = [axis.setting for axis in found.axes]
    writer.writerow(["trial", "state", "validation_error", "validation_loss", *settings])
    for trial in found.trials:
        values = [json.dumps(value, ensure_ascii=False) for value in trial.settings.values()]
        writer.writerow([trial.number, trial.state, trial.error, trial.loss, *values])
    write_text(found.folder / "trials.csv", table.getvalue())
