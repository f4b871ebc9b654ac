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
    nothing = Ink(np.zeros((tall, wide), np.float32), True, False)
    if int(np.count_nonzero(found.handwriting > SURE)) < LEAST:
        return nothing
    paper = _paper(pixels, found)
    departure, dark = _departure(pixels, paper, found.handwriting)
    strength = _strength(departure, found.handwriting)
    soft = (departure / strength - LOW) / (HIGH - LOW)
    near = cv2.dilate(found.handwriting, np.ones((3, 3), np.uint8))
    gate = (near.astype(np.float32) - LIKELY) / (SURE - LIKELY)
    ink = np.minimum(soft.clip(0, 1), gate.clip(0, 1)).astype(np.float32)
    return Ink(ink, dark, False, _rules(found))


def _paper(pixels: Pixels, found: PageMap) -> npt.NDArray[np.float32]:
    """Return the paper behind the writing, of as many channels as `pixels`."""
    tall, wide = pixels.shape[:2]
    scale = min(1.0, SIDE / max(tall, wide))
    size = max(1, round(wide * scale)), max(1, round(tall * scale))
    covered = cv2.max(cv2.max(found.handwriting, found.rules), found.other)
    most = np.float32(255 - LIKELY)
    bare = (most - covered.astype(np.float32)).clip(0, None) / most + np.float32(1e-4)
    weight = np.asarray(cv2.resize(bare, size, interpolation=cv2.INTER_AREA), np.float32)
    channels = pixels.reshape(tall, wide, -1).astype(np.float32) * bare[..., None]
    small = cv2.resize(channels, size, interpolation=cv2.INTER_AREA)
    small = np.asarray(small, np.float32).reshape(size[1], size[0], -1)
    total, known = np.zeros_like(small), np.zeros_like(weight)
    # Near paper tells most; where there is none near, that which is farther tells.
    for reach, share in ((5, 1.0), (15, 1e-2), (45, 1e-4), (2 * max(size), 1e-6)):
        window = min(reach, 2 * max(size)) | 1
        total += np.float32(share) * _mean(small, window)
        known += np.float32(share) * _mean(weight[..., None], window)[..., 0]
    paper = total / np.maximum(known, 1e-12)[..., None]
    large = cv2.resize(paper, (wide, tall), interpolation=cv2.INTER_LINEAR)
    return np.asarray(large, np.float32).reshape(tall, wide, -1)


def _mean(values: npt.NDArray[np.float32], window: int) -> npt.NDArray[np.float32]:
    found = cv2.blur(values, (window, window), borderType=cv2.BORDER_REFLECT)
    return np.asarray(found, np.float32).reshape(values.shape)


def _departure(
    pixels: Pixels, paper: npt.NDArray[np.float32], handwriting: Pixels
) -> tuple[Map, bool]:
    """Return how far each pixel is from its paper in the way of ink, and whether that is darker."""
    away = paper - pixels.reshape(paper.shape)
    ink = away[handwriting > SURE].mean(0)
    if len(ink) == 1:
        sign = 1.0 if ink[0] >= 0 else -1.0
        return np.asarray(away[..., 0] * np.float32(sign), np.float32), sign > 0
    weights = 0.3 * np.sign(ink.sum()) / 3 + 0.7 * ink / max(float(np.abs(ink).sum()), 1e-6)
    dark = float(ink @ np.array([0.299, 0.587, 0.114])) >= 0
    return np.asarray(away @ weights.astype(np.float32), np.float32), bool(dark)


def _strength(departure: Map, handwriting: Pixels) -> Map:
    """Return how far ink departs from paper around each pixel: it pales in the shade."""
    tall, wide = departure.shape
    sure = (handwriting > SURE).astype(np.float32)
    scale = min(1.0, SIDE / max(tall, wide))
    size = max(1, round(wide * scale)), max(1, round(tall * scale))
    positive = departure.clip(0, None) * sure
    # The darker a pixel the more it counts: soft edges say nothing of the strength of ink.
    stack = np.stack([positive**3, positive**2], -1)
    small = np.asarray(cv2.resize(stack, size, interpolation=cv2.INTER_AREA), np.float32)
    total = np.zeros_like(small)
    for reach, share in ((0.06, 1.0), (0.25, 0.1), (2.0, 0.03)):
        window = int(max(3, reach * max(size))) | 1
        total += np.float32(share) * _mean(small, window)
    strength = total[..., 0] / np.maximum(total[..., 1], 1e-9)
    large = np.asarray(cv2.resize(strength, (wide, tall)), np.float32)
    return np.maximum(large, WEAKEST)


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
