"""What a shell offers when Tab is pressed. Nothing here loads PyTorch, so that it answers at once.

A file that cannot be read offers nothing: a shell is no place for an error.
"""

from collections.abc import Iterable
from contextlib import suppress
from importlib import resources
from pathlib import Path

import typer

DEVICES = ("auto", "cpu", "cuda", "mps")


def recipes(incomplete: str) -> list[str]:
    """Names of shipped recipes."""
    folder = resources.files("inkdigits") / "recipes"
    files = (file.name for file in folder.iterdir())
    return _fitting((name[:-5] for name in files if name.endswith(".toml")), incomplete)


def runs(context: typer.Context, incomplete: str) -> list[str]:
    """Names of the runs in the folder that ``--runs`` names."""
    folder = Path(context.params.get("runs") or "runs")
    with suppress(OSError, ValueError):
        return _fitting((path.parent.name for path in folder.glob("*/recipe.toml")), incomplete)
    return []


def models(context: typer.Context, incomplete: str) -> list[str]:
    """Names of runs, and of shipped models."""
    folder = resources.files("inkdigits") / "models"
    shipped = (path.name for path in folder.iterdir() if (path / "model.json").is_file())
    return runs(context, incomplete) + _fitting(shipped, incomplete)


def datasets(incomplete: str) -> list[str]:
    """Names of data sets."""
    from ..data import KNOWN

    return _fitting(KNOWN, incomplete)


def formats(incomplete: str) -> list[str]:
    """Output formats of `inkdigits read`."""
    from ..io.formats import FORMATS

    return _fitting(FORMATS, incomplete)


def devices(incomplete: str) -> list[str]:
    """Devices of PyTorch."""
    return _fitting(DEVICES, incomplete)


def _fitting(names: Iterable[str], incomplete: str) -> list[str]:
    return sorted(name for name in names if name.startswith(incomplete))
