"""Marks: dots, commas, dashes and strokes among digits, told from parts of digits and from dust.

A mark is known by its shape, by its size and by its place against the digits beside it. Until marks
are symbols of an alphabet, each stands in the line as a rejected symbol.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from .components import INKED, SPECK, Component, joined

DOT, COMMA, DASH = 0.45, 0.6, 1.3  # of the height beside it: a mark is no larger
BELOW = 0.62  # of that height: the middle of a dot or comma is no higher
DUSTY = 0.6  # of the strokes: what is smaller is dust
PERCENT = 0.12  # columns a row: the stroke of a percent sign leans more
SLASH = 0.25  # columns a row: a stroke that leans less is a 1
STRAIGHT = 0.5  # of its thickness: no straight stroke is off its middle by more
ROUND = 0.3  # of that height: a round dot is no larger
FLAT, STUBBY = 1.6, 1.25  # columns a row: a dash is so long at least, one that stands apart shorter
APART = 0.1  # of that height: what is so far from its neighbours is no splinter of them
ASIDE, UNDER = 0.5, 0.9  # of its width: what stands more above or below a digit is a part of it

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Sorted:
    """What is small in a line: `parts` that may belong to digits, and marks among them."""

    parts: Sequence[Component]
    marks: frozenset[Component]


def sort_marks(
    row: Sequence[Component], small: Sequence[Component], height: float
) -> tuple[Sorted, list[Component]]:
    """Return what of `small` is a mark or may be a part of a digit, and what is dust.

    Parameters
    ----------
    row
        The digits of a line, from left to right.
    small
        What is too small to be one of them, and stands near them.
    height
        Of the writing.
    """
    if not small and len(row) == 1:
        return Sorted([], frozenset()), []
    stroke = float(np.median([body.stroke for body in row])) if small else 0.0
    parts: list[Component] = []
    whole = _Row(row)
    commas = {body for body in row if len(row) > 1 and is_comma(body, _Place.of(body, whole))}
    bodies = _Row([body for body in row if body not in commas] or row)
    marks: list[Component] = []
    dust: list[Component] = []
    for component in small:
        long = max(component.width, component.height)
        place = _Place.of(component, bodies)
        if not is_dusty(component, stroke) and is_mark(component, place, stroke):
            marks.append(component)
        elif long >= max(SPECK * height, 2.0):
            parts.append(component)
        else:
            dust.append(component)
    merged, loose = _stacked(marks, dust, stroke)
    return Sorted([*parts, *merged], frozenset([*merged, *commas])), loose


def percents(
    row: Sequence[Component], small: Sequence[Component], height: float
) -> list[list[Component]]:
    """Return the parts of each percent sign: a leaning stroke with a ring on either side."""
    found: list[list[Component]] = []
    if len(row) + len(small) < 3:
        return found
    taken: set[Component] = set()
    whole = _Row([*row, *small])
    for stroke in row:
        if stroke in taken or not straight(stroke) or stroke.lean < PERCENT:
            continue
        rings = [
            c
            for c in whole.near(stroke, 0.9 * height)
            if c is not stroke and c not in taken and _is_ring(c, stroke, height)
        ]
        above = [c for c in rings if _beside(c, stroke) < 0 and c.middle[1] < stroke.middle[1]]
        below = [c for c in rings if _beside(c, stroke) > 0 and c.middle[1] > stroke.middle[1]]
        if above and below:
            parts = [stroke, max(above, key=lambda c: c.mass), max(below, key=lambda c: c.mass)]
            found.append(parts)
            taken.update(parts)
    return found


def _is_ring(component: Component, stroke: Component, height: float) -> bool:
    """Whether it is small and near enough to be one of the two rings of a percent sign."""
    high = 0.12 * stroke.height <= component.height <= 0.6 * stroke.height
    level = stroke.top - 0.2 * height <= component.middle[1] <= stroke.bottom + 0.2 * height
    return high and level and component.width <= 2 * component.height


def _beside(component: Component, stroke: Component) -> float:
    """Return how far to the right of a stroke it stands, where the stroke is at that level."""
    x, y = component.middle
    return x - (stroke.middle[0] - stroke.lean * (y - stroke.middle[1]))


@dataclass(frozen=True)
class _Place:
    """Where a component stands against its neighbours in a line.

    Attributes
    ----------
    level
        Of its middle: 0 where the neighbours begin, 1 where they end.
    height
        Of the neighbours.
    aside
        How much of its width stands above or below a neighbour, 0 to 1.
    gap
        Of paper to the nearest neighbour, as a part of that height; below 0 where they overlap.
    before, within
        Whether the first digit follows, and whether it stands between two.
    """

    top: float
    height: float
    level: float
    aside: float
    gap: float
    before: bool
    within: bool

    @classmethod
    def of(cls, component: Component, row: "_Row") -> "_Place":
        y = component.middle[1]
        left, right = row.beside(component)
        beside = [body for body in (left, right) if body is not None] or [component]
        top = float(np.mean([body.top for body in beside]))
        height = max(float(np.mean([body.bottom for body in beside])) - top, 1.0)
        over = [
            min(body.right, component.right) - max(body.left, component.left) for body in beside
        ]
        return cls(
            top,
            height,
            (y - top) / height,
            max([*over, 0]) / component.width,
            -max(over) / height,
            left is None,
            left is not None and right is not None,
        )


class _Row:
    """The digits of a line by where they stand, so that neighbours are found at once."""

    def __init__(self, bodies: Sequence[Component]) -> None:
        self.bodies = sorted(bodies, key=lambda body: body.middle[0])
        self.middles = [body.middle[0] for body in self.bodies]

    def beside(self, component: Component) -> tuple[Component | None, Component | None]:
        """Return the bodies to the left and to the right of a component."""
        at = bisect_right(self.middles, component.middle[0])
        left = at - 1
        if left >= 0 and self.bodies[left] is component:
            left -= 1
        before = self.bodies[left] if left >= 0 else None
        return before, self.bodies[at] if at < len(self.bodies) else None

    def near(self, component: Component, reach: float) -> list[Component]:
        """Return the bodies whose middles are no further than `reach` from a component's."""
        x = component.middle[0]
        first = bisect_left(self.middles, x - reach)
        return self.bodies[first : bisect_right(self.middles, x + reach)]


