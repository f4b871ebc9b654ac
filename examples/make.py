"""Make the example pictures in this folder, and what the reader should give for each.

    python examples/make.py [FOLDER]

All digits are written by `inkdigits.glyphs.written`, so nobody's handwriting is in them. The same
versions of the packages give the same pictures.
"""

import json
import sys
from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path

import cv2
import numpy as np
import numpy.typing as npt
import torch
from PIL import Image, ImageDraw, ImageFont

from inkdigits.glyphs.pen import Variation
from inkdigits.glyphs.signs import SIGNS
from inkdigits.glyphs.written import draw
from inkdigits.synthesis.lines import beside
from inkdigits.synthesis.writers import by_mark

Floats = npt.NDArray[np.float32]
Colour = tuple[int, int, int]

BLACK, BLUE, PRINT, RULE = (34, 34, 40), (28, 50, 140), (90, 96, 104), (140, 148, 158)
COLUMNS, HIGH = (90, 580, 880, 1310), 104  # of the table of expenses, in pixels
JOURNEYS = (
    ("14/03/2026", "08:45", "12.50"),
    ("15/03/2026", "10:05", "264.27"),
    ("17/03/2026", "7:30", "1,038.00"),
    ("18/03/2026", "", "-200.00"),
    ("21/03/2026", "16:20", "95.40"),
    ("", "", "1,210.17"),
)
HAND = Variation(
    slant=0.06, lean=0.16, looseness=0.26, corners=0.2, pen=0.85, pens=0.04, grain=0.05
)


def main() -> None:
    """Write the pictures and `expected.json`."""
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).parent
    folder.mkdir(parents=True, exist_ok=True)
    expected = {}
    for name, make in (
        ("expenses.jpg", expenses),
        ("form.png", form),
        ("scores.png", scores),
        ("sum.jpg", shopping),
        ("drawing.png", drawing),
    ):
        picture, expected[name] = make(np.random.default_rng(7))
        picture.save(folder / name, quality=82, optimize=True)
    text = json.dumps(expected, indent=2) + "\n"
    (folder / "expected.json").write_text(text, encoding="utf-8")


def expenses(random: np.random.Generator) -> tuple[Image.Image, str]:
    """Return a form with a table of dates, times and amounts, photographed on a desk."""
    canvas = Image.new("RGB", (1400, 980), (252, 251, 246))
    pen = ImageDraw.Draw(canvas)
    pen.text((90, 60), "Travel expenses", PRINT, ImageFont.load_default(size=44))
    small = ImageFont.load_default(size=24)
    pen.text((90, 132), "One line a journey. Keep the receipts for two years.", PRINT, small)
    for column, heading in enumerate(("Date", "Departure", "Amount")):
        left, top = COLUMNS[column], 196
        pen.rectangle((left, top, COLUMNS[column + 1], top + 52), (226, 231, 236), RULE, 3)
        pen.text((left + 18, top + 26), heading, PRINT, small, anchor="lm")
    for row in range(len(JOURNEYS)):
        for left, right in pairwise(COLUMNS):
            pen.rectangle((left, 248 + HIGH * row, right, 248 + HIGH * (row + 1)), None, RULE, 3)
    last = 248 + HIGH * (len(JOURNEYS) - 0.5)
    pen.text((COLUMNS[1] + 18, last), "To be paid", PRINT, small, anchor="lm")
    page = np.asarray(canvas, np.float32)
    for row, texts in enumerate(JOURNEYS):
        for column, text in ((c, text) for c, text in enumerate(texts) if text):
            jump = random.uniform(-4, 4)
            at = COLUMNS[column] + random.uniform(24, 40), 248 + HIGH * (row + 0.72) + jump
            page = noted(page, text, at, 48, 100 + 3 * row + column, BLUE)
    text = "\n".join("\t".join(texts) for texts in JOURNEYS)
    return as_image(on_a_desk(page, random)), text


