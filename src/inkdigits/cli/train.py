"""Training, evaluating and comparing networks."""

import re
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from . import complete
from .base import (
    RUNS,
    Data,
    Device,
    Quiet,
    RecipeName,
    Runs,
    Threads,
    app,
    check_file,
    check_folder,
    console,
    progress,
    refuse,
    say,
    table,
    use_threads,
)

if TYPE_CHECKING:
    from ..evaluation import Comparison, Evaluation, MadeEvaluation

SHOWN = 10  # samples of an evaluation


@app.command()
def train(
    recipe: Annotated[
        str | None,
        typer.Argument(
            help="Name of a recipe, or path of a TOML file.", autocompletion=complete.recipes
        ),
    ] = None,
    name: Annotated[str | None, typer.Option("--name", help="Name of the run.")] = None,
    epochs: Annotated[
        int | None, typer.Option("--epochs", min=1, help="Number of epochs in total.")
    ] = None,
    seed: Annotated[int | None, typer.Option("--seed", min=0, help="Random seed.")] = None,
    settings: Annotated[
        list[str] | None,
        typer.Option("--set", help="Change a setting: section.setting=value. Can be repeated."),
    ] = None,
    resume: Annotated[
        str | None,
        typer.Option(
            "--resume",
            help="Continue this run; with more --epochs, train it for longer.",
            autocompletion=complete.runs,
        ),
    ] = None,
    evaluate: Annotated[
        bool, typer.Option("--evaluate", help="Evaluate the run after training.")
    ] = False,
    or_synthetic: Annotated[
        bool,
        typer.Option("--or-synthetic", help="Use synthetic digits if the data set is unavailable."),
    ] = False,
    init: Annotated[
        str | None,
        typer.Option(
            "--init",
            help="Start from the weights of this run or model.",
            autocompletion=complete.models,
        ),
    ] = None,
    workers: Annotated[
        int,
        typer.Option("--workers", min=0, help="Processes that generate lines or pages in advance."),
    ] = 0,
    data: Data = None,
    runs: Runs = RUNS,
    device: Device = "auto",
    threads: Threads = None,
    _quiet: Quiet = False,
) -> None:
    """Train a network from a recipe, or resume a run."""
    import inkdigits
    from inkdigits.training.recipe import parse_setting

    if (recipe is None) == (resume is None):
        refuse("Name a recipe to train or a run to --resume; `inkdigits recipes` lists recipes.")
    if resume is not None:
        if name is not None or seed is not None or settings or init is not None:
            refuse(
                "A run is resumed with its own settings: leave out --name, --seed, --set and "
                "--init."
            )
        use_threads(threads)
        run = inkdigits.resume(
            resume,
            epochs=epochs,
            runs=runs,
            data=data,
            device=device,
            workers=workers,
            progress=progress(),
        )
    else:
        use_threads(threads)
        run = inkdigits.train(
            str(recipe),
            epochs=epochs,
            seed=seed,
            settings=dict(parse_setting(text) for text in settings or []),
            name=name,
            runs=runs,
            data=data,
            or_synthetic=or_synthetic,
            device=device,
            workers=workers,
            progress=progress(),
            init=init,
        )
    say(repr(run))
    if evaluate:
        found = inkdigits.evaluate(run, device=device)
        _print_evaluation(found)


@app.command()
def evaluate(
    names: Annotated[
        list[str],
        typer.Argument(metavar="RUN...", help="Runs to evaluate.", autocompletion=complete.runs),
    ],
    on: Annotated[
        str | None,
        typer.Option(
            "--on",
            help="Evaluate on another data set: a name or a path.",
            autocompletion=complete.datasets,
        ),
    ] = None,
    runs: Runs = RUNS,
    device: Device = "auto",
    threads: Threads = None,
    _quiet: Quiet = False,
) -> None:
    """Evaluate runs on test digits; write figures, calibration, plots and a report of each."""
    import inkdigits
    from inkdigits.training.run import Run

    use_threads(threads)
    for run in [Run.open(name, runs) for name in names]:
        _print_evaluation(inkdigits.evaluate(run, on=on, device=device))


