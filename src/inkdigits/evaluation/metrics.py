"""Figures of merit, from labels and probabilities. Plain NumPy and SciPy; no pictures, no files."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np
import numpy.typing as npt

Integers = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]

BINS = 15  # of confidence; the number that most papers use


@dataclass(frozen=True)
class Share:
    """A part of a count, with its 95% interval."""

    value: float
    low: float
    high: float
    right: int
    count: int

    def __str__(self) -> str:
        return f"{self.value:.2%} [{self.low:.2%}, {self.high:.2%}]"


@dataclass(frozen=True)
class Classes:
    """Figures of each class, ``(C,)``; 0 where undefined."""

    precision: Floats
    recall: Floats
    f1: Floats


@dataclass(frozen=True)
class Reliability:
    """Samples in bins of confidence: where confidence and accuracy differ, and by how much."""

    confidence: Floats  # mean of each filled bin
    accuracy: Floats
    count: Integers
    error: float  # expected calibration error, 0 to 1

    def rows(self) -> list[dict[str, float]]:
        """Return a row a bin, as JSON knows it."""
        return [
            {"confidence": float(c), "accuracy": float(a), "count": int(n)}
            for c, a, n in zip(self.confidence, self.accuracy, self.count, strict=True)
        ]


@dataclass(frozen=True)
class Agreement:
    """How many samples all, none, one alone, or several of some networks classify correctly."""

    all: int
    none: int
    only: tuple[int, ...]  # one a network
    mixed: int  # several, but not all

    @property
    def total(self) -> int:
        """How many samples there are."""
        return self.all + self.none + sum(self.only) + self.mixed


@dataclass(frozen=True)
class McNemar:
    """Two networks on the same samples: how many just one of them classifies correctly."""

    only_first: int
    only_second: int
    p: float  # of a split at least this uneven, if both were equally good


def softmax_floor(classes: int) -> float:
    """Return the least cross-entropy that a softmax of a softmax over so many classes can have."""
    return float(np.log(np.e + classes - 1) - 1)


def share(right: int, count: int) -> Share:
    """Return ``right / count`` with its 95% interval (Wilson 1927)."""
    from scipy.stats import binomtest

    if not count:
        return Share(0.0, 0.0, 1.0, 0, 0)
    interval = binomtest(right, count).proportion_ci(0.95, method="wilson")
    return Share(right / count, float(interval.low), float(interval.high), right, count)


def confusion(labels: npt.ArrayLike, predicted: npt.ArrayLike, classes: int) -> Integers:
    """Return how often each class (row) was read as each (column), ``(C, C)``."""
    cells = np.asarray(labels, np.int64) * classes + np.asarray(predicted, np.int64)
    return np.bincount(cells, minlength=classes**2).reshape(classes, classes).astype(np.int64)


def classes(matrix: Integers) -> Classes:
    """Return precision, recall and F1 of each class of a confusion matrix."""
    right = matrix.diagonal().astype(np.float64)
    precision = right / np.maximum(matrix.sum(0), 1)
    recall = right / np.maximum(matrix.sum(1), 1)
    total = precision + recall
    return Classes(
        precision, recall, np.divide(2 * precision * recall, total, where=total > 0, out=total * 0)
    )


def hardest_pairs(matrix: Integers, most: int = 5) -> list[tuple[int, int, int, int]]:
    """Return pairs of classes that are mixed up most.

    Returns
    -------
    list
        ``(a, b, a read as b, b read as a)``, most mixed first, the direction that is commoner
        first; pairs never mixed up are left out.
    """
    pairs = [
        (a, b, int(matrix[a, b]), int(matrix[b, a])) for a, b in combinations(range(len(matrix)), 2)
    ]
    turned = [(b, a, back, forth) if back > forth else (a, b, forth, back)
              for a, b, forth, back in pairs]  # fmt: skip
    mixed = [pair for pair in turned if pair[2]]
    return sorted(mixed, key=lambda pair: -(pair[2] + pair[3]))[:most]


def reliability(probabilities: Floats, labels: npt.ArrayLike, bins: int = BINS) -> Reliability:
    """Bin digits by the confidence in their guess (Guo et al. 2017, equal widths).

    Parameters
    ----------
    probabilities
        ``(N, C)``.
    labels
        ``(N,)``.
    bins
        How many.
    """
    return binned(probabilities.max(1), probabilities.argmax(1) == np.asarray(labels), bins)


def binned(confidence: Floats, right: npt.ArrayLike, bins: int = BINS) -> Reliability:
    """Bin answers by their confidence, both ``(N,)``: how sure they were, and how often right."""
    place = np.minimum((confidence * bins).astype(int), bins - 1)
    count = np.bincount(place, minlength=bins)
    filled = count > 0
    mean = np.bincount(place, confidence, bins)[filled] / count[filled]
    accuracy = np.bincount(place, np.asarray(right, float), bins)[filled] / count[filled]
    error = float((np.abs(mean - accuracy) * count[filled]).sum() / max(count.sum(), 1))
    return Reliability(mean, accuracy, count[filled].astype(np.int64), error)


def negative_log_likelihood(probabilities: Floats, labels: npt.ArrayLike) -> float:
    """Return the mean of −log of the probability given to the true class."""
    given = probabilities[np.arange(len(probabilities)), np.asarray(labels)]
    return float(-np.log(np.maximum(given, np.finfo(np.float32).tiny)).mean())


def element_wise(probabilities: Floats, labels: npt.ArrayLike) -> float:
    """Return system A's "accuracy": rounded probabilities against one-hot labels, cell by cell.

    Of ten classes that is ten decisions an image, nine of which are easy: all zeros score 90%.
    """
    one_hot = np.eye(probabilities.shape[1])[np.asarray(labels)]
    return float((np.round(probabilities) == one_hot).mean())


def mcnemar(first_right: npt.ArrayLike, second_right: npt.ArrayLike) -> McNemar:
    """Compare two networks on the same samples by McNemar's exact test (1947)."""
    from scipy.stats import binomtest

    first, second = np.asarray(first_right, bool), np.asarray(second_right, bool)
    only_first = int((first & ~second).sum())
    only_second = int((second & ~first).sum())
    apart = only_first + only_second
    p = float(binomtest(only_first, apart).pvalue) if apart else 1.0
    return McNemar(only_first, only_second, p)


def agreement(right: npt.ArrayLike) -> Agreement:
    """Count on how many samples two networks or more agree; `right` is ``(networks, N)``."""
    correct = np.asarray(right, bool)
    count = correct.sum(0)
    every = len(correct)
    only = tuple(int((row & (count == 1)).sum()) for row in correct)
    return Agreement(
        all=int((count == every).sum()),
        none=int((count == 0).sum()),
        only=only,
        mixed=int(((count > 1) & (count < every)).sum()),
    )


def holm(values: Sequence[float]) -> list[float]:
    """Return p values adjusted for how many there are (Holm 1979), in their order."""
    count = len(values)
    adjusted, least = [0.0] * count, 0.0
    for rank, place in enumerate(sorted(range(count), key=lambda i: values[i])):
        least = max(least, min(1.0, (count - rank) * values[place]))
        adjusted[place] = least
    return adjusted
