"""The data that a recipe learns from: opened, and known again by its digests, never by its name."""

import os
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from ..alphabet import DIGITS
from ..data import SPLITS, Dataset, Splits, load_dataset
from ..data.registry import check_trainable
from ..errors import RunError
from ..networks.settings import SIZE
from . import symbols
from .recipe import Recipe
from .run import Run
from .samples import Parts

BY_PICTURE = (
    "held-out"  # the split by which no picture of any data set trains here and validates there
)


def opened(
    recipe: Recipe, data: str | Path | None = None, *, sealed: bool = False
) -> tuple[Recipe, Splits, Dataset]:
    """Return the data set of a recipe in its splits, and the recipe that fits it.

    Parameters
    ----------
    recipe
        Whose ``data`` says which.
    data
        Another one in its place: a known name, or a path.
    sealed
        Whether to refuse a split that looks at the test split: nothing may be chosen by it.

    Raises
    ------
    DataError
        If there is no such data set, or if it cannot be had.
    RecipeError
        If the recipe names other classes than it has.
    """
    if data is not None:
        recipe = replace(recipe, data=replace(recipe.data, name=_name(data)))
    dataset = load_dataset(recipe.data.name)
    check_trainable(dataset)
    recipe = _fitted(recipe, dataset)
    split = SPLITS[recipe.data.split]
    return recipe, split(dataset.sealed() if sealed else dataset), dataset


def _name(data: str | Path) -> str:
    """Return what a recipe calls a data set: a path never reads as a known name."""
    text = str(data)
    is_bare = isinstance(data, Path) and len(data.parts) == 1 and not data.is_absolute()
    return os.path.join(".", text) if is_bare else text  # noqa: PTH118 - a `Path` drops the dot


def _fitted(recipe: Recipe, dataset: Dataset) -> Recipe:
    """Return `recipe` with the classes and the size of a data set's pictures.

    A recipe that names classes or a size of its own keeps them, and one that takes ink of any size
    needs none.
    """
    digits, network = dataset.training, recipe.network
    if recipe.alphabet == DIGITS and digits.alphabet != DIGITS:
        recipe = replace(recipe, alphabet=digits.alphabet)
    if network.size == SIZE and digits.size != SIZE and not network.frame:
        recipe = replace(recipe, network=replace(network, size=digits.size))
    symbols.check_alphabet(recipe, digits)
    return recipe


def check_same(run: Run, found: Mapping[str, Any]) -> None:
    """Refuse to go on with `run` on other data than it began with.

    Parameters
    ----------
    run
        Whose environment says what it began with, if it has begun.
    found
        What `Parts.describe` says of the data at hand.

    Raises
    ------
    RunError
        If they differ.
    """
    began = run.environment.get("data")
    if not isinstance(began, Mapping) or began == found:
        return
    if _digests(began) == _digests(found):
        return
    raise RunError(
        f"{run.name} was started on {_spoken(began)}, and these {_spoken(found)} are different "
        "data: give the same data with --data, or train a new run."
    )


def check_validation(run: Run, splits: Splits) -> None:
    """Refuse validation samples that are not those by which the weights of `run` were chosen.

    Raises
    ------
    RunError
        If they are others: some of them may have been trained on.
    """
    began = run.environment.get("data")
    known = began.get("validation", {}).get("digest") if isinstance(began, Mapping) else None
    if known is not None and known != splits.validation.digest:
        raise RunError(
            f"{run.name} was not validated on the samples of {splits.validation.name}: "
            "give the data that it was trained on with --data."
        )


def check_teacher(recipe: Recipe, folder: Path, parts: Parts) -> None:
    """Refuse a teacher that may have been trained on what validates its student.

    Raises
    ------
    RunError
        If so.
    """
    if not recipe.distil.teacher:
        return
    teacher = Run.open(recipe.distil.teacher, folder)
    theirs, ours = teacher.environment.get("data", {}), parts.describe()
    if recipe.task != "symbols" and teacher.recipe.data.name == recipe.data.name:
        return  # what validates is made from seeds of its own
    apart = teacher.recipe.data.split == recipe.data.split == BY_PICTURE
    if not apart and _digests(theirs) != _digests(ours):
        raise RunError(
            f"{teacher.name} cannot teach {recipe.name}: it was trained on other data, which "
            "may contain validation samples: set data.split to held-out in both, or use the same "
            "data."
        )


def _digests(data: Mapping[str, Any]) -> dict[str, object]:
    """Return what tells data apart: of samples their digests, of what is made all that is said."""
    parts = {split: part for split, part in data.items() if isinstance(part, Mapping)}
    return {split: part.get("digest", dict(part)) for split, part in parts.items()}


def _spoken(data: Mapping[str, Any]) -> str:
    train = data.get("train", {})
    count = train.get("count", 0) if isinstance(train, Mapping) else 0
    return f"{count:,} training samples" if isinstance(count, int) else "training samples"
