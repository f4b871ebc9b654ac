"""Printed forms whose truth is known: tables of numbers, and combs with a digit a cell."""

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

from .cameras import photographed
from .papers import Floats, Random, Sheet, random_of
from .writers import by_pen

RULES: dict[str, tuple[float, float]] = {  # how dark, how thick as a part of a digit's height
    "thin dark": (1.0, 0.03),
    "thick dark": (1.0, 0.08),
    "thin grey": (0.45, 0.03),
    "thick grey": (0.45, 0.08),
}
EMPTY = 0.06  # of the cells
FINE = 8  # parts of a pixel that OpenCV draws in: bits of `shift` below
SHIFT = 3


@dataclass(frozen=True, eq=False)
class SyntheticTable:
    """A picture of a table, and what it says.

    Attributes
    ----------
    kind
        ``"tables"`` or ``"combs"``.
    number
        From 0, among those of its kind.
    picture
        ``(H, W, 3)`` uint8.
    cells
        The text of each cell, by row and column; of a comb, the digits of a number in one row.
    effects
        How it is printed, and what happened to it.
    """

    kind: str
    number: int
    picture: npt.NDArray[np.uint8]
    cells: tuple[tuple[str, ...], ...]
    effects: tuple[str, ...]

    @property
    def truth(self) -> str:
        """A line a row, a space between cells; the number of a comb without any."""
        between = "" if self.kind == "combs" else " "
        return "\n".join(between.join(filter(None, row)) for row in self.cells)


def table(number: int, seed: int = 0) -> SyntheticTable:
    """Return a table of two to six rows and two to five columns, one to five digits a cell."""
    random = random_of(seed, "tables", number)
    rows, columns = int(random.integers(2, 7)), int(random.integers(2, 6))
    longest = random.integers(1, 6, columns).tolist()
    cells = tuple(tuple(_cell(most, random) for most in longest) for _ in range(rows))
    return _printed("tables", number, cells, longest, random)


def comb(number: int, seed: int = 0) -> SyntheticTable:
    """Return a comb: a number of four to ten digits, each in a cell of its own."""
    random = random_of(seed, "combs", number)
    digits = tuple(str(digit) for digit in random.integers(10, size=random.integers(4, 11)))
    return _printed("combs", number, (digits,), [1] * len(digits), random)


def _cell(most: int, random: Random) -> str:
    """Return a number of one digit to `most`, or nothing, as some cells are empty."""
    if random.random() < EMPTY:
        return ""
    return "".join(map(str, random.integers(10, size=random.integers(1, most + 1))))


def _printed(
    kind: str,
    number: int,
    cells: tuple[tuple[str, ...], ...],
    longest: Sequence[int],
    random: Random,
) -> SyntheticTable:
    """Return `cells` written into a table whose columns hold so many digits at most."""
    style = list(RULES)[number % len(RULES)]
    near, worn = number // 4 % 2 == 1, number // 8 % 2 == 1
    tall, pen = int(random.integers(36, 64)), random.uniform(0.8, 1.2)
    room = random.uniform(0.14, 0.22) if near else random.uniform(0.35, 0.6)
    step = 0.85 * tall  # a digit, and the gap after it
    widths = [most * step + 2 * room * tall for most in longest]
    height = (1 + 2 * room) * tall
    margin = round(random.uniform(0.6, 1.2) * tall)
    at_x = margin + np.cumsum([0.0, *widths])
    at_y = margin + height * np.arange(len(cells) + 1)
    shape = round(at_y[-1]) + margin, round(at_x[-1]) + margin
    ink = np.zeros(shape, np.float32)
    for row, texts in enumerate(cells):
        for column, text in enumerate(texts):
            left = at_x[column] + room * tall
            _write(ink, text, (left, at_y[row + 1] - room * tall), tall, pen, random)
    form = _rules(shape, at_x.tolist(), at_y.tolist(), tall, RULES[style], worn, random)
    effects = (style, *(["near walls"] if near else []), *(["worn"] if worn else []))
    paper = ("plain",) if number % 3 else ("gradient", "blue ink")
    picture = photographed(Sheet(ink, form, tall, tuple(at_y[1:]), 0), paper, random)
    return SyntheticTable(kind, number, picture, cells, effects)


def _write(
    ink: Floats, text: str, start: tuple[float, float], tall: int, pen: float, random: Random
) -> None:
    """Write `text` into `ink`, from `start` on."""
    x, base = start
    if not text:
        return
    for glyph in by_pen([int(digit) for digit in text], tall, pen, random):
        # A 1 stands in the middle of its place; a broad digit is made to fit.
        if glyph.shape[1] > 0.78 * tall:
            size = round(0.78 * tall), glyph.shape[0]
            glyph = np.asarray(cv2.resize(glyph, size, interpolation=cv2.INTER_AREA), np.float32)
        deep, wide = glyph.shape
        left = round(x + (0.8 * tall - wide) / 2)
        top = round(base + random.uniform(-0.04, 0.02) * tall) - deep
        here = ink[top : top + deep, left : left + wide]
        np.maximum(here, glyph, out=here)
        x += 0.85 * tall


def _rules(
    shape: tuple[int, int],
    at_x: Sequence[float],
    at_y: Sequence[float],
    tall: int,
    style: tuple[float, float],
    worn: bool,
    random: Random,
) -> Floats:
    """Return the rules of a table; worn ones are a little wavy, and broken here and there."""
    dark, thick = style
    width = max(1, round(thick * tall))
    page = np.zeros(shape, np.uint8)
    ends = [((x, at_y[0]), (x, at_y[-1])) for x in at_x]
    ends += [((at_x[0], y), (at_x[-1], y)) for y in at_y]
    for begin, end in ends:
        _rule(page, np.array(begin), np.array(end), width, 0.025 * tall * worn, random)
    form = page.astype(np.float32) * np.float32(dark / 255)
    if worn:
        small = random.random((shape[0] // 9 + 2, shape[1] // 9 + 2)).astype(np.float32)
        form *= np.asarray(cv2.resize(small, shape[::-1]) * 4 - 0.3, np.float32).clip(0, 1)
    return form


def _rule(
    page: npt.NDArray[np.uint8],
    begin: npt.NDArray[np.float64],
    end: npt.NDArray[np.float64],
    width: int,
    wave: float,
    random: Random,
) -> None:
    """Draw one rule, whose points wander by `wave` pixels."""
    knots = max(2, round(float(np.abs(end - begin).max()) / 25))
    along = np.linspace(0, 1, knots)[:, None]
    points = begin + (end - begin) * along + random.normal(0, 1, (knots, 2)) * wave
    fixed = np.rint(points * FINE).astype(np.int32)[:, None]
    cv2.polylines(page, [fixed], False, 255, width, cv2.LINE_AA, SHIFT)
