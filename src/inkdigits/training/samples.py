"""Samples: what a network learns from and is judged by, whatever they are pictures of.

The loop knows no more of a task than stands here; `symbols`, `lines` and `pages` are the tasks.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
import torch
from torch import Tensor, nn

from .recipe import Recipe

ORDER, WARPS, DROPOUT, START = range(4)  # purposes that a seed is split into


@dataclass(frozen=True)
class Figures:
    """How well a network did on some samples; None where a figure is of another task."""

    loss: float
    accuracy: float  # the part of symbols, whole lines or pixels that is right
    precision: float | None = None  # of symbols; macro: the mean over the classes
    recall: float | None = None
    symbol_error: float | None = None  # of lines: edits a symbol, to make what was read right
    mean_iou: float | None = None  # of pages: the mean over the classes


class Tally(Protocol):
    """Counts what a network makes of one batch after the other."""

    def add(self, outputs: Tensor, targets: Any) -> None:
        """Count a batch."""

    def recent(self) -> float:
        """Return the accuracy of what was added since this was asked last."""

    def figures(self, loss: float) -> Figures:
        """Return the figures of all that was added."""


class Samples(Protocol):
    """Pictures with their truth, where the network is; they may be made as they are asked for."""

    @property
    def name(self) -> str:
        """What they are, such as ``"MNIST train"``."""

    @property
    def device(self) -> torch.device:
        """Where they are."""

    def __len__(self) -> int:
        """Return how many an epoch has."""

    def batch_count(self, recipe: Recipe) -> int:
        """Return how many batches an epoch has."""

    def epoch(self, recipe: Recipe, epoch: int) -> Iterator[tuple[Tensor, Any]]:
        """Yield the batches of an epoch, a function of the recipe and its number alone.

        Pictures are as the network takes them; targets are as `loss` takes them.
        """

    def loss(self, outputs: Tensor, targets: Any, recipe: Recipe) -> Tensor:
        """Return what the network is to make least; `outputs` are float32."""

    def tally(self, recipe: Recipe) -> Tally:
        """Return a fresh tally."""

    def measure(self, network: nn.Module, recipe: Recipe) -> tuple[Figures, Any]:
        """Return how well `network` does on all of them, in float32, and what it made of them."""

    def sheet(self, predicted: Any, recipe: Recipe) -> bytes:
        """Return a PNG of what was misread, from the predictions that `measure` gave."""

    def describe(self) -> dict[str, Any]:
        """Return name, count and, where they can be told by it, digest, as JSON knows them."""


@dataclass(frozen=True)
class Parts:
    """What a run learns from and what it is validated on."""

    train: Samples
    validation: Samples
    validates_on_test: bool = False

    def describe(self) -> dict[str, Any]:
        """Return both, as JSON knows them."""
        return {"train": self.train.describe(), "validation": self.validation.describe()}


def seed(recipe: Recipe, epoch: int, purpose: int) -> int:
    """Return a seed that is a function of the recipe's, the epoch and the purpose."""
    words = np.random.SeedSequence([recipe.training.seed, epoch, purpose]).generate_state(1, "u8")
    return int(words[0] >> 1)  # torch takes 63 bits without a sign
