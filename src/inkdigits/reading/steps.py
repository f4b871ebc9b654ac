"""The way from a picture to symbols, drawn from what was found on it: nothing is found again."""

from collections.abc import Sequence

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from ..document import SIDE, Page
from ..errors import InkdigitsError
from ..io.annotate import annotated
from ..io.picture import Pixels
from ..segmentation.components import Component
from ..segmentation.ink import brightness
from .read import PageTrace

PANEL = 300  # pixels across
STAGE = 800  # pixels of the longer side of a stage, at most
LAYER = 480  # pixels of the longer side of a layer, at most: it is coarse
LAYERS = {"handwriting": (30, 136, 84), "rules": (52, 120, 205), "other": (204, 102, 20)}
SHADES = 8  # of a layer; more would only take more bytes
COLOURS = ((31, 90, 160), (200, 90, 30), (20, 130, 80), (150, 60, 150), (170, 130, 20))


def steps(trace: PageTrace) -> Image.Image:
    """Return a page as it came, its ink, its components, its symbols, what the network saw.

    Raises
    ------
    InkdigitsError
        If the intermediate pictures were not kept.
    """
    pixels, ink = _kept(trace)
    return _side_by_side(
        {
            "the picture": Image.fromarray(pixels).convert("RGB"),
            "its ink": Image.fromarray(255 - ink).convert("RGB"),
            "its components": _coloured(ink.shape, trace.components),
            "its digits": annotated(pixels, trace.page),
            "what the network saw": _seen(trace.page),
        }
    )


def stages(trace: PageTrace) -> dict[str, Image.Image]:
    """Return a page as the reader worked on it: its ``"grey"``, and its ``"ink"`` on paper.

    Raises
    ------
    InkdigitsError
        If the intermediate pictures were not kept.
    """
    pixels, ink = _kept(trace)
    images = {"grey": brightness(pixels), "ink": np.asarray(255 - ink, np.uint8)}
    drawn = {name: Image.fromarray(values) for name, values in images.items()}
    for image in drawn.values():
        image.thumbnail((STAGE, STAGE))
    return drawn


def layers(trace: PageTrace) -> dict[str, Image.Image]:
    """Return what the pixels of a page were taken for, by the names in `LAYERS`.

    Each is a colour on nothing, the fuller the surer. Empty if no finder looked.
    """
    drawn = {}
    found = () if trace.page_map is None else trace.page_map.layers
    for (name, colour), layer in zip(LAYERS.items(), found, strict=False):
        sure = Image.fromarray(layer)
        sure.thumbnail((LAYER, LAYER))
        step = 256 // SHADES
        drawn[name] = Image.new("RGB", sure.size, colour)
        drawn[name].putalpha(Image.fromarray(np.asarray(sure) // step * step))
    return drawn


def _kept(trace: PageTrace) -> tuple[Pixels, Pixels]:
    if trace.pixels is None or trace.ink is None:
        raise InkdigitsError("No intermediate pictures were kept: read with Reader.trace.")
    return trace.pixels, trace.ink


def _coloured(shape: tuple[int, ...], components: Sequence[Component]) -> Image.Image:
    coloured = np.full((*shape, 3), 255, np.uint8)
    for number, part in enumerate(components):
        here = coloured[part.top : part.bottom, part.left : part.right]
        here[part.ink > 0.3] = COLOURS[number % len(COLOURS)]
    return Image.fromarray(coloured)


def _seen(page: Page) -> Image.Image:
    """Return what the network saw of each symbol, a line of text a row."""
    cell = SIDE + 2
    columns = max((len(line.symbols) for line in page.lines), default=1)
    sheet = np.zeros((cell * max(len(page.lines), 1), cell * columns), np.uint8)
    for row, line in enumerate(page.lines):
        for column, symbol in enumerate(line.symbols):
            top, left = cell * row + 1, cell * column + 1
            if symbol.network_input is not None:
                sheet[top : top + SIDE, left : left + SIDE] = symbol.network_input
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
