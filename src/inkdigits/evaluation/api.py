"""From a run to its figures, pictures and report: `evaluate` one, `compare` several."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import torch

from ..data import Splits, load_digits
from ..errors import DataError, InkdigitsError, RunError
from ..training import datasets
from ..training import device as devices
from ..training.pretrained import Pretrained, bundle_of
from ..training.run import FOLDER, Run
from ..training.symbols import check_alphabet
from .calibration import exported_graph
from .comparison import Comparison
from .comparison import compare as compare_runs
from .evaluator import Evaluation, measure, measure_exported
from .made import MadeEvaluation, evaluate_made
from .predictions import Predictions, elsewhere
from .report import write_report

FITTED_ON = 0.01  # of the test samples may have validated; with more, nothing is estimated


def evaluate(
    run: str | Path | Run,
    *,
    on: str | Path | None = None,
    runs: str | Path = FOLDER,
    device: str = "auto",
) -> Evaluation | MadeEvaluation:
    """Classify the test samples with a run's best weights; write figures, pictures and report.

    The temperature that an export would have is fitted on the run's own validation samples, and
    the calibration error on the test samples is reported without it and with it.

    Parameters
    ----------
    run
        Its name or folder.
    on
        The data set whose test split to use: a known name or a path, see `load_digits`; by default
        the one it was trained on, split as its recipe says. Figures on another one stand beside
        the run's own, under names that end in ``-on-`` and its name.
    runs
        The folder that holds the runs.
    device
        ``"auto"``, ``"cpu"``, ``"cuda"`` or ``"mps"``.

    Returns
    -------
    Evaluation or MadeEvaluation
        Its ``repr`` is a summary. The second is of a run that reads lines or pages: it is evaluated
        on some that nothing was trained or chosen by.

    Raises
    ------
    InkdigitsError
        One sentence on what is wrong with run, data or device.
    """
    run = Run.open(run, Path(runs))
    recipe = run.recipe
    place = devices.choose(device)
    if recipe.task != "symbols":
        if on is not None:
            raise RunError(
                f"{run.name} reads {recipe.task}, which are generated for the test: leave out --on."
            )
        return evaluate_made(run, place)
    saved = run.weights()  # training may go on meanwhile
    network = run.network(place, saved)
    name = str(on or recipe.data.name)
    other = elsewhere(run, name)
    splits, missing = _own_splits(run, wanted=other is None)
    digits = load_digits(name).test if other is not None or splits is None else splits.test
    digits = digits.under(recipe.alphabet)
    if not len(digits):
        raise DataError(f"{digits.name} has no samples: add more, one in six is for testing.")
    check_alphabet(recipe, digits)
    found = measure(
        network,
        digits,
        place,
        run.name,
        published=bool(recipe.published.system),
        alphabet=recipe.alphabet,
    )
    model = Pretrained(bundle_of(run, saved), saved.content, run)
    found = _with_export(found, model, splits, missing, place)
    Predictions.write(run, found, name, other, saved)
    report = write_report(run, found, network, run.path / run.named("report", other), saved)
    run.write_figures(found.figures(), other, saved)  # last: they say that the others are there
    return replace(found, note=recipe.published.note, report=report)


def _own_splits(run: Run, *, wanted: bool) -> tuple[Splits | None, str]:
    """Return the splits of a run's own data, and why a temperature cannot be fitted by them.

    Raises
    ------
    InkdigitsError
        If there are none, and they are `wanted`.
    """
    try:
        _, splits, _ = datasets.opened(run.recipe)
    except InkdigitsError as error:
        if wanted:
            raise
        return None, str(error)
    try:
        datasets.check_validation(run, splits)
    except RunError as error:
        return splits, str(error)
    return splits, ""


def _with_export(
    found: Evaluation, model: Pretrained, splits: Splits | None, missing: str, device: torch.device
) -> Evaluation:
    """Return an evaluation with the figures of the graph that would be exported."""
    if splits is None or missing:
        return replace(found, not_calibrated=f"The temperature cannot be fitted. {missing}")
    graph = exported_graph(model, splits)
    fitted_on = np.isin(found.digits.identities, splits.validation.identities).mean() > FITTED_ON
    why = (
        "The recipe validates on test samples, on which the temperature would be fitted, so its "
        "effect cannot be measured."
        if fitted_on
        else ""
    )
    exported = measure_exported(graph, found.digits, device, estimates=not fitted_on)
    return replace(found, exported=exported, not_calibrated=why)


def compare(
    *names: str | Path | Run,
    on: str | Path | None = None,
    runs: str | Path = FOLDER,
    out: str | Path | None = None,
) -> Comparison:
    """Compare evaluated runs: a table, curves on shared axes, and McNemar's test in words.

    Parameters
    ----------
    names
        Names or folders of two runs or more.
    on
        The data set on which they were evaluated; by default each on its own. Only samples that
        all of them were tested on are compared.
    runs
        The folder that holds them.
    out
        The folder for the page; by default one under ``runs/_comparisons``.

    Raises
    ------
    RunError
        If one is missing or was not evaluated, or if no sample was tested by all of them.
    """
    if not names:
        raise RunError("A comparison needs two runs or more: name them.")
    opened = [Run.open(name, Path(runs)) for name in names]
    for run in opened:
        run.recipe.check_symbols("A comparison")
    title = "+".join(run.name for run in opened)
    folder = Path(runs) / "_comparisons" / title[:100] if out is None else Path(out)
    return compare_runs(opened, folder, None if on is None else str(on))
