"""Segmentation: where the writing of a page is, under one hypothesis or several.

It takes nearly all the time of reading and no recogniser. Its result is small, unlike a picture,
so it travels between processes, and can be drawn and tested.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from ..document import Reason
from ..io.picture import Picture, Pixels, Placement
from .components import SPECK, Component, Unread, joined, main_components
from .finder import Finder, PageMap
from .found_ink import explained, found_ink, printed
from .ink import Ink, brightness, find_ink
from .lines import TextLine, text_lines
from .one_kind import of_one_kind
from .rules import Rule
from .sieve import LEAST, Sieved, sieve
from .strip import with_strips, without_upright
from .tables import in_cells
from .turn import turned_ink
from .walls import ones_among, without_walls

READABLE = 22  # pixels that writing should be high; if it is less, more of the file's are taken
MANY = 100  # components that are too small to be told from grain, and may be writing
SIDE = 3600  # pixels of the longer side that a page is segmented at, at most: A4 at 300 dpi
LARGEST = 9_000_000  # pixels of it in all
CANVAS = 640  # pixels of the longer side: a clean drawing is no larger,
SIMPLE = 12  # or has no more components than these
CLOSE = 2_500_000  # pixels that a finder looks at where writing is small
CROWDED = 700  # components: of a page with more, rules alone say what is ink
WRITTEN = 0.2  # of a component: so much a finder takes for handwriting at least
FEWEST = 2  # components, by which it shows which way is up: a lone 6 is as good a 9


@dataclass(frozen=True, eq=False)
class Hypothesis:
    """The writing of a page, by one way to tell its ink from all else.

    Attributes
    ----------
    lines
        From top to bottom.
    dark
        Whether the ink is darker than the paper.
    unread
        Ink that is in no line, and is not plainly dirt.
    grain
        Height of what is in no line for being too small, if there is much of it; else 0.
    ink
        ``(H, W)`` uint8, 0 paper to 255 ink, to be drawn; None where nobody asked for it.
    found_by
        ``"rules"``, ``"finder"``, or ``"both"``: ink by the rules that the finder saw as well.
    support
        How far a finder agrees that each of `components` is handwriting, 0 to 1; empty where none
        was asked.
    missed
        Pixels of the boxes of handwriting that a finder sees, and no line has.
    page_map
        What a finder took the pixels for, to be drawn; None where none looked or nobody asked.
    """

    lines: Sequence[TextLine]
    dark: bool
    unread: Sequence[Unread] = ()
    grain: float = 0.0
    ink: Pixels | None = None
    found_by: str = "rules"
    support: Sequence[float] = ()
    missed: float = 0.0
    page_map: PageMap | None = None

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
        By the rules one, or two where either brightness may be the ink; where a finder looked,
        after these what both see, and last what the finder sees.
    number
        Of the page, from 1.
    picture
        What was segmented, upright, to be drawn or turned; None where neither can be.
    """

    name: str
    place: Placement
    single: bool
    hypotheses: Sequence[Hypothesis]
    number: int = 1
    picture: Picture | None = None

    @property
    def size(self) -> int:
        """Bytes that it holds."""
        parts = [part.ink for h in self.hypotheses for part in h.components]
        unread = [u.component.ink for h in self.hypotheses for u in h.unread if u.component]
        strips = [s.pixels for h in self.hypotheses for line in h.lines for s in line.strips]
        maps = [layer for h in self.hypotheses[:1] if h.page_map for layer in h.page_map.layers]
        pixels = None if self.picture is None else self.picture.pixels
        kept = [pixels, *(h.ink for h in self.hypotheses), *strips, *maps]
        return sum(array.nbytes for array in [*parts, *unread, *kept] if array is not None)


