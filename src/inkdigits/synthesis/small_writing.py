"""Sheets of A4 as a scanner sees them, whose digits are a few millimetres high."""

import numpy as np
import numpy.typing as npt

from .cameras import scanned
from .pages import SyntheticPage
from .papers import Floats, Random, random_of
from .writers import by_small_pen

A4 = (210.0, 297.0)  # millimetres
MARGIN = 18.0
ROWS, COLUMNS = 12, 10
ENTRIES = 9
PENS = (0.35, 0.6)  # millimetres that a line of ballpoint or fineliner is wide


def small_writing(height: float, resolution: int, number: int = 0, seed: int = 0) -> SyntheticPage:
    """Return twelve lines of ten digits on a sheet of A4.

    Parameters
    ----------
    height
        Of the digits, in millimetres.
    resolution
        Of the scan, in dots an inch.
    number
        From 0: which of the sheets of this kind.
    seed
        The same seed gives the same sheets.
    """
    random = random_of(seed, "small writing", number)
    rows = random.integers(10, size=(ROWS, COLUMNS)).tolist()
    sheet = _Sheet(resolution, random)
    pitch = max(11.0, 2.0 * height)
    for line, row in enumerate(rows):
        sheet.write(row, (MARGIN, MARGIN + 10 + line * pitch), height)
    truth = "\n".join("".join(map(str, row)) for row in rows)
    effects = (f"{height:g} mm", f"{resolution} dpi")
    return SyntheticPage("small writing", number, sheet.picture(), truth, effects)


def large_and_small(number: int = 0, seed: int = 0, resolution: int = 200) -> SyntheticPage:
    """Return a 7 of 25 millimetres above nine numbers, whose digits are 3 millimetres high."""
    random = random_of(seed, "large and small", number)
    rows = [[7]]
    rows += [random.integers(10, size=random.integers(3, 7)).tolist() for _ in range(ENTRIES)]
    sheet = _Sheet(resolution, random)
    sheet.write(rows[0], (MARGIN, MARGIN + 30), 25.0)
    for line, row in enumerate(rows[1:]):
        sheet.write(row, (MARGIN + random.uniform(0, 4), MARGIN + 48 + line * 12), 3.0)
    truth = "\n".join("".join(map(str, row)) for row in rows)
    effects = ("25 mm above 3 mm", f"{resolution} dpi")
    return SyntheticPage("large and small", number, sheet.picture(), truth, effects)


class _Sheet:
    """A sheet of A4 that is written on in millimetres."""

    def __init__(self, resolution: int, random: Random) -> None:
        self.scale = resolution / 25.4
        wide, deep = (round(side * self.scale) for side in A4)
        self.ink: Floats = np.zeros((deep, wide), np.float32)
        self.random = random
        self.pen = random.uniform(*PENS)  # millimetres

    def write(self, labels: list[int], start: tuple[float, float], height: float) -> None:
        """Write digits from `start`, the left end of their line, on."""
        tall = height * self.scale
        # A pen is as wide as it is, but nobody writes very small with a broad one.
        half_width = max(0.5, min(self.pen, 0.16 * height) / 2 / height * 18.4)
        x, base = (at * self.scale for at in start)
        for glyph in by_small_pen(labels, tall, half_width, self.random):
            top = round(base + self.random.uniform(-0.04, 0.04) * tall) - glyph.shape[0]
            left = round(x)
            here = self.ink[top : top + glyph.shape[0], left : left + glyph.shape[1]]
            np.maximum(here, glyph, out=here)
            x += glyph.shape[1] + self.random.uniform(0.2, 0.4) * tall

    def picture(self) -> npt.NDArray[np.uint8]:
        """Return the scan."""
        return scanned(self.ink, self.random)
