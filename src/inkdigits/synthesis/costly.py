"""Pictures that are valid and cost much to read: textures, tangles, crowds, and sheer size."""

from collections.abc import Callable

import cv2
import numpy as np
import numpy.typing as npt

from .papers import Random, random_of
from .writers import by_small_pen

SIDE = 1600
LARGE = (5880, 8500)  # 50 megapixels, all that the reader takes
Picture = npt.NDArray[np.uint8]


def costly(name: str, seed: int = 0) -> Picture:
    """Return one of `COSTLY`, grey, ``(H, W)``."""
    return COSTLY[name](random_of(seed, name, 0))


def _grey(ink: npt.NDArray[np.bool_]) -> Picture:
    return np.where(ink, np.uint8(30), np.uint8(250))


def _grid() -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    y, x = np.mgrid[0:SIDE, 0:SIDE]
    return y, x


def _stripes(step: int, period: int, wide: int) -> Picture:
    y, x = _grid()
    return _grey((y + step * x) % period < wide)


def _checkerboard(period: int) -> Picture:
    y, x = _grid()
    return _grey((y // period + x // period) % 2 == 0)


def _rings(_: Random) -> Picture:
    page = np.full((SIDE, SIDE), 250, np.uint8)
    for radius in range(4, SIDE // 2, 6):
        cv2.circle(page, (SIDE // 2, SIDE // 2), radius, 30, 2)
    return page


def _nested(_: Random) -> Picture:
    page = np.full((SIDE, SIDE), 250, np.uint8)
    for at in range(4, SIDE // 2, 6):
        cv2.rectangle(page, (at, at), (SIDE - at, SIDE - at), 30, 2)
    return page


def _spirals(_: Random) -> Picture:
    page = np.full((SIDE, SIDE), 250, np.uint8)
    turn = np.linspace(0, 2 * np.pi * 30, 20_000)
    for column in range(2):
        for row in range(2):
            middle = np.array([(column + 0.5) * SIDE / 2, (row + 0.5) * SIDE / 2])
            way = np.stack([np.cos(turn), np.sin(turn)], 1) * (turn * 2)[:, None] + middle
            cv2.polylines(page, [np.rint(way).astype(np.int32)[:, None]], False, 30, 3)
    return page


def _maze(random: Random) -> Picture:
    """Return the walls of a maze with one way between any two cells, by a walk that goes back."""
    cells = 80
    walls = np.ones((2 * cells + 1, 2 * cells + 1), bool)
    seen = np.zeros((cells, cells), bool)
    path = [(0, 0)]
    seen[0, 0] = True
    walls[1, 1] = False
    while path:
        row, column = path[-1]
        around = [(row + 1, column), (row - 1, column), (row, column + 1), (row, column - 1)]
        free = [(r, c) for r, c in around if 0 <= r < cells and 0 <= c < cells and not seen[r, c]]
        if not free:
            path.pop()
            continue
        r, c = free[int(random.integers(len(free)))]
        seen[r, c] = True
        walls[row + r + 1, column + c + 1] = walls[2 * r + 1, 2 * c + 1] = False
        path.append((r, c))
    return _grey(np.kron(walls, np.ones((10, 10), bool)))


def _fingerprint(random: Random) -> Picture:
    """Return ridges, whose direction turns slowly: noise, filtered along a field of directions."""
    side = SIDE // 4
    y, x = np.mgrid[-1 : 1 : side * 1j, -1 : 1 : side * 1j]
    page = random.normal(0, 1, (side, side)).astype(np.float32)
    angle = np.arctan2(y, x) + 1.5 * np.sin(2 * y) + np.pi / 2
    for _ in range(3):
        total = np.zeros_like(page)
        for number in range(16):
            way = np.pi * number / 16
            kernel = cv2.getGaborKernel((17, 17), 3, way + np.pi / 2, 6, 0.6)
            share = np.cos(angle - way).astype(np.float32) ** 16
            total += share * cv2.filter2D(page, -1, kernel.astype(np.float32))
        page = np.tanh(total / total.std())
    return _grey(np.asarray(cv2.resize(page, (SIDE, SIDE))) > 0.1)


def _noise(random: Random) -> Picture:
    return random.integers(256, size=(SIDE, SIDE), dtype=np.uint8)


def _dots(random: Random) -> Picture:
    page = np.full((2400, 3200), 250, np.uint8)
    for x, y in random.integers((4, 4), (3196, 2396), (20_000, 2)).tolist():
        cv2.circle(page, (x, y), int(random.integers(1, 4)), 30, -1)
    return page


def _tiny_digits(random: Random) -> Picture:
    """Return some five thousand digits, 14 pixels high."""
    return _text((1600, 2400), 14.0, 24, random)


def _dense_text(random: Random) -> Picture:
    """Return a page of 50 megapixels, full of digits 80 pixels high."""
    return _text(LARGE, 80.0, 130, random)


def _text(shape: tuple[int, int], tall: float, pitch: int, random: Random) -> Picture:
    """Return a page full of digits; a few hundred glyphs are repeated."""
    page = np.full(shape, 250, np.uint8)
    glyphs = by_small_pen((np.arange(300) % 10).tolist(), tall, 1.1, random)
    stamps = [np.rint(250 - 220 * glyph).astype(np.uint8) for glyph in glyphs]
    for base in range(pitch, shape[0] - pitch // 2, pitch):
        x = pitch // 2
        while x < shape[1] - pitch:
            stamp = stamps[int(random.integers(len(stamps)))]
            deep, wide = stamp.shape
            page[base - deep : base, x : x + wide] = stamp
            x += wide + round(0.3 * tall)
    return page


COSTLY: dict[str, Callable[[Random], Picture]] = {
    "stripes, one pixel in three": lambda _: _stripes(2, 3, 1),
    "stripes, upright": lambda _: _grey(_grid()[1] % 4 < 2),
    "stripes, wide": lambda _: _stripes(1, 24, 8),
    "checkerboard of 1": lambda _: _checkerboard(1),
    "checkerboard of 2": lambda _: _checkerboard(2),
    "checkerboard of 5": lambda _: _checkerboard(5),
    "checkerboard of 16": lambda _: _checkerboard(16),
    "rings": _rings,
    "nested squares": _nested,
    "spirals": _spirals,
    "maze": _maze,
    "fingerprint": _fingerprint,
    "noise": _noise,
    "20,000 dots": _dots,
    "thousands of tiny digits": _tiny_digits,
    "50 megapixels of digits": _dense_text,
}
