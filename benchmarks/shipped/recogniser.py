"""The shipped recogniser: trained, calibrated, exported, measured, and described on its card."""

import json
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.laboratory.seeds import settings_of
from inkdigits.alphabet import DIGITS
from inkdigits.data import Digits, load_splits
from inkdigits.document import Symbol
from inkdigits.errors import RunError
from inkdigits.evaluation import metrics
from inkdigits.evaluation.metrics import Share
from inkdigits.exporting.export import Export, export_symbols
from inkdigits.models.bundle import ONNX, WEIGHTS
from inkdigits.reading import Reader
from inkdigits.training import Recipe, Run, resume, train
from inkdigits.training.run import FOLDER

RECIPE, NAME = "reader", "recogniser"
FURTHER = "reader-further"  # both a recipe and the run that goes on with a model by it
LICENCE = "MIT"
WORTH = 0.0001  # what eight bits may cost of top-1 on validation digits


@dataclass(frozen=True)
class Read:
    """How a reader did on labelled 28×28 pictures, each read as one digit.

    Attributes
    ----------
    right
        The part that was read, and rightly.
    likeliest
        The part whose likeliest digit is the right one, rejected or not.
    rejected
        How many got no value.
    calibration
        Expected calibration error of the confidences, of all of them.
    """

    name: str
    right: Share
    likeliest: Share
    rejected: int
    calibration: float


def make(
    out: Path,
    runs: str | Path = FOLDER,
    data: str | Path | None = None,
    init: str | Path | None = None,
) -> Path:
    """Train the recipe ``reader``, export and measure it, and write it to the folder `out`.

    The model is called as that folder. First comes its teacher, a run called as the recipe of that
    name. With `init`, a model, it is not trained anew: that model is trained further, by the recipe
    ``reader-further``. Runs that are there are gone on with, or taken as they are when they are
    finished.

    Raises
    ------
    InkdigitsError
        If digits or folders cannot be had.
    """
    if init is not None:
        run = finished(FURTHER, FURTHER, runs, data, init)
    else:
        if teacher := Recipe.load(RECIPE).distil.teacher:
            finished(teacher, teacher, runs, data)
        run = finished(RECIPE, NAME, runs, data)
    made = export_symbols(run, eight_bits=True, data=data)
    if made.lost is None or made.lost >= WORTH:
        made = export_symbols(run, data=data)
    validation = load_splits(run.recipe.data.name, run.recipe.data.split).validation
    reader = Reader(made.folder)
    real = validation[np.flatnonzero(validation.are_symbols)].named("validation digits")
    none = validation[np.flatnonzero(~validation.are_symbols)]
    found = [measure(reader, real), measure(reader, collection.open_test())]
    let_by = sum(digit.value is not None for digit in read(reader, none))
    # All together, when it is measured: no file ever stands beside an older card.
    text = card(out.name, run, made, found, 1 - let_by / len(none), len(none))
    bundle = replace(made.bundle, name=out.name, licence=LICENCE)
    bundle.write(out, made.bundle.weights, made.bundle.onnx, text)
    return out


def finished(
    recipe: str,
    name: str,
    runs: str | Path,
    data: str | Path | None,
    init: str | Path | None = None,
) -> Run:
    """Return a finished run of a recipe: trained now, gone on with, or as it is.

    Raises
    ------
    InkdigitsError
        If there is a run of an earlier form of the recipe, or if digits cannot be had.
    """
    if not (Path(runs) / name).is_dir():
        train(recipe, name=name, runs=runs, data=data, init=init)
    run = Run.open(name, Path(runs))
    if settings_of(run.recipe) != settings_of(Recipe.load(recipe)):
        raise RunError(
            f"{run.path} was trained by an earlier form of the recipe {recipe!r}: delete the "
            "folder to train it again."
        )
    return run if run.finished else resume(run, data=data)


def read(reader: Reader, digits: Digits) -> list[Symbol]:
    """Return what `reader` makes of each picture, taken as one digit."""
    return [reading.symbols[0] for reading in reader.read_many(list(digits.images), single=True)]


def measure(reader: Reader, digits: Digits) -> Read:
    """Return how `reader` does on `digits`, from their 28×28 pictures."""
    answers = read(reader, digits)
    value = np.array([_number(digit.value) for digit in answers])
    confidence = np.array([digit.confidence for digit in answers])
    likeliest = np.array([_number(digit.candidates[0].value) for digit in answers])
    return Read(
        name=digits.name,
        right=metrics.share(int((value == digits.labels).sum()), len(digits)),
        likeliest=metrics.share(int((likeliest == digits.labels).sum()), len(digits)),
        rejected=int((value < 0).sum()),
        calibration=metrics.binned(confidence, likeliest == digits.labels).error,
    )


def began(run: Run) -> str:
    """Return the line of a card that says with what weights a run began; none if with nothing."""
    start = run.environment.get("init")
    if not start:
        return ""
    return (
        f"\n- It began with the weights of the model `{start['name']}` "
        f"(SHA-256 begins {start['sha256'][:16]})."
    )


def _number(value: str | None) -> int:
    """Return a digit as a number; -1 for a mark, or for none."""
    return DIGITS.symbols.index(value) if value in DIGITS.symbols else -1


def card(name: str, run: Run, made: Export, found: list[Read], rejected: float, count: int) -> str:
    """Return the card of a recogniser, as Markdown."""
    environment: dict[str, Any] = {k: v for k, v in run.environment.items() if k != "system"}
    best = run.best
    train_digits = environment["data"]["train"]
    rows = "\n".join(
        f"| {read.name} | {read.likeliest.count:,} | {read.likeliest} | {read.right.value:.2%} | "
        f"{read.rejected / read.right.count:.2%} | {read.calibration:.2%} |"
        for read in found
    )
    eight = (
        ""
        if made.lost is None
        else f" before its convolutions went over to eight bits, which cost "
        f"{made.lost:.3%} of top-1 on the {made.count:,} validation digits"
    )
    start = environment.get("init")
    command = "make models"
    if start:
        command = f"python -m benchmarks recogniser --init {start['name']} --out FOLDER"
    return f"""# {name}

Made by `{command}`; this card is written by the same command.

- Recipe `{run.recipe.name}`, seed {run.recipe.training.seed}, epoch {best.epoch if best else 0} \
of {len(run.history)}, chosen on validation.{began(run)}
- Trained on {train_digits["count"]:,} pictures of the mixture (SHA-256 begins \
{train_digits["digest"][:16]}): MNIST's training digits, synthetic pens, print, and no digits.
- {environment["hardware"]}, {environment["precision"]}; inkdigits {environment["inkdigits"]}, \
PyTorch {environment["torch"]}, NumPy {environment["numpy"]}, Python {environment["python"]}.
- `{ONNX}`: {made.size:,} bytes, SHA-256 `{made.bundle.digests[ONNX]}`.
- `{WEIGHTS}`: SHA-256 `{made.bundle.digests[WEIGHTS]}`.
- Temperature {made.temperature:.3f}, set on validation. Differs from PyTorch by \
{made.difference:.0e} at most{eight}.

| digits, each read from its 28×28 picture | n | likeliest digit right [95%] | read, and right | \
rejected | calibration error |
| --- | --- | --- | --- | --- | --- |
{rows}

Of {count:,} validation pictures that are no digits, {rejected:.2%} are rejected.

```json
{json.dumps(environment, indent=2)}
```
"""
