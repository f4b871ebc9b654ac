"""Predictions of runs for single test digits, over HTTP.

Those in a cell of the confusion matrix, misclassified ones, and those on which runs differ.
"""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING, Annotated, Any

import numpy as np
import numpy.typing as npt
from fastapi import APIRouter, Path, Query, Request
from pydantic import BaseModel, Field

from ...data import Digits
from ...errors import DataError, InkdigitsError, RunError
from ..disclosure import public_text
from ..run_store import RunStore, report_damage
from ..schemas import LAB

if TYPE_CHECKING:
    from ...data.digits import Identities
    from ...evaluation.comparison import Paired
    from ...evaluation.predictions import Predictions
    from ...training.run import Run

MOST = 100  # digits at a time
SHOWN = 24  # samples shown that one run alone classified correctly
RUNS = 6  # that can be compared: as many as there are colours

router = APIRouter()
RunName = Annotated[str, Path(description="Name of the run.")]
TrueClass = Annotated[int | None, Query(ge=0, description="Index of the true class.")]
ReadClass = Annotated[int | None, Query(ge=0, description="Index of the predicted class.")]


class PredictedDigit(BaseModel):
    """A test digit, and what a run predicts for it."""

    index: int = Field(description="Index in the test split of its data set.")
    true: int
    read: int
    confidence: float
    probabilities: list[float]
    pixels: str = Field(
        description="A byte for each pixel, row by row, 0 for paper to 255 for ink, in base64."
    )
    columns: int = Field(description="Width of the picture in pixels.")


class Selection(BaseModel):
    """Some test digits, at most as many as requested."""

    total: int = Field(description="Number of digits that match.")
    classes: list[str] = Field(
        description="The classes that `true`, `read` and the probabilities refer to."
    )
    offset: int
    digits: list[PredictedDigit]


class PredictedClass(BaseModel):
    """What one of several runs predicts for a digit."""

    read: int
    confidence: float


class DistinguishingDigit(BaseModel):
    """A digit that only one of several runs classifies correctly."""

    index: int | None = Field(description="As of a digit; None if it cannot be had.")
    true: int
    predictions: list[PredictedClass] = Field(description="One per run.")
    pixels: str | None = Field(description="As of a digit; null if unavailable.")
    columns: int | None = Field(description="As of a digit; null if unavailable.")


class OnlyCorrect(BaseModel):
    """The digits that only one of several runs classifies correctly."""

    run: str
    count: int
    digits: list[DistinguishingDigit] = Field(description=f"The first {SHOWN} of them.")


class ValidationCurve(BaseModel):
    """Validation loss and accuracy of a run, by epoch."""

    run: str
    epochs: list[int]
    loss: list[float | None]
    accuracy: list[float | None]
    best: int | None = Field(description="The epoch whose weights were saved.")


class Comparison(BaseModel):
    """A comparison of runs."""

    classes: list[str] = Field(description="The classes that `true` and `read` refer to.")
    histories: list[ValidationCurve]
    reason: str | None = Field(description="Why the runs cannot be compared; null if they can.")
    columns: list[str]
    rows: list[list[str]] = Field(description="One per run.")
    verdicts: list[str] = Field(description="One per pair: McNemar's exact test, in words.")
    notes: list[str] = Field(description="How far the verdicts go.")
    shared: int = Field(description="Test samples that all runs were evaluated on.")
    agreed: int = Field(description="Of these, how many all runs classify correctly.")
    failed: int = Field(description="Of these, how many no run classifies correctly.")
    mixed: int = Field(description="Of these, how many several runs do, but not all.")
    only_correct: list[OnlyCorrect]
    missing: str | None = Field(description="Why digits have no pixels; null if they do.")


@router.get("/runs/{name:path}/digits", responses=LAB)
def digits(
    name: RunName,
    request: Request,
    true: TrueClass = None,
    read: ReadClass = None,
    wrong: Annotated[bool, Query(description="Misclassified digits only.")] = False,
    offset: Annotated[int, Query(ge=0, le=1_000_000, description="Digits to skip.")] = 0,
    limit: Annotated[int, Query(ge=1, le=MOST, description="Digits to return, at most.")] = 24,
) -> Selection:
    """Return test digits by class: the most confident errors first, then the least confident."""
    store = RunStore.of(request)
    run = store.run(name)
    found = store.predictions(run)
    classes = run.recipe.alphabet.names
    for asked in (true, read):
        if asked is not None and asked >= len(classes):
            raise RunError(f"{name} has no class {asked}: choose one from 0 to {len(classes) - 1}.")
    confidence, predicted = found.probabilities.max(1), found.probabilities.argmax(1)
    error = predicted != found.labels
    chosen = np.ones(len(error), bool)
    for asked, values in ((true, found.labels), (read, predicted)):
        if asked is not None:
            chosen &= values == asked
    rows = np.flatnonzero(chosen & error if wrong else chosen)
    order = np.where(error, -confidence - 1, confidence)
    rows = rows[np.argsort(order[rows], kind="stable")]
    page = rows[offset : offset + limit]
    pictures, places = _pictures(store, run, found, found.identities[page])
    return Selection(
        total=len(rows),
        classes=[*classes],
        offset=offset,
        digits=[
            PredictedDigit(
                index=int(place),
                true=int(found.labels[row]),
                read=int(predicted[row]),
                confidence=float(confidence[row]),
                probabilities=[float(value) for value in found.probabilities[row]],
                pixels=_base64(image),
                columns=image.shape[1],
            )
            for row, image, place in zip(page, pictures.images, places, strict=True)
        ],
    )


