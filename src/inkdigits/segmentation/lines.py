"""Lines: which components stand in which line of writing, and in which order."""

from collections.abc import Sequence

import numpy as np

from .components import SMALL, Component

SAME_LINE = 0.62  # of the height: middles that differ by less stand in one line
SLOPES = np.tan(np.radians(np.array([0, *(s * a for a in range(1, 13) for s in (1, -1))])))


def lines(components: Sequence[Component], height: float) -> list[list[Component]]:
    """Return the components in lines from top to bottom, each from left to right."""
    bodies = [component for component in components if component.height >= SMALL * height] or list(
        components
    )
    if not bodies:
        return []
    slope = _slope(bodies)

    def level(component: Component) -> float:
        x, y = component.middle
        return y - slope * x

    rows: list[list[Component]] = []
    for component in sorted(bodies, key=level):
        if (
            rows
            and level(component) - np.mean([level(p) for p in rows[-1][-3:]]) <= SAME_LINE * height
        ):
            rows[-1].append(component)
        else:
            rows.append([component])
    centres = np.array([np.mean([level(component) for component in row]) for row in rows])
    known = {id(component) for component in bodies}
    for component in components:
        if id(component) not in known:
            nearest = int(np.abs(centres - level(component)).argmin())
            if abs(centres[nearest] - level(component)) < height:
                rows[nearest].append(component)
    return [sorted(row, key=lambda component: component.middle[0]) for row in rows]


def _slope(components: Sequence[Component]) -> float:
    """Return the slope at which the middles of the components cover the least height."""
    if len(components) < 3:
        return 0.0
    x, y = np.array([component.middle for component in components]).T
    half = np.array([component.height for component in components]) / 4
    covered = []
    for slope in SLOPES:
        at = y - slope * x
        order = np.argsort(at - half)
        begins, ends = (at - half)[order], np.maximum.accumulate((at + half)[order])
        gaps = np.maximum(begins[1:] - ends[:-1], 0).sum()
        covered.append(ends[-1] - begins[0] - gaps)
    least = np.array(covered)
    # Level, or as near to level as explains the lines about as well.
    return float(SLOPES[np.flatnonzero(least <= 1.08 * least.min() + 1e-6)[0]])
