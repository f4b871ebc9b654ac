"""The shipped models: trained, exported, measured on what no training has seen, and described."""

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from ..evaluation import evaluate
from ..exporting.export import MadeExport, export
from ..models.bundle import MODELS, ONNX, WEIGHTS
from ..recognition.line_network import SHIPPED as LINES
from ..recognition.line_network import LineNetwork
from ..recognition.recogniser import Recogniser
from ..segmentation.finder import FINDER
from ..synthesis.people import load_people
from ..training import Run
from ..training.run import FOLDER
from . import confidence, recogniser

RECIPES = {FINDER: "pages", LINES: "lines"}  # of those that are trained on what is made for it


def make(runs: str | Path = FOLDER, data: str | Path | None = None) -> Iterator[Path]:
    """Train all shipped models, one after the other, and yield the folder of each.

    Runs that are there are gone on with, or taken as they are when they are finished. The network
    of lines comes last: how it is joined with the others is fitted once all are there.

    Raises
    ------
    InkdigitsError
        If digits or folders cannot be had.
    """
    yield recogniser.make(None, runs, data)
    for name in RECIPES:
        yield made(name, runs, data)
    yield join(data)


def made(name: str, runs: str | Path = FOLDER, data: str | Path | None = None) -> Path:
    """Train one of `RECIPES`, and make it the shipped one.

    Raises
    ------
    InkdigitsError
        As for `make`.
    """
    return ship(name, recogniser.finished(RECIPES[name], RECIPES[name], runs, data), data)


def ship(name: str, run: Run, data: str | Path | None = None) -> Path:
    """Make a finished run the shipped model of that name: measured, in eight bits, described.

    Raises
    ------
    InkdigitsError
        If people's digits cannot be had.
    """
    evaluate(run, data=data)
    written = export(run, eight_bits=True, data=data)
    assert isinstance(written, MadeExport)  # noqa: S101 its recipe is one of those
    bundle = replace(written.bundle, name=name, licence=recogniser.LICENCE)
    text = card(name, run, written)
    bundle.write(MODELS / name, written.bundle.weights, written.bundle.onnx, text)
    return MODELS / name


def join(data: str | Path | None = None) -> Path:
    """Fit how the shipped network of lines is joined with the reader by components.

    Raises
    ------
    InkdigitsError
        If there is no such network, or if people's digits cannot be had.
    """
    network = LineNetwork.load()
    people = load_people(None if data is None else Path(data), held_out=True)
    some = confidence.samples(Recogniser.load(threads=1), network, people)
    return confidence.write(confidence.fit(some, network.alphabet), MODELS / LINES)


def card(name: str, run: Run, written: MadeExport) -> str:
    """Return the card of a model, as Markdown."""
    environment = {key: value for key, value in run.environment.items() if key != "system"}
    best, recipe = run.best, run.recipe
    chosen = "the last" if recipe.stopping.monitor == "last" else "chosen on validation"
    seconds = sum(row.seconds + row.validation_seconds for row in run.history)
    return f"""# {name}

Measured, exported and described by `inkdigits.bench.models`, as `make models` does it.

- Recipe `{recipe.name}`, seed {recipe.training.seed}, epoch {best.epoch if best else 0} of \
{len(run.history)}, {chosen}; {seconds / 60:.0f} minutes.{recogniser.began(run)}
- Trained on {recipe.data.samples:,} {recipe.data.name} an epoch, no two alike, made for it by \
pens and by MNIST's training digits, whose writers QMNIST tells; one writer in ten is kept to \
validate. No other handwriting.
- {environment["hardware"]}, {environment["precision"]}; inkdigits {environment["inkdigits"]}, \
PyTorch {environment["torch"]}, NumPy {environment["numpy"]}, Python {environment["python"]}.
- `{ONNX}`: {written.size:,} bytes, {written.bundle.precision}, SHA-256 \
`{written.bundle.digests[ONNX]}`.
- `{WEIGHTS}`: SHA-256 `{written.bundle.digests[WEIGHTS]}`.
- {written.figure} {written.value:.2%} on {written.count:,} validation {recipe.data.name}; differs \
from PyTorch by {written.difference:.0e} at most, before eight bits.

What the weights score on {recipe.data.name} that neither trained nor chose them:

```json
{json.dumps(run.figures, indent=2)}
```

```json
{json.dumps(environment, indent=2)}
```
"""
