"""Training, evaluating and comparing networks."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from .base import RUNS, Data, Device, RecipeName, Runs, app, console, refuse, say, table

if TYPE_CHECKING:
    from ..evaluation import Comparison, Evaluation, MadeEvaluation

SHOWN = 10  # digits of an evaluation


@app.command()
def train(
    recipe: Annotated[
        str | None, typer.Argument(help="A recipe's name, or the path of a TOML file.")
    ] = None,
    name: Annotated[str | None, typer.Option("--name", help="What to call the run.")] = None,
    epochs: Annotated[int | None, typer.Option("--epochs", help="How many in all.")] = None,
    seed: Annotated[int | None, typer.Option("--seed", help="Where chance starts from.")] = None,
    settings: Annotated[
        list[str] | None,
        typer.Option("--set", help="Another setting: section.setting=value. May be repeated."),
    ] = None,
    resume: Annotated[
        str | None,
        typer.Option("--resume", help="Go on with this run; with --epochs, for longer."),
    ] = None,
    evaluate: Annotated[
        bool, typer.Option("--evaluate", help="Evaluate the run when it is trained.")
    ] = False,
    or_synthetic: Annotated[
        bool,
        typer.Option("--or-synthetic", help="Use synthetic digits if the data set is unavailable."),
    ] = False,
    init: Annotated[
        str | None,
        typer.Option("--init", help="Start from the weights of this run or model."),
    ] = None,
    workers: Annotated[
        int, typer.Option("--workers", min=0, help="Processes that make lines or pages ahead.")
    ] = 0,
    data: Data = None,
    runs: Runs = RUNS,
    device: Device = "auto",
) -> None:
    """Train a network as a recipe says."""
    import inkdigits
    from inkdigits.training.recipe import parse_setting

    if (recipe is None) == (resume is None):
        refuse("Name a recipe to train, or a run to --resume; `inkdigits recipes` lists recipes.")
    if resume is not None:
        if name is not None or seed is not None or settings or init is not None:
            refuse(
                "A run is resumed as it began: --name, --seed, --set and --init do not go with it."
            )
        run = inkdigits.resume(
            resume, epochs=epochs, runs=runs, data=data, device=device, workers=workers
        )
    else:
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
            init=init,
        )
    say(repr(run))
    if evaluate:
        found = inkdigits.evaluate(run, device=device)
        _print_evaluation(found)


@app.command()
def evaluate(
    names: Annotated[list[str], typer.Argument(metavar="RUN...", help="Runs to evaluate.")],
    on: Annotated[
        str | None, typer.Option("--on", help="Test on this data set instead: a name or a path.")
    ] = None,
    runs: Runs = RUNS,
    device: Device = "auto",
) -> None:
    """Read the test digits with runs; write their figures, pictures and reports."""
    import inkdigits
    from inkdigits.training.run import Run

    for run in [Run.open(name, runs) for name in names]:
        _print_evaluation(inkdigits.evaluate(run, on=on, device=device))


@app.command()
def compare(
    names: Annotated[list[str], typer.Argument(metavar="RUN RUN...", help="Evaluated runs.")],
    on: Annotated[
        str | None,
        typer.Option("--on", help="Compare on this data set: a name or a path."),
    ] = None,
    out: Annotated[Path | None, typer.Option("--out", help="Folder for the page.")] = None,
    runs: Runs = RUNS,
) -> None:
    """Compare evaluated runs: a table, shared curves, and whether differences are significant."""
    import inkdigits

    _print_comparison(inkdigits.compare(*names, on=on, runs=runs, out=out))


@app.command()
def ensemble(
    names: Annotated[list[str], typer.Argument(metavar="RUN RUN...", help="Trained runs.")],
    name: Annotated[str | None, typer.Option("--name", help="What to call the new run.")] = None,
    data: Data = None,
    runs: Runs = RUNS,
    device: Device = "auto",
) -> None:
    """Put runs together to one; validation digits choose which, and how much each counts."""
    import inkdigits

    made = inkdigits.ensemble(*names, name=name, runs=runs, data=data, device=device)
    say(repr(made))
    say(made.recipe.about)


@app.command("find-lr")
def find_lr(
    recipe: RecipeName,
    apply: Annotated[
        Path | None, typer.Option("--apply", help="Write the recipe with the rate found here.")
    ] = None,
    retrain: Annotated[
        bool,
        typer.Option("--retrain", help="Train at the old and the new rate, and compare them."),
    ] = False,
    out: Annotated[Path | None, typer.Option("--out", help="Folder for the pictures.")] = None,
    data: Data = None,
    runs: Runs = RUNS,
    device: Device = "auto",
) -> None:
    """Search the learning rate of a recipe: eleven rates, and a range test."""
    import inkdigits
    from inkdigits.files import write_text

    found = inkdigits.find_lr(recipe, runs=runs, out=out, data=data, device=device)
    say(repr(found))
    say(f"Pictures: {found.folder}")
    if apply is not None:
        write_text(apply, found.applied.dump())
        say(f"Recipe: {apply}")
    if retrain:
        _print_comparison(found.retrain(runs=runs, data=data, device=device))


@app.command()
def tune(
    recipe: RecipeName,
    vary: Annotated[
        list[str] | None,
        typer.Option(
            "--vary",
            help="What to vary: section.setting=low..high, or =a,b,c. May be repeated.",
        ),
    ] = None,
    trials: Annotated[int, typer.Option("--trials", help="How many in all.")] = 40,
    epochs: Annotated[int | None, typer.Option("--epochs", help="Of each trial.")] = None,
    seeds: Annotated[int, typer.Option("--seeds", help="How many a trial is the mean of.")] = 1,
    processes: Annotated[int, typer.Option("--processes", help="How many are at it.")] = 1,
    name: Annotated[str | None, typer.Option("--name", help="What to call the study.")] = None,
    apply: Annotated[
        Path | None, typer.Option("--apply", help="Write the best recipe found here.")
    ] = None,
    data: Data = None,
    runs: Runs = RUNS,
    device: Device = "auto",
) -> None:
    """Search a recipe's settings by validation digits; the same command again goes on."""
    import inkdigits
    from inkdigits.files import write_text

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
    )
    table(found.columns, found.rows)
    say(repr(found))
    say(f"Pictures: {found.folder}")
    if apply is not None:
        write_text(apply, found.applied.dump())
        say(f"Recipe: {apply}")


