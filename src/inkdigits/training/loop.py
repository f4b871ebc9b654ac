"""The loop: the one place where a step happens. It prints nothing and writes nothing.

Every random draw of an epoch (order, warps, dropout) is a function of (seed, epoch), so a run that
resumes after an epoch needs no saved generator to give the same bits.
"""

import math
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor, nn
from torch.nn import functional
from torch.optim.swa_utils import AveragedModel, get_ema_multi_avg_fn

from .. import networks
from ..alphabet import DIGITS, Alphabet
from ..data.digits import Digits
from ..data.warp import warp
from ..data.wear import wear
from ..errors import RecipeError, TrainingError
from .device import autocast_type
from .distil import Teacher
from .optimiser import Optimiser
from .recipe import Recipe

REPORT_EVERY = 20  # batches
MEASURE_BATCH = 1000
ORDER, WARPS, DROPOUT, START = range(4)  # purposes that a seed is split into

Floats = npt.NDArray[np.float32]


@dataclass(frozen=True)
class Tensors:
    """Digits where the network is: images ``(N, 1, 28, 28)`` uint8, labels ``(N,)`` int64."""

    images: Tensor
    labels: Tensor
    alphabet: Alphabet = DIGITS

    @classmethod
    def of(cls, digits: Digits, device: torch.device) -> "Tensors":
        """Copy `digits` to `device`, whole."""
        images = torch.from_numpy(np.require(digits.images, requirements=["C", "W"])).unsqueeze(1)
        labels = torch.from_numpy(digits.labels.astype(np.int64))
        return cls(images.to(device), labels.to(device), digits.alphabet)

    def __len__(self) -> int:
        return len(self.labels)


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


@dataclass(frozen=True)
class Figures:
    """How well a network did on some digits."""

    loss: float
    accuracy: float
    precision: float  # macro: the mean over the classes
    recall: float


@dataclass
class State:
    """All that changes while a network learns."""

    network: nn.Module
    optimiser: Optimiser
    averaged: AveragedModel | None
    epoch: int = 0  # epochs done
    teacher: Teacher | None = None  # does not change: it is what the recipe says

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
                f"{recipe.name} learns from the run {recipe.distil.teacher}, which only "
                "`inkdigits train` asks: clear distil.teacher to do without."
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
    def judged(self) -> nn.Module:
        """The network that is validated and kept: the averaged one where there is one."""
        return self.network if self.averaged is None else self.averaged.module


def check_alphabet(recipe: Recipe, digits: Digits | Tensors) -> None:
    """Refuse a network whose outputs mean other things than the labels of `digits`."""
    most = int(digits.labels.max())
    labels = digits.alphabet.names[: most + 1]
    if most >= len(recipe.alphabet) or recipe.alphabet.names[: len(labels)] != labels:
        wanted = ", ".join(f'"{name}"' for name in digits.alphabet.rejects)
        rejects = f" and alphabet.rejects to [{wanted}]" if wanted else ""
        raise RecipeError(
            f"{recipe.data.name} has labels that are not in the alphabet of the recipe: set "
            f"alphabet.symbols to {', '.join(digits.alphabet.symbols)}{rejects}."
        )


def seed(recipe: Recipe, epoch: int, purpose: int) -> int:
    """Return a seed that is a function of the recipe's, the epoch and the purpose."""
    words = np.random.SeedSequence([recipe.training.seed, epoch, purpose]).generate_state(1, "u8")
    return int(words[0] >> 1)  # torch takes 63 bits without a sign


def order(count: int, recipe: Recipe, epoch: int) -> Tensor:
    """Return the order of the digits in one epoch: a permutation of ``range(count)``."""
    random = torch.Generator().manual_seed(seed(recipe, epoch, ORDER))
    return torch.randperm(count, generator=random)


def batch_count(count: int, recipe: Recipe) -> int:
    """Return how many batches an epoch of `count` digits has."""
    return len(split_batches(torch.empty(count), recipe))


def split_batches(rows: Tensor, recipe: Recipe) -> list[Tensor]:
    """Cut `rows` into batches; one row left over joins the last batch.

    Batch normalisation can make nothing of a single digit.
    """
    batches = list(rows.split(recipe.training.batch_size))
    if len(batches) > 1 and len(batches[-1]) == 1:
        batches[-2:] = [torch.cat(batches[-2:])]
    return batches


def train_epoch(
    state: State, recipe: Recipe, digits: Tensors, watch: Callable[[Batches], None]
) -> Figures:
    """Take every digit once, in steps of one batch, and count what the network made of them.

    Raises
    ------
    TrainingError
        If the loss or a gradient is no longer a number.
    """
    _keep_freed_memory()
    device, epoch = digits.images.device, state.epoch
    batches = split_batches(order(len(digits), recipe, epoch).to(device), recipe)
    random = torch.Generator(device).manual_seed(seed(recipe, epoch, WARPS))
    torch.manual_seed(seed(recipe, epoch, DROPOUT))
    rates = list(_rates(recipe, epoch, len(batches)))
    losses = torch.zeros(len(batches), device=device)
    guesses = torch.empty(len(digits), dtype=torch.int64, device=device)
    targets = torch.cat([digits.labels[rows] for rows in batches])
    wide = autocast_type(recipe.training.precision, device)
    state.network.train()
    reported = done = 0
    for batch, rows in enumerate(batches):
        images = digits.images.index_select(0, rows).float().div_(255)
        images = warp(images, recipe.warps, random)
        images = wear(images, recipe.wear, random)
        upto = done + len(rows)
        state.optimiser.rate = rates[batch]
        losses[batch], guesses[done:upto] = _step(
            state, images, targets[done:upto], recipe.training.label_smoothing, wide
        )
        done = upto
        if (batch + 1) % REPORT_EVERY == 0 or batch + 1 == len(batches):
            _check(state.network, losses[batch], epoch)
            since = reported * recipe.training.batch_size
            watch(
                Batches(
                    epoch=epoch + 1,
                    epochs=recipe.training.epochs,
                    batch=batch + 1,
                    batches=len(batches),
                    step=epoch * len(batches) + reported,
                    losses=losses[reported : batch + 1].tolist(),
                    rates=rates[reported : batch + 1],
                    accuracy=float((guesses[since:done] == targets[since:done]).float().mean()),
                )
            )
            reported = batch + 1
    state.epoch += 1
    return figures(float(losses.mean()), guesses, targets, recipe.alphabet)


