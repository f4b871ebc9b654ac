"""What else is on a paper and is neither writing nor form: stamps, staples, holes, dirt, logos."""

from collections.abc import Callable, Sequence

import cv2
import numpy as np
import numpy.typing as npt

from .papers import Floats, Random, inked
from .surfaces import no_page
from .typeset import Cover, label, word


def stamp(picture: Floats, cover: Cover, tall: float, random: Random) -> None:
    """Print a rubber stamp: words in a ring or a frame, coloured, turned, worn."""
    side = len(cover)
    size = int(np.clip(tall * random.uniform(3, 7), 40, 0.9 * side))
    own = np.zeros((size, size), np.uint8)
    thick = max(1, size // 40)
    if random.random() < 0.5:
        cv2.circle(own, (size // 2, size // 2), size // 2 - thick, 255, thick, cv2.LINE_AA)
        if random.random() < 0.5:
            cv2.circle(own, (size // 2, size // 2), int(0.36 * size), 255, thick, cv2.LINE_AA)
    else:
        deep = int(size * random.uniform(0.12, 0.35))
        cv2.rectangle(own, (thick, size // 2 - deep), (size - thick, size // 2 + deep), 255, thick)
    for row in range(int(random.integers(1, 4))):
        word(own, label(random), (0.15 * size, (0.42 + 0.15 * row) * size), 0.1 * size, random)
    worn = np.asarray(cv2.resize(random.random((12, 12)), (size, size)) * 2).clip(0, 1)
    own = np.asarray(own * worn, np.uint8)
    turn = cv2.getRotationMatrix2D((size / 2, size / 2), float(random.normal(0, 20)), 1)
    turn[:, 2] = turn[:, 2] + random.uniform(-0.3 * size, side - 0.7 * size, 2)
    placed = np.asarray(cv2.warpAffine(own, turn, (side, side)), np.uint8)
    colour = ((0.2, 0.25, 0.65), (0.7, 0.15, 0.2), (0.15, 0.45, 0.3), (0.15, 0.15, 0.15))[
        int(random.integers(4))
    ]
    _print(picture, cover, placed, colour, random.uniform(0.4, 0.9))


def specks(picture: Floats, cover: Cover, tall: float, random: Random) -> None:
    """Strew dirt, a few grains or hundreds."""
    own = np.zeros_like(cover)
    for x, y in random.uniform(0, len(cover), (int(10 ** random.uniform(0.5, 2.4)), 2)):
        axes = tuple(float(value) for value in random.uniform(0.3, 0.04 * tall + 1.5, 2))
        cv2.ellipse(own, ((float(x), float(y)), axes, float(random.uniform(0, 180))), 255, -1)
    _print(picture, cover, own, 3 * (random.uniform(0, 0.4),), random.uniform(0.4, 1))


def blot(picture: Floats, cover: Cover, tall: float, random: Random) -> None:
    """Leave a stain or a ring of coffee, large and pale."""
    own = np.zeros_like(cover)
    at = tuple(float(value) for value in random.uniform(0, len(own), 2))
    axes = tuple(float(value) for value in random.uniform(2, 9, 2) * tall)
    thick = -1 if random.random() < 0.5 else max(1, int(0.12 * tall))
    cv2.ellipse(own, (at, axes, 30.0), 255, thick, cv2.LINE_AA)
    own = np.asarray(cv2.GaussianBlur(own, (0, 0), random.uniform(0.5, 0.15 * tall + 1)), np.uint8)
    picture[:] = inked(picture, own * np.float32(random.uniform(0.05, 0.3) / 255), (0.5, 0.35, 0.2))


def staple(picture: Floats, cover: Cover, tall: float, random: Random) -> None:
    """Put a staple or a paper clip with its shadow."""
    x, y = random.uniform(0, len(cover), 2)
    turn, long = random.uniform(0, np.pi), random.uniform(0.8, 2.5) * tall
    end = (round(x + long * np.cos(turn)), round(y + long * np.sin(turn)))
    own, thick = np.zeros_like(cover), max(1, int(0.06 * tall))
    cv2.line(own, (round(x), round(y) + thick), (end[0], end[1] + thick), 255, thick, cv2.LINE_AA)
    _print(picture, cover, own, (0.25, 0.25, 0.25), 0.8)
    own = np.zeros_like(cover)
    cv2.line(own, (round(x), round(y)), end, 255, thick, cv2.LINE_AA)
    _print(picture, cover, own, 3 * (random.uniform(0.5, 0.95),), 0.9)


def holes(picture: Floats, cover: Cover, tall: float, random: Random) -> None:
    """Punch holes along an edge; what lies behind shows, dark or light."""
    own = np.zeros_like(cover)
    x, step = random.uniform(0, len(cover)), random.uniform(2, 6) * tall
    radius = max(2, int(random.uniform(0.3, 1) * tall))
    for y in np.arange(random.uniform(0, 1) * step, len(cover), step):
        cv2.circle(own, (round(x), round(y)), radius, 255, -1, cv2.LINE_AA)
    _print(picture, cover, own, 3 * (random.uniform(0, 1),), 1.0)
    rim = np.zeros_like(cover)
    contours, _ = cv2.findContours(own, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_SIMPLE)
    cv2.drawContours(rim, contours, -1, 255, 1)
    _print(picture, cover, rim, (0.3, 0.3, 0.3), 0.6)


def bars(picture: Floats, cover: Cover, tall: float, random: Random) -> None:
    """Print a bar code, a square one, or blocks that a scanner aligns by."""
    wide, deep = (int(side * tall) + 4 for side in random.uniform(1, 5, 2))
    x, y = (int(value) for value in random.uniform(-0.2, 0.9, 2) * len(cover))
    kind, cell = random.random(), max(1, int(random.uniform(0.04, 0.15) * tall))
    if kind < 0.4:
        small = np.repeat(random.random((1, wide // cell + 1)) < 0.5, deep // cell + 1, 0)
    elif kind < 0.7:
        small = random.random((deep // cell + 1, wide // cell + 1)) < 0.5
    else:
        small = np.ones((1, 1), bool)
    block = np.kron(small, np.ones((cell, cell), np.uint8)) * np.uint8(255)
    if kind >= 0.7:
        block = np.full((max(3, deep // 4), max(3, wide // 4)), 255, np.uint8)
    own = np.zeros_like(cover)
    x, y = max(x, 0), max(y, 0)
    here = own[y : y + len(block), x : x + block.shape[1]]
    here[:] = block[: here.shape[0], : here.shape[1]]
    _print(picture, cover, own, 3 * (random.uniform(0, 0.3),), 0.95)


def logo(picture: Floats, cover: Cover, tall: float, random: Random) -> None:
    """Print filled shapes, as arms and emblems are."""
    own = np.zeros_like(cover)
    middle = random.uniform(0, len(cover), 2)
    for _ in range(int(random.integers(1, 5))):
        corners = random.normal(0, random.uniform(0.3, 1.5) * tall, (int(random.integers(3, 9)), 2))
        exact = [np.rint(middle + corners).astype(np.int32)]
        if random.random() < 0.6:
            cv2.fillPoly(own, exact, 255, cv2.LINE_AA)
        else:
            cv2.polylines(own, exact, True, 255, max(1, int(0.08 * tall)), cv2.LINE_AA)
    _print(picture, cover, own, random.random(3) * 0.8, random.uniform(0.3, 1))


def photo(picture: Floats, cover: Cover, tall: float, random: Random) -> None:
    """Paste a picture: one that is glued or printed on it."""
    wide, deep = (int(side * tall) + 8 for side in random.uniform(2, 8, 2))
    x, y = (int(value) for value in random.uniform(-0.1, 0.8, 2) * len(cover))
    x, y = max(x, 0), max(y, 0)
    here = picture[y : y + deep, x : x + wide]
    if min(here.shape[:2]) > 4:
        here[:] = no_page(max(here.shape[:2]), random)[: here.shape[0], : here.shape[1]]
        cover[y : y + deep, x : x + wide] = 255


CLUTTER: dict[Callable[[Floats, Cover, float, Random], None], float] = {
    stamp: 0.08,
    specks: 0.15,
    blot: 0.05,
    staple: 0.04,
    holes: 0.04,
    bars: 0.06,
    logo: 0.06,
    photo: 0.04,
}


def cluttered(picture: Floats, cover: Cover, tall: float, random: Random) -> None:
    """Put random clutter on a paper, in place; `cover` gets where it is."""
    for kind, often in CLUTTER.items():
        if random.random() < often:
            kind(picture, cover, tall, random)


def _print(
    picture: Floats,
    cover: Cover,
    own: Cover,
    colour: Sequence[float] | npt.NDArray[np.floating],
    strength: float,
) -> None:
    picture[:] = inked(picture, own * np.float32(strength / 255), colour)
    np.maximum(cover, own, out=cover)
