"""Lines: which components stand in which line of writing, and in which order.

A page may hold writing of several sizes. The largest is put in lines first; what is too small for
it, and stands apart from it, is looked at by itself, and so on.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from ..document import Reason
from .components import SEEN, SMALL, SPECK, Component, Unread, joined, writing_height
from .marks import percents, sort_marks
from .sieve import CROWD, GRAIN, LEAST, Boxes, boxes

if TYPE_CHECKING:
    from .strip import Strip  # which are made of lines

SAME_LINE = 0.62  # of the height: middles that differ by less stand in one line
SLOPES = np.tan(np.radians(np.array([0, *(s * a for a in range(1, 13) for s in (1, -1))])))
DUST = 0.012  # of the picture's longer side: who writes as small as that writes much, or alone
NEAR = 0.8  # of the height: what is small and nearer to a digit stands in its line
HANGING = 0.75  # of the height of digits: what hangs below them is no larger
LEVELS = 4  # sizes of writing on one page
# What a population of small components must be to be writing: of about one height, drawn with
# strokes, and in lines.
MANY, FEW, ONE_HEIGHT, STROKES, IN_LINES = 5, 8, 0.65, 0.7, 0.6
LONG_STROKE = 2.6  # its thickness: what is no longer is a blot


@dataclass(frozen=True, eq=False)
class TextLine:
    """One line of writing, or what stands in one cell of a table.

    Attributes
    ----------
    components
        From left to right.
    height
        Of the writing, in pixels.
    marks
        Those of `components` that are marks by their size and place: no part of any digit.
    cell
        Row and column, if it stands in a table.
    doubtful
        Whether it is so small that it has yet to prove to be writing.
    single
        Whether it is one symbol, because somebody says so.
    strips
        Its pictures, from left to right, for who reads it as a whole; none where nobody does.
    """

    components: Sequence[Component]
    height: float
    marks: frozenset[Component] = frozenset()
    cell: tuple[int, int] | None = None
    doubtful: bool = False
    single: bool = False
    strips: "Sequence[Strip]" = ()


def text_lines(
    components: Sequence[Component], shape: tuple[int, ...]
) -> tuple[list[TextLine], list[Unread]]:
    """Return the lines of a page from top to bottom, and what stands in none of them.

    Parameters
    ----------
    components
        Of the writing.
    shape
        Height and width of the page, in pixels.
    """
    found: list[TextLine] = []
    unread: list[Unread] = []
    rest = list(components)
    side = max(shape)
    for level in range(LEVELS):
        height = writing_height(rest)
        bodies = _bodies(rest, height, side)
        doubtful = level > 0 or height < DUST * side
        if not doubtful and (grain := _grain(rest)):
            # Noise has small components and very many of them; so has a page full of digits.
            doubtful = height < grain and is_writing(bodies, rest, height)
            bodies = bodies if doubtful else [c for c in bodies if _long(c) >= grain]
        if doubtful:  # what lies at the edge of a picture is a piece of something larger
            bodies = [body for body in bodies if not _at_edge(body, shape)]
        if not bodies or (doubtful and not is_writing(bodies, rest, height)):
            break
        rows = with_commas(lines(bodies, height))
        known = {id(body) for body in bodies}
        others = [c for c in rest if id(c) not in known]
        own = _small_writing(others, height)
        rest, near = _attached([c for c in others if c not in own], rows, height)
        rest += [c for c in others if c in own]  # in an order that is always the same
        for row, small in zip(rows, near, strict=True):
            signs = percents(row, small, height)
            parts = {part for sign in signs for part in sign}
            signed = [joined(sign) for sign in signs]
            row = [c for c in row if c not in parts] or signed
            line, dust = sort_marks(row, [c for c in small if c not in parts], height)
            together = dict.fromkeys([*row, *line.parts, *signed])
            ordered = sorted(together, key=lambda c: c.middle[0])
            marks = line.marks.union(signed)
            found.append(TextLine(ordered, height, marks, doubtful=doubtful))
            unread += [Unread.of(c, Reason.SPECK) for c in dust]
    unread += [Unread.of(c, Reason.SPECK) for c in rest if _is_stroke(c)]
    return sorted(found, key=_level), unread


def _at_edge(component: Component, shape: tuple[int, ...]) -> bool:
    inside_x = component.left > 0 and component.right < shape[1]
    return not (inside_x and component.top > 0 and component.bottom < shape[0])


def _level(line: TextLine) -> float:
    return float(np.mean([component.middle[1] for component in line.components]))


def _bodies(rest: Sequence[Component], height: float, side: int) -> list[Component]:
    """Return what is large enough to be a digit of this height."""
    least = max(SPECK * height, min(LEAST, 0.1 * side))
    sized = [c for c in rest if _long(c) >= least]
    return [c for c in sized if c.height >= SMALL * height] or sized


def _long(component: Component) -> int:
    return max(component.width, component.height)


def _grain(components: Sequence[Component]) -> float:
    """Return below what size all is grain: noise has small components, and very many of them."""
    size = np.array([max(c.width, c.height) for c in components])
    size = size[size >= 0.05 * np.sort(size)[-min(len(size), 8)]]
    if len(size) <= CROWD:
        return 0.0
    usual = float(np.median(size))
    return 3 * usual if usual < GRAIN else 0.0


def is_writing(bodies: Sequence[Component], rest: Sequence[Component], height: float) -> bool:
    """Whether small components are writing, and not grain: by strokes, heights and lines.

    Parameters
    ----------
    bodies
        Those that are large enough for writing of this `height`.
    rest
        All that there are.
    """
    if not _share(np.array([_is_stroke(c) for c in bodies])) >= STROKES:
        return False
    if len(bodies) < MANY:
        return height >= FEW and len(rest) <= 4 * len(bodies) + 4
    tall = np.array([c.height for c in bodies])
    alike = (tall > 0.6 * height) & (tall < 1.7 * height)
    return _share(alike) >= ONE_HEIGHT and _share(_has_neighbour(boxes(bodies), height)) >= IN_LINES


def _share(values: npt.NDArray[np.bool_]) -> float:
    return float(values.mean()) if len(values) else 0.0


def _small_writing(rest: Sequence[Component], height: float) -> set[Component]:
    """Return what is writing of its own, however near: far smaller than that of this height."""
    small = [c for c in rest if max(c.width, c.height) < SPECK * height]
    own = writing_height(small)
    bodies = [c for c in small if c.height >= SMALL * own]
    if len(bodies) < MANY or not is_writing(bodies, small, own):
        return set()
    beside = _has_neighbour(boxes(bodies), own)
    return {c for c, has in zip(bodies, beside, strict=True) if has and _is_stroke(c)}


def _is_stroke(component: Component) -> bool:
    long = max(component.width, component.height)
    return long >= SEEN and long >= LONG_STROKE * component.stroke


def _has_neighbour(box: Boxes, height: float) -> npt.NDArray[np.bool_]:
    """Return which boxes have another beside them, at most two and a half heights away."""
    middle = (box[:, 1] + box[:, 3]) / 2
    order = np.argsort(box[:, 0])
    found = np.zeros(len(box), bool)
    for step in range(1, 40):  # in order of their left sides, a neighbour is not far
        a, b = order[:-step], order[step:]
        level = np.abs(middle[a] - middle[b]) < 0.5 * height
        near = (box[b, 0] - box[a, 2] < 2.5 * height) & (box[b, 0] - box[a, 2] > -0.5 * height)
        found[a[level & near]] = True
        found[b[level & near]] = True
        if step >= len(box) - 1:
            break
    return found


def _attached(
    small: Sequence[Component], rows: Sequence[Sequence[Component]], height: float
) -> tuple[list[Component], list[list[Component]]]:
    """Return what of `small` stands in no row, and what stands in each."""
    near: list[list[Component]] = [[] for _ in rows]
    box = boxes([body for row in rows for body in row])
    owner = np.repeat(np.arange(len(rows)), [len(row) for row in rows])
    rest = []
    for component in small:
        x, y = component.middle
        gap = np.maximum(np.maximum(box[:, 0] - x, x - box[:, 2]), 0)
        inside = (y > box[:, 1] - 0.35 * height) & (y < box[:, 3] + 0.35 * height)
        gap = np.where(inside, gap, np.inf)
        at = int(gap.argmin())
        if gap[at] <= NEAR * height + component.width / 2:
            near[owner[at]].append(component)
        else:
            rest.append(component)
    return rest, near


def lines(components: Sequence[Component], height: float) -> list[list[Component]]:
    """Return components of one height in lines from top to bottom, each from left to right."""
    if not components:
        return []
    slope = _slope(components)
    rows: list[list[Component]] = []
    last: list[float] = []
    leveled = [
        (component.middle[1] - slope * component.middle[0], component) for component in components
    ]
    for level, component in sorted(leveled, key=lambda pair: pair[0]):
        if rows and level - sum(last) / len(last) <= SAME_LINE * height:
            rows[-1].append(component)
            last = [*last[-2:], level]
        else:
            rows.append([component])
            last = [level]
    return [sorted(row, key=lambda component: component.middle[0]) for row in rows]


def with_commas(rows: Sequence[Sequence[Component]]) -> list[list[Component]]:
    """Return rows in which what hangs below a line alone, as a large comma does, stands in it."""
    found = [list(row) for row in rows]
    for row in found:
        if len(row) != 1:
            continue
        others = [other for other in found if other is not row and _hangs_below(row[0], other)]
        if others:
            owner = min(others, key=lambda other: _apart(row[0], other))
            owner[:] = sorted([*owner, row[0]], key=lambda component: component.middle[0])
            row.clear()
    return [row for row in found if row]


def _hangs_below(component: Component, row: Sequence[Component]) -> bool:
    """Whether it is smaller than the digits of a row, begins beside them, and ends below."""
    if not row:
        return False
    height = float(np.median([other.height for other in row]))
    top = float(np.median([other.top for other in row]))
    level = (component.top - top) / height
    small = component.height <= HANGING * height and component.width <= HANGING * height
    after = component.middle[0] > min(other.middle[0] for other in row)
    return small and after and 0.4 <= level <= 1.15 and _apart(component, row) <= NEAR * height


def _apart(component: Component, row: Sequence[Component]) -> float:
    """Return how far a component is from the nearest of a row, across."""
    gaps = (max(c.left - component.right, component.left - c.right, 0.0) for c in row)
    return float(min(gaps))


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