def form(random: np.random.Generator) -> tuple[Image.Image, str]:
    """Return a form: printed labels, a box a digit, filled in with a blue pen."""
    page = np.full((520, 900, 3), 255, np.float32)
    rows = (("Date", "14", "03", "2026"), ("Number", "5820417"), ("Postcode", "80939"))
    canvas = Image.fromarray(page.astype(np.uint8))
    pen = ImageDraw.Draw(canvas)
    pen.text((60, 40), "Application for membership", PRINT, ImageFont.load_default(size=30))
    boxes: list[tuple[str, int, int]] = []
    for number, (label, *groups) in enumerate(rows):
        top, left = 130 + 125 * number, 250
        pen.text((60, top + 36), label, PRINT, ImageFont.load_default(size=26), anchor="lm")
        for group in groups:
            for digit in group:
                pen.rectangle((left, top, left + 56, top + 72), outline=RULE, width=2)
                boxes.append((digit, left + 28, top + 36))
                left += 66
            left += 22
    page = np.asarray(canvas, np.float32)
    glyphs = written([int(digit) for digit, _, _ in boxes], 46, seed=11)
    for glyph, (_, x, y) in zip(glyphs, boxes, strict=True):
        shift = random.uniform(-3, 3, 2)
        left = round(x + shift[0] - glyph.shape[1] / 2)
        page = inked(page, glyph, left, round(y + shift[1] - glyph.shape[0] / 2), BLUE)
    return as_image(page), "\n".join("".join(groups) for _, *groups in rows)


def scores(random: np.random.Generator) -> tuple[Image.Image, str]:
    """Return a column of scores on ruled paper."""
    numbers = ["128", "94", "207", "65", "311", "186", "42"]
    page = np.full((860, 460, 3), (255, 253, 247), np.float32)
    for top in range(120, 860, 100):
        page[top : top + 2] = (205, 219, 238)
    page[:, 70:72] = (240, 200, 200)
    for row, number in enumerate(numbers):
        right = 330 + random.uniform(-8, 8)
        page = line(page, number, (right, 118 + 100 * row), 60, 20 + row, BLACK)
    return as_image(page), "\n".join(numbers)


def shopping(random: np.random.Generator) -> tuple[Image.Image, str]:
    """Return a shopping sum, photographed: tinted paper, a shadow, a slight turn."""
    numbers = ["349", "1280", "75", "620", "199"]
    total = str(sum(map(int, numbers)))
    high, wide = 960, 700
    page = np.full((high, wide, 3), (244, 236, 214), np.float32)
    for row, number in enumerate([*numbers, total]):
        base = 200 + 105 * row + 30 * (number is total)
        right = 480 + random.uniform(-6, 6)
        page = line(page, number, (right, base), 66, 40 + row, BLUE)
    rule = np.zeros((high, wide), np.uint8)
    under = round(200 + 105 * (len(numbers) - 1) + 28)
    cv2.line(rule, (215, under), (505, under - 4), 255, 5, cv2.LINE_AA)
    page = inked(page, rule.astype(np.float32) / 255, 0, 0, BLUE)
    return as_image(photographed(page, random)), "\n".join([*numbers, total])


def drawing(_: np.random.Generator) -> tuple[Image.Image, str]:
    """Return one digit as a paint program draws it, white on black."""
    hand = Variation(lean=0.05, slant=0, looseness=0.15, pen=1.2, pens=0, pressure=0, grain=0)
    (glyph,) = written([5], 190, seed=5, variation=hand)
    page = np.zeros((280, 280, 3), np.float32)
    left, top = (280 - glyph.shape[1]) // 2 + 8, (280 - glyph.shape[0]) // 2 - 6
    page = inked(page, glyph, left, top, (255, 255, 255))
    return as_image(page).convert("L"), "5"


