"""What a network makes of lines or pages that nothing was trained or chosen by."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, cast

import numpy as np
import torch

from ..alphabet import UNKNOWN, Alphabet
from ..data import mnist
from ..files import write_bytes
from ..training.lines import Line, pairs
from ..training.made import TEST, Maker
from ..training.pages import Page, accuracy, iou
from ..training.run import Run
from ..training.tasks import samples
from . import metrics
from .metrics import Share

SHEET = "misread.png"


@dataclass(frozen=True)
class MadeEvaluation:
    """What a run's network scores on made lines or pages.

    Attributes
    ----------
    accuracy
        Of lines: the part that is read exactly, with its 95% interval. Of pages: the part of
        squares of 2×2 pixels that get their class, with the 95% interval of its mean over pages,
        as squares of one page are no independent draws.
    loss
        Mean negative log-likelihood of a line, or of a square.
    more
        Figures of the task, as JSON knows them.
    sheet
        A PNG of what was misread.
    """

    run: str
    on: str
    accuracy: Share
    loss: float
    more: Mapping[str, Any]
    sheet: Path

    def __repr__(self) -> str:
        text = f"MadeEvaluation({self.run} on {self.on}: {self.accuracy}, loss {self.loss:.4f}"
        if "symbol_error" in self.more:
            text += f", symbol error {self.more['symbol_error']:.2%}"
        if "mean_iou" in self.more:
            text += f", mean IoU {self.more['mean_iou']:.2%}"
        return text + ")"

    def figures(self) -> dict[str, Any]:
        """Return everything as JSON knows it."""
        about = {"run": self.run, "on": self.on, "accuracy": asdict(self.accuracy)}
        return {**about, "loss": self.loss, **self.more}


def evaluate_made(run: Run, device: torch.device) -> MadeEvaluation:
    """Judge a run by as many lines or pages as it was validated on; write figures and a sheet."""
    recipe, saved = run.recipe, run.weights()  # training may go on meanwhile
    network = run.network(device, saved)
    tested = samples(Maker(recipe, TEST, mnist.find()), device)
    figures, predicted = tested.measure(network, recipe)
    kind = _of_lines if recipe.task == "lines" else _of_pages
    share, more = kind(predicted, recipe.alphabet)
    if figures.symbol_error is not None:
        more = {"symbol_error": figures.symbol_error, **more}
    if figures.mean_iou is not None:
        more = {"mean_iou": figures.mean_iou, **more}
    sheet = run.path / SHEET
    write_bytes(sheet, tested.sheet(predicted, recipe))
    found = MadeEvaluation(run.name, tested.name, share, figures.loss, more, sheet)
    run.write_figures(found.figures(), None, saved)
    return found


def _of_lines(lines: Sequence[Line], alphabet: Alphabet) -> tuple[Share, dict[str, Any]]:
    exact = np.array([line.read == line.text for line in lines])
    sure = np.array([line.confidence for line in lines])
    names = [*alphabet.symbols, UNKNOWN, ""]  # the last: nothing stood there, or was read
    counts = np.zeros((len(names),) * 2, np.int64)
    for line in lines:
        for wanted, found in pairs(line.read, line.text):
            counts[names.index(wanted), names.index(found)] += 1
    return metrics.share(int(exact.sum()), len(lines)), {
        "expected_calibration_error": metrics.binned(sure, exact).error,
        "names": names,
        "confusion": counts.tolist(),
    }


def _of_pages(pages: Sequence[Page], alphabet: Alphabet) -> tuple[Share, dict[str, Any]]:
    each = np.array([accuracy(page.confusion) for page in pages])
    counts = cast("Any", sum(page.confusion for page in pages))
    value, count = float(each.mean()), int(counts.sum())
    reach = 1.96 * float(each.std(ddof=1)) / len(each) ** 0.5
    share = Share(
        value, max(value - reach, 0.0), min(value + reach, 1.0), int(counts.trace()), count
    )
    return share, {
        "pages": len(pages),
        "names": list(alphabet.symbols),
        "iou": iou(counts),
        "confusion": counts.tolist(),
    }
