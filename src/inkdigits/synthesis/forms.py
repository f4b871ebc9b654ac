"""What is printed for people to write into: rules, combs, tables, fields, marks to fill.

A form draws two covers, one of rules and one of print, and says where writing goes.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import cv2
import numpy as np

from .papers import Random
from .typeset import Cover, label, word

SHIFT = 4


@dataclass(frozen=True)
class Place:
    """Where writing goes: a box in pixels, and how many symbols stand in it at most."""

    left: float
    top: float
    wide: float
    deep: float
    most: int = 0  # 0: as many as there is room for


@dataclass(eq=False)
class Form:
    """What is printed on a scene.

    Attributes
    ----------
    rules, print
        ``(side, side)`` uint8: how much of each pixel is covered.
    places
        Where writing goes.
    """

    rules: Cover
    print: Cover
    places: list[Place] = field(default_factory=list)


@dataclass(frozen=True)
class Style:
    """How the rules of a form are drawn."""

    thick: int
    wave: float  # pixels that knots stray
    tilt: float  # pixels aside for each along it
    dashed: int  # pixels of a dash, 0 if there is none
    double: int  # pixels to a second rule beside, 0 if there is none


def style_of(tall: float, random: Random) -> Style:
    """Return a style for rules beside digits so high."""
    thick = max(
        1, round(tall * float(random.choice((0.015, 0.03, 0.06, 0.12), p=(0.3, 0.4, 0.2, 0.1))))
    )
    wave = float(random.choice((0.0, 0.012, 0.04), p=(0.6, 0.25, 0.15))) * min(tall, 60)
    tilt = float(random.normal(0, 0.02)) if random.random() < 0.3 else 0.0
    dashed = int(tall * random.uniform(0.1, 0.5)) + 2 if random.random() < 0.08 else 0
    double = thick + max(2, int(0.08 * tall)) if random.random() < 0.06 else 0
    return Style(min(thick, 14), wave, tilt, dashed, double)


def rule(
    cover: Cover, begin: Sequence[float], end: Sequence[float], style: Style, random: Random
) -> None:
    """Draw one rule from `begin` to `end`, each (x, y)."""
    first, last = np.asarray(begin, float), np.asarray(end, float)
    length = float(np.abs(last - first).max())
    knots = max(2, round(length / 25)) if style.wave else 2
    points = first + (last - first) * np.linspace(0, 1, knots)[:, None]
    if style.wave:
        points += np.cumsum(random.normal(0, 0.5, (knots, 2)), 0).clip(-2, 2) * style.wave
    aside = np.abs((last - first)[::-1]) / max(length, 1)
    points += (points - first)[:, ::-1] * (-1, 1) * style.tilt
    lines = [points + aside * shift for shift in ((0, style.double) if style.double else (0,))]
    if style.dashed:
        many = np.linspace(0, 1, max(2, int(length / style.dashed) // 2 * 2))[:, None]
        straight = points[0] + (points[-1] - points[0]) * many
        lines = list(straight.reshape(-1, 2, 2))
    exact = [np.rint(line * (1 << SHIFT)).astype(np.int32) for line in lines]
    cv2.polylines(cover, exact, False, 255, style.thick, cv2.LINE_AA, SHIFT)


def blank(form: Form, tall: float, random: Random) -> None:
    """Print nothing: there are lines of writing one below the other."""
    side = len(form.rules)
    pitch = tall * random.uniform(1.25, 3)
    for top in np.arange(random.uniform(-0.5, 0.6) * tall, side, pitch):
        form.places.append(Place(random.uniform(-0.3, 1) * tall, top, side, tall))


def ruled(form: Form, tall: float, random: Random) -> None:
    """Rule paper: one line of writing a rule, or two."""
    side, style = len(form.rules), style_of(tall, random)
    pitch = tall * random.uniform(1.05, 2.6)
    for base in np.arange(random.uniform(0, 1) * pitch, side + pitch, pitch):
        rule(form.rules, (-5, base), (side + 5, base), style, random)
        if random.random() < 0.75:
            lift = random.normal(0.03, 0.08) * tall
            form.places.append(
                Place(random.uniform(-0.3, 1) * tall, base - tall - lift, side, tall)
            )
    if random.random() < 0.3:
        at = random.uniform(0.05, 0.4) * side
        rule(form.rules, (at, -5), (at, side + 5), style, random)


def squared(form: Form, tall: float, random: Random) -> None:
    """Draw squares of a part of a digit's height, or one a digit."""
    side, style = len(form.rules), style_of(tall, random)
    pitch = max(5.0, tall * random.uniform(0.3, 1.3))
    for at in np.arange(random.uniform(0, 1) * pitch, side, pitch):
        rule(form.rules, (at, -5), (at, side + 5), style, random)
        rule(form.rules, (-5, at), (side + 5, at), style, random)
    blank(form, tall, random)


