"""From a run to its figures, pictures and report: `evaluate` one, `compare` several."""

from dataclasses import replace
from pathlib import Path

from ..data import load_digits
from ..errors import DataError, RunError
from ..training import device as devices
from ..training.run import FOLDER, Run, slug
from ..training.symbols import check_alphabet
from .comparison import Comparison
from .comparison import compare as compare_runs
from .evaluator import Evaluation, measure
from .made import MadeEvaluation, evaluate_made
from .predictions import Predictions
from .report import write_report


def evaluate(
    run: str | Path | Run,
    *,
    on: str | Path | None = None,
    runs: str | Path = FOLDER,
    device: str = "auto",
) -> Evaluation | MadeEvaluation:
    """Read the test digits with a run's best weights; write figures, pictures and report.

    Parameters
    ----------
    run
        Its name or folder.
    on
        The data set whose test split to read: a known name or a path, see `load_digits`; by default
        the one it was trained on, split as its recipe says. What is found on another one stands
        beside the run's own figures, under names that end in ``-on-`` and its name.
    runs
        The folder that holds the runs.
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
    if recipe.task != "symbols":
        if on is not None:
            raise RunError(
                f"{run.name} reads {recipe.task}, which are made for it: leave out --on."
            )
        return evaluate_made(run, place)
    saved = run.weights()  # training may go on meanwhile
    network = run.network(place, saved)
    name = str(on or recipe.data.name)
    other = None if name == recipe.data.name else slug(name)
    digits = load_digits(name, "held-out" if other else recipe.data.split).test
    if not len(digits):
        raise DataError(f"{digits.name} has no samples: add more, a sixth of them are for testing.")
    check_alphabet(recipe, digits)
    found = measure(
        network,
        digits,
        place,
        run.name,
        published=bool(recipe.published.system),
        alphabet=recipe.alphabet,
    )
    Predictions.write(run, found, name, other, saved)
    report = write_report(run, found, network, run.path / run.named("report", other), saved)
    run.write_figures(found.figures(), other, saved)  # last: they say that the others are there
    return replace(found, worth=recipe.published.worth, report=report)


def compare(
    *names: str | Path | Run,
    on: str | Path | None = None,
    runs: str | Path = FOLDER,
    out: str | Path | None = None,
) -> Comparison:
    """Compare evaluated runs: a table, curves on shared axes, McNemar's test in words.

    Parameters
    ----------
    names
        Names or folders of two runs or more.
    on
        The data set on which they were evaluated; by default each on its own. Only samples that
        all of them read are compared.
    runs
        The folder that holds them.
    out
        The folder for the page; by default one under ``runs/_comparisons``.

    Raises
    ------
    RunError
        If one is missing or was not evaluated, or if they read no sample in common.
    """
    if not names:
        raise RunError("A comparison needs two runs or more: name them.")
    opened = [Run.open(name, Path(runs)) for name in names]
    for run in opened:
        run.recipe.check_symbols("A comparison")
    title = "+".join(run.name for run in opened)
    folder = Path(runs) / "_comparisons" / title[:100] if out is None else Path(out)
    return compare_runs(opened, folder, None if on is None else slug(str(on)))
