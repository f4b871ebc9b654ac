"""Lines: rules, underlines, boxes and tables that run through ink and are none of the writing."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import cv2
import numpy as np
import numpy.typing as npt

Map = npt.NDArray[np.float32]
Mask = npt.NDArray[np.uint8]
Labels = npt.NDArray[np.int32]

LONG = 0.93  # of the picture's side: a line as long as that is no stroke, if there is other ink
THICK = 0.05  # of its length: a line is no thicker
PLAIN = 2.5  # times as long as the shortest rule: that long, no strokes stand in a row
COVER, PLAIN_COVER = 0.7, 0.55  # of its length
ALIKE = 0.05  # slopes that differ by no more
LEAST = 32  # pixels a side of what may hold lines
FAINT_DOWN = 2.2  # heights of the writing: a faint rule is longer
ACROSS, DOWN = 2.2, 1.6  # heights of the writing: no stroke of a digit is longer
PIECE = 0.17  # of the side: a straight piece of a line


@dataclass(frozen=True)
class Rule:
    """The box of a printed rule, in pixels of the ink map."""

    left: int
    top: int
    right: int
    bottom: int
    thickness: float = 1.0  # in pixels
    slope: float = 0.0  # pixels aside for each along it
    cover: float = 1.0  # how much of its length it is plainly to be seen

    @property
    def long(self) -> int:
        """Pixels along it."""
        return max(self.right - self.left, self.bottom - self.top)


@dataclass(frozen=True, eq=False)
class Unruled:
    """Ink without its rules, and where they were.

    Attributes
    ----------
    ink
        ``(H, W)`` float32; the very same map where there was no rule.
    lying, upright
        The rules.
    """

    ink: Map
    lying: Sequence[Rule] = ()
    upright: Sequence[Rule] = ()

    @property
    def any(self) -> bool:
        """Whether there was any rule."""
        return bool(self.lying or self.upright)


def without_rules(
    soft: Map, long: float = LONG, upright: bool = True, thick: float = THICK
) -> Unruled:
    """Return ink without long straight lines; strokes that cross a line stay whole.

    Parameters
    ----------
    soft
        ``(H, W)``, 0 paper to 1 ink.
    long
        The part of a side that a line must run along.
    upright
        Whether lines from top to bottom are meant, too.
    thick
        How thick a line may be, as a part of its length.
    """
    tall, wide = soft.shape
    if min(soft.shape) < LEAST:
        return Unruled(soft)
    across = _Straight(long * wide, max(3.0, thick * wide), _piece(wide))
    down = _Straight(long * tall, max(3.0, thick * tall), _piece(tall)) if upright else None
    return _without(soft, across, down)


def without_grid(soft: Map, height: float) -> Unruled:
    """Return ink without the rules of tables and forms, whose writing is so high.

    Parameters
    ----------
    soft
        ``(H, W)``, 0 paper to 1 ink.
    height
        Of the writing: no stroke of a digit is as long as the rules that are looked for.
    """
    piece, thick = int(np.clip(0.5 * height, 9, 32)), max(3.0, 0.25 * height)
    across = _Straight(ACROSS * height, thick, piece, COVER)
    return _without(soft, across, replace(across, long=DOWN * height))


def faint_walls(mask: Mask, ink: Map, height: float) -> list[Rule]:
    """Return the upright rules in a mask ``(H, W)`` of all that is no paper.

    Parameters
    ----------
    mask
        1 for rules, writing and all else.
    ink
        ``(H, W)``: what is writing of it, or a darker rule.
    height
        Of the writing: twice as long as that is no stroke of it.
    """
    # A rule, though it leans, has half its length in some column; noise has little in any.
    if int(np.count_nonzero((mask > 0) & (ink == 0), axis=0).max()) < height:
        return []
    piece = int(np.clip(0.5 * height, 9, 32))
    down = _Straight(FAINT_DOWN * height, max(3.0, 0.15 * height), piece, COVER)
    return [_turned(rule) for rule in _lying(np.ascontiguousarray(mask.T), down)[1]]


def _turned(rule: Rule) -> Rule:
    return replace(rule, left=rule.top, top=rule.left, right=rule.bottom, bottom=rule.right)


@dataclass(frozen=True)
class _Straight:
    """What is a rule: pixels that it is long and thick, and of straight pieces of it.

    `cover` is how much of a short one must plainly be seen.
    """

    long: float
    thick: float
    piece: int
    cover: float = 0.0


def _piece(side: int) -> int:
    return int(np.clip(PIECE * side, 13, 32))


def _without(soft: Map, across: _Straight, down: _Straight | None) -> Unruled:
    mask = (soft > 0.3).astype(np.uint8)
    ink = int(mask.sum())
    if not ink:
        return Unruled(soft)
    lines, lying = _lying(mask, across)
    standing: list[Rule] = []
    if down is not None:
        turned, found = _lying(np.ascontiguousarray(mask.T), down)
        lines = lines | np.ascontiguousarray(turned.T)
        standing = [_turned(rule) for rule in found]
        for upright in standing:  # a crossing is thin neither way
            for rule in lying:
                lines[rule.top : rule.bottom, upright.left : upright.right] |= mask[
                    rule.top : rule.bottom, upright.left : upright.right
                ]
    # Where nothing else is there, the line is the writing, such as a 1.
    if not lines.any() or int((mask & ~lines).sum()) < 0.1 * ink:
        return Unruled(soft)
    return Unruled(np.where(_widened(lines, mask), np.float32(0), soft), lying, standing)


def peeled(ink: Map) -> Map | None:
    """Return ink without the box around it; None if there is none.

    A box is where at least three sides of the ink, seen from outside, are straight from end to end.
    """
    if min(ink.shape) < LEAST // 2 or max(ink.shape) < LEAST:
        return None
    inked = ink > 0.3
    walls: list[npt.NDArray[np.bool_] | None] = []
    for turn in range(4):
        walls.append(_wall(np.rot90(inked, turn)))
        if sum(wall is None for wall in walls) > 1:
            return None
    rest = ink.copy()
    for turn, wall in enumerate(walls):
        if wall is not None:
            np.rot90(rest, turn)[wall] = 0  # a view: the ink itself is peeled
    return rest


def connected(mask: Mask) -> tuple[Labels, Labels]:
    """Return to which connected piece each pixel belongs, 0 for none, and the pieces' boxes.

    A row of the boxes is left, top, width, height, pixels; the first is what belongs to none.
    """
    # Of the algorithms, which number alike, this one counts by far the fastest.
    found = cv2.connectedComponentsWithStatsWithAlgorithm(mask, 8, cv2.CV_32S, cv2.CCL_GRANA)
    return np.asarray(found[1], np.int32), np.asarray(found[2], np.int32)


def _wall(inked: npt.NDArray[np.bool_]) -> npt.NDArray[np.bool_] | None:
    """Return the straight line along the top of `inked`; None if its top is not straight."""
    height, width = inked.shape
    first = np.where(inked.any(0), inked.argmax(0), height)
    third = max(1, width // 3)
    begin, end = float(np.median(first[:third])), float(np.median(first[-third:]))
    across = np.arange(width)
    line = begin + (end - begin) * (across - third / 2) / max(width - third, 1)
    near = np.abs(first - line) <= max(1.5, 0.02 * width)
    # The side of a box is where its picture ends, at one corner at least if it is turned.
    if near.mean() < 0.85 or abs(end - begin) > 0.15 * width or min(begin, end) > 0.1 * height:
        return None
    rows = np.arange(height)[:, None]
    below = (rows >= first) & ~inked
    run = np.where(below.any(0), below.argmax(0), height) - first
    thickness = float(np.median(run[near]))
    if thickness > max(4, 0.12 * height):
        return None
    reach = np.where(run <= 1.5 * thickness + 1, run, thickness)
    return np.asarray((rows >= line - 2) & (rows <= np.maximum(first, line - 1) + reach) & near)


def _lying(mask: Mask, rule: _Straight) -> tuple[Mask, list[Rule]]:
    """Return the pixels of long, thin, nearly level lines where no stroke crosses or follows."""
    found = np.zeros_like(mask)
    rules: list[Rule] = []
    # A line that is not quite level is a stair of pieces; thickening joins the steps, and gaps.
    thick = np.asarray(cv2.dilate(mask, np.ones((3, 5), np.uint8)), np.uint8)
    straight = _opened(thick, rule.piece) & mask
    if int(straight.any(0).sum()) < 0.8 * rule.long:
        return found, rules
    joined = cv2.dilate(straight, np.ones((3, 2 * (rule.piece // 2) + 1), np.uint8))
    parts, boxes = connected(np.asarray(joined, np.uint8))
    long = (boxes[:, 2] >= rule.long) & (boxes[:, 3] <= 0.12 * boxes[:, 2])
    runs: npt.NDArray[np.int32] | None = None
    seen: list[tuple[Rule, Mask]] = []
    for part in np.flatnonzero(long[1:]) + 1:
        left, top, wide, tall = (int(value) for value in boxes[part, :4])
        here = (slice(top, top + tall), slice(left, left + wide))
        line = (parts[here] == part) & (straight[here] > 0)
        columns = np.flatnonzero(line.any(0))
        if columns[-1] - columns[0] + 1 < rule.long:
            continue
        runs = _runs(mask) if runs is None else runs
        seen += _thin(line, runs[here], rule.thick, left, top)
    for one, thin in _agreeing(seen, rule):
        found[one.top : one.bottom, one.left : one.right] |= thin
        rules.append(one)
    return found, rules


def _agreeing(seen: Sequence[tuple[Rule, Mask]], least: _Straight) -> list[tuple[Rule, Mask]]:
    """Return rules without what is none: strokes in a row, of another thickness or slope."""
    if not least.cover or not seen:
        return list(seen)
    weight = np.array([rule.long for rule, _ in seen], float)
    thickness = _median(np.array([rule.thickness for rule, _ in seen]), weight)
    slope = _median(np.array([rule.slope for rule, _ in seen]), weight)

    def agrees(rule: Rule) -> bool:
        if rule.long >= PLAIN * least.long:
            return rule.cover >= PLAIN_COVER
        alike = abs(rule.thickness - thickness) <= max(1.5, 0.4 * thickness)
        return rule.cover >= least.cover and alike and abs(rule.slope - slope) <= ALIKE

    return [(rule, thin) for rule, thin in seen if agrees(rule)]


def _median(values: npt.NDArray[np.float64], weight: npt.NDArray[np.float64]) -> float:
    order = np.argsort(values)
    middle = int(np.searchsorted(weight[order].cumsum(), weight.sum() / 2))
    return float(values[order][middle])


def _thin(
    line: npt.NDArray[np.bool_], runs: npt.NDArray[np.int32], most: float, left: int, top: int
) -> list[tuple[Rule, Mask]]:
    """Return a rule and its pixels: where the ink is as thin as it, and lies where it runs."""
    rows, columns = np.nonzero(line)
    thickness = float(np.quantile(runs[line], 0.15))
    # Half of a line's pixels may belong to strokes beside it: it is fitted to the thin ones.
    thin = runs[rows, columns] <= thickness + 1
    if thickness > most or len(np.unique(columns[thin])) < 3:
        return []
    bend = np.polynomial.Polynomial.fit(columns[thin], rows[thin], 2)
    height, width = line.shape
    apart = np.abs(np.arange(height)[:, None] - bend(np.arange(width)))
    near = apart <= thickness / 2 + 2
    mask = np.asarray((runs > 0) & (runs <= thickness + 1) & near, np.uint8)
    slope = float(bend(width - 1) - bend(0)) / max(width - 1, 1)
    cover = float(mask[:, columns.min() : columns.max() + 1].any(0).mean())
    return [(Rule(left, top, left + width, top + height, thickness, slope, cover), mask)]


def _runs(mask: Mask) -> npt.NDArray[np.int32]:
    """Return how long the run of ink from above to below is that each pixel is part of."""
    height = mask.shape[0]
    above = np.zeros(mask.shape, np.int32)
    below = np.zeros(mask.shape, np.int32)
    ink = mask.astype(np.int32)
    above[0], below[-1] = ink[0], ink[-1]
    for row in range(1, height):
        above[row] = (above[row - 1] + 1) * ink[row]
        below[height - 1 - row] = (below[height - row] + 1) * ink[height - 1 - row]
    return np.asarray(np.maximum(above + below - 1, 0), np.int32)


def _opened(mask: Mask, length: int) -> Mask:
    kernel = np.ones((1, length), np.uint8)
    # Beyond the picture there is no ink: by default an edge would count as a line that goes on.
    thin = cv2.erode(mask, kernel, borderType=cv2.BORDER_CONSTANT, borderValue=0)
    return np.asarray(cv2.dilate(thin, kernel), np.uint8)


def _widened(lines: Mask, mask: Mask) -> npt.NDArray[np.bool_]:
    """Take the soft edges along with the lines, where they are no one else's."""
    near = cv2.dilate(lines, np.ones((3, 3), np.uint8))
    others = cv2.dilate(mask & ~lines, np.ones((3, 3), np.uint8))
    return np.asarray((lines > 0) | ((near > 0) & (others == 0)), np.bool_)