def _keep_freed_memory() -> None:
    # The C library hands every large block back to the system when it is freed, and pays for its
    # pages again in the next step, until it has once seen a larger block come and go. Seeing one
    # before the first step makes a short training a quarter faster.
    torch.empty(31 << 20, dtype=torch.uint8)


def _step(
    state: State, images: Tensor, targets: Tensor, smoothing: float, wide: torch.dtype
) -> tuple[Tensor, Tensor]:
    with torch.autocast(images.device.type, dtype=wide, enabled=wide != torch.float32):
        outputs = state.network(images)
        loss = functional.cross_entropy(outputs.float(), targets, label_smoothing=smoothing)
        if state.teacher is not None:
            loss = state.teacher.loss(outputs.float(), images, loss)
    state.optimiser.clear()
    loss.backward()
    state.optimiser.step()
    if state.averaged is not None:
        state.averaged.update_parameters(state.network)
    return loss.detach(), outputs.detach().argmax(1)


def _rates(recipe: Recipe, epoch: int, batches: int) -> Iterator[float]:
    steps = batches * recipe.training.epochs
    for batch in range(batches):
        yield recipe.optimiser.rate * recipe.schedule.at((epoch * batches + batch) / steps)


def _check(network: nn.Module, loss: Tensor, epoch: int) -> None:
    # What is not a number stays so in weights, gradients and loss alike, so a look now and then
    # misses nothing, and costs next to nothing.
    gradients = [p.grad for p in network.parameters() if p.grad is not None]
    total = torch.stack(torch._foreach_norm(gradients)).sum() if gradients else loss
    if not math.isfinite(float(loss) + float(total)):
        raise TrainingError(
            f"The loss or a gradient is no longer a number in epoch {epoch + 1}: "
            "lower optimiser.rate, or set training.precision to float32."
        )


@torch.inference_mode()
def predict(network: nn.Module, images: Tensor) -> Tensor:
    """Return what `network` says of ``(N, 1, 28, 28)`` uint8 images: its outputs."""
    network.eval()
    parts = [network(part.float().div_(255)).float() for part in images.split(MEASURE_BATCH)]
    return torch.cat(parts)


def measure(
    network: nn.Module, digits: Tensors, alphabet: Alphabet = DIGITS
) -> tuple[Figures, Tensor]:
    """Return how well `network` does on `digits`, in float32 and unwarped, and its guesses."""
    outputs = predict(network, digits.images)
    loss = functional.cross_entropy(outputs, digits.labels)
    guesses = outputs.argmax(1)
    return figures(float(loss), guesses, digits.labels, alphabet), guesses


def figures(loss: float, guesses: Tensor, targets: Tensor, alphabet: Alphabet = DIGITS) -> Figures:
    """Count right answers; precision and recall are means over the classes, 0 where undefined.

    Rejects count as classes where there are any to be found, or where any was found.
    """
    classes = len(alphabet.symbols)
    if bool((targets >= classes).any() | (guesses >= classes).any()):
        classes = len(alphabet)
    confusion = torch.bincount(targets * classes + guesses, minlength=classes**2)
    confusion = confusion.view(classes, classes).cpu().double()
    right = confusion.diag()
    precision = right / confusion.sum(0).clamp_min(1)
    recall = right / confusion.sum(1).clamp_min(1)
    return Figures(
        loss, float(right.sum() / len(targets)), float(precision.mean()), float(recall.mean())
    )


@dataclass(frozen=True)
class Epoch:
    """One row of a run's history."""

    epoch: int
    train_loss: float
    train_accuracy: float
    train_precision: float
    train_recall: float
    validation_loss: float
    validation_accuracy: float
    validation_precision: float
    validation_recall: float
    rate: float  # at the end of the epoch
    seconds: float  # of training
    validation_seconds: float

    @classmethod
    def of(
        cls,
        epoch: int,
        learned: Figures,
        judged: Figures,
        *,
        rate: float,
        seconds: float,
        validation_seconds: float,
    ) -> "Epoch":
        """Return the row of what was learned, and of how it was judged."""
        train = {f"train_{name}": value for name, value in vars(learned).items()}
        validation = {f"validation_{name}": value for name, value in vars(judged).items()}
        times = {"seconds": seconds, "validation_seconds": validation_seconds}
        return cls(epoch=epoch, rate=rate, **train, **validation, **times)


def run_epoch(
    state: State,
    recipe: Recipe,
    train: Tensors,
    validation: Tensors,
    watch: Callable[[Batches], None],
) -> tuple[Epoch, Tensor]:
    """Train one epoch, validate; return the row of the history and the guesses at validation."""
    begin = time.perf_counter()
    learned = train_epoch(state, recipe, train, watch)
    middle = time.perf_counter()
    judged, guesses = measure(state.judged, validation, recipe.alphabet)
    end = time.perf_counter()
    row = Epoch.of(
        state.epoch,
        learned,
        judged,
        rate=state.optimiser.rate,
        seconds=middle - begin,
        validation_seconds=end - middle,
    )
    return row, guesses
