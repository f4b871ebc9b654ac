"""Pictures of a run: each a Matplotlib figure, drawn without global state.

`png` gives the picture for a talk; `svg` gives it for a page, in the colours of the page: text and
axes follow the reader's light or dark theme.
"""

import io
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import matplotlib as mpl
import numpy as np
import numpy.typing as npt
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.colors import ListedColormap
from matplotlib.figure import Figure
from matplotlib.ticker import (
    FixedLocator,
    FuncFormatter,
    MaxNLocator,
    NullLocator,
    PercentFormatter,
)
from matplotlib.transforms import Bbox

from ..data.digits import Digits
from ..training.loop import Epoch
from .metrics import Floats, Integers, Reliability

TEXT, LINE, PAPER = "#1b1f24", "#d0d5db", "#fffffe"
TRAIN, VALIDATION, GOOD, BAD = "#3b82c4", "#e07b39", "#2f9e68", "#d64545"
CYCLE = (TRAIN, VALIDATION, GOOD, "#8e5bb5", "#b08a2e", "#5f6b7a")
STYLE: dict[Any, Any] = {
    "axes.edgecolor": LINE,
    "axes.facecolor": PAPER,
    "axes.grid": True,
    "axes.labelcolor": TEXT,
    "axes.spines.right": False,
    "axes.spines.top": False,
    "axes.titlesize": 12,
    "axes.titleweight": "bold",
    "figure.facecolor": PAPER,
    "font.size": 11,
    "grid.color": LINE,
    "grid.linewidth": 0.6,
    "legend.frameon": False,
    "savefig.facecolor": PAPER,
    "svg.fonttype": "none",
    "svg.hashsalt": "inkdigits",
    "text.color": TEXT,
    "xtick.color": TEXT,
    "ytick.color": TEXT,
}
_styled = mpl.rc_context(STYLE)  # every figure is drawn and saved in it
FLOOR = 1.4612  # of the cross-entropy of a softmax of a softmax over ten classes


@_styled
def history(rows: Sequence[Epoch], best: Epoch, softmax_head: bool = False) -> Figure:
    """Draw loss and accuracy over the epochs, the best one marked."""
    figure, (left, right) = _figure(10, 4, 2)
    epochs = [row.epoch for row in rows]
    for axes, what in ((left, "loss"), (right, "accuracy")):
        for part, colour in (("train", TRAIN), ("validation", VALIDATION)):
            values = [getattr(row, f"{part}_{what}") for row in rows]
            axes.plot(epochs, values, marker="o", markersize=4, color=colour, label=part)
        axes.axvline(best.epoch, color=GOOD, linestyle="--", linewidth=1.2)
        axes.plot(
            best.epoch,
            getattr(best, f"validation_{what}"),
            marker="*",
            markersize=13,
            color=GOOD,
            linestyle="",
            label=f"best: epoch {best.epoch}",
        )
        axes.set(title=what.capitalize(), xlabel="epoch")
        axes.xaxis.set_major_locator(MaxNLocator(integer=True, min_n_ticks=1))
    if softmax_head:
        left.axhline(FLOOR, color=BAD, linewidth=1.2, linestyle=":", label=f"floor {FLOOR}")
    else:
        left.set_ylim(bottom=0)
    right.yaxis.set_major_formatter(PercentFormatter(1, decimals=None))
    left.legend()
    right.legend(loc="lower right")
    return figure


@_styled
def confusion(matrix: Integers) -> Figure:
    """Draw a confusion matrix: right answers grey, mistakes the redder the more there are."""
    figure, (axes,) = _figure(7.2, 6.4, 1)
    wrong = matrix.astype(float)
    np.fill_diagonal(wrong, 0)
    shade = np.sqrt(wrong / max(wrong.max(), 1))
    reds = ListedColormap([(0.84, 0.27, 0.27, alpha) for alpha in np.linspace(0, 0.85, 256)])
    axes.imshow(shade, cmap=reds, vmin=0, vmax=1)
    for true in range(10):
        for guess in range(10):
            count = int(matrix[true, guess])
            weight = "bold" if true == guess else "normal"
            if count:
                axes.text(guess, true, str(count), ha="center", va="center",
                          fontsize=10, fontweight=weight)  # fmt: skip
    axes.set(xticks=range(10), yticks=range(10), xlabel="read as", ylabel="true digit")
    axes.grid(visible=False)
    axes.set_xticks(np.arange(-0.5, 10), minor=True)
    axes.set_yticks(np.arange(-0.5, 10), minor=True)
    axes.grid(which="minor", color=LINE, linewidth=0.6)
    axes.tick_params(which="both", length=0)
    axes.set_title(f"{int(wrong.sum()):,} of {int(matrix.sum()):,} misread")
    return figure


