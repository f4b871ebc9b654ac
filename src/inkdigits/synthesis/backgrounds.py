"""What stands behind and over a line of writing: printed waves and lattices, rules, cells, words.

All of it is grey: 1 is bare paper, less is darker.
"""

from collections.abc import Callable, Sequence
from itertools import pairwise

import cv2
import numpy as np
import numpy.typing as npt

from .papers import Floats, Random

FACES = (
    cv2.FONT_HERSHEY_SIMPLEX,
    cv2.FONT_HERSHEY_DUPLEX,
    cv2.FONT_HERSHEY_TRIPLEX,
    cv2.FONT_HERSHEY_COMPLEX_SMALL,
)
LETTERS = "ABCDEFGHIJKLMNOPRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789.,:/-()"
FINE = 4  # bits of a fraction in which OpenCV takes points


def behind(
    shape: tuple[int, ...], tall: float, spans: Sequence[tuple[float, float]], random: Random
) -> Floats:
    """Return the paper of a line, ``(H, W)``, with what is printed on it.

    Parameters
    ----------
    shape
        Of the strip.
    tall
        Pixels that a digit is high.
    spans
        Where its symbols stand, so that walls of cells stand between them.
    random
        Source of chance.
    """
    paper = np.ones(shape, np.float32)
    kind = random.random()
    if kind < 0.3:
        for _ in range(int(random.integers(1, 3))):
            way = PATTERNS[int(random.integers(len(PATTERNS)))]
            paper *= 1 - random.uniform(0.05, 0.4) * way(shape, tall, random)
    elif kind < 0.42:
        paper *= 1 - random.uniform(0.15, 0.95) * _rules(shape, tall, random)
    elif kind < 0.56:
        paper *= 1 - random.uniform(0.15, 0.95) * _cells(shape, tall, spans, random)
    elif kind < 0.62:
        paper *= 1 - random.uniform(0.1, 0.6) * _squares(shape, tall, random)
    elif kind < 0.68:
        paper *= 1 - random.uniform(0.2, 0.9) * _box(shape, tall, random)
    if random.random() < 0.25:
        paper *= 1 + random.uniform(0.02, 0.1) * _grain(shape, random)
    return paper


def printed_over(paper: Floats, tall: float, random: Random) -> Floats:
    """Return `paper` with printed words that reach into the strip, now and then."""
    if random.random() > 0.12:
        return paper
    deep, wide = paper.shape
    canvas = np.zeros((deep, wide), np.uint8)
    text = "".join(random.choice([*LETTERS], int(random.integers(2, 14))))
    scale = float(random.uniform(0.25, 0.7)) * tall / 22
    at_top = random.random() < 0.5
    row = int(random.uniform(-0.1, 0.22) * tall)
    base = row + round(5 * scale) if at_top else deep - row + round(8 * scale)
    face = FACES[int(random.integers(len(FACES)))]
    left = int(random.integers(-20, wide))
    cv2.putText(canvas, text, (left, base), face, scale, 255, 1, cv2.LINE_AA)
    return paper * (1 - random.uniform(0.2, 0.9) * canvas / np.float32(255))


def _coordinates(shape: tuple[int, ...], random: Random) -> tuple[Floats, Floats]:
    """Return x and y of each pixel, turned by any angle."""
    angle = random.uniform(0, np.pi)
    y, x = np.mgrid[: shape[0], : shape[1]].astype(np.float32)
    return (
        np.asarray(x * np.cos(angle) + y * np.sin(angle), np.float32),
        np.asarray(y * np.cos(angle) - x * np.sin(angle), np.float32),
    )


def _fine(phase: Floats, sharp: float) -> Floats:
    """Return 1 on the crests of a wave and 0 elsewhere: thin lines if it is sharp."""
    return np.asarray((0.5 + 0.5 * np.cos(phase)) ** sharp, np.float32)


def _waves(shape: tuple[int, ...], tall: float, random: Random) -> Floats:
    x, y = _coordinates(shape, random)
    pitch, long = random.uniform(0.1, 0.5) * tall, random.uniform(0.5, 4) * tall
    swing = random.uniform(0, 1.2) * pitch
    return _fine(6.28 * (y + swing * np.sin(6.28 * x / long)) / pitch, random.uniform(1, 8))


def _lattice(shape: tuple[int, ...], tall: float, random: Random) -> Floats:
    return np.maximum(_waves(shape, tall, random), _waves(shape, tall, random))


def _rings(shape: tuple[int, ...], tall: float, random: Random) -> Floats:
    x, y = _coordinates(shape, random)
    centre = random.uniform(-1.5, 1.5, 2) * shape[1]
    stretch = random.uniform(0.5, 2)
    far = np.hypot(x - centre[0], stretch * (y - centre[1]))
    pitch = random.uniform(0.1, 0.5) * tall
    wobble = random.uniform(0, 1) * np.sin(x / tall * random.uniform(0.5, 4))
    return _fine(6.28 * far / pitch + wobble, random.uniform(1, 8))


def _dots(shape: tuple[int, ...], tall: float, random: Random) -> Floats:
    x, y = _coordinates(shape, random)
    pitch = 6.28 / (random.uniform(0.08, 0.3) * tall)
    return _fine(x * pitch, 1.0) * _fine(y * pitch, random.uniform(1, 2))


