"""The sieve: which components are writing, and what all others are: boxes, rules, edges, specks."""

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from ..document import Reason
from .components import INKED, Component, Unread, find_components, writing_height
from .ink import Map
from .rules import Rule, Unruled, peeled, without_rules

LEAST = 6  # pixels: what is smaller has no shape
CROWD, GRAIN = 150, 12  # more components than that, most of them smaller than that: noise
BORDER = 0.6  # of a side: what touches the edge for as long as that is the edge of the paper
INSIDE = 2  # components that stand in one: it is a table, not a digit
THIN = 0.2  # of the height of the writing: a wall of a table is no wider
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
    unread
        All else that is not plainly dirt.
    """

    components: list[Component]
    height: float
    walls: list[Rule] = field(default_factory=list)
    unread: list[Unread] = field(default_factory=list)


def sieve(ink: Map) -> Sieved:
    """Return what is written in `ink` ``(H, W)``."""
    whole = without_rules(ink)
    found, unread = find_components(whole.ink)
    sieved = Sieved([], 0.0, list(whole.upright), unread)
    sieved.unread += [_unread(rule) for rule in (*whole.lying, *whole.upright)]
    holds = _held(boxes(found))
    for component, inside in zip(found, holds, strict=True):
        sieved.components += _opened(component, inside, found, sieved)
    _leave_out_boxes(sieved)
    _leave_out_edges(sieved, *ink.shape)
    sieved.height = writing_height(sieved.components)
    _leave_out_rules(sieved)
    return sieved


def boxes(components: Sequence[Component]) -> Boxes:
    """Return left, top, right and bottom of each, ``(N, 4)``."""
    found = [(c.left, c.top, c.right, c.bottom) for c in components]
    return np.array(found, np.int64).reshape(-1, 4)


def _rule(component: Component) -> Rule:
    return Rule(component.left, component.top, component.right, component.bottom)


def _unread(rule: Rule) -> Unread:
    return Unread(Reason.RULE, rule.left, rule.top, rule.right - rule.left, rule.bottom - rule.top)


def _held(box: Boxes) -> list[npt.NDArray[np.intp]]:
    """Return for each component which others stand in its box, and are no specks beside it."""
    tall = box[:, 3] - box[:, 1]
    found = []
    for left, top, right, bottom in box:
        if right - left < 3 * LEAST or bottom - top < 3 * LEAST:
            found.append(np.empty(0, np.intp))
            continue
        inside = (box[:, 0] > left) & (box[:, 1] > top) & (box[:, 2] < right) & (box[:, 3] < bottom)
        found.append(np.flatnonzero(inside & (tall >= max(LEAST, 0.02 * (bottom - top)))))
    return found


def _opened(
    component: Component,
    inside: npt.NDArray[np.intp],
    found: Sequence[Component],
    sieved: Sieved,
) -> list[Component]:
    """Return what is written in a box or table, or on a line that it touches; most as they are."""
    inner = peeled(component.ink)
    rest: Map | None = inner
    rules: Unruled | None = None
    if len(inside) >= INSIDE:
        rules = without_rules(component.ink, 0.6)
        rest = rules.ink if rules.any else inner
    elif inner is None and component.width >= 1.5 * component.height:
        rules = without_rules(component.ink, 0.6, upright=False)
        rest = rules.ink if rules.any else None
    if rest is None:
        return [component]
    side = min(component.width, component.height)
    usual = float(np.median([found[at].height for at in inside])) if len(inside) else side
    pieces = [
        Component(component.left + p.left, component.top + p.top, p.ink)
        for p in find_components(rest)[0]
    ]
    least = min(0.15 * side, 0.5 * usual)
    written = [p for p in pieces if max(p.width, p.height) >= least]
    if rules is not None and rules.any:
        moved = [rule.moved(component.left, component.top) for rule in rules.upright]
        sieved.walls += moved
        kept = [p for p in written if not (len(inside) and _is_bar(p, usual))]
        if len(inside) >= INSIDE:
            sieved.walls += [_rule(p) for p in written if p not in kept and p.height > p.width]
            sieved.unread.append(Unread.of(component, Reason.BOX))
        return kept
    kept = [p for p in written if not _is_wall(p, component)]
    if not kept:
        return [component]
    sieved.walls += [_rule(p) for p in written if p not in kept]
    sieved.unread.append(Unread.of(component, Reason.BOX))
    return kept


def _is_bar(piece: Component, height: float) -> bool:
    """Whether it is what is left of a table's rule: thin, and longer than a digit is high."""
    long, thin = max(piece.width, piece.height), min(piece.width, piece.height)
    return thin <= max(4.0, THIN * height) and long > 1.3 * height


def _is_wall(piece: Component, box: Component) -> bool:
    """Whether it stands between two cells of a box: thin, and as high as the box."""
    margin = max(4.0, 0.12 * box.height)
    reaches = piece.top - box.top <= margin and box.bottom - piece.bottom <= margin
    return reaches and piece.width <= max(5.0, 0.2 * box.height)


def _leave_out_boxes(sieved: Sieved) -> None:
    """Leave out boxes that others are written in."""
    box = boxes(sieved.components)
    tall = box[:, 3] - box[:, 1]
    kept = []
    for component, (left, top, right, bottom) in zip(sieved.components, box, strict=True):
        inside = (box[:, 0] > left) & (box[:, 1] > top) & (box[:, 2] < right) & (box[:, 3] < bottom)
        if (inside & (tall > 0.25 * (bottom - top))).any() and peeled(component.ink) is not None:
            sieved.unread.append(Unread.of(component, Reason.BOX))
        else:
            kept.append(component)
    sieved.components = kept


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