@app.command()
def compare(
    names: Annotated[
        list[str],
        typer.Argument(metavar="RUN RUN...", help="Evaluated runs.", autocompletion=complete.runs),
    ],
    on: Annotated[
        str | None,
        typer.Option(
            "--on",
            help="Compare on another data set: a name or a path.",
            autocompletion=complete.datasets,
        ),
    ] = None,
    out: Annotated[Path | None, typer.Option("--out", help="Folder for the report.")] = None,
    runs: Runs = RUNS,
) -> None:
    """Compare evaluated runs: a table, learning curves and significance tests."""
    import inkdigits

    check_folder("--out", out)
    _print_comparison(inkdigits.compare(*names, on=on, runs=runs, out=out))


@app.command()
def ensemble(
    names: Annotated[
        list[str],
        typer.Argument(metavar="RUN RUN...", help="Trained runs.", autocompletion=complete.runs),
    ],
    name: Annotated[str | None, typer.Option("--name", help="Name of the new run.")] = None,
    data: Data = None,
    runs: Runs = RUNS,
    device: Device = "auto",
    threads: Threads = None,
    _quiet: Quiet = False,
) -> None:
    """Average the probabilities of runs; members and weights are chosen on validation digits."""
    import inkdigits

    use_threads(threads)
    made = inkdigits.ensemble(*names, name=name, runs=runs, data=data, device=device)
    say(repr(made))
    say(made.recipe.about)


@app.command("find-lr")
def find_lr(
    recipe: RecipeName,
    rates: Annotated[
        str | None,
        typer.Option(
            "--rates",
            help="Rates to try beside the recipe's own, such as 0.001,0.003; by default eleven "
            "from a tenth of its own to ten times it.",
        ),
    ] = None,
    apply: Annotated[
        Path | None,
        typer.Option("--apply", help="Write the recipe with the chosen rate to a file."),
    ] = None,
    retrain: Annotated[
        bool,
        typer.Option(
            "--retrain",
            help="Train with the recipe's own rate and with the best one, and compare.",
        ),
    ] = False,
    out: Annotated[Path | None, typer.Option("--out", help="Folder for the plots.")] = None,
    data: Data = None,
    runs: Runs = RUNS,
    device: Device = "auto",
    threads: Threads = None,
    _quiet: Quiet = False,
) -> None:
    """Search the learning rate of a recipe: a sweep of rates, and a range test."""
    import inkdigits
    from inkdigits.files import write_text

    check_folder("--out", out)
    check_file("--apply", apply)
    tried = None if rates is None else _parse_rates(rates)
    use_threads(threads)
    found = inkdigits.find_lr(
        recipe, rates=tried, runs=runs, out=out, data=data, device=device, progress=progress()
    )
    say(repr(found))
    for note in found.notes:
        say(note)
    say(f"Plots: {found.folder}")
    if apply is not None:
        write_text(apply, found.applied.dump())
        say(f"Recipe: {apply}, with optimiser.rate {found.chosen:g}")
    if retrain and found.sweep.best == found.sweep.recipe_rate:
        say("There is nothing to retrain: the recipe's own rate is the best of those tried.")
    elif retrain:
        _print_comparison(found.retrain(runs=runs, data=data, device=device, progress=progress()))


def _parse_rates(text: str) -> list[float]:
    try:
        return [float(part) for part in text.split(",")]
    except ValueError:
        refuse(f"--rates takes numbers with commas between, such as 0.001,0.003, not {text!r}.")


