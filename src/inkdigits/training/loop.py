"""The loop: the one place where a step happens. It prints nothing and writes nothing.

Every random draw of an epoch (order, warps, dropout) is a function of (seed, epoch), so a run that
resumes after an epoch needs no saved generator to give the same bits.
"""

import math
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

import torch
from torch import Tensor, nn
from torch.optim.swa_utils import AveragedModel, get_ema_multi_avg_fn

from .. import networks
from ..errors import RecipeError, TrainingError
from .device import autocast_type
from .distil import Teacher
from .optimiser import Optimiser
from .recipe import Recipe
from .samples import DROPOUT, START, Figures, Samples, seed
from .weights import SavedWeights

REPORT_EVERY = 20  # batches


@dataclass(frozen=True)
class Batches:
    """What the last few batches did, for whoever shows or records it."""

    epoch: int
    epochs: int
    batch: int  # how many of this epoch are done
    batches: int
    step: int  # how many were done before these, over the whole run
    losses: list[float]  # one a batch
    rates: list[float]
    accuracy: float  # of these batches


@dataclass
class State:
    """All that changes while a network learns."""

    network: nn.Module
    optimiser: Optimiser
    averaged: AveragedModel | None
    epoch: int = 0  # epochs done
    teacher: Teacher | None = None  # does not change: it is what the recipe says
    best: SavedWeights | None = None  # as they were after the best epoch so far
    init: Mapping[str, str] = field(default_factory=dict)  # what it started from; does not change

    @classmethod
    def fresh(
        cls,
        recipe: Recipe,
        device: torch.device,
        teacher: Teacher | None = None,
        init: Mapping[str, Tensor] | None = None,
    ) -> "State":
        """Return the state before the first step.

        Its weights are `init` if there are any, else a function of the seed alone.

        Raises
        ------
        RecipeError
            If the recipe learns from a teacher, and there is none.
        """
        if recipe.distil.teacher and teacher is None:
            raise RecipeError(
                f"{recipe.name} needs its teacher {recipe.distil.teacher}, which only "
                "`inkdigits train` loads: clear distil.teacher to train without it."
            )
        torch.manual_seed(seed(recipe, 0, START))
        network = networks.place(
            networks.build(recipe.network, recipe.alphabet, recipe.side), device
        )
        if init is not None:
            network.load_state_dict(dict(init))
        averaged = None
        if recipe.training.averaging:
            averaged = AveragedModel(
                network,
                multi_avg_fn=get_ema_multi_avg_fn(recipe.training.averaging),
                use_buffers=True,
            )
        return cls(network, Optimiser(recipe.optimiser, network), averaged, teacher=teacher)

    @property
    def ema_or_model(self) -> nn.Module:
        """The network that is validated and saved: the averaged one where there is one."""
        return self.network if self.averaged is None else self.averaged.module


def train_epoch(
    state: State, recipe: Recipe, samples: Samples, watch: Callable[[Batches], None]
) -> Figures:
    """Take every sample once, in steps of one batch, and count what the network made of them.

    Raises
    ------
    TrainingError
        If the loss or a gradient is no longer a number.
    """
    _keep_freed_memory()
    device, epoch, batches = samples.device, state.epoch, samples.batch_count(recipe)
    torch.manual_seed(seed(recipe, epoch, DROPOUT))
    rates = list(_rates(recipe, epoch, batches))
    losses = torch.zeros(batches, device=device)
    tally = samples.tally(recipe)
    wide = autocast_type(recipe.training.precision, device)
    state.network.train()
    reported = 0
    for batch, (images, targets) in enumerate(samples.epoch(recipe, epoch)):
        state.optimiser.rate = rates[batch]
        losses[batch], outputs = train_step(state, images, targets, samples, recipe, wide)
        tally.add(outputs, targets)
        if (batch + 1) % REPORT_EVERY == 0 or batch + 1 == batches:
            check_finite(state.network, losses[batch], epoch)
            watch(
                Batches(
                    epoch=epoch + 1,
                    epochs=recipe.training.epochs,
                    batch=batch + 1,
                    batches=batches,
                    step=epoch * batches + reported,
                    losses=losses[reported : batch + 1].tolist(),
                    rates=rates[reported : batch + 1],
                    accuracy=tally.recent(),
                )
            )
            reported = batch + 1
    state.epoch += 1
    return tally.figures(float(losses.mean()))


