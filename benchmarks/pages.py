"""Pages of handwriting whose truth is known, written at random and photographed.

Whatever happens to a page is an effect with a name. Every other page has one effect alone, each
effect in turn; the rest have several, as pages have. The same seed gives the same pages.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import chain
from pathlib import Path

import cv2
import numpy as np
import numpy.typing as npt
import torch
from photographs import Floats, Random, Sheet, photographed
from PIL import Image, ImageDraw, ImageFont

from inkdigits.data import load_digits
from inkdigits.data.pen import Hand
from inkdigits.data.pens import draw

KINDS = ("pages", "none", "singles", "tight")
EFFECTS: dict[str, tuple[str, ...]] = {
    "ink": ("blue ink", "red ink", "pencil", "chalk"),
    "pen": ("hairline", "thick pen"),
    "spacing": ("wide", "close", "touching"),
    "baseline": ("slanted", "jumping", "uneven sizes"),
    "paper": ("tinted", "textured", "ruled", "graph paper", "show-through"),
    "form": ("cells", "boxed", "underlined"),
    "light": ("soft shadow", "hard shadow", "vignette", "gradient"),
    "view": ("perspective", "turned", "paper edge"),
    "camera": ("blurred", "noisy", "jpeg", "low resolution", "low contrast"),
    "dirt": ("specks",),
}
LEFT_OUT = {"none": ("pen", "spacing", "baseline", "form"), "singles": ("spacing", "baseline")}
# Both at once would leave nothing that a human could be sure of.
NEVER_BOTH = (
    {"hairline", "pencil"},
    {"hairline", "blurred"},
    {"hairline", "low resolution"},
    {"hairline", "low contrast"},
    {"pencil", "low contrast"},
    {"pencil", "noisy"},
    {"chalk", "paper edge"},
    {"cells", "touching"},
    {"uneven sizes", "touching"},
    {"jumping", "touching"},
    {"show-through", "low contrast"},
)
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
SIDES = (8, 16, 32)  # pixels of tight crops
LETTERS = "AEFHKMNPRTWXYadefhkmnprtwx"
WORDS = (
    *("Name", "Date", "Total", "please return", "signature", "number", "Thank you", "office"),
    *("shopping list", "Monday", "paid", "see below", "page", "yours truly", "no entry"),
)


@dataclass(frozen=True, eq=False)
class Page:
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


@dataclass(frozen=True, eq=False)
class Line:
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


class Writers:
    """Where digits come from: pens, and MNIST's validation digits where there is a folder."""

    def __init__(self, data: Path | None = None) -> None:
        self.mnist = None if data is None else load_digits("mnist", folder=data).validation

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
        hand = Hand(slant=0.18, looseness=0.35, corners=0.3, pen=pen, pens=0.08, grain=0.06)
        generator = torch.Generator().manual_seed(int(random.integers(2**62)))
        size = round(tall * 28 / 18.4)
        drawn = draw(torch.tensor(labels), generator, hand, size=size).numpy()
        return [_trimmed(glyph) for glyph in drawn]

    def _copy(self, label: int, tall: int, random: Random) -> Floats:
        """Return one of MNIST's digits, enlarged without its pixels showing."""
        assert self.mnist is not None  # noqa: S101 `write` asks
        which = random.choice(np.flatnonzero(self.mnist.labels == label))
        glyph = _trimmed(self.mnist.images[which].astype(np.float32) / 255)
        scale = tall / max(glyph.shape)
        glyph = np.pad(glyph, 2)
        large = cv2.resize(glyph, None, fx=scale, fy=scale, interpolation=cv2.INTER_CUBIC)
        large = cv2.GaussianBlur(large, (0, 0), max(0.3, 0.5 * scale))
        return _trimmed(np.clip((large - 0.4) * max(scale, 1) * 0.8 + 0.5, 0, 1))


def pages(kind: str, count: int, writers: Writers, seed: int = 0) -> Iterator[Page]:
    """Yield `count` pages of one of `KINDS`."""
    for number in range(count):
        random = np.random.default_rng((seed, KINDS.index(kind), number))
        if kind == "tight":
            yield _tight(number, writers, random)
            continue
        effects = _effects(kind, number, random)
        truth = ""
        if kind == "none":
            subject = SUBJECTS[number % len(SUBJECTS)]
            sheet = _without_digits(subject, random)
        else:
            labels = _labels(random) if kind == "pages" else [[int(random.integers(10))]]
            truth = "\n".join("".join(map(str, row)) for row in labels)
            sheet = _written(labels, kind, writers, effects, random)
        picture = photographed(sheet, effects, random)
        names = (subject, *effects) if kind == "none" else effects
        yield Page(kind, number, picture, truth, names)


