"""Reading pictures, and exporting runs and models."""

import sys
from pathlib import Path
from typing import Annotated

import typer

from ..errors import nearest
from . import complete
from .base import (
    RUNS,
    Data,
    Quiet,
    Runs,
    Threads,
    app,
    check_folder,
    refuse,
    say,
    use_threads,
)

Recogniser = Annotated[
    str | None,
    typer.Option(
        "--recogniser",
        help="A run, a model or an .onnx file; by default the built-in model.",
        autocompletion=complete.models,
    ),
]


@app.command()
def read(
    paths: Annotated[
        list[str],
        typer.Argument(
            metavar="PATH...", help="Pictures, folders or patterns; - is standard input."
        ),
    ],
    single: Annotated[
        bool, typer.Option("--single", help="Treat each picture as one digit.")
    ] = False,
    form: Annotated[
        str,
        typer.Option(
            "--format",
            help="Output format: text, json, jsonl, csv or hocr.",
            autocompletion=complete.formats,
        ),
    ] = "text",
    annotated: Annotated[
        Path | None,
        typer.Option("--annotated", help="Folder for copies with boxes around what was read."),
    ] = None,
    network_input: Annotated[
        Path | None,
        typer.Option("--network-input", help="Folder for the 28×28 network input of each symbol."),
    ] = None,
    steps: Annotated[
        Path | None,
        typer.Option("--steps", help="Folder for drawings of the steps from picture to symbols."),
    ] = None,
    min_confidence: Annotated[
        float,
        typer.Option(
            "--min-confidence", min=0, max=1, help="Show symbols below this confidence as ?"
        ),
    ] = 0.5,
    alphabet: Annotated[
        str,
        typer.Option("--alphabet", help="digits, or all: digits and signs such as . , - / : %"),
    ] = "all",
    decimal: Annotated[
        str,
        typer.Option("--decimal", help="Decimal sign: point (1,234.50), comma (1.234,50) or auto."),
    ] = "auto",
    no_rotate: Annotated[
        bool, typer.Option("--no-rotate", help="Do not correct the orientation of pages.")
    ] = False,
    recogniser: Recogniser = None,
    workers: Annotated[
        int | None,
        typer.Option("--workers", min=1, max=32, help="Number of processes; automatic by default."),
    ] = None,
    runs: Runs = RUNS,
    _quiet: Quiet = False,
) -> None:
    """Read the handwritten numbers in pictures."""
    from inkdigits.io.formats import FORMATS
    from inkdigits.reading import Reader

    from .inputs import inputs
    from .signals import quiet_end
    from .watch import Watch, given, with_problems

    if form not in FORMATS:
        refuse(f"Unknown format {form!r}: {nearest(form, FORMATS)}")
    folders = {"--annotated": annotated, "--network-input": network_input, "--steps": steps}
    for option, folder in folders.items():
        check_folder(option, folder)
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
        written = [folder for folder in folders.values() if folder is not None]
        found, sources = given(inputs(paths, written))
        names = [one.name for one in found]
        watch = Watch(names, annotated, network_input, steps)
        traces = reader.trace_many(sources, single=single, workers=workers, keep=watch.draws)
        for line in FORMATS[form](watch.over(with_problems(found, traces))):
            typer.echo(line)
    if watch.failed:
        sys.exit(1)


@app.command()
def export(
    model: Annotated[
        str,
        typer.Argument(
            help="A run or a model: its name or folder.", autocompletion=complete.models
        ),
    ],
    out: Annotated[
        Path | None,
        typer.Option("--out", help="Folder for the model; by default its own folder."),
    ] = None,
    eight_bits: Annotated[
        bool,
        typer.Option("--eight-bits", help="Quantise to int8: faster, smaller, less accurate."),
    ] = False,
    data: Data = None,
    runs: Runs = RUNS,
    threads: Threads = None,
    _quiet: Quiet = False,
) -> None:
    """Export a run or a model to ONNX, for `inkdigits read --recogniser`."""
    import inkdigits

    check_folder("--out", out)
    use_threads(threads)
    say(repr(inkdigits.export(model, out, eight_bits=eight_bits, runs=runs, data=data)))
