"""The one style in which everything is drawn: without global state, for talks and for pages.

`png` gives a picture for a talk; `svg` gives it for a page, in the colours of the page: text and
axes follow the reader's light or dark theme.
"""

import io
from collections.abc import Sequence
from typing import Any

import matplotlib as mpl
from matplotlib.axes import Axes
from matplotlib.figure import Figure

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
styled = mpl.rc_context(STYLE)  # every figure is drawn and saved in it


class Picture(Figure):
    """A figure that a notebook shows by itself, as sharp as the screen can be."""

    def _repr_png_(self) -> tuple[bytes, dict[str, int]]:
        wide, tall = self.get_size_inches()
        return png(self, 144), {"width": round(72 * wide), "height": round(72 * tall)}


@styled
def png(figure: Figure, dots: int = 200) -> bytes:
    """Return the figure as a PNG, so many dots an inch, on white."""
    encoded = io.BytesIO()
    figure.savefig(encoded, format="png", dpi=dots)
    return encoded.getvalue()


@styled
def svg(figure: Figure) -> str:
    """Return the figure as an SVG element in the colours of the page around it."""
    encoded = io.StringIO()
    figure.savefig(encoded, format="svg", metadata={"Date": None})
    text = encoded.getvalue()
    text = text[text.index("<svg") :]
    for colour, theme in ((TEXT, "currentColor"), (LINE, "var(--line)"), (PAPER, "none")):
        text = text.replace(colour, theme)
    return text


def cycle(count: int) -> list[str]:
    """Return so many colours, the first ones again when they run out."""
    return [CYCLE[index % len(CYCLE)] for index in range(count)]


def panels(
    width: float,
    height: float,
    cells: int,
    across: int | None = None,
    heights: Sequence[float] | None = None,
) -> tuple[Figure, list[Axes]]:
    """Return a figure, in inches, of so many panels, `across` of them in a row."""
    across = across or cells
    figure = Picture(figsize=(width, height), layout="constrained")
    grid = figure.subplots(cells // across, across, squeeze=False, height_ratios=heights)
    return figure, list(grid.flat)