def segment(
    picture: Picture,
    *,
    single: bool = False,
    keep: bool = False,
    finder: Finder | None = None,
    strips: bool = False,
    turn: float = 0.0,
) -> Segmentation:
    """Return the writing in a picture.

    Parameters
    ----------
    picture
        One page.
    single
        Take all its ink as one component.
    keep
        Keep pixels and ink to be drawn.
    finder
        Who is asked where writing is, unless it is plain to be seen.
    strips
        Make pictures of the lines, for a network that reads them as a whole.
    turn
        Clockwise degrees by which the writing is turned to be upright.
    """
    inks = None
    if turn:
        inks = _slanted(picture, turn) if turn % 90 else None
        picture = picture.slanted(turn)
    hypotheses = _hypotheses(picture, single, keep, finder, inks=inks)
    likely = hypotheses[-1] if hypotheses[-1].lines else hypotheses[0]
    if not single and (larger := _enlarged(picture, likely)) is not None:
        picture = larger
        hypotheses = _hypotheses(picture, single, keep, finder, CLOSE)
    if strips:
        grey = brightness(picture.pixels)
        hypotheses = [_with_strips(hypothesis, grey) for hypothesis in hypotheses]
    kept = None
    if keep or (not single and _may_lie(hypotheses)):
        kept = replace(picture, original=None)
    return Segmentation(picture.name, picture.place, single, hypotheses, picture.number, kept)


def _with_strips(hypothesis: Hypothesis, grey: Pixels) -> Hypothesis:
    """Return a hypothesis with strips of its lines, on which no known walls are."""
    rules = [one for one in hypothesis.unread if one.reason is Reason.RULE]
    bare = without_upright(grey, rules, hypothesis.lines)
    return replace(hypothesis, lines=with_strips(hypothesis.lines, bare, hypothesis.dark))


def _may_lie(hypotheses: Sequence[Hypothesis]) -> bool:
    """Whether there is so much writing that it can tell which way is up."""
    return any(len(h.components) >= FEWEST for h in hypotheses)


def _hypotheses(
    picture: Picture,
    single: bool,
    keep: bool,
    finder: Finder | None,
    most: int | None = None,
    inks: Sequence[tuple[Ink, Sequence[Unread]]] | None = None,
) -> list[Hypothesis]:
    inks = [(ink, ()) for ink in _inks(picture)] if inks is None else inks
    sieved = [sieve(ink.map, ink.faint) for ink, _ in inks]
    found = []
    for (ink, gone), own in zip(inks, sieved, strict=True):
        one = _hypothesis(ink, own, single, keep)
        found.append(replace(one, unread=[*one.unread, *gone]))
    if finder is None or (len(inks) == 1 and _is_canvas(inks[0][0], found[0])):
        return found
    if max(len(own.components) for own in sieved) > CROWDED:
        return found
    if single and all(hypothesis.lines for hypothesis in found):
        return found  # whatever is there is one symbol, and rules draw it finest
    seen = finder.find(picture.pixels, most) if most else finder.find(picture.pixels)
    seen = of_one_kind(seen)
    scored = [_scored(hypothesis, seen) for hypothesis in found]
    if not single:
        both = _seen_by_both(scored, inks, sieved, seen, keep)
        scored += [_scored(hypothesis, seen) for hypothesis in both]
    ink = found_ink(picture.pixels, seen)
    own = sieve(ink.map, ink.faint)
    last = replace(_hypothesis(ink, own, single, keep), found_by="finder")
    scored.append(_scored(last, seen))
    return [replace(hypothesis, page_map=seen) for hypothesis in scored] if keep else scored


def _seen_by_both(
    found: Sequence[Hypothesis],
    inks: Sequence[tuple[Ink, Sequence[Unread]]],
    sieved: Sequence[Sieved],
    seen: PageMap,
    keep: bool,
) -> list[Hypothesis]:
    """Return those hypotheses by rules of which a finder takes some ink for no handwriting."""
    both = []
    for hypothesis, (ink, gone), own in zip(found, inks, sieved, strict=True):
        if min(hypothesis.support, default=1.0) >= WRITTEN:
            continue
        one = _hypothesis(ink, own, single=False, keep=keep, seen=seen)
        if len(one.components) < len(hypothesis.components):
            both.append(replace(one, unread=[*one.unread, *gone], found_by="both"))
    return both


