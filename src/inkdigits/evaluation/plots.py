"""Pictures of a run, each a Matplotlib figure in the style of `drawing`."""

from collections.abc import Mapping, Sequence

import numpy as np
import numpy.typing as npt
from matplotlib.colors import ListedColormap
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator, PercentFormatter

from ..data.digits import Digits
from ..training.loop import Epoch
from .drawing import BAD, GOOD, LINE, TRAIN, VALIDATION, cycle, panels, styled
from .metrics import Floats, Integers, Reliability

SHOWN = 10  # digits of a picture of predictions
TITLE = 16  # characters of a title that fit above a picture, at the usual size
LABEL = 20  # characters of a class's name beside a matrix


@styled
def history(rows: Sequence[Epoch], best: Epoch, floor: float | None = None) -> Figure:
    """Draw loss and accuracy by epoch, the saved one marked, and the `floor` of the loss."""
    figure, (left, right) = panels(10, 4, 2)
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
            label=f"saved: epoch {best.epoch}",
        )
        axes.set(title=what.capitalize(), xlabel="epoch")
        axes.xaxis.set_major_locator(MaxNLocator(integer=True, min_n_ticks=1))
    if floor is not None:
        left.axhline(
            floor, color=BAD, linewidth=1.2, linestyle=":", label=f"lower bound {floor:.4f}"
        )
    else:
        left.set_ylim(bottom=0)
    right.yaxis.set_major_formatter(PercentFormatter(1, decimals=None))
    left.legend()
    right.legend(loc="lower right")
    return figure


@styled
def confusion(matrix: Integers, symbols: Sequence[str]) -> Figure:
    """Draw a confusion matrix: mistakes the redder the more there are."""
    count, long = len(symbols), max(map(len, symbols)) > 3
    side = max(6.4, 0.3 * count) + (1.2 if long else 0)
    figure, (axes,) = panels(side + 0.8, side, 1)
    wrong = matrix.astype(float)
    np.fill_diagonal(wrong, 0)
    shade = np.sqrt(wrong / max(wrong.max(), 1))
    reds = ListedColormap([(0.84, 0.27, 0.27, alpha) for alpha in np.linspace(0, 0.85, 256)])
    axes.imshow(shade, cmap=reds, vmin=0, vmax=1)
    for true in range(count):
        for guess in range(count):
            cell = int(matrix[true, guess])
            weight = "bold" if true == guess else "normal"
            if cell:
                axes.text(guess, true, str(cell), ha="center", va="center",
                          fontsize=10 if count <= 15 else 7, fontweight=weight)  # fmt: skip
    labels = [cut(symbol, LABEL) for symbol in symbols]
    axes.set_xticks(range(count), labels, rotation=90 if long else 0)
    axes.set_yticks(range(count), labels)
    axes.set(xlabel="predicted", ylabel="true")
    axes.grid(visible=False)
    axes.set_xticks(np.arange(-0.5, count), minor=True)
    axes.set_yticks(np.arange(-0.5, count), minor=True)
    axes.grid(which="minor", color=LINE, linewidth=0.6)
    axes.tick_params(which="both", length=0)
    axes.set_title(f"{int(wrong.sum()):,} of {int(matrix.sum()):,} misclassified")
    return figure


@styled
def predictions(digits: Digits, predicted: npt.NDArray[np.int64], names: Sequence[str]) -> Figure:
    """Draw ten digits titled with the true (T) and predicted (P) class, green or red."""
    digits = digits[:SHOWN]
    shown = range(len(digits))
    titles = [f"T: {digits.texts[i]}  P: {names[predicted[i]]}" for i in shown]
    colours = [GOOD if digits.labels[i] == predicted[i] else BAD for i in shown]
    return gallery(digits.images, titles, colours, across=5)


@styled
def misread(digits: Digits, probabilities: Floats, names: Sequence[str], most: int = 16) -> Figure:
    """Draw the misclassified digits with the highest confidence."""
    predicted = probabilities.argmax(1)
    wrong = np.flatnonzero(predicted != digits.labels)
    surest = wrong[np.argsort(-probabilities[wrong].max(1), kind="stable")][:most]
    titles = [
        f"T: {names[digits.labels[i]]}  P: {names[predicted[i]]}  {probabilities[i].max():.0%}"
        for i in surest
    ]
    return gallery(digits.images[surest], titles, [BAD] * len(surest), across=8)


def cut(text: str, most: int) -> str:
    """Return a text, or what fits of it, ending in an ellipsis."""
    return text if len(text) <= most else text[: most - 1] + "…"


