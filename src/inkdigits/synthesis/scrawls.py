"""Handwriting that says no number: cursive words, signatures, scribbles, crosses, ticks, rings."""

from collections.abc import Callable

import cv2
import numpy as np
import numpy.typing as npt

from .papers import Floats, Random

Points = npt.NDArray[np.float32]  # (K, 2), x and y; 1 is the height of a digit, y downwards
Strokes = list[Points]
Ink = npt.NDArray[np.uint8]

FINE = 2  # the canvas is so many times finer than the picture
SHIFT = 4  # bits of a fraction in which OpenCV takes points
STEPS = 6  # points a piece of a curve


def cursive(random: Random) -> Strokes:
    """Return a word of joined letters: loops between a base and a middle line, some far longer."""
    letters = int(random.integers(2, 9))
    lean, pace = random.uniform(-0.1, 0.5), random.uniform(0.25, 0.5)
    knots: list[tuple[float, float]] = [(0.0, 0.0)]
    x = 0.0
    for _ in range(letters):
        top = -0.5 - (0.5 if random.random() < 0.3 else 0) + random.normal(0, 0.06)
        low = 0.4 if random.random() < 0.15 else random.normal(0, 0.05)
        back = random.uniform(0, 0.3) * pace
        knots += [
            (x + 0.35 * pace, 0.5 * top),
            (x + 0.55 * pace, top),
            (x + 0.5 * pace - back, 0.4 * top),
        ]
        knots += [(x + 0.5 * pace, low)]
        x += pace * random.uniform(0.7, 1.3)
        knots += [(x, 0.1 * top)]
    points = curve(np.array(knots, np.float32))
    points[:, 0] -= lean * points[:, 1]
    strokes = [points]
    if random.random() < 0.4:  # the bar of a t, or the dot of an i
        at, wide = random.uniform(0.2, 0.9) * x, random.choice((0.06, 0.35))
        strokes.append(np.array([(at, -0.85), (at + wide, -0.88)], np.float32))
    return strokes


def signature(random: Random) -> Strokes:
    """Return a name as people sign: a large sweep, flat waves, a flourish."""
    first = random.uniform((0, -1.3), (1.2, 0.3), (int(random.integers(4, 8)), 2))
    waves = int(random.integers(3, 10))
    x = np.linspace(0.9, random.uniform(2, 4.5), 2 * waves)
    y = np.where(np.arange(2 * waves) % 2, -0.3, 0.0) * random.uniform(0.5, 1.8, 2 * waves)
    knots = [first, np.stack([x, y], 1)]
    if random.random() < 0.5:
        knots.append(np.array([(x[-1] + 0.6, -0.6), (x[-1], 0.5), (0.2, 0.45)]))
    return [curve(np.concatenate(knots).astype(np.float32))]


def scribble(random: Random) -> Strokes:
    """Return strokes to and fro, as those that cross a word out or fill a field."""
    count, wide = int(random.integers(4, 18)), random.uniform(0.6, 3)
    along = np.linspace(0, wide, count)
    up = np.where(np.arange(count) % 2, -random.uniform(0.3, 1), 0.0)
    knots = np.stack([along, up], 1) + random.normal(0, 0.08, (count, 2))
    return [curve(knots.astype(np.float32))]


def cross(random: Random) -> Strokes:
    """Return two strokes that cross a cell or a field."""
    ways = np.array([[(0, -1), (0.8, 0)], [(0.8, -1), (0, 0)]])
    ways = ways + random.normal(0, 0.08, ways.shape)
    return [curve(np.stack([a, (a + b) / 2 + 0.03, b]).astype(np.float32)) for a, b in ways]


def tick(random: Random) -> Strokes:
    """Return a tick."""
    knots = np.array([(0, -0.4), (0.2, -0.15), (0.3, 0), (0.5, -0.5), (0.95, -1)])
    return [curve((knots + random.normal(0, 0.05, knots.shape)).astype(np.float32))]


def ring(random: Random) -> Strokes:
    """Return a ring, as those around an answer."""
    turns = np.linspace(0, 2 * np.pi * random.uniform(0.93, 1.15), 14)
    wide, start = random.uniform(0.8, 3), random.uniform(0, 6)
    x, y = wide / 2 * (1 + np.cos(turns + start)), -0.5 + 0.7 * np.sin(turns + start)
    return [curve((np.stack([x, y], 1) + random.normal(0, 0.02, (14, 2))).astype(np.float32))]


def dash(random: Random) -> Strokes:
    """Return a stroke that bars a field, or stands for nothing."""
    wide = random.uniform(0.4, 1.6)
    knots = np.array([(0, -0.45), (wide / 2, -0.45), (wide, -0.45)]) + random.normal(
        0, 0.04, (3, 2)
    )
    return [curve(knots.astype(np.float32))]


SCRAWLS: tuple[Callable[[Random], Strokes], ...] = (
    *(cursive, cursive, cursive, signature, scribble, cross, tick, ring, dash),
)


def scrawl(tall: float, pen: float, random: Random) -> Floats:
    """Return some scrawl as ink ``(H, W)``, 0 to 1.

    Parameters
    ----------
    tall
        Pixels that a digit beside it would be high.
    pen
        Thickness over that height.
    random
        Source of chance.
    """
    strokes = SCRAWLS[int(random.integers(len(SCRAWLS)))](random)
    return drawn(strokes, tall, pen)


def drawn(strokes: Strokes, tall: float, pen: float) -> Floats:
    """Return strokes as ink ``(H, W)``, 0 to 1, in their box."""
    points = np.concatenate(strokes)
    thick = max(pen * tall, 0.7)
    low = points.min(0) * tall - thick
    wide, deep = (int(side) + 2 for side in points.max(0) * tall + thick - low)
    canvas = np.zeros((deep * FINE, wide * FINE), np.uint8)
    exact = [np.rint((s * tall - low) * FINE * (1 << SHIFT)).astype(np.int32) for s in strokes]
    cv2.polylines(canvas, exact, False, 255, max(1, round(thick * FINE)), cv2.LINE_AA, SHIFT)
    ink = cv2.resize(canvas, (wide, deep), interpolation=cv2.INTER_AREA)
    return np.asarray(ink / np.float32(255), np.float32)


def curve(knots: Points) -> Points:
    """Return points of a smooth curve through `knots` ``(K, 2)``."""
    padded = np.concatenate([knots[:1], knots, knots[-1:]])
    a, b, c, d = (
        (padded[at : at + len(knots) - 1, None] for at in range(4))
        if len(knots) > 1
        else (knots[:, None],) * 4
    )
    t = np.linspace(0, 1, STEPS, dtype=np.float32)[None, :, None]
    found = 0.5 * (
        2 * b + (c - a) * t + (2 * a - 5 * b + 4 * c - d) * t**2 + (3 * b - a - 3 * c + d) * t**3
    )
    return np.asarray(found.reshape(-1, 2), np.float32)
