"""The way from a picture to symbols, drawn from what was found on it: nothing is found again."""

import math
from collections.abc import Sequence

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from ..alphabet import PAGE_COLOURS, UNKNOWN
from ..document import SIDE, Page
from ..errors import InkdigitsError
from ..io.annotate import annotated, rounded, stacked
from ..io.picture import Pixels
from ..segmentation.components import Component
from ..segmentation.ink import brightness
from .line_trace import LineTrace
from .read import PageTrace

PANEL = 300  # pixels across
STAGE = 800  # pixels of the longer side of a stage, at most
LAYER = 480  # pixels of the longer side of a layer, at most: it is coarse
LAYERS = dict(zip(("handwriting", "rules", "other"), PAGE_COLOURS[1:], strict=True))
SHADES = 8  # of a layer; more would only take more bytes
LINES = 4  # that are drawn as two readers see them: the least sure
ENLARGED, MOST_REDUCED = 1.5, 0.5  # of a strip, so that all that is written above it can be seen
BESIDE, TEXT_HEIGHT = 140, 24  # pixels beside a strip, and above and below it, for texts
GREY, GREEN, RED = (110, 110, 110), (20, 130, 80), (190, 40, 40)
COLOURS = ((31, 90, 160), (200, 90, 30), (20, 130, 80), (150, 60, 150), (170, 130, 20))


def steps(trace: PageTrace) -> Image.Image:
    """Return a page on its way: as it came, what its pixels are, its ink, components and symbols.

    Below stand the numbers that are least sure, each with what two readers say of it.

    Raises
    ------
    InkdigitsError
        If the intermediate pictures were not kept.
    """
    pixels, ink = _kept(trace)
    panels = {"picture": Image.fromarray(pixels).convert("RGB")}
    if trace.page_map is not None:
        panels["pixel classes"] = _classes(trace)
    panels |= {
        "ink": Image.fromarray(255 - ink).convert("RGB"),
        "components": _coloured(ink.shape, trace.components),
        "symbols": annotated(pixels, trace.page),
        "network inputs": _seen(trace.page),
    }
    above = _side_by_side(panels)
    numbers = [line for line in trace.lines if _is_number(line)]
    doubtful = sorted(numbers, key=lambda line: line.confidence)[:LINES]
    drawn = [_two_readers(line, above.width) for line in trace.lines if line in doubtful]
    return stacked([above, *_in_rows(drawn, above.width)])


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


def _classes(trace: PageTrace) -> Image.Image:
    """Return what a finder takes the pixels of a page for, each class in its colour."""
    drawn = layers(trace)
    size = next(iter(drawn.values())).size
    whole = Image.new("RGB", size, "white")
    for layer in drawn.values():
        whole.paste(layer, (0, 0), layer)
    return whole


def _is_number(line: LineTrace) -> bool:
    """Whether both readers take most of a line for symbols: words are no numbers."""
    return all(
        2 * sum(name == UNKNOWN for _, name in placed) <= len(placed)
        for placed in (line.by_components, line.by_network)
    )


def _two_readers(line: LineTrace, widest: int) -> Image.Image:
    """Return the strip of a line, above it what is read by components, below what by the network.

    What both together say stands beside it.
    """
    font = ImageFont.load_default(size=16)
    text = f"{line.text}   {rounded(line.confidence)}"
    right = BESIDE + math.ceil(font.getlength(text))
    strip = Image.fromarray(line.strip.pixels).convert("RGB")
    scale = max(MOST_REDUCED, min(ENLARGED, (widest - BESIDE - right) / strip.width))
    size = max(1, round(strip.width * scale)), max(1, round(strip.height * scale))
    row = Image.new("RGB", (BESIDE + size[0] + right, size[1] + 2 * TEXT_HEIGHT + 12), "white")
    row.paste(strip.resize(size, Image.Resampling.LANCZOS), (BESIDE, TEXT_HEIGHT))
    draw = ImageDraw.Draw(row)
    colour = GREEN if line.agree else RED
    for y, who, placed in (
        (TEXT_HEIGHT // 2, "by components", line.by_components),
        (size[1] + 3 * TEXT_HEIGHT // 2, "whole line", line.by_network),
    ):
        draw.text((BESIDE - 8, y), who, fill=GREY, font=font, anchor="rm")
        for x, name in line.on_strip(placed):
            draw.text((BESIDE + x * scale, y), name, fill=colour, font=font, anchor="mm")
    middle = BESIDE + size[0] + 12, TEXT_HEIGHT + size[1] // 2
    draw.text(middle, text, fill="black", font=font, anchor="lm")
    return row.crop((0, 0, min(row.width, widest), row.height))


def _in_rows(images: Sequence[Image.Image], widest: int) -> list[Image.Image]:
    """Return pictures side by side, as many in a row as fit."""
    rows: list[list[Image.Image]] = []
    for image in images:
        if not rows or sum(one.width for one in rows[-1]) + image.width > widest:
            rows.append([])
        rows[-1].append(image)
    found = []
    for row in rows:
        whole = Image.new("RGB", (widest, max(one.height for one in row)), "white")
        left = 0
        for one in row:
            whole.paste(one, (left, 0))
            left += one.width
        found.append(whole)
    return found


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
