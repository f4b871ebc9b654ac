"""Where glyphs come from: pens, and MNIST's validation digits where there is a folder."""

from collections.abc import Sequence
from dataclasses import replace
from functools import cache
from pathlib import Path

import cv2
import numpy as np
import torch

from ..data import SPLITS, mnist
from ..glyphs.pen import Variants, Variation, ink, move
from ..glyphs.signs import SIGNS
from ..glyphs.written import draw
from .papers import Floats, Random

GLYPH = 28 / 18.4  # a picture's side for each pixel that the figure in it is high
MARKING = Variation(
    slant=0.1, lean=0.05, turn=0.05, looseness=0.1, tremor=0.02, corners=0, pens=0, grain=0.06
)
FINE = 60  # pixels: lower digits are drawn this high and made smaller, as a scanner would


class Writers:
    """Whoever writes: pens, and MNIST's people where there is a folder of their digits."""

    def __init__(self, data: Path | None = None) -> None:
        self.mnist = None if data is None else SPLITS["held-out"](mnist.load(data)).validation

    def write(
        self, labels: Sequence[int], tall: int, effects: Sequence[str], random: Random
    ) -> list[Floats]:
        """Return a glyph for each of `labels`: its ink, 0 to 1, in its box, about `tall` high."""
        pen = random.uniform(0.8, 1.2)
        if "hairline" in effects:
            pen = random.uniform(0.48, 0.6)  # thinner, and the pen's points would show
        elif "thick pen" in effects:
            pen = random.uniform(1.35, 1.65)
        elif self.mnist is not None and random.random() < 0.5:
            return [self._copy(label, tall, random) for label in labels]
        return by_pen(labels, tall, pen, random)

    def _copy(self, label: int, tall: int, random: Random) -> Floats:
        """Return one of MNIST's digits, enlarged without its pixels showing."""
        assert self.mnist is not None  # noqa: S101 `write` asks
        which = random.choice(np.flatnonzero(self.mnist.labels == label))
        glyph = trimmed(self.mnist.images[which].astype(np.float32) / 255)
        scale = tall / max(glyph.shape)
        glyph = np.pad(glyph, 2)
        large = cv2.resize(glyph, None, fx=scale, fy=scale, interpolation=cv2.INTER_CUBIC)
        large = cv2.GaussianBlur(large, (0, 0), max(0.3, 0.5 * scale))
        return trimmed(np.clip((large - 0.4) * max(scale, 1) * 0.8 + 0.5, 0, 1))


def by_pen(labels: Sequence[int], tall: int, pen: float, random: Random) -> list[Floats]:
    """Return a glyph for each of `labels`, all by one pen: its half-width, in 18.4ths of `tall`."""
    variation = Variation(slant=0.18, looseness=0.35, corners=0.3, pen=pen, pens=0.08, grain=0.06)
    generator = torch.Generator().manual_seed(int(random.integers(2**62)))
    drawn = draw(torch.tensor(labels), generator, variation, size=round(tall * GLYPH)).numpy()
    return [trimmed(glyph) for glyph in drawn]


def by_small_pen(labels: Sequence[int], tall: float, pen: float, random: Random) -> list[Floats]:
    """Return what `by_pen` does, of any height: drawn large and made smaller."""
    scale = tall / FINE if tall < FINE else 1.0
    glyphs = by_pen(labels, round(tall / scale), pen, random)
    return [_smaller(glyph, scale) for glyph in glyphs] if scale < 1 else glyphs


def by_mark(mark: str, tall: int, pen: float, random: Random) -> Floats:
    """Return the glyph of one of `SIGNS` beside digits `tall` high, by the pen that wrote them."""
    half_width = pen * tall / 18.4
    extent = max(SIGNS[mark].extent * random.uniform(0.85, 1.2) * tall, 2.8 * half_width)
    size = max(8, round(extent * GLYPH))
    variation = replace(MARKING, pen=half_width * 28 / size)
    generator = torch.Generator().manual_seed(int(random.integers(2**62)))
    alphabet = _signs()
    way = alphabet.choose(torch.tensor([list(SIGNS).index(mark)]), generator)
    return trimmed(
        ink(*move(alphabet, way, variation, generator), variation, generator, size)[0].numpy()
    )


def trimmed(ink: Floats) -> Floats:
    """Return a picture of ink without the paper around it."""
    rows, columns = np.flatnonzero((ink > 0.1).any(1)), np.flatnonzero((ink > 0.1).any(0))
    return np.asarray(ink[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1], np.float32)


def _smaller(glyph: Floats, scale: float) -> Floats:
    size = [max(1, round(length * scale)) for length in glyph.shape[::-1]]
    return np.asarray(cv2.resize(glyph, size, interpolation=cv2.INTER_AREA), np.float32)


@cache
def _signs() -> Variants:
    return Variants.of([sign.variants for sign in SIGNS.values()])
