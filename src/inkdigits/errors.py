"""The errors a user can meet: one sentence each, with the cause and the next step.

The command line prints the sentence and exits with 2; Python raises it. Anything else that
escapes is a defect of ours.
"""

from collections.abc import Iterable
from difflib import get_close_matches

OF_THE_WEB = (
    "fastapi",
    "latex2mathml",
    "markdown_it",
    "mdit_py_plugins",
    "plotly",
    "prometheus_client",
    "starlette",
    "uvicorn",
)


class InkdigitsError(Exception):
    """Base of every error a user can mend."""


class AlphabetError(InkdigitsError):
    """An alphabet that is none, or has no such symbol."""


class DataError(InkdigitsError):
    """Digits that are missing, damaged or not what they claim to be."""


class DeviceError(InkdigitsError):
    """A device that is unknown or not there."""


class DocumentError(InkdigitsError):
    """A description of a document that is none."""


class FileError(InkdigitsError):
    """A file or folder that cannot be read or written."""


class MissingExtraError(InkdigitsError, AttributeError):
    """An optional part of the package that is not installed.

    It is an `AttributeError`, too: to `hasattr` and `inspect`, what is not installed is not there.
    """

    @classmethod
    def of(cls, missing: ModuleNotFoundError) -> "MissingExtraError":
        """Return the error for a module that was not found when a part was loaded."""
        extra = "web" if (missing.name or "").partition(".")[0] in OF_THE_WEB else "lab"
        return cls(
            f"{missing.name} is not installed: in the folder of inkdigits' source, run "
            f'`pip install ".[{extra}]"`.'
        )


class PictureError(InkdigitsError):
    """A picture that cannot be opened."""


class RecipeError(InkdigitsError):
    """A recipe that is unknown, unreadable or impossible."""


class RecogniserError(InkdigitsError):
    """A recogniser that is missing, damaged or of another kind."""


class RunError(InkdigitsError):
    """A run folder that is missing, foreign, busy or in the wrong state."""


class TrainingError(InkdigitsError):
    """A training that cannot go on."""


def printable(text: str) -> str:
    """Return one line that any terminal may show: names of files can hold signs that steer it."""
    return "".join(sign if sign.isprintable() else "?" for sign in text)


def nearest(word: str, known: Iterable[str]) -> str:
    """Say which of `known` was probably meant: ``"did you mean 'adam'?"``, or list them all."""
    choices = sorted(known)
    close = get_close_matches(word.lower(), choices, n=3, cutoff=0.5)
    if close:
        return f"did you mean {' or '.join(repr(name) for name in close)}?"
    return f"choose one of {', '.join(choices)}."