@styled
def gallery(
    images: npt.NDArray[np.uint8], titles: Sequence[str], colours: Sequence[str], across: int
) -> Figure:
    """Draw `images` ``(N, H, W)`` in rows of `across`, each under its title.

    Where a title is too wide, each has a line for each of its parts, which stand two spaces apart.
    """
    down, size, height = max(-(-len(images) // across), 1), 10, 1.6
    if any(len(title) > TITLE for title in titles):
        parts = [[cut(part, TITLE) for part in title.split("  ")] for title in titles]
        titles, size = ["\n".join(lines) for lines in parts], 8
        height += 0.14 * (max(map(len, parts)) - 1)
    figure, cells = panels(1.35 * across, height * down, down * across, across)
    for axes in cells:
        axes.set_axis_off()
    for axes, image, title, colour in zip(cells, images, titles, colours, strict=False):
        axes.imshow(255 - image, cmap="gray", vmin=0, vmax=255, interpolation="nearest")
        axes.set_title(title, color=colour, fontsize=size)
    if not len(images):
        cells[0].text(0, 0.5, "none")
    return figure


@styled
def rotation(degrees: Sequence[float], accuracy: Sequence[float]) -> Figure:
    """Draw accuracy against the rotation of the test digits."""
    figure, (axes,) = panels(8, 4, 1)
    axes.axvspan(-15, 15, color=GOOD, alpha=0.12, linewidth=0, label="±15°")
    axes.plot(degrees, accuracy, marker="o", markersize=4, color=TRAIN)
    axes.set(
        xlabel="rotation (degrees, counter-clockwise)", ylabel="accuracy", xticks=range(-60, 61, 15)
    )
    axes.set_ylim(0, 1.02)
    axes.yaxis.set_major_formatter(PercentFormatter(1))
    axes.legend(loc="lower center")
    axes.set_title("Accuracy on rotated digits")
    return figure


@styled
def reliability(bins: Reliability, calibrated: Reliability | None = None) -> Figure:
    """Draw accuracy against confidence, and the same with a temperature if there is one.

    On the diagonal the two are equal.
    """
    figure, (axes, below) = panels(5.6, 5.6, 2, 1, heights=(3, 1))
    axes.plot([0, 1], [0, 1], color=LINE, linestyle="--")
    axes.plot(bins.confidence, bins.accuracy, marker="o", color=TRAIN, label="as trained")
    title = f"Expected calibration error {bins.error:.2%}"
    if calibrated is not None:
        axes.plot(
            calibrated.confidence, calibrated.accuracy, marker="s", color=GOOD, label="calibrated"
        )
        axes.legend()
        title += f", calibrated {calibrated.error:.2%}"
    axes.set(ylabel="accuracy", xlim=(0, 1.02), ylim=(0, 1.02))
    axes.set_title(title)
    below.bar(bins.confidence, bins.count, width=0.03, color=TRAIN)
    below.set(xlabel="confidence", ylabel="digits", xlim=(0, 1.02), yscale="log")
    for axis in (axes.xaxis, axes.yaxis, below.xaxis):
        axis.set_major_formatter(PercentFormatter(1))
    return figure


@styled
def sweep(rates: Sequence[float], losses: Sequence[float], chosen: float) -> Figure:
    """Draw the validation loss that each rate leaves after one epoch, the chosen one marked."""
    figure, (axes,) = panels(8, 4, 1)
    axes.plot(rates, losses, marker="o", color=TRAIN)
    axes.plot(
        chosen, losses[list(rates).index(chosen)], marker="*", markersize=16, color=GOOD,
        linestyle="", label=f"chosen: {chosen:g}",
    )  # fmt: skip
    axes.set(xscale="log", xlabel="learning rate", ylabel="validation loss after one epoch")
    axes.set_title("Learning-rate sweep")
    axes.legend()
    return figure


@styled
def range_test(rates: Floats, losses: Floats, smooth: Floats, chosen: float) -> Figure:
    """Draw the training loss while the rate rises through one epoch."""
    figure, (axes,) = panels(8, 4, 1)
    axes.plot(rates, losses, color=LINE, linewidth=1, label="each batch")
    axes.plot(rates, smooth, color=TRAIN, label="smoothed")
    axes.axvline(chosen, color=GOOD, linestyle="--", label=f"chosen: {chosen:.2g}")
    axes.set(xscale="log", xlabel="learning rate", ylabel="training loss")
    axes.set_ylim(0, float(np.percentile(losses, 97)) * 1.2)
    axes.set_title("Learning-rate range test")
    axes.legend()
    return figure


@styled
def comparison(histories: Mapping[str, Sequence[Epoch]]) -> Figure:
    """Draw the validation curves of several runs: loss from 0, accuracy from 0.9 or less."""
    figure, (left, right) = panels(10, 4, 2)
    for (name, rows), colour in zip(histories.items(), cycle(len(histories)), strict=True):
        epochs = [row.epoch for row in rows]
        for axes, what in ((left, "loss"), (right, "accuracy")):
            values = [getattr(row, f"validation_{what}") for row in rows]
            axes.plot(epochs, values, marker="o", markersize=4, color=colour, label=name)
    for axes, what in ((left, "loss"), (right, "accuracy")):
        axes.set(title=f"Validation {what}", xlabel="epoch")
        axes.xaxis.set_major_locator(MaxNLocator(integer=True, min_n_ticks=1))
    left.set_ylim(bottom=0)
    right.set_ylim(bottom=min(0.9, right.get_ylim()[0]))  # a worse run is to be seen, too
    right.yaxis.set_major_formatter(PercentFormatter(1, decimals=None))
    right.legend(loc="lower right")
    return figure
