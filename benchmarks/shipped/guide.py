"""What the study guide shows: digits to learn from in a browser, and five mistakes as runs.

Each mistake of the published systems is a run that made it and one that did not. The guide draws
their histories; what it says of them stands in its own text.
"""

import io
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from benchmarks import results
from benchmarks.laboratory.seeds import machine, train_seed
from inkdigits.data import synthetic
from inkdigits.errors import RunError
from inkdigits.evaluation.predictions import Predictions
from inkdigits.files import write_bytes
from inkdigits.training import Recipe, Run

STATIC = "src/inkdigits/web/static"  # of a checkout: where the page finds both
COMMAND = f"python -m benchmarks guide --out {STATIC}"
MISTAKES, SAMPLES = "mistakes.json", "samples.png"
ACROSS, DOWN = 40, 30  # samples on their sheet
WRITTEN = 3000  # digits that they are the first of
SEED = 0
COLUMNS = "epoch", "rate", "train_loss", "train_accuracy", "validation_loss", "validation_accuracy"


@dataclass(frozen=True)
class Shown:
    """A run that the guide shows: a recipe, and what is changed in it."""

    recipe: str
    settings: Mapping[str, object] = field(default_factory=dict)

    @property
    def command(self) -> str:
        """What trains it again."""
        changes = "".join(f" --set {key}={value}" for key, value in self.settings.items())
        return f"inkdigits train {self.recipe} --seed {SEED}{changes}"


LOGITS = {"network.head": "logits"}
ASKED = {"schedule.factor": 1.0}  # the rate that its author wrote down
# What its scheduler would do, LinearLR's five epochs up, but a little at every batch.
STEPPED = {**ASKED, "schedule.warmup": 0.5, "schedule.start": 1 / 3}
LONGER = {"training.epochs": 10}
SHOWN = {
    "published": Shown("one-conv-published"),
    "published-logits": Shown("one-conv-published", LOGITS),
    "asked": Shown("one-conv-published", ASKED),
    "asked-logits": Shown("one-conv-published", {**ASKED, **LOGITS}),
    "stepped": Shown("one-conv-published", STEPPED),
    "stepped-logits": Shown("one-conv-published", {**STEPPED, **LOGITS}),
    "aliased": Shown("mlp-published", LONGER),
    "copied": Shown("mlp-published", {**LONGER, "stopping.monitor": "loss"}),
    "chosen-on-test": Shown("simple-cnn-published"),
    "chosen-on-validation": Shown("simple-cnn"),
}


def measure(out: Path, runs: Path, data: Path | None, device: str) -> Path:
    """Write the sheet of samples; train and evaluate the mistakes, and write what is shown of them.

    Both go into the folder `out`, which is returned: `STATIC` of a checkout, for the page to show.
    What stands in ``runs/_guide`` already is not trained again.

    Raises
    ------
    RunError
        If what stands there was trained on another machine, or by other versions.
    """
    write_bytes(out / SAMPLES, sheet())
    done = {
        key: train_seed(one.recipe, one.settings, SEED, runs / "_guide", data, device)
        for key, one in SHOWN.items()
    }
    found = {
        "command": COMMAND,
        "seed": SEED,
        "machine": _machine(done),
        "runs": {key: {"command": SHOWN[key].command, **summary(run)} for key, run in done.items()},
    }
    results.write_json(out / MISTAKES, found)
    return out


def sheet() -> bytes:
    """Return a PNG file of synthetic pen digits, 28×28 each, row by row; digit k is a k % 10."""
    drawn = synthetic.write(WRITTEN, seed=21)
    of_each = [np.flatnonzero(written.labels == digit) for digit in range(10)]
    in_turn = np.stack([rows[: ACROSS * DOWN // 10] for rows in of_each], 1).ravel()
    grid = written.images[in_turn].reshape(DOWN, ACROSS, 28, 28)
    file = io.BytesIO()
    Image.fromarray(grid.transpose(0, 2, 1, 3).reshape(28 * DOWN, 28 * ACROSS)).save(file, "PNG")
    return file.getvalue()


def summary(run: Run) -> dict[str, Any]:
    """Return what the guide says of an evaluated run, as JSON knows it.

    Times are left out: so two measurements on one machine write the same file.
    """
    figures, best = run.figures, run.best
    confusion = np.array(figures["confusion"])
    recipe: Recipe = run.recipe
    return {
        "recipe": recipe.name,
        "split": recipe.data.split,
        "precision": run.environment["precision"],
        "chosen": best.epoch if best else None,
        "history": [{name: getattr(row, name) for name in COLUMNS} for row in run.history],
        "on": figures["on"],
        "accuracy": figures["accuracy"],
        "loss": figures["loss"],
        "loss_as_its_author_computes": figures["published_loss"],
        "element_wise_accuracy": figures["element_wise_accuracy"],
        "decisions_right": _decisions_right(run),
        "recall": [one["recall"] for one in figures["classes"]],
        "answers": confusion.sum(0).tolist(),
    }


def _decisions_right(run: Run) -> list[int]:
    """Return how many digits have 0, 1 … 10 of their ten rounded outputs right."""
    predicted = Predictions.load(run)
    right = np.round(predicted.probabilities) == np.eye(10)[predicted.labels]
    digits: list[int] = np.bincount(right.sum(1), minlength=11).tolist()
    return digits


def _machine(done: Mapping[str, Run]) -> dict[str, Any]:
    machines = {key: machine(run) for key, run in done.items()}
    for one in machines.values():
        del one["precision"]  # a matter of the recipe, too
    first = next(iter(machines.values()))
    for key, one in machines.items():
        if one != first:
            raise RunError(
                f"{done[key].path} was trained on another machine or by other versions than the "
                "rest: delete the one that is out of date to measure it again."
            )
    return first
