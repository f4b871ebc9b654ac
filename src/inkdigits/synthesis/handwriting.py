"""Handwriting by pen, line by line: fast, and every line by one hand.

A hand keeps its variants: who crosses one 7 crosses the next. What differs from symbol to symbol is
small. Strokes are drawn as lines of varying thickness on a canvas that is finer than the picture.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import pairwise

import cv2
import numpy as np
import numpy.typing as npt

from ..alphabet import UNKNOWN
from ..glyphs.letters import AMBIGUOUS, LETTERS
from ..glyphs.signs import FIGURES, SIGNS
from ..glyphs.strokes import VARIANTS, parse_variant
from .papers import Floats, Random

Points = npt.NDArray[np.float32]  # (K, 2), x and y; y downwards
Strokes = list[Points]

FINE = 3  # the canvas is so many times finer than the picture
SHIFT = 4  # bits of a fraction in which OpenCV takes points
STEPS = 5  # points a piece of a curve
BANDS = 8  # levels at which neighbours are kept apart
SMALL, LEAST = 0.75, 0.4  # a small nought, and the smallest, over the height of a digit
JOINED = 0.4  # how much more often small noughts are joined
RAISED = 0.15  # how often a hand writes its points above the line
TAP = 0.2  # of the usual size of a point: where the pen hardly touches
TUCKED = 0.15  # how often a mark stands close to the digit before it, or under it
HABIT = 0.85  # how often a hand writes a symbol in its usual way
# Above the line that digits of a fraction stand, and how high they are, over the height of a digit.
PARTS, SMALL_DIGIT = {"^": (0.3, 0.6), "_": (-0.2, 0.1)}, (0.45, 0.75)


@dataclass(frozen=True)
class PenStyle:
    """How one person writes.

    Attributes
    ----------
    variants
        Of each symbol: the usual way, and the other one.
    slant
        Columns a row, to the right.
    width
        Of a symbol, over that of the square its way is drawn on.
    loose, tremor
        How far a control point, and a point of the curve, strays: on a square of 10 × 10.
    angular
        0 to 1: how much of a curve is straight.
    pen
        Thickness over the height of a digit.
    pressure
        Of the log of the thickness, along a stroke.
    gap, uneven
        Paper between symbols over the height of a digit, and its deviation.
    sizes, jumps
        Deviation of the log of the height, and of the level over the height.
    joins
        How often the pen stays down between two digits.
    build
        Of each digit: its height over that of the others, and how far below the line it stands, as
        sevens and nines often do.
    noughts
        How large each nought of a row is over the one before, at least and at most; where it is
        small, they are also joined more often.
    waist
        The power that moves what is in the middle of a digit down (above 1) or up.
    point
        How far above the line a point stands, over the height of a digit: some write 6·7.
    """

    variants: Mapping[str, tuple[str, str]]
    slant: float
    width: float
    loose: float
    tremor: float
    angular: float
    pen: float
    pressure: float
    gap: float
    uneven: float
    sizes: float
    jumps: float
    joins: float
    build: Mapping[str, tuple[float, float]]
    noughts: tuple[float, float]
    waist: float
    point: float


@dataclass(frozen=True, eq=False)
class Written:
    """A line of handwriting.

    Attributes
    ----------
    ink
        ``(H, W)`` float32, 0 paper to 1 ink.
    text
        What it says; `UNKNOWN` for a letter or a sign that is no symbol.
    spans
        Left and right of each symbol of `text`, in pixels.
    top, base
        Where digits begin and end: rows.
    """

    ink: Floats
    text: str
    spans: tuple[tuple[float, float], ...]
    top: float
    base: float


def random_style(random: Random) -> PenStyle:
    """Return the style of somebody."""
    every = _options()
    picks = random.integers(1 << 30, size=(len(every), 2)).tolist()
    variants = {
        name: (options[first % len(options)], options[second % len(options)])
        for (name, options), (first, second) in zip(every.items(), picks, strict=True)
    }
    neat = random.random() ** 1.5  # many are not
    tight = random.random() < 0.15
    slanted = random.random() < 0.12
    small = random.random() < 0.15
    own = 0.09 * float(random.random())
    build = np.exp(random.normal(0, own, 10)), random.normal(0, 0.8 * own, 10)
    return PenStyle(
        variants=variants,
        slant=float(random.uniform(0.3, 0.85) if slanted else random.normal(0.12, 0.2)),
        width=float(np.exp(random.normal(-0.3, 0.25))),
        loose=0.2 + 0.45 * (1 - neat),
        tremor=float(random.choice((0.0, 0.04, 0.1), p=(0.4, 0.4, 0.2))),
        angular=float(random.choice((0.0, 0.25, 0.6), p=(0.5, 0.35, 0.15))),
        pen=float(np.exp(random.normal(-2.6, 0.42)).clip(0.03, 0.22)),
        pressure=float(random.uniform(0, 0.3)),
        gap=float(random.uniform(-0.04, 0.08) if tight else random.gamma(3, 0.09)),
        uneven=float(random.uniform(0.02, 0.12)),
        sizes=0.03 + 0.1 * float(random.random() ** 2),
        jumps=0.02 + 0.06 * float(random.random() ** 2),
        joins=float(random.choice((0.0, 0.08, 0.5), p=(0.7, 0.2, 0.1))),
        build={str(digit): (float(build[0][digit]), float(build[1][digit])) for digit in range(10)},
        noughts=(0.55, 0.95) if small else (0.85, 1.0),
        waist=float(np.exp(random.normal(0, 0.16))),
        point=float(random.uniform(0.15, 0.55)) if random.random() < RAISED else 0.0,
    )


@cache
def _options() -> dict[str, tuple[str, ...]]:
    return {
        **{str(digit): tuple(variants.values()) for digit, variants in VARIANTS.items()},
        **{name: sign.variants for name, sign in SIGNS.items()},
    }


def write(text: Sequence[str], style: PenStyle, tall: float, random: Random) -> Written:
    """Return `text` written by hand in one line.

    Parameters
    ----------
    text
        A text, or a list of digits, `SIGNS`, spaces, of small digits (``^1`` is raised and ``_2``
        lowered, as in a fraction), and of letters and `FIGURES` by their names, which become
        `UNKNOWN`.
    style
        Whose hand it is.
    tall
        Pixels that a digit is high.
    random
        Source of chance.
    """
    placed: list[Strokes] = []
    spans: list[tuple[float, float]] = []
    right = np.full(BANDS, -np.inf)  # of the ink so far, in sheared columns
    end, space = 0.0, 0.0
    before: Points | None = None
    shrink = 1.0
    for number, sign in enumerate(text):
        if sign == " ":
            space += float(random.uniform(0.35, 1.0))
            continue
        strokes = _strokes(sign, style, shrink, random)
        left_edges, right_edges = _edges(strokes)
        gap = style.gap + float(random.normal(0, style.uneven)) + space
        if sign in SIGNS and placed:
            gap = max(gap, 0.02) + float(random.uniform(0, 0.12))
            if random.random() < TUCKED:
                gap = float(random.uniform(-0.1, 0.03))
        pair = (text[number - 1], sign) if placed else ()
        if "/" in pair and any(one[0] in PARTS for one in pair):  # the parts of a fraction
            gap = float(random.uniform(-0.2, 0.1))
        both = np.isfinite(right) & np.isfinite(left_edges)
        at = float((right - left_edges)[both].max()) if both.any() else end
        # It may reach a little under a 7, not through to the other side.
        at = max(at, end - 0.35) + gap if placed else 0.0
        strokes = [stroke + np.array([at, 0], np.float32) for stroke in strokes]
        digit = sign.isdigit()
        joins = style.joins + (JOINED if shrink < SMALL else 0.0)
        if digit and before is not None and not space and random.random() < joins:
            placed[-1].append(_bridge(before, strokes[0][0], random))
        placed.append(strokes)
        before = strokes[-1][-1] if digit else None
        columns = np.concatenate([stroke[:, 0] for stroke in strokes])
        spans += _parted(float(columns.min()), float(columns.max()), len(said_of(sign)))
        end = max(end, float(columns.max()))
        right = np.maximum(right, right_edges + at)
        space = 0.0
        # The noughts at an end are often written small.
        shrink = max(LEAST, shrink * float(random.uniform(*style.noughts))) if sign == "0" else 1.0
    said = "".join(said_of(sign) for sign in text if sign != " ")
    return _drawn(placed, spans, said, style, tall, random)


def said_of(sign: str) -> str:
    """Return what a reader should say of one digit, sign, letter or figure."""
    if sign[0] in PARTS:
        return sign[1:]
    return sign if sign.isdigit() or sign in SIGNS else UNKNOWN


def _parted(left: float, right: float, count: int) -> list[tuple[float, float]]:
    """Return the spans of what is written in one go, such as ``/-``."""
    ends = np.linspace(left, right, count + 1).tolist()
    return list(pairwise(ends))


def _strokes(sign: str, style: PenStyle, shrink: float, random: Random) -> Strokes:
    """Return the strokes of one symbol: 1 is the height of a digit, 0 the line it stands on."""
    size = float(np.exp(random.normal(0, style.sizes))) * shrink
    lift, extent = 0.0, 1.0
    loose = style.loose
    if sign[0] in PARTS:
        size *= float(random.uniform(*SMALL_DIGIT))
        lift, sign = float(random.uniform(*PARTS[sign[0]])), sign[1:]
    mark = SIGNS.get(sign)
    if mark is not None:
        least = TAP if sign == "." else 0.75
        extent = mark.extent * float(random.uniform(least, 1.3))
        lift = mark.lift + float(random.uniform(-0.08, 0.08))
        lift += style.point if sign == "." else 0.0
        loose = min(loose, 0.3)
    elif not sign.isdigit():
        extent = float(random.uniform(0.65, 1.1))
    else:
        extent, sunk = style.build[sign]
        lift -= sunk
    way = _variant_of(sign, style, random)
    made = []
    for controls in _controls(way):
        moved = controls + random.normal(0, loose, controls.shape).astype(np.float32)
        curve = _curve(moved, style.angular)
        if style.tremor:
            curve += random.normal(0, style.tremor, curve.shape).astype(np.float32)
        made.append(curve)
    every = np.concatenate(made)
    low, high = every.min(0), every.max(0)
    unit = 10.0 if mark is None else max(float((high - low).max()), 1.0)
    width = style.width if mark is None else 1.0
    scale = np.array([extent * size * width / unit, extent * size / unit], np.float32)
    if mark is None:
        for stroke in made:
            stroke[:, 1] = _bent(stroke[:, 1], style.waist)
    foot = np.array([low[0], 10.0 if mark is None else high[1]], np.float32)
    level = np.array([0, -lift + float(random.normal(0, style.jumps))], np.float32)
    made = [(stroke - foot) * scale + level for stroke in made]
    return [_sheared(stroke, style.slant + float(random.normal(0, 0.03))) for stroke in made]


def _bent(rows: Floats, waist: float) -> Floats:
    """Return rows of a square 10 high with its middle moved; top and foot stay where they are."""
    inside = rows.clip(0, 10)
    return np.asarray(10 * (inside / 10) ** waist + (rows - inside), np.float32)


def _variant_of(sign: str, style: PenStyle, random: Random) -> str:
    if sign in style.variants:
        usual, other = style.variants[sign]
        return usual if random.random() < HABIT else other
    options = _letters()[sign]
    return options[int(random.integers(len(options)))]


@cache
def _letters() -> Mapping[str, Sequence[str]]:
    return {**FIGURES, **LETTERS, **AMBIGUOUS}


@cache
def _controls(way: str) -> list[Points]:
    return [np.array(stroke, np.float32) for stroke in parse_variant(way)]


@cache
def _basis(count: int) -> tuple[Points, Points]:
    """Return what gives the points of a curve through `count` controls, smooth and straight."""
    steps = max(2, (count - 1) * STEPS)
    at = np.linspace(0, count - 1, steps + 1)
    first = np.minimum(at.astype(int), max(count - 2, 0))
    t = (at - first)[:, None]
    rows = np.arange(len(at))
    smooth, straight = (np.zeros((len(at), count), np.float32) for _ in range(2))
    weights = np.hstack(
        [
            -0.5 * t + t**2 - 0.5 * t**3,
            1 - 2.5 * t**2 + 1.5 * t**3,
            0.5 * t + 2 * t**2 - 1.5 * t**3,
            -0.5 * t**2 + 0.5 * t**3,
        ]
    )
    for step in range(4):
        column = np.clip(first + step - 1, 0, count - 1)
        np.add.at(smooth, (rows, column), weights[:, step])
    np.add.at(straight, (rows, first), (1 - t)[:, 0])
    np.add.at(straight, (rows, np.minimum(first + 1, count - 1)), t[:, 0])
    return smooth, straight


def _curve(controls: Points, angular: float) -> Points:
    smooth, straight = _basis(len(controls))
    return np.asarray(((1 - angular) * smooth + angular * straight) @ controls, np.float32)


def _sheared(stroke: Points, slant: float) -> Points:
    return np.stack([stroke[:, 0] - slant * stroke[:, 1], stroke[:, 1]], 1).astype(np.float32)


def _edges(strokes: Strokes) -> tuple[Floats, Floats]:
    """Return the left and right end of a symbol at each level of the line."""
    points = np.concatenate(strokes)
    band = ((points[:, 1] + 1.1) * (BANDS / 1.4)).astype(int).clip(0, BANDS - 1)
    left, right = np.full(BANDS + 2, np.inf, np.float32), np.full(BANDS + 2, -np.inf, np.float32)
    np.minimum.at(left, band + 1, points[:, 0])
    np.maximum.at(right, band + 1, points[:, 0])
    # A stroke passes the levels between its points.
    left = np.minimum(np.minimum(left[:-2], left[2:]), left[1:-1])
    right = np.maximum(np.maximum(right[:-2], right[2:]), right[1:-1])
    return left, right


def _bridge(start: Points, end: Points, random: Random) -> Points:
    middle = (start + end) / 2 + np.array([0, random.normal(0, 0.06)], np.float32)
    return _curve(np.stack([start, middle, end]).astype(np.float32), 0.0)


def _drawn(
    placed: Sequence[Strokes],
    spans: Sequence[tuple[float, float]],
    text: str,
    style: PenStyle,
    tall: float,
    random: Random,
) -> Written:
    points = np.concatenate([stroke for strokes in placed for stroke in strokes])
    thick = max(style.pen * tall, 0.7)
    pad = thick + 2
    low = points.min(0) * tall - pad
    wide, deep = np.ceil(points.max(0) * tall + pad - low).astype(int)
    canvas = np.zeros((deep * FINE, wide * FINE), np.uint8)
    for strokes in placed:
        for stroke in strokes:
            _draw(canvas, (stroke * tall - low) * FINE, thick * FINE, style.pressure, random)
    ink = cv2.resize(canvas, (wide, deep), interpolation=cv2.INTER_AREA)
    moved = tuple((left * tall - low[0], right * tall - low[0]) for left, right in spans)
    top = float(-tall - low[1])
    return Written(np.asarray(ink / np.float32(255), np.float32), text, moved, top, float(-low[1]))


def _draw(
    canvas: npt.NDArray[np.uint8], stroke: Points, thick: float, pressure: float, random: Random
) -> None:
    exact = np.rint(stroke * (1 << SHIFT)).astype(np.int32)
    if pressure < 0.1:
        cv2.polylines(canvas, [exact], False, 255, max(1, round(thick)), cv2.LINE_8, SHIFT)
        return
    pieces = max(1, len(exact) // 6)
    amount = np.exp(pressure * np.cumsum(random.normal(0, 0.6, pieces)).clip(-1.6, 1.6))
    for number in range(pieces):
        first, last = number * len(exact) // pieces, (number + 1) * len(exact) // pieces + 1
        width = max(1, round(float(thick * amount[number])))
        cv2.polylines(canvas, [exact[first:last]], False, 255, width, cv2.LINE_8, SHIFT)
