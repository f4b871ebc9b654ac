"""Sheets to look at: pieces of pages as they are made, each above the classes of its pixels."""

import numpy as np
import numpy.typing as npt

from ..alphabet import PAGE_COLOURS

Pixels = npt.NDArray[np.uint8]

ACROSS = 8  # pieces in a row
FADED = 0.35  # of a picture that is left under its classes


def page_sheet(pictures: Pixels, classes: Pixels) -> Pixels:
    """Return pictures in rows, each above the same picture in the colours of its classes.

    Parameters
    ----------
    pictures
        ``(N, 3, H, W)``, at least one.
    classes
        ``(N, H, W)``: 0 for paper, 1 handwriting, 2 rule, 3 print and other.

    Returns
    -------
    numpy.ndarray
        ``(H', W', 3)`` uint8.
    """
    count, _, tall, wide = pictures.shape
    across = min(ACROSS, count)
    rows = -(-count // across)
    sheet = np.full((rows * 2 * tall, across * wide, 3), 255, np.uint8)
    for number, (picture, kinds) in enumerate(zip(pictures, classes, strict=True)):
        top, left = 2 * tall * (number // across), wide * (number % across)
        seen = picture.transpose(1, 2, 0)
        coloured = np.array(PAGE_COLOURS, np.float32)[kinds] * (1 - FADED) + FADED * seen
        shown = np.where(kinds[..., None] > 0, coloured, seen)
        sheet[top : top + tall, left : left + wide] = seen
        sheet[top + tall : top + 2 * tall, left : left + wide] = shown.round()
    return sheet
