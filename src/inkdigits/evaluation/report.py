"""The pages: one file each, with everything inside, that a person reads from top to bottom."""

import math
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import jinja2
from torch.nn import Module

from ..errors import RunError
from ..files import write_bytes, write_text
from ..networks import parameter_count
from ..training.run import Run
from ..training.weights import SavedWeights
from . import drawing, plots
from .evaluator import Evaluation, ends_in_softmax
from .metrics import softmax_floor

PUBLISHED_SPLITS = ("validate-on-test", "first-5000")


def write_report(
    run: Run, evaluation: Evaluation, network: Module, folder: Path, saved: SavedWeights
) -> Path:
    """Write ``index.html`` and its pictures into `folder`, and return the page.

    `network` has the weights `saved`.

    Raises
    ------
    RunError
        If the run's folder lacks what the page tells of.
    """
    history, environment = run.history, run.environment
    if saved.epoch is None or "data" not in environment:
        raise RunError(f"{run.path} has no history or no environment.json: train the run again.")
    best = history[saved.epoch - 1]
    names, exported = evaluation.alphabet.names, evaluation.exported
    floor = softmax_floor(len(evaluation.alphabet))
    drawn = {
        "history": plots.history(history, best, floor if ends_in_softmax(network) else None),
        "predictions": plots.predictions(evaluation.digits, evaluation.predicted, names),
        "misread": plots.misread(evaluation.digits, evaluation.probabilities, names),
        "confusion": plots.confusion(evaluation.confusion, evaluation.alphabet.symbols),
        "reliability": plots.reliability(
            evaluation.reliability, exported.reliability if exported else None
        ),
        "rotation": plots.rotation(list(evaluation.rotation), list(evaluation.rotation.values())),
    }
    for name, figure in drawn.items():
        write_bytes(folder / f"{name}.png", drawing.png(figure))
    page = render(
        "report.html",
        title=f"{run.name}: {evaluation.accuracy.value:.2%}",
        run=run.name,
        on_other=folder.name.partition("-on-")[2],
        on=evaluation.on,
        recipe=run.recipe,
        recipe_text=run.recipe_text,
        environment=environment,
        facts=_facts(environment),
        parameters=parameter_count(network),
        seconds=spoken_seconds(sum(row.seconds for row in history)),
        synthetic=run.recipe.data.name == "synthetic",
        accuracy=evaluation.accuracy,
        clean=evaluation.clean,
        loss=evaluation.loss,
        published_loss=evaluation.published_loss,
        element_wise=evaluation.element_wise,
        ece=evaluation.reliability.error,
        exported=exported,
        exported_differs=evaluation.exported_differs,
        not_calibrated=evaluation.not_calibrated,
        validates_on_test=run.recipe.data.split in PUBLISHED_SPLITS,
        rotated=evaluation.turned,
        lowest=min(v for turn, v in evaluation.rotation.items() if abs(turn) <= 15),
        pairs=[(names[a], names[b], back, forth) for a, b, back, forth in evaluation.hardest_pairs],
        never=evaluation.never,
        classes=evaluation.class_rows(),
        symbols=len(evaluation.alphabet.symbols),
        guessing=math.log(len(evaluation.alphabet.symbols)),
        floor=floor,
        pictures={name: drawing.svg(figure) for name, figure in drawn.items()},
    )
    write_text(folder / "index.html", page)
    return folder / "index.html"


def render(template: str, **values: object) -> str:
    """Fill one of the pages; everything but the pictures is escaped."""
    environment = jinja2.Environment(
        loader=jinja2.PackageLoader("inkdigits.evaluation", "pages"),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
    )
    environment.filters["percent"] = lambda value: f"{value:.2%}"
    environment.filters["thousands"] = lambda value: f"{value:,}"
    return environment.get_template(template).render(**values)


def spoken_seconds(seconds: float) -> str:
    """Say a time as a person would: ``"2.3 s"``, ``"3 min 20 s"``."""
    if seconds < 60:
        return f"{seconds:.1f} s"
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes} min {rest} s"


def _facts(environment: Mapping[str, Any]) -> list[tuple[str, str]]:
    facts = [(key, str(value)) for key, value in environment.items() if key != "data" and value]
    for part, data in environment.get("data", {}).items():
        count, name = data.get("count", 0), data.get("name", "unknown samples")
        digest = data.get("digest") or "unknown"
        facts.append((f"{part} samples", f"{count:,} of {name}, digest {digest}"))
    return facts
