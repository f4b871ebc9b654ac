"""Learning-rate search: a sweep of whole epochs, and a range test within one."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from ..errors import RecipeError, TrainingError
from ..training.loop import Batches, State, train_epoch
from ..training.recipe import Recipe
from ..training.symbols import Tensors, measure

# System B's eleven.
RATES = (1e-4, 3e-4, 1e-3, 1.5e-3, 2e-3, 2.5e-3, 3e-3, 4e-3, 7e-3, 9.5e-3, 1e-2)
LOWEST, HIGHEST = 1e-5, 1.0
SMOOTHING = 0.95  # of the running mean of the batches' losses

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Sweep:
    """What each rate leaves after one epoch from the same fresh network."""

    rates: tuple[float, ...]
    losses: tuple[float, ...]  # of validation; infinite where training broke down
    accuracies: tuple[float, ...]

    @property
    def chosen(self) -> float:
        """The rate with the least validation loss."""
        return self.rates[int(np.argmin(self.losses))]


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
    rates: Sequence[float] = RATES,
    watch: Callable[[Batches], None] = lambda _: None,
    tell: Callable[[float, float, float], None] = lambda *_: None,
) -> Sweep:
    """Train one epoch at each of `rates`, each time from the same weights in the same order.

    Parameters
    ----------
    recipe
        Everything but the rate and the number of epochs.
    train, validation
        The digits.
    rates
        What to try.
    watch, tell
        Told of batches, and of each rate with its validation loss and accuracy.

    Raises
    ------
    TrainingError
        If training breaks down at every rate.
    """
    if not rates:
        raise RecipeError("A sweep needs at least one rate.")
    losses, accuracies = [], []
    for rate in rates:
        trial = recipe.with_settings({"optimiser.rate": rate, "training.epochs": 1})
        state = State.fresh(trial, train.images.device)
        try:
            train_epoch(state, trial, train, watch)
            found, _ = measure(state.ema_or_model, validation, trial.alphabet)
            losses.append(found.loss)
            accuracies.append(found.accuracy)
        except TrainingError:
            losses.append(float("inf"))
            accuracies.append(0.0)
        tell(rate, losses[-1], accuracies[-1])
    if not np.isfinite(losses).any():
        raise TrainingError("Training breaks down at every rate tried: try lower ones.")
    return Sweep(tuple(rates), tuple(losses), tuple(accuracies))


def range_test(
    recipe: Recipe, train: Tensors, watch: Callable[[Batches], None] = lambda _: None
) -> RangeTest:
    """Raise the rate from 1e-5 to 1 through one epoch and record the loss of every batch."""
    trial = recipe.with_settings(
        {
            "optimiser.rate": HIGHEST,
            "training.epochs": 1,
            "schedule.name": "range",
            "schedule.start": LOWEST / HIGHEST,
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
        # The rate has grown until training broke down: what came before is the answer.
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
