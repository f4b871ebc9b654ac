"""From a run to its figures, pictures and report: `evaluate` one, `compare` several."""

from dataclasses import replace
from pathlib import Path

from ..data import NAMES, load_digits
from ..errors import DataError, RunError, nearest
from ..training import device as devices
from ..training.run import FOLDER, Run
from .comparison import Comparison
from .comparison import compare as compare_runs
from .judge import Evaluation, measure
from .made import MadeEvaluation, evaluate_made
from .predictions import Predictions
from .report import write_report

__all__ = ["Comparison", "Evaluation", "MadeEvaluation", "compare", "evaluate"]


def evaluate(
    run: str | Path | Run,
    *,
    on: str | None = None,
    runs: str | Path = FOLDER,
    data: str | Path | None = None,
    device: str = "auto",
) -> Evaluation | MadeEvaluation:
    """Read the test digits with a run's best weights; write figures, pictures and report.

    Parameters
    ----------
    run
        Its name or folder.
    on
        The collection to read, ``"mnist"`` or ``"pens"``; by default the one it was trained on,
        split as its recipe says. What is found on another one stands beside the run's own figures,
        under names that end in ``-on-mnist`` or ``-on-pens``.
    runs
        The folder that holds the runs.
    data
        The folder that holds MNIST; by default it is searched for, else downloaded.
    device
        ``"auto"``, ``"cpu"``, ``"cuda"`` or ``"mps"``.

    Returns
    -------
    Evaluation or MadeEvaluation
        Its ``repr`` says what a person wants to know. The second is of a run that reads lines or
        pages: it is judged by some that nothing was trained or chosen by.

    Raises
    ------
    InkdigitsError
        One sentence on what is wrong with run, data or device.
    """
    run = Run.open(run, Path(runs))
    recipe = run.recipe
    place = devices.choose(device)
    if on is not None and on not in NAMES:
        raise DataError(f"Unknown dataset {on!r}: {nearest(on, NAMES)}")
    if recipe.task != "symbols":
        if on is not None:
            raise RunError(f"{run.name} is evaluated on generated {recipe.task}: leave out --on.")
        return evaluate_made(run, place, data)
    network = run.network(place)
    name = on or recipe.data.name
    other = None if name == recipe.data.name else name
    split = "stratified" if other else recipe.data.split
    digits = load_digits(name, split, data).test
    if not len(digits):
        raise DataError(
            f"{digits.name} is empty: add more digits of your own; one in six becomes a test digit."
        )
    found = measure(
        network,
        digits,
        place,
        run.name,
        published=bool(recipe.published.system),
        alphabet=recipe.alphabet,
    )
    best = run.best
    run.write_figures({"epoch": best.epoch if best else None, **found.figures()}, other)
    Predictions.write(run, found, name, other)
    report = write_report(run, found, network, run.path / run.named("report", other))
    return replace(found, worth=recipe.published.worth, report=report)


def compare(
    *names: str | Path | Run, runs: str | Path = FOLDER, out: str | Path | None = None
) -> Comparison:
    """Compare evaluated runs: a table, curves on shared axes, McNemar's test in words.

    Parameters
    ----------
    names
        Names or folders of two runs or more.
    runs
        The folder that holds them.
    out
        The folder for the page; by default one under ``runs/_comparisons``.

    Raises
    ------
    RunError
        If one is missing or was not evaluated, or if they read different digits.
    """
    if not names:
        raise RunError("A comparison needs two runs or more: name them.")
    opened = [Run.open(name, Path(runs)) for name in names]
    for run in opened:
        run.recipe.check_symbols("A comparison")
    title = "+".join(run.name for run in opened)
    folder = Path(runs) / "_comparisons" / title[:100] if out is None else Path(out)
    return compare_runs(opened, folder)
