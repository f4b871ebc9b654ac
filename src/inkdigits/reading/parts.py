"""Parts: connected pieces of ink, without what is no writing: specks, frames, rules, edges."""

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

from .ink import Map
from .lines import connected, peeled, without_lines

INKED = 0.3  # a pixel above this is part of a stroke
SPECK = 0.18  # of the height of the writing: what is smaller is dirt
LEAST = 6  # pixels: what is smaller has no shape
DUST = 0.012  # of the picture's longer side: nobody writes that small
DUST_MASS = 0.05  # of the largest part of a digit: what is less and lies apart is none of it
CROWD, GRAIN = 150, 12  # more parts than that, most of them smaller than that: noise
MOST = 2000  # parts of a picture; a page full of digits has some hundreds
BORDER = 0.6  # of a side: what touches the edge for as long as that is the edge of the paper


@dataclass(frozen=True, eq=False)
class Part:
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


def joined(parts: Sequence[Part]) -> Part:
    """Return all `parts` as one."""
    if len(parts) == 1:
        return parts[0]
    left, top = min(part.left for part in parts), min(part.top for part in parts)
    right, bottom = max(part.right for part in parts), max(part.bottom for part in parts)
    ink = np.zeros((bottom - top, right - left), np.float32)
    for part in parts:
        here = ink[part.top - top : part.bottom - top, part.left - left : part.right - left]
        np.maximum(here, part.ink, out=here)
    return Part(left, top, ink)


def trimmed(part: Part) -> Part | None:
    """Return `part` with the smallest box that holds its ink; None if there is none."""
    inked = part.ink > 0
    rows, columns = np.flatnonzero(inked.any(1)), np.flatnonzero(inked.any(0))
    if not len(rows):
        return None
    top, left = int(rows[0]), int(columns[0])
    ink = part.ink[top : rows[-1] + 1, left : columns[-1] + 1]
    return Part(part.left + left, part.top + top, ink)


def find_parts(ink: Map) -> tuple[list[Part], float]:
    """Return the parts of the writing in `ink` ``(H, W)``, and the height of the writing."""
    parts = [piece for part in _connected(ink) for piece in _unruled(part)]
    parts = [part for part in parts if not _is_around(part, parts)]
    parts = _without_edges(parts, ink.shape[0], ink.shape[1])
    height = writing_height(parts)
    side = max(ink.shape)
    least = max(SPECK * height, min(LEAST, 0.1 * side), DUST * side)
    if len(parts) > CROWD:
        # A page of hundreds of digits has large parts; noise has small ones, and more of them.
        usual = float(np.median([max(part.width, part.height) for part in parts]))
        least = max(least, 3 * usual) if usual < GRAIN else least
    kept = [part for part in parts if max(part.width, part.height) >= least]
    return [part for part in kept if not _is_rule(part, height, kept)], height


def main_parts(parts: Sequence[Part]) -> list[Part]:
    """Return the parts of a single digit: the largest, and all but dust near and far from it."""
    if not parts:
        return []
    largest = max(parts, key=lambda part: part.mass)
    near = 0.15 * max(largest.width, largest.height)

    def belongs(part: Part) -> bool:
        if part.mass >= DUST_MASS * largest.mass:
            return True
        x, y = part.middle
        inside_x = largest.left - near <= x <= largest.right + near
        return inside_x and largest.top - near <= y <= largest.bottom + near

    return [part for part in parts if belongs(part)]


def writing_height(parts: Sequence[Part]) -> float:
    """Return the height that half of the ink's parts reach, each counted by its own size."""
    if not parts:
        return 0.0
    upright = [part for part in parts if part.height > 0.2 * part.width] or parts
    sizes = np.array([max(part.height, 0.4 * part.width) for part in upright])
    # By size, so a hundred specks weigh less than one digit.
    order = np.argsort(sizes)
    weight = sizes[order] ** 1.5
    return float(sizes[order][np.searchsorted(weight.cumsum(), weight.sum() / 2)])


