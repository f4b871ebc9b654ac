"""Our own recipes: what each scores on MNIST test, over seeds, and what it costs."""

import statistics
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from benchmarks import results
from benchmarks.laboratory.seeds import Trained, settings_of, summed, train_seeds
from benchmarks.summary import Summary
from inkdigits.errors import InkdigitsError, RunError
from inkdigits.evaluation import evaluate
from inkdigits.evaluation.ensemble import ensemble
from inkdigits.models.bundle import WEIGHTS
from inkdigits.training import Recipe, Run
from inkdigits.training.runs import all_runs

RECIPES = ("quick", "standard", "best", "tiny", "lenet5", "cnn-augmented", "synthetic")
ENSEMBLE = "ensemble"
MEMBERS = "best"  # the recipe whose seeds an ensemble is chosen from


def measure(
    names: Sequence[str],
    seeds: int,
    out: Path,
    runs: Path,
    data: Path | None,
    device: str,
    called: str | None = None,
) -> Path:
    """Train and evaluate recipes, and write ``recipes.json`` into `out`.

    A run that is there is not trained again, and a row that was measured before and is not asked
    for now stays as it is. A row is called as its recipe, or `called`.
    """
    rows = results.load(out, results.RECIPES)
    for name in names:
        trained = train_seeds(name, {}, seeds, runs / "_recipes", data, device, on="mnist")
        rows[called or name] = row(trained)
        results.save(out, results.RECIPES, rows)
    return out / f"{results.RECIPES}.json"


def measure_ensemble(
    names: Sequence[str], out: Path, runs: Path, data: Path | None, device: str
) -> Path:
    """Put runs together, evaluate what comes of it, and write its row into ``recipes.json``.

    Parameters
    ----------
    names
        Runs that were trained for `measure`; by default all seeds of the recipe `MEMBERS`.
    out, runs, data, device
        As for `measure`. An ensemble that is there is not chosen again.

    Raises
    ------
    RunError
        If there are too few runs.
    """
    folder = runs / "_recipes"
    settings = settings_of(Recipe.load(MEMBERS))
    known = [
        run for run in all_runs(folder) if run.finished and settings_of(run.recipe) == settings
    ]
    try:
        run = Run.open(ENSEMBLE, folder)
        if names or any(_made(one) > _made(run) for one in known):
            raise InkdigitsError(
                f"{run.path} was chosen from other runs: delete the folder to choose again."
            )
    except RunError:
        run = ensemble(*(names or known), name=ENSEMBLE, runs=folder, data=data, device=device)
    if not run.figures:
        evaluate(run, device=device)
    rows = results.load(out, results.RECIPES)
    return results.save(out, results.RECIPES, {**rows, ENSEMBLE: row(summed(run.recipe, [run]))})


def _made(run: Run) -> float:
    """Return when its best weights were written."""
    return (run.path / WEIGHTS).stat().st_mtime


def row(trained: Trained) -> dict[str, Any]:
    """Return what several seeds of a recipe gave, as JSON knows it.

    The interval is the 95% one of the mean over seeds, or of one seed alone that over the digits.
    """
    each = trained.each
    clean = [one.without_bad_labels for one in each if one.without_bad_labels is not None]
    top_1 = [one.test_top_1 for one in each]
    return {
        "parameters": trained.parameters,
        "epochs": statistics.fmean(one.epochs for one in each),
        "seeds": trained.seeds,
        "test_top_1": {
            **vars(trained.honest),
            "interval": Summary.interval(top_1) or each[0].interval,
        },
        "without_bad_labels": vars(Summary.of(clean)) if clean else None,
        "validation_top_1": vars(trained.validation),
        "seconds": vars(trained.seconds),
        "each": [asdict(one) for one in each],
        "settings": settings_of(trained.recipe),
        "machine": trained.machine,
    }
