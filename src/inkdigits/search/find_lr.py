"""A learning-rate search as a person wants it: both ways, their pictures, and a table."""

import csv
import io
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from ..evaluation import compare, drawing, evaluate, plots
from ..evaluation.comparison import Comparison
from ..files import write_bytes, write_text
from ..training import datasets, train
from ..training import device as devices
from ..training.loop import Batches
from ..training.progress import shown
from ..training.recipe import Recipe
from ..training.run import FOLDER
from ..training.symbols import Tensors
from . import rates as search


@dataclass(frozen=True)
class RateSearch:
    """What a sweep and a range test found, and where their pictures are."""

    recipe: Recipe
    sweep: search.Sweep
    range_test: search.RangeTest
    folder: Path

    @property
    def chosen(self) -> float:
        """The rate of the sweep, which was judged on the digits that the recipe validates on."""
        return self.sweep.chosen

    @property
    def applied(self) -> Recipe:
        """The recipe with the chosen rate."""
        return self.recipe.with_settings(
            {"name": f"{self.recipe.name}-rate", "optimiser.rate": self.chosen}
        )

    def retrain(
        self,
        *,
        runs: str | Path = FOLDER,
        data: str | Path | None = None,
        device: str = "auto",
        progress: bool = True,
    ) -> Comparison:
        """Train the recipe at its own rate and at the chosen one, evaluate and compare both."""
        names = []
        for recipe in (self.recipe, self.applied):
            run = train(recipe, runs=runs, data=data, device=device, progress=progress)
            evaluate(run, runs=runs, device=device)
            names.append(run.name)
        return compare(*names, runs=runs)

    def __repr__(self) -> str:
        return (
            f"RateSearch({self.recipe.name}: {self.chosen:g} by the sweep, "
            f"{self.range_test.chosen:.2g} by the range test)"
        )


def find_lr(
    recipe: str | Path | Recipe,
    *,
    rates: Sequence[float] = search.RATES,
    runs: str | Path = FOLDER,
    out: str | Path | None = None,
    data: str | Path | None = None,
    device: str = "auto",
    progress: bool = True,
) -> RateSearch:
    """Search the learning rate of a recipe: one epoch at each of `rates`, and a range test.

    Parameters
    ----------
    recipe
        A name, the path of a TOML file, or a `Recipe`.
    rates
        What the sweep tries.
    runs, out
        The folder for ``sweep.png``, ``range.png`` and ``rates.csv`` is `out`, by default one under
        ``runs/_rates``.
    data, device, progress
        As for `train`.

    Raises
    ------
    InkdigitsError
        One sentence on what is wrong with recipe, data, device or rates.
    """
    if not isinstance(recipe, Recipe):
        recipe = Recipe.load(recipe)
    recipe.check_symbols("A search of the learning rate")
    folder = Path(runs) / "_rates" / recipe.name if out is None else Path(out)
    place = devices.choose(device)
    recipe, splits, _ = datasets.opened(recipe, data, sealed=True)
    train, validation = Tensors.of(splits.train, place), Tensors.of(splits.validation, place)
    with shown(progress) as display:
        if recipe.published.worth:
            display.note(f"As published: {recipe.published.worth}")

        def tell(rate: float, loss: float, accuracy: float) -> None:
            display.note(f"rate {rate:g}: validation loss {loss:.4f}, accuracy {accuracy:.2%}")

        def quiet(_: Batches) -> None:
            """Say nothing: a line every 20 batches of twelve epochs would bury the answer."""

        swept = search.sweep(recipe, train, validation, rates, quiet, tell)
        ranged = search.range_test(recipe, train, quiet)
    found = RateSearch(recipe, swept, ranged, folder)
    _write(found)
    return found


def _write(found: RateSearch) -> None:
    swept, ranged = found.sweep, found.range_test
    drawn = {
        "sweep.png": plots.sweep(swept.rates, swept.losses, swept.chosen),
        "range.png": plots.range_test(ranged.rates, ranged.losses, ranged.smooth, ranged.chosen),
    }
    for name, figure in drawn.items():
        write_bytes(found.folder / name, drawing.png(figure))
    table = io.StringIO(newline="")
    writer = csv.writer(table, lineterminator="\n")
    writer.writerow(["rate", "validation_loss", "validation_accuracy"])
    writer.writerows(zip(swept.rates, swept.losses, swept.accuracies, strict=True))
    write_text(found.folder / "rates.csv", table.getvalue())
