"""Components: connected pieces of ink."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import cv2
import numpy as np
import numpy.typing as npt

from ..document import Reason
from .ink import Map
from .rules import connected

INKED = 0.3  # a pixel above this is part of a stroke
Floats = npt.NDArray[np.float64]

MOST = 2000  # components of a page; a page full of digits has some hundreds
SAMPLED = 100  # pixels of a side that tell how a component leans
AREA = 24_000_000  # pixels of the boxes of all components: a page that is written on has its own
TINY = 4  # pixels: what is larger is judged by its shape, whatever else is on the page
SEEN = 6  # pixels: what is smaller has no shape, and is not missed among thousands
DUST_MASS = 0.05  # of the largest component of a digit: what is less and lies apart is none of it
SPECK = 0.18  # of the height of the writing: what is smaller is dirt, or a mark
SMALL = 0.4  # of the height of the writing: a dot or a dash, no digit of its own


@dataclass(frozen=True, eq=False)
class Component:
    """A piece of ink: where its box is, in pixels of the ink map, and its own ink in it.

    Attributes
    ----------
    left, top
        The box's corner.
    ink
        ``(height, width)`` float32, 0 to 1; ink of others that reaches into the box is left out.
    """

    left: int
    top: int
    ink: Map

    @property
    def width(self) -> int:
        """Pixels of the box, across."""
        return int(self.ink.shape[1])

    @property
    def height(self) -> int:
        """Pixels of the box, down."""
        return int(self.ink.shape[0])

    @property
    def right(self) -> int:
        """The first column beyond."""
        return self.left + self.width

    @property
    def bottom(self) -> int:
        """The first row beyond."""
        return self.top + self.height

    @property
    def mass(self) -> float:
        """Ink, in pixels."""
        return float(self.ink.sum())

    @cached_property
    def stroke(self) -> float:
        """How thick its strokes are, in pixels: ink over half of its outline."""
        inked = np.pad(self.ink > INKED, 1).astype(np.int8)
        outline = np.abs(np.diff(inked, axis=0)).sum() + np.abs(np.diff(inked, axis=1)).sum()
        # The outline, counted along rows and columns, is about 4/π of its length.
        return max(2 * float(inked.sum()) / max(float(outline) * np.pi / 4, 1.0), 0.5)

    @cached_property
    def points(self) -> tuple[Floats, Floats, Floats]:
        """Column and row of each pixel of ink, and how much ink it is; few of a large one."""
        step = max(1, max(self.ink.shape) // SAMPLED)
        some = self.ink[::step, ::step]
        y, x = np.nonzero(some > 0)
        if not len(x):
            y, x = np.nonzero(self.ink >= self.ink.max())
            return x.astype(float), y.astype(float), np.ones(len(x))
        return step * x.astype(float), step * y.astype(float), some[y, x].astype(float)

    @cached_property
    def lean(self) -> float:
        """How far it leans to the right: columns a row, upwards."""
        x, y, weight = self.points
        x, y = x - np.average(x, weights=weight), y - np.average(y, weights=weight)
        spread = float(np.average(y * y, weights=weight))
        return -float(np.average(x * y, weights=weight)) / max(spread, 1e-6)

    @property
    def middle(self) -> tuple[float, float]:
        """The middle of the box, (x, y)."""
        return self.left + self.width / 2, self.top + self.height / 2


@dataclass(frozen=True, eq=False)
class Unread:
    """Ink that is in no line: why, its box in pixels of the ink map, and its component if known."""

    reason: Reason
    left: int
    top: int
    width: int
    height: int
    component: Component | None = None

    @classmethod
    def of(cls, component: Component, reason: Reason) -> "Unread":
        """Return a component as ink that is in no line."""
        box = component.left, component.top, component.width, component.height
        return cls(reason, *box, component)


def joined(components: Sequence[Component]) -> Component:
    """Return all `components` as one."""
    if len(components) == 1:
        return components[0]
    left, top = (
        min(component.left for component in components),
        min(component.top for component in components),
    )
    right, bottom = (
        max(component.right for component in components),
        max(component.bottom for component in components),
    )
    ink = np.zeros((bottom - top, right - left), np.float32)
    for component in components:
        here = ink[
            component.top - top : component.bottom - top,
            component.left - left : component.right - left,
        ]
        np.maximum(here, component.ink, out=here)
    return Component(left, top, ink)


def trimmed(component: Component) -> Component | None:
    """Return `component` with the smallest box that holds its ink; None if there is none."""
    inked = component.ink > 0
    rows, columns = np.flatnonzero(inked.any(1)), np.flatnonzero(inked.any(0))
    if not len(rows):
        return None
    top, left = int(rows[0]), int(columns[0])
    ink = component.ink[top : rows[-1] + 1, left : columns[-1] + 1]
    return Component(component.left + left, component.top + top, ink)


def find_components(ink: Map) -> tuple[list[Component], list[Unread]]:
    """Return the components of ink ``(H, W)``, the largest first, and what is too much of it.

    However many pieces the ink is made of, and however their boxes overlap, the memory and the time
    that their crops take are bounded.
    """
    labels, boxes = connected((ink > INKED).astype(np.uint8))
    wide, tall = boxes[1:, cv2.CC_STAT_WIDTH], boxes[1:, cv2.CC_STAT_HEIGHT]
    size = np.maximum(wide, tall)
    if not len(size):
        return [], []
    # The largest component may be a frame, or one digit above small writing.
    largest = np.sort(size)[-min(len(size), 8)]
    keep = np.flatnonzero(size >= max(2, min(0.05 * largest, TINY)))
    # What may be a digit comes first, from the top: where it is too much, lines below are given up
    # and none loses a digit from its midst. Then specks, the largest first.
    small, pixels = size[keep] < SEEN, boxes[keep + 1, cv2.CC_STAT_AREA]
    order = np.lexsort((np.where(small, -pixels, boxes[keep + 1, cv2.CC_STAT_TOP]), small))
    keep, lost = np.split(keep[order], [MOST])
    area = wide.astype(np.int64) * tall
    keep = keep[np.argsort(area[keep], kind="stable")]
    fits = area[keep].cumsum() <= AREA
    # What is hollow and large, as one ring around another, is given up first.
    keep, lost = keep[fits][::-1], np.concatenate([keep[~fits], lost])
    missed = boxes[lost[size[lost] >= SEEN] + 1]
    unread = [
        Unread(Reason.TOO_MANY, int(left), int(top), int(width), int(height))
        for left, top, width, height, _ in missed
    ]
    return [_cut_out(ink, labels, int(at) + 1, boxes[at + 1]) for at in keep], unread


def _cut_out(
    ink: Map, labels: npt.NDArray[np.int32], label: int, box: npt.NDArray[np.int32]
) -> Component:
    left, top, width, height = (int(value) for value in box[:4])
    rows = slice(max(top - 1, 0), top + height + 1)
    columns = slice(max(left - 1, 0), left + width + 1)
    here = labels[rows, columns]
    # A pixel around it belongs to it too, if it is no one else's: its soft edge.
    near = cv2.dilate((here == label).astype(np.uint8), np.ones((3, 3), np.uint8))
    own = (near > 0) & ((here == label) | (here == 0))
    return Component(columns.start, rows.start, np.where(own, ink[rows, columns], np.float32(0)))


def main_components(components: Sequence[Component]) -> list[Component]:
    """Return the components of a single digit: the largest, and all but dust near and far."""
    if not components:
        return []
    largest = max(components, key=lambda component: component.mass)
    near = 0.15 * max(largest.width, largest.height)

    def belongs(component: Component) -> bool:
        if component.mass >= DUST_MASS * largest.mass:
            return True
        x, y = component.middle
        inside_x = largest.left - near <= x <= largest.right + near
        return inside_x and largest.top - near <= y <= largest.bottom + near

    return [component for component in components if belongs(component)]


def writing_height(components: Sequence[Component]) -> float:
    """Return the height that half of the ink's components reach, each counted by its own size."""
    if not components:
        return 0.0
    upright = [
        component for component in components if component.height > 0.2 * component.width
    ] or components
    sizes = np.array([max(component.height, 0.4 * component.width) for component in upright])
    # By size, so a hundred specks weigh less than one digit.
    order = np.argsort(sizes)
    weight = sizes[order] ** 1.5
    return float(sizes[order][np.searchsorted(weight.cumsum(), weight.sum() / 2)])


def is_small(component: Component, height: float) -> bool:
    """Whether it is too small to be a digit by itself: a dot, a dash, the bar of a 5."""
    return component.height < SMALL * height
