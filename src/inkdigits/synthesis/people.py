"""Whoever wrote MNIST: digits of one person side by side, marks by a pen of the same breadth.

QMNIST says which person wrote which digit (Yadav and Bottou, 2019).
"""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import numpy.typing as npt

from ..data import SPLITS, mnist, qmnist
from .handwriting import LEAST, PenStyle, Written, write
from .papers import Random

FEW = 30  # digits of a person: with fewer a line would repeat itself
HELD_OUT = 10  # one person in so many is kept to validate with
BOX = 20  # pixels that MNIST's digits are high, or wide


class People:
    """MNIST's writers.

    Parameters
    ----------
    images, labels, writers
        ``(N, 28, 28)`` uint8 and twice ``(N,)``.
    """

    def __init__(
        self,
        images: npt.NDArray[np.uint8],
        labels: npt.NDArray[np.integer],
        writers: npt.NDArray[np.integer],
    ) -> None:
        self.images = images
        self._rows: list[list[npt.NDArray[np.intp]]] = []
        for writer in np.unique(writers):
            own = writers == writer
            rows = [np.flatnonzero(own & (labels == digit)) for digit in range(10)]
            if own.sum() >= FEW and all(len(some) for some in rows):
                self._rows.append(rows)

    def __len__(self) -> int:
        return len(self._rows)

    def write(self, text: Sequence[str], style: PenStyle, tall: float, random: Random) -> Written:
        """Return `text` in a line; `style` says how it is spaced, and who writes the marks."""
        rows = self._rows[int(random.integers(len(self)))]
        stroke = 0.5 * float(random.uniform(-1, 1)) if random.random() < 0.6 else 0.0
        thick = 0.11 + 0.03 * stroke
        style = replace(style, pen=thick, slant=float(random.normal(0.1, 0.1)))
        parts: list[Written | None] = []
        scale = tall / BOX
        shrink = 1.0
        for sign in text:
            if sign == " ":
                parts.append(None)
            elif sign.isdigit():
                some = rows[int(sign)]
                digit = self.images[some[int(random.integers(len(some)))]]
                parts.append(_digit(digit, sign, scale * shrink, style, stroke, random))
                shrink = shrink * float(random.uniform(*style.noughts)) if sign == "0" else 1.0
                shrink = max(shrink, LEAST)
            else:
                parts.append(write([sign], style, tall, random))
        return _joined(parts, style, tall, random)


def load_people(folder: Path | None = None, *, held_out: bool = False) -> People:
    """Return the writers of MNIST's training digits, without its validation digits.

    Parameters
    ----------
    folder
        Holds ``mnist`` and ``qmnist``; by default ``$INKDIGITS_DATA`` does.
    held_out
        Return those from whom nothing is learned: one in ten.

    Raises
    ------
    DataError
        If either is not there.
    """
    train = SPLITS["held-out"](mnist.load(folder)).train
    wrote = qmnist.writers(folder)[train.index]
    kept = (wrote % HELD_OUT == 0) == held_out
    return People(train.images[kept], train.labels[kept], wrote[kept])


def _digit(
    image: npt.NDArray[np.uint8],
    sign: str,
    scale: float,
    style: PenStyle,
    stroke: float,
    random: Random,
) -> Written:
    """Return one of MNIST's digits, larger or smaller, thinner or thicker, a little turned."""
    size = float(np.exp(random.normal(0, style.sizes)))
    stretch = float(np.exp(random.normal(0, 0.08)))
    turn, shear = random.normal(0, 0.05), random.normal(0, 0.06)
    side = int(np.ceil(34 * scale * size * max(stretch, 1)))
    grow = scale * size
    across, down = grow * stretch, grow
    matrix = np.array(
        [
            [across, -across * (shear + turn), side / 2 - 13.5 * across * (1 - shear - turn)],
            [down * turn, down, side / 2 - 13.5 * down * (1 + turn)],
        ],
        np.float32,
    )
    large = cv2.warpAffine(image, matrix, (side, side), flags=cv2.INTER_LINEAR)
    ink = np.asarray(large / np.float32(255), np.float32)
    if stroke < 0:
        thin = cv2.erode(ink, np.ones((2, 2), np.uint8))
        ink = ink + np.float32(-2 * stroke) * (thin - ink)
    elif stroke > 0:
        broad = cv2.dilate(ink, np.ones((2, 2), np.uint8))
        ink = ink + np.float32(2 * stroke) * (broad - ink)
    rows, columns = np.flatnonzero((ink > 0.15).any(1)), np.flatnonzero((ink > 0.15).any(0))
    if not len(rows):
        rows, columns = np.arange(side), np.arange(side)
    cut = ink[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
    # MNIST centres by weight in a box of 20: what is low and wide stands on the line all the same.
    foot = float(len(cut)) + float(random.normal(0, style.jumps)) * len(cut)
    return Written(cut, sign, ((0.0, float(cut.shape[1])),), 0.0, foot)


def _joined(parts: list[Written | None], style: PenStyle, tall: float, random: Random) -> Written:
    """Return parts side by side on one line."""
    placed: list[tuple[int, Written]] = []
    at, space = 0.0, 0.0
    for part in parts:
        if part is None:
            space += float(random.uniform(0.35, 1.0))
            continue
        gap = (style.gap - 0.05 + float(random.normal(0, style.uneven)) + space) * tall
        if placed:
            at = _beside(placed[-1], part) + gap
        placed.append((round(at), part))
        space = 0.0
    low = min(left for left, _ in placed)
    top = min(-part.base for _, part in placed)
    wide = max(left + part.ink.shape[1] for left, part in placed) - low
    deep = int(np.ceil(max(len(part.ink) - part.base for _, part in placed) - top)) + 2
    ink = np.zeros((deep, wide), np.float32)
    spans = []
    for left, part in placed:
        row = max(0, round(-part.base - top))
        here = ink[row : row + len(part.ink), left - low : left - low + part.ink.shape[1]]
        np.maximum(here, part.ink[: len(here)], out=here)
        spans += [(left - low + a, left - low + b) for a, b in part.spans]
    text = "".join(part.text for _, part in placed)
    return Written(ink, text, tuple(spans), -top - tall, -top)


def _beside(before: tuple[int, Written], part: Written) -> float:
    """Return where `part` can stand until its ink meets that of the one before it."""
    left, other = before
    shift = round(other.base - part.base)  # rows that part lies lower in other
    top, bottom = max(0, shift), min(len(other.ink), shift + len(part.ink))
    end = float(left + other.ink.shape[1])
    if bottom <= top:
        return end
    mine = part.ink[top - shift : bottom - shift] > 0.3
    others = other.ink[top:bottom] > 0.3
    both = mine.any(1) & others.any(1)
    if not both.any():
        return end
    ends = others.shape[1] - others[both][:, ::-1].argmax(1)
    meets = left + float((ends - mine[both].argmax(1)).max())
    return float(max(meets, left + 0.7 * other.ink.shape[1]))
