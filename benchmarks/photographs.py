"""Photographs of handwriting: the paper it is on, the light that falls on it, the camera."""

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float32]
Random = np.random.Generator

INKS = {"blue ink": (0.12, 0.2, 0.62), "red ink": (0.75, 0.12, 0.14), "pencil": (0.3, 0.3, 0.32)}
BOARDS = ((0.08, 0.08, 0.09), (0.1, 0.24, 0.18), (0.09, 0.12, 0.22))
TINTS = ((1.0, 0.95, 0.75), (0.83, 0.93, 1.0), (1.0, 0.84, 0.86), (0.85, 0.97, 0.84))
PHOTOGRAPHED = {
    *("soft shadow", "hard shadow", "vignette", "gradient"),
    *("perspective", "paper edge", "chalk"),
}
RULES = ((0.6, 0.72, 0.9), (0.72, 0.72, 0.72), (0.62, 0.85, 0.7), (0.93, 0.66, 0.6))


@dataclass(frozen=True, eq=False)
class Sheet:
    """What is written, before there is paper: ``(H, W)`` coverage, 0 to 1, and where it stands."""

    ink: Floats
    form: Floats  # printed boxes and lines
    tall: int  # of a digit
    baselines: tuple[float, ...]
    bleed: int  # pixels at each side that only a turned camera may see


def photographed(sheet: Sheet, effects: Sequence[str], random: Random) -> npt.NDArray[np.uint8]:
    """Return the picture of `sheet` with all its `effects`, ``(H, W, 3)``."""
    paper = _lit(_on_paper(sheet, effects, random), effects, random)
    if "specks" in effects:
        paper = _specked(paper, sheet.tall, random)
    seen = _viewed(paper, sheet.bleed, effects, random)
    if "blurred" in effects:
        sigma = sheet.tall * random.uniform(0.02, 0.045)
        seen = cv2.GaussianBlur(seen, (0, 0), sigma, sigmaY=sigma * random.uniform(0.4, 1))
    if "low resolution" in effects:
        scale = random.uniform(13, 20) / sheet.tall
        seen = cv2.resize(seen, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
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
    picture = np.rint(seen.clip(0, 1) * 255).astype(np.uint8)
    if "jpeg" in effects:
        quality = int(random.integers(30, 96))
        _, file = cv2.imencode(".jpg", picture, (cv2.IMWRITE_JPEG_QUALITY, quality))
        picture = np.asarray(cv2.imdecode(file, cv2.IMREAD_COLOR), np.uint8)
    return picture


def _on_paper(sheet: Sheet, effects: Sequence[str], random: Random) -> Floats:
    """Return the sheet in colour, ``(H, W, 3)`` from 0 to 1."""
    chalk = "chalk" in effects
    deep, wide = sheet.ink.shape
    paper = np.empty((deep, wide, 3), np.float32)
    paper[:] = BOARDS[random.integers(3)] if chalk else random.choice((1.0, random.uniform(0.9, 1)))
    if "tinted" in effects and not chalk:
        paper *= 0.95 * np.array(TINTS[random.integers(len(TINTS))], np.float32)
    if "textured" in effects or chalk:
        paper *= 1 + random.uniform(0.02, 0.05) * _grain((deep, wide), random)[..., None]
    if "show-through" in effects:
        other = np.roll(sheet.ink[:, ::-1], int(0.8 * sheet.tall), axis=0)
        other = cv2.GaussianBlur(other, (0, 0), 0.04 * sheet.tall)
        paper = _inked(paper, other * random.uniform(0.05, 0.13), (0.3, 0.3, 0.4))
    rules = _rules(sheet, effects, random)
    if rules is not None:
        colour = (0.75, 0.78, 0.8) if chalk else RULES[random.integers(len(RULES))]
        paper = _inked(paper, rules * random.uniform(0.5, 1.0) * (0.25 if chalk else 1), colour)
    printed = (0.8, 0.8, 0.8) if chalk else random.choice((0.1, 0.35, 0.55)) * np.ones(3)
    paper = _inked(paper, sheet.form, printed)
    ink, colour = sheet.ink, (0.93, 0.93, 0.9) if chalk else (0.06, 0.06, 0.08)
    for name in set(INKS) & set(effects):
        colour = INKS[name]
    if chalk or "pencil" in effects:
        ink = ink * (0.75 + 0.12 * _grain((deep, wide), random)).clip(0.4, 1)
    return _inked(paper, ink * random.uniform(0.85, 1), colour)


def _inked(paper: Floats, cover: Floats, colour: Sequence[float]) -> Floats:
    return paper + cover[..., None] * (np.asarray(colour, np.float32) - paper)


def _grain(shape: tuple[int, int], random: Random) -> Floats:
    """Return noise of several sizes, of mean 0 and deviation about 1: fibres and stains."""
    total = np.zeros(shape, np.float32)
    for step, share in ((1, 0.5), (3, 0.6), (12, 0.4), (60, 0.4)):
        small = random.normal(0, 1, (shape[0] // step + 2, shape[1] // step + 2))
        total += share * cv2.resize(small.astype(np.float32), shape[::-1])
    return total


def _rules(sheet: Sheet, effects: Sequence[str], random: Random) -> Floats | None:
    """Return ruled lines under the writing, or the grid of graph paper."""
    if not {"ruled", "graph paper"} & set(effects):
        return None
    rules = np.zeros(sheet.ink.shape, np.float32)
    pitch = float(np.diff(sheet.baselines).mean()) if len(sheet.baselines) > 1 else 1.8 * sheet.tall
    pitch *= random.uniform(0.2, 0.45) if "graph paper" in effects else 1
    thick = max(1, round(sheet.tall * random.uniform(0.01, 0.03)))
    begin = (sheet.baselines[0] + 0.03 * sheet.tall) % pitch
    for side, length in enumerate(sheet.ink.shape):
        for at in np.arange(begin, length, pitch).astype(int):
            (rules[at : at + thick] if side == 0 else rules[:, at : at + thick])[:] = 1
        if "ruled" in effects:
            break
    return rules


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


def _specked(paper: Floats, tall: int, random: Random) -> Floats:
    cover = np.zeros(paper.shape[:2], np.uint8)
    for x, y in random.uniform((0, 0), cover.shape[::-1], (int(random.integers(5, 40)), 2)):
        axes = tuple(random.uniform(0.01, 0.035, 2) * tall + 0.5)
        cv2.ellipse(cover, ((x, y), axes, random.uniform(0, 180)), 255, -1, cv2.LINE_AA)
    return _inked(paper, cover.astype(np.float32) / 255, (0.25, 0.22, 0.2))


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
        warp = cv2.getPerspectiveTransform(corners, moved + np.float32([left, top]))
        table = np.float32(random.uniform(0.1, 0.3)) * np.array([1.1, 1, 0.85], np.float32)
        table = table * (1 + 0.08 * _grain(size[::-1], random))[..., None]
        cover = cv2.warpPerspective(np.ones((deep, wide), np.float32), warp, size)[..., None]
        return np.asarray(cv2.warpPerspective(paper, warp, size) * cover + table * (1 - cover))
    if "perspective" in effects or "turned" in effects:
        warp = cv2.getPerspectiveTransform(corners, moved)
        paper = cv2.warpPerspective(paper, warp, (wide, deep), borderMode=cv2.BORDER_REPLICATE)
    return paper[bleed : deep - bleed, bleed : wide - bleed]
