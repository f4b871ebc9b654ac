"""Runs over HTTP: all of them in short, and one at length, also while it is being trained."""

from __future__ import annotations

import json
import math
import time
from datetime import UTC, datetime
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

from fastapi import APIRouter, Request
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, model_validator

from ...alphabet import Alphabet
from ...errors import InkdigitsError, printable
from ..disclosure import public_text
from ..run_store import RunStore, report_damage
from ..schemas import LAB
from ..settings import Settings
from . import predictions

if TYPE_CHECKING:
    from ...training.run import Run

LIVE = 60  # seconds: a run that was not written for longer is not being trained
SPARKS = 40  # points of a sparkline

router = APIRouter(prefix="/api", tags=["runs"])
router.include_router(predictions.router)


def _finite(value: Any) -> Any:
    """JSON knows no infinity: a loss that ran away is None."""
    return None if isinstance(value, float) and not math.isfinite(value) else value


Number = Annotated[float | None, BeforeValidator(_finite)]


class Share(BaseModel):
    """A proportion with its 95% confidence interval."""

    value: float
    low: float
    high: float
    right: int
    count: int


class RunSummary(BaseModel):
    """A summary of a run."""

    name: str
    error: str | None = Field(
        default=None, description="Why it cannot be shown; all else is then missing."
    )
    recipe: str = Field(default="", description="The name of its recipe.")
    about: str = ""
    digits: str = Field(default="", description="The data set it was trained on.")
    epochs: int = Field(default=0, description="Epochs completed.")
    planned: int = 0
    finished: bool = False
    live: bool = Field(default=False, description="Whether it seems to be training.")
    written: datetime | None = Field(default=None, description="When its files last changed.")
    best: int | None = Field(default=None, description="The epoch whose weights were saved.")
    validation: Number = Field(default=None, description="Validation accuracy of that epoch.")
    test: Share | None = Field(
        default=None, description="Test accuracy; null before these weights are evaluated."
    )
    parameters: int | None = Field(default=None, description="Trainable parameters.")
    seconds: Number = Field(default=None, description="Training time.")
    curve: list[Number] = Field(
        default=[], description="Validation accuracy, thinned for a sparkline."
    )


class Epoch(BaseModel):
    """One epoch of a run."""

    model_config = ConfigDict(from_attributes=True)

    epoch: int
    train_loss: Number
    train_accuracy: Number
    train_precision: Number
    train_recall: Number
    train_symbol_error: Number
    train_mean_iou: Number
    validation_loss: Number
    validation_accuracy: Number
    validation_precision: Number
    validation_recall: Number
    validation_symbol_error: Number
    validation_mean_iou: Number
    rate: Number
    seconds: Number
    validation_seconds: Number


class Steps(BaseModel):
    """Losses and learning rates of the steps so far."""

    done: int
    planned: int | None = Field(description="Null if the number of digits is unknown.")
    epoch: int | None = Field(description="Steps per epoch.")
    every: int = Field(description="Number of steps averaged in each point.")
    losses: list[Number]
    rates: list[Number]


class Class(BaseModel):
    """Precision, recall and F1 of one symbol."""

    symbol: str
    count: int
    precision: float
    recall: float
    f1: float


class Turn(BaseModel):
    """Accuracy on rotated digits; degrees count counter-clockwise."""

    degrees: float
    accuracy: float


class Bin(BaseModel):
    """Digits with similar confidence."""

    confidence: float
    accuracy: float
    count: int


class Exported(BaseModel):
    """What the graph that `inkdigits export` writes scores on the same samples."""

    accuracy: Share = Field(description="Another than the network's only where framing matters.")
    framed: bool = Field(description="Whether it takes ink of any size.")
    temperature: float = Field(description="Fitted on the validation samples.")
    expected_calibration_error: float | None = Field(
        description="None where the temperature was fitted on test samples."
    )
    reliability: list[Bin] | None


class Figures(BaseModel):
    """Metrics of the last evaluation, as in `figures.json`."""

    epoch: int
    on: str
    accuracy: Share
    accuracy_without_bad_labels: Share | None = None
    loss: Number
    element_wise_accuracy: Number = None
    published_loss: Number = None
    expected_calibration_error: float = Field(description="Of the network as it was trained.")
    exported: Exported | None = None
    not_calibrated: str = Field(
        default="", description="Why there is no calibration error with a temperature, if so."
    )
    classes: list[Class]
    confusion: list[list[int]]
    hardest_pairs: list[tuple[int, int, int, int]]
    rotation: list[Turn]
    reliability: list[Bin]

    @model_validator(mode="after")
    def _square(self) -> Figures:
        if {len(self.confusion), *map(len, self.confusion)} != {len(self.classes)}:
            raise ValueError("a confusion matrix has a row and a column for each class")
        return self


class Elsewhere(BaseModel):
    """Metrics of a run on another data set."""

    on: str
    accuracy: Share
    loss: Number


class Published(BaseModel):
    """The result that a published system reported, and a note on it."""

    model_config = ConfigDict(from_attributes=True)

    system: str
    figure: str
    metric: str
    note: str


