"""Tables: lines that printed walls part into cells, and which cell is which.

The boxes of a comb hold one digit each, and what they hold is one number: that is no table.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from .components import Component
from .lines import TextLine
from .rules import Rule

REACHES = 0.8  # of the height of a line: a wall beside it is no shorter
SQUARE = 1.1  # of the height: squares of paper are narrower, cells are wider
CROSSED = 0.2  # of the walls: who writes in cells does not write across more of them
SAME_WALL = 0.4  # of the height: walls of different rows that are nearer are one


@dataclass(frozen=True)
class _Parted:
    """A line, and the walls among its components, by their middle."""

    line: TextLine
    walls: Sequence[float]
    rules: frozenset[Rule]


def in_cells(
    lines: Sequence[TextLine], walls: Sequence[Rule], faint: Sequence[Rule] = ()
) -> list[TextLine]:
    """Return lines, those that walls run through as a line a cell.

    Parameters
    ----------
    lines
        Of a page.
    walls
        Upright printed rules.
    faint
        Others, which may be those of squared paper: nobody's cells.
    """
    if not (walls or faint) or not lines:
        return list(lines)
    parted = [_Parted(line, *_between(line, walls)) for line in lines]
    if not any(_is_row(each, parted) for each in parted):
        parted = [_Parted(line, *_between(line, [*walls, *faint])) for line in lines]
        if _is_squared(parted) or not any(_is_row(each, parted) for each in parted):
            return list(lines)
    columns = _columns([wall for each in parted for wall in each.walls], lines[0].height)
    found: list[TextLine] = []
    row = -1
    for each in parted:
        if not each.walls:
            found.append(each.line)
            continue
        row += 1
        found += _cells(each, row, columns)
    return found


def _is_squared(parted: Sequence[_Parted]) -> bool:
    """Whether walls stand as close as on squared paper."""
    gaps = [float(gap) / each.line.height for each in parted for gap in np.diff(each.walls)]
    return bool(gaps) and float(np.median(gaps)) < SQUARE


def _between(line: TextLine, walls: Sequence[Rule]) -> tuple[list[float], frozenset[Rule]]:
    """Return where walls stand that are as high as a line and beside it, and which they are."""
    top = min(component.top for component in line.components)
    bottom = max(component.bottom for component in line.components)
    middle, half = (top + bottom) / 2, REACHES * min(line.height, bottom - top) / 2
    beside = [wall for wall in walls if wall.top <= middle - half and wall.bottom >= middle + half]
    places = sorted((wall.left + wall.right) / 2 for wall in beside)
    crossed = sum(any(_runs_through(place, c) for c in line.components) for place in places)
    if crossed > CROSSED * len(places):  # squared paper, which nobody keeps to
        return [], frozenset()
    return _merged(places, SAME_WALL * line.height), frozenset(beside)


def _runs_through(place: float, component: Component) -> bool:
    inner = 0.2 * component.width
    return component.left + inner < place < component.right - inner and component.width > 4


def _merged(places: Sequence[float], near: float) -> list[float]:
    groups: list[list[float]] = []
    for place in places:
        if groups and place - groups[-1][-1] <= near:
            groups[-1].append(place)
        else:
            groups.append([place])
    return [float(np.mean(group)) for group in groups]


def _is_row(parted: _Parted, others: Sequence[_Parted]) -> bool:
    """Whether walls make a row of cells, and not a comb: one of a digit each, in one row."""
    filled = [cell for cell in _split(parted.line.components, parted.walls) if cell]
    if len(filled) < 2:
        return False
    if any(len(cell) > 1 for cell in filled):
        return True
    if any(parted.rules & other.rules for other in others if other is not parted):
        return True  # a wall runs on into another row
    gaps = np.diff(parted.walls)
    # One digit a cell: a comb, unless its cells are far wider than a digit is.
    return bool(len(gaps)) and float(np.median(gaps)) > 1.9 * parted.line.height


def _split(components: Sequence[Component], walls: Sequence[float]) -> list[list[Component]]:
    cells: list[list[Component]] = [[] for _ in range(len(walls) + 1)]
    for component in components:
        cells[int(np.searchsorted(walls, component.middle[0]))].append(component)
    return cells


def _columns(walls: Sequence[float], height: float) -> list[float]:
    return _merged(sorted(walls), SAME_WALL * height)


def _cells(parted: _Parted, row: int, columns: Sequence[float]) -> list[TextLine]:
    line = parted.line
    found = []
    for components in _split(line.components, parted.walls):
        if components:
            middle = float(np.mean([component.middle[0] for component in components]))
            column = int(np.searchsorted(columns, middle))
            found.append(replace(line, components=components, cell=(row, column)))
    least = 1 if columns and columns[0] < min(c.left for c in line.components) else 0
    return [replace(f, cell=(row, f.cell[1] - least)) if f.cell else f for f in found]