def comb(form: Form, tall: float, random: Random) -> None:
    """Draw rows of cells for a symbol each: joined, apart, nested, or teeth on a line."""
    side, style = len(form.rules), style_of(tall, random)
    inner = Style(1, 0, 0, 0, 0)
    wide, deep = tall * random.uniform(0.8, 1.8), tall * random.uniform(1.05, 1.9)
    gap = tall * random.uniform(0.1, 0.6) if random.random() < 0.35 else 0.0
    # Within a cell there may be a guide to write along: a box, or a figure of eight.
    kind, nested, eight = random.random(), random.random() < 0.3, random.random() < 0.5
    for top in np.arange(
        random.uniform(-0.3, 1) * tall, side, deep + tall * random.uniform(0.05, 2)
    ):
        x = random.uniform(-0.5, 0.3) * side if random.random() < 0.7 else 0.0
        for _ in range(int(random.integers(2, 16))):
            if x > side:
                break
            form.places.append(Place(x, top, wide, deep, 1))
            if kind < 0.2:
                teeth = top + deep * random.uniform(0.6, 0.8)
                rule(form.rules, (x, teeth), (x, top + deep), style, random)
                rule(form.rules, (x, top + deep), (x + wide, top + deep), style, random)
            else:
                _box(form.rules, x, top, wide, deep, style, random)
            if nested:
                guide = x + 0.3 * wide, top + 0.28 * deep, 0.4 * wide, 0.44 * deep
                _box(form.rules, *guide, inner, random)
                if eight:
                    middle = top + 0.5 * deep
                    ends = (guide[0], middle), (guide[0] + guide[2], middle)
                    rule(form.rules, *ends, inner, random)
            x += wide + gap
        if random.random() < 0.4:
            word(
                form.print,
                label(random),
                (x + 0.3 * tall, top + 0.7 * deep),
                tall * random.uniform(0.25, 0.9),
                random,
            )


def _box(
    cover: Cover, x: float, y: float, wide: float, deep: float, style: Style, random: Random
) -> None:
    for begin, end in (
        *(((x, y), (x + wide, y)), ((x, y + deep), (x + wide, y + deep))),
        *(((x, y), (x, y + deep)), ((x + wide, y), (x + wide, y + deep))),
    ):
        rule(cover, begin, end, style, random)


def table(form: Form, tall: float, random: Random) -> None:
    """Draw a table: words at its top and left, numbers elsewhere; some of the walls are missing."""
    side, style = len(form.rules), style_of(tall, random)
    deep = tall * random.uniform(1.1, 2.2)
    widths = tall * random.uniform(1.2, 5, 20)
    at_x = np.cumsum([random.uniform(-1, 1) * tall, *widths])
    at_x = at_x[: int(random.integers(3, 21))]
    at_y = np.arange(random.uniform(-1, 1) * tall, side + deep, deep)[: int(random.integers(3, 40))]
    lying, upright = random.random() < 0.9, random.random() < 0.85
    for y in at_y if lying or not upright else ():
        rule(form.rules, (at_x[0], y), (at_x[-1], y), style, random)
    for x in at_x if upright else ():
        rule(form.rules, (x, at_y[0]), (x, at_y[-1]), style, random)
    first_row, first_column = random.random(2) < 0.4
    for row, y in enumerate(at_y[:-1]):
        for column, x in enumerate(at_x[:-1]):
            printed = (first_row and row == 0) or (first_column and column == 0)
            if printed or random.random() < 0.03:
                size = tall * random.uniform(0.3, 0.8)
                word(form.print, label(random), (x + 0.15 * tall, y + 0.75 * deep), size, random)
            elif random.random() < 0.85:
                form.places.append(Place(x, y, at_x[column + 1] - x, deep, -1))


