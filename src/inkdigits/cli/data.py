"""Data sets: what they contain, and their samples."""

from io import BytesIO
from pathlib import Path
from typing import Annotated

import typer

from . import complete
from .base import Quiet, app, check_file, console, progress, refuse, say, table

ACROSS = 10  # digits in a row
WIDE = 12  # classes that fit beside one another
PAGES = "pages"  # pieces of these are shown, too


@app.command()
def data(
    name: Annotated[
        str | None,
        typer.Argument(
            help="A known name or a path; without it, known names are listed.",
            autocompletion=complete.datasets,
        ),
    ] = None,
    fetch: Annotated[bool, typer.Option("--fetch", help="Download missing files.")] = False,
    _quiet: Quiet = False,
) -> None:
    """Describe a data set: where it is, its splits and classes; or list the known ones."""
    from inkdigits.data.registry import KNOWN, describe, published

    if name is None:
        table(["data set", "description"], [[key, known.about] for key, known in KNOWN.items()])
        say("Any other is named by its path: IDX files in a folder, a .npz file, or a folder of "
            "class folders.")  # fmt: skip
        return
    if fetch:
        source = published(name)
        if source is None:
            refuse(f"{name} cannot be downloaded: leave out --fetch.")
        say(f"{source.name} is in {source.fetch(progress=progress())}")
    dataset, splits, shared = describe(name)
    say(f"{dataset.name}: {dataset.place}")
    classes = dataset.training.alphabet.symbols
    wide = len(classes) <= WIDE
    table(
        ["split", "samples", *(classes if wide else ()), "mean", "std", "digest"],
        splits if wide else [[*row[:2], *row[-3:]] for row in splits],
    )
    if not wide:
        counts = [[name, *(row[2 + at] for row in splits)] for at, name in enumerate(classes)]
        table(["class", *(row[0] for row in splits)], counts)
    if dataset.note:
        say(dataset.note)
    if shared:
        say(f"{shared:,} test pictures are also among the training pictures.")


@app.command()
def show(
    name: Annotated[
        str,
        typer.Argument(help="A known name, a path, or pages.", autocompletion=complete.datasets),
    ] = "mnist",
    index: Annotated[
        int | None,
        typer.Option("--index", min=0, help="Show one sample: its pixels and its one-hot label."),
    ] = None,
    count: Annotated[int, typer.Option("--count", min=1, max=1000, help="Number of samples.")] = 20,
    out: Annotated[Path | None, typer.Option("--out", help="PNG file to write.")] = None,
) -> None:
    """Show training samples with their labels, in the terminal or as a PNG file.

    `pages` shows generated pieces of pages, each above the classes of its pixels: handwriting
    green, ruled lines red, print and everything else blue.
    """
    from inkdigits import terminal
    from inkdigits.data import load_dataset
    from inkdigits.evaluation import drawing, plots
    from inkdigits.files import write_bytes

    check_file("--out", out)
    if name == PAGES:
        _show_pages(count, out)
        return
    digits = load_dataset(name).training
    if index is not None and index >= len(digits):
        refuse(f"There is no sample {index}: choose one from 0 to {len(digits) - 1:,}.")
    shown = digits[:count] if index is None else digits[index : index + 1]
    labels = shown.texts
    if out is not None:
        across = min(ACROSS, len(shown))
        drawn = plots.gallery(shown.images, labels, [drawing.TEXT] * len(shown), across)
        write_bytes(out, drawing.png(drawn))
        say(f"Written: {out}")
    elif index is None:
        titles = [(label, "bold") for label in labels]
        console.print(terminal.draw(shown.images, titles, colour=console.is_terminal))
    if index is not None:
        typer.echo(terminal.plain(shown.images[0]))
        one_hot = [int(symbol == labels[0]) for symbol in shown.alphabet.names]
        typer.echo(f"{name} training sample {index}: label {labels[0]}, one-hot {one_hot}")


def _show_pages(count: int, out: Path | None) -> None:
    import numpy as np
    from PIL import Image

    from inkdigits.files import write_bytes
    from inkdigits.synthesis.patches import batch
    from inkdigits.synthesis.sheets import page_sheet

    if out is None:
        refuse("Pages are too large for a terminal: name a PNG file with --out.")
    held = BytesIO()
    Image.fromarray(page_sheet(*batch(count, np.random.default_rng(0)))).save(held, "PNG")
    write_bytes(out, held.getvalue())
    say(f"Written: {out}")