@app.command()
def recipes(
    name: Annotated[str | None, typer.Argument(help="Print this recipe.")] = None,
) -> None:
    """List the recipes that come with the program, or print one."""
    from inkdigits.training.recipe import Recipe, names, text_of

    if name is not None:
        typer.echo(text_of(name), nl=False)
        return
    table(["recipe", "what it is"], [[known, Recipe.load(known).about] for known in names()])


@app.command()
def summary(recipe: RecipeName) -> None:
    """Show the network of a recipe: layers, shapes, parameters, multiply-adds, memory."""
    import torchinfo

    from inkdigits import networks
    from inkdigits.training.recipe import Recipe

    found = Recipe.load(recipe)
    network = networks.build(found.network, found.alphabet)
    columns = ("output_size", "num_params", "mult_adds")
    typer.echo(
        torchinfo.summary(network, (1, *found.network.shape()), col_names=columns, verbose=0)
    )


@app.command("runs")
def list_runs(runs: Runs = RUNS) -> None:
    """List all runs."""
    from inkdigits.training.runs import all_runs, describe_run

    found = all_runs(runs)
    if not found:
        say(f"There are no runs in {runs}/: make one with `inkdigits train quick`.")
        return
    header = ["run", "recipe", "digits", "epochs", "best", "validation", "test", "95% interval"]
    table(header, [describe_run(run) for run in found])


def _print_evaluation(found: "Evaluation | MadeEvaluation") -> None:
    from inkdigits import terminal
    from inkdigits.evaluation import MadeEvaluation

    if isinstance(found, MadeEvaluation):
        say(repr(found))
        say(f"Misread: {found.sheet}")
        return
    shown, names = found.digits[:SHOWN], found.alphabet.names
    titles = [
        (f"T: {names[true]}  P: {names[read]}", "green" if true == read else "red")
        for true, read in zip(shown.labels, found.guesses, strict=False)
    ]
    images = shown.images
    console.print(terminal.draw(images, titles, colour=console.is_terminal), end="")
    say(repr(found))
    if found.worth:
        say(f"As published: {found.worth}")
    say(f"Report: {found.report}")


def _print_comparison(found: "Comparison") -> None:
    table(["run", *found.columns], found.rows)
    for sentence in [*found.verdicts, *found.notes]:
        say(sentence)
    say(f"Curves: {found.page}")