def is_mark(component: Component, place: _Place, stroke: float) -> bool:
    """Whether it is a dot, a comma or a dash: within a number, or before one."""
    if not (place.before or place.within):
        return False
    wide, tall = component.width, component.height
    # A dot may stand under the overhang of a 7, a splinter of a digit is hardly ever as round.
    round_dot = max(wide, tall) <= ROUND * place.height and max(wide, tall) <= 2 * min(wide, tall)
    dot = max(wide, tall) <= DOT * place.height and wide <= 2.2 * tall and place.aside <= ASIDE
    if place.level >= BELOW and ((round_dot and place.aside <= UNDER) or dot):
        return True
    if is_comma(component, place):
        return True
    inked, thick = _inked(component)  # the soft edges of a small dash are half of it
    ratio = STUBBY if place.gap >= APART else FLAT
    flat = thick <= max(2.2 * stroke, 0.2 * place.height) and inked >= ratio * thick
    long = 0.15 * place.height <= wide <= DASH * place.height
    return flat and long and 0.25 <= place.level <= 0.85 and place.aside <= ASIDE


def is_dusty(component: Component, stroke: float) -> bool:
    """Whether it is smaller than strokes are thick, without its soft edge."""
    return max(_inked(component)) < max(2.0, DUSTY * stroke)


def _inked(component: Component) -> tuple[int, int]:
    """Return how wide and how high it is without its soft edge."""
    inked = component.ink > INKED
    return int(inked.any(0).sum()), int(inked.any(1).sum())


def is_comma(component: Component, place: _Place) -> bool:
    """Whether it hangs on the base line, shorter than a digit."""
    low = component.top > place.top + 0.5 * place.height
    down = component.bottom > place.top + 0.9 * place.height
    narrow = component.width <= 1.5 * component.height and place.aside <= ASIDE
    return low and down and narrow and component.height <= COMMA * place.height


def _stacked(
    marks: Sequence[Component], dust: Sequence[Component], stroke: float
) -> tuple[list[Component], list[Component]]:
    """Return marks, those that stand one above another as one, and what of `dust` is in none."""
    groups: list[list[Component]] = []
    loose: list[Component] = []
    known = set(marks)
    # From left to right: what a component may stand above is among the last few.
    for component in sorted([*marks, *dust], key=lambda c: c.middle[0]):
        wide = max(component.width, stroke)
        group = next((g for g in reversed(groups[-3:]) if _above(g, component, wide)), None)
        if group is not None and not is_dusty(component, stroke):
            group.append(component)
        elif component in known:
            groups.append([component])
        else:
            loose.append(component)
    return [joined(group) for group in groups], loose


def _above(group: Sequence[Component], component: Component, wide: float) -> bool:
    x = component.middle[0]
    return any(abs(other.middle[0] - x) <= 0.6 * max(wide, other.width) for other in group)


def slash_score(component: Component, usual: float, height: float) -> float:
    """Return how much speaks for a stroke between digits, where a 1 would be as straight.

    Parameters
    ----------
    component
        What may be a 1 as well.
    usual
        How far digits beside it `lean`.
    height
        Of those digits.

    Returns
    -------
    float
        0 if it is no straight stroke that leans; else how much more than the digits it leans, and
        how much it is higher than they are, twice.
    """
    own = component.lean
    if component.height < 0.7 * height or own < SLASH or not straight(component):
        return 0.0
    taller = float(np.clip(component.height / height - 1, -0.3, 0.5))
    return max(own - usual + 2 * taller, 0.0)


def straight(component: Component) -> bool:
    """Whether it is one straight stroke."""
    stroke, long = component.stroke, float(np.hypot(component.width, component.height))
    if component.height < 4 * stroke or component.mass > 1.4 * stroke * long:
        return False
    own = component.lean
    x, y, weight = component.points
    apart = x + own * y
    apart = apart - np.average(apart, weights=weight)
    thick = component.stroke * float(np.hypot(1, own))
    return bool(np.average(apart * apart, weights=weight) <= (STRAIGHT * thick) ** 2)
