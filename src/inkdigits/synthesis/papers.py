"""Paper, and what is on it before there is light: ink, printed rules, grain, specks."""

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
RULES = ((0.6, 0.72, 0.9), (0.72, 0.72, 0.72), (0.62, 0.85, 0.7), (0.93, 0.66, 0.6))


def random_of(seed: int, kind: str, number: int) -> Random:
    """Return the source of chance of one page: the same for the same page."""
    return np.random.default_rng((seed, *kind.encode(), number))


@dataclass(frozen=True, eq=False)
class Sheet:
    """What is written, before there is paper: ``(H, W)`` coverage, 0 to 1, and where it stands."""

    ink: Floats
    form: Floats  # printed boxes and lines
    tall: int  # of a digit
    baselines: tuple[float, ...]
    bleed: int  # pixels at each side that only a turned camera may see


def on_paper(sheet: Sheet, effects: Sequence[str], random: Random) -> Floats:
    """Return the sheet in colour, ``(H, W, 3)`` from 0 to 1."""
    chalk = "chalk" in effects
    deep, wide = sheet.ink.shape
    paper = np.empty((deep, wide, 3), np.float32)
    paper[:] = BOARDS[random.integers(3)] if chalk else random.choice((1.0, random.uniform(0.9, 1)))
    if "tinted" in effects and not chalk:
        paper *= 0.95 * np.array(TINTS[random.integers(len(TINTS))], np.float32)
    if "textured" in effects or chalk:
        paper *= 1 + random.uniform(0.02, 0.05) * grain((deep, wide), random)[..., None]
    if "show-through" in effects:
        other = np.roll(sheet.ink[:, ::-1], int(0.8 * sheet.tall), axis=0)
        other = np.asarray(cv2.GaussianBlur(other, (0, 0), 0.04 * sheet.tall), np.float32)
        paper = inked(paper, other * random.uniform(0.05, 0.13), (0.3, 0.3, 0.4))
    rules = _rules(sheet, effects, random)
    if rules is not None:
        colour = (0.75, 0.78, 0.8) if chalk else RULES[random.integers(len(RULES))]
        paper = inked(paper, rules * random.uniform(0.5, 1.0) * (0.25 if chalk else 1), colour)
    printed = (0.8, 0.8, 0.8) if chalk else random.choice((0.1, 0.35, 0.55)) * np.ones(3)
    paper = inked(paper, sheet.form, printed)
    ink, colour = sheet.ink, (0.93, 0.93, 0.9) if chalk else (0.06, 0.06, 0.08)
    for name in set(INKS) & set(effects):
        colour = INKS[name]
    if chalk or "pencil" in effects:
        ink = ink * (0.75 + 0.12 * grain((deep, wide), random)).clip(0.4, 1)
    return inked(paper, ink * random.uniform(0.85, 1), colour)


def inked(
    paper: Floats, cover: Floats, colour: Sequence[float] | npt.NDArray[np.floating]
) -> Floats:
    """Return `paper` with ink of a colour where `cover` says, ``(H, W)`` from 0 to 1."""
    return paper + cover[..., None] * (np.asarray(colour, np.float32) - paper)


def grain(shape: tuple[int, int], random: Random) -> Floats:
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


def specked(paper: Floats, tall: int, random: Random) -> Floats:
    """Return `paper` with five to forty specks of dirt."""
    cover = np.zeros(paper.shape[:2], np.uint8)
    for x, y in random.uniform((0, 0), cover.shape[::-1], (int(random.integers(5, 40)), 2)):
        axes = tuple(random.uniform(0.01, 0.035, 2) * tall + 0.5)
        cv2.ellipse(cover, ((x, y), axes, random.uniform(0, 180)), 255, -1, cv2.LINE_AA)
    return inked(paper, np.asarray(cover / np.float32(255), np.float32), (0.25, 0.22, 0.2))
