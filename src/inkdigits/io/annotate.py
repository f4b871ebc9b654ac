"""Annotated pictures: what was read, drawn on the picture it was read from."""

import io
from collections.abc import Sequence
from itertools import pairwise

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from ..document import Line, Outline, Page, Reason, Symbol, is_shown
from .picture import Pixels, Placement

Colour = tuple[int, int, int]
Edges = tuple[float, float, float, float]  # left, top, right, bottom
Font = ImageFont.ImageFont | ImageFont.FreeTypeFont

READ: Colour = (20, 120, 60)
REJECTED: Colour = (200, 40, 30)
LEFT_OUT: Colour = (120, 120, 120)  # also print beside numbers, which was passed over
CELL: Colour = (70, 120, 200)
SMALLEST = 480  # pixels of the longer side: labels on a picture of 28 pixels could not be read
SMALL = 11  # pixels of what is written beside the symbols
LABELS = {Reason.NOT_A_SYMBOL: "not a digit", Reason.SEVERAL_SYMBOLS: "several digits"}


def annotated(pixels: Pixels, page: Page, *, left_out: bool = True) -> Image.Image:
    """Return a page with the outline, value and confidence of each symbol.

    What the text has a ``"?"`` for is red. Where lines stand in a table, their row and column are
    written beside them as ``R1C2``.

    Parameters
    ----------
    pixels
        What was read: upright, grey or RGB, of any size.
    page
        What was read in it.
    left_out
        Also draw what was left out or passed over, thin and grey, with the reason.
    """
    image = Image.fromarray(pixels).convert("RGB")
    scale = max(1.0, SMALLEST / max(image.size))
    image = image.resize(
        (max(1, round(image.width * scale)), max(1, round(image.height * scale))),
        Image.Resampling.NEAREST if scale > 2 else Image.Resampling.BICUBIC,
    )
    canvas = _Canvas(image, page)
    for line in page.lines:
        if line.cell is not None and line.symbols:
            canvas.draw_cell(line, line.cell)
    for word in (word for line in page.lines for word in line.words):
        if is_shown(word):
            canvas.draw_word(word)
        elif left_out and word[0].rejection is not None:
            canvas.draw_left_out([symbol.outline for symbol in word], word[0].rejection)
    for ink in page.left_out if left_out else ():
        canvas.draw_left_out([ink.outline], ink.reason)
    return image


class _Canvas:
    """A picture on which a page is drawn."""

    def __init__(self, image: Image.Image, page: Page) -> None:
        self.draw = ImageDraw.Draw(image)
        self.size = image.size
        self.place = Placement.of(page, *image.size)
        heights = [box[3] - box[1] for box in map(self.box, ([s.outline] for s in page.symbols))]
        tall = float(np.median(heights)) if heights else 0.0
        self.font: Font = ImageFont.load_default(size=float(np.clip(0.22 * tall, SMALL, 36)))
        self.small: Font = ImageFont.load_default(size=SMALL)

    def box(self, outlines: Sequence[Outline]) -> Edges:
        """Return what holds all `outlines`, upright."""
        return self.place.upright(tuple(point for outline in outlines for point in outline))

    def draw_word(self, word: Sequence[Symbol]) -> None:
        boxes = [_wider(self.box([symbol.outline]), 2) for symbol in word]
        rooms = [after[0] - box[0] for box, after in pairwise(boxes)]
        for symbol, box, room in zip(word, boxes, [*rooms, np.inf], strict=True):
            colour = READ if symbol.rejection is None else REJECTED
            self.draw.rectangle(box, outline=colour, width=2)
            label, font = self._label(symbol, room)
            x, y, wide, tall = self._above(box, label, font)
            self.draw.rectangle((x, y, x + wide, y + tall), fill=colour)
            self.draw.text((x + 2, y + 1), label, fill=(255, 255, 255), font=font)

    def _label(self, symbol: Symbol, room: float) -> tuple[str, Font]:
        """Return what is said of a symbol, so large that it leaves the next one's place free."""
        if symbol.value is None:
            return symbol.text, self.font
        said = f"{symbol.text} {rounded(symbol.confidence)}"
        for font in (self.font, self.small):
            if self.draw.textlength(said, font=font) + 4 < room:
                return said, font
        return symbol.text, self.font

    def draw_left_out(self, outlines: Sequence[Outline], reason: Reason) -> None:
        box = self.box(outlines)
        self.draw.rectangle(box, outline=LEFT_OUT, width=1)
        label = LABELS.get(reason, reason.value.replace("_", " "))
        x, y, _, _ = self._above(box, label, self.small)
        self.draw.text((x, y), label, fill=LEFT_OUT, font=self.small)

    def draw_cell(self, line: Line, cell: tuple[int, int]) -> None:
        box = _wider(self.box([symbol.outline for symbol in line.symbols]), 5)
        self.draw.rectangle(box, outline=CELL, width=1)
        label = f"R{cell[0] + 1}C{cell[1] + 1}"
        wide, tall = self.draw.textbbox((0, 0), label, font=self.small)[2:]
        at = min(box[2] + 3, self.size[0] - wide - 1), min(box[3] - tall, self.size[1] - tall - 1)
        self.draw.text(at, label, fill=CELL, font=self.small)

    def _above(self, box: Edges, label: str, font: Font) -> Edges:
        """Return place and size of a label: above `box`, or below where there is no room."""
        wide, tall = (side + 4 for side in self.draw.textbbox((0, 0), label, font=font)[2:])
        x = min(max(box[0], 0), max(self.size[0] - wide, 0))
        y = box[1] - tall if box[1] >= tall else min(box[3], self.size[1] - tall)
        return x, y, wide, tall


def _wider(box: Edges, by: float) -> Edges:
    return box[0] - by, box[1] - by, box[2] + by, box[3] + by


def rounded(confidence: float) -> str:
    """Return a confidence in whole percent, never as certainty: ``">99%"``."""
    return ">99%" if confidence > 0.995 else f"{confidence:.0%}"


def stacked(images: Sequence[Image.Image]) -> Image.Image:
    """Return the pages of a document one under the other."""
    if len(images) == 1:
        return images[0]
    width, height = max(i.width for i in images), sum(i.height for i in images)
    whole = Image.new("RGB", (width, height), "white")
    top = 0
    for image in images:
        whole.paste(image, (0, top))
        top += image.height
    return whole


def png(image: Image.Image, *, fast: bool = False) -> bytes:
    """Return `image` as a PNG file; if `fast`, a larger one."""
    file = io.BytesIO()
    image.save(file, "PNG", compress_level=1 if fast else 6)
    return file.getvalue()