@router.get("/compare", responses=LAB)
def compare(
    request: Request,
    run: Annotated[
        list[str],
        Query(min_length=2, max_length=RUNS, description="Name of a run; once for each."),
    ],
) -> Comparison:
    """Compare runs as `inkdigits compare` does, with digits on which they differ."""
    from ...evaluation import metrics
    from ...evaluation.comparison import measure

    store = RunStore.of(request)
    runs = [store.run(name) for name in run]
    if len(set(run)) < len(run):
        raise RunError("A run cannot be compared with itself: name two different runs.")
    histories = [_curve(one) for one in runs]
    classes = [*runs[0].recipe.alphabet.names]  # the others' are the same where there are digits
    try:
        with report_damage(*runs):
            found = measure(runs)
    except InkdigitsError as error:  # one that was not evaluated still has curves
        return Comparison(
            classes=classes, histories=histories, reason=public_text(error, store.settings),
            columns=[], rows=[], verdicts=[], notes=[], shared=0, agreed=0, failed=0, mixed=0,
            only_correct=[],
            missing=None,
        )  # fmt: skip
    agreement = metrics.agreement(found.paired.right)
    only_correct, missing = _only_correct(store, runs, found.paired)
    return Comparison(
        classes=classes,
        histories=histories,
        reason=None,
        columns=list(found.columns),
        rows=found.rows,
        verdicts=found.verdicts,
        notes=found.notes,
        shared=found.shared,
        agreed=agreement.all,
        failed=agreement.none,
        mixed=agreement.mixed,
        only_correct=only_correct,
        missing=missing,
    )


def _curve(run: Run) -> ValidationCurve:
    history, best = run.history, run.best
    return ValidationCurve(
        run=run.path.name,
        epochs=[row.epoch for row in history],
        loss=[_finite(row.validation_loss) for row in history],
        accuracy=[_finite(row.validation_accuracy) for row in history],
        best=best.epoch if best else None,
    )


def _only_correct(
    store: RunStore, runs: list[Run], paired: Paired
) -> tuple[list[OnlyCorrect], str | None]:
    """Return what each run alone classified correctly, and why pictures are missing, if so."""
    right = paired.right
    single = right.sum(0) == 1
    rows = [np.flatnonzero(single & mine) for mine in right]
    shown = np.concatenate([row[:SHOWN] for row in rows])
    pictures: dict[int, tuple[npt.NDArray[np.uint8], int]] = {}
    missing = None
    try:
        wanted = paired.identities[shown]
        found, places = _pictures(store, runs[0], store.predictions(runs[0]), wanted)
        pictures = {
            at: (image, int(place))
            for at, image, place in zip(shown.tolist(), found.images, places, strict=True)
        }
    except InkdigitsError as error:
        missing = public_text(error, store.settings)
    return [
        OnlyCorrect(
            run=run.path.name,
            count=len(row),
            digits=[_distinguishing(paired, at, pictures.get(at)) for at in row[:SHOWN].tolist()],
        )
        for run, row in zip(runs, rows, strict=True)
    ], missing


def _distinguishing(
    paired: Paired, at: int, picture: tuple[npt.NDArray[np.uint8], int] | None
) -> DistinguishingDigit:
    rows = paired.probabilities[:, at]
    return DistinguishingDigit(
        index=None if picture is None else picture[1],
        true=int(paired.labels[at]),
        predictions=[
            PredictedClass(read=int(row.argmax()), confidence=float(row.max())) for row in rows
        ],
        pixels=None if picture is None else _base64(picture[0]),
        columns=None if picture is None else picture[0].shape[1],
    )


def _pictures(
    store: RunStore, run: Run, found: Predictions, wanted: Identities
) -> tuple[Digits, npt.NDArray[np.int64]]:
    """Return samples of the data set that `run` was tested on, and their places in it.

    Raises
    ------
    DataError
        If one of them is not in the data set at hand.
    """
    test = store.test_split(found.dataset)
    place = {identity: row for row, identity in enumerate(test.identities.tolist())}
    rows = np.array([place.get(identity, -1) for identity in wanted.tolist()], np.int64)
    if (rows < 0).any():
        raise DataError(
            f"The test samples here are not those that {run.path.name} was evaluated on: run "
            f"`inkdigits evaluate {run.path.name}` again."
        )
    return test[rows], rows


def _base64(image: npt.NDArray[np.uint8]) -> str:
    return base64.b64encode(image.tobytes()).decode()


def _finite(value: Any) -> float | None:
    return float(value) if np.isfinite(value) else None
