"""Symbols: pictures of one symbol each, from a collection that lies in memory as a whole."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional

from ..alphabet import DIGITS, Alphabet
from ..augmentation.degradations import degrade
from ..augmentation.warps import warp
from ..data.dataset import Splits
from ..data.digits import Digits
from ..errors import RecipeError
from .recipe import Recipe
from .samples import ORDER, WARPS, Figures, Parts, seed

MEASURE_BATCH = 1000


@dataclass(frozen=True)
class Tensors:
    """Digits where the network is: images ``(N, 1, 28, 28)`` uint8, labels ``(N,)`` int64."""

    images: Tensor
    labels: Tensor
    alphabet: Alphabet = DIGITS
    digits: Digits | None = None  # what they were copied from

    @classmethod
    def of(cls, digits: Digits, device: torch.device) -> "Tensors":
        """Copy `digits` to `device`, whole."""
        images = torch.from_numpy(np.require(digits.images, requirements=["C", "W"])).unsqueeze(1)
        labels = torch.from_numpy(digits.labels.astype(np.int64))
        return cls(images.to(device), labels.to(device), digits.alphabet, digits)

    def __len__(self) -> int:
        return len(self.labels)

    @property
    def name(self) -> str:
        """What they are."""
        return "digits" if self.digits is None else self.digits.name

    @property
    def device(self) -> torch.device:
        """Where they are."""
        return self.images.device

    def batch_count(self, recipe: Recipe) -> int:
        """Return how many batches an epoch has."""
        return batch_count(len(self), recipe)

    def epoch(self, recipe: Recipe, epoch: int) -> Iterator[tuple[Tensor, Tensor]]:
        """Yield every digit once, warped and worn, with its label."""
        random = torch.Generator(self.device).manual_seed(seed(recipe, epoch, WARPS))
        for rows in split_batches(order(len(self), recipe, epoch).to(self.device), recipe):
            images = self.images.index_select(0, rows).float().div_(255)
            images = warp(images, recipe.augmentation, random)
            images = degrade(images, recipe.degradations, random)
            yield images, self.labels[rows]

    def loss(self, outputs: Tensor, targets: Tensor, recipe: Recipe) -> Tensor:
        """Return the cross-entropy of logits ``(N, C)``."""
        smoothing = recipe.training.label_smoothing
        return functional.cross_entropy(outputs, targets, label_smoothing=smoothing)

    def tally(self, recipe: Recipe) -> "Predicted":
        """Return a fresh tally."""
        return Predicted(recipe.alphabet)

    def measure(self, network: nn.Module, recipe: Recipe) -> tuple[Figures, Tensor]:
        """Return how well `network` does, unwarped, and its predictions."""
        return measure(network, self, recipe.alphabet)

    def sheet(self, predicted: Tensor, recipe: Recipe) -> bytes:
        """Return a PNG of the first misread digits."""
        from .tensorboard import misread_sheet

        if self.digits is None:
            raise TypeError("these tensors have no digits to show")
        return misread_sheet(self.digits, predicted.cpu().numpy(), recipe.alphabet.names)

    def describe(self) -> dict[str, Any]:
        """Return name, count and digest, as JSON knows them."""
        return {"name": self.name, "count": len(self)} | (
            {} if self.digits is None else {"digest": self.digits.digest}
        )


@dataclass
class Predicted:
    """What was guessed of each symbol: kept, and counted only when that is asked for."""

    alphabet: Alphabet
    predicted: list[Tensor] = field(default_factory=list)
    targets: list[Tensor] = field(default_factory=list)
    reported: int = 0  # batches that `recent` told of

    def add(self, outputs: Tensor, targets: Tensor) -> None:
        """Keep the predictions of a batch."""
        self.predicted.append(outputs.argmax(1))
        self.targets.append(targets)

    def recent(self) -> float:
        """Return the accuracy of the batches that were added since this was asked last."""
        predicted, targets = (
            torch.cat(kept[self.reported :]) for kept in (self.predicted, self.targets)
        )
        self.reported = len(self.predicted)
        return float((predicted == targets).float().mean())

    def figures(self, loss: float) -> Figures:
        """Return the figures of all."""
        return figures(loss, torch.cat(self.predicted), torch.cat(self.targets), self.alphabet)


def parts(splits: Splits, device: torch.device) -> Parts:
    """Copy what `splits` are learned from and chosen by to `device`."""
    train, validation = (Tensors.of(part, device) for part in (splits.train, splits.validation))
    return Parts(train, validation, splits.validates_on_test)


def check_alphabet(recipe: Recipe, digits: Digits | Tensors) -> None:
    """Refuse a network whose outputs mean other things than the labels of `digits`.

    Or one that takes pictures of another size.
    """
    height, width = digits.images.shape[-2:]
    if (height, width) != recipe.network.size and not recipe.network.frame:
        raise RecipeError(
            f"{recipe.data.name} has pictures of {height}×{width} pixels, and the network takes "
            f"{'×'.join(map(str, recipe.network.size))}: set network.size to "
            f"[{height}, {width}], or network.frame to true, which scales ink of any size."
        )
    most = int(digits.labels.max())
    labels = digits.alphabet.names[: most + 1]
    if most >= len(recipe.alphabet) or recipe.alphabet.names[: len(labels)] != labels:
        wanted = ", ".join(f'"{name}"' for name in digits.alphabet.rejects)
        rejects = f" and alphabet.rejects to [{wanted}]" if wanted else ""
        raise RecipeError(
            f"{digits.name} has classes that the recipe {recipe.name} does not have: set "
            f"alphabet.symbols to {', '.join(digits.alphabet.symbols)}{rejects}."
        )


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


@torch.inference_mode()
def predict(network: nn.Module, images: Tensor) -> Tensor:
    """Return what `network` says of ``(N, 1, 28, 28)`` uint8 images: its outputs."""
    network.eval()
    parts = [network(part.float().div_(255)).float() for part in images.split(MEASURE_BATCH)]
    return torch.cat(parts)


def measure(
    network: nn.Module, digits: Tensors, alphabet: Alphabet = DIGITS
) -> tuple[Figures, Tensor]:
    """Return how well `network` does on `digits`, in float32 and unwarped, and its predictions."""
    outputs = predict(network, digits.images)
    loss = functional.cross_entropy(outputs, digits.labels)
    predicted = outputs.argmax(1)
    return figures(float(loss), predicted, digits.labels, alphabet), predicted


def figures(
    loss: float, predicted: Tensor, targets: Tensor, alphabet: Alphabet = DIGITS
) -> Figures:
    """Count right answers; precision and recall are means over the classes, 0 where undefined.

    Rejects count as classes where there are any to be found, or where any was found.
    """
    classes = len(alphabet.symbols)
    if bool((targets >= classes).any() | (predicted >= classes).any()):
        classes = len(alphabet)
    confusion = torch.bincount(targets * classes + predicted, minlength=classes**2)
    confusion = confusion.view(classes, classes).cpu().double()
    right = confusion.diag()
    precision = right / confusion.sum(0).clamp_min(1)
    recall = right / confusion.sum(1).clamp_min(1)
    return Figures(
        loss, float(right.sum() / len(targets)), float(precision.mean()), float(recall.mean())
    )
