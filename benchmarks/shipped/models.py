"""The shipped models: trained, exported, measured on what no training has seen, and described."""

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from benchmarks.shipped import confidence, recogniser
from inkdigits.evaluation import evaluate
from inkdigits.exporting.export import MadeExport, export
from inkdigits.models.bundle import ONNX, SHIPPED, WEIGHTS
from inkdigits.recognition.line_network import SHIPPED as LINES
from inkdigits.recognition.line_network import LineNetwork
from inkdigits.recognition.recogniser import Recogniser
from inkdigits.segmentation.finder import FINDER, Finder
from inkdigits.synthesis.people import load_people
from inkdigits.training import Run
from inkdigits.training.run import FOLDER

RECIPES = {FINDER: "pages", LINES: "lines"}  # of those that are trained on what is made for it


def make(out: Path, runs: str | Path = FOLDER, data: str | Path | None = None) -> Iterator[Path]:
    """Train all shipped models, one after the other, and yield the folder of each, all in `out`.

    Runs that are there are gone on with, or taken as they are when they are finished. The network
    of lines comes last: how it is joined with the others is fitted once all are there.

    Raises
    ------
    InkdigitsError
        If digits or folders cannot be had.
    """
    yield recogniser.make(out / SHIPPED, runs, data)
    for name in RECIPES:
        yield made(name, out, runs, data)
    yield join(out, data)


def made(name: str, out: Path, runs: str | Path = FOLDER, data: str | Path | None = None) -> Path:
    """Train one of `RECIPES`, and make a model of it in the folder `out`.

    Raises
    ------
    InkdigitsError
        As for `make`.
    """
    return ship(name, recogniser.finished(RECIPES[name], RECIPES[name], runs, data), out, data)


def ship(name: str, run: Run, out: Path, data: str | Path | None = None) -> Path:
    """Make a finished run the model of that name in `out`: measured, in eight bits, described.

    Raises
    ------
    InkdigitsError
        If people's digits cannot be had.
    """
    evaluate(run)
    written = export(run, eight_bits=True, data=data)
    assert isinstance(written, MadeExport)  # noqa: S101 its recipe is one of those
    bundle = replace(written.bundle, name=name, licence=recogniser.LICENCE)
    text = card(name, run, written)
    bundle.write(out / name, written.bundle.weights, written.bundle.onnx, text)
    return out / name


def join(out: Path, data: str | Path | None = None) -> Path:
    """Fit how the network of lines in `out` is joined with the reader by components there.

    Raises
    ------
    InkdigitsError
        If one of the models is not there, or if people's digits cannot be had.
    """
    network, finder = LineNetwork.load(out / LINES), Finder.load(out / FINDER)
    reader = Recogniser.load(out / SHIPPED, threads=1)
    people = load_people(None if data is None else Path(data), held_out=True)
    some = confidence.samples(reader, network, finder, people)
    return confidence.write(confidence.fit(some, network.alphabet), out / LINES)


def card(name: str, run: Run, written: MadeExport) -> str:
    """Return the card of a model, as Markdown."""
    environment = {key: value for key, value in run.environment.items() if key != "system"}
    best, recipe = run.best, run.recipe
    chosen = "the last" if recipe.stopping.monitor == "last" else "chosen on validation"
    seconds = sum(row.seconds + row.validation_seconds for row in run.history)
    return f"""# {name}

Trained, measured, exported and described by `make models`.

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
