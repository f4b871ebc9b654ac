"""Pages: pictures of which every pixel has a class, such as handwriting or a printed rule."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import cast

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor, nn
from torch.nn import functional

from ..alphabet import PAGE_CLASSES
from ..errors import RecipeError
from ..models.contract import PAGE_STEP
from .made import Bytes, MadeSamples
from .recipe import Recipe
from .samples import Figures

Counts = npt.NDArray[np.int64]
# What a square of each class counts: where print is rare and all counts alike, it is never seen.
CLASS_WEIGHTS = (0.7, 1.0, 1.0, 2.0)


@dataclass(frozen=True)
class Page:
    """One page: its picture, the class of every square of it, and what was made of these."""

    picture: Bytes  # (3, H, W)
    truth: Bytes  # (H / 2, W / 2)
    predicted: Bytes

    @property
    def confusion(self) -> Counts:
        """``(C, C)``; rows are the true classes of squares."""
        return confusion(torch.from_numpy(self.predicted), torch.from_numpy(self.truth))


@dataclass(frozen=True, eq=False)
class PageSamples(MadeSamples):
    """Pages as a network learns them, made as they are asked for."""

    def epoch(self, _: Recipe, epoch: int) -> Iterator[tuple[Tensor, Tensor]]:
        """Yield batches of pages ``(N, 3, H, W)`` in [0, 1] and classes ``(N, H / 2, W / 2)``."""
        for pictures, truth in self.maker.batches(epoch):
            yield self._images(pictures), squares(cast("Bytes", truth)).to(self.device)

    def loss(self, outputs: Tensor, targets: Tensor, recipe: Recipe) -> Tensor:
        """Return the cross-entropy of logits ``(N, C, H / 2, W / 2)``."""
        smoothing = recipe.training.label_smoothing
        weights = torch.tensor(CLASS_WEIGHTS, device=outputs.device)
        return functional.cross_entropy(outputs, targets, weights, label_smoothing=smoothing)

    def tally(self, _: Recipe) -> "Squares":
        """Return a fresh tally."""
        return Squares()

    @torch.inference_mode()
    def measure(self, network: nn.Module, recipe: Recipe) -> tuple[Figures, list[Page]]:
        """Return how well `network` knows their squares, and each page with its predictions."""
        network.eval()
        tally, total = self.tally(recipe), 0.0
        pages: list[Page] = []
        for pictures, classes in self.maker.kept:
            targets = squares(cast("Bytes", classes)).to(self.device)
            outputs = network(self._images(pictures)).float()
            total += float(self.loss(outputs, targets, recipe)) * len(targets)
            tally.add(outputs, targets)
            both = (found.to(torch.uint8).cpu().numpy() for found in (targets, outputs.argmax(1)))
            pages += map(Page, pictures, *both)
        return tally.figures(total / len(pages)), pages

    def sheet(self, predicted: Sequence[Page], _: Recipe) -> bytes:
        """Return a PNG of the pages that are known worst, beside truth and prediction."""
        from .sheets import pages_sheet

        return pages_sheet(sorted(predicted, key=lambda page: accuracy(page.confusion)))

    def _images(self, pictures: Bytes) -> Tensor:
        images = torch.from_numpy(pictures).to(self.device).float().div_(255)
        return images.contiguous(memory_format=torch.channels_last)


class Squares:
    """Counts squares by their true class and by what they were taken for."""

    def __init__(self) -> None:
        self.confusion = self.before = np.zeros((len(PAGE_CLASSES),) * 2, np.int64)

    def add(self, outputs: Tensor, targets: Tensor) -> None:
        """Count a batch."""
        self.confusion = self.confusion + confusion(outputs.argmax(1), targets)

    def recent(self) -> float:
        """Return the part that is right of what was added since this was asked last."""
        since, self.before = self.confusion - self.before, self.confusion
        return accuracy(since)

    def figures(self, loss: float) -> Figures:
        """Return the figures of all."""
        shares = [share for share in iou(self.confusion) if share is not None]
        return Figures(loss, accuracy(self.confusion), mean_iou=float(np.mean(shares)))


def check_alphabet(recipe: Recipe) -> None:
    """Refuse a network whose outputs mean other things than the classes of pages."""
    if recipe.alphabet != PAGE_CLASSES:
        raise RecipeError(
            f"The alphabet of {recipe.name} is not that of pages: set alphabet.symbols to "
            f"{', '.join(PAGE_CLASSES.symbols)}, and no alphabet.rejects."
        )


def squares(classes: Bytes) -> Tensor:
    """Return the class of each square of 2×2 pixels, from the classes ``(N, H, W)`` of pixels.

    A stroke or a rule may be one pixel wide, so whatever is in a square is more than its paper; and
    the first of the classes behind paper comes before the others.
    """
    count, height, width = classes.shape
    pixels = torch.from_numpy(np.ascontiguousarray(classes))
    apart = pixels.view(count, height // PAGE_STEP, PAGE_STEP, width // PAGE_STEP, PAGE_STEP)
    paper = len(PAGE_CLASSES)
    return apart.masked_fill(apart == 0, paper).amin((2, 4)).long() % paper


def confusion(predicted: Tensor, truth: Tensor) -> Counts:
    """Return counts ``(C, C)``; rows are true classes."""
    classes = len(PAGE_CLASSES)
    pairs = truth.long().flatten() * classes + predicted.long().flatten()
    counts: Counts = torch.bincount(pairs, minlength=classes**2).view(classes, -1).cpu().numpy()
    return counts


def accuracy(counts: Counts) -> float:
    """Return the part that is right."""
    return float(counts.trace() / max(counts.sum(), 1))


def iou(counts: Counts) -> list[float | None]:
    """Return intersection over union of each class; None where it neither is nor was found."""
    right, union = counts.diagonal(), counts.sum(0) + counts.sum(1) - counts.diagonal()
    return [float(r / u) if u else None for r, u in zip(right, union, strict=True)]
