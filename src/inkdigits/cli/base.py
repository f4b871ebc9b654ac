"""What every command shares: the application, its options, and how a line is said."""

import sys
from pathlib import Path
from typing import Annotated, Any, NoReturn

import typer
from rich.console import Console
from rich.table import Table

from ..errors import InkdigitsError, printable

app = typer.Typer(
    name="inkdigits",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    help="Read handwritten digits; train, test and compare the networks that do it.",
    context_settings={"help_option_names": ["-h", "--help"]},
)
console = Console(soft_wrap=True)

RecipeName = Annotated[str, typer.Argument(help="A recipe's name, or the path of a TOML file.")]
Data = Annotated[
    str | None,
    typer.Option("--data", help="Data set: a name, or the path of a folder or .npz file."),
]
Runs = Annotated[Path, typer.Option("--runs", help="Folder that holds the runs.")]
Device = Annotated[str, typer.Option("--device", help="auto, cpu, cuda or mps.")]
RUNS = Path("runs")


def shown(text: str) -> str:
    """Return lines that any terminal may show."""
    return "".join(sign if sign in "\n\t" else printable(sign) for sign in text)


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


def warn(sentence: str) -> None:
    """Print one sentence beside the answers."""
    Console(stderr=True, soft_wrap=True).print(
        f"inkdigits: {shown(sentence)}", markup=False, highlight=False
    )


def fail(sentence: str) -> NoReturn:
    """Print one sentence as an error, and leave with exit code 2."""
    warn(sentence)
    sys.exit(2)
