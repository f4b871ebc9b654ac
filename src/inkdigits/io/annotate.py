"""Annotated pictures: what was read, drawn on the picture it was read from."""

import io
from collections.abc import Sequence

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from ..document import LeftOut, Page, Symbol
from .picture import Pixels, Placement

READ, REJECTED, LEFT_OUT = (20, 120, 60), (190, 60, 30), (120, 120, 120)
SMALLEST = 480  # pixels of the longer side: labels on a picture of 28 pixels could not be read
Font = ImageFont.ImageFont | ImageFont.FreeTypeFont


def annotated(pixels: Pixels, page: Page, *, left_out: bool = True) -> Image.Image:
    """Return a page with each symbol's outline, its value and how sure it is.

    Parameters
    ----------
    pixels
        What was read: upright, grey or RGB, of any size.
    page
        What was read in it.
    left_out
        Also draw what was left out, thin and grey.
    """
    image = Image.fromarray(pixels).convert("RGB")
    scale = max(1.0, SMALLEST / max(image.size))
    image = image.resize(
        (max(1, round(image.width * scale)), max(1, round(image.height * scale))),
        Image.Resampling.NEAREST if scale > 2 else Image.Resampling.BICUBIC,
    )
    place = Placement.of(page, image.width, image.height)
    boxes = [place.upright(symbol.outline) for symbol in page.symbols]
    tall = float(np.median([bottom - top for _, top, _, bottom in boxes])) if boxes else 0.0
    font = ImageFont.load_default(size=float(np.clip(0.22 * tall, 11, 36)))
    draw = ImageDraw.Draw(image)
    for ink in page.left_out if left_out else ():
        _draw_left_out(draw, ink, place)
    for symbol, box in zip(page.symbols, boxes, strict=True):
        _draw(draw, symbol, box, font)
    return image


def _draw_left_out(draw: ImageDraw.ImageDraw, ink: LeftOut, place: Placement) -> None:
    draw.rectangle(place.upright(ink.outline), outline=LEFT_OUT, width=1)


def _draw(
    draw: ImageDraw.ImageDraw, symbol: Symbol, at: tuple[float, float, float, float], font: Font
) -> None:
    box = at[0] - 2, at[1] - 2, at[2] + 2, at[3] + 2
    colour = READ if symbol.rejection is None else REJECTED
    draw.rectangle(box, outline=colour, width=2)
    label = f"{symbol.text} {symbol.confidence:.0%}" if symbol.value is not None else "?"
    wide, tall = draw.textbbox((0, 0), label, font=font)[2:]
    x = min(max(box[0], 0), max(draw.im.size[0] - wide - 4, 0))
    y = box[1] - tall - 4 if box[1] >= tall + 4 else min(box[3], draw.im.size[1] - tall - 4)
    draw.rectangle((x, y, x + wide + 4, y + tall + 4), fill=colour)
    draw.text((x + 2, y + 1), label, fill=(255, 255, 255), font=font)


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
