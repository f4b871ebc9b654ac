"""Sentences as clients may read them: a file by its name, never by where it lies on this machine.

Errors name paths, as they should to whoever sits at the machine. A client is anybody.
"""

import re
from pathlib import Path, PureWindowsPath

from .settings import Settings

# From a root or a drive to the next sign that ends a path in a sentence.
ABSOLUTE = re.compile(
    r"(?<![\w./\\:-])(?:~?/|[A-Za-z]:[\\/]|\\\\)"
    r"[^\s'\"`,;:()\[\]]*[^\s'\"`,;:()\[\].]"
)
OUR_ADDRESSES = ("/api", "/guide", "/runs", "/inside", "/health", "/metrics")


def public_text(error: Exception | str, settings: Settings) -> str:
    """Return what a client is told of `error`.

    Parameters
    ----------
    error
        Or its sentence.
    settings
        Of the server: their folders may have any name, even one with spaces.
    """
    text = str(error)
    folders = [settings.runs, settings.user_digits, settings.recogniser]
    given = {Path(folder) for folder in folders if folder is not None}
    known = {str(way) for path in given for way in (path, path.absolute(), path.resolve())}
    for folder in sorted(known, key=len, reverse=True):
        text = _without(text, folder)
    return ABSOLUTE.sub(lambda found: _last(found[0]), text)


def _without(text: str, folder: str) -> str:
    """Return `text` with what lies in `folder` by its name alone, and itself by its last part."""
    if folder in (".", "/"):
        return text
    start = r"(?<![\w./\\-])" + re.escape(folder)
    text = re.sub(start + r"[\\/]+(?=[^\s\\/:,;])", "", text)
    return re.sub(start + r"(?![\w.-])[\\/]*", lambda _: Path(folder).name, text)


def _last(path: str) -> str:
    if path.startswith(OUR_ADDRESSES):
        return path
    return PureWindowsPath(path).name or "a folder"
