"""Whether a run can be made under a name, asked before any data are loaded."""

from pathlib import Path

from ..errors import FileError, RunError, printable
from .run import NAME


def check_new(name: str | None, runs: Path) -> None:
    """Refuse a name that no new run in the folder `runs` can have; None is one that is free.

    Raises
    ------
    RunError
        If the name is impossible or taken.
    FileError
        If `runs` cannot be a folder.
    """
    if blocking := next((path for path in (runs, *runs.parents) if path.is_file()), None):
        raise FileError(printable(f"{blocking} is a file, not a folder: choose another --runs."))
    if name is None:
        return
    if not NAME.fullmatch(name):
        raise RunError(
            f"Invalid name of a run, {name!r}: use letters, digits, dots, dashes and underscores, "
            "a letter or digit first."
        )
    if (runs / name / "recipe.toml").exists():
        raise RunError(
            f"The run {runs / name} exists: continue it with --resume {name}, or choose another "
            "--name."
        )
