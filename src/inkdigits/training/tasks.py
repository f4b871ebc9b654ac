"""The three tasks, symbols, lines and pages: what a recipe learns from, opened as samples."""

from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import torch

from ..data import mnist
from ..errors import DataError, FileError, RecipeError
from . import datasets, lines, made, pages, symbols
from .made import Maker, Pool
from .progress import Lines
from .recipe import Recipe
from .samples import Parts, Samples


@contextmanager
def open_parts(
    recipe: Recipe,
    data: str | Path | None,
    device: torch.device,
    workers: int,
    display: Lines,
    or_synthetic: bool = False,
) -> Iterator[tuple[Recipe, Parts]]:
    """Open what a recipe learns from and validates on, and give it with the recipe that fits it.

    Parameters
    ----------
    recipe
        Whose ``data`` says which.
    data
        Another data set in its place; lines and pages are made, and take none.
    device
        Where the network is.
    workers
        Processes that make lines or pages ahead.
    display
        What is told to whoever waits.
    or_synthetic
        Whether to take synthetic digits if the data cannot be had.

    Raises
    ------
    InkdigitsError
        If the data cannot be had, or do not fit the recipe.
    """
    if recipe.task == "symbols":
        yield _open_symbols(recipe, data, device, display, or_synthetic)
        return
    if data is not None:
        raise RecipeError(
            f"{recipe.data.name.capitalize()} are generated during training: leave out --data; "
            "the digits of MNIST are used if they are in $INKDIGITS_DATA."
        )
    place = mnist.find()
    if place is None:
        display.note("MNIST was not found: training uses synthetic digits only.")
    with closing(Pool(workers)) as pool:
        train, validation = (
            samples(Maker(recipe, part, place, pool), device)
            for part in (made.TRAIN, made.VALIDATION)
        )
        yield recipe, Parts(train, validation)


def samples(maker: Maker, device: torch.device) -> Samples:
    """Return what `maker` makes, as a network on `device` learns it.

    Raises
    ------
    RecipeError
        If the alphabet of the recipe is another.
    """
    if maker.recipe.task == "lines":
        lines.check_alphabet(maker.recipe)
        return lines.LineSamples(maker, device)
    pages.check_alphabet(maker.recipe)
    return pages.PageSamples(maker, device)


def _open_symbols(
    recipe: Recipe,
    data: str | Path | None,
    device: torch.device,
    display: Lines,
    or_synthetic: bool,
) -> tuple[Recipe, Parts]:
    """Open the data set that is asked for, and return the recipe that fits it."""
    try:
        recipe, splits, dataset = datasets.opened(recipe, data)
    except (DataError, FileError) as error:
        if not or_synthetic:
            raise
        display.note(
            f"The data set {data or recipe.data.name} is not available, so this run uses synthetic "
            f"digits, and its figures do not apply to that data set. ({error})"
        )
        recipe, splits, dataset = datasets.opened(recipe, "synthetic")
    if dataset.note:
        display.note(dataset.note)
    return recipe, symbols.parts(splits, device)
