r"""What the server writes to its terminal: without the signs that could steer one.

What goes wrong may quote what a client has sent, and a terminal obeys some of it (``\x1b[2J``).
"""

import logging
import re
from typing import Any

CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u200e\u200f\u2028-\u202e\u2066-\u2069]")


class PlainFormatter(logging.Formatter):
    """Formats records, with control characters shown as escapes; only new lines stay."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the record as text."""
        return plain(super().format(record))


def plain(text: str) -> str:
    """Return `text` with control characters as escapes."""
    return CONTROL.sub(lambda found: ascii(found[0])[1:-1], text)


def configuration() -> dict[str, Any]:
    """Return how this server's and uvicorn's records are written, for `logging.config`."""
    ours = {"handlers": ["stderr"], "propagate": False}
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {"plain": {"()": PlainFormatter, "fmt": "%(levelname)s: %(message)s"}},
        "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "plain"}},
        "loggers": {"inkdigits": ours, "uvicorn": ours, "py.warnings": ours},
    }
