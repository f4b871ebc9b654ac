"""Where the command line begins: its commands, and how each of its errors is said."""

import io
import sys

import typer

from ..errors import InkdigitsError, MissingExtraError
from . import data, read, serve, train, usage  # noqa: F401 - importing adds their commands
from .base import app, fail
from .notes import notes


def main(command: typer.Typer = app) -> None:
    """Run the command line, or another; a user's error is one sentence and exit code 2."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")  # a terminal of few letters is no reason to stop
    notes.start()
    if not sys.flags.safe_path and "" not in sys.path:
        sys.path.append("")  # networks of one's own lie in the current folder; installed ones first
    try:
        sys.exit(command(prog_name=command.info.name, standalone_mode=False))
    except typer.TyperException as error:
        if type(error).__name__ == "NoArgsIsHelpError":
            typer.echo(error.format_message())
        else:
            fail(usage.sentence(error))
    except InkdigitsError as error:
        fail(str(error))
    except OSError as error:
        where = f"{error.filename}: " if error.filename else ""
        fail(f"{where}{error.strerror or error}; check the path and its permissions.")
    except ModuleNotFoundError as error:
        fail(str(MissingExtraError.of(error)))
    except (KeyboardInterrupt, typer.Abort):
        sys.exit(130)
    sys.exit(2)
