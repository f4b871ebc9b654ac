"""Turn: along which directions the writing of a page may run, by where its components stand."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from ..io.picture import Placement, between
from ..io.pixels import moved
from .components import SMALL, Component, Unread, writing_height
from .ink import Ink

MOST = 400  # components that are looked at: more make the direction no clearer
STEEPEST = 50  # degrees that lines may slant: a little more than half of a quarter turn
LEVEL = 4  # degrees that lines slant and are read as they are
FEW, STEEP = 5, 20  # of fewer components only a slant of so many degrees is no chance
CLEARER = 0.9  # of what level lines cover of the page: slanting ones must cover less
PLAIN = 0.35  # of what lines cover that run the one way: if the other way covers less, it is that
CORE = 0.3  # of the height: so far above and below its middle a component surely reaches

Floats = npt.NDArray[np.float64]
ANGLES: Floats = np.arange(-STEEPEST, STEEPEST + 1, dtype=float)


def bodies(components: Sequence[Component]) -> list[Component]:
    """Return what is large enough to be a symbol, whichever way is up."""
    height = writing_height(components)
    return [c for c in components if max(c.width, c.height) >= SMALL * height]


@dataclass(frozen=True)
class Course:
    """How lines may run on a page, in clockwise degrees; None where they hardly run so.

    Attributes
    ----------
    across
        How far lines that run from left to right slant down.
    down
        How far lines that run from top to bottom slant to the left.
    """

    across: float | None
    down: float | None

    @classmethod
    def of(cls, components: Sequence[Component]) -> "Course":
        """Return how lines may run, by where `components` of the writing stand: see `bodies`."""
        if len(components) < 3:
            return cls(0.0, 0.0)
        some = components[:: -(-len(components) // MOST)]
        x, y = np.array([c.middle for c in some]).T
        half = CORE * np.array([max(c.width, c.height) for c in some], float)
        least = LEVEL if len(components) >= FEW else STEEP
        across = _clearest(covered(x, y, half, ANGLES), least)
        down = _clearest(covered(x, y, half, ANGLES + 90), least)
        if across is None or down is None:
            return cls(across and across[0], down and down[0])
        return cls(
            across[0] if across[1] * PLAIN <= down[1] else None,
            down[0] if down[1] * PLAIN <= across[1] else None,
        )

    @property
    def slant(self) -> float:
        """How far lines slant, whichever way they run; 0 where they may be level."""
        return (self.down or 0.0) if self.across is None else self.across

    @property
    def turns(self) -> list[float]:
        """Clockwise degrees by which the page may have to be turned, besides none."""
        found: list[float] = []
        for slant, ways in ((self.across, (0.0, 180.0)), (self.down, (90.0, 270.0))):
            if slant is not None:
                found += [*ways, *((way - slant) % 360 for way in ways)]
        if self.slant and None in (self.across, self.down):
            # Short lines are seen along their columns: which of both they are shows in the reading.
            found += [(way - self.slant) % 360 for way in (0.0, 180.0, 90.0, 270.0)]
        return [turn for turn in dict.fromkeys(found) if turn]


def covered(x: Floats, y: Floats, half: Floats, degrees: Floats) -> Floats:
    """Return how much of the page's height lines cover that slant by each of `degrees`, ``(A,)``.

    Lines that are one behind the other, seen along their direction, cover the least.
    """
    turn = np.radians(degrees)[:, None]
    level = y * np.cos(turn) - x * np.sin(turn)
    begins, ends = level - half, level + half
    order = np.argsort(begins, axis=1)
    begins = np.take_along_axis(begins, order, 1)
    ends = np.maximum.accumulate(np.take_along_axis(ends, order, 1), axis=1)
    gaps = np.maximum(begins[:, 1:] - ends[:, :-1], 0).sum(1)
    return np.asarray(ends[:, -1] - begins[:, 0] - gaps)


def _clearest(cover: Floats, steep: float) -> tuple[float, float] | None:
    """Return the slant at which least is covered, and how much that is.

    It is 0 if that is hardly less than there, or not so `steep`, and None if it goes on beyond,
    where lines that run the other way are looked for.
    """
    level = float(cover[np.abs(ANGLES) <= LEVEL].min())
    least = float(cover.min())
    if least >= CLEARER * level:
        return 0.0, level
    best = ANGLES[int(cover.argmin())]
    if abs(best) == STEEPEST:
        return None
    # In the middle of all that are as clear: where lines have room, many are.
    clear = ANGLES[cover <= 1.02 * least]
    slant = float(np.mean(clear[np.abs(clear - best) <= LEVEL]))
    return (slant, least) if abs(slant) >= steep else (0.0, level)


def turned_ink(
    ink: Ink, edges: Sequence[Unread], place: Placement, degrees: float
) -> tuple[Ink, list[Unread]]:
    """Return the ink of a page turned clockwise, and the edges of its paper, which it has no more.

    Parameters
    ----------
    ink
        Of the page as it is.
    edges
        Of its paper: once they slant, nobody knows them from writing.
    place
        How its pixels lie in the file as they are.
    degrees
        By how much it is turned.
    """
    left = ink.map.copy() if edges else ink.map
    for one in edges:
        if (part := one.component) is not None:
            left[part.top : part.bottom, part.left : part.right][part.ink > 0] = 0
    new = place.turned(degrees)
    by, size = between(place, new), (new.wide, new.tall)
    faint = None if ink.faint is None else moved(ink.faint, by, size)
    gone = [_moved(one, place, new) for one in edges]
    return replace(ink, map=moved(left, by, size), faint=faint), gone


def _moved(one: Unread, old: Placement, new: Placement) -> Unread:
    outline = old.outline(one.left, one.top, one.width, one.height)
    left, top, right, bottom = (round(side) for side in new.upright(outline))
    return Unread(one.reason, left, top, right - left, bottom - top)
