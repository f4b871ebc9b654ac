"""Segmentation: where the writing of a page is, under one hypothesis or several.

It takes nearly all the time of reading and no recogniser. Its result is small, unlike a picture,
so it travels between processes, and can be drawn and tested.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from ..io.picture import Picture, Pixels, Placement
from .components import Component, find_components, joined, main_components
from .ink import Ink, find_ink
from .lines import lines


@dataclass(frozen=True, eq=False)
class TextLine:
    """One line of writing: its components from left to right, and the height of the writing."""

    components: Sequence[Component]
    height: float


@dataclass(frozen=True, eq=False)
class Hypothesis:
    """The writing of a page, if its ink is dark on light paper, or the other way round.

    Attributes
    ----------
    lines
        From top to bottom.
    dark
        Whether the ink is darker than the paper.
    ink
        ``(H, W)`` uint8, 0 paper to 255 ink, to be drawn; None where nobody asked for it.
    """

    lines: Sequence[TextLine]
    dark: bool
    ink: Pixels | None = None

    @property
    def components(self) -> list[Component]:
        """All components, line by line."""
        return [component for line in self.lines for component in line.components]


@dataclass(frozen=True, eq=False)
class Segmentation:
    """What was found in a picture, before anything is read.

    Attributes
    ----------
    name
        The picture's.
    place
        How its pixels lie in the file.
    single
        Whether all its ink was taken as one symbol.
    hypotheses
        One, or two where either brightness may be the ink.
    pixels
        What was segmented, upright, to be drawn; None where nobody asked for it.
    """

    name: str
    place: Placement
    single: bool
    hypotheses: Sequence[Hypothesis]
    pixels: Pixels | None = None

    @property
    def size(self) -> int:
        """Bytes that it holds."""
        parts = [part.ink for h in self.hypotheses for part in h.components]
        kept = [self.pixels, *(h.ink for h in self.hypotheses)]
        return sum(array.nbytes for array in [*parts, *kept] if array is not None)


def segment(picture: Picture, *, single: bool = False, keep: bool = False) -> Segmentation:
    """Return the writing in a picture.

    Parameters
    ----------
    picture
        One page.
    single
        Take all its ink as one component.
    keep
        Keep pixels and ink to be drawn.
    """
    inks = [find_ink(picture.pixels)]
    if inks[0].doubtful:
        inks.append(find_ink(picture.pixels, not inks[0].dark))
    return Segmentation(
        picture.name,
        picture.place,
        single,
        [_hypothesis(ink, single, keep) for ink in inks],
        picture.pixels if keep else None,
    )


def _hypothesis(ink: Ink, single: bool, keep: bool) -> Hypothesis:
    components, height = find_components(ink.map)
    kept = np.rint(255 * ink.map).astype(np.uint8) if keep else None
    if single:
        found = [TextLine([joined(main_components(components))], height)] if components else []
    else:
        found = [TextLine(line, height) for line in lines(components, height)]
    return Hypothesis(found, ink.dark, kept)
