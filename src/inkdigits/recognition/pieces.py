"""Pieces: which ink of a line each symbol of its text is, so that it has a place on the page."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from ..models.contract import LINE_STEP
from ..segmentation.components import Component, joined, trimmed
from ..segmentation.lines import TextLine
from ..segmentation.strip import Strip
from .ctc import Classes, Span
from .lattice import Candidate, Role
from .paths import Paths

REACH = 0.7  # of the height: ink that is further from the middle of a symbol is none of it
ABOVE = 0.9  # of the height, and below: so high at most is a symbol
ASTRAY = 0.5  # of the height: a component that is further from where the network saw it is another

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Columns:
    """What a network says of a line, column by column, and where each lies on the page.

    Attributes
    ----------
    log_probabilities
        ``(T, C)``, of all its strips side by side.
    places
        ``(T, 2)``: the middle of each column, (x, y).
    looks
        What the network reads where it looks at the line again, narrower and wider.
    ink_alone
        What it reads of the ink that was found, without all else that is on the page.
    """

    log_probabilities: Floats
    places: Floats
    looks: Sequence[Classes] = ()
    ink_alone: Classes | None = None

    @classmethod
    def of(
        cls,
        strips: Sequence[Strip],
        log_probabilities: Sequence[npt.NDArray[np.floating]],
        looks: Sequence[Classes] = (),
        ink_alone: Classes | None = None,
    ) -> "Columns":
        """Return what the network gave for strips ``(T, C)`` each, side by side."""
        places = [
            strip.on_page(LINE_STEP * (np.arange(len(rows)) + 0.5))
            for strip, rows in zip(strips, log_probabilities, strict=True)
        ]
        columns = np.concatenate(log_probabilities).astype(np.float64)
        return cls(columns, np.concatenate(places), looks, ink_alone)


@dataclass(frozen=True, eq=False)
class Pieces:
    """The ink of a line, by the symbols of its text.

    Attributes
    ----------
    symbols
        For each symbol its piece of ink.
    passed
        What is in none of them.
    unexplained
        The share of the ink that is in none of them.
    """

    symbols: Sequence[Candidate]
    passed: Sequence[Candidate]
    unexplained: float


def pieces(
    line: TextLine, paths: Paths, columns: Columns, text: Classes, spans: Sequence[Span]
) -> Pieces:
    """Return which ink each symbol of a text is.

    Parameters
    ----------
    line, paths
        Its components, and the ways to read them.
    columns, text, spans
        What the network says, and where in its columns each symbol of the text stands.
    """
    places = columns.places[[span.peak for span in spans]] if spans else np.empty((0, 2))
    own: dict[int, Candidate] = {}
    rest: list[Candidate] = []
    for candidate, first, last in paths.explained(text):
        near = last == first + 1 and _is_near(candidate.component, places[first], line.height)
        if near:
            own[first] = candidate
        else:
            rest.append(candidate)
    symbols: list[Candidate] = []
    cut: set[Component] = set()
    edges = _edges(places[:, 0], line.height)
    for at, place in enumerate(places):
        if at in own:
            symbols.append(_symbol(own[at].component))
            continue
        ink = [c.component for c in rest if c.role is not Role.NOTHING]
        left, right = edges[at]
        piece = _cut_out(ink, left, right, float(place[1]), line.height)
        cut |= {c for c in ink if c.left < right and c.right > left} if piece else set()
        piece = piece or _cut_out(line.components, left, right, float(place[1]), line.height)
        symbols.append(_symbol(piece or _empty(left, right, float(place[1]), line.height)))
    passed = [replace(c, role=Role.NOTHING) for c in rest if c.component not in cut]
    lost = sum(candidate.component.mass for candidate in passed)
    total = sum(component.mass for component in line.components)
    return Pieces(symbols, passed, min(lost / total, 1.0) if total else 0.0)


def _symbol(component: Component) -> Candidate:
    return Candidate(0, 0, component, 0.0)


def _is_near(component: Component, place: Floats, height: float) -> bool:
    away = abs(component.middle[0] - float(place[0]))
    return away <= component.width / 2 + ASTRAY * height


def _edges(middles: Floats, height: float) -> list[tuple[float, float]]:
    """Return from where to where each symbol reaches: half-way to its neighbours, at most."""
    between = (middles[1:] + middles[:-1]) / 2
    left = np.maximum(np.concatenate([[-np.inf], between]), middles - REACH * height)
    right = np.minimum(np.concatenate([between, [np.inf]]), middles + REACH * height)
    return [(float(a), float(b)) for a, b in zip(left, right, strict=True)]


def _cut_out(
    components: Sequence[Component], left: float, right: float, y: float, height: float
) -> Component | None:
    """Return the ink of components between two columns; None if there is none."""
    top, bottom = round(y - ABOVE * height), round(y + ABOVE * height)
    found = []
    for component in components:
        rows = slice(max(top - component.top, 0), max(bottom - component.top, 0))
        columns = slice(max(round(left) - component.left, 0), max(round(right) - component.left, 0))
        ink = component.ink[rows, columns]
        if ink.size and ink.any():
            found.append(Component(component.left + columns.start, component.top + rows.start, ink))
    return trimmed(joined(found)) if found else None


def _empty(left: float, right: float, y: float, height: float) -> Component:
    """Return a place where the network sees a symbol and there is no ink."""
    size = max(1, round(height)), max(1, round(right - left))
    return Component(round(left), round(y - height / 2), np.zeros(size, np.float32))
