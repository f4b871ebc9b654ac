"""Glyphs in lines, lines on a sheet, and the form around them."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import chain

import cv2
import numpy as np

from .papers import Floats, Random, Sheet


@dataclass(frozen=True, eq=False)
class PlacedLine:
    """A line of writing: its glyphs and where each stands, and where the line does."""

    placed: list[tuple[int, int, Floats]]  # left, top, ink
    base: float
    slope: float

    @property
    def box(self) -> tuple[int, int, int, int]:
        """Left, top, right, bottom."""
        lefts, tops, glyphs = zip(*self.placed, strict=True)
        right = max(x + g.shape[1] for x, g in zip(lefts, glyphs, strict=True))
        bottom = max(y + g.shape[0] for y, g in zip(tops, glyphs, strict=True))
        return min(lefts), min(tops), right, bottom


def sized(glyph: Floats, effects: Sequence[str], random: Random) -> Floats:
    """Return `glyph` larger or smaller, if sizes are uneven."""
    if "uneven sizes" not in effects:
        return glyph
    scale = random.uniform(0.62, 1.2)
    return np.asarray(
        cv2.resize(glyph, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA), np.float32
    )


def in_line(
    glyphs: Sequence[Floats],
    start: tuple[float, float, float],
    tall: int,
    effects: Sequence[str],
    random: Random,
) -> PlacedLine:
    """Place glyphs on a line of writing, each as near to the last as the spacing says."""
    left, base, slope = start
    usual = random.uniform(0.16, 0.32)
    placed: list[tuple[int, int, Floats]] = []
    for glyph in glyphs:
        jump = random.uniform(-0.22, 0.22) if "jumping" in effects else random.uniform(-0.04, 0.04)
        gap = usual * random.uniform(0.7, 1.3)
        if "wide" in effects:
            gap = random.uniform(0.6, 1.3)
        elif "close" in effects:
            gap = random.uniform(0.04, 0.09)
        elif "touching" in effects:
            gap = random.uniform(-0.05, -0.02) if random.random() < 0.5 else 0.08
        x, y = left, base + jump * tall - glyph.shape[0]
        if placed:
            x = beside(placed[-1], round(y + slope * placed[-1][0]), glyph) + gap * tall
        placed.append((round(x), round(y + slope * x), glyph))
    return PlacedLine(placed, base, slope)


def beside(before: tuple[int, int, Floats], top: int, glyph: Floats) -> float:
    """Return how far left `glyph` can stand until its ink meets that of the glyph before it."""
    x, other_top, other = before
    low, high = max(top, other_top), min(top + len(glyph), other_top + len(other))
    if high <= low:
        return float(x + other.shape[1])
    mine = glyph[low - top : high - top] > 0.3
    others = other[low - other_top : high - other_top] > 0.3
    both = mine.any(1) & others.any(1)
    if not both.any():
        return float(x + other.shape[1])
    ends = other.shape[1] - others[both][:, ::-1].argmax(1)
    meets = x + float((ends - mine[both].argmax(1)).max())
    # It may reach a little under a 7, not through to the other side.
    return float(max(meets, x + 0.75 * other.shape[1]))


def in_cells(
    glyphs: Sequence[Floats], base: float, tall: int, cell: float, random: Random
) -> PlacedLine:
    """Place each glyph in a square cell of its own, somewhere about its middle."""
    placed: list[tuple[int, int, Floats]] = []
    for number, glyph in enumerate(glyphs):
        high, wide = glyph.shape
        free = max(cell - max(high, wide), 0) * 0.35
        x = (number + 0.5) * cell - wide / 2 + random.uniform(-free, free)
        y = base - (tall + high) / 2 + random.uniform(-free, free)
        placed.append((round(x), round(y), glyph))
    return PlacedLine(placed, base, 0.0)


def composed(
    rows: Sequence[PlacedLine], tall: int, cell: float, effects: Sequence[str], random: Random
) -> Sheet:
    """Return the sheet that holds all lines, with margins, and the form around them."""
    boxes = np.array([row.box for row in rows])
    margin = np.ceil(random.uniform(0.45, 1.4, 4) * tall + cell / 2)
    low, high = boxes[:, :2].min(0) - margin[:2], boxes[:, 2:].max(0) + margin[2:]
    bleed = round(0.09 * float((high - low).max()))
    wide, deep = (int(side) + 2 * bleed for side in high - low)
    x0, y0 = (bleed - int(side) for side in low)
    ink, form = np.zeros((deep, wide), np.float32), np.zeros((deep, wide), np.uint8)
    for x, y, glyph in chain(*(row.placed for row in rows)):
        here = ink[y + y0 : y + y0 + glyph.shape[0], x + x0 : x + x0 + glyph.shape[1]]
        np.maximum(here, glyph, out=here)
    thick = max(1, round(tall * random.uniform(0.015, 0.04)))
    for row in rows:
        for ends, is_box in _form(row, tall, cell, effects, random):
            first, last = ((round(x + x0), round(y + y0)) for x, y in ends)
            if is_box:
                cv2.rectangle(form, first, last, 255, thick, cv2.LINE_AA)
            else:
                cv2.line(form, first, last, 255, thick, cv2.LINE_AA)
    bases = tuple(row.base + y0 for row in rows)
    return Sheet(ink, np.asarray(form / np.float32(255), np.float32), tall, bases, bleed)


def _form(
    row: PlacedLine, tall: int, cell: float, effects: Sequence[str], random: Random
) -> Iterator[tuple[tuple[tuple[float, float], tuple[float, float]], bool]]:
    """Yield what is printed around a line: two corners or ends, and whether it is a box."""
    left, top, right, bottom = row.box
    if cell:
        ceiling = row.base - (tall + cell) / 2
        for number in range(len(row.placed)):
            yield ((number * cell, ceiling), ((number + 1) * cell, ceiling + cell)), True
    elif "boxed" in effects:
        pad = random.uniform(0.15, 0.3) * tall
        yield ((left - pad, top - pad), (right + pad, bottom + pad)), True
    elif "underlined" in effects:
        start, end = left - 0.2 * tall, right + 0.2 * tall
        under = row.base + random.uniform(0.06, 0.18) * tall
        yield ((start, under + row.slope * start), (end, under + row.slope * end)), False
