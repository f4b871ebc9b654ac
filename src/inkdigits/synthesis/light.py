"""What becomes of a piece of a page before a camera, in a scanner, a fax, or a chat program."""

from collections.abc import Callable

import cv2
import numpy as np
import numpy.typing as npt

from .papers import Floats, Random

Pixels = npt.NDArray[np.uint8]

SMALL = 12  # knots a side from which soft light is made


def lit(page: Floats, random: Random) -> Floats:
    """Return a page ``(H, W, 3)`` under light that is uneven as light is."""
    shape = page.shape[:2]
    light = np.ones(shape, np.float32)
    y, x = np.mgrid[-1 : 1 : SMALL * 1j, -1 : 1 : SMALL * 1j].astype(np.float32)
    if random.random() < 0.6:
        turn, steep = random.uniform(0, 2 * np.pi), random.uniform(0, 0.45)
        small = 1 - steep * (0.5 + 0.5 * (x * np.cos(turn) + y * np.sin(turn)))
        if random.random() < 0.5:
            middle = random.uniform(-1.5, 1.5, 2)
            small -= random.uniform(0, 0.25) * ((x - middle[0]) ** 2 + (y - middle[1]) ** 2)
        if random.random() < 0.3:
            small += random.normal(0, 0.06, small.shape).astype(np.float32)
        light *= cv2.resize(small.clip(0.12, 1.2), shape[::-1], interpolation=cv2.INTER_CUBIC)
    for _ in range(int(random.integers(1, 3)) if random.random() < 0.35 else 0):
        light *= _shadow(shape, random)
    if random.random() < 0.05:
        light = light + _gleam(shape, random)
    return np.asarray(page * light[..., None], np.float32)


