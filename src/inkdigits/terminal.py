"""Digits in a terminal: half-blocks in greys, or shades where there is no colour."""

from collections.abc import Sequence
from itertools import zip_longest

import numpy as np
import numpy.typing as npt
from rich.color import Color
from rich.style import Style
from rich.text import Text

CELL = 14  # characters wide: each stands for 2 × 2 pixels above 2 × 2
SHADES = " ░▒▓█"


def draw(
    images: npt.NDArray[np.uint8],
    titles: Sequence[tuple[str, str]],
    across: int = 5,
    colour: bool = True,
) -> Text:
    """Return digits in rows of `across`, each under its title.

    Parameters
    ----------
    images
        ``(N, H, W)`` uint8.
    titles
        A text and its style for each. A text that is wider than a picture is broken at two spaces
        and cut.
    across
        How many in a row.
    colour
        Whether the terminal shows colours.
    """
    small = _small(images)
    text = Text()
    for start in range(0, len(images), across):
        row = range(start, min(start + across, len(images)))
        for words in _title_lines([titles[index][0] for index in row]):
            for index, line_of_title in zip(row, words, strict=True):
                text.append(f"{line_of_title:<{CELL + 1}}", titles[index][1])
            text.append("\n")
        for line in range(0, CELL, 2):
            for index in row:
                for upper, lower in zip(*small[index, line : line + 2], strict=True):
                    if colour:
                        text.append("▀", Style(color=_grey(upper), bgcolor=_grey(lower)))
                    else:
                        text.append(SHADES[(upper + lower) * len(SHADES) // 512])
                text.append(" ")
            text.append("\n")
    return text


def _title_lines(titles: Sequence[str]) -> list[list[str]]:
    """Return the lines of a row of titles, each cut to its cell.

    A row in which a title is wider than a cell has a line for each part of it: parts stand two
    spaces apart.
    """
    if all(len(title) <= CELL for title in titles):
        return [list(titles)]
    parts = [title.split("  ") for title in titles]
    lines = zip_longest(*parts, fillvalue="")
    return [[cut if len(cut) <= CELL else cut[: CELL - 1] + "…" for cut in line] for line in lines]


def _small(images: npt.NDArray[np.uint8]) -> npt.NDArray[np.int64]:
    """Return images ``(N, 14, 14)``, of whatever size they are: means over what they cover."""
    height, width = images.shape[1:]
    fine = images.repeat(CELL, 1).repeat(CELL, 2).reshape(-1, CELL, height, CELL, width)
    return np.asarray(fine.mean((2, 4)), np.int64)


def plain(image: npt.NDArray[np.uint8]) -> str:
    """Return the raw values of one ``(H, W)`` picture, a line a row."""
    return "\n".join("".join(f"{value:4d}" for value in row) for row in image)


def _grey(value: int) -> Color:
    return Color.from_rgb(value, value, value)