def _effects(kind: str, number: int, random: Random) -> tuple[str, ...]:
    groups = [names for group, names in EFFECTS.items() if group not in LEFT_OUT.get(kind, ())]
    every = ("plain", *chain(*groups))
    if number % 2 == 0:
        return (every[number // 2 % len(every)],)
    chosen: list[str] = []
    for names in groups:
        name = names[random.integers(len(names))]
        if random.random() < 0.4 and not any(
            name in pair and pair & set(chosen) for pair in NEVER_BOTH
        ):
            chosen.append(name)
    return tuple(chosen) or ("plain",)


def _labels(random: Random) -> list[list[int]]:
    most = int(random.integers(2, 11))
    rows = int(random.integers(1, 6))
    return [random.integers(10, size=random.integers(1, most + 1)).tolist() for _ in range(rows)]


def _trimmed(ink: Floats) -> Floats:
    rows, columns = np.flatnonzero((ink > 0.1).any(1)), np.flatnonzero((ink > 0.1).any(0))
    return np.asarray(ink[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1], np.float32)


# Writing: glyphs in lines.


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
        own = [_sized(next(glyphs), effects, random) for _ in row]
        if cell:
            rows.append(_in_cells(own, number * pitch, tall, cell, random))
        else:
            left, base = random.uniform(0, 1) * indent, number * pitch
            rows.append(_in_line(own, (left, base, slope), tall, effects, random))
    return _composed(rows, tall, cell, effects, random)


def _sized(glyph: Floats, effects: Sequence[str], random: Random) -> Floats:
    if "uneven sizes" not in effects:
        return glyph
    scale = random.uniform(0.62, 1.2)
    return np.asarray(cv2.resize(glyph, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA))


def _in_line(
    glyphs: Sequence[Floats],
    start: tuple[float, float, float],
    tall: int,
    effects: Sequence[str],
    random: Random,
) -> Line:
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
            x = _beside(placed[-1], round(y + slope * placed[-1][0]), glyph) + gap * tall
        placed.append((round(x), round(y + slope * x), glyph))
    return Line(placed, base, slope)


def _beside(before: tuple[int, int, Floats], top: int, glyph: Floats) -> float:
    """Return how far left `glyph` can stand until its ink meets that of the glyph before it."""
    x, other_top, other = before
    low, high = max(top, other_top), min(top + len(glyph), other_top + len(other))
    mine, others = glyph[low - top : high - top] > 0.3, other[low - other_top : high - other_top]
    others = others > 0.3
    both = mine.any(1) & others.any(1)
    if not both.any():
        return x + other.shape[1]
    ends = other.shape[1] - others[both][:, ::-1].argmax(1)
    meets = x + float((ends - mine[both].argmax(1)).max())
    # It may reach a little under a 7, not through to the other side.
    return max(meets, x + 0.75 * other.shape[1])


def _in_cells(
    glyphs: Sequence[Floats], base: float, tall: int, cell: float, random: Random
) -> Line:
    placed = []
    for number, glyph in enumerate(glyphs):
        high, wide = glyph.shape
        free = max(cell - max(high, wide), 0) * 0.35
        x = (number + 0.5) * cell - wide / 2 + random.uniform(-free, free)
        y = base - (tall + high) / 2 + random.uniform(-free, free)
        placed.append((round(x), round(y), glyph))
    return Line(placed, base, 0.0)


def _composed(
    rows: Sequence[Line], tall: int, cell: float, effects: Sequence[str], random: Random
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
            here = [(round(x + x0), round(y + y0)) for x, y in ends]
            (cv2.rectangle if is_box else cv2.line)(form, *here, 255, thick, cv2.LINE_AA)
    bases = tuple(row.base + y0 for row in rows)
    return Sheet(ink, form.astype(np.float32) / 255, tall, bases, bleed)


def _form(
    row: Line, tall: int, cell: float, effects: Sequence[str], random: Random
) -> Iterator[tuple[tuple[tuple[float, float], tuple[float, float]], bool]]:
    """Yield what is printed around a line: two corners or ends, and whether it is a box."""
    left, top, right, bottom = row.box
    if cell:
        top = row.base - (tall + cell) / 2
        for number in range(len(row.placed)):
            yield ((number * cell, top), ((number + 1) * cell, top + cell)), True
    elif "boxed" in effects:
        pad = random.uniform(0.15, 0.3) * tall
        yield ((left - pad, top - pad), (right + pad, bottom + pad)), True
    elif "underlined" in effects:
        ends = left - 0.2 * tall, right + 0.2 * tall
        under = row.base + random.uniform(0.06, 0.18) * tall
        yield tuple((x, under + row.slope * x) for x in ends), False


def _without_digits(subject: str, random: Random) -> Sheet:
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
    ink = np.pad(np.asarray(canvas, np.float32) / 255, bleed)
    ink = np.asarray(cv2.GaussianBlur(ink, (0, 0), 0.8))
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


def _strokes(subject: str, random: Random) -> list[Floats]:
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


# Tight crops.


def _tight(number: int, writers: Writers, random: Random) -> Page:
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
    return Page("tight", number, shades, str(label), effects)
