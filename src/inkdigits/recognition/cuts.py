"""Cuts: where digits that touch may be taken apart, as paths down through little ink."""

import cv2
import numpy as np
import numpy.typing as npt

from ..segmentation.components import Component, trimmed
from ..segmentation.ink import Map

ROWS = 48  # the height at which paths are sought
APART = 0.22  # of the height: two cuts are no nearer
MOST = 5
PAPER = 0.02  # what a step over bare paper costs, so that paths are short
ASIDE = 0.08  # and a step aside
ENTER = 3.0  # each stroke that is crossed: one joint is better than both sides of a ring

Paths = npt.NDArray[np.intp]


def cut_candidates(component: Component) -> list[Component]:
    """Return `component` cut wherever that is cheap, from left to right; alone if nowhere."""
    width = max(3, round(component.width * ROWS / component.height))
    if width > 12 * ROWS:
        return [component]
    small = cv2.resize(component.ink, (width, ROWS), interpolation=cv2.INTER_AREA)
    cuts = _cheapest(np.asarray(small, np.float32))
    if not len(cuts):
        return [component]
    region = (np.arange(width)[None, :, None] >= cuts.T[:, None, :]).sum(2).astype(np.float32)
    region = cv2.resize(
        region, (component.width, component.height), interpolation=cv2.INTER_NEAREST
    )
    found = [
        trimmed(
            Component(
                component.left,
                component.top,
                np.where(region == number, component.ink, np.float32(0)),
            )
        )
        for number in range(len(cuts) + 1)
    ]
    # A splinter is no piece: who cuts it off has cut beside the joint.
    return [
        piece for piece in found if piece is not None and piece.height >= 0.25 * component.height
    ]


def _cheapest(ink: Map) -> Paths:
    """Return the best cuts, ``(K, ROWS)`` columns each, from left to right."""
    cost, paths = _paths(ink)
    width = ink.shape[1]
    at = paths.mean(1)
    stroke = _stroke(ink)
    inner = (at > APART * ROWS) & (at < width - APART * ROWS)
    order = [index for index in np.argsort(cost, kind="stable") if inner[index]]
    chosen: list[int] = []
    for index in order:
        if cost[index] > 2 * stroke + 2 * ENTER + PAPER * ROWS or len(chosen) == MOST:
            break
        if all(abs(at[index] - at[other]) >= APART * ROWS for other in chosen):
            chosen.append(int(index))
    chosen.sort(key=lambda index: float(at[index]))
    # Paths that cross would leave a piece with two sides of another.
    return np.maximum.accumulate(paths[chosen], axis=0)


def _paths(ink: Map) -> tuple[Map, Paths]:
    """Return the cheapest path to each last column: its cost ``(W,)``, its way ``(W, ROWS)``."""
    rows, width = ink.shape
    entered = np.maximum(np.diff(ink, axis=0, prepend=np.float32(0)), 0)
    cost = ink + np.float32(ENTER) * entered + np.float32(PAPER)
    best = cost[0].copy()
    came = np.zeros((rows, width), np.intp)
    columns = np.arange(width)
    for row in range(1, rows):
        left = np.concatenate([[np.inf], best[:-1]]) + ASIDE
        right = np.concatenate([best[1:], [np.inf]]) + ASIDE
        options = np.stack([left, best, right])
        step = options.argmin(0)
        best = (options[step, columns] + cost[row]).astype(np.float32)
        came[row] = columns + step - 1
    paths = np.empty((width, rows), np.intp)
    here = columns.copy()
    for row in range(rows - 1, -1, -1):
        paths[:, row] = here
        here = came[row][here]
    return best, paths


def _stroke(ink: Map) -> float:
    """Return how thick the strokes are: ink over half of its outline."""
    inked = (ink > 0.5).astype(np.float32)
    outline = float(np.abs(np.diff(inked, axis=0)).sum() + np.abs(np.diff(inked, axis=1)).sum())
    # The outline, counted along rows and columns, is about 4/π of its length.
    return 2 * float(inked.sum()) / max(outline * np.pi / 4, 1.0)
