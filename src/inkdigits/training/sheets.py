"""Sheets: pictures of what was misread, for people to look at."""

import io
from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
from PIL import Image, ImageDraw

from ..alphabet import PAGE_COLOURS

if TYPE_CHECKING:
    from .lines import Line
    from .pages import Page

LINES, LINE_WIDTH, CAPTION = 24, 512, 18
PAGES, PAGE_SIDE = 6, 256
COLOURS = np.array(PAGE_COLOURS, np.uint8)


def lines_sheet(misread: "Sequence[Line]") -> bytes:
    """Return a PNG of the first misread lines, each with ``true > read`` under it."""
    shown = misread[:LINES]
    tall = max((line.picture.shape[0] for line in shown), default=CAPTION) + CAPTION
    sheet = Image.new("L", (LINE_WIDTH, tall * max(len(shown), 1)))
    draw = ImageDraw.Draw(sheet)
    for place, line in enumerate(shown):
        sheet.paste(Image.fromarray(line.picture), (0, place * tall))
        text = f"{line.text} > {line.read}   {line.confidence:.0%}"
        draw.text((4, (place + 1) * tall - CAPTION + 2), text, fill=200)
    return _png(sheet)


def pages_sheet(pages: "Sequence[Page]") -> bytes:
    """Return a PNG of the first pages, each beside its true classes and those that were found."""
    shown = pages[:PAGES]
    size = (PAGE_SIDE, PAGE_SIDE)
    sheet = Image.new("RGB", (3 * PAGE_SIDE, PAGE_SIDE * max(len(shown), 1)))
    for row, page in enumerate(shown):
        panels = (page.picture.transpose(1, 2, 0), COLOURS[page.truth], COLOURS[page.predicted])
        for column, panel in enumerate(panels):
            drawn = Image.fromarray(np.ascontiguousarray(panel)).resize(size)
            sheet.paste(drawn, (column * PAGE_SIDE, row * PAGE_SIDE))
    return _png(sheet)


def _png(sheet: Image.Image) -> bytes:
    encoded = io.BytesIO()
    sheet.save(encoded, "PNG")
    return encoded.getvalue()
