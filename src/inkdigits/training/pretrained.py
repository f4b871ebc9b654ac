"""Trained networks to go on from: those of runs and of models, shipped or not."""

import contextlib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Any

from torch import Tensor, nn

from .. import networks
from ..errors import InkdigitsError, RecipeError, RunError
from ..models.bundle import JSON, WEIGHTS, Bundle, digest, names
from . import weights
from .recipe import Recipe
from .run import FOLDER, Run
from .weights import SavedWeights


@dataclass(frozen=True, eq=False)
class Pretrained:
    """A trained network: what is known of it, and what it has learned.

    Attributes
    ----------
    bundle
        What is known of it.
    content
        Its weights, as a safetensors file.
    run
        Whose folder it lies in; None where that is no run's.
    """

    bundle: Bundle
    content: bytes
    run: Run | None = None

    @classmethod
    def open(cls, where: str | Path | Run, runs: str | Path = FOLDER) -> "Pretrained":
        """Return that of a run, by its name or folder, or of a model, by its folder or name.

        Raises
        ------
        InkdigitsError
            If there is none, or if it is damaged.
        """
        if not isinstance(where, Run) and not _is_run(where, Path(runs)) and _is_bundle(where):
            return cls.of(Bundle.open(where))
        run = Run.open(where, Path(runs))
        saved = run.weights()
        return cls(bundle_of(run, saved), saved.content, run)

    @classmethod
    def of(cls, bundle: Bundle) -> "Pretrained":
        """Return that of a bundle.

        Raises
        ------
        RecogniserError
            If its weights are missing or damaged.
        """
        return cls(bundle, bundle.weights)

    @property
    def name(self) -> str:
        """What to call it in a sentence."""
        return self.bundle.name

    @property
    def digest(self) -> str:
        """The SHA-256 of its weights."""
        return digest(self.content)

    @cached_property
    def recipe(self) -> Recipe:
        """What it was trained by.

        Raises
        ------
        RecipeError
            If it is none that is known here.
        """
        return Recipe.from_dict(self.bundle.recipe, f"the model {self.name}")

    @cached_property
    def tensors(self) -> Mapping[str, Tensor]:
        """What it has learned.

        Raises
        ------
        RunError
            If the file is damaged, or holds what is no number.
        """
        return SavedWeights(self.content, f"The {WEIGHTS} of {self.name}").tensors()

    def network(self) -> nn.Sequential:
        """Return the network, ready to predict.

        Raises
        ------
        InkdigitsError
            If recipe and weights do not fit one another.
        """
        network = networks.build(self.recipe.network, self.recipe.alphabet)
        weights.fill(network, self.tensors, Path(WEIGHTS))
        return networks.place(network, "cpu").eval()

    def check(self, recipe: Recipe) -> None:
        """Refuse `recipe` if its network cannot start from these weights.

        Raises
        ------
        RecipeError
            If symbols, pixels or layers differ.
        """
        ours, theirs = self.recipe, recipe
        if ours.alphabet != theirs.alphabet:
            raise RecipeError(
                f"{self.name} has the classes {', '.join(ours.alphabet.names)}, and the "
                f"recipe {recipe.name} has {', '.join(theirs.alphabet.names)}: use the same "
                "[alphabet] to start from it."
            )
        for setting in ("frame", "mean", "std", "size"):
            value = getattr(ours.network, setting)
            if getattr(theirs.network, setting) != value:
                says = list(value) if setting == "size" else str(value).lower()
                raise RecipeError(
                    f"{self.name} and the recipe {recipe.name} differ in network.{setting}: "
                    f"set it to {says} to start from it."
                )
        network, tensors = networks.build(recipe.network, recipe.alphabet), self.tensors
        try:
            weights.fill(network, tensors, Path(WEIGHTS))
        except RunError as error:
            raise RecipeError(
                f"The weights of {self.name} do not fit the network of the recipe "
                f"{recipe.name}: use the [network] of the recipe {ours.name} to start from "
                "it."
            ) from error


def bundle_of(run: Run, saved: SavedWeights) -> Bundle:
    """Return what is known of the best weights of a run, as a bundle that is not written yet."""
    history, environment = run.history, run.environment
    kept = ("hardware", "precision", "data", "teacher")
    figures: dict[str, Any] = {
        "training": {key: environment[key] for key in kept if key in environment}
    }
    if saved.epoch is not None:
        best = history[saved.epoch - 1]
        scored = {"accuracy": best.validation_accuracy, "loss": best.validation_loss}
        figures["validation"] = {"epoch": best.epoch, "epochs": len(history), **scored}
    if (test := run.figures) and test["weights"] == saved.digest:
        figures["test"] = {key: test[key] for key in ("on", "accuracy", "loss")}
    packages = ("inkdigits", "torch", "numpy", "python")
    return Bundle(
        run.name,
        run.recipe.to_dict(),
        run.recipe.alphabet,
        run.recipe.task,
        figures=figures,
        versions={key: str(environment[key]) for key in packages if key in environment},
        init=environment.get("init", {}),
    )


def seal(run: Run) -> None:
    """Write ``model.json`` into the folder of a run whose best weights are there to stay.

    What was exported from the same weights stays a part of it.
    """
    saved = run.weights()
    bundle, content, onnx = bundle_of(run, saved), saved.content, None
    with contextlib.suppress(InkdigitsError):  # it is of other weights, or damaged, or not there
        kept = Bundle.open(run.path)
        if kept.has_onnx and kept.weights == content:
            onnx = kept.onnx
            bundle = replace(bundle, temperature=kept.temperature, precision=kept.precision)
    bundle.write(run.path, content, onnx)


def is_sealed(run: Run) -> bool:
    """Whether ``model.json`` is there, and of the best weights, which lie beside it."""
    try:
        return Bundle.open(run.path).weights == run.weight_bytes
    except InkdigitsError:
        return False


def _is_run(where: str | Path, runs: Path) -> bool:
    try:
        Run.open(where, runs)
    except InkdigitsError:
        return False
    return True


def _is_bundle(where: str | Path) -> bool:
    return (Path(where) / JSON).is_file() or str(where) in names()
