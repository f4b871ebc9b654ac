"""The run folder: what is written and when, and how it is read back."""

import hashlib
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from functools import cached_property
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import save
from torch import Tensor, nn

from .. import networks, notebook
from ..errors import FileError, RunError, nearest
from ..files import write_bytes, write_text
from ..models.bundle import WEIGHTS, digest, unseal
from . import checkpoint, weights
from .distil import Teacher
from .environment import describe
from .history import best_epoch, stalled, to_csv
from .loop import Epoch, State
from .recipe import Recipe

FOLDER = Path("runs")
NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")


class Run:
    """One training: its recipe, its history, its best weights and what they scored.

    Make one with `Run.create`, or find one with `Run.open`.
    """

    def __init__(self, path: Path) -> None:
        self.path = path

    @classmethod
    def create(cls, recipe: Recipe, name: str | None = None, folder: Path = FOLDER) -> "Run":
        """Make the folder of a new run and write its recipe there.

        Without a name the recipe's is taken, numbered if there is one already. Making the folder
        is what claims the name: of two processes, one gets it.

        Raises
        ------
        RunError
            If the name is impossible or taken.
        FileError
            If the folder cannot be written.
        """
        wanted = name or recipe.name
        if not NAME.fullmatch(wanted):
            raise RunError(
                f"A run cannot be called {wanted!r}: use letters, digits, dots, dashes and "
                "underscores, a letter or digit first."
            )
        number = 1
        while True:
            path = folder / (wanted if number == 1 else f"{wanted}-{number}")
            try:
                path.mkdir(parents=True)
                break
            except FileExistsError as error:
                if name is not None:
                    raise RunError(
                        f"The run {path} exists: go on with it by --resume {name}, "
                        "or choose another --name."
                    ) from error
                number += 1
            except OSError as error:
                raise FileError(
                    f"Cannot make the folder {path}: {error.strerror}; "
                    "choose another place with --runs."
                ) from error
        run = cls(path)
        try:
            run.write_recipe(recipe)
        except FileError:
            path.rmdir()  # a folder without a recipe would hold the name and be no run
            raise
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
            if (path / "recipe.toml").is_file():
                return cls(path)
        if Path(where).is_dir():
            raise RunError(f"{where} is not a run: a run folder holds a recipe.toml.")
        known = sorted(path.parent.name for path in folder.glob("*/recipe.toml"))
        hint = nearest(str(where), known) if known else "make one with `inkdigits train quick`."
        raise RunError(f"There is no run {str(where)!r} in {folder}/: {hint}")

    @property
    def name(self) -> str:
        """The name of the folder."""
        return self.path.resolve().name

    @cached_property
    def recipe(self) -> Recipe:
        """What the run was, or is, trained by."""
        return Recipe.load(self.path / "recipe.toml")

    @property
    def environment(self) -> dict[str, Any]:
        """Versions, device and data that the run was trained with."""
        return self._json("environment.json")

    @property
    def figures(self) -> dict[str, Any]:
        """What the best weights scored on the run's own test digits; empty before an evaluation."""
        return self.figures_on(None)

    def figures_on(self, other: str | None) -> dict[str, Any]:
        """Return what the best weights scored on the collection `other`; None is the run's own.

        Figures of earlier weights are not this run's any more, and are passed over.
        """
        name = self.named("figures.json", other)
        found = self._json(name)
        if not found:
            return {}
        if not {"epoch", "on", "accuracy", "loss"} <= found.keys() or not (
            isinstance(found["accuracy"], dict)
            and {"value", "low", "high", "right", "count"} <= found["accuracy"].keys()
        ):
            raise RunError(f"{self.path / name} is damaged: evaluate the run again.")
        best = self.best
        return found if best is not None and found["epoch"] == best.epoch else {}

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
    def history(self) -> list[Epoch]:
        """One row an epoch; ``history.csv`` is a copy for people and spreadsheets."""
        if not (self.path / checkpoint.LAST).is_file():
            return []
        return checkpoint.progress(self.path / checkpoint.LAST)[1]

    @property
    def best(self) -> Epoch | None:
        """The epoch whose weights are kept; None before the first."""
        return best_epoch(self.history, self.recipe.stopping.monitor)

    @property
    def finished(self) -> bool:
        """Whether every epoch was trained, or the run stopped early by its own rule."""
        if not (self.path / checkpoint.LAST).is_file():
            return False
        since, history = checkpoint.progress(self.path / checkpoint.LAST)
        done = len(history) >= self.recipe.training.epochs
        return done or stalled(history, self.recipe, since)

    def __repr__(self) -> str:
        best = self.best
        if best is None:
            return f"Run({self.name}: recipe {self.recipe.name}, no epoch finished)"
        text = (
            f"Run({self.name}: recipe {self.recipe.name} on {self.recipe.data.name}, best epoch "
            f"{best.epoch} of {len(self.history)}, validation {best.validation_accuracy:.2%}"
        )
        if test := self.figures.get("accuracy"):
            text += f", test {test['value']:.2%} [{test['low']:.2%}, {test['high']:.2%}]"
        return text + ")"

    def _repr_html_(self) -> str:
        history, best = self.history, self.best
        note = f"trained by {self.recipe.name} on {self.recipe.data.name}"
        if best is None:
            return notebook.card(self.name, f"{note}, no epoch finished")
        rows: list[tuple[str, str]] = [("best epoch", f"{best.epoch} of {len(history)}")]
        if test := self.figures.get("accuracy"):
            said = f"{test['value']:.2%} [{test['low']:.2%}, {test['high']:.2%}]"
            rows.append(("test, and its 95% interval", said))
        for what, form in (("loss", ".4f"), ("accuracy", ".2%")):
            lines = {
                part: [getattr(row, f"{part}_{what}") for row in history]
                for part in ("train", "validation")
            }
            rows.append((what, notebook.curves(lines, history.index(best), form)))
        return notebook.card(self.name, note, notebook.table(rows))

    def network(self, device: torch.device | str = "cpu") -> nn.Module:
        """Return the network with the best weights, ready to predict.

        Raises
        ------
        RunError
            If no epoch has finished, or if the weights are damaged or another network's.
        """
        path = self._weights()
        tensors = weights.finite(weights.load(path), str(path))
        network = networks.build(self.recipe.network, self.recipe.alphabet)
        weights.fill(network, tensors, path)
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
        return digest(self.weight_bytes)

    @property
    def weight_bytes(self) -> bytes:
        """The file of the best weights.

        Raises
        ------
        RunError
            If there are none.
        """
        try:
            return self._weights().read_bytes()
        except OSError as error:
            raise RunError(f"{self.path / WEIGHTS} cannot be read: {error.strerror}.") from error

    def write_recipe(self, recipe: Recipe) -> None:
        """Write the recipe, every setting of it."""
        write_text(self.path / "recipe.toml", recipe.dump())
        self.__dict__.pop("recipe", None)

    def write_environment(
        self,
        data: Mapping[str, Any],
        device: torch.device,
        init: Mapping[str, str] | None = None,
    ) -> None:
        """Write what the run is trained with: versions, device, data, and what it starts from."""
        environment = describe(self.recipe, data, device)
        if init := init or self.environment.get("init"):
            environment["init"] = dict(init)
        if self.recipe.distil.teacher:
            taught_by = Run.open(self.recipe.distil.teacher, self.path.parent)
            teacher = {"run": taught_by.name, "sha256": taught_by.digest}
            if self.environment.get("teacher", teacher) != teacher:
                raise RunError(
                    f"{taught_by.name}, the teacher of {self.name}, was trained again since: train "
                    f"{self.name} anew under another --name."
                )
            environment["teacher"] = teacher
        write_text(self.path / "environment.json", json.dumps(environment, indent=2) + "\n")

    def write_figures(self, figures: Mapping[str, Any], other: str | None) -> None:
        """Write what an evaluation of the best weights found on the collection `other`."""
        text = json.dumps(figures, indent=2) + "\n"
        write_text(self.path / self.named("figures.json", other), text)

    def save_best(self, state: State) -> None:
        """Write the weights that are best so far; what was made of earlier ones is none of it."""
        unseal(self.path)
        metadata = {"epoch": str(state.epoch), "recipe": self.recipe.name}
        tensors = weights.contiguous(state.judged.state_dict())
        write_bytes(self.path / WEIGHTS, save(tensors, metadata))

    def begin(self, init: Mapping[str, Tensor], device: torch.device) -> None:
        """Write the state before the first step, with the weights `init`."""
        teacher = teacher_of(self.recipe, self.path.parent, device)
        self.save_last(State.fresh(self.recipe, device, teacher, init), [], 0)

    def save_last(self, state: State, history: Sequence[Epoch], since: int) -> None:
        """Write all that going on needs, in one file: so no crash can leave halves of two epochs.

        Parameters
        ----------
        state
            Weights, their average, and the optimiser's memory.
        history
            The rows so far.
        since
            The epoch from which patience is counted.
        """
        checkpoint.write(self.path / checkpoint.LAST, state, history, since)
        write_text(self.path / "history.csv", to_csv(history))

    def load_last(self, device: torch.device) -> tuple[State, list[Epoch], int]:
        """Return what `save_last` wrote: the state, the history, and where patience counts from.

        A run that was stopped before its first epoch ended starts afresh.
        """
        state = State.fresh(self.recipe, device, teacher_of(self.recipe, self.path.parent, device))
        path = self.path / checkpoint.LAST
        if path.is_file():
            return checkpoint.read(path, state)
        if "init" in self.environment:
            raise RunError(
                f"{self.path} was stopped before it had the weights that it starts from: "
                "delete the folder, and train it again."
            )
        return state, [], 0

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Hold the run for this process alone.

        Raises
        ------
        RunError
            If another process holds it.
        """
        from filelock import FileLock, Timeout

        lock = FileLock(self.path / ".lock", timeout=0)
        try:
            lock.acquire()
        except Timeout as error:
            raise RunError(
                f"Another process is training {self.path}: wait for it, or choose another --name."
            ) from error
        except OSError as error:
            raise FileError(f"Cannot write {self.path}: {error.strerror}.") from error
        try:
            yield
        finally:
            lock.release()

    def _weights(self) -> Path:
        path = self.path / WEIGHTS
        if not path.is_file() or self.best is None:
            raise RunError(
                f"{self.path} has no weights yet: finish an epoch with "
                f"`inkdigits train --resume {self.name}`."
            )
        return path

    def _json(self, name: str) -> dict[str, Any]:
        path = self.path / name
        if not path.is_file():
            return {}
        try:
            found = json.loads(path.read_text(encoding="utf-8"))
        except (OSError, ValueError) as error:
            raise RunError(f"{path} is damaged: restore it, or make it again.") from error
        return found if isinstance(found, dict) else {}


def slug(dataset: str) -> str:
    """Return how files are called that are about a data set: a path by its end and a hash."""
    if re.fullmatch(r"[a-z][a-z0-9-]*", dataset):
        return dataset
    last = re.sub(r"[^A-Za-z0-9]+", "-", Path(dataset).name).strip("-") or "data"
    return f"{last[:40]}-{hashlib.sha256(dataset.encode()).hexdigest()[:6]}"


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
