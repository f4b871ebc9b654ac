"""The run folder: what is written and when, and how it is read back.

``last.safetensors`` is what a run is, after its recipe: one file, written whole after each epoch.
All else is made of it, or stands beside it, so a program may be killed before any operation on a
file: what is read afterwards is one state, and the next training mends the copies.
"""

import hashlib
import json
import os
import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from functools import cached_property
from pathlib import Path
from typing import Any

import torch
from torch import nn

from .. import networks, notebook
from ..errors import RecipeError, RunError, nearest, printable
from ..files import exists, write_text
from ..models.bundle import WEIGHTS
from . import checkpoint, contents
from .checkpoint import LAST, Progress
from .environment import describe
from .folder import NAME, RECIPE, Hold, held, is_run, make
from .history import stalled
from .loop import Epoch
from .recipe import Recipe, text_of
from .weights import SavedWeights, check_copy, fill

__all__ = ["FOLDER", "NAME", "Run", "folders"]

FOLDER = Path("runs")
HISTORY = "history.csv"


class Run:
    """One training: its recipe, its history, its best weights and what they scored.

    Make one with `Run.create`, or find one with `Run.open`.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._hold: Hold | None = None
        self.removed: list[str] = []  # what a killed program had left where this was made

    @classmethod
    def create(
        cls,
        recipe: Recipe,
        name: str | None = None,
        folder: Path = FOLDER,
        begin: "Callable[[Run], None] | None" = None,
    ) -> "Run":
        """Make the folder of a new run, with its recipe in it and what `begin` writes there.

        Without a name the recipe's is taken, numbered if there is one already. The folder is there
        with all of this, or not at all; of two processes, one gets the name.

        Raises
        ------
        RunError
            If the name is impossible or taken.
        FileError
            If the folder cannot be written.
        """

        def fill_in(path: Path) -> None:
            run = cls(path)
            run.write_recipe(recipe)
            if begin is not None:
                begin(run)

        path, removed = make(folder, name or recipe.name, numbered=name is None, fill=fill_in)
        run = cls(path)
        run.removed = removed
        return run

    @classmethod
    def open(cls, where: "str | Path | Run", folder: Path = FOLDER) -> "Run":
        """Return the run called `where` in `folder`, or the one whose folder `where` is.

        Raises
        ------
        RunError
            If there is none there.
        """
        if isinstance(where, Run):
            return where
        for path in (folder / where, Path(where)):
            if is_run(path):
                return cls(path)
        shown = printable(str(where))
        if os.path.isdir(where):  # noqa: PTH112 it minds no name that is too long
            raise RunError(f"{shown} is not a run: a run folder holds a {RECIPE}.")
        known = [path.name for path in folders(folder)]
        hint = nearest(str(where), known) if known else "make one with `inkdigits train quick`."
        raise RunError(f"There is no run {shown!r} in {folder}/: {hint}")

    @property
    def name(self) -> str:
        """The name of the folder."""
        return Path(os.path.realpath(self.path)).name  # which minds no links that go in circles

    @cached_property
    def recipe(self) -> Recipe:
        """What the run was, or is, trained by.

        Raises
        ------
        RunError
            If it cannot be read, or says something unknown or impossible.
        """
        path = self._at(RECIPE)
        try:
            recipe = Recipe.parse(self.recipe_text, "", str(path))
        except RecipeError as error:
            raise RunError(str(error)) from error
        if not recipe.name:  # one that was written whole has one
            raise RunError(f"{path} has no name, so it is not the recipe of a run: restore it.")
        return recipe

    @property
    def recipe_text(self) -> str:
        """The recipe as it is written.

        Raises
        ------
        RunError
            If it cannot be read.
        """
        try:
            return text_of(self._at(RECIPE))
        except RecipeError as error:
            raise RunError(str(error)) from error

    @property
    def environment(self) -> dict[str, Any]:
        """Versions, device and data that the run was trained with."""
        return contents.environment(self._at("environment.json"))

    @property
    def figures(self) -> dict[str, Any]:
        """What the best weights scored on the run's own test digits; empty before an evaluation."""
        return self.figures_on(None)

    def figures_on(self, other: str | None) -> dict[str, Any]:
        """Return what the best weights scored on the collection `other`; None is the run's own.

        Figures of other weights are not this run's any more, and are passed over.
        """
        found = contents.figures(self._at(self.named("figures.json", other)))
        return found if found and found["weights"] == self.progress.best_digest else {}

    @property
    def elsewhere(self) -> list[str]:
        """The other data sets on which it was evaluated, as `named` takes them."""
        found = sorted(self.path.glob("figures-on-*.json"))
        return [path.stem.removeprefix("figures-on-") for path in found]

    @staticmethod
    def named(name: str, other: str | None) -> str:
        """Return what a file of an evaluation on the collection `other` is called."""
        stem, dot, suffix = name.partition(".")
        return name if other is None else f"{stem}-on-{other}{dot}{suffix}"

    @property
    def progress(self) -> Progress:
        """How far the run is, as one look at it says."""
        path = self._at(LAST)
        return checkpoint.progress(path) if exists(path) else Progress()

    @property
    def history(self) -> list[Epoch]:
        """One row an epoch; ``history.csv`` is a copy for people and spreadsheets."""
        return self.progress.history

    @property
    def best(self) -> Epoch | None:
        """The epoch whose weights are kept; None before the first."""
        return self.progress.best

    @property
    def finished(self) -> bool:
        """Whether every epoch was trained, or the run stopped early by its own rule."""
        found = self.progress
        done = len(found.history) >= self.recipe.training.epochs
        return done or stalled(found.history, self.recipe, found.since)

    def check(self) -> None:
        """Look at all that the run says of itself, its weights apart.

        Raises
        ------
        RunError
            With the first that is wrong.
        """
        _ = self.recipe, self.progress, self.environment, self.figures

    def __repr__(self) -> str:
        found = self.progress
        best = found.best
        if best is None:
            return f"Run({self.name}: recipe {self.recipe.name}, no epoch finished)"
        text = (
            f"Run({self.name}: recipe {self.recipe.name} on {self.recipe.data.name}, best epoch "
            f"{best.epoch} of {len(found.history)}, validation {best.validation_accuracy:.2%}"
        )
        if test := self.figures.get("accuracy"):
            text += f", test {test['value']:.2%} [{test['low']:.2%}, {test['high']:.2%}]"
        return text + ")"

    def _repr_html_(self) -> str:
        found = self.progress
        history, best = found.history, found.best
        note = f"recipe {self.recipe.name} on {self.recipe.data.name}"
        if best is None:
            return notebook.card(self.name, f"{note}, no epoch finished")
        rows: list[tuple[str, str]] = [("best epoch", f"{best.epoch} of {len(history)}")]
        if test := self.figures.get("accuracy"):
            text = f"{test['value']:.2%} [{test['low']:.2%}, {test['high']:.2%}]"
            rows.append(("test accuracy, 95% CI", text))
        for what, form in (("loss", ".4f"), ("accuracy", ".2%")):
            lines = {
                part: [getattr(row, f"{part}_{what}") for row in history]
                for part in ("train", "validation")
            }
            rows.append((what, notebook.curves(lines, history.index(best), form)))
        return notebook.card(self.name, note, notebook.table(rows))

    def network(
        self, device: torch.device | str = "cpu", saved: SavedWeights | None = None
    ) -> nn.Module:
        """Return the network with the best weights, ready to predict.

        Parameters
        ----------
        device
            Where it goes.
        saved
            The weights, where they were read before: training may go on meanwhile.

        Raises
        ------
        RunError
            If no epoch has finished, or if the weights are damaged or another network's.
        """
        saved = saved or self.weights()
        tensors = saved.tensors()
        network = networks.build(self.recipe.network, self.recipe.alphabet)
        fill(network, tensors, saved.where)
        return networks.place(network, device).eval()

    def logits(self, device: torch.device | str = "cpu") -> nn.Sequential:
        """Return the network as `network` does, without the softmax of some published ones.

        Raises
        ------
        RunError
            As for `network`.
        """
        bare = networks.build(replace(self.recipe.network, head="logits"), self.recipe.alphabet)
        bare.load_state_dict(self.network().state_dict())
        return networks.place(bare, device).eval()

    @property
    def parameters(self) -> int | None:
        """How many numbers its network learns, by its files alone; None before the first epoch."""
        path = self.path / checkpoint.LAST
        return checkpoint.parameters(path) if path.is_file() else None

    @property
    def digest(self) -> str:
        """The SHA-256 of the best weights.

        Raises
        ------
        RunError
            If there are none.
        """
        return self.weights().digest

    @property
    def weight_bytes(self) -> bytes:
        """The file of the best weights.

        Raises
        ------
        RunError
            If there are none.
        """
        return self.weights().content

    def weights(self) -> SavedWeights:
        """Return the best weights, and after which epoch the network had them.

        They are read from ``last.safetensors``, beside the history that they belong to. Their copy
        may be of an earlier epoch, if a program was killed; it must not be anything else.

        Raises
        ------
        RunError
            If there are none, or if they or their copy are damaged.
        """
        path = self._at(LAST)
        saved = checkpoint.best(path)[1] if exists(path) else None
        if saved is None:
            raise RunError(
                f"{self.path} has no weights yet: finish an epoch with "
                f"`inkdigits train --resume {self.name}`."
            )
        check_copy(self.path / WEIGHTS, saved)
        return saved

    def write_recipe(self, recipe: Recipe) -> None:
        """Write the recipe, every setting of it."""
        self._write(RECIPE, recipe.dump())
        self.__dict__.pop("recipe", None)

    def write_environment(self, data: Mapping[str, Any], device: torch.device) -> None:
        """Write what the run is trained with: versions, device, data, and what it starts from."""
        environment = describe(self.recipe, data, device)
        if init := self.progress.init:
            environment["init"] = dict(init)
        if self.recipe.distil.teacher:
            taught_by = Run.open(self.recipe.distil.teacher, self.path.parent)
            teacher = {"run": taught_by.name, "sha256": taught_by.digest}
            if self.environment.get("teacher", teacher) != teacher:
                raise RunError(
                    f"{taught_by.name}, the teacher of {self.name}, has been trained again since: "
                    f"train {self.name} anew under another --name."
                )
            environment["teacher"] = teacher
        self._write("environment.json", json.dumps(environment, indent=2) + "\n")

    def write_figures(
        self, figures: Mapping[str, Any], other: str | None, saved: SavedWeights
    ) -> None:
        """Write what an evaluation of the weights `saved` found on the collection `other`."""
        about = {"epoch": saved.epoch, "weights": saved.digest, **figures}
        self._write(self.named("figures.json", other), json.dumps(about, indent=2) + "\n")

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Hold the run for this process alone.

        Raises
        ------
        RunError
            If another process holds it.
        """
        with held(self.path) as self._hold:
            try:
                yield
            finally:
                self._hold = None

    def check_folder(self) -> None:
        """Refuse to go on if the folder was removed or replaced since it is held.

        Raises
        ------
        RunError
            If it was, with what is lost by that.
        """
        if self._hold is not None:
            self._hold.check()

    def _at(self, name: str) -> Path:
        """Return where a file of the run is, if this is a folder whose name can be text."""
        try:
            str(self.path).encode()
        except UnicodeEncodeError as error:
            raise RunError(
                f"The name of {printable(str(self.path))} is not UTF-8: rename the folder."
            ) from error
        return self.path / name

    def _write(self, name: str, text: str) -> None:
        write_text(self.path / name, text, make_folders=False)


def slug(dataset: str) -> str:
    """Return how files are called that are about a data set: a path by its end and a hash."""
    if re.fullmatch(r"[a-z][a-z0-9-]*", dataset):
        return dataset
    last = re.sub(r"[^A-Za-z0-9]+", "-", Path(dataset).name).strip("-") or "data"
    return f"{last[:40]}-{hashlib.sha256(dataset.encode()).hexdigest()[:6]}"


def folders(folder: Path = FOLDER) -> list[Path]:
    """Return the folders of all runs in `folder`, by name; what is no run is passed over.

    Raises
    ------
    RunError
        If it cannot be looked into.
    """
    if not folder.is_dir():
        return []
    try:
        found = sorted(path for path in folder.iterdir() if not path.name.startswith("."))
    except OSError as error:
        raise RunError(f"Cannot read the folder {folder}: {error.strerror}.") from error
    return [path for path in found if is_run(path)]
