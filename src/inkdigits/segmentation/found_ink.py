"""Ink of what a finder found: fine strokes, where the finder says that somebody wrote."""

from collections.abc import Sequence

import cv2
import numpy as np
import numpy.typing as npt

from ..document import Reason
from ..io.picture import Pixels
from .components import INKED, SMALL, Component, Unread, writing_height
from .finder import PageMap
from .ink import Ink, Map
from .rules import connected

SURE, LIKELY = 128, 64  # of 255: handwriting for certain, and what may belong to it
SIDE = 360  # pixels of the longer side at which paper and strength are judged
SAMPLED = 20_000  # pixels of handwriting that tell its colour
LUMINANCE = np.array([0.299, 0.587, 0.114])
LEAST = 40  # pixels of handwriting that tell how ink departs from paper
LOW, HIGH = 0.3, 0.7  # of the strength of ink nearby: where a stroke begins, and is ink for sure
LEAST_SIDE = 6  # pixels: handwriting that is smaller is no symbol
PRINTED = 0.0004  # of the pixels of a page: print that is worth a word
MOST_PRINTED = 60  # pieces of print that are told of
MISSED = 0.4  # of ink that a finder takes for paper: handwriting after all
PLENTY = 1.25  # what is this much handwriting is nothing else: edges are soft
WEAKEST = 3.0  # levels of 255 by which ink differs from paper at least