def _inks(picture: Picture) -> list[Ink]:
    """Return the ink of a page by the rules; both ways round where either may be the ink."""
    inks = [find_ink(picture.pixels)]
    if inks[0].doubtful:
        inks.append(find_ink(picture.pixels, not inks[0].dark))
    return inks


def _slanted(picture: Picture, turn: float) -> list[tuple[Ink, list[Unread]]]:
    """Return the ink of a page that is turned by any angle, and the edges of its paper."""
    found = []
    for ink in _inks(picture):
        edges = [u for u in sieve(ink.map, ink.faint).unread if u.reason is Reason.PAPER_EDGE]
        found.append(turned_ink(ink, edges, picture.place, turn))
    return found


def _is_canvas(ink: Ink, hypothesis: Hypothesis) -> bool:
    """Whether it is a drawing on even paper without rules: its ink is exactly known."""
    ruled = any(one.reason in (Reason.RULE, Reason.BOX) for one in hypothesis.unread)
    small = max(ink.map.shape) <= CANVAS or len(hypothesis.components) <= SIMPLE
    return ink.even and not ruled and small


def _scored(hypothesis: Hypothesis, seen: PageMap) -> Hypothesis:
    """Return a hypothesis held against what a finder sees."""
    components = hypothesis.components
    support, missed = explained(components, seen)
    unread = hypothesis.unread
    if hypothesis.found_by == "finder":
        unread = [*unread, *printed(seen)]
    return replace(hypothesis, support=support, missed=missed, unread=unread)


def _hypothesis(
    ink: Ink, sieved: Sieved, single: bool, keep: bool, seen: PageMap | None = None
) -> Hypothesis:
    """Return what is written, if it is this ink; where a finder has `seen` no writing, none is."""
    kept = np.rint(255 * ink.map).astype(np.uint8) if keep else None
    if single:
        return Hypothesis(_single(sieved, max(ink.map.shape)), ink.dark, sieved.unread, ink=kept)
    components, walls = without_walls(sieved.components)
    unread = [*sieved.unread, *(_as_unread(wall) for wall in walls)]
    if seen is not None:
        support, _ = explained(components, seen)
        doubted = [c for c, share in zip(components, support, strict=True) if share < WRITTEN]
        known = [c for c, share in zip(components, support, strict=True) if share >= WRITTEN]
        gone = set(doubted).difference(ones_among(doubted, known))
        components = [component for component in components if component not in gone]
        unread += [Unread.of(c, Reason.PRINT) for c in doubted if c in gone]
    lines, rest = text_lines(components, ink.map.shape)
    cells = in_cells(lines, [*sieved.walls, *walls], sieved.faint)
    grain = 0.0
    if not lines and len(sieved.components) >= MANY:
        grain = float(np.median([component.height for component in sieved.components]))
    return Hypothesis(cells, ink.dark, [*unread, *rest], grain, kept)


def _as_unread(rule: Rule) -> Unread:
    return Unread(Reason.RULE, rule.left, rule.top, rule.right - rule.left, rule.bottom - rule.top)


def _single(sieved: Sieved, side: int) -> list[TextLine]:
    """Return all ink but specks as one component."""
    least = max(SPECK * sieved.height, min(LEAST, 0.1 * side))
    parts = [c for c in sieved.components if max(c.width, c.height) >= least]
    if not parts:
        return []
    return [TextLine([joined(main_components(parts))], sieved.height, single=True)]


def _enlarged(picture: Picture, hypothesis: Hypothesis) -> Picture | None:
    """Return the picture in more of the file's pixels, if it has them and writing is small."""
    tall, wide = picture.pixels.shape[:2]
    side = max(picture.width, picture.height)
    heights = [line.height for line in hypothesis.lines] or [hypothesis.grain or READABLE]
    if picture.original is None or side <= max(tall, wide) or min(heights) >= READABLE:
        return None
    most = (LARGEST / (tall * wide)) ** 0.5 * max(tall, wide)
    wanted = max(tall, wide) * 1.2 * READABLE / min(heights)
    return picture.enlarged(round(min(side, SIDE, most, max(wanted, 1.25 * max(tall, wide)))))
