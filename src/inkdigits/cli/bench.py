"""Measuring, and writing down what was measured."""

from pathlib import Path
from typing import Annotated

import typer

from .base import RUNS, Data, Device, Runs, bench_app, refuse, say, table

FOLDER = Path("docs/benchmarks")
HERE = Path("runs/_bench/benchmarks")
Out = Annotated[
    Path, typer.Option("--out", help="Folder for the figures; the page comes beside it.")
]
Claims = Annotated[
    bool, typer.Option("--claims", help="Also write them into the shipped recipes and README.md.")
]


@bench_app.callback(
    invoke_without_command=True,
    no_args_is_help=False,
    help="Measure, and write down what was measured; alone: what fits this machine, in minutes.",
)
def bench(context: typer.Context, out: Out = HERE, data: Data = None) -> None:
    """Run the short suite where no command is named."""
    if context.invoked_subcommand is not None:
        sources = {name: context.get_parameter_source(name) for name in context.params}
        given = [name for name, at in sources.items() if at and at.name == "COMMANDLINE"]
        if given:
            refuse(f"Put --{given[0]} behind the command: bench {context.invoked_subcommand} ...")
        return
    from inkdigits.bench import suite

    page = suite.measure(out, data, say)
    table(["measured", "mean or median (least to greatest)"], suite.table(out))
    say(f"Written: {page}, from the figures in {out}")


@bench_app.command("published")
def bench_published(
    seeds: Annotated[int, typer.Option("--seeds", min=1, help="Trainings of each.")] = 3,
    out: Annotated[Path, typer.Option("--out", help="The document to write.")] = Path(
        "docs/published.md"
    ),
    data: Data = None,
    runs: Runs = RUNS,
    device: Device = "auto",
) -> None:
    """Train the published systems as published and corrected; write what they score."""
    from inkdigits.bench.published import measure

    say(f"Written: {measure(seeds, out, runs, data, device)}")


@bench_app.command("guide")
def bench_guide(
    out: Annotated[
        Path | None, typer.Option("--out", help="A folder; by default the page's own.")
    ] = None,
    data: Data = None,
    runs: Runs = RUNS,
    device: Device = "auto",
) -> None:
    """Make what the study guide shows: samples, and five mistakes with their remedies as runs."""
    from inkdigits.bench.guide import measure

    say(f"Written: {measure(out, runs, data, device)}")


@bench_app.command("recipes")
def bench_recipes(
    names: Annotated[
        list[str] | None, typer.Argument(metavar="[RECIPE]...", help="By default all of ours.")
    ] = None,
    seeds: Annotated[int, typer.Option("--seeds", min=1, help="Trainings of each.")] = 3,
    out: Out = FOLDER,
    claims: Claims = False,
    data: Data = None,
    runs: Runs = RUNS,
    device: Device = "auto",
) -> None:
    """Train our own recipes; write what they score."""
    from inkdigits.bench.recipes import RECIPES, measure

    say(f"Written: {measure(names or RECIPES, seeds, out, runs, data, device)}")
    _write_page(out, claims)


@bench_app.command("ensemble")
def bench_ensemble(
    names: Annotated[
        list[str] | None,
        typer.Argument(metavar="[RUN]...", help="By default every run of the recipe `best`."),
    ] = None,
    out: Out = FOLDER,
    claims: Claims = False,
    data: Data = None,
    runs: Runs = RUNS,
    device: Device = "auto",
) -> None:
    """Put the runs of `bench recipes` together; write what that scores."""
    from inkdigits.bench.recipes import measure_ensemble

    say(f"Written: {measure_ensemble(names or [], out, runs, data, device)}")
    _write_page(out, claims)


@bench_app.command("training")
def bench_training(
    peers: Annotated[
        list[str] | None, typer.Argument(metavar="[PEER]...", help="By default all of them.")
    ] = None,
    rounds: Annotated[int, typer.Option("--rounds", min=1, help="Trainings of each.")] = 5,
    out: Out = FOLDER,
    data: Data = None,
) -> None:
    """Train against other programs, to 99% of the test digits; write how long each takes."""
    from inkdigits.bench.training import measure

    say(f"Written: {measure(out, rounds, data, peers)}")
    _write_page(out)


@bench_app.command("inference")
def bench_inference(out: Out = FOLDER, data: Data = None) -> None:
    """Read digits with every network and engine; write how fast each is."""
    from inkdigits.bench.inference import measure

    say(f"Written: {measure(out, data)}")
    _write_page(out)


@bench_app.command("ceiling")
def bench_ceiling(out: Out = FOLDER, data: Data = None) -> None:
    """Measure what this machine could do, and how near training comes to it."""
    from inkdigits.bench.ceiling import measure

    say(f"Written: {measure(out, data)}")
    _write_page(out)


@bench_app.command("page")
def bench_page(out: Out = FOLDER, claims: Claims = False) -> None:
    """Write the page and its chart again, from what was measured."""
    _write_page(out, claims)


def _write_page(out: Path, claims: bool = False) -> None:
    from inkdigits.bench import claims as claimed
    from inkdigits.bench import page

    written = [page.write(out), *(claimed.write(out) if claims else ())]
    for path in written:
        say(f"Written: {path}")


@bench_app.command("recogniser")
def bench_recogniser(
    out: Annotated[
        Path | None, typer.Option("--out", help="Folder for the model; by default the shipped one.")
    ] = None,
    init: Annotated[
        str | None, typer.Option("--init", help="Train this model further, in place of anew.")
    ] = None,
    data: Data = None,
    runs: Runs = RUNS,
) -> None:
    """Make the shipped recogniser: train, calibrate, export, measure, describe."""
    from inkdigits.bench.recogniser import make

    say(f"Written: {make(out, runs, data, init)}")


@bench_app.command("models")
def bench_models(data: Data = None, runs: Runs = RUNS) -> None:
    """Make all shipped models: train, export, measure, join, describe."""
    from inkdigits.bench.models import make

    for written in make(runs, data):
        say(f"Written: {written}")