def fields(form: Form, tall: float, random: Random) -> None:
    """Draw fields to fill in: a label and a line or a box, as forms and cheques have them."""
    side = len(form.rules)
    y = random.uniform(0, 1) * tall
    while y < side:
        style, size = style_of(tall, random), tall * random.uniform(0.25, 1)
        text, deep = label(random), tall * random.uniform(1.1, 2)
        above = random.random() < 0.35
        x = random.uniform(-0.2, 0.5) * side
        wide, _ = word(form.print, text, (x, y + (0.0 if above else 0.85 * deep)), size, random)
        x += 0.0 if above else wide + random.uniform(0.1, 0.6) * tall
        length = random.uniform(2, 9) * tall
        if random.random() < 0.5:
            rule(form.rules, (x, y + deep), (x + length, y + deep), style, random)
        else:
            _box(form.rules, x, y, length, deep, style, random)
        form.places.append(Place(x, y, length, deep, -1))
        y += deep + random.uniform(0.2, 2) * tall


def marks(form: Form, tall: float, random: Random) -> None:
    """Draw a mark sheet: rings, ovals or boxes with a letter or a digit in them, to be filled."""
    side, style = len(form.rules), style_of(tall, random)
    step = tall * random.uniform(1.1, 2.2)
    size, kind = tall * random.uniform(0.35, 0.5), int(random.integers(3))
    names = "ABCDE" if random.random() < 0.5 else "0123456789"
    named = random.random() < 0.7
    for row, y in enumerate(np.arange(0.5 * step, side, step)):
        for column, x in enumerate(
            np.arange(random.uniform(0, 1) * step, side, step)[: int(random.integers(3, 12))]
        ):
            if kind == 2:
                _box(form.rules, x - size, y - size, 2 * size, 2 * size, style, random)
            else:
                axes = (round(size * (1.3 if kind else 1)), round(size * (0.8 if kind else 1)))
                cv2.ellipse(
                    form.rules,
                    (round(x), round(y)),
                    axes,
                    0,
                    0,
                    360,
                    255,
                    min(style.thick, 3),
                    cv2.LINE_AA,
                )
            if named:
                text = names[(column if names == "ABCDE" else row) % len(names)]
                word(form.print, text, (x - 0.35 * size, y + 0.5 * size), size, random)
            if random.random() < 0.2:
                form.places.append(Place(x - size, y - size, 2 * size, 2 * size, -2))


def text(form: Form, tall: float, random: Random) -> None:
    """Print words in lines, here and there a gap that is written into."""
    side, size = len(form.rules), tall * random.uniform(0.3, 1.1)
    for y in np.arange(size, side + size, size * random.uniform(1.5, 2.4)):
        x = random.uniform(-0.3, 0.3) * side
        while x < side:
            if random.random() < 0.12 and size > 0.6 * tall:
                form.places.append(Place(x, y - tall, 3 * tall, tall, -1))
                x += 4 * tall
                continue
            wide, _ = word(form.print, label(random), (x, y), size, random)
            x += wide + 0.4 * size * random.uniform(0.8, 3)


FORMS: dict[Callable[[Form, float, Random], None], float] = {
    blank: 0.19,
    ruled: 0.12,
    squared: 0.06,
    comb: 0.16,
    table: 0.17,
    fields: 0.15,
    marks: 0.05,
    text: 0.1,
}


def printed(side: int, tall: float, random: Random) -> Form:
    """Return a random form for digits `tall` pixels high, ``(side, side)``."""
    form = Form(np.zeros((side, side), np.uint8), np.zeros((side, side), np.uint8))
    kinds = list(FORMS)
    kind = kinds[int(random.choice(len(kinds), p=np.array(list(FORMS.values()))))]
    kind(form, tall, random)
    return form
