"""The page."""

from pathlib import Path
from typing import Annotated

import typer

from .base import RUNS, Quiet, Runs, app, check_folder, say, warn
from .read import Recogniser


@app.command()
def serve(
    host: Annotated[
        str,
        typer.Option("--host", help="Address to listen on; 0.0.0.0 lets other machines connect."),
    ] = "127.0.0.1",
    port: Annotated[
        int, typer.Option("--port", min=0, max=65535, help="Port to listen on; 0 picks a free one.")
    ] = 8000,
    user_digits: Annotated[
        Path | None,
        typer.Option(
            "--user-digits",
            help="Folder for corrected digits; user_digits/, if only you can connect.",
        ),
    ] = None,
    recogniser: Recogniser = None,
    workers: Annotated[
        int | None,
        typer.Option(
            "--workers", min=1, max=32, help="Reading processes; one per core by default."
        ),
    ] = None,
    allow_host: Annotated[
        list[str] | None,
        typer.Option(
            "--allow-host",
            metavar="NAME",
            help="Accept requests for this host name, as behind a proxy. Can be repeated.",
        ),
    ] = None,
    runs: Runs = RUNS,
    _quiet: Quiet = False,
) -> None:
    """Open the page on this machine: draw, look inside networks, compare runs, learn."""
    check_folder("--user-digits", user_digits)
    from inkdigits.web import serve as answer
    from inkdigits.web.settings import LOOPBACK, Settings

    if recogniser is not None and (runs / recogniser).is_dir():
        recogniser = str(runs / recogniser)
    if user_digits is None and host in LOOPBACK and not allow_host:
        user_digits = Path("user_digits")
    settings = Settings(host, port, runs, user_digits, recogniser, workers, tuple(allow_host or ()))
    answer(settings, say, warn)
