"""What every command shares: the application, its options, and how output is printed."""

from pathlib import Path
from typing import Annotated, Any, NoReturn

import typer
from rich.console import Console
from rich.table import Table

from .. import __version__
from ..errors import InkdigitsError, printable
from . import complete
from .notes import notes, print_sentence, shown

app = typer.Typer(
    name="inkdigits",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    help="Read handwritten digits; train, test and compare the networks that do it.",
    context_settings={"help_option_names": ["-h", "--help"]},
)
console = Console(soft_wrap=True)


def _quieten(value: bool) -> bool:
    if value:
        notes.quiet = True
    return value


def _print_version(value: bool) -> None:
    if value:
        typer.echo(f"inkdigits {__version__}")
        raise typer.Exit


RecipeName = Annotated[
    str,
    typer.Argument(
        help="Name of a recipe, or path of a TOML file.", autocompletion=complete.recipes
    ),
]
Data = Annotated[
    str | None,
    typer.Option(
        "--data",
        help="Data set: a name, or the path of a folder or .npz file.",
        autocompletion=complete.datasets,
    ),
]
Runs = Annotated[Path, typer.Option("--runs", help="Folder that contains the runs.")]
Device = Annotated[
    str,
    typer.Option("--device", help="auto, cpu, cuda or mps.", autocompletion=complete.devices),
]
Threads = Annotated[
    int | None,
    typer.Option(
        "--threads", min=1, max=256, help="CPU threads of PyTorch; by default one per core."
    ),
]
Quiet = Annotated[
    bool,
    typer.Option(
        "--quiet", "-q", help="Print results and errors only.", callback=_quieten, is_eager=True
    ),
]
Version = Annotated[
    bool,
    typer.Option(
        "--version", "-V", help="Print the version.", callback=_print_version, is_eager=True
    ),
]
RUNS = Path("runs")


@app.callback()
def common(_quiet: Quiet = False, _version: Version = False) -> None:
    """Take the options that stand before a command."""


def progress() -> bool:
    """Whether to show how far a command has got."""
    return not notes.quiet


def use_threads(count: int | None) -> None:
    """Let PyTorch compute with `count` threads; None leaves it as it is."""
    if count is not None:
        import torch

        torch.set_num_threads(count)


def say(text: str) -> None:
    """Print a line, or several, as they are, whatever brackets they hold."""
    console.print(shown(text), markup=False, highlight=False)


def table(header: list[str], rows: list[list[str]]) -> None:
    """Print a table: a header, and rows of as many cells."""
    table = Table(*header, box=None, pad_edge=False)
    for row in rows:
        table.add_row(*map(shown, row))
    # What is piped somewhere is not to be folded to a width that nobody has.
    wide: dict[str, Any] = {} if console.is_terminal else {"width": 240}
    Console(markup=False, **wide).print(table, highlight=False)


def refuse(sentence: str) -> NoReturn:
    """Stop the command with one sentence."""
    raise InkdigitsError(sentence)


def check_folder(option: str, folder: Path | None) -> None:
    """Refuse a folder to write to that is a file, before any work is done.

    Raises
    ------
    InkdigitsError
        If so.
    """
    if folder is not None and (blocking := _file_in(folder)) is not None:
        refuse(printable(f"{option}: {blocking} is a file, not a folder; choose another."))


def check_file(option: str, file: Path | None) -> None:
    """Refuse a file to write that is a folder, or that lies below a file.

    Raises
    ------
    InkdigitsError
        If so.
    """
    if file is None:
        return
    if file.is_dir():
        refuse(printable(f"{option}: {file} is a folder; name a file."))
    check_folder(option, file.parent)


def _file_in(folder: Path) -> Path | None:
    """Return what of a path is a file and no folder; None if it can be made."""
    return next((path for path in (folder, *folder.parents) if path.is_file()), None)


def warn(sentence: str) -> None:
    """Print a note on standard error, beside the results."""
    if not notes.quiet:
        print_sentence(sentence)


def fail(sentence: str) -> None:
    """Print an error."""
    print_sentence(sentence)
