"""What a network makes of the test samples: the only place where they are read."""

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
from ..networks.graph import Graph
from ..training.symbols import MEASURE_BATCH, Tensors, predict
from . import metrics
from .metrics import Floats, Integers, Share

TURNS = tuple(range(-60, 61, 5))  # degrees
NOTABLE_TURN = 15
MISREAD = 8  # shown in a notebook


@dataclass(frozen=True)
class Exported:
    """What the graph that `inkdigits export` writes scores on the same samples.

    Attributes
    ----------
    accuracy
        Top-1 with its interval. It is that of the network, but where framing changes pictures.
    framed
        Whether ink is framed in the graph.
    temperature
        What the logits are divided by in it.
    reliability
        Of its probabilities; None where that would be no estimate.
    """

    accuracy: Share
    framed: bool
    temperature: float
    reliability: metrics.Reliability | None

    def figures(self) -> dict[str, Any]:
        """Return everything as JSON knows it."""
        bins = self.reliability
        return {
            "accuracy": asdict(self.accuracy),
            "framed": self.framed,
            "temperature": self.temperature,
            "expected_calibration_error": None if bins is None else bins.error,
            "reliability": None if bins is None else bins.rows(),
        }


@dataclass(frozen=True)
class Evaluation:
    """What a run's network scores on test samples.

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
        ``(N, C)`` float64, of the network as it was trained: not calibrated.
    alphabet
        Whose symbols they are of.
    exported
        What the exported graph scores; None where its temperature cannot be fitted.
    not_calibrated
        Why there is no calibration error of it, in a sentence; empty if there is one.
    note
        How to take the figure of a published system; empty for other recipes.
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
    exported: Exported | None = None
    not_calibrated: str = ""
    note: str = ""
    report: Path | None = None

    def __repr__(self) -> str:
        text = f"Evaluation({self.run} on {self.on}: {self.accuracy} "
        text += f"({self.accuracy.right:,} of {self.accuracy.count:,})"
        if self.exported_differs is not None:
            text += f", as exported {self.exported_differs.value:.2%}"
        return f"{text}, loss {self.loss:.4f}, calibration error {self.calibration})"

    @property
    def calibration(self) -> str:
        """The expected calibration error in words, without and with the temperature."""
        text, exported = f"{self.reliability.error:.2%}", self.exported
        if exported is None or exported.reliability is None:
            return text
        return f"{text}, {exported.reliability.error:.2%} at temperature {exported.temperature:.3f}"

    @property
    def exported_differs(self) -> Share | None:
        """The accuracy of the exported graph, where it is another than that of the network."""
        if self.exported is None or self.exported.accuracy == self.accuracy:
            return None
        return self.exported.accuracy

    def _repr_html_(self) -> str:
        wrong, names = np.flatnonzero(self.predicted != self.digits.labels), self.alphabet.names
        rows = [("top-1 accuracy, 95% CI", str(self.accuracy))]
        if self.element_wise is not None:
            rows.append(("element-wise accuracy", f"{self.element_wise:.2%}"))
        if self.exported_differs is not None:
            rows.append(("top-1 accuracy as exported", str(self.exported_differs)))
        rows.append(("misclassified", f"{len(wrong):,} of {self.accuracy.count:,}"))
        if self.never:
            rows.append(("never predicted", ", ".join(self.never)))
        rows += [
            ("loss", f"{self.loss:.4f}"),
            ("calibration error", self.calibration),
            ("rotated by −15°, by +15°", "{:.2%}, {:.2%}".format(*self.turned)),
        ]
        surest = wrong[np.argsort(-self.probabilities[wrong].max(1), kind="stable")][:MISREAD]
        misread = [
            notebook.thumbnail(
                self.digits.images[i],
                f"true {names[self.digits.labels[i]]}, predicted {names[self.predicted[i]]}",
            )
            for i in surest
        ]
        return notebook.card(
            self.run,
            f"on {self.on}",
            notebook.published(self.note),
            notebook.table(rows),
            notebook.row(misread),
        )

    @property
    def predicted(self) -> Integers:
        """The class predicted for each picture, ``(N,)``."""
        return np.asarray(self.probabilities.argmax(1), np.int64)

    @property
    def never(self) -> list[str]:
        """The symbols that the network never predicts."""
        read = set(self.predicted.tolist())
        return [s for place, s in enumerate(self.alphabet.symbols) if place not in read]

    @property
    def turned(self) -> tuple[float, float]:
        """Accuracy on samples rotated by −15° and by +15°."""
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
            "exported": self.exported.figures() if self.exported else None,
            "not_calibrated": self.not_calibrated,
            "classes": self.class_rows(),
            "confusion": self.confusion.tolist(),
            "hardest_pairs": self.hardest_pairs,
            "rotation": [{"degrees": k, "accuracy": v} for k, v in self.rotation.items()],
            "reliability": bins.rows(),
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
    """Classify `digits` with `network` and return its figures.

    Parameters
    ----------
    network
        Pictures ``(N, 1, 28, 28)`` → logits, or probabilities if it ends in a softmax.
    digits
        The test samples.
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
    predicted = probabilities.argmax(1)
    right = predicted == digits.labels
    as_published = torch.nn.functional.cross_entropy(outputs, tensors.labels)
    return Evaluation(
        run=run,
        on=digits.name,
        accuracy=metrics.share(int(right.sum()), len(digits)),
        clean=_without_bad_labels(digits, right),
        loss=metrics.negative_log_likelihood(probabilities, digits.labels),
        confusion=metrics.confusion(digits.labels, predicted, symbols),
        reliability=metrics.reliability(probabilities, digits.labels),
        rotation={turn: _accuracy_turned(network, tensors, turn, symbols) for turn in TURNS},
        element_wise=metrics.element_wise(probabilities, digits.labels) if published else None,
        published_loss=float(as_published) if has_softmax else None,
        probabilities=probabilities,
        digits=digits,
        alphabet=alphabet,
    )


def measure_exported(
    graph: Graph, digits: Digits, device: torch.device, *, estimates: bool
) -> Exported:
    """Classify `digits` with the graph that is exported; it goes to `device`.

    Parameters
    ----------
    graph
        Of `calibrated`.
    digits
        The test samples.
    device
        Where to compute.
    estimates
        Whether the calibration error is an estimate: it is none on samples that the temperature
        was fitted on.
    """
    graph = graph.to(device).eval()
    with torch.inference_mode():
        parts = Tensors.of(digits, device).images.split(MEASURE_BATCH)
        each = [graph(part.float().div_(255))[0].float().cpu() for part in parts]
    probabilities = torch.cat(each).double().numpy()
    right = probabilities.argmax(1) == digits.labels
    return Exported(
        accuracy=metrics.share(int(right.sum()), len(digits)),
        framed=graph.is_framed,
        temperature=float(graph.temperature),
        reliability=metrics.reliability(probabilities, digits.labels) if estimates else None,
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
