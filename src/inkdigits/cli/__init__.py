"""The command line: parse, call, print. No logic lives here, and nothing heavy is imported."""

import io
import sys
from collections.abc import Callable

from ..errors import InkdigitsError, MissingExtraError
from . import digits, laboratory, read, serve  # noqa: F401 - importing adds their commands
from .base import app, fail

__all__ = ["app", "main"]


def main(command: Callable[[], object] = app) -> None:
    """Run the command line, or another; a user's error is one sentence and exit code 2."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")  # a terminal of few letters is no reason to stop
    if not sys.flags.safe_path and "" not in sys.path:
        sys.path.append("")  # networks of one's own lie in the current folder; installed ones first
    try:
        command()
    except InkdigitsError as error:
        fail(str(error))
    except OSError as error:
        where = f"{error.filename}: " if error.filename else ""
        fail(f"{where}{error.strerror or error}; check the path and its permissions.")
    except ModuleNotFoundError as error:
        fail(str(MissingExtraError.of(error)))
    except KeyboardInterrupt:
        sys.exit(130)
