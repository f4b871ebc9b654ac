"""What a network makes of the test digits: the only place where they are read."""

from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch

from .. import notebook
from ..alphabet import DIGITS, Alphabet
from ..augmentation.warps import rotate
from ..data.digits import Digits
from ..data.mnist import BAD_TEST_LABELS
from ..training.symbols import Tensors, predict
from . import metrics
from .metrics import Floats, Integers, Share

TURNS = tuple(range(-60, 61, 5))  # degrees
NOTABLE_TURN = 15
MISREAD = 8  # shown in a notebook


@dataclass(frozen=True)
class Evaluation:
    """What a run's network scores on test digits.

    Attributes
    ----------
    accuracy, clean
        Top-1 with its interval, on all digits and without the bad labels of MNIST (None where
        there are none).
    loss
        Mean negative log-likelihood.
    confusion
        ``(C, C)``, rows are true symbols.
    rotation
        Accuracy by degrees.
    element_wise, published_loss
        What the author of the published system counted; None for other recipes.
    probabilities
        ``(N, C)`` float64.
    alphabet
        Whose symbols they are of.
    worth
        What the figure of a published system is worth; empty for other recipes.
    report
        The page, once it is written.
    """

    run: str
    on: str
    accuracy: Share
    clean: Share | None
    loss: float
    confusion: Integers
    reliability: metrics.Reliability
    rotation: dict[int, float]
    element_wise: float | None
    published_loss: float | None
    probabilities: Floats
    digits: Digits
    alphabet: Alphabet = DIGITS
    worth: str = ""
    report: Path | None = None

    def __repr__(self) -> str:
        return (
            f"Evaluation({self.run} on {self.on}: {self.accuracy} "
            f"({self.accuracy.right:,} of {self.accuracy.count:,}), loss {self.loss:.4f}, "
            f"calibration error {self.reliability.error:.2%})"
        )

    def _repr_html_(self) -> str:
        wrong, names = np.flatnonzero(self.guesses != self.digits.labels), self.alphabet.names
        rows = [("top-1 accuracy, 95% CI", str(self.accuracy))]
        if self.element_wise is not None:
            rows.append(("element-wise accuracy", f"{self.element_wise:.2%}"))
        rows.append(("misclassified", f"{len(wrong):,} of {self.accuracy.count:,}"))
        if self.never:
            rows.append(("never predicted", ", ".join(self.never)))
        rows += [
            ("loss", f"{self.loss:.4f}"),
            ("calibration error", f"{self.reliability.error:.2%}"),
            ("rotated by −15°, by +15°", "{:.2%}, {:.2%}".format(*self.turned)),
        ]
        surest = wrong[np.argsort(-self.probabilities[wrong].max(1), kind="stable")][:MISREAD]
        misread = [
            notebook.thumbnail(
                self.digits.images[i],
                f"true {names[self.digits.labels[i]]}, predicted {names[self.guesses[i]]}",
            )
            for i in surest
        ]
        return notebook.card(
            self.run,
            f"on {self.on}",
            notebook.published(self.worth),
            notebook.table(rows),
            notebook.row(misread),
        )

    @property
    def guesses(self) -> Integers:
        """The class read in each picture, ``(N,)``."""
        return np.asarray(self.probabilities.argmax(1), np.int64)

    @property
    def never(self) -> list[str]:
        """The symbols that were read in no picture."""
        read = set(self.guesses.tolist())
        return [s for place, s in enumerate(self.alphabet.symbols) if place not in read]

    @property
    def turned(self) -> tuple[float, float]:
        """Accuracy on digits turned by −15° and by +15°."""
        return self.rotation[-NOTABLE_TURN], self.rotation[NOTABLE_TURN]

    @property
    def hardest_pairs(self) -> list[tuple[int, int, int, int]]:
        """Pairs of classes mixed up most: (a, b, a read as b, b read as a); a and b are outputs."""
        return metrics.hardest_pairs(self.confusion)

    def class_rows(self) -> list[dict[str, Any]]:
        """Precision, recall and F1, a row a class."""
        each = metrics.classes(self.confusion)
        return [
            {
                "symbol": symbol,
                "count": int(self.confusion[place].sum()),
                "precision": float(each.precision[place]),
                "recall": float(each.recall[place]),
                "f1": float(each.f1[place]),
            }
            for place, symbol in enumerate(self.alphabet.symbols)
        ]

    def figures(self) -> dict[str, Any]:
        """Return everything as JSON knows it."""
        bins = self.reliability
        return {
            "run": self.run,
            "on": self.on,
            "accuracy": asdict(self.accuracy),
            "accuracy_without_bad_labels": asdict(self.clean) if self.clean else None,
            "loss": self.loss,
            "element_wise_accuracy": self.element_wise,
            "published_loss": self.published_loss,
            "expected_calibration_error": bins.error,
            "classes": self.class_rows(),
            "confusion": self.confusion.tolist(),
            "hardest_pairs": self.hardest_pairs,
            "rotation": [{"degrees": k, "accuracy": v} for k, v in self.rotation.items()],
            "reliability": [
                {"confidence": float(c), "accuracy": float(a), "count": int(n)}
                for c, a, n in zip(bins.confidence, bins.accuracy, bins.count, strict=True)
            ],
        }


