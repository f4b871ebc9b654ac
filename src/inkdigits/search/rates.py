"""Learning-rate search: a sweep of whole epochs, and a range test within one."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from ..errors import TrainingError
from ..evaluation.metrics import McNemar, mcnemar
from ..training.loop import Batches, State, train_epoch
from ..training.recipe import Recipe
from ..training.symbols import Tensors, measure

COUNT = 11  # rates of the grid
REACH = 10.0  # the grid goes from the recipe's own rate divided by this to that times this
SPAN = (1e-3, 1e2)  # of the range test, times the recipe's own rate
HIGHEST = 99.0  # no recipe may have a higher rate
SIGNIFICANT = 0.05
SMOOTHING = 0.95  # of the running mean of the batches' losses

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Sweep:
    """Validation figures after one epoch at each rate, each time from the same fresh network.

    Attributes
    ----------
    rates
        In rising order.
    losses, accuracies
        Of validation; infinite and 0 where training diverged.
    correct
        ``(rates, N)``: which validation samples were classified correctly.
    recipe_rate
        The rate of the recipe, which is one of those tried.
    """

    rates: tuple[float, ...]
    losses: tuple[float, ...]
    accuracies: tuple[float, ...]
    correct: npt.NDArray[np.bool_]
    recipe_rate: float

    @property
    def best(self) -> float:
        """The rate with the lowest validation loss."""
        return self.rates[int(np.argmin(self.losses))]

    @property
    def test(self) -> McNemar:
        """McNemar's test of the recipe's own rate (first) against the best one.

        Its p is multiplied by the number of other rates (Bonferroni), as the best of several is
        partly best by chance.
        """
        own, best = (self.correct[self.rates.index(rate)] for rate in (self.recipe_rate, self.best))
        found = mcnemar(own, best)
        return replace(found, p=min(1.0, found.p * max(1, len(self.rates) - 1)))

    @property
    def chosen(self) -> float:
        """The best rate if it misclassifies significantly fewer samples, else the recipe's own."""
        test = self.test
        better = test.only_second > test.only_first and test.p < SIGNIFICANT
        return self.best if better else self.recipe_rate

    @property
    def edge(self) -> str:
        """``"lowest"`` or ``"highest"`` if the best rate is that of the rates tried; else empty."""
        if len(self.rates) > 1 and self.best in (self.rates[0], self.rates[-1]):
            return "lowest" if self.best == self.rates[0] else "highest"
        return ""

    def misclassified(self, rate: float) -> int:
        """Return how many validation samples are misclassified after an epoch at `rate`."""
        return int((~self.correct[self.rates.index(rate)]).sum())


def grid(rate: float) -> tuple[float, ...]:
    """Return a geometric grid of eleven rates around `rate`, which is in its middle."""
    powers = np.linspace(-1, 1, COUNT)
    rounded = {float(f"{rate * REACH**power:.2g}") for power in powers if power}
    return tuple(sorted(one for one in {*rounded, rate} if one <= HIGHEST))


@dataclass(frozen=True)
class RangeTest:
    """Training loss while the rate rises geometrically through one epoch (Smith 2015)."""

    rates: Floats
    losses: Floats
    smooth: Floats  # running mean, corrected for its start

    @property
    def chosen(self) -> float:
        """A tenth of the rate at which the smoothed loss was least."""
        return float(self.rates[int(np.argmin(self.smooth))] / 10)


def sweep(
    recipe: Recipe,
    train: Tensors,
    validation: Tensors,
    rates: Sequence[float] | None = None,
    watch: Callable[[Batches], None] = lambda _: None,
    tell: Callable[[float, float, float], None] = lambda *_: None,
) -> Sweep:
    """Train one epoch at each of `rates`, each time from the same weights in the same order.

    Parameters
    ----------
    recipe
        Everything but the number of epochs. Its own rate is always tried.
    train, validation
        The samples.
    rates
        What else to try; by default the `grid` around the recipe's own rate.
    watch, tell
        Called with batches, and with each rate, its validation loss and accuracy.

    Raises
    ------
    RecipeError
        If a rate is impossible.
    TrainingError
        If training diverges at every rate.
    """
    own = recipe.optimiser.rate
    tried = tuple(sorted({own, *(grid(own) if rates is None else rates)}))
    losses, accuracies, correct = [], [], []
    trials = [recipe.with_settings({"optimiser.rate": r, "training.epochs": 1}) for r in tried]
    for trial in trials:
        state = State.fresh(trial, train.images.device)
        try:
            train_epoch(state, trial, train, watch)
            found, predicted = measure(state.ema_or_model, validation, trial.alphabet)
            losses.append(found.loss if np.isfinite(found.loss) else float("inf"))
            accuracies.append(found.accuracy)
            correct.append((predicted == validation.labels).cpu().numpy())
        except TrainingError:
            losses.append(float("inf"))
            accuracies.append(0.0)
            correct.append(np.zeros(len(validation), bool))
        tell(trial.optimiser.rate, losses[-1], accuracies[-1])
    if not np.isfinite(losses).any():
        raise TrainingError("Training diverges at every rate tried: try lower ones with --rates.")
    return Sweep(tried, tuple(losses), tuple(accuracies), np.array(correct), own)


def range_test(
    recipe: Recipe, train: Tensors, watch: Callable[[Batches], None] = lambda _: None
) -> RangeTest:
    """Raise the rate through one epoch, and record the loss of every batch.

    It goes from a thousandth of the recipe's own rate to a hundred times that.
    """
    lowest = SPAN[0] * recipe.optimiser.rate
    highest = min(SPAN[1] * recipe.optimiser.rate, HIGHEST)
    trial = recipe.with_settings(
        {
            "optimiser.rate": highest,
            "training.epochs": 1,
            "schedule.name": "range",
            "schedule.start": lowest / highest,
            "schedule.warmup": 0.0,
            "schedule.factor": 1.0,
        }
    )
    rates: list[float] = []
    losses: list[float] = []

    def record(done: Batches) -> None:
        rates.extend(done.rates)
        losses.extend(done.losses)
        watch(done)

    try:
        train_epoch(State.fresh(trial, train.images.device), trial, train, record)
    except TrainingError:
        # The rate has grown until training diverged: what came before is the answer.
        if not losses:
            raise
    raw = np.array(losses)
    return RangeTest(np.array(rates), raw, _smooth(raw))


def _smooth(values: Floats) -> Floats:
    mean, smooth = 0.0, np.empty_like(values)
    for index, value in enumerate(values):
        mean = SMOOTHING * mean + (1 - SMOOTHING) * value
        smooth[index] = mean / (1 - SMOOTHING ** (index + 1))
    return smooth
