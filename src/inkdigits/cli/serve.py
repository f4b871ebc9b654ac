"""The page."""

from pathlib import Path
from typing import Annotated

import typer

from .base import RUNS, Runs, app, say, warn


@app.command()
def serve(
    host: Annotated[
        str, typer.Option("--host", help="Where to listen; 0.0.0.0 lets others in.")
    ] = "127.0.0.1",
    port: Annotated[int, typer.Option("--port", min=0, max=65535)] = 8000,
    user_digits: Annotated[
        Path | None,
        typer.Option(
            "--user-digits",
            help="Folder for corrected digits; user_digits/, if only you can connect.",
        ),
    ] = None,
    recogniser: Annotated[
        str | None,
        typer.Option("--recogniser", help="A run, a model or an .onnx file; else the shipped."),
    ] = None,
    workers: Annotated[
        int | None,
        typer.Option("--workers", min=1, max=32, help="Processes that read; else one a processor."),
    ] = None,
    allow_host: Annotated[
        list[str] | None,
        typer.Option(
            "--allow-host",
            metavar="NAME",
            help="Answer to this name, too; may be given again. Needed behind a proxy.",
        ),
    ] = None,
    runs: Runs = RUNS,
) -> None:
    """Open the page on this machine: draw, see inside, compare runs, learn."""
    from inkdigits.web import serve as answer
    from inkdigits.web.settings import LOOPBACK, Settings

    if recogniser is not None and (runs / recogniser).is_dir():
        recogniser = str(runs / recogniser)
    if user_digits is None and host in LOOPBACK and not allow_host:
        user_digits = Path("user_digits")
    settings = Settings(host, port, runs, user_digits, recogniser, workers, tuple(allow_host or ()))
    answer(settings, say, warn)