def _keep_freed_memory() -> None:
    # The C library hands every large block back to the system when it is freed, and pays for its
    # pages again in the next step, until it has once seen a larger block come and go. Seeing one
    # before the first step makes a short training a quarter faster.
    torch.empty(31 << 20, dtype=torch.uint8)


def train_step(
    state: State,
    images: Tensor,
    targets: Any,
    samples: Samples,
    recipe: Recipe,
    wide: torch.dtype,
) -> tuple[Tensor, Tensor]:
    """Take one optimiser step on a batch; return its loss and the outputs."""
    with torch.autocast(images.device.type, dtype=wide, enabled=wide != torch.float32):
        outputs = state.network(images)
        loss = samples.loss(outputs.float(), targets, recipe)
        if state.teacher is not None:
            loss = state.teacher.loss(outputs.float(), images, loss)
    state.optimiser.zero_grad()
    loss.backward()
    state.optimiser.step()
    if state.averaged is not None:
        state.averaged.update_parameters(state.network)
    return loss.detach(), outputs.detach()


def _rates(recipe: Recipe, epoch: int, batches: int) -> Iterator[float]:
    steps = batches * recipe.training.epochs
    for batch in range(batches):
        yield recipe.optimiser.rate * recipe.schedule.at((epoch * batches + batch) / steps)


def check_finite(network: nn.Module, loss: Tensor, epoch: int) -> None:
    """Stop a training that has diverged.

    Raises
    ------
    TrainingError
        If the loss or a gradient is not finite.
    """
    # What is not a number stays so in weights, gradients and loss alike, so a look now and then
    # misses nothing, and costs next to nothing.
    gradients = [p.grad for p in network.parameters() if p.grad is not None]
    total = torch.stack(torch._foreach_norm(gradients)).sum() if gradients else loss
    if not math.isfinite(float(loss) + float(total)):
        raise TrainingError(
            f"The loss or a gradient became infinite or NaN in epoch {epoch + 1}: lower "
            "optimiser.rate, or set training.precision to float32."
        )


@dataclass(frozen=True, kw_only=True)
class Epoch:
    """One row of a run's history; None where a figure is of another task. See `Figures`."""

    epoch: int
    train_loss: float
    train_accuracy: float
    train_precision: float | None = None
    train_recall: float | None = None
    train_symbol_error: float | None = None
    train_mean_iou: float | None = None
    validation_loss: float
    validation_accuracy: float
    validation_precision: float | None = None
    validation_recall: float | None = None
    validation_symbol_error: float | None = None
    validation_mean_iou: float | None = None
    rate: float  # at the end of the epoch
    seconds: float  # of training
    validation_seconds: float

    @classmethod
    def of(
        cls,
        epoch: int,
        train: Figures,
        validation: Figures,
        *,
        rate: float,
        seconds: float,
        validation_seconds: float,
    ) -> "Epoch":
        """Return the row of one epoch: the figures of training and of validation."""
        figures = {
            f"{split}_{name}": value
            for split, found in (("train", train), ("validation", validation))
            for name, value in vars(found).items()
        }
        times = {"seconds": seconds, "validation_seconds": validation_seconds}
        return cls(epoch=epoch, rate=rate, **figures, **times)

    def to_dict(self) -> dict[str, float]:
        """Return the columns that there are."""
        return {name: value for name, value in asdict(self).items() if value is not None}


def run_epoch(
    state: State,
    recipe: Recipe,
    train: Samples,
    validation: Samples,
    watch: Callable[[Batches], None],
) -> tuple[Epoch, Any]:
    """Train one epoch, validate; return the row of the history and what was predicted."""
    begin = time.perf_counter()
    train_figures = train_epoch(state, recipe, train, watch)
    middle = time.perf_counter()
    validation_figures, predictions = validation.measure(state.ema_or_model, recipe)
    end = time.perf_counter()
    row = Epoch.of(
        state.epoch,
        train_figures,
        validation_figures,
        rate=state.optimiser.rate,
        seconds=middle - begin,
        validation_seconds=end - middle,
    )
    return row, predictions
