"""Pages without a digit: nothing, or what nobody takes for one."""

from collections.abc import Sequence

import cv2
import numpy as np
import numpy.typing as npt
from PIL import Image, ImageDraw, ImageFont

from .papers import Random, Sheet

SUBJECTS = (
    "blank",
    "only noise",
    "scribbles",
    "letters",
    "words",
    "dashes",
    "crosses",
    "ticks",
    "only lines",
)
LETTERS = "AEFHKMNPRTWXYadefhkmnprtwx"
WORDS = (
    *("Name", "Date", "Total", "please return", "signature", "number", "Thank you", "office"),
    *("shopping list", "Monday", "paid", "see below", "page", "yours truly", "no entry"),
)


def without_digits(subject: str, random: Random) -> Sheet:
    """Return a sheet with `subject`, one of `SUBJECTS`: nothing, or what is no digit."""
    tall = int(random.integers(36, 80))
    wide, deep = (int(side * tall) for side in random.uniform((6, 4), (13, 10)))
    canvas = Image.new("L", (wide, deep))
    pen, rows = ImageDraw.Draw(canvas), max(1, deep // (2 * tall))
    thick = max(2, round(tall * random.uniform(0.06, 0.14)))
    bases = tuple((row + 0.9) * deep / rows for row in range(rows))
    if subject == "only lines":
        for base in bases:
            ends = [(0.05 * wide, base), (0.95 * wide, base + random.uniform(-0.3, 0.3) * tall)]
            pen.line(ends, 255, thick // 2)
    elif subject in ("letters", "words"):
        _printed(pen, subject, bases, (wide, tall), random)
    elif subject not in ("blank", "only noise"):
        for base in bases:
            for x in np.arange(0.6 * tall, wide - 1.6 * tall, random.uniform(1.4, 3) * tall):
                for stroke in _strokes(subject, random):
                    at = (stroke * tall + (x, base - tall)).ravel().tolist()
                    pen.line(at, 255, thick, joint="curve")
    bleed = round(0.09 * max(wide, deep))
    ink = np.pad(np.asarray(canvas, np.float32) / np.float32(255), bleed)
    ink = np.asarray(cv2.GaussianBlur(ink, (0, 0), 0.8), np.float32)
    if subject == "only noise":
        ink = random.normal(0, 0.25, ink.shape).astype(np.float32).clip(0, 1)
    return Sheet(ink, np.zeros_like(ink), tall, tuple(base + bleed for base in bases), bleed)


def _printed(
    pen: ImageDraw.ImageDraw,
    subject: str,
    bases: Sequence[float],
    size: tuple[int, int],
    random: Random,
) -> None:
    font = ImageFont.load_default(size=size[1] * (1.1 if subject == "letters" else 0.7))
    for base in bases:
        text = str(random.choice(WORDS))
        if subject == "letters":
            text = "   ".join(random.choice(list(LETTERS), 7))
        while pen.textlength(text, font) > 0.9 * size[0]:
            text = text[:-1].strip()
        pen.text((0.05 * size[0], base), text, 255, font, anchor="ls")


def _strokes(subject: str, random: Random) -> list[npt.NDArray[np.float64]]:
    """Return the strokes of one mark, ``(P, 2)`` as (x, y), in a square of about 1."""
    ways = {
        "dashes": ([(0, 0.5), (0.4, 0.48), (0.8, 0.52)],),
        "crosses": ([(0.05, 0.1), (0.5, 0.52), (0.95, 0.9)], [(0.95, 0.1), (0.48, 0.5), (0, 0.95)]),
        "ticks": ([(0, 0.55), (0.15, 0.75), (0.3, 1), (0.6, 0.5), (1, 0)],),
    }
    if subject in ways:
        return [np.array(way) + random.normal(0, 0.035, (len(way), 2)) for way in ways[subject]]
    # A scribble wanders from side to side, as one that crosses a word out.
    knots = random.uniform(0, 1, (int(random.integers(14, 24)), 2)) * (1.5, 1)
    wide = np.repeat(knots, 6, axis=0)
    return [np.stack([np.convolve(way, np.ones(7) / 7, "valid") for way in wide.T], axis=1)]
