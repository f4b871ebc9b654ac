"""A picture of a reading: boxes, values and confidences drawn on what was read."""

import io

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from .picture import Source, open_picture
from .reader import Digit, Reading

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
    font = ImageFont.load_default(size=float(np.clip(0.3 * tall, 11, 36)))
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


def png(image: Image.Image) -> bytes:
    """Return `image` as a PNG file."""
    file = io.BytesIO()
    image.save(file, "PNG")
    return file.getvalue()
