"""Cameras: the light that falls on a sheet, how it lies before the lens, and what becomes of it."""

from collections.abc import Sequence

import cv2
import numpy as np
import numpy.typing as npt

from .papers import Floats, Random, Sheet, grain, on_paper, specked

PHOTOGRAPHED = {
    *("soft shadow", "hard shadow", "vignette", "gradient"),
    *("perspective", "paper edge", "chalk"),
}


def photographed(sheet: Sheet, effects: Sequence[str], random: Random) -> npt.NDArray[np.uint8]:
    """Return the picture of `sheet` with all its `effects`, ``(H, W, 3)``."""
    paper = _lit(on_paper(sheet, effects, random), effects, random)
    if "specks" in effects:
        paper = specked(paper, sheet.tall, random)
    seen = _viewed(paper, sheet.bleed, effects, random)
    if "blurred" in effects:
        sigma = sheet.tall * random.uniform(0.02, 0.045)
        other = sigma * random.uniform(0.4, 1)
        seen = np.asarray(cv2.GaussianBlur(seen, (0, 0), sigma, sigmaY=other), np.float32)
    if "low resolution" in effects:
        scale = random.uniform(13, 20) / sheet.tall
        small = cv2.resize(seen, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
        seen = np.asarray(small, np.float32)
    if "low contrast" in effects:
        middle = random.uniform(0.45, 0.75)
        seen = middle + (seen - seen.mean()) * random.uniform(0.25, 0.4)
    strength = 0.0
    if "noisy" in effects:
        strength = random.uniform(0.02, 0.06)
    elif PHOTOGRAPHED & set(effects) and random.random() < 0.7:
        strength = random.uniform(0.003, 0.01)  # no camera is without, though some smooth it away
    if strength:
        noise = random.normal(0, strength, seen.shape).astype(np.float32)
        seen = seen + cv2.GaussianBlur(noise, (0, 0), 0.6) * 1.5
    picture: npt.NDArray[np.uint8] = np.rint(seen.clip(0, 1) * 255).astype(np.uint8)
    if "jpeg" in effects:
        quality = int(random.integers(30, 96))
        _, file = cv2.imencode(".jpg", picture, (cv2.IMWRITE_JPEG_QUALITY, quality))
        picture = np.asarray(cv2.imdecode(file, cv2.IMREAD_COLOR), np.uint8)
    return picture


def scanned(ink: Floats, random: Random) -> npt.NDArray[np.uint8]:
    """Return a grey scan of `ink` on white paper, ``(H, W)``: evenly lit, hardly any noise."""
    soft = np.asarray(cv2.GaussianBlur(ink, (0, 0), 0.5), np.float32)
    shade = random.uniform(0.12, 0.32)
    grey = random.uniform(0.95, 0.99) - soft * np.float32(0.96 - shade)
    grey += random.normal(0, 0.008, grey.shape).astype(np.float32)
    picture: npt.NDArray[np.uint8] = np.rint(grey.clip(0, 1) * 255).astype(np.uint8)
    return picture


def _lit(paper: Floats, effects: Sequence[str], random: Random) -> Floats:
    """Return the sheet under uneven light."""
    deep, wide = paper.shape[:2]
    y, x = np.mgrid[0:deep, 0:wide].astype(np.float32)
    x, y = (x - wide / 2) / max(deep, wide), (y - deep / 2) / max(deep, wide)
    angle, dark = random.uniform(0, 2 * np.pi), random.uniform(0.25, 0.5)
    along = x * np.cos(angle) + y * np.sin(angle)
    light = np.ones((deep, wide), np.float32)
    if "gradient" in effects:
        light -= dark * (along + 0.5).clip(0, 1)
    elif "vignette" in effects:
        light -= 1.6 * dark * (x**2 + y**2)
    elif "soft shadow" in effects or "hard shadow" in effects:
        bent = along + 0.08 * np.sin(6 * (y * np.cos(angle) - x * np.sin(angle)))
        edge = (
            random.uniform(0.08, 0.25)
            if "soft shadow" in effects
            else random.uniform(2, 8) / max(deep, wide)
        )
        light -= dark * (0.5 + 0.5 * np.tanh(2 * (bent - random.uniform(-0.2, 0.2)) / edge))
    return paper * light[..., None]


def _viewed(paper: Floats, bleed: int, effects: Sequence[str], random: Random) -> Floats:
    """Return the sheet as it lies before the camera; its bleed is cut off unless a table shows."""
    deep, wide = paper.shape[:2]
    corners = np.array([(0, 0), (wide, 0), (wide, deep), (0, deep)], np.float32)
    moved = corners.copy()
    if "perspective" in effects:
        moved += random.uniform(-0.6, 0.6, (4, 2)).astype(np.float32) * bleed
    if "turned" in effects or "paper edge" in effects:
        turn = cv2.getRotationMatrix2D((wide / 2, deep / 2), random.uniform(-4, 4), 1)
        moved = moved @ turn[:, :2].T.astype(np.float32) + turn[:, 2].astype(np.float32)
    if "paper edge" in effects:
        pads = random.uniform(0.03, 0.12, 4) * max(deep, wide) * (random.random(4) < 0.6)
        left, top, right, bottom = (int(pad) for pad in pads)
        size = wide + left + right, deep + top + bottom
        warp = cv2.getPerspectiveTransform(corners, moved + np.array([left, top], np.float32))
        table = np.float32(random.uniform(0.1, 0.3)) * np.array([1.1, 1, 0.85], np.float32)
        table = table * (1 + 0.08 * grain(size[::-1], random))[..., None]
        cover = cv2.warpPerspective(np.ones((deep, wide), np.float32), warp, size)[..., None]
        return np.asarray(cv2.warpPerspective(paper, warp, size) * cover + table * (1 - cover))
    if "perspective" in effects or "turned" in effects:
        warp = cv2.getPerspectiveTransform(corners, moved)
        seen = cv2.warpPerspective(paper, warp, (wide, deep), borderMode=cv2.BORDER_REPLICATE)
        paper = np.asarray(seen, np.float32)
    return paper[bleed : deep - bleed, bleed : wide - bleed]
