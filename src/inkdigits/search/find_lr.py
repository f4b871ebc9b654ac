"""A learning-rate search: a sweep, a range test, their pictures, and a table."""

import csv
import io
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from ..errors import RecipeError
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
    """The results of a sweep and of a range test.

    Attributes
    ----------
    recipe
        As it was given.
    sweep, range_test
        What each found.
    folder
        Where their pictures are.
    command
        What searches again on the same recipe and data, but for its options.
    """

    recipe: Recipe
    sweep: search.Sweep
    range_test: search.RangeTest
    folder: Path
    command: str

    @property
    def chosen(self) -> float:
        """The rate of the sweep: the recipe's own, unless another one is significantly better."""
        return self.sweep.chosen

    @property
    def applied(self) -> Recipe:
        """The recipe with the chosen rate."""
        return self._at(self.chosen)

    @property
    def notes(self) -> list[str]:
        """What to know of the chosen rate: why it, and whether more should be tried."""
        return [
            *self._comparison(),
            *self._beyond_the_grid(),
            *self._beyond_one_epoch(),
        ]

    def retrain(
        self,
        *,
        runs: str | Path = FOLDER,
        data: str | Path | None = None,
        device: str = "auto",
        progress: bool = True,
    ) -> Comparison:
        """Train the recipe at its own rate and at the best one of the sweep, and compare both.

        Raises
        ------
        RecipeError
            If the recipe's own rate is the best one.
        """
        if self.sweep.best == self.sweep.recipe_rate:
            raise RecipeError(
                f"The rate of {self.recipe.name} is the best of those tried: there is no other "
                "rate to train it with."
            )
        names = []
        for recipe in (self.recipe, self._at(self.sweep.best)):
            run = train(recipe, runs=runs, data=data, device=device, progress=progress)
            evaluate(run, runs=runs, device=device)
            names.append(run.name)
        return compare(*names, runs=runs)

    def __repr__(self) -> str:
        kept = ", the recipe's own" if self.chosen == self.sweep.recipe_rate else ""
        return (
            f"RateSearch({self.recipe.name}: {self.chosen:g} by the sweep{kept}; "
            f"{self.range_test.chosen:.2g} by the range test)"
        )

    def _at(self, rate: float) -> Recipe:
        return self.recipe.with_settings(
            {"name": f"{self.recipe.name}-rate", "optimiser.rate": rate}
        )

    def _comparison(self) -> list[str]:
        sweep = self.sweep
        own, best = sweep.recipe_rate, sweep.best
        if best == own:
            return [f"The recipe's own rate, {own:g}, has the lowest validation loss."]
        counts = (
            f"Rate {best:g} has the lowest validation loss. It misclassifies "
            f"{sweep.misclassified(best):,} of {sweep.correct.shape[1]:,} validation samples, the "
            f"recipe's own rate {own:g} misclassifies {sweep.misclassified(own):,}"
        )
        p = f"p = {sweep.test.p:.2g}" if sweep.test.p >= 0.001 else "p < 0.001"
        method = f"McNemar, {p}, adjusted for {len(sweep.rates) - 1} rates"
        if self.chosen == best:
            return [f"{counts}: significant ({method})."]
        return [f"{counts}: not significantly more ({method}), so the recipe's rate is kept."]

    def _beyond_the_grid(self) -> list[str]:
        edge = self.sweep.edge
        if not edge:
            return []
        step = search.REACH ** (2 / (search.COUNT - 1))
        powers = range(6) if edge == "highest" else range(-5, 1)
        more = {float(f"{self.sweep.best * step**power:.2g}") for power in powers}
        rates = ",".join(f"{rate:g}" for rate in sorted(more) if rate <= search.HIGHEST)
        return [
            f"Rate {self.sweep.best:g} is the {edge} one tried, so a {edge.removesuffix('est')}er "
            f"one may be better: run `{self.command} --rates {rates}`."
        ]

    def _beyond_one_epoch(self) -> list[str]:
        epochs = self.recipe.training.epochs
        if epochs == 1:
            return []
        text = f"Each rate was tried for one epoch, and {self.recipe.name} trains for {epochs}"
        if self.sweep.best == self.sweep.recipe_rate:
            return [f"{text}: over all of them another rate may be better."]
        return [
            f"{text}: to compare {self.sweep.recipe_rate:g} and {self.sweep.best:g} over all of "
            f"them, run `{self.command} --retrain`."
        ]


def find_lr(
    recipe: str | Path | Recipe,
    *,
    rates: Sequence[float] | None = None,
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
        What the sweep tries beside the recipe's own rate; by default eleven rates from a tenth of
        it to ten times it.
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
    command = _command(recipe, data)
    if not isinstance(recipe, Recipe):
        recipe = Recipe.load(recipe)
    recipe.check_symbols("A search of the learning rate")
    for rate in rates or ():
        recipe.with_settings({"optimiser.rate": rate})  # refused before anything is trained
    folder = Path(runs) / "_rates" / recipe.name if out is None else Path(out)
    place = devices.choose(device)
    recipe, splits, _ = datasets.opened(recipe, data, sealed=True)
    train, validation = Tensors.of(splits.train, place), Tensors.of(splits.validation, place)
    with shown(progress) as display:
        if recipe.published.note:
            display.note(f"As published: {recipe.published.note}")

        def tell(rate: float, loss: float, accuracy: float) -> None:
            display.note(f"rate {rate:g}: validation loss {loss:.4f}, accuracy {accuracy:.2%}")

        def quiet(_: Batches) -> None:
            """Print nothing: a line every 20 batches of twelve epochs would bury the answer."""

        swept = search.sweep(recipe, train, validation, rates, quiet, tell)
        ranged = search.range_test(recipe, train, quiet)
    found = RateSearch(recipe, swept, ranged, folder, command)
    _write(found)
    return found


def _command(recipe: str | Path | Recipe, data: str | Path | None) -> str:
    """Return the command that searches the rate of `recipe`, as it can be typed."""
    words = ["inkdigits", "find-lr", recipe.name if isinstance(recipe, Recipe) else str(recipe)]
    if data is not None:
        words += ["--data", str(data)]
    return " ".join(f'"{word}"' if " " in word else word for word in words)


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
