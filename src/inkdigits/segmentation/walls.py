"""Walls: printed upright strokes between the cells of a comb, which are no 1s; and 1s, no walls.

Nobody writes strokes that begin and end at the same levels to a pixel or two, at even distances.
"""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from .components import Component
from .rules import Rule
from .sieve import boxes

FEWEST = 3  # walls of one row
SURELY = 6  # so many, whatever is between them
SLIM = 0.3  # of its height: a wall is no broader
LEAN = 0.15  # columns a row: it leans no more
ALIKE = 0.03  # of the height: so little tops and bottoms stray; a pixel or so at least
ASTRAY = 0.15  # of the strokes: so many may stray more, and are none
PITCH = 0.14  # of the distance of two: so little distances differ
# A 1 is no broader than so much of its height, and about as high as the digits; it stands
# beside one of them, so far up or down at most, and so far aside, in parts of their height.
NARROW, LOWEST, HIGHEST = 0.45, 0.6, 1.35
LEVEL, BESIDE = 0.4, 1.5
HIGHER = 1.1  # than what is written between them

Floats = npt.NDArray[np.float64]


def without_walls(components: Sequence[Component]) -> tuple[list[Component], list[Rule]]:
    """Return what is no wall of a comb, and the walls as rules.

    Parameters
    ----------
    components
        Of the writing of a page.
    """
    slim = [c for c in components if _may_be_wall(c)]
    walls: list[Component] = []
    while len(slim) >= FEWEST:
        row = _row_of(slim[0], slim)
        if len(row) >= FEWEST and _is_comb(row, components):
            walls += row
        taken = {id(one) for one in row} | {id(slim[0])}
        slim = [one for one in slim if id(one) not in taken]
    gone = {id(wall) for wall in walls}
    rest = [c for c in components if id(c) not in gone]
    return rest, [Rule(w.left, w.top, w.left + w.width, w.top + w.height, w.stroke) for w in walls]


def ones_among(strokes: Sequence[Component], digits: Sequence[Component]) -> list[Component]:
    """Return which of `strokes` stand among `digits` as a 1 does, whatever a finder sees in them.

    Parameters
    ----------
    strokes
        What a finder takes for no handwriting.
    digits
        What it takes for handwriting.
    """
    if not strokes or not digits:
        return []
    usual = float(np.median([digit.height for digit in digits]))
    box, known = boxes(strokes), boxes(digits)
    wide, tall = box[:, 2] - box[:, 0], box[:, 3] - box[:, 1]
    fits = (wide <= NARROW * tall) & (tall >= LOWEST * usual) & (tall <= HIGHEST * usual)
    found = []
    for at in np.flatnonzero(fits).tolist():
        left, top, right, bottom = box[at].tolist()
        level = np.abs(known[:, 1] + known[:, 3] - top - bottom) < 2 * LEVEL * usual
        gaps = np.maximum(known[:, 0] - right, left - known[:, 2])[level]
        if len(gaps) and 0 < gaps.min() <= BESIDE * usual:
            found.append(strokes[at])
    return found


def _may_be_wall(component: Component) -> bool:
    upright = component.height >= 8 and component.width <= max(SLIM * component.height, 3)
    # A stroke fills most of its box; a slim 0 or 8 does not.
    return upright and abs(component.lean) <= LEAN and component.mass >= 0.45 * component.ink.size


def _row_of(first: Component, slim: Sequence[Component]) -> list[Component]:
    """Return those that begin and end on lines with the first, from left to right."""
    reach = max(ALIKE * first.height, 1.2)
    row = [
        c
        for c in slim
        if abs(c.height - first.height) <= 2 * reach
        and abs(c.middle[1] - first.middle[1]) <= 0.06 * abs(c.middle[0] - first.middle[0]) + reach
    ]
    row.sort(key=lambda c: c.middle[0])
    least = max(FEWEST, (1 - ASTRAY) * len(row))
    while len(row) >= least:  # the page may lie aslant; what strays from the common lines goes
        off = np.maximum(_strays([c.top for c in row], row), _strays([c.bottom for c in row], row))
        if float(off.max()) <= reach:
            return row
        row = [c for c, stray in zip(row, off.tolist(), strict=True) if stray < float(off.max())]
    return []


def _strays(levels: Sequence[float], row: Sequence[Component]) -> Floats:
    """Return how far levels are from a straight line through them."""
    x = np.array([c.middle[0] for c in row])
    y = np.array(levels, float)
    slope, level = np.polyfit(x - x.mean(), y, 1) if np.ptp(x) > 0 else (0.0, float(y.mean()))
    return np.asarray(np.abs(y - level - slope * (x - x.mean())), np.float64)


def _is_comb(row: Sequence[Component], components: Sequence[Component]) -> bool:
    """Whether strokes stand at even distances, higher than what is between them."""
    middles = np.array([c.middle[0] for c in row])
    height = float(np.median([c.height for c in row]))
    gaps = np.diff(middles)
    pitch = float(gaps.min())
    if pitch < 0.35 * height:
        return False
    cells = np.rint(gaps / pitch)
    pitch = float(gaps.sum() / cells.sum())
    if float(np.abs(gaps - cells * pitch).max()) > PITCH * pitch or cells.max() > 8:
        return False
    if len(row) >= SURELY:
        return True
    own = {id(one) for one in row}
    top, bottom = min(c.top for c in row), max(c.bottom for c in row)
    between = [
        c.height
        for c in components
        if id(c) not in own
        and middles[0] - pitch < c.middle[0] < middles[-1] + pitch
        and top < c.middle[1] < bottom
        and c.height >= 0.3 * height
    ]
    return bool(between) and height >= HIGHER * float(np.median(between))
