"""Strips: the pictures of lines that a network of lines reads, cut out of the grey of a page.

On a strip the writing stands level, in the middle and at one height, whatever it is on the page.
For each place on it is known where that lies on the page.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

import cv2
import numpy as np
import numpy.typing as npt

from ..io.picture import Pixels
from ..models.contract import LINE_HEIGHT
from .components import Component, Unread, is_small, joined, writing_height
from .lines import TextLine

DIGITS = 26  # pixels of a strip that digits are high
LEAST_MARGIN = 0.3  # of that margin: so much there is at the edge of a picture, too
FLATTEST = 0.45  # of its width: what is lower is no digit, and is not made as high as one
MARGIN = 0.5  # of that height: paper on the left and on the right
MULTIPLE = 16  # the width of a strip is one of it, so that many are alike and read together
LONGEST = 3072  # pixels of all strips of a line: some hundred and fifty digits
WIDEST = 1024  # pixels of one strip; a longer line has several
MOST = 60_000  # pixels of the strips of one page, side by side: some hundred lines
LARGEST = 6.0  # how much a line is enlarged at most: smaller writing cannot be read anyhow
LOWEST, HIGHEST = 0.6, 1.6  # of the writing about it: what a line's own height may be
# How far lines slope (columns a row), and how far digits stand above or below their line (of their
# height), as standard deviations: with few digits a slope is hardly to be told from chance.
SLOPES, UNEVEN = 0.06, 0.1
ASTRAY = 0.4  # of the height: what is further from the line says nothing of its slope
UPRIGHT, WIDEST_WALL = 4.0, 16  # of its width: a wall is so high at least; and pixels
BESIDE = 2  # pixels beside a wall that it may shade
SMOOTH = 31  # pixels of its length over which the paper behind it is alike
PAPER = 235  # level of the paper where ink is drawn alone,
STRENGTH = 200  # and by how much the ink is darker
EDGE = 1  # pixels of paper, or of soft ink, that a component has around it
INNER = 0.3  # of a line that is too long: it is cut no nearer to its ends

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Strip:
    """A picture of a line, or of a part of it.

    Attributes
    ----------
    pixels
        ``(40, W)`` uint8, dark ink on light paper; W is a multiple of 16.
    matrix
        ``(2, 3)``: what turns a place on the strip into one on the page, both in pixels, of which
        the first goes from 0 to 1.
    """

    pixels: Pixels
    matrix: Floats

    @property
    def width(self) -> int:
        """Pixels, across."""
        return int(self.pixels.shape[1])

    def on_page(self, x: npt.ArrayLike, y: float = LINE_HEIGHT / 2) -> Floats:
        """Return where places ``(...,)`` on the strip lie on the page ``(..., 2)``.

        By default they are half-way down.
        """
        found: Floats = np.multiply.outer(np.asarray(x, float), self.matrix[:, 0])
        return found + y * self.matrix[:, 1] + self.matrix[:, 2]


def stretched(strip: Strip, by: float) -> Strip:
    """Return a strip about `by` times as wide."""
    width = MULTIPLE * max(1, round(strip.width * by / MULTIPLE))
    way = cv2.INTER_AREA if width < strip.width else cv2.INTER_LINEAR
    pixels = cv2.resize(strip.pixels, (width, LINE_HEIGHT), interpolation=way)
    matrix = strip.matrix.copy()
    matrix[:, 0] *= strip.width / width
    return Strip(np.asarray(pixels, np.uint8), matrix)


def ink_alone(strip: Strip, components: Sequence[Component]) -> Strip:
    """Return a strip with the ink of some components on even paper, and nothing else of the page.

    Parameters
    ----------
    strip
        Of the page.
    components
        Of the line that it shows.
    """
    whole = joined(components)
    page = np.rint(PAPER - STRENGTH * whole.ink.clip(0, 1)).astype(np.uint8)
    matrix = strip.matrix.copy()
    matrix[:, 2] -= [whole.left, whole.top]
    scale = 1 / math.hypot(*matrix[:, 0])
    return Strip(_cut_out(page, matrix, strip.width, scale, True, PAPER), strip.matrix)


@dataclass(frozen=True)
class _Course:
    """How a line runs: through (x, y), by so much up or down, so high."""

    x: float
    y: float
    slope: float
    height: float

    def along(self, x: float, y: float) -> float:
        """Return how far along the line a place is from (x, y)."""
        return ((x - self.x) + self.slope * (y - self.y)) / math.hypot(1, self.slope)


def with_strips(lines: Sequence[TextLine], grey: Pixels, dark: bool) -> list[TextLine]:
    """Return the lines of a page with their strips, as many as may be; others have none."""
    found, left = [], MOST
    for line in lines:
        if line.single:
            made = [of_ink(component) for component in line.components]
        else:
            made = strips(grey, line, dark) if left > 0 else []
        width = sum(one.width for one in made)
        left -= width
        found.append(replace(line, strips=tuple(made) if left >= 0 and width <= LONGEST else ()))
    return found


def without_upright(grey: Pixels, rules: Sequence[Unread], lines: Sequence[TextLine]) -> Pixels:
    """Return the grey of a page on which upright rules are painted over; writing stays.

    A network of lines sees no further than a digit or two: to it, a wall may be a 1.
    """
    upright = [r for r in rules if r.height > UPRIGHT * r.width and r.width < WIDEST_WALL]
    if not upright:
        return grey
    bare = grey.copy()
    for rule in upright:
        top, bottom = max(rule.top, 0), min(rule.top + rule.height, grey.shape[0])
        first = max(rule.left - BESIDE, 0)
        last = min(rule.left + rule.width + BESIDE, grey.shape[1])
        if top >= bottom or first >= last:  # the box of a rule may reach beyond the page
            continue
        rows = slice(top, bottom)
        sides = grey[rows, [max(first - 1, 0), min(last, grey.shape[1] - 1)]].astype(np.float32)
        smooth = cv2.blur(sides, (1, SMOOTH), borderType=cv2.BORDER_REPLICATE)
        bare[rows, first:last] = cv2.resize(smooth, (last - first, len(smooth)))
    for component in (part for line in lines for part in line.components):
        rows = slice(max(component.top, 0), component.top + component.height)
        columns = slice(max(component.left, 0), component.left + component.width)
        inked = component.ink > 0
        here = bare[rows, columns]
        here[inked] = grey[rows, columns][inked]
    return bare


def strips(grey: Pixels, line: TextLine, dark: bool = True) -> list[Strip]:
    """Return the picture of a line: one strip, or several of a long one, from left to right.

    Parameters
    ----------
    grey
        ``(H, W)`` uint8, of the page: see `brightness`.
    line
        What was found there.
    dark
        Whether its ink is darker than the paper.
    """
    if not line.components:
        return []
    course = _course(line)
    scale = min(DIGITS / course.height, LARGEST)
    ends = [
        (course.along(c.left, c.middle[1]), course.along(c.right, c.middle[1]))
        for c in sorted(line.components, key=lambda c: c.left)
    ]
    margin = MARGIN * DIGITS / scale
    # Beyond the edges of a picture there is nothing to be seen, and little is made of it.
    begin, end = (course.along(x, course.y) for x in (0, grey.shape[1]))
    left, right = min(start for start, _ in ends), max(stop for _, stop in ends)
    first = max(left - margin, min(begin, left - LEAST_MARGIN * margin))
    last = min(right + margin, max(end, right + LEAST_MARGIN * margin))
    bounds = _cut([first, last], _gaps(ends), WIDEST / scale)
    return [_strip(grey, course, scale, a, b, dark) for a, b in pairwise(bounds)]


def of_ink(component: Component) -> Strip:
    """Return a strip on which one component stands alone: its ink, dark on white paper.

    Parameters
    ----------
    component
        All ink of a picture of one symbol.
    """
    tall, wide = component.ink.shape
    scale = DIGITS / max(tall, FLATTEST * wide)
    size = max(1, round(wide * scale)), min(max(1, round(tall * scale)), LINE_HEIGHT)
    way = cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR
    ink = cv2.resize(component.ink, size, interpolation=way)
    width = MULTIPLE * math.ceil((size[0] + 2 * MARGIN * DIGITS) / MULTIPLE)
    left, top = (width - size[0]) // 2, (LINE_HEIGHT - size[1]) // 2
    pixels = np.full((LINE_HEIGHT, width), 255, np.uint8)
    pixels[top : top + size[1], left : left + size[0]] = np.rint(255 * (1 - ink.clip(0, 1)))
    matrix = np.array(
        [
            [1 / scale, 0.0, component.left - left / scale],
            [0.0, 1 / scale, component.top - top / scale],
        ]
    )
    return Strip(pixels, matrix)


def _course(line: TextLine) -> _Course:
    """Return how a line runs, by the middles of its digits."""
    bodies = [
        c for c in line.components if c not in line.marks and not is_small(c, line.height)
    ] or list(line.components)
    own = writing_height(bodies)
    height = min(max(own, LOWEST * line.height), HIGHEST * line.height) - 2 * EDGE
    height = max(height, 1.0)
    x, y = np.array([body.middle for body in bodies]).T
    kept = np.ones(len(x), bool)
    slope, middle_x, middle_y = 0.0, float(np.median(x)), float(np.median(y))
    for _ in range(2):
        middle_x, middle_y = float(x[kept].mean()), float(y[kept].mean())
        aside = x[kept] - middle_x
        doubt = (UNEVEN * height / SLOPES) ** 2
        slope = float(aside @ (y[kept] - middle_y)) / (float(aside @ aside) + doubt)
        off = y - middle_y - slope * (x - middle_x)
        near = np.abs(off - np.median(off)) <= ASTRAY * height
        kept = near if near.any() else kept
    middle_y += float(np.median(off[kept]))
    return _Course(middle_x, middle_y, slope, height)


def _gaps(ends: Sequence[tuple[float, float]]) -> list[tuple[float, float]]:
    """Return the width and the middle of each gap between components, from left to right."""
    found = []
    reached = ends[0][1]
    for start, end in ends[1:]:
        if start > reached:
            found.append((start - reached, (start + reached) / 2))
        reached = max(reached, end)
    return found


def _cut(
    bounds: Sequence[float], gaps: Sequence[tuple[float, float]], longest: float
) -> list[float]:
    """Return `bounds`, and between them the widest gaps, so that no part is too long."""
    first, last = bounds
    if last - first <= longest:
        return [first, last]
    inner = INNER * (last - first)
    fit = [gap for gap in gaps if first + inner <= gap[1] <= last - inner]
    middle = (first + last) / 2
    at = max(fit, key=lambda gap: (gap[0], -abs(gap[1] - middle)))[1] if fit else middle
    return [*_cut([first, at], gaps, longest)[:-1], *_cut([at, last], gaps, longest)]


def _strip(
    grey: Pixels, course: _Course, scale: float, first: float, last: float, dark: bool
) -> Strip:
    """Return what lies between two places along a line."""
    width = max(MULTIPLE * math.ceil((last - first) * scale / MULTIPLE - 1e-6), MULTIPLE)
    # What makes it a multiple is added on both sides.
    first -= (width / scale - (last - first)) / 2
    along = np.array([1.0, course.slope]) / math.hypot(1, course.slope)
    down = np.array([-along[1], along[0]])
    corner = np.array([course.x, course.y]) + first * along - LINE_HEIGHT / 2 / scale * down
    matrix = np.stack([along / scale, down / scale, corner], axis=1)
    return Strip(_cut_out(grey, matrix, width, scale, dark), matrix)


def _cut_out(
    grey: Pixels, matrix: Floats, width: int, scale: float, dark: bool, paper: float | None = None
) -> Pixels:
    tall, wide = grey.shape
    corners = matrix @ np.array(
        [[0, width, 0, width], [0, 0, LINE_HEIGHT, LINE_HEIGHT], [1, 1, 1, 1]], float
    )
    soft = math.ceil(1 / scale) + 1
    left, top = (int(value) - soft for value in np.floor(corners.min(1)))
    right, bottom = (int(value) + soft for value in np.ceil(corners.max(1)))
    left, top = min(max(left, 0), wide - 1), min(max(top, 0), tall - 1)
    crop = grey[top : max(bottom, top + 1), left : max(right, left + 1)]
    crop = crop if dark else np.asarray(255 - crop, np.uint8)
    full = size = crop.shape[1], crop.shape[0]
    if scale < 1:  # strokes that fall between the pixels of a coarser grid would be lost
        size = max(1, round(size[0] * scale)), max(1, round(size[1] * scale))
        crop = np.asarray(cv2.resize(crop, size, interpolation=cv2.INTER_AREA), np.uint8)
    shrunk = np.array(size) / np.array(full)
    turn = matrix.copy()
    turn[:, 2] += matrix[:, :2] @ [0.5, 0.5] - [left, top]
    turn *= shrunk[:, None]
    turn[:, 2] -= 0.5  # OpenCV counts from the middles of pixels
    paper = float(np.median(crop)) if paper is None else paper
    found = cv2.warpAffine(
        crop,
        turn,
        (width, LINE_HEIGHT),
        flags=cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP,
        borderMode=cv2.BORDER_CONSTANT,
        borderValue=(paper,),
    )
    return np.asarray(found, np.uint8)