@_styled
def predictions(digits: Digits, guesses: npt.NDArray[np.int64]) -> Figure:
    """Draw ten digits titled with what is true (T) and what was read (P), green or red."""
    titles = [f"T: {digits.labels[i]}  P: {guesses[i]}" for i in range(min(10, len(digits)))]
    colours = [GOOD if digits.labels[i] == guesses[i] else BAD for i in range(min(10, len(digits)))]
    return gallery(digits.images[:10], titles, colours, across=5)


@_styled
def misread(digits: Digits, probabilities: Floats, most: int = 16) -> Figure:
    """Draw the misread digits that the network was surest of."""
    guesses = probabilities.argmax(1)
    wrong = np.flatnonzero(guesses != digits.labels)
    surest = wrong[np.argsort(-probabilities[wrong].max(1), kind="stable")][:most]
    titles = [
        f"T: {digits.labels[i]}  P: {guesses[i]}  {probabilities[i].max():.0%}" for i in surest
    ]
    return gallery(digits.images[surest], titles, [BAD] * len(surest), across=8)


@_styled
def gallery(
    images: npt.NDArray[np.uint8], titles: Sequence[str], colours: Sequence[str], across: int
) -> Figure:
    """Draw `images` ``(N, 28, 28)`` in rows of `across`, each under its title."""
    down = max(-(-len(images) // across), 1)
    figure, cells = _figure(1.35 * across, 1.6 * down, down * across, across)
    for axes in cells:
        axes.set_axis_off()
    for axes, image, title, colour in zip(cells, images, titles, colours, strict=False):
        axes.imshow(255 - image, cmap="gray", vmin=0, vmax=255, interpolation="nearest")
        axes.set_title(title, color=colour, fontsize=10)
    if not len(images):
        cells[0].text(0, 0.5, "none")
    return figure


@_styled
def rotation(degrees: Sequence[float], accuracy: Sequence[float]) -> Figure:
    """Draw accuracy against how far the test digits are turned."""
    figure, (axes,) = _figure(8, 4, 1)
    axes.axvspan(-15, 15, color=GOOD, alpha=0.12, linewidth=0, label="±15°")
    axes.plot(degrees, accuracy, marker="o", markersize=4, color=TRAIN)
    axes.set(xlabel="degrees, counter-clockwise", ylabel="accuracy", xticks=range(-60, 61, 15))
    axes.set_ylim(0, 1.02)
    axes.yaxis.set_major_formatter(PercentFormatter(1))
    axes.legend(loc="lower center")
    axes.set_title("Accuracy on turned digits")
    return figure


@_styled
def reliability(bins: Reliability) -> Figure:
    """Draw accuracy against confidence; on the diagonal the confidence can be trusted."""
    figure, (axes, below) = _figure(5.6, 5.6, 2, 1, heights=(3, 1))
    axes.plot([0, 1], [0, 1], color=LINE, linestyle="--")
    axes.plot(bins.confidence, bins.accuracy, marker="o", color=TRAIN)
    axes.set(ylabel="accuracy", xlim=(0, 1.02), ylim=(0, 1.02))
    axes.set_title(f"Expected calibration error {bins.error:.2%}")
    below.bar(bins.confidence, bins.count, width=0.03, color=TRAIN)
    below.set(xlabel="confidence", ylabel="digits", xlim=(0, 1.02), yscale="log")
    return figure


@_styled
def sweep(rates: Sequence[float], losses: Sequence[float], chosen: float) -> Figure:
    """Draw the validation loss that each rate leaves after one epoch, the chosen one marked."""
    figure, (axes,) = _figure(8, 4, 1)
    axes.plot(rates, losses, marker="o", color=TRAIN)
    axes.plot(
        chosen, losses[list(rates).index(chosen)], marker="*", markersize=16, color=GOOD,
        linestyle="", label=f"chosen: {chosen:g}",
    )  # fmt: skip
    axes.set(xscale="log", xlabel="learning rate", ylabel="validation loss after one epoch")
    axes.set_title("Learning-rate sweep")
    axes.legend()
    return figure


@_styled
def range_test(rates: Floats, losses: Floats, smooth: Floats, chosen: float) -> Figure:
    """Draw the training loss while the rate rises through one epoch."""
    figure, (axes,) = _figure(8, 4, 1)
    axes.plot(rates, losses, color=LINE, linewidth=1, label="each batch")
    axes.plot(rates, smooth, color=TRAIN, label="smoothed")
    axes.axvline(chosen, color=GOOD, linestyle="--", label=f"chosen: {chosen:.2g}")
    axes.set(xscale="log", xlabel="learning rate", ylabel="training loss")
    axes.set_ylim(0, float(np.percentile(losses, 97)) * 1.2)
    axes.set_title("Learning-rate range test")
    axes.legend()
    return figure


@_styled
def comparison(histories: Mapping[str, Sequence[Epoch]]) -> Figure:
    """Draw the validation curves of several runs: loss from 0, accuracy from 0.9."""
    figure, (left, right) = _figure(10, 4, 2)
    for (name, rows), colour in zip(histories.items(), _cycle(len(histories)), strict=True):
        epochs = [row.epoch for row in rows]
        for axes, what in ((left, "loss"), (right, "accuracy")):
            values = [getattr(row, f"validation_{what}") for row in rows]
            axes.plot(epochs, values, marker="o", markersize=4, color=colour, label=name)
    for axes, what in ((left, "loss"), (right, "accuracy")):
        axes.set(title=f"Validation {what}", xlabel="epoch")
        axes.xaxis.set_major_locator(MaxNLocator(integer=True, min_n_ticks=1))
    left.set_ylim(bottom=0)
    right.set_ylim(bottom=0.9)
    right.yaxis.set_major_formatter(PercentFormatter(1, decimals=None))
    right.legend(loc="lower right")
    return figure


@_styled
def png(figure: Figure) -> bytes:
    """Return the figure as a PNG, 200 dots an inch, on white."""
    encoded = io.BytesIO()
    figure.savefig(encoded, format="png", dpi=200)
    return encoded.getvalue()


@_styled
def svg(figure: Figure) -> str:
    """Return the figure as an SVG element in the colours of the page around it."""
    encoded = io.StringIO()
    figure.savefig(encoded, format="svg", metadata={"Date": None})
    text = encoded.getvalue()
    text = text[text.index("<svg") :]
    for colour, theme in ((TEXT, "currentColor"), (LINE, "var(--line)"), (PAPER, "none")):
        text = text.replace(colour, theme)
    return text


def _cycle(count: int) -> list[str]:
    return [CYCLE[index % len(CYCLE)] for index in range(count)]


def _figure(
    width: float,
    height: float,
    cells: int,
    across: int | None = None,
    heights: Sequence[float] | None = None,
) -> tuple[Figure, list[Axes]]:
    across = across or cells
    figure = Figure(figsize=(width, height), layout="constrained")
    grid = figure.subplots(cells // across, across, squeeze=False, height_ratios=heights)
    return figure, list(grid.flat)


@dataclass(frozen=True)
class Dot:
    """What one training costs and scores: a middle, a least and a greatest of both."""

    name: str
    group: str
    seconds: tuple[float, float, float]
    accuracy: tuple[float, float, float]


TIMES = (0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 30, 60, 120, 300, 600, 1200, 3600, 7200)  # seconds
ERRORS = (0.001, 0.002, 0.003, 0.005, 0.01, 0.02, 0.03, 0.05, 0.1, 0.2, 0.3, 0.5, 1.0)
LEAST_ERROR = 1e-4  # one digit in MNIST's test set: a logarithm knows no zero
MARKERS = ("o", "s", "^", "D")


@_styled
def accuracy_against_time(dots: Sequence[Dot]) -> Figure:
    """Draw what trainings score against what they cost: better is up, faster is left.

    Both axes are logarithms, the upright one of the error, so that a tenth of a point counts for
    more the nearer one is to none. A colour and a marker a group, in the order they come in.
    """
    figure, (axes,) = _figure(10, 6.2, 1)
    FigureCanvasAgg(figure)
    groups = list(dict.fromkeys(dot.group for dot in dots))
    for group, colour, marker in zip(groups, CYCLE, MARKERS, strict=False):
        members = [dot for dot in dots if dot.group == group]
        seconds = np.array([dot.seconds for dot in members]).T
        error = np.maximum(1 - np.array([dot.accuracy for dot in members]).T, LEAST_ERROR)
        axes.errorbar(
            seconds[0], error[0], fmt=marker, color=colour, markersize=8, elinewidth=1.4,
            xerr=np.abs(seconds[1:] - seconds[0]), yerr=np.abs(error[:0:-1] - error[0]),
            markeredgecolor=PAPER, markeredgewidth=0.8, ecolor=(colour, 0.45), zorder=3,
        )  # fmt: skip
        axes.plot([], [], marker, color=colour, markersize=8, label=group)
    axes.set(
        xscale="log", yscale="log", xlabel="training time", ylabel="top-1 on MNIST's test digits"
    )
    axes.margins(0.09, 0.08)
    axes.invert_yaxis()
    _ticks(axes)
    axes.set_title("Accuracy against training time")
    figure.legend(loc="outside lower center", ncols=len(groups))
    _label(figure, axes, dots, dict(zip(groups, CYCLE, strict=False)))
    return figure


def _ticks(axes: Axes) -> None:
    axes.xaxis.set_major_locator(FixedLocator(TIMES))
    axes.yaxis.set_major_locator(FixedLocator(ERRORS))
    axes.xaxis.set_major_formatter(
        FuncFormatter(lambda value, _: f"{value:g} s" if value < 60 else f"{value / 60:g} min")
    )
    axes.yaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{100 * (1 - value):.4g}%"))
    for axis in (axes.xaxis, axes.yaxis):
        axis.set_minor_locator(NullLocator())


def _label(figure: Figure, axes: Axes, dots: Sequence[Dot], colours: Mapping[str, str]) -> None:
    """Write each name beside its dot: near, inside, and over no other name, dot or bar."""
    figure.draw_without_rendering()  # only now it is known where anything is
    inside = axes.get_window_extent()
    taken = [box for dot in dots for box in _ink(axes, dot)]
    for dot in dots:
        text = axes.text(*_place(dot, 0), dot.name, fontsize=10, color=colours[dot.group],
                         va="bottom", zorder=4)  # fmt: skip
        at = np.array(axes.transData.transform(_place(dot, 0)))
        size = np.array(text.get_window_extent().size)
        boxes = list(_beside(at, size, figure.dpi / 72))
        # The first of those that cover least.
        spoilt = [sum(_common(box, other) for other in taken) + 9 * (box.width * box.height
                  - _common(box, inside)) for box in boxes]  # fmt: skip
        box = boxes[int(np.argmin(np.round(spoilt)))]
        x, y = axes.transData.inverted().transform(box.p0)
        text.set_position((float(x), float(y)))
        taken.append(box)


def _place(dot: Dot, which: int) -> tuple[float, float]:
    return dot.seconds[which], max(1 - dot.accuracy[which], LEAST_ERROR)


def _ink(axes: Axes, dot: Dot) -> list[Bbox]:
    """Return what a dot and its bars cover, in pixels."""
    (x, y), *ends = axes.transData.transform([_place(dot, which) for which in range(3)])
    (left, low), (right, high) = ends
    return [Bbox([[x - 6, y - 6], [x + 6, y + 6]]), Bbox([[left, y - 1], [right, y + 1]]),
            Bbox([[x - 1, min(low, high)], [x + 1, max(low, high)]])]  # fmt: skip


def _beside(at: Floats, size: Floats, points: float) -> Iterator[Bbox]:
    """Yield places for a text of `size` around the pixel `at`, nearest and rightmost first."""
    for reach in (7, 11, 16, 22, 30, 40):
        for way in ((1, 0), (-1, 0), (0, 1), (0, -1), (1, 1), (1, -1), (-1, 1), (-1, -1)):
            corner = at + reach * points * np.array(way) + (np.array(way) - 1) / 2 * size
            yield Bbox([corner, corner + size])


def _common(one: Bbox, other: Bbox) -> float:
    both = Bbox.intersection(one, other)
    return both.width * both.height if both else 0.0
