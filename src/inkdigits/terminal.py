"""Digits in a terminal: half-blocks in greys, or shades where there is no colour."""

from collections.abc import Sequence

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
        A text and its style for each.
    across
        How many in a row.
    colour
        Whether the terminal shows colours.
    """
    small = _small(images)
    text = Text()
    for start in range(0, len(images), across):
        row = range(start, min(start + across, len(images)))
        for index in row:
            title, style = titles[index]
            text.append(f"{title:<{CELL + 1}}", style)
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
