"""One recipe from several seeds: the mean, the range and the time."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from benchmarks.summary import Summary
from inkdigits.errors import RunError
from inkdigits.evaluation import evaluate
from inkdigits.networks import parameter_count
from inkdigits.training import Recipe, Run, resume, train
from inkdigits.training.environment import versions
from inkdigits.training.recipe import Published


@dataclass(frozen=True)
class Seed:
    """One training, and what it scored on test."""

    seed: int
    test_top_1: float
    interval: tuple[float, float]  # 95%, over the digits
    without_bad_labels: float | None  # top-1 on what MNIST's 15 bad labels leave; None elsewhere
    seconds: float  # of training
    epochs: int


@dataclass(frozen=True)
class Trained:
    """What several seeds of one recipe gave."""

    recipe: Recipe
    parameters: int
    validation: Summary  # top-1
    honest: Summary  # top-1 on test
    counted: Summary  # what the author of a published system counted; else the same
    loss: Summary  # as its author computes it
    seconds: Summary  # of training
    each: list[Seed]
    machine: dict[str, Any]  # hardware, threads, precision and versions

    @property
    def seeds(self) -> int:
        """How many."""
        return len(self.each)

    def figures(self) -> dict[str, Any]:
        """Return everything as JSON knows it."""
        return {
            "recipe": self.recipe.name,
            "seeds": self.seeds,
            "parameters": self.parameters,
            "validation_top_1": vars(self.validation),
            "honest_top_1": vars(self.honest),
            "as_its_author_counts": vars(self.counted),
            "loss_as_its_author_computes": vars(self.loss),
            "seconds": self.seconds.median,
            "machine": self.machine,
        }


def settings_of(recipe: Recipe) -> str:
    """Return the SHA-256 of all that a recipe sets, whatever it says of itself and its seed.

    What it leaves as it usually is counts for nothing, so a setting more leaves it as it was.
    """
    bare = replace(recipe.with_settings({"training.seed": 0}), about="", published=Published())
    own = _unusual(bare.to_dict(), Recipe(recipe.name).to_dict())
    return hashlib.sha256(json.dumps(own, sort_keys=True).encode()).hexdigest()


def _unusual(own: Mapping[str, Any], usual: Mapping[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name, value in own.items():
        if isinstance(value, Mapping) and isinstance(usual.get(name), Mapping):
            if inner := _unusual(value, usual[name]):
                found[name] = inner
        elif name not in usual or value != usual[name]:
            found[name] = value
    return found


def machine(run: Run) -> dict[str, Any]:
    """Return what a run was trained with: hardware, threads, precision and versions."""
    environment = run.environment
    return {key: environment[key] for key in ("hardware", "threads", "precision", *versions())}


def train_seeds(
    name: str,
    settings: Mapping[str, object],
    seeds: int,
    folder: Path,
    data: Path | None,
    device: str,
    on: str | None = None,
) -> Trained:
    """Train and evaluate the recipe `name` from `seeds` seeds; what is there is not done again.

    Parameters
    ----------
    name, settings
        A shipped recipe, and what to change in it.
    seeds
        How many: 0, 1, 2 …
    folder
        For the runs.
    on
        The digits to be evaluated on, if not those that the recipe names.
    data, device
        As for `train`.
    """
    done = [train_seed(name, settings, seed, folder, data, device, on) for seed in range(seeds)]
    return summed(Recipe.load(name).with_settings(settings), done, on)


def summed(recipe: Recipe, done: Sequence[Run], on: str | None = None) -> Trained:
    """Return what evaluated runs of one recipe gave; `on` is as for `train_seeds`."""
    machines = [machine(run) for run in done]
    for run, other in zip(done, machines, strict=True):
        if other != machines[0]:
            raise RunError(
                f"{run.path} was trained on another machine or by other versions than "
                f"{done[0].path}: delete the one that is out of date to measure it again."
            )
    figures = [run.figures_on(_other(run, on)) for run in done]
    honest = [one["accuracy"]["value"] for one in figures]
    by_element = recipe.published.metric == "element-wise"
    counted = [one["element_wise_accuracy"] for one in figures] if by_element else honest
    losses = [
        one["loss"] if one["published_loss"] is None else one["published_loss"] for one in figures
    ]
    each = [_seed(run, one) for run, one in zip(done, figures, strict=True)]
    return Trained(
        recipe=recipe,
        parameters=parameter_count(done[0].network()),
        validation=Summary.of([run.best.validation_accuracy for run in done if run.best]),
        honest=Summary.of(honest),
        counted=Summary.of(counted),
        loss=Summary.of(losses),
        seconds=Summary.of([one.seconds for one in each]),
        each=each,
        machine=machines[0],
    )


def _seed(run: Run, figures: Mapping[str, Any]) -> Seed:
    clean = figures["accuracy_without_bad_labels"]
    return Seed(
        seed=run.recipe.training.seed,
        test_top_1=figures["accuracy"]["value"],
        interval=(figures["accuracy"]["low"], figures["accuracy"]["high"]),
        without_bad_labels=clean["value"] if clean else None,
        seconds=sum(row.seconds for row in run.history),
        epochs=len(run.history),
    )


def train_seed(
    name: str,
    settings: Mapping[str, object],
    seed: int,
    folder: Path,
    data: Path | None,
    device: str,
    on: str | None = None,
) -> Run:
    """Return the run of one seed, trained and evaluated; the rest is as for `train_seeds`."""
    changed = "".join(f"-{key.split('.')[-1]}-{value}" for key, value in settings.items())
    called = f"{name}{changed}-seed{seed}"
    try:
        run = Run.open(called, folder)
    except RunError:
        run = train(
            name, seed=seed, settings=settings, name=called, runs=folder, data=data, device=device
        )
    wanted = Recipe.load(name).with_settings(settings)
    if run.recipe.training.seed != seed or settings_of(run.recipe) != settings_of(wanted):
        raise RunError(
            f"{run.path} was trained by an earlier form of the recipe {name!r}: delete the folder "
            "to measure again."
        )
    if not run.finished:
        run = resume(run, data=data, device=device)
    if not run.figures_on(_other(run, on)):
        evaluate(run, on=on, device=device)
    return run


def _other(run: Run, on: str | None) -> str | None:
    """Return `on` where it is not what the run was trained on."""
    return None if on == run.recipe.data.name else on