def measure(
    network: torch.nn.Module,
    digits: Digits,
    device: torch.device,
    run: str,
    *,
    published: bool,
    alphabet: Alphabet = DIGITS,
) -> Evaluation:
    """Read `digits` with `network` and return what came of it.

    Parameters
    ----------
    network
        Pictures ``(N, 1, 28, 28)`` → logits, or probabilities if it ends in a softmax.
    digits
        The test digits.
    device
        Where the network is.
    run
        What to call it.
    published
        Whether the figures that published systems counted are wanted too.
    alphabet
        Of the network.
    """
    tensors = Tensors.of(digits, device)
    # The test digits are digits: a network that could reject is asked which they are.
    symbols = len(alphabet.symbols)
    outputs = predict(network, tensors.images)[:, :symbols]
    has_softmax = ends_in_softmax(network)
    probabilities = (outputs if has_softmax else outputs.softmax(1)).cpu().double().numpy()
    guesses = probabilities.argmax(1)
    right = guesses == digits.labels
    as_published = torch.nn.functional.cross_entropy(outputs, tensors.labels)
    return Evaluation(
        run=run,
        on=digits.name,
        accuracy=metrics.share(int(right.sum()), len(digits)),
        clean=_without_bad_labels(digits, right),
        loss=metrics.negative_log_likelihood(probabilities, digits.labels),
        confusion=metrics.confusion(digits.labels, guesses, symbols),
        reliability=metrics.reliability(probabilities, digits.labels),
        rotation={turn: _accuracy_turned(network, tensors, turn, symbols) for turn in TURNS},
        element_wise=metrics.element_wise(probabilities, digits.labels) if published else None,
        published_loss=float(as_published) if has_softmax else None,
        probabilities=probabilities,
        digits=digits,
        alphabet=alphabet,
    )


def ends_in_softmax(network: torch.nn.Module) -> bool:
    """Whether the outputs are probabilities already."""
    return hasattr(network, "softmax")


def _without_bad_labels(digits: Digits, right: np.ndarray[Any, Any]) -> Share | None:
    kept = ~np.isin(digits.identities, np.array(BAD_TEST_LABELS))
    if kept.all():
        return None
    return metrics.share(int(right[kept].sum()), int(kept.sum()))


@torch.inference_mode()
def _accuracy_turned(
    network: torch.nn.Module, digits: Tensors, degrees: float, symbols: int
) -> float:
    right = 0
    parts = zip(digits.images.split(1000), digits.labels.split(1000), strict=True)
    for images, labels in parts:
        turned = rotate(images.float().div_(255), degrees)
        right += int((network(turned)[:, :symbols].argmax(1) == labels).sum())
    return right / max(len(digits), 1)
