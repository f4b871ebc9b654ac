"""Pictures of a reading: boxes and values on what was read, and the way from paper to 28×28."""

import io

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from .ink import brightness, find_ink
from .parts import find_parts
from .picture import Source, open_picture
from .reading import Digit, Reading

PANEL = 300  # pixels across
STAGE = 800  # pixels of the longer side of a stage, at most
COLOURS = ((31, 90, 160), (200, 90, 30), (20, 130, 80), (150, 60, 150), (170, 130, 20))
READ, REFUSED = (20, 120, 60), (190, 60, 30)


def annotated(source: Source, reading: Reading) -> Image.Image:
    """Return the picture with each digit's box, its value and how sure it is.

    Parameters
    ----------
    source
        The picture that `reading` is of.
    reading
        What was read.

    Raises
    ------
    PictureError
        If it cannot be opened any more.
    """
    picture = open_picture(source)
    image = Image.fromarray(picture.pixels).convert("RGB")
    scale = max(1.0, 480 / max(image.size))  # labels on a picture of 28 pixels could not be read
    image = image.resize(
        (max(1, round(image.width * scale)), max(1, round(image.height * scale))),
        Image.Resampling.NEAREST if scale > 2 else Image.Resampling.BICUBIC,
    )
    across, down = image.width / picture.width, image.height / picture.height
    draw = ImageDraw.Draw(image)
    heights = [digit.box[3] * down for digit in reading.digits]
    tall = float(np.median(heights)) if heights else 0.0
    font = ImageFont.load_default(size=float(np.clip(0.22 * tall, 11, 36)))
    for digit in reading.digits:
        _draw(draw, digit, across, down, font)
    return image


def _draw(
    draw: ImageDraw.ImageDraw,
    digit: Digit,
    across: float,
    down: float,
    font: ImageFont.ImageFont | ImageFont.FreeTypeFont,
) -> None:
    left, top, width, height = digit.box
    box = left * across - 2, top * down - 2, (left + width) * across + 2, (top + height) * down + 2
    colour = READ if digit.refusal is None else REFUSED
    draw.rectangle(box, outline=colour, width=2)
    label = f"{digit.text} {digit.confidence:.0%}" if digit.value is not None else "?"
    wide, tall = draw.textbbox((0, 0), label, font=font)[2:]
    x = min(max(box[0], 0), max(draw.im.size[0] - wide - 4, 0))
    y = box[1] - tall - 4 if box[1] >= tall + 4 else min(box[3], draw.im.size[1] - tall - 4)
    draw.rectangle((x, y, x + wide + 4, y + tall + 4), fill=colour)
    draw.text((x + 2, y + 1), label, fill=(255, 255, 255), font=font)


def steps(source: Source, reading: Reading) -> Image.Image:
    """Return the way of a picture: as it came, its ink, its parts, its digits, what was seen.

    Parameters
    ----------
    source
        The picture that `reading` is of.
    reading
        What was read.

    Raises
    ------
    PictureError
        If it cannot be opened any more.
    """
    picture = open_picture(source)
    ink = find_ink(picture.pixels)
    parts, _ = find_parts(ink.map)
    coloured = np.full((*ink.map.shape, 3), 255, np.uint8)
    for number, part in enumerate(parts):
        here = coloured[part.top : part.bottom, part.left : part.right]
        here[part.ink > 0.3] = COLOURS[number % len(COLOURS)]
    panels = {
        "the picture": Image.fromarray(picture.pixels).convert("RGB"),
        "its ink": Image.fromarray(np.uint8(255 - 255 * ink.map)).convert("RGB"),
        "its parts": Image.fromarray(coloured),
        "its digits": annotated(source, reading),
        "what the network saw": _seen(reading),
    }
    return _side_by_side(panels)


def stages(source: Source) -> dict[str, Image.Image]:
    """Return a picture as the reader works on it: its ``"grey"``, and its ``"ink"`` on paper.

    Parameters
    ----------
    source
        The picture.

    Raises
    ------
    PictureError
        If it cannot be opened.
    """
    pixels = open_picture(source).pixels
    images = {"grey": brightness(pixels), "ink": np.uint8(255 - 255 * find_ink(pixels).map)}
    drawn = {name: Image.fromarray(values) for name, values in images.items()}
    for image in drawn.values():
        image.thumbnail((STAGE, STAGE))
    return drawn


def _seen(reading: Reading) -> Image.Image:
    """Return the 28×28 of each digit, a line of text a row."""
    rows = max((digit.line for digit in reading.digits), default=0) + 1
    columns = max((sum(d.line == line for d in reading.digits) for line in range(rows)), default=1)
    sheet = np.zeros((30 * rows, 30 * max(columns, 1)), np.uint8)
    place = [0] * rows
    for digit in reading.digits:
        top, left = 30 * digit.line + 1, 30 * place[digit.line] + 1
        sheet[top : top + 28, left : left + 28] = digit.seen
        place[digit.line] += 1
    return Image.fromarray(sheet).convert("RGB")


def _side_by_side(panels: dict[str, Image.Image]) -> Image.Image:
    font = ImageFont.load_default(size=16)
    tall = max(round(PANEL * image.height / image.width) for image in panels.values())
    tall = min(tall, 2 * PANEL)
    page = Image.new("RGB", ((PANEL + 12) * len(panels) + 12, tall + 44), "white")
    draw = ImageDraw.Draw(page)
    for number, (title, image) in enumerate(panels.items()):
        scale = min(PANEL / image.width, tall / image.height)
        size = max(1, round(image.width * scale)), max(1, round(image.height * scale))
        x = 12 + number * (PANEL + 12)
        draw.text((x, 8), title, fill="black", font=font)
        page.paste(image.resize(size, Image.Resampling.LANCZOS), (x, 32))
        draw.rectangle((x - 1, 31, x + size[0], 32 + size[1]), outline=(200, 200, 200))
    return page


def png(image: Image.Image) -> bytes:
    """Return `image` as a PNG file."""
    file = io.BytesIO()
    image.save(file, "PNG")
    return file.getvalue()
