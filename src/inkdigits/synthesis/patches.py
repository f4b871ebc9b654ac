"""Patches of pages whose every pixel is known: handwriting, rules, print and other, or paper.

A scene is larger than a patch, drawn at the size it is seen at, and cut into several patches, each
turned, scaled, lit and photographed in its own way.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

from .clutter import cluttered
from .forms import Form, Place, printed
from .handwriting import PenStyle, random_style, write
from .light import lit, taken
from .papers import Floats, Random, inked
from .people import People
from .scrawls import cross, drawn, scrawl, scribble
from .surfaces import board, no_page, paper, surroundings
from .typeset import label, word

Pixels = npt.NDArray[np.uint8]
Colour = Sequence[float] | npt.NDArray[np.floating]

PAPER, HANDWRITING, RULE, OTHER = range(4)
CLASSES = ("paper", "handwriting", "rule", "print and other")
SIDE = 256  # pixels of a patch
SCENES = (320, 544)  # pixels of a scene's side
FROM_ONE = 3  # patches that are cut out of a scene
TALL = (8.0, 400.0)  # pixels that digits are high
MOST = 40  # pieces of writing in a scene
UPRIGHT = 0.3  # of the digits of combs are further 1s, which are so like their walls
IN_CELLS = 0.15  # of the digits of cells and fields are
COVERED = 70  # of 255: a pixel that is covered by so much belongs to what covers it
INKS = (
    *(
        (0.05, 0.05, 0.07),
        (0.05, 0.05, 0.07),
        (0.1, 0.15, 0.55),
        (0.1, 0.15, 0.55),
        (0.2, 0.3, 0.75),
    ),
    *((0.75, 0.1, 0.12), (0.1, 0.45, 0.2), (0.35, 0.35, 0.38), (0.85, 0.2, 0.5), (0.35, 0.2, 0.55)),
)
PRINTS = (
    (0.05, 0.05, 0.05),
    (0.35, 0.35, 0.35),
    (0.6, 0.6, 0.6),
    (0.2, 0.3, 0.6),
    (0.85, 0.3, 0.25),
)
DROP_OUT = (
    (0.95, 0.5, 0.4),
    (0.5, 0.75, 0.95),
    (0.5, 0.85, 0.6),
    (0.95, 0.75, 0.45),
    (0.4, 0.2, 0.2),
)


@dataclass(frozen=True, eq=False)
class Scene:
    """A piece of a page before there is light.

    Attributes
    ----------
    picture
        ``(side, side, 3)`` float32, 0 to 1.
    covers
        ``(side, side, 3)`` uint8: how much handwriting, rules, print and other cover each pixel.
    """

    picture: Floats
    covers: Pixels


def batch(size: int, random: Random, people: People | None = None) -> tuple[Pixels, Pixels]:
    """Return `size` patches and the class of each of their pixels.

    Parameters
    ----------
    size
        How many patches.
    random
        Source of chance: the same gives the same patches.
    people
        Whose digits are written beside those of pens; by default nobody's.

    Returns
    -------
    tuple
        ``(N, 3, 256, 256)`` uint8, and ``(N, 256, 256)`` uint8 of `CLASSES`.
    """
    pictures = np.empty((size, 3, SIDE, SIDE), np.uint8)
    classes = np.empty((size, SIDE, SIDE), np.uint8)
    made: Scene | None = None
    for number in range(size):
        if made is None or number % FROM_ONE == 0:
            made = scene(random, people)
        picture, classes[number] = patch(made, random)
        pictures[number] = picture.transpose(2, 0, 1)
    return pictures, classes


def scene(random: Random, people: People | None = None) -> Scene:
    """Return a scene: paper or none, a form, writing, clutter, what lies beside it."""
    side = int(random.integers(*SCENES))
    if random.random() < 0.05:
        return Scene(no_page(side, random), np.zeros((side, side, 3), np.uint8))
    tall = float(np.exp(random.uniform(*np.log(TALL))))
    if random.random() < 0.5:
        tall = float(np.exp(random.normal(np.log(38), 0.45)).clip(*TALL))
    form = printed(side, tall, random)
    ink, second = (np.zeros((side, side), np.float32) for _ in range(2))
    if random.random() < 0.93:
        _written(form, (ink, second), tall, random, people)
    light = random.random() < 0.12
    made = _on_board(form, ink, random) if light else _on_paper(form, (ink, second), tall, random)
    if not light and random.random() < 0.12:
        made = _lying(made, random)
    return made


def _written(
    form: Form, inks: tuple[Floats, Floats], tall: float, random: Random, people: People | None
) -> None:
    """Write into the places of a form, in one hand or, here and there, another."""
    style = random_style(random)
    places = [form.places[at] for at in random.permutation(len(form.places))[:MOST]]
    copied = people is not None and random.random() < 0.2
    scrawls = float(random.choice((0.0, 0.1, 0.5), p=(0.5, 0.3, 0.2)))
    left = MOST
    for place in places:
        end, x = place.left + place.wide, place.left
        while left > 0 and x < min(end, len(inks[0])):
            left -= 1
            layer = inks[int(random.random() < 0.05)]
            if place.most == -2 or random.random() < scrawls:
                piece = (
                    _mark(place, style, tall, random)
                    if place.most
                    else scrawl(tall, style.pen, random)
                )
            else:
                by = people.write if people is not None and copied else write
                piece = by(
                    _number(place, tall, random), style, tall * random.uniform(0.8, 1.1), random
                ).ink
            _place(layer, piece, place, x, tall, random)
            if place.most:
                break
            x += piece.shape[1] + tall * random.uniform(0.2, 4)


def _number(place: Place, tall: float, random: Random) -> str:
    """Return what is written: digits, some marks, now and then a letter."""
    room = max(1, int(place.wide / (0.75 * tall)))
    most = 1 if place.most == 1 else min(room, 9)
    count = int(random.integers(1, most + 1))
    text = "".join(map(str, random.integers(10, size=count)))
    if most == 1 and random.random() < UPRIGHT:
        return "1"
    if place.most:
        text = "".join("1" if random.random() < IN_CELLS else digit for digit in text)
    if most > 1 and random.random() < 0.35:
        at = int(random.integers(0, count + 1))
        text = text[:at] + ".,-/:+%=— "[int(random.integers(10))] + text[at:]
    if random.random() < 0.06:
        text = "".join(random.choice(list("ACEFHKLMNPRTUVWXadefhkmnprtuvwx"), min(count, 5)))
    return text.strip() or "0"


def _mark(place: Place, style: PenStyle, tall: float, random: Random) -> Floats:
    """Return what fills or crosses a cell or a mark."""
    strokes = (cross if random.random() < 0.5 else scribble)(random)
    return drawn(strokes, min(place.deep, tall) * random.uniform(0.7, 1.2), style.pen)


def _place(ink: Floats, piece: Floats, place: Place, x: float, tall: float, random: Random) -> None:
    """Put a piece of writing where it belongs, somewhat untidily."""
    deep, wide = piece.shape
    room = place.wide - wide if place.most else 0.0
    left = round(x + (room * random.uniform(0, 1) if room > 0 else 0.5 * room))
    left += round(random.normal(0, 0.06) * tall)
    slack = place.deep - deep
    top = round(place.top + slack * random.uniform(0.3, 1) + random.normal(0, 0.08) * tall)
    upper, first = max(top, 0), max(left, 0)
    here = ink[upper : max(top + deep, 0), first : max(left + wide, 0)]
    if here.size:
        own = piece[upper - top :, first - left :][: here.shape[0], : here.shape[1]]
        np.maximum(here, own, out=here)


def _on_paper(form: Form, inks: tuple[Floats, Floats], tall: float, random: Random) -> Scene:
    side = len(form.rules)
    ink, second = inks
    clean = random.random() < 0.15
    picture = np.ones((side, side, 3), np.float32) if clean else paper(side, tall, random)
    if random.random() < 0.06:
        picture = _through(picture, ink, tall, random)
    rules = form.rules * np.float32(random.uniform(0.35, 1) / 255)
    if random.random() < 0.3:
        rules = _worn(rules, random)
    palette = DROP_OUT if random.random() < 0.3 else PRINTS
    rule_colour = np.array(palette[random.integers(len(palette))])
    picture = _pressed(picture, rules, rule_colour)
    print_colour: Colour = (
        rule_colour if random.random() < 0.5 else PRINTS[random.integers(len(PRINTS))]
    )
    if random.random() < 0.35:
        _headed(form, tall, random)
    picture = _pressed(picture, form.print * np.float32(random.uniform(0.5, 1) / 255), print_colour)
    covers = np.stack([np.zeros_like(form.rules), form.rules, form.print], -1)
    if not clean:
        other = np.ascontiguousarray(covers[..., 2])
        cluttered(picture, other, tall, random)
        covers[..., 2] = other
    colour = INKS[random.integers(len(INKS))]
    strength = random.uniform(0.75, 1) if random.random() < 0.8 else random.uniform(0.45, 0.75)
    if random.random() < 0.05:  # a carbon copy: violet grey, soft
        ink = np.asarray(cv2.GaussianBlur(ink, (0, 0), 0.5 + 0.03 * tall), np.float32)
        colour, strength = (0.4, 0.38, 0.55), random.uniform(0.5, 0.9)
    shown = _worn(ink, random) if random.random() < 0.25 else ink
    picture = _pressed(picture, shown * np.float32(strength), colour)
    if second.any():
        picture = _pressed(picture, second, INKS[random.integers(len(INKS))])
    np.maximum(ink, second, out=ink)
    covers[..., 0] = np.rint(ink * 255)
    return Scene(picture, covers)


def _on_board(form: Form, ink: Floats, random: Random) -> Scene:
    """Return chalk on a board, or light on a dark screen."""
    picture = board(len(ink), random)
    bright = np.array((1.0, 1.0, 1.0)) * random.uniform(0.6, 1)
    if random.random() < 0.2:
        bright = bright * random.uniform(0.5, 1, 3)
    if random.random() < 0.5:
        form.rules[:] = 0
    if random.random() < 0.8:
        form.print[:] = 0
    picture = inked(picture, form.rules * np.float32(random.uniform(0.1, 0.6) / 255), bright)
    picture = inked(picture, form.print * np.float32(0.8 / 255), bright)
    shown = _worn(ink, random) if random.random() < 0.4 else ink
    covers = np.stack([np.rint(ink * 255).astype(np.uint8), form.rules, form.print], -1)
    return Scene(inked(picture, shown * np.float32(random.uniform(0.5, 1)), bright), covers)


def _pressed(picture: Floats, cover: Floats, colour: Colour) -> Floats:
    """Return a picture under ink that takes light away, as ink on paper does."""
    # Channel by channel: broadcasting over the last axis takes three times as long.
    passed = cv2.merge([1 - cover * np.float32(1 - channel) for channel in colour])
    return np.asarray(cv2.multiply(picture, passed), np.float32)


def _worn(cover: Floats, random: Random) -> Floats:
    """Return ink or print that is paler here and there, down to nothing."""
    knots = len(cover) // int(random.integers(4, 40)) + 2
    small = random.random((knots, knots)).astype(np.float32)
    wear = cv2.resize(small * random.uniform(1, 3) + random.uniform(0, 0.4), cover.shape[::-1])
    return np.asarray(cover * wear.clip(0.15, 1), np.float32)


def _through(picture: Floats, ink: Floats, tall: float, random: Random) -> Floats:
    """Return paper through which the writing of its other side shows."""
    other = np.roll(ink[:, ::-1], int(0.8 * tall), axis=0)
    other = np.asarray(cv2.GaussianBlur(other, (0, 0), 0.5 + 0.03 * tall), np.float32)
    return inked(
        picture, np.asarray(other * random.uniform(0.05, 0.2), np.float32), (0.3, 0.3, 0.4)
    )


def _headed(form: Form, tall: float, random: Random) -> None:
    """Print words here and there, of any size."""
    side = len(form.print)
    for _ in range(int(random.integers(1, 5))):
        size = tall * float(np.exp(random.normal(0, 0.6)))
        at = (random.uniform(-0.2, 0.9, 2) * side).tolist()
        word(form.print, label(random), at, min(size, 200), random)


def _lying(made: Scene, random: Random) -> Scene:
    """Return a scene in which the paper ends and something else begins."""
    side = len(made.picture)
    turn, middle = random.uniform(0, 2 * np.pi), random.uniform(0.15, 0.85, 2) * side
    along = np.array([np.cos(turn), np.sin(turn)])
    aside = np.array([-along[1], along[0]])
    far = 2 * side
    corners = np.array([middle - far * along, middle + far * along])
    if random.random() < 0.4:
        corners = np.array([middle, middle + far * along])
    corners = np.concatenate([corners, corners[::-1] + far * aside])
    beyond = np.zeros((side, side), np.uint8)
    cv2.fillPoly(beyond, [np.rint(corners).astype(np.int32)], 255, cv2.LINE_AA)
    picture = made.picture
    if random.random() < 0.5:  # the paper throws a shadow, or stands up a little
        rim = cv2.GaussianBlur(beyond, (0, 0), random.uniform(1, 8))
        picture = picture * (1 - rim * np.float32(random.uniform(0, 0.3) / 255))[..., None]
    cover = beyond.astype(np.float32)[..., None] / 255
    picture = picture + cover * (surroundings(side, random) - picture)
    covers = np.asarray(np.rint(made.covers * (1 - cover)), np.uint8)
    return Scene(np.asarray(picture, np.float32), covers)


def patch(made: Scene, random: Random) -> tuple[Pixels, Pixels]:
    """Return a patch of a scene as it is seen, ``(256, 256, 3)``, and its classes."""
    side = len(made.picture)
    scale = float(np.exp(random.normal(0, 0.22)).clip(0.6, 1.8))
    scale = max(scale, SIDE / side)
    angle = float(random.normal(0, 2.5)) if random.random() < 0.5 else 0.0
    if random.random() < 0.06:
        angle = float(random.uniform(-45, 45))
    reach = 0.5 * SIDE / scale
    middle = _middle(made, reach, random)
    corners = np.array([(-1, -1), (1, -1), (1, 1), (-1, 1)], np.float32) * np.float32(reach)
    turn = np.deg2rad(angle)
    matrix = np.array([[np.cos(turn), np.sin(turn)], [-np.sin(turn), np.cos(turn)]], np.float32)
    corners = corners @ matrix
    if random.random() < 0.2:
        corners += random.normal(0, 0.06 * reach, (4, 2)).astype(np.float32)
    ends = np.array([(0, 0), (SIDE, 0), (SIDE, SIDE), (0, SIDE)], np.float32)
    warp = cv2.getPerspectiveTransform((corners + middle).astype(np.float32), ends)
    quarters = int(random.integers(1, 4)) if random.random() < 0.08 else 0
    seen = np.asarray(_warped(made.picture, warp, quarters), np.float32)
    covers = np.asarray(_warped(made.covers, warp, quarters), np.uint8)
    if random.random() < 0.6:
        seen = lit(seen, random)
    if random.random() < 0.06:
        seen = np.asarray(1 - seen, np.float32)
    if random.random() < 0.93:
        return taken(seen, random), classes_of(covers)
    return np.rint(seen.clip(0, 1) * 255).astype(np.uint8), classes_of(covers)


def _warped(
    layer: Floats | Pixels, warp: cv2.typing.MatLike, quarters: int
) -> npt.NDArray[np.generic]:
    seen = cv2.warpPerspective(layer, warp, (SIDE, SIDE), borderMode=cv2.BORDER_REFLECT_101)
    return np.ascontiguousarray(np.rot90(seen, quarters))


def _middle(made: Scene, reach: float, random: Random) -> npt.NDArray[np.float64]:
    """Return where a patch is cut out, (x, y): mostly where somebody wrote."""
    side = len(made.picture)
    if side <= 2 * reach:
        return np.full(2, side / 2)
    if random.random() < 0.75:
        rows, columns = np.nonzero(made.covers[::8, ::8, 0] > COVERED)
        if len(rows):
            at = int(random.integers(len(rows)))
            near = np.array([8 * columns[at], 8 * rows[at]]) + random.uniform(-reach, reach, 2)
            return np.asarray(near.clip(reach, side - reach), np.float64)
    return np.asarray(random.uniform(reach, side - reach, 2), np.float64)


def classes_of(covers: Pixels) -> Pixels:
    """Return the class of each pixel: handwriting before print, print before rules."""
    found = np.zeros(covers.shape[:2], np.uint8)
    for kind, at in ((RULE, 1), (OTHER, 2), (HANDWRITING, 0)):
        found[covers[..., at] > COVERED] = kind
    return found