def _shadow(shape: tuple[int, int], random: Random) -> Floats:
    """Return the light that a hand, a phone or an edge leaves; its rim is soft or sharp."""
    tall, wide = shape
    dark = np.zeros(shape, np.uint8)
    if random.random() < 0.5:  # an edge across
        turn, middle = random.uniform(0, 2 * np.pi), random.uniform(0.2, 0.8, 2) * (wide, tall)
        along, aside = (
            np.array([np.cos(turn), np.sin(turn)]),
            np.array([-np.sin(turn), np.cos(turn)]),
        )
        far = 2 * max(shape)
        corners = [middle - far * along, middle + far * along]
        corners += [corners[1] + far * aside, corners[0] + far * aside]
        cv2.fillPoly(dark, [np.rint(corners).astype(np.int32)], 255, cv2.LINE_AA)
    else:  # fingers, a head
        for _ in range(int(random.integers(1, 6))):
            at = tuple(float(value) for value in random.uniform(-0.1, 1.1, 2) * (wide, tall))
            axes = tuple(float(value) for value in random.uniform(0.1, 1.2, 2) * max(shape))
            cv2.ellipse(dark, (at, axes, float(random.uniform(0, 180))), 255, -1, cv2.LINE_AA)
    soft = 10 ** random.uniform(-0.3, 1.5)
    factor = max(1, int(soft // 2))
    small = cv2.resize(
        dark, (max(2, wide // factor), max(2, tall // factor)), interpolation=cv2.INTER_AREA
    )
    small = cv2.GaussianBlur(small, (0, 0), soft / factor)
    rim = cv2.resize(small, (wide, tall))
    return np.asarray(1 - rim * np.float32(random.uniform(0.1, 0.55) / 255), np.float32)


def _gleam(shape: tuple[int, int], random: Random) -> Floats:
    """Return the light of a flash on smooth paper."""
    small: Floats = np.zeros((SMALL, SMALL), np.float32)
    small[tuple(random.integers(SMALL, size=2))] = random.uniform(1, 3)
    small = np.asarray(cv2.GaussianBlur(small, (0, 0), random.uniform(1, 2.5)), np.float32)
    return np.asarray(cv2.resize(small, shape[::-1], interpolation=cv2.INTER_CUBIC), np.float32)


def taken(page: Floats, random: Random) -> Pixels:
    """Return what a device makes of a page ``(H, W, 3)``, 0 to 1: uint8 of the same size."""
    seen = page
    if random.random() < 0.4:
        seen = _coloured(seen, random)
    if random.random() < 0.35:
        seen = _blurred(seen, random)
    if random.random() < 0.2:
        seen = _coarse(seen, random)
    if random.random() < 0.25:
        low = random.uniform(0, 0.4)
        seen = low + seen * random.uniform(0.4, 1) * (1 - low)
    if random.random() < 0.4:
        seen = _noisy(seen, random)
    if random.random() < 0.1:
        soft = cv2.GaussianBlur(seen, (0, 0), random.uniform(1, 3))
        seen = seen + random.uniform(0.5, 2) * (seen - soft)  # sharpened, halos and all
    picture = np.rint(seen.clip(0, 1) * 255).astype(np.uint8)
    if random.random() < 0.4:
        grey = cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY)
        if random.random() < 0.25:
            grey = BINARY[int(random.integers(len(BINARY)))](grey, random)
        picture = cv2.cvtColor(grey, cv2.COLOR_GRAY2RGB)
    if random.random() < 0.5:
        quality = int(random.integers(18, 96))
        _, file = cv2.imencode(".jpg", picture, (cv2.IMWRITE_JPEG_QUALITY, quality))
        picture = np.asarray(cv2.imdecode(file, cv2.IMREAD_COLOR), np.uint8)
    return np.asarray(picture, np.uint8)


def _coloured(seen: Floats, random: Random) -> Floats:
    """Return it with a cast, by another gamma, darker or lighter."""
    cast = (1 + random.normal(0, 0.08, 3)).clip(0.6, 1.3).astype(np.float32)
    found = (seen * cast * np.float32(random.uniform(0.6, 1.15))).clip(0, 1)
    return np.asarray(cv2.pow(found, float(np.exp(random.normal(0, 0.3)))), np.float32)


def _blurred(seen: Floats, random: Random) -> Floats:
    if random.random() < 0.75:
        return np.asarray(
            cv2.GaussianBlur(seen, (0, 0), 10 ** random.uniform(-0.4, 0.3)), np.float32
        )
    length = int(random.integers(3, 9))
    kernel = np.zeros((length, length), np.float32)
    turn, middle = random.uniform(0, np.pi), (length - 1) / 2
    step = middle * np.array([np.cos(turn), np.sin(turn)])
    ends = [tuple(np.rint(middle + sign * step).astype(int).tolist()) for sign in (-1, 1)]
    cv2.line(kernel, ends[0], ends[1], 1.0, 1)
    return np.asarray(cv2.filter2D(seen, -1, kernel / kernel.sum()), np.float32)


def _coarse(seen: Floats, random: Random) -> Floats:
    """Return it as if it had been small and was enlarged."""
    scale = random.uniform(0.35, 0.85)
    size = seen.shape[:2][::-1]
    small = cv2.resize(seen, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    ways = (cv2.INTER_LINEAR, cv2.INTER_CUBIC, cv2.INTER_NEAREST)
    return np.asarray(
        cv2.resize(small, size, interpolation=ways[int(random.integers(3))]), np.float32
    )


def _noisy(seen: Floats, random: Random) -> Floats:
    strength = 10 ** random.uniform(-2.5, -1.2)
    shape = seen.shape[:2] if random.random() < 0.5 else seen.shape
    noise = random.standard_normal(shape, np.float32) * np.float32(strength)
    if random.random() < 0.5:
        soft = cv2.GaussianBlur(noise, (0, 0), random.uniform(0.5, 1.2))
        noise = np.asarray(1.6 * soft, np.float32)
    return np.asarray(seen + (noise[..., None] if noise.ndim == 2 else noise), np.float32)


def _threshold(grey: Pixels, random: Random) -> Pixels:
    """Return black and white by one level, as a fax does."""
    level, _ = cv2.threshold(grey, 0, 255, cv2.THRESH_OTSU)
    middle = float(np.median(grey))
    if random.random() < 0.5:
        level = (
            middle * random.uniform(0.65, 0.92) if middle > 90 else middle + random.uniform(25, 80)
        )
    return np.asarray((grey > level) * np.uint8(255), np.uint8)


def _local(grey: Pixels, random: Random) -> Pixels:
    """Return black and white by the surroundings, as programs for scanning do."""
    window = 2 * int(random.integers(8, 40)) + 1
    return np.asarray(
        cv2.adaptiveThreshold(
            grey,
            255,
            cv2.ADAPTIVE_THRESH_MEAN_C,
            cv2.THRESH_BINARY,
            window,
            float(random.uniform(5, 18)),
        ),
        np.uint8,
    )


def _halftone(grey: Pixels, random: Random) -> Pixels:
    """Return black and white in dots."""
    step = int(random.integers(3, 6))
    y, x = np.mgrid[0:step, 0:step]
    screen = np.cos(2 * np.pi * x / step) + np.cos(2 * np.pi * y / step)
    times = [side // step + 1 for side in grey.shape]
    wide = np.tile(screen, times)[: grey.shape[0], : grey.shape[1]]
    return np.asarray((grey > 128 + 45 * wide) * np.uint8(255), np.uint8)


BINARY: tuple[Callable[[Pixels, Random], Pixels], ...] = (_threshold, _threshold, _local, _halftone)
