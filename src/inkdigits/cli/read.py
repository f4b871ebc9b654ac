"""Reading pictures, and making a recogniser of a run."""

import sys
from pathlib import Path
from typing import Annotated

import typer

from .base import RUNS, Data, Runs, app, refuse, say, warn


@app.command()
def read(
    paths: Annotated[
        list[str],
        typer.Argument(metavar="PATH...", help="Pictures, folders, patterns; - is standard input."),
    ],
    single: Annotated[
        bool, typer.Option("--single", help="All ink of a picture is one digit.")
    ] = False,
    form: Annotated[str, typer.Option("--format", help="text, json, jsonl, csv or hocr.")] = "text",
    annotated: Annotated[
        Path | None, typer.Option("--annotated", help="Draw what was read on copies, in here.")
    ] = None,
    seen: Annotated[
        Path | None, typer.Option("--seen", help="Write the 28×28 that the network saw in here.")
    ] = None,
    steps: Annotated[
        Path | None, typer.Option("--steps", help="Draw the way from picture to digits, in here.")
    ] = None,
    min_confidence: Annotated[
        float, typer.Option("--min-confidence", min=0, max=1, help="What is below is refused: ?")
    ] = 0.5,
    alphabet: Annotated[
        str, typer.Option("--alphabet", help="digits, or all: digits and marks such as . , - / : %")
    ] = "all",
    decimal: Annotated[
        str,
        typer.Option("--decimal", help="Numbers are 1,234.50: point; 1.234,50: comma; or auto."),
    ] = "auto",
    no_rotate: Annotated[
        bool, typer.Option("--no-rotate", help="Turn no page, whichever way its writing lies.")
    ] = False,
    recogniser: Annotated[
        str | None,
        typer.Option("--recogniser", help="A run, a model or an .onnx file; else the shipped."),
    ] = None,
    workers: Annotated[
        int | None,
        typer.Option("--workers", min=1, max=32, help="Processes; else as many as are worth it."),
    ] = None,
    runs: Runs = RUNS,
) -> None:
    """Read the numbers in pictures."""
    from inkdigits.io.formats import FORMATS
    from inkdigits.reading import Reader

    from .inputs import inputs
    from .signals import quiet_end
    from .watch import Watch, given, with_problems

    if form not in FORMATS:
        refuse(f"--format is {' or '.join(FORMATS)}, not {form}.")
    if recogniser is not None and (runs / recogniser).is_dir():
        recogniser = str(runs / recogniser)
    with quiet_end():
        reader = Reader(
            recogniser,
            min_confidence=min_confidence,
            alphabet=alphabet,
            decimal=decimal,
            rotate=not no_rotate,
        )
        if reader.warning and not single:
            warn(reader.warning)
        written = [folder for folder in (annotated, seen, steps) if folder is not None]
        found, sources = given(inputs(paths, written))
        names = [one.name for one in found]
        watch = Watch(names, annotated, seen, steps)
        traces = reader.trace_many(sources, single=single, workers=workers, keep=watch.draws)
        for line in FORMATS[form](watch.over(with_problems(found, traces))):
            typer.echo(line)
    if watch.failed:
        sys.exit(1)


@app.command()
def export(
    model: Annotated[str, typer.Argument(help="A run, or a model: its name, or its folder.")],
    out: Annotated[
        Path | None, typer.Option("--out", help="Folder for the model; by default its own.")
    ] = None,
    eight_bits: Annotated[
        bool, typer.Option("--eight-bits", help="Faster and smaller, a little less accurate.")
    ] = False,
    data: Data = None,
    runs: Runs = RUNS,
) -> None:
    """Make a run or a model one that reads, for `read --recogniser`."""
    import inkdigits

    say(repr(inkdigits.export(model, out, eight_bits=eight_bits, runs=runs, data=data)))
