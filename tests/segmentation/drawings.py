"""Tiny maps of ink, components and lines, for the tests of what finds and reads them."""

import cv2
import numpy as np
import numpy.typing as npt

from inkdigits.segmentation.components import Component, find_components
from inkdigits.segmentation.lines import TextLine
from tests.reading.strokes import Grey, one, paper, zero

Map = npt.NDArray[np.float32]


def ink(page: Grey) -> Map:
    """Return a drawing in black as a map of ink."""
    return ((255 - page) / 255).astype(np.float32)


def block(left: int, top: int, width: int = 20, height: int = 30) -> Component:
    """Return a component that fills its box."""
    return Component(left, top, np.ones((height, width), np.float32))


def ring(left: int, top: int, width: int = 20, height: int = 30, pen: int = 3) -> Component:
    """Return a component that is a frame along its box: drawn with strokes, as a 0 is."""
    made = np.zeros((height, width), np.float32)
    cv2.rectangle(made, (0, 0), (width - 1, height - 1), 1.0, pen)
    return Component(left, top, made)


def slash(left: int, top: int, aside: int, height: int = 30, pen: int = 3) -> Component:
    """Return a straight stroke that leans so many pixels to the right, from foot to head."""
    page = paper(height + 20, abs(aside) + 30)
    low, high = (10, 10 + aside) if aside >= 0 else (10 - aside, 10)
    cv2.line(page, (low, height + 9), (high, 10), 0, pen)
    (found,), _ = find_components(ink(page))
    return Component(left, top, found.ink)


def line(*components: Component, height: float = 30, **values: object) -> TextLine:
    """Return a line of components."""
    return TextLine(components, height, **values)  # type: ignore[arg-type]


def table(page: Grey, xs: list[int], ys: list[int], pen: int = 2) -> Grey:
    """Draw the rules of a table at these columns and rows."""
    for x in xs:
        cv2.line(page, (x, ys[0]), (x, ys[-1]), 0, pen)
    for y in ys:
        cv2.line(page, (xs[0], y), (xs[-1], y), 0, pen)
    return page


def number(page: Grey, text: str, x: int, y: int, size: int = 40, pen: int = 4) -> Grey:
    """Draw a number of 0 and 1, one digit beside the other."""
    for at, digit in enumerate(text):
        (zero if digit == "0" else one)(page, x + round(0.8 * size) * at, y, size, pen)
    return page


def box(component: Component) -> tuple[int, int, int, int]:
    """Return left, top, width and height."""
    return component.left, component.top, component.width, component.height