def _connected(ink: Map) -> list[Part]:
    mask = (ink > INKED).astype(np.uint8)
    labels, boxes = connected(mask)
    size = np.maximum(boxes[1:, cv2.CC_STAT_WIDTH], boxes[1:, cv2.CC_STAT_HEIGHT])
    if not len(size):
        return []
    # The largest part may be a frame; what is a speck beside the writing is dropped later.
    largest = np.sort(size)[-min(len(size), 8)]
    keep = np.flatnonzero(size >= max(2, 0.05 * largest)) + 1
    keep = keep[np.argsort(-boxes[keep, cv2.CC_STAT_AREA], kind="stable")][:MOST]
    return [_cut_out(ink, labels, int(label), boxes[label]) for label in keep]


def _cut_out(
    ink: Map, labels: npt.NDArray[np.int32], label: int, box: npt.NDArray[np.int32]
) -> Part:
    left, top, width, height = (int(value) for value in box[:4])
    rows = slice(max(top - 1, 0), top + height + 1)
    columns = slice(max(left - 1, 0), left + width + 1)
    here = labels[rows, columns]
    # A pixel around it belongs to it too, if it is no one else's: its soft edge.
    near = cv2.dilate((here == label).astype(np.uint8), np.ones((3, 3), np.uint8))
    own = (near > 0) & ((here == label) | (here == 0))
    return Part(columns.start, rows.start, np.where(own, ink[rows, columns], np.float32(0)))


def _unruled(part: Part) -> list[Part]:
    """Return what is written in a box, or on a line that it touches; most parts as they are."""
    inner = peeled(part.ink)
    if inner is None and part.width < 1.5 * part.height:
        return [part]
    if inner is None:
        rest = without_lines(part.ink, 0.6, upright=False)
        if rest is part.ink:
            return [part]
    else:
        rest = inner
    least = 0.15 * min(part.width, part.height)
    pieces = [Part(part.left + p.left, part.top + p.top, p.ink) for p in _connected(rest)]
    written = [piece for piece in pieces if max(piece.width, piece.height) >= least]
    if inner is not None:
        written = [piece for piece in written if not _is_wall(piece, part)]
    return written if inner is None or written else [part]


def _is_wall(piece: Part, box: Part) -> bool:
    """Whether it stands between two cells of a box: thin, and as high as the box."""
    margin = max(4.0, 0.12 * box.height)
    reaches = piece.top - box.top <= margin and box.bottom - piece.bottom <= margin
    return reaches and piece.width <= max(5.0, 0.2 * box.height)


def _without_edges(parts: list[Part], height: int, width: int) -> list[Part]:
    """Leave out the edges of the paper, if anything else is there."""
    edges = [part for part in parts if _is_edge(part, height, width)]
    rest = [part for part in parts if not any(part is edge for edge in edges)]
    largest = max((part.height for part in rest), default=0)
    return rest if largest >= max(6, 0.04 * max(height, width)) else parts


def _is_edge(part: Part, height: int, width: int) -> bool:
    """Whether it lies along an edge of the picture: long, and touching it nearly all the way."""
    inked = part.ink > INKED
    sides = (
        (part.left <= 1, inked[:, :3].max(1), part.height / height, part.width),
        (part.right >= width - 1, inked[:, -3:].max(1), part.height / height, part.width),
        (part.top <= 1, inked[:3].max(0), part.width / width, part.height),
        (part.bottom >= height - 1, inked[-3:].max(0), part.width / width, part.height),
    )
    return any(
        touches and float(along.mean()) > 0.5 and (reach > BORDER or len(along) > 3 * deep)
        for touches, along, reach, deep in sides
    )


def _is_around(part: Part, parts: Sequence[Part]) -> bool:
    """Whether it is a box that others are written in."""
    inside = any(
        other.left > part.left
        and other.top > part.top
        and other.right < part.right
        and other.bottom < part.bottom
        and other.height > 0.25 * part.height
        for other in parts
    )
    return inside and peeled(part.ink) is not None


def _is_rule(part: Part, height: float, parts: Sequence[Part]) -> bool:
    """Whether it is an underline: long and flat, and not all there is."""
    others = [other for other in parts if other is not part]
    if not others or part.height > 0.3 * height:
        return False
    if part.width > 1.2 * height:
        return True
    above = [other for other in others if other.bottom <= part.top + 1]
    wide = max((other.right for other in above), default=0) - min(
        (other.left for other in above), default=0
    )
    return bool(above) and part.height < 0.15 * height and part.width >= max(0.7 * height, wide)
