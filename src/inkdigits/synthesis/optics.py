"""From ink and paper to grey pixels: light, blur, noise, few pixels, compression."""

import cv2
import numpy as np
import numpy.typing as npt

from .papers import Floats, Random

Bytes = npt.NDArray[np.uint8]


def exposed(ink: Floats, paper: Floats, random: Random) -> Bytes:
    """Return what a camera or scanner makes of `ink` on `paper`, both ``(H, W)``, as uint8."""
    light = random.uniform(0.45, 1.0) if random.random() < 0.8 else random.uniform(0.2, 0.45)
    # Writing may be pale; it is never as pale as paper is.
    dark = random.uniform(0.0, 0.55) if random.random() < 0.7 else random.uniform(0.4, 0.8)
    ink = _texture(ink, random)
    scene = paper * (1 - ink * (1 - dark)) if random.random() < 0.7 else _opaque(ink, paper, dark)
    scene = scene * light * _shade(ink.shape, random)
    if random.random() < 0.3:
        scene = np.asarray(np.clip(scene, 0, 1) ** random.uniform(0.6, 1.6), np.float32)
    scene = _blurred(np.asarray(scene, np.float32), random)
    scene = _coarse(scene, random)
    if random.random() < 0.6:
        scene = scene + random.normal(0, random.uniform(0, 0.05) ** 1.3, scene.shape)
    pixels = np.asarray(np.rint(np.clip(scene, 0, 1) * 255), np.uint8)
    kind = random.random()
    if kind < 0.15:
        quality = int(random.integers(15, 90))
        _, data = cv2.imencode(".jpg", pixels, [cv2.IMWRITE_JPEG_QUALITY, quality])
        return np.asarray(cv2.imdecode(data, cv2.IMREAD_GRAYSCALE), np.uint8)
    if kind < 0.21:
        low, high = float(pixels.min()), float(np.median(pixels))
        level = low + random.uniform(0.45, 0.75) * (high - low)
        return np.asarray(np.where(pixels > level, 255, 0), np.uint8)
    return pixels


def _texture(ink: Floats, random: Random) -> Floats:
    """Return ink of uneven strength: pencils, dry pens, ink that runs out."""
    if random.random() < 0.35:
        return ink
    shape = (max(2, ink.shape[0] // 4), max(2, ink.shape[1] // 4))
    field = cv2.resize(random.random(shape).astype(np.float32), ink.shape[::-1])
    strength = random.uniform(0, 0.5)
    worn = ink * (1 - strength * field)
    if random.random() < 0.2:
        worn *= 1 - random.uniform(0, 0.6) * random.random(ink.shape).astype(np.float32)
    return np.asarray(worn, np.float32)


def _opaque(ink: Floats, paper: Floats, dark: float) -> Floats:
    return np.asarray(paper + ink * (dark - paper), np.float32)


def _shade(shape: tuple[int, ...], random: Random) -> Floats:
    """Return light that falls unevenly: soft, or with the edge of a shadow."""
    y, x = np.mgrid[: shape[0], : shape[1]].astype(np.float32)
    x, y = x / shape[1] - 0.5, y / shape[1]
    kind = random.random()
    angle = random.uniform(0, 2 * np.pi)
    across = x * np.cos(angle) + y * np.sin(angle)
    if kind < 0.45:
        return np.asarray(1 + random.uniform(0, 0.5) * across, np.float32)
    if kind < 0.57:
        soft = random.uniform(0.005, 0.3)
        edge = 1 / (1 + np.exp(-((across - random.uniform(-0.3, 0.3)) / soft).clip(-30, 30)))
        return np.asarray(1 - random.uniform(0.1, 0.6) * edge, np.float32)
    return np.ones(shape, np.float32)


def _blurred(scene: Floats, random: Random) -> Floats:
    kind = random.random()
    if kind < 0.4:
        return scene
    if kind < 0.9:
        return np.asarray(cv2.GaussianBlur(scene, (0, 0), random.uniform(0.3, 1.3)), np.float32)
    length = int(random.integers(2, 5))
    kernel = np.full((1, length), 1 / length, np.float32)
    return np.asarray(
        cv2.filter2D(scene, -1, kernel if random.random() < 0.5 else kernel.T), np.float32
    )


def _coarse(scene: Floats, random: Random) -> Floats:
    """Return the scene as fewer pixels would show it."""
    if random.random() < 0.65:
        return scene
    scale = random.uniform(0.3, 0.9)
    size = max(4, round(scene.shape[1] * scale)), max(4, round(scene.shape[0] * scale))
    small = cv2.resize(scene, size, interpolation=cv2.INTER_AREA)
    way = cv2.INTER_LINEAR if random.random() < 0.7 else cv2.INTER_CUBIC
    if random.random() < 0.1:
        way = cv2.INTER_NEAREST
    return np.asarray(cv2.resize(small, scene.shape[::-1], interpolation=way), np.float32)
