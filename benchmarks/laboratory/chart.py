"""The chart of accuracy against training time, with a name beside every dot."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.ticker import FixedLocator, FuncFormatter, NullLocator
from matplotlib.transforms import Bbox

from inkdigits.evaluation.drawing import CYCLE, PAPER, panels, styled
from inkdigits.evaluation.metrics import Floats


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
FAR = 14  # points between a dot and its name
MARKERS = ("o", "s", "^", "D")


@styled
def accuracy_against_time(dots: Sequence[Dot]) -> Figure:
    """Draw what trainings score against what they cost: better is up, faster is left.

    Both axes are logarithms, the upright one of the error, so that a tenth of a point counts for
    more the nearer one is to none. A colour and a marker a group, in the order they come in.
    """
    figure, (axes,) = panels(10, 6.2, 1)
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
        _lead(axes, at, box, colours[dot.group])


def _lead(axes: Axes, at: Floats, box: Bbox, colour: str) -> None:
    """Draw a thin line from a dot to its name, where that had to go further away."""
    near = np.clip(at, box.p0, box.p1)
    if np.hypot(*(near - at)) > FAR * axes.figure.dpi / 72:
        ends = axes.transData.inverted().transform([at, near])
        axes.plot(*ends.T, color=colour, linewidth=0.7, alpha=0.6, zorder=2)


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
