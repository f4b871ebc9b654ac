"""Pages of handwriting whose truth is known, written at random and photographed.

Whatever happens to a page is an effect with a name. Every other page has one effect alone, each
effect in turn; the rest have several, as pages have. The same seed gives the same pages.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import chain

import cv2
import numpy as np
import numpy.typing as npt

from .blanks import SUBJECTS, without_digits
from .cameras import photographed
from .effects import choose_effects
from .lines import composed, in_cells, in_line, sized
from .papers import Random, Sheet
from .writers import Writers

KINDS = ("pages", "none", "singles", "tight")
SIDES = (8, 16, 32)  # pixels of tight crops


@dataclass(frozen=True, eq=False)
class SyntheticPage:
    """One picture and what it says.

    Attributes
    ----------
    kind
        One of `KINDS`.
    number
        From 0, among those of its kind.
    picture
        ``(H, W, 3)`` or ``(H, W)`` uint8.
    truth
        The digits, a line of text a line; empty if there are none.
    effects
        What happened to it, by name.
    """

    kind: str
    number: int
    picture: npt.NDArray[np.uint8]
    truth: str
    effects: tuple[str, ...]


def pages(kind: str, count: int, writers: Writers, seed: int = 0) -> Iterator[SyntheticPage]:
    """Return `count` pages of one of `KINDS`, as they are asked for."""
    return (page(kind, number, writers, seed) for number in range(count))


def page(kind: str, number: int, writers: Writers, seed: int = 0) -> SyntheticPage:
    """Return page `number` of one of `KINDS`."""
    random = np.random.default_rng((seed, KINDS.index(kind), number))
    if kind == "tight":
        return _tight(number, writers, random)
    effects = choose_effects(kind, number, random)
    truth = ""
    if kind == "none":
        subject = SUBJECTS[number % len(SUBJECTS)]
        sheet = without_digits(subject, random)
    else:
        labels = _labels(random) if kind == "pages" else [[int(random.integers(10))]]
        truth = "\n".join("".join(map(str, row)) for row in labels)
        sheet = _written(labels, kind, writers, effects, random)
    picture = photographed(sheet, effects, random)
    names = (subject, *effects) if kind == "none" else effects
    return SyntheticPage(kind, number, picture, truth, names)


def _labels(random: Random) -> list[list[int]]:
    most = int(random.integers(2, 11))
    rows = int(random.integers(1, 6))
    return [random.integers(10, size=random.integers(1, most + 1)).tolist() for _ in range(rows)]


def _written(
    labels: list[list[int]], kind: str, writers: Writers, effects: Sequence[str], random: Random
) -> Sheet:
    """Return the digits `labels`, written line by line, with the boxes they stand in."""
    tall = int(random.integers(40, 85) if kind == "pages" else random.integers(40, 180))
    glyphs = iter(writers.write([*chain(*labels)], tall, effects, random))
    cell = tall * random.uniform(1.2, 1.6) if "cells" in effects else 0.0
    least = 2.2 if "boxed" in effects else 1.5  # boxes of two lines must not meet
    pitch = max(cell * random.uniform(1.1, 1.6), tall * random.uniform(least, 2.4))
    slope = random.choice((-1, 1)) * random.uniform(0.02, 0.06) * ("slanted" in effects)
    indent = random.uniform(0, 0.8) * tall
    rows = []
    for number, row in enumerate(labels):
        own = [sized(next(glyphs), effects, random) for _ in row]
        if cell:
            rows.append(in_cells(own, number * pitch, tall, cell, random))
        else:
            left, base = random.uniform(0, 1) * indent, number * pitch
            rows.append(in_line(own, (left, base, slope), tall, effects, random))
    return composed(rows, tall, cell, effects, random)


def _tight(number: int, writers: Writers, random: Random) -> SyntheticPage:
    """Return one digit that touches the frame of a picture of very few pixels."""
    side = SIDES[number % 3]
    binary, light = number // 3 % 2 == 0, number // 6 % 2 == 0
    label = int(random.integers(10))
    (glyph,) = writers.write([label], 120, (), random)
    scale = side / max(glyph.shape)
    high, wide = (max(2, round(length * scale)) for length in glyph.shape)
    crop = np.zeros((side, side), np.float32)
    top, left = (side - high) // 2, (side - wide) // 2
    small = cv2.resize(glyph, (wide, high), interpolation=cv2.INTER_AREA)
    crop[top : top + high, left : left + wide] = small / small.max()
    crop = (crop > 0.45).astype(np.float32) if binary else crop
    shades = np.rint((crop if light else 1 - crop) * 255).astype(np.uint8)
    effects = (
        f"{side}x{side}",
        "binary" if binary else "grey",
        "light on dark" if light else "dark on light",
    )
    return SyntheticPage("tight", number, shades, str(label), effects)