def found_ink(pixels: Pixels, found: PageMap) -> Ink:
    """Return the ink of the handwriting of a page.

    A finder knows where writing is to a pixel or two; how dark each pixel is against its paper
    says the rest, so that strokes keep their shape.

    Parameters
    ----------
    pixels
        ``(H, W)`` or ``(H, W, 3)`` uint8.
    found
        What a finder says of them.
    """
    tall, wide = pixels.shape[:2]
    written = np.flatnonzero(found.handwriting > SURE)
    if len(written) < LEAST:
        return Ink(np.zeros((tall, wide), np.float32), True, False)
    step = -(-max(tall, wide) // SIDE)
    paper = _paper(pixels, found, step)
    weights, dark = _way_of_ink(pixels, paper, written, step)
    grey = cv2.transform(pixels.astype(np.float32), weights.reshape(1, -1))
    behind = cv2.resize(np.asarray(paper @ weights, np.float32), (wide, tall))
    departure = np.asarray(behind - grey, np.float32)
    strength = cv2.resize(_strength(departure, written, step), (wide, tall))
    soft = (departure / strength - np.float32(LOW)) / np.float32(HIGH - LOW)
    near = cv2.dilate(found.handwriting, np.ones((3, 3), np.uint8))
    gate = (near.astype(np.float32) - np.float32(LIKELY)) / np.float32(SURE - LIKELY)
    ink = np.minimum(soft, gate).clip(0, 1)
    return Ink(np.asarray(ink, np.float32), dark, False, _rules(found))


def _paper(pixels: Pixels, found: PageMap, step: int) -> Map:
    """Return the paper behind the writing, of every so many rows and columns, ``(h, w, C)``."""
    every = (slice(step // 2, None, step), slice(step // 2, None, step))
    some = pixels[every].astype(np.float32)
    some = some.reshape(*some.shape[:2], -1)
    covered = np.maximum(np.maximum(found.handwriting, found.rules), found.other)[every]
    most = np.float32(255 - LIKELY)
    bare = np.asarray((most - covered.astype(np.float32)).clip(0, None) / most, np.float32)
    bare += np.float32(1e-4)
    some *= bare[..., None]
    total, known = np.zeros_like(some), np.zeros_like(bare)
    # Near paper tells most; where there is none near, that which is farther tells.
    longest = max(bare.shape)
    for reach, share in ((5, 1.0), (15, 1e-2), (45, 1e-4), (2 * longest, 1e-6)):
        window = min(reach, 2 * longest) | 1
        total += np.float32(share) * _mean(some, window)
        known += np.float32(share) * _mean(bare, window)
    return np.asarray(total / np.maximum(known, 1e-12)[..., None], np.float32)


def _mean(values: Map, window: int) -> Map:
    found = cv2.blur(values, (window, window), borderType=cv2.BORDER_REFLECT)
    return np.asarray(found, np.float32).reshape(values.shape)


def _way_of_ink(
    pixels: Pixels, paper: Map, written: npt.NDArray[np.intp], step: int
) -> tuple[Map, bool]:
    """Return how much each channel tells of ink, and whether ink is darker than its paper."""
    some = written[:: max(1, len(written) // SAMPLED)]
    rows, columns = np.divmod(some, pixels.shape[1])
    here = paper[
        np.minimum(rows // step, len(paper) - 1), np.minimum(columns // step, paper.shape[1] - 1)
    ]
    ink = (here - pixels[rows, columns].reshape(here.shape)).mean(0)
    if len(ink) == 1:
        return np.array([1.0 if ink[0] >= 0 else -1.0], np.float32), bool(ink[0] >= 0)
    weights = 0.1 * np.sign(ink.sum()) + 0.7 * ink / max(float(np.abs(ink).sum()), 1e-6)
    return np.asarray(weights, np.float32), float(ink @ LUMINANCE) >= 0


def _strength(departure: Map, written: npt.NDArray[np.intp], step: int) -> Map:
    """Return how far ink departs from paper, of every so many rows and columns.

    It pales in the shade. The darker a pixel the more it counts: soft edges say nothing of ink.
    """
    tall, wide = (-(-side // step) for side in departure.shape)
    rows, columns = np.divmod(written, departure.shape[1])
    cells = rows // step * wide + columns // step
    much = departure.ravel()[written].clip(0, None).astype(float)
    small = np.stack(
        [np.bincount(cells, much**power, tall * wide).reshape(tall, wide) for power in (3, 2)], -1
    ).astype(np.float32)
    total = np.zeros_like(small)
    for reach, share in ((0.06, 1.0), (0.25, 0.1), (2.0, 0.03)):
        window = int(max(3, reach * max(tall, wide))) | 1
        total += np.float32(share) * _mean(small, window)
    strength = total[..., 0] / np.maximum(total[..., 1], 1e-9)
    return np.asarray(np.maximum(strength, WEAKEST), np.float32)


def _rules(found: PageMap) -> npt.NDArray[np.uint8] | None:
    """Return 1 where there is a rule or writing over one; None without any rule."""
    rules = found.rules > SURE
    if not rules.any():
        return None
    return np.asarray(rules | (found.handwriting > SURE), np.uint8)


def explained(components: Sequence[Component], found: PageMap) -> tuple[tuple[float, ...], float]:
    """Return how far each component is handwriting, and how much handwriting is in none.

    Parameters
    ----------
    components
        In lines.
    found
        What a finder says of their page.

    Returns
    -------
    tuple
        A number from 0 to 1 for each; and the pixels of the boxes of what is left over.
    """
    support = []
    rest = (found.handwriting > SURE).astype(np.uint8)
    for component in components:
        here = _box(component)
        inked = component.ink > INKED
        support.append(_support(here, inked, found) if inked.any() else 0.0)
        rest[here] = 0
    usual = writing_height(components) if components else 0.0
    _, boxes = connected(rest)
    wide, tall = boxes[1:, cv2.CC_STAT_WIDTH], boxes[1:, cv2.CC_STAT_HEIGHT]
    large = np.maximum(wide, tall) >= max(LEAST_SIDE, SMALL * usual)
    return tuple(support), float((wide[large].astype(float) * tall[large]).sum())


def _support(here: tuple[slice, slice], inked: npt.NDArray[np.bool_], found: PageMap) -> float:
    """Return how far ink is handwriting: what is taken for paper may be a stroke that is missed."""
    written, ruled, other = (
        float(kind[here][inked].mean()) / 255
        for kind in (found.handwriting, found.rules, found.other)
    )
    bare = max(0.0, 1 - written - ruled - other)
    return min(1.0, PLENTY * (written + MISSED * bare))


def printed(found: PageMap) -> list[Unread]:
    """Return where there is print, or else what is neither writing nor rule, by its boxes."""
    tall, wide = found.other.shape
    step = max(1, max(tall, wide) // SIDE)
    coarse = cv2.resize(found.other, (max(1, wide // step), max(1, tall // step)))
    near = cv2.dilate((coarse > SURE).astype(np.uint8), np.ones((3, 5), np.uint8))
    _, boxes = connected(np.asarray(near, np.uint8))
    order = np.argsort(-boxes[1:, cv2.CC_STAT_AREA], kind="stable")[:MOST_PRINTED] + 1
    down, across = tall / len(coarse), wide / coarse.shape[1]
    unread = []
    for left, top, broad, deep, _ in boxes[order].tolist():
        if broad * deep * down * across < PRINTED * tall * wide:
            continue
        x, y = int(left * across), int(top * down)
        unread.append(Unread(Reason.PRINT, x, y, int(broad * across), int(deep * down)))
    return unread


def _box(component: Component) -> tuple[slice, slice]:
    rows = slice(component.top, component.top + component.height)
    return rows, slice(component.left, component.left + component.width)
