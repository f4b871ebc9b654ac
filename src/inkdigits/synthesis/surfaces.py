"""What lies under the writing: tinted and textured papers, the patterns of cheques, and no paper.

All is made at the size of a scene, so no page is larger than what a network sees of it.
"""

from collections.abc import Callable, Sequence

import cv2
import numpy as np
import numpy.typing as npt

from .papers import Floats, Random, grain, inked

Cover = npt.NDArray[np.uint8]

SHIFT = 4
PASTELS = (
    (0.55, 0.8, 0.75),
    (0.6, 0.7, 0.9),
    (0.9, 0.65, 0.65),
    (0.7, 0.8, 0.55),
    (0.85, 0.7, 0.85),
)
TINTS = (
    *((1.0, 0.95, 0.75), (0.83, 0.93, 1.0), (1.0, 0.84, 0.86), (0.78, 0.97, 0.88)),
    *((0.8, 0.66, 0.48), (0.9, 0.86, 0.78), (0.72, 0.72, 0.7), (1.0, 0.75, 0.5), (0.97, 0.9, 0.45)),
)


def paper(side: int, tall: float, random: Random) -> Floats:
    """Return paper without anything written or ruled on it, ``(side, side, 3)`` from 0 to 1.

    Parameters
    ----------
    side
        Pixels.
    tall
        Of a digit that will stand on it: patterns are finer than that.
    random
        Source of chance.
    """
    colour = np.full(3, random.uniform(0.86, 1), np.float32)
    if random.random() < 0.35:
        tint = np.array(TINTS[random.integers(len(TINTS))], np.float32)
        colour *= 1 - random.uniform(0.3, 1) * (1 - tint)
    found = np.empty((side, side, 3), np.float32)
    found[:] = colour
    if random.random() < 0.35:
        found *= 1 + random.uniform(0.005, 0.05) * grain((side, side), random)[..., None]
    if random.random() < 0.3:
        found = patterned(found, tall, random)
    if random.random() < 0.08:
        found = _watermark(found, tall, random)
    if random.random() < 0.08:
        found = _folded(found, random)
    return found


def patterned(page: Floats, tall: float, random: Random) -> Floats:
    """Return paper under one or two of the patterns that cheques and tickets are printed with."""
    side = len(page)
    for _ in range(int(random.integers(1, 3))):
        cover = np.zeros((side, side), np.uint8)
        fine = max(3.5, tall * random.uniform(0.06, 0.3))
        PATTERNS[int(random.integers(len(PATTERNS)))](cover, fine, random)
        shade = (
            np.full(3, random.uniform(0.45, 0.8))
            if random.random() < 0.4
            else np.array(PASTELS[random.integers(len(PASTELS))])
        )
        strength = _strength((side, side), random) * np.float32(random.uniform(0.25, 0.95) / 255)
        page = inked(page, cover * strength, shade * page.mean())
    return page


def _strength(shape: tuple[int, int], random: Random) -> Floats:
    """Return how strong a pattern is printed: often it ends somewhere, or fades."""
    if random.random() < 0.5:
        return np.ones(shape, np.float32)
    small = random.random((3, 3)).astype(np.float32)
    if random.random() < 0.5:
        small = np.repeat(small[:, :1], 3, axis=1)
    large = cv2.resize(small, shape[::-1], interpolation=cv2.INTER_CUBIC)
    if random.random() < 0.4:
        return np.asarray(large > 0.4, np.float32)
    return np.asarray(large, np.float32).clip(0, 1)


def _curves(
    cover: Cover, points: npt.NDArray[np.float64], thick: int, closed: bool = False
) -> None:
    """Draw lines ``(N, K, 2)``."""
    exact = list(np.rint(points * (1 << SHIFT)).astype(np.int32))
    cv2.polylines(cover, exact, closed, 255, thick, cv2.LINE_AA, SHIFT)


def _waves(cover: Cover, fine: float, random: Random) -> None:
    """Draw lines side by side, wavy, at any angle; sometimes not all alike."""
    side = len(cover)
    count, knots = int(1.5 * side / fine), 48
    along = np.linspace(-0.25 * side, 1.25 * side, knots)
    length = random.uniform(3, 30) * fine
    phase = random.uniform(0, 6) + np.arange(count)[:, None] * random.choice((0, 0.02, 0.3))
    lift = random.choice((0.0, 0.4, 1.5)) * fine * np.sin(2 * np.pi * along / length + phase)
    lift = lift + random.uniform(0, 2.5) * fine * np.sin(2 * np.pi * along / (6 * length))
    across = np.arange(count)[:, None] * fine - 0.25 * side + lift
    turn = random.choice((0.0, np.pi / 2, random.uniform(0, np.pi)))
    middle = side / 2
    x, y = along[None] - middle + 0 * across, across - middle
    turned = np.stack(
        [x * np.cos(turn) - y * np.sin(turn), x * np.sin(turn) + y * np.cos(turn)], -1
    )
    _curves(cover, turned + middle, max(1, round(fine * random.uniform(0.1, 0.4))))


