"""The sieve: which components are writing, and what all others are: boxes, rules, edges, specks."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import numpy as np
import numpy.typing as npt

from ..document import Reason
from .components import INKED, Component, Unread, find_components, writing_height
from .ink import Map
from .rules import Mask, Rule, Unruled, faint_walls, peeled, without_grid, without_rules

LEAST = 6  # pixels: what is smaller has no shape
CROWD, GRAIN = 150, 12  # more components than that, most of them smaller than that: noise
BLOCK = 256  # components that are held against all others at a time
BORDER = 0.6  # of a side: what touches the edge for as long as that is the edge of the paper
FEWEST = 3  # components of a table
MANY = 4  # thin components that may be the pieces of a broken grid
FEW_ONES = 0.2  # of all components: so many may be thin for being ones
LONG = 2.5  # heights of the writing: whatever is longer is more than a digit
INSIDE = 2  # components that stand in one: it is a table, not a digit
FULL = 0.5  # of its box that is ink: no digit has as much, a speck has
SIDE = 0.75  # of a side of its box that ink runs along, if it is a table
THIN = 0.2  # of the height of the writing: a wall of a table is no wider
CELL = 1.6  # heights of the writing: a cell that is no wider holds one digit
Boxes = npt.NDArray[np.int64]


@dataclass
class Sieved:
    """What is written on a page, and what else there is.

    Attributes
    ----------
    components
        Of the writing, with its specks and marks.
    height
        Of the writing that covers most.
    walls
        Upright printed rules: what stands on either side of one is in different cells.
    faint
        The same, of rules that are too faint to be ink.
    rules
        All printed rules.
    unread
        All else that is not plainly dirt.
    """

    components: list[Component]
    height: float
    walls: list[Rule] = field(default_factory=list)
    faint: list[Rule] = field(default_factory=list)
    rules: list[Rule] = field(default_factory=list)
    unread: list[Unread] = field(default_factory=list)


def sieve(ink: Map, faint: Mask | None = None) -> Sieved:
    """Return what is written in `ink` ``(H, W)``.

    `faint` is 1 where there may be printed rules that are too faint to be ink.
    """
    whole = without_rules(ink)
    sieved = Sieved([], 0.0)
    _note(sieved, whole)
    found, unread = find_components(whole.ink)
    height, longest = _usual(found) if len(found) >= FEWEST else (0.0, 0.0)
    pieces = _bars(found, height) >= max(MANY, FEW_ONES * len(found))
    if height >= LEAST and (longest > LONG * height or pieces):
        grid = without_grid(whole.ink, height)
        if grid.any:
            _note(sieved, grid)
            found, unread = find_components(grid.ink)
            found = _without_bars(found, height, sieved)
    sieved.unread += unread
    for component in found:
        sieved.components += _opened(component, sieved)
    # Edges first: two that meet hold the page in their box, as a table does.
    _leave_out_edges(sieved, *ink.shape)
    _leave_out_boxes(sieved)
    sieved.height = writing_height(sieved.components)
    _leave_out_rules(sieved)
    if faint is not None and sieved.height >= LEAST:
        sieved.faint = faint_walls(faint, ink, sieved.height)
    return sieved


def _note(sieved: Sieved, found: Unruled) -> None:
    sieved.walls += found.upright
    sieved.rules += [*found.lying, *found.upright]
    sieved.unread += [_unread(rule) for rule in (*found.lying, *found.upright)]


def _usual(found: Sequence[Component]) -> tuple[float, float]:
    """Return the height of what may be digits, and the longest side of all."""
    if not found:
        return 0.0, 0.0
    longest = float(max(max(c.width, c.height) for c in found))
    # A table is no digit: others stand in it.
    held = _held(found)
    plain = [c for c, inside in zip(found, held, strict=True) if len(inside) < INSIDE]
    plain = [c for c in plain if not _is_blot(c)]
    broad = [c for c in plain if max(c.width, c.height) < 6 * min(c.width, c.height)]
    return writing_height(broad or plain), longest


def _bars(found: Sequence[Component], height: float) -> int:
    """Return how many may be pieces of a rule: thin for their length, and for the writing."""
    return sum(
        min(c.width, c.height) <= THIN / 2 * height
        and max(c.width, c.height) >= 5 * min(c.width, c.height)
        for c in found
    )


def _without_bars(found: Sequence[Component], height: float, sieved: Sieved) -> list[Component]:
    """Leave out what is left of a grid: thin, and ending at its rules on both sides."""
    lying = [one for one in sieved.unread if one.width > one.height]
    kept = []
    for component in sorted(found, key=lambda c: -c.height):  # walls before a 1 that is lower
        ends = [
            any(
                rule.left - 3 <= component.middle[0] <= rule.left + rule.width + 3
                and rule.top - near <= y <= rule.top + rule.height + near
                for rule in lying
            )
            for y in (component.top, component.bottom)
            for near in [max(4.0, 0.12 * height)]
        ]
        thin = component.width <= max(4.0, THIN * height) and component.height > 2 * component.width
        wall = thin and all(ends) and not _in_a_cell(component, height, sieved.walls)
        if wall or _within_rule(component, sieved):
            sieved.walls.append(_rule(component))
            sieved.unread.append(Unread.of(component, Reason.RULE))
        else:
            kept.append(component)
    return kept


def _in_a_cell(component: Component, height: float, walls: Sequence[Rule]) -> bool:
    """Whether it stands free between two walls that are no further apart than one digit needs."""
    middle = component.middle[0]
    beside = [r for r in walls if r.top <= component.top and r.bottom >= component.bottom]
    left = max((r.right for r in beside if r.right <= component.left), default=None)
    right = min((r.left for r in beside if r.left >= component.right), default=None)
    if left is None or right is None or right - left > CELL * height:
        return False
    return min(middle - left, right - middle) >= 0.2 * (right - left)


def boxes(components: Sequence[Component]) -> Boxes:
    """Return left, top, right and bottom of each, ``(N, 4)``."""
    found = [(c.left, c.top, c.right, c.bottom) for c in components]
    return np.array(found, np.int64).reshape(-1, 4)


def _rule(component: Component) -> Rule:
    return Rule(component.left, component.top, component.right, component.bottom)


def _unread(rule: Rule) -> Unread:
    return Unread(Reason.RULE, rule.left, rule.top, rule.right - rule.left, rule.bottom - rule.top)


def _held(components: Sequence[Component]) -> list[npt.NDArray[np.intp]]:
    """Return for each component which others stand in its box, and are no specks."""
    box = boxes(components)
    blots = np.array([_is_blot(component) for component in components], bool)
    tall = box[:, 3] - box[:, 1]
    found = [np.empty(0, np.intp)] * len(box)
    large = np.flatnonzero((box[:, 2] - box[:, 0] >= 3 * LEAST) & (tall >= 3 * LEAST))
    for some in np.array_split(large, len(large) // BLOCK + 1):
        around, least = box[some, :, None], np.maximum(LEAST, 0.02 * tall[some, None])
        inside = (box[:, 0] > around[:, 0]) & (box[:, 1] > around[:, 1]) & (tall >= least)
        inside &= (box[:, 2] < around[:, 2]) & (box[:, 3] < around[:, 3])
        inside &= ~blots | (tall > 0.25 * tall[some, None])
        for at in np.flatnonzero(inside.any(1)):
            found[some[at]] = np.flatnonzero(inside[at])
    return found


def _within_rule(component: Component, sieved: Sieved) -> bool:
    """Whether it is a piece of a rule that was found: the shadow of one, or where two cross."""
    return any(
        component.left >= rule.left - 3
        and component.right <= rule.right + 3
        and component.top >= rule.top - 3
        and component.bottom <= rule.bottom + 3
        and min(component.width, component.height) <= 2 * rule.thickness + 4
        for rule in sieved.rules
    )


def _opened(component: Component, sieved: Sieved) -> list[Component]:
    """Return what is written in a box, or on a line that it touches; most as they are."""
    rest: Map | None = peeled(component.ink)
    boxed = rest is not None
    if rest is None:
        if component.width < 1.5 * component.height:
            return [component]
        rules = without_rules(component.ink, 0.6, upright=False)
        if not rules.any:
            return [component]
        _note_within(component, rules, sieved)
        rest = rules.ink
    least = 0.15 * min(component.width, component.height)
    pieces = [
        Component(component.left + p.left, component.top + p.top, p.ink)
        for p in find_components(rest)[0]
    ]
    written = [p for p in pieces if max(p.width, p.height) >= least]
    if not boxed:
        return written
    kept = [p for p in written if not _is_wall(p, component)]
    if not kept:
        return [component]
    sieved.walls += [_rule(p) for p in written if p not in kept]
    sieved.unread.append(Unread.of(component, Reason.BOX))
    return kept


def _is_blot(component: Component) -> bool:
    """Whether it is as broad as it is long, and full: a speck, or a dot."""
    wide, tall = component.width, component.height
    return max(wide, tall) < 2 * min(wide, tall) and component.mass > FULL * wide * tall


def _note_within(component: Component, found: Unruled, sieved: Sieved) -> None:
    """Note the rules that a component had, where they are on the page."""
    x, y = component.left, component.top
    rules = [
        replace(r, left=r.left + x, top=r.top + y, right=r.right + x, bottom=r.bottom + y)
        for r in found.lying
    ]
    sieved.rules += rules
    sieved.unread += [_unread(rule) for rule in rules]


def _is_wall(piece: Component, box: Component) -> bool:
    """Whether it stands between two cells of a box: thin, and as high as the box."""
    margin = max(4.0, 0.12 * box.height)
    reaches = piece.top - box.top <= margin and box.bottom - piece.bottom <= margin
    return reaches and piece.width <= max(5.0, 0.2 * box.height)


def _leave_out_boxes(sieved: Sieved) -> None:
    """Leave out boxes that others are written in."""
    if len(sieved.components) < 2:
        return
    held = _held(sieved.components)
    kept = []
    for component, inside in zip(sieved.components, held, strict=True):
        high = [at for at in inside if sieved.components[at].height > 0.25 * component.height]
        table = len(inside) > INSIDE and _has_sides(component)
        if (high and peeled(component.ink) is not None) or table:
            sieved.unread.append(Unread.of(component, Reason.BOX))
        else:
            kept.append(component)
    sieved.components = kept


def _has_sides(component: Component) -> bool:
    """Whether ink runs along three sides of its box at least, as along a table's."""
    inked = component.ink > INKED
    deep, broad = max(3, component.height // 12), max(3, component.width // 12)
    sides = (inked[:deep].any(0), inked[-deep:].any(0), inked[:, :broad].any(1),
             inked[:, -broad:].any(1))  # fmt: skip
    return sum(float(side.mean()) > SIDE for side in sides) >= 3


def _leave_out_edges(sieved: Sieved, height: int, width: int) -> None:
    """Leave out the edges of the paper, if anything else is there."""
    edges = [_is_edge(component, height, width) for component in sieved.components]
    rest = [c for c, edge in zip(sieved.components, edges, strict=True) if not edge]
    if max((c.height for c in rest), default=0) < max(6, 0.04 * max(height, width)):
        return
    gone = [c for c, edge in zip(sieved.components, edges, strict=True) if edge]
    sieved.unread += [Unread.of(component, Reason.PAPER_EDGE) for component in gone]
    sieved.components = rest


def _is_edge(component: Component, height: int, width: int) -> bool:
    """Whether it lies along an edge of the picture: long, and touching it nearly all the way."""
    inked = component.ink > INKED
    tall, wide = component.height, component.width
    sides = (
        (component.left <= 1, inked[:, :3].max(1), tall / height, wide),
        (component.right >= width - 1, inked[:, -3:].max(1), tall / height, wide),
        (component.top <= 1, inked[:3].max(0), wide / width, tall),
        (component.bottom >= height - 1, inked[-3:].max(0), wide / width, tall),
    )
    return any(
        touches and float(along.mean()) > 0.5 and (reach > BORDER or len(along) > 3 * deep)
        for touches, along, reach, deep in sides
    )


def _leave_out_rules(sieved: Sieved) -> None:
    """Leave out underlines: long and flat, and not all there is."""
    height, box = sieved.height, boxes(sieved.components)
    kept = []
    for at, component in enumerate(sieved.components):
        if component.height <= 0.3 * height and _is_rule(component, at, height, box):
            sieved.unread.append(Unread.of(component, Reason.RULE))
        else:
            kept.append(component)
    sieved.components = kept


def _is_rule(component: Component, at: int, height: float, box: Boxes) -> bool:
    others = np.delete(box, at, 0)
    if not len(others):
        return False
    if component.width > 1.2 * height:
        return True
    above = others[others[:, 3] <= component.top + 1]
    if not len(above):
        return False
    wide = int(above[:, 2].max() - above[:, 0].min())
    return component.height < 0.15 * height and component.width >= max(0.7 * height, wide)
