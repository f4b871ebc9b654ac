"""Measuring, and writing down what was measured."""

from pathlib import Path
from typing import Annotated

import typer

from .base import RUNS, Data, Device, Runs, bench_app, say


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


@bench_app.command("recipes")
def bench_recipes(
    names: Annotated[
        list[str] | None, typer.Argument(metavar="[RECIPE]...", help="By default all of ours.")
    ] = None,
    seeds: Annotated[int, typer.Option("--seeds", min=1, help="Trainings of each.")] = 3,
    out: Annotated[Path, typer.Option("--out", help="The document to write.")] = Path(
        "docs/measured.md"
    ),
    data: Data = None,
    runs: Runs = RUNS,
    device: Device = "auto",
) -> None:
    """Train our own recipes; write what they score."""
    from inkdigits.bench.recipes import RECIPES, measure

    say(f"Written: {measure(names or RECIPES, seeds, out, runs, data, device)}")


@bench_app.command("recogniser")
def bench_recogniser(
    out: Annotated[
        Path | None, typer.Option("--out", help="The .onnx file; by default the shipped one.")
    ] = None,
    data: Data = None,
    runs: Runs = RUNS,
) -> None:
    """Make the shipped recogniser: train, calibrate, export, measure, describe."""
    from inkdigits.bench.recogniser import make

    say(f"Written: {make(out, runs, data)}")
