"""Looking at the digits themselves."""

from io import BytesIO
from pathlib import Path
from typing import Annotated

import typer

from .base import Data, app, console, refuse, say, table

ACROSS = 10  # digits in a row
PAGES = "pages"  # pieces of these are shown, too


@app.command()
def data(
    name: Annotated[str, typer.Argument(help="mnist, pens or own.")] = "mnist",
    fetch: Annotated[bool, typer.Option("--fetch", help="Download MNIST if need be.")] = False,
    folder: Data = None,
) -> None:
    """Tell what digits are there, where, and what is in them."""
    from inkdigits.data import describe, mnist

    if fetch:
        say(f"MNIST is in {mnist.fetch(folder)}")
    place, symbols, halves = describe(name, folder)
    say(f"{name} from {place}")
    table(["part", "digits", *symbols, "mean", "std", "SHA-256 begins"], halves)


@app.command()
def show(
    name: Annotated[str, typer.Argument(help="mnist, pens, own or pages.")] = "mnist",
    index: Annotated[
        int | None, typer.Option("--index", help="One digit, with its values and one-hot label.")
    ] = None,
    count: Annotated[int, typer.Option("--count", min=1, max=1000, help="How many.")] = 20,
    out: Annotated[Path | None, typer.Option("--out", help="Write a PNG here.")] = None,
    folder: Data = None,
) -> None:
    """Show training digits with their labels, in the terminal or as a PNG.

    `pages` are pieces of pages as they are made for a finder, each above what its pixels are:
    handwriting green, rules red, print and all else blue.
    """
    from inkdigits import terminal
    from inkdigits.data import load_collection
    from inkdigits.evaluation import drawing, plots
    from inkdigits.files import write_bytes

    if name == PAGES:
        _show_pages(count, out)
        return
    digits = load_collection(name, folder).training
    if index is not None and not 0 <= index < len(digits):
        refuse(f"There is no digit {index}: {name} has 0 to {len(digits) - 1:,}.")
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
        typer.echo(f"{name} training digit {index}: label {labels[0]}, one-hot {one_hot}")


def _show_pages(count: int, out: Path | None) -> None:
    import numpy as np
    from PIL import Image

    from inkdigits.files import write_bytes
    from inkdigits.synthesis.patches import batch
    from inkdigits.synthesis.sheets import page_sheet

    if out is None:
        refuse("Pages are too large for a terminal: name a PNG with --out.")
    held = BytesIO()
    Image.fromarray(page_sheet(*batch(count, np.random.default_rng(0)))).save(held, "PNG")
    write_bytes(out, held.getvalue())
    say(f"Written: {out}")