class RunDetail(RunSummary):
    """A run in detail."""

    monitor: str = Field(description="The metric by which the best epoch is chosen.")
    published: Published | None
    floor: float | None = Field(description="Lower bound of its loss, if it has one.")
    toml: str = Field(description="Its recipe.")
    learns: bool = Field(description="Whether it can be trained; an ensemble cannot.")
    environment: dict[str, Any]
    history: list[Epoch]
    steps: Steps
    figures: Figures | None
    elsewhere: list[Elsewhere]
    options: str = Field(
        description="Options with which commands find it; FOLDER stands for the value of --runs."
    )


@router.get("/runs", responses=LAB)
def runs(request: Request) -> list[RunSummary]:
    """List all runs; a damaged one has an error."""
    store = RunStore.of(request)
    return [_summary_or_error(name, run, store.settings) for name, run in store.runs().items()]


@router.get("/runs/{name:path}", responses=LAB)
def one(name: predictions.RunName, request: Request) -> RunDetail:
    """Return a run in detail; cheap enough to poll every second during training."""
    store = RunStore.of(request)
    run = store.run(name)
    with report_damage(run):
        return _detail(run, store)


def _summary_or_error(name: str, run: Run, settings: Settings) -> RunSummary:
    try:
        with report_damage(run):
            run.check()
            return RunSummary(**_summary(run))
    except InkdigitsError as error:
        return RunSummary(name=name, error=public_text(printable(str(error)), settings))


def _summary(run: Run) -> dict[str, Any]:
    recipe, found = run.recipe, run.progress
    history, best = found.history, found.best
    finished, written = run.finished, _written(run.path)
    thinned = history[:: max(1, math.ceil(len(history) / SPARKS))]
    return {
        "name": run.path.name,
        "recipe": recipe.name,
        "about": recipe.about,
        "digits": _public(recipe.data.name),
        "epochs": len(history),
        "planned": recipe.training.epochs,
        "finished": finished,
        "live": not finished and time.time() - written < LIVE,
        "written": datetime.fromtimestamp(written, UTC),
        "best": best.epoch if best else None,
        "validation": best.validation_accuracy if best else None,
        "test": run.figures.get("accuracy"),
        "parameters": _parameters(run),
        "seconds": sum(row.seconds for row in history),
        "curve": [row.validation_accuracy for row in thinned],
    }


def _detail(run: Run, store: RunStore) -> RunDetail:
    from ...evaluation.metrics import softmax_floor

    recipe, environment, figures = run.recipe, run.environment, run.figures
    steps = store.steps(run)
    each = _steps_an_epoch(run)
    others = [found for kind in run.elsewhere if (found := run.figures_on(kind))]
    softmax = recipe.network.head == "softmax"
    return RunDetail(
        **_summary(run),
        monitor=recipe.stopping.monitor,
        published=Published.model_validate(recipe.published) if recipe.published.note else None,
        floor=softmax_floor(len(recipe.alphabet)) if softmax else None,
        learns=recipe.network.name != "ensemble",
        toml=run.recipe_text.replace(recipe.data.name, _public(recipe.data.name)),
        environment=environment,
        history=[Epoch.model_validate(row) for row in run.history],
        steps=Steps(
            done=steps.done,
            planned=each and each * recipe.training.epochs,
            epoch=each,
            every=steps.every,
            losses=[*steps.losses],
            rates=[*steps.rates],
        ),
        # Those of lines and pages have other figures, which this page does not draw.
        figures=Figures.model_validate(figures) if figures and recipe.task == "symbols" else None,
        elsewhere=[Elsewhere.model_validate(found) for found in others],
        options=_options(store.settings),
    )


def _public(dataset: str) -> str:
    """Return what clients are told of a data set: of a path its end, of a known one its name."""
    return "+".join(Path(part).name or part for part in dataset.split("+"))


def _steps_an_epoch(run: Run) -> int | None:
    from ...training.symbols import batch_count

    count = run.environment.get("data", {}).get("train", {}).get("count")
    return batch_count(count, run.recipe) if isinstance(count, int) and count > 0 else None


def _options(settings: Settings) -> str:
    """Return the options with which a command finds these runs, without their path."""
    return "" if settings.runs == Settings.runs else " --runs FOLDER"


def _written(folder: Path) -> float:
    """Return when any file of a run was last written."""
    names = ("recipe.toml", "last.safetensors", "figures.json", "steps.csv")
    return max(_changed(folder / name) for name in names)


def _changed(file: Path) -> float:
    try:
        return file.stat().st_mtime
    except OSError:
        return 0.0


def _parameters(run: Run) -> int | None:
    """Return how many numbers a network learns, without making room for a single one.

    A network of somebody's own is not imported for it: its weights say how many they are.
    """
    network = run.recipe.network
    if network.own_names:
        return run.parameters
    options = json.dumps(dict(network.options))
    return _counted(network.name, network.size, options, run.recipe.alphabet)


@lru_cache(256)
def _counted(name: str, size: tuple[int, int], options: str, alphabet: Alphabet) -> int | None:
    from ...networks import NetworkSettings, count

    try:
        return count(NetworkSettings(name, size, options=json.loads(options)), alphabet)
    except InkdigitsError:  # it cannot be built, which is its recipe's own affair
        return None