@app.command()
def tune(
    recipe: RecipeName,
    vary: Annotated[
        list[str] | None,
        typer.Option(
            "--vary",
            help="Setting to vary: section.setting=low..high, or =a,b,c. Can be repeated.",
        ),
    ] = None,
    trials: Annotated[int, typer.Option("--trials", min=1, help="Number of trials in total.")] = 40,
    epochs: Annotated[
        int | None, typer.Option("--epochs", min=1, help="Epochs of each trial.")
    ] = None,
    seeds: Annotated[
        int, typer.Option("--seeds", min=1, help="Trainings of each trial, which are averaged.")
    ] = 1,
    processes: Annotated[
        int, typer.Option("--processes", min=1, help="Number of parallel processes.")
    ] = 1,
    name: Annotated[str | None, typer.Option("--name", help="Name of the study.")] = None,
    apply: Annotated[
        Path | None, typer.Option("--apply", help="Write the best recipe to a file.")
    ] = None,
    data: Data = None,
    runs: Runs = RUNS,
    device: Device = "auto",
    threads: Threads = None,
    _quiet: Quiet = False,
) -> None:
    """Search the settings of a recipe on validation digits; the same command again continues."""
    import inkdigits
    from inkdigits.files import write_text

    check_file("--apply", apply)
    use_threads(threads)
    found = inkdigits.tune(
        recipe,
        vary=vary or [],
        trials=trials,
        epochs=epochs,
        seeds=seeds,
        processes=processes,
        name=name,
        runs=runs,
        data=data,
        device=device,
        progress=progress(),
    )
    table(found.columns, found.rows)
    say(repr(found))
    say(f"Plots: {found.folder}")
    if apply is not None:
        write_text(apply, found.applied.dump())
        say(f"Recipe: {apply}")


@app.command()
def recipes(
    name: Annotated[
        str | None,
        typer.Argument(help="Recipe to print.", autocompletion=complete.recipes),
    ] = None,
) -> None:
    """List the built-in recipes, or print one."""
    from inkdigits.training.recipe import Recipe, names, text_of

    if name is not None:
        typer.echo(text_of(name), nl=False)
        return
    table(["recipe", "description"], [[known, Recipe.load(known).about] for known in names()])


@app.command()
def summary(recipe: RecipeName) -> None:
    """Show the network of a recipe: layers, shapes, parameters, multiply-adds and memory."""
    import torchinfo

    from inkdigits import networks
    from inkdigits.training.recipe import Recipe

    found = Recipe.load(recipe)
    network = networks.build(found.network, found.alphabet)
    columns = ("output_size", "num_params", "mult_adds")
    shown = torchinfo.summary(network, (1, *found.network.shape()), col_names=columns, verbose=0)
    # torchinfo prints the name of its own enumeration where Python 3.11 and later format it.
    typer.echo(re.sub(r"Units\.([MGT])\w+", r"\1", str(shown)))


@app.command("runs")
def list_runs(runs: Runs = RUNS) -> None:
    """List all runs."""
    from inkdigits.training.runs import all_runs, describe_run

    found = all_runs(runs)
    if not found:
        say(f"There are no runs in {runs}: train one with `inkdigits train quick`.")
        return
    header = ["run", "recipe", "data set", "epochs", "best", "validation", "test", "95% interval"]
    table(header, [describe_run(run) for run in found])


def _print_evaluation(found: "Evaluation | MadeEvaluation") -> None:
    from inkdigits import terminal
    from inkdigits.evaluation import MadeEvaluation

    if isinstance(found, MadeEvaluation):
        say(repr(found))
        say(f"Errors: {found.sheet}")
        return
    shown, names = found.digits[:SHOWN], found.alphabet.names
    titles = [
        (f"T: {names[true]}  P: {names[read]}", "green" if true == read else "red")
        for true, read in zip(shown.labels, found.predicted, strict=False)
    ]
    images = shown.images
    console.print(terminal.draw(images, titles, colour=console.is_terminal), end="")
    say(repr(found))
    if found.note:
        say(f"As published: {found.note}")
    say(f"Report: {found.report}")


def _print_comparison(found: "Comparison") -> None:
    table(["run", *found.columns], found.rows)
    for sentence in [*found.verdicts, *found.notes]:
        say(sentence)
    say(f"Curves: {found.page}")