def written(labels: Sequence[int], tall: int, seed: int, hand: Variation = HAND) -> list[Floats]:
    """Return the ink of `labels`, 0 to 1, each in its own box, about `tall` pixels high."""
    random = torch.Generator().manual_seed(seed)
    # Drawn at twice the size, so that no edge shows its pixels.
    large = draw(torch.tensor(labels), random, hand, way=0, size=round(2 * tall * 28 / 18.4))
    glyphs = []
    for glyph in large.numpy():
        rows, columns = np.flatnonzero(glyph.any(1)), np.flatnonzero(glyph.any(0))
        own = glyph[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
        glyphs.append(cv2.resize(own, None, fx=0.5, fy=0.5, interpolation=cv2.INTER_AREA))
    return glyphs


def line(
    page: Floats, number: str, end: tuple[float, float], tall: int, seed: int, colour: Colour
) -> Floats:
    """Write `number` on `page`; `end` is where its line ends, (right, base)."""
    random = np.random.default_rng(seed)
    x, base = end
    for glyph in reversed(written([int(digit) for digit in number], tall, seed)):
        x -= glyph.shape[1]
        jump = random.uniform(-0.04, 0.04) * tall
        page = inked(page, glyph, round(x), round(base + jump - glyph.shape[0]), colour)
        x -= tall * random.uniform(0.2, 0.3)
    return page


def noted(
    page: Floats, text: str, start: tuple[float, float], tall: int, seed: int, colour: Colour
) -> Floats:
    """Write digits and marks on `page`; `start` is where their line begins, (left, base)."""
    random = np.random.default_rng(seed)
    left, base = start
    before: tuple[int, int, Floats] | None = None
    digits = iter(written([int(sign) for sign in text if sign.isdigit()], tall, seed))
    for sign in text:
        glyph = next(digits) if sign.isdigit() else by_mark(sign, tall, HAND.pen, random)
        lift = 0.0 if sign.isdigit() else SIGNS[sign].lift * tall
        top = round(base + random.uniform(-0.03, 0.03) * tall - lift - glyph.shape[0])
        if before is not None:
            left = beside(before, top, glyph) + tall * random.uniform(0.14, 0.22)
        before = round(left), top, glyph
        page = inked(page, glyph, round(left), top, colour)
    return page


def on_a_desk(page: Floats, random: np.random.Generator) -> Floats:
    """Return `page` as it lies on a desk before a telephone, in the shadow of a hand."""
    high, wide = page.shape[:2]
    corners = np.array([(0, 0), (wide, 0), (wide, high), (0, high)], np.float32)
    seen = np.array([(66, 40), (wide - 44, 26), (wide - 10, high - 22), (26, high - 40)])
    warp = cv2.getPerspectiveTransform(corners, seen.astype(np.float32))
    grain = random.normal(0, 1, (high, 60)).astype(np.float32)
    wood = cv2.resize(cv2.GaussianBlur(grain, (0, 0), 2, sigmaY=1), (wide, high))[..., None]
    desk = np.array((112, 84, 62), np.float32) + 22 * wood
    cover = cv2.warpPerspective(np.ones((high, wide), np.float32), warp, (wide, high))[..., None]
    page = cv2.warpPerspective(page, warp, (wide, high)) * cover + desk * (1 - cover)
    y, x = np.mgrid[0:high, 0:wide].astype(np.float32)
    shadow = 1 / (1 + np.exp((x + 0.8 * y - 620 - 40 * np.sin(y / 90)) / 70))
    light = 1.0 - 0.16 * x / wide - 0.24 * shadow
    noise = random.normal(0, 2.5, page.shape).astype(np.float32)
    return cv2.GaussianBlur(page * light[..., None], (0, 0), 0.8) + noise


def inked(page: Floats, glyph: Floats, left: int, top: int, colour: Colour) -> Floats:
    """Return `page` with `glyph` on it."""
    page = page.copy()
    here = page[top : top + glyph.shape[0], left : left + glyph.shape[1]]
    here += glyph[..., None] * (np.array(colour, np.float32) - here)
    return page


def photographed(page: Floats, random: np.random.Generator) -> Floats:
    """Return `page` as a telephone sees it by the light of a window."""
    high, wide = page.shape[:2]
    turn = cv2.getRotationMatrix2D((wide / 2, high / 2), 2.2, 1.0)
    page = cv2.warpAffine(page, turn, (wide, high), borderMode=cv2.BORDER_REPLICATE)
    y, x = np.mgrid[0:high, 0:wide].astype(np.float32)
    shadow = 1 / (1 + np.exp(-(x + 0.5 * y - 860) / 55))
    light = 1.02 - 0.12 * x / wide - 0.28 * shadow
    fibres = cv2.GaussianBlur(random.normal(0, 9, (high, wide)).astype(np.float32), (0, 0), 1.5)
    noise = random.normal(0, 2, page.shape).astype(np.float32)
    return cv2.GaussianBlur(page * light[..., None], (0, 0), 0.9) + fibres[..., None] + noise


def as_image(page: Floats) -> Image.Image:
    """Return `page` as a picture of bytes."""
    return Image.fromarray(np.rint(page.clip(0, 255)).astype(np.uint8))


if __name__ == "__main__":
    main()
