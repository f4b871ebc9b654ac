"""Pictures of a search of settings, in the style of `drawing`."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import LinearSegmentedColormap
from matplotlib.figure import Figure
from matplotlib.ticker import LogLocator, MaxNLocator, NullFormatter, PercentFormatter

from ..evaluation.drawing import BAD, GOOD, TRAIN, VALIDATION, panels, styled
from .space import Axis, Choice
from .study import Trial

GIVEN_UP = "#aab2bd"
ROOM = 26  # letters that fit under a panel
ORDER = LinearSegmentedColormap.from_list("order", ["#c3d7ea", TRAIN, "#123a63"])


@styled
def trials(tried: Sequence[Trial]) -> Figure:
    """Draw the validation error of every trial in order, with the least so far.

    Whatever is much worse than the others stands at the upper edge.
    """
    figure, (axes,) = panels(8, 4, 1)
    by_state = {
        state: [trial for trial in tried if trial.state == state]
        for state in ("complete", "pruned", "fail")
    }
    complete = by_state["complete"]
    top = _error_axis(axes, complete)
    for state, marker, colour, label in (
        ("pruned", "v", GIVEN_UP, "stopped early"),
        ("complete", "o", TRAIN, "complete"),
    ):
        numbers = [trial.number for trial in by_state[state]]
        errors = [min(trial.error, top) for trial in by_state[state]]
        if numbers:
            axes.scatter(
                numbers, errors, marker=marker, color=colour, label=label, zorder=3, clip_on=False
            )
    least = np.minimum.accumulate([trial.error for trial in complete])
    numbers = [*(trial.number for trial in complete), tried[-1].number]
    axes.step(numbers, [*least, least[-1]], where="post", color=GOOD, label="lowest so far")
    if own := [trial.error for trial in complete if trial.unchanged]:
        axes.axhline(own[0], color=VALIDATION, linestyle="--", label="the recipe unchanged")
    for index, trial in enumerate(by_state["fail"]):
        label = "_" if index else "training failed"
        axes.axvline(trial.number, color=BAD, linewidth=1, linestyle=":", label=label)
    axes.set(xlabel="trial", title="Validation error of the trials")
    axes.set_xlim(0, tried[-1].number + 1)
    axes.xaxis.set_major_locator(MaxNLocator(integer=True, min_n_ticks=1))
    figure.legend(loc="outside lower center", ncols=5, fontsize=10)
    return figure


@styled
def settings(
    ranked: Sequence[Trial], varied: Sequence[Axis], importance: Mapping[str, float]
) -> Figure:
    """Draw each setting against the validation error of complete trials: dark late, starred best.

    The panels stand in the order of `importance`, where that is known.
    """
    shown = sorted(varied, key=lambda axis: -importance.get(axis.setting, 0))
    across = min(len(shown), 4)
    down = -(-len(shown) // across)
    figure, cells = panels(2.9 * across, 2.7 * down + 0.3, down * across, across)
    for cell in cells[len(shown) :]:
        cell.set_axis_off()
    for index, (cell, axis) in enumerate(zip(cells, shown, strict=False)):
        top = _error_axis(cell, ranked)
        places = _places(cell, axis, [trial.settings[axis.setting] for trial in ranked])
        errors = [min(trial.error, top) for trial in ranked]
        cell.scatter(
            places, errors, c=[t.number for t in ranked], cmap=ORDER, s=26, zorder=3, clip_on=False
        )
        cell.plot(places[0], errors[0], marker="*", markersize=13, color=GOOD, zorder=4)
        part = f" ({importance[axis.setting]:.0%})" if axis.setting in importance else ""
        cell.set_title(f"{axis.setting.partition('.')[2]}{part}", fontsize=11)
        if index % across:
            cell.tick_params(labelleft=False)
        else:
            cell.set_ylabel("validation error")
    return figure


def _error_axis(axes: Axes, complete: Sequence[Trial]) -> float:
    """Scale an axis to the errors of most trials, and return its upper edge."""
    # A few that went wrong must not press all others into one line.
    errors = [trial.error for trial in complete]
    low = 0.9 * min(errors)
    top = min(max(errors), 2 * float(np.median(errors)))
    top = max(top + 0.1 * (top - low), low + 1e-3)
    axes.set_ylim(low, top)
    axes.yaxis.set_major_formatter(PercentFormatter(1, decimals=None))
    return top


def _places(axes: Axes, varied: Axis, values: Sequence[Any]) -> list[Any]:
    """Prepare a horizontal axis for a setting, and return where on it the values stand."""
    if isinstance(varied, Choice):
        labels = [_short(text) for text in varied.texts]
        crowded = sum(map(len, labels)) > ROOM
        turned: dict[str, Any] = {"rotation": 30, "ha": "right"} if crowded else {}
        axes.set_xticks(range(len(labels)), labels, **turned)
        axes.set_xlim(-0.5, len(varied.ends) - 0.5)
        return [varied.ends.index(value) for value in values]
    low, high = varied.low, varied.high
    if varied.log:
        axes.set_xscale("log")
        axes.xaxis.set_major_locator(LogLocator(subs=(1, 3) if high < 1000 * low else (1,)))
        axes.xaxis.set_major_formatter(lambda value, _: f"{value:g}")
        axes.xaxis.set_minor_formatter(NullFormatter())
        axes.set_xlim(low / (high / low) ** 0.05, high * (high / low) ** 0.05)
    else:
        axes.xaxis.set_major_locator(MaxNLocator(4))
        axes.set_xlim(low - 0.05 * (high - low), high + 0.05 * (high - low))
    return list(values)


def _short(text: str) -> str:
    return text.strip('"') if len(text) <= 12 else f"{text[:11]}…"