def _speckles(shape: tuple[int, ...], tall: float, random: Random) -> Floats:
    step = max(1, int(random.uniform(0.04, 0.12) * tall))
    small = random.random((shape[0] // step + 2, shape[1] // step + 2)).astype(np.float32)
    large = cv2.resize(
        (small > random.uniform(0.5, 0.9)).astype(np.float32), None, fx=step, fy=step
    )
    return np.asarray(large[: shape[0], : shape[1]], np.float32)


PATTERNS: tuple[Callable[[tuple[int, ...], float, Random], Floats], ...] = (
    _waves,
    _waves,
    _lattice,
    _rings,
    _dots,
    _speckles,
)


def _blank(shape: tuple[int, ...]) -> npt.NDArray[np.uint8]:
    return np.zeros((shape[0], shape[1]), np.uint8)


def _cover(canvas: npt.NDArray[np.uint8]) -> Floats:
    return np.asarray(canvas / np.float32(255), np.float32)


def _line(
    canvas: npt.NDArray[np.uint8],
    ends: "tuple[tuple[float, float], tuple[float, float]]",
    thick: int,
    random: Random,
) -> None:
    """Draw a printed line as scans show it: a little wavy, perhaps broken."""
    steps = 12
    t = np.linspace(0, 1, steps + 1)[:, None]
    points = np.array(ends[0]) * (1 - t) + np.array(ends[1]) * t
    if random.random() < 0.5:
        points += random.normal(0, 0.25, points.shape)
    exact = np.rint(points * (1 << FINE)).astype(np.int32)
    if random.random() < 0.2:
        for a, b in pairwise(exact):
            if random.random() < 0.7:
                cv2.polylines(canvas, [np.stack([a, b])], False, 255, thick, cv2.LINE_AA, FINE)
        return
    cv2.polylines(canvas, [exact], False, 255, thick, cv2.LINE_AA, FINE)


def _thick(tall: float, random: Random) -> int:
    return max(1, round(tall * random.uniform(0.02, 0.13)))


def _rules(shape: tuple[int, ...], tall: float, random: Random) -> Floats:
    """Return one or two rules along the line, below, above or through it."""
    canvas, thick = _blank(shape), _thick(tall, random)
    slope = random.normal(0, 0.02) * shape[1]
    middle = shape[0] / 2
    levels = [middle + tall * random.uniform(0.35, 0.8)]
    if random.random() < 0.4:
        levels.append(middle - tall * random.uniform(0.45, 0.8))
    if random.random() < 0.1:
        levels.append(middle + tall * random.uniform(-0.4, 0.4))
    for level in levels:
        _line(canvas, ((0, level), (shape[1], level + slope)), thick, random)
    return _cover(canvas)


def _cells(
    shape: tuple[int, ...], tall: float, spans: Sequence[tuple[float, float]], random: Random
) -> Floats:
    """Return the walls of cells: between symbols, or at the sides; and rules along the line."""
    canvas = np.asarray(np.rint(_rules(shape, tall, random) * 255), np.uint8)
    thick = _thick(tall, random)
    middles = [(a[1] + b[0]) / 2 for a, b in pairwise(spans)]
    walls = middles if random.random() < 0.6 else []
    if spans:
        aside = tall * random.uniform(0.05, 0.5)
        walls = [spans[0][0] - aside, *walls, spans[-1][1] + aside]
        pitch = max(tall * random.uniform(0.6, 1.2), 8.0)
        while random.random() < 0.5 and walls[-1] + pitch < shape[1]:  # cells that are empty
            walls.append(walls[-1] + pitch)
        while random.random() < 0.5 and walls[0] > pitch:
            walls.insert(0, walls[0] - pitch)
    lean = random.normal(0, 0.8)
    top = 0.0 if random.random() < 0.6 else shape[0] * random.uniform(0, 0.5)
    for wall in walls:
        _line(canvas, ((wall + lean, top), (wall - lean, shape[0])), thick, random)
    return _cover(canvas)


def _squares(shape: tuple[int, ...], tall: float, random: Random) -> Floats:
    canvas = _blank(shape)
    pitch = max(4.0, tall * random.uniform(0.3, 1.3))
    for axis in (0, 1):
        begin = random.uniform(0, pitch)
        for at in np.arange(begin, shape[1 - axis], pitch):
            ends = ((0, at), (shape[1], at)) if axis else ((at, 0), (at, shape[0]))
            _line(canvas, ends, 1, random)
    return _cover(canvas)


def _box(shape: tuple[int, ...], tall: float, random: Random) -> Floats:
    """Return edges of a box or of another paper near the edges of the strip."""
    canvas, thick = _blank(shape), max(1, round(tall * random.uniform(0.03, 0.4)))
    deep, wide = shape
    near = tall * random.uniform(0, 0.2, 4)
    for side in np.flatnonzero(random.random(4) < 0.5):
        ends = (
            ((0, near[0]), (wide, near[0])),
            ((0, deep - near[1]), (wide, deep - near[1])),
            ((near[2], 0), (near[2], deep)),
            ((wide - near[3], 0), (wide - near[3], deep)),
        )[side]
        _line(canvas, ends, thick, random)
    return _cover(canvas)


def _grain(shape: tuple[int, ...], random: Random) -> Floats:
    total = random.normal(0, 0.6, shape).astype(np.float32)
    for step in (3, 10):
        small = random.normal(0, 1, (shape[0] // step + 2, shape[1] // step + 2))
        total += 0.6 * cv2.resize(small.astype(np.float32), shape[::-1])
    return total