def _lattice(cover: Cover, fine: float, random: Random) -> None:
    """Draw two sets of waves that cross."""
    _waves(cover, fine, random)
    _waves(cover, fine * random.uniform(0.8, 1.2), random)


def _rings(cover: Cover, fine: float, random: Random) -> None:
    """Draw rings around a few centres, as of drops in water."""
    side = len(cover)
    for _ in range(int(random.integers(1, 4))):
        x, y = random.uniform(-0.5 * side, 1.5 * side, 2)
        stretch = random.uniform(0.6, 1)
        for radius in np.arange(fine, random.uniform(0.5, 1.6) * side, 1.4 * fine):
            box = ((float(x), float(y)), (2 * float(radius), 2 * float(stretch * radius)), 20.0)
            cv2.ellipse(cover, box, 255, max(1, round(0.2 * fine)), cv2.LINE_AA)


def _rosette(cover: Cover, fine: float, random: Random) -> None:
    """Draw guilloche: curves that go round and in and out, shifted against one another."""
    side = len(cover)
    for _ in range(int(random.integers(1, 4))):
        count, petals = int(random.integers(4, 14)), int(random.integers(3, 14))
        turn = np.linspace(0, 2 * np.pi, 160)[None]
        phase = np.arange(count)[:, None] * 2 * np.pi / count
        radius = (
            side
            * random.uniform(0.1, 0.5)
            * (1 + random.uniform(0.1, 0.6) * np.sin(petals * turn + phase))
        )
        centre = random.uniform(0, side, 2)
        points = np.stack(
            [radius * np.cos(turn), random.uniform(0.4, 1) * radius * np.sin(turn)], -1
        )
        _curves(cover, points + centre, max(1, round(0.15 * fine)), closed=True)


def _tiled(cover: Cover, fine: float, random: Random) -> None:
    """Draw a small figure again and again: dots, dashes, crosses, bricks, zigzags."""
    step = max(3, round(fine))
    tile = np.zeros((step, step), np.uint8)
    figure = int(random.integers(5))
    thick, half = max(1, round(0.25 * step)), step // 2
    if figure == 0:
        cv2.circle(
            tile,
            (half, half),
            max(1, round(step * random.uniform(0.15, 0.4))),
            255,
            -1,
            cv2.LINE_AA,
        )
    elif figure == 1:
        tile[half, : max(1, round(step * random.uniform(0.3, 0.8)))] = 255
    elif figure == 2:
        cv2.line(tile, (0, 0), (step, step), 255, thick, cv2.LINE_AA)
        cv2.line(tile, (step, 0), (0, step), 255, thick, cv2.LINE_AA)
    elif figure == 3:
        tile[0], tile[:half, 0] = 255, 255
    else:
        cv2.line(tile, (0, 0), (half, step - 1), 255, thick, cv2.LINE_AA)
        cv2.line(tile, (half, step - 1), (step - 1, 0), 255, thick, cv2.LINE_AA)
    times = len(cover) // step + 2
    wide = np.tile(tile, (times, times))
    if random.random() < 0.5:  # every other row is shifted by half a step
        rows = np.arange(len(wide)) // step % 2 == 1
        wide[rows] = np.roll(wide[rows], half, axis=1)
    np.maximum(cover, wide[: len(cover), : len(cover)], out=cover)


def _microprint(cover: Cover, fine: float, random: Random) -> None:
    """Print words too small to read, in rows."""
    size = max(0.25, fine / 22)
    word = "".join(random.choice(list("ABCDEFGHIKLMNOPRSTU "), 7)) * 40
    for row in np.arange(0, len(cover) + fine, max(5, 1.2 * fine)).astype(int).tolist():
        cv2.putText(
            cover, word, (-row % 31 - 30, row), cv2.FONT_HERSHEY_PLAIN, size, 255, 1, cv2.LINE_AA
        )


PATTERNS: tuple[Callable[[Cover, float, Random], None], ...] = (
    *(_waves, _waves, _waves, _lattice, _lattice, _rings, _rosette, _tiled, _tiled, _microprint),
)


