"""Components: connected pieces of ink, without what is no writing: specks, frames, rules, edges."""

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

from .ink import Map
from .rules import connected, peeled, without_lines

INKED = 0.3  # a pixel above this is component of a stroke
SPECK = 0.18  # of the height of the writing: what is smaller is dirt
LEAST = 6  # pixels: what is smaller has no shape
DUST = 0.012  # of the picture's longer side: nobody writes that small
DUST_MASS = 0.05  # of the largest component of a digit: what is less and lies apart is none of it
CROWD, GRAIN = 150, 12  # more components than that, most of them smaller than that: noise
MOST = 2000  # components of a picture; a page full of digits has some hundreds
SMALL = 0.4  # of the height of the writing: a dot or a dash, no digit of its own
BORDER = 0.6  # of a side: what touches the edge for as long as that is the edge of the paper


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

    @property
    def middle(self) -> tuple[float, float]:
        """The middle of the box, (x, y)."""
        return self.left + self.width / 2, self.top + self.height / 2


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


def find_components(ink: Map) -> tuple[list[Component], float]:
    """Return the components of the writing in `ink` ``(H, W)``, and the height of the writing."""
    components = [piece for component in _connected(ink) for piece in _unruled(component)]
    components = [component for component in components if not _is_around(component, components)]
    components = _without_edges(components, ink.shape[0], ink.shape[1])
    height = writing_height(components)
    side = max(ink.shape)
    least = max(SPECK * height, min(LEAST, 0.1 * side), DUST * side)
    if len(components) > CROWD:
        # A page of hundreds of digits has large components; noise has small ones, and more of them.
        usual = float(
            np.median([max(component.width, component.height) for component in components])
        )
        least = max(least, 3 * usual) if usual < GRAIN else least
    kept = [
        component for component in components if max(component.width, component.height) >= least
    ]
    return [component for component in kept if not _is_rule(component, height, kept)], height


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


def _connected(ink: Map) -> list[Component]:
    mask = (ink > INKED).astype(np.uint8)
    labels, boxes = connected(mask)
    size = np.maximum(boxes[1:, cv2.CC_STAT_WIDTH], boxes[1:, cv2.CC_STAT_HEIGHT])
    if not len(size):
        return []
    # The largest component may be a frame; what is a speck beside the writing is dropped later.
    largest = np.sort(size)[-min(len(size), 8)]
    keep = np.flatnonzero(size >= max(2, 0.05 * largest)) + 1
    keep = keep[np.argsort(-boxes[keep, cv2.CC_STAT_AREA], kind="stable")][:MOST]
    return [_cut_out(ink, labels, int(label), boxes[label]) for label in keep]


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


def _unruled(component: Component) -> list[Component]:
    """Return what is written in a box, or on a line that it touches; most as they are."""
    inner = peeled(component.ink)
    if inner is None and component.width < 1.5 * component.height:
        return [component]
    if inner is None:
        rest = without_lines(component.ink, 0.6, upright=False)
        if rest is component.ink:
            return [component]
    else:
        rest = inner
    least = 0.15 * min(component.width, component.height)
    pieces = [
        Component(component.left + p.left, component.top + p.top, p.ink) for p in _connected(rest)
    ]
    written = [piece for piece in pieces if max(piece.width, piece.height) >= least]
    if inner is not None:
        written = [piece for piece in written if not _is_wall(piece, component)]
    return written if inner is None or written else [component]


def _is_wall(piece: Component, box: Component) -> bool:
    """Whether it stands between two cells of a box: thin, and as high as the box."""
    margin = max(4.0, 0.12 * box.height)
    reaches = piece.top - box.top <= margin and box.bottom - piece.bottom <= margin
    return reaches and piece.width <= max(5.0, 0.2 * box.height)


def _without_edges(components: list[Component], height: int, width: int) -> list[Component]:
    """Leave out the edges of the paper, if anything else is there."""
    edges = [component for component in components if _is_edge(component, height, width)]
    rest = [component for component in components if not any(component is edge for edge in edges)]
    largest = max((component.height for component in rest), default=0)
    return rest if largest >= max(6, 0.04 * max(height, width)) else components


def _is_edge(component: Component, height: int, width: int) -> bool:
    """Whether it lies along an edge of the picture: long, and touching it nearly all the way."""
    inked = component.ink > INKED
    sides = (
        (component.left <= 1, inked[:, :3].max(1), component.height / height, component.width),
        (
            component.right >= width - 1,
            inked[:, -3:].max(1),
            component.height / height,
            component.width,
        ),
        (component.top <= 1, inked[:3].max(0), component.width / width, component.height),
        (
            component.bottom >= height - 1,
            inked[-3:].max(0),
            component.width / width,
            component.height,
        ),
    )
    return any(
        touches and float(along.mean()) > 0.5 and (reach > BORDER or len(along) > 3 * deep)
        for touches, along, reach, deep in sides
    )


def _is_around(component: Component, components: Sequence[Component]) -> bool:
    """Whether it is a box that others are written in."""
    inside = any(
        other.left > component.left
        and other.top > component.top
        and other.right < component.right
        and other.bottom < component.bottom
        and other.height > 0.25 * component.height
        for other in components
    )
    return inside and peeled(component.ink) is not None


def _is_rule(component: Component, height: float, components: Sequence[Component]) -> bool:
    """Whether it is an underline: long and flat, and not all there is."""
    others = [other for other in components if other is not component]
    if not others or component.height > 0.3 * height:
        return False
    if component.width > 1.2 * height:
        return True
    above = [other for other in others if other.bottom <= component.top + 1]
    wide = max((other.right for other in above), default=0) - min(
        (other.left for other in above), default=0
    )
    return (
        bool(above)
        and component.height < 0.15 * height
        and component.width >= max(0.7 * height, wide)
    )