def _watermark(page: Floats, tall: float, random: Random) -> Floats:
    """Return paper with something large and very pale printed on it."""
    cover = np.zeros(page.shape[:2], np.uint8)
    size, side = random.uniform(1.5, 4) * tall / 20, len(cover)
    at = tuple(int(value) for value in random.uniform(-0.1 * side, 0.6 * side, 2))
    word = "".join(random.choice(list("ABCDEKMNORSTX0123456789"), 4))
    cv2.putText(
        cover, word, at, cv2.FONT_HERSHEY_DUPLEX, size, 255, max(1, round(3 * size)), cv2.LINE_AA
    )
    shade = 0.7 + 0.2 * random.random(3)
    return inked(page, cover * np.float32(random.uniform(0.1, 0.4) / 255), shade)


def _folded(page: Floats, random: Random) -> Floats:
    """Return paper that was folded: another light on either side, a bright or dark line between."""
    side = len(page)
    at, tilt = random.uniform(0.1, 0.9) * side, random.uniform(-0.2, 0.2)
    y, x = np.mgrid[0:side, 0:side].astype(np.float32)
    apart = (y - at - tilt * x) if random.random() < 0.5 else (x - at - tilt * y)
    light = 1 + random.uniform(-0.06, 0.06) * np.tanh(apart / 4)
    light += random.uniform(-0.2, 0.15) * np.exp(-((apart / random.uniform(0.7, 3)) ** 2))
    return np.asarray(page * light[..., None], np.float32)


def board(side: int, random: Random) -> Floats:
    """Return a board or a dark screen to write on with chalk or light, ``(side, side, 3)``."""
    colours: Sequence[tuple[float, float, float]] = (
        *(
            (0.0, 0.0, 0.0),
            (0.08, 0.08, 0.09),
            (0.1, 0.24, 0.18),
            (0.09, 0.12, 0.22),
            (0.2, 0.1, 0.08),
        ),
    )
    found = np.empty((side, side, 3), np.float32)
    found[:] = colours[int(random.integers(len(colours)))]
    if random.random() < 0.6:
        found += random.uniform(0.003, 0.03) * grain((side, side), random)[..., None]
    return found


def surroundings(side: int, random: Random) -> Floats:
    """Return what lies beside a paper: a table, wood, cloth, darkness, ``(side, side, 3)``."""
    colour = random.uniform(0.03, 0.75) * (1 + 0.35 * random.uniform(-1, 1, 3))
    found = np.empty((side, side, 3), np.float32)
    found[:] = colour
    kind = random.random()
    if kind < 0.35:
        noise = random.normal(
            0, 1, (side // int(random.integers(2, 9)) + 2, int(random.integers(2, 9)))
        )
        streaks = cv2.resize(noise.astype(np.float32), (side, side), interpolation=cv2.INTER_CUBIC)
        found *= 1 + random.uniform(0.03, 0.25) * streaks[..., None]
    elif kind < 0.75:
        found *= 1 + random.uniform(0.02, 0.15) * grain((side, side), random)[..., None]
    if random.random() < 0.2:
        found = patterned(found, 60, random)
    return found.clip(0, 1)


def no_page(side: int, random: Random) -> Floats:
    """Return a picture of no page: textures, shapes, what a camera sees elsewhere."""
    levels = [2, 4, 8, 24, 64][: int(random.integers(2, 6))]
    found = np.full((side, side, 3), random.uniform(0.2, 0.7), np.float32)
    fade = random.uniform(0.4, 1.0)
    for number, knots in enumerate(levels):
        noise = random.normal(0, 0.25 * fade**number, (knots, knots, 3))
        noise = 0.7 * noise.mean(2, keepdims=True) + 0.5 * noise
        found += cv2.resize(noise.astype(np.float32), (side, side), interpolation=cv2.INTER_CUBIC)
    for _ in range(int(random.integers(0, 25))):
        colour = [float(value) for value in random.random(3)]
        x, y = (int(value) for value in random.uniform(0, side, 2))
        size = int(random.uniform(0.01, 0.3) * side) + 1
        kind = int(random.integers(4))
        thick = -1 if random.random() < 0.7 else max(1, size // 10)
        if kind == 0:
            cv2.ellipse(
                found,
                (x, y),
                (size, max(1, size // 2)),
                float(random.uniform(0, 180)),
                0,
                360,
                colour,
                thick,
                cv2.LINE_AA,
            )
        elif kind == 1:
            cv2.rectangle(
                found, (x, y), (x + size, y + int(size * random.uniform(0.2, 2))), colour, thick
            )
        elif kind == 2:
            corners = random.uniform(-size, size, (int(random.integers(3, 7)), 2))
            corners += np.array([x, y])
            cv2.fillPoly(found, [np.rint(corners).astype(np.int32)], colour, cv2.LINE_AA)
        else:
            end = random.uniform(0, side, 2)
            cv2.line(
                found, (x, y), (int(end[0]), int(end[1])), colour, max(1, size // 12), cv2.LINE_AA
            )
    return found.clip(0, 1)
