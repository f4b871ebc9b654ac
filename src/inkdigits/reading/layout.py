"""Layout: which parts of ink make up digits, in which lines, in which order.

Parts are first put in lines. Where it is not plain what a digit is (a part that touches its
neighbour, or is broken), several ways to cut and to join stand in a lattice, and what a recogniser
says of each decides.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from .cuts import pieces
from .parts import Part, joined

SAME_LINE = 0.62  # of the height: middles that differ by less stand in one line
SURE = 0.9  # a part that is a digit with this confidence is not taken apart
SMALL = 0.4  # of the height of the writing: a dot or a dash, no digit of its own
MANY = 0.2  # what may be several digits with this probability is taken apart
WIDE, FEW = 1.8, 0.02  # of its own height: too wide for one digit; but a dash is not several
NEAR = 0.35  # of the height: parts of one digit are no further apart
MOST_JOINED = 3
# What speaks against each, as if it were the logarithm of a probability, per digit concerned.
CUT, JOIN, GAP, FLOOR = 0.25, 0.3, 2.0, -3.0
SLOPES = np.tan(np.radians(np.array([0, *(s * a for a in range(1, 13) for s in (1, -1))])))


@dataclass(frozen=True, eq=False)
class Guess:
    """One or several atoms of a line as one digit; or, without a part, as nothing at all."""

    first: int
    last: int  # the atom beyond
    part: Part | None
    against: float  # what its shape and place say against it


def lines(parts: Sequence[Part], height: float) -> list[list[Part]]:
    """Return the parts in lines from top to bottom, each from left to right."""
    bodies = [part for part in parts if part.height >= SMALL * height] or list(parts)
    if not bodies:
        return []
    slope = _slope(bodies)

    def level(part: Part) -> float:
        x, y = part.middle
        return y - slope * x

    rows: list[list[Part]] = []
    for part in sorted(bodies, key=level):
        if rows and level(part) - np.mean([level(p) for p in rows[-1][-3:]]) <= SAME_LINE * height:
            rows[-1].append(part)
        else:
            rows.append([part])
    centres = np.array([np.mean([level(part) for part in row]) for row in rows])
    known = {id(part) for part in bodies}
    for part in parts:
        if id(part) not in known:
            nearest = int(np.abs(centres - level(part)).argmin())
            if abs(centres[nearest] - level(part)) < height:
                rows[nearest].append(part)
    return [sorted(row, key=lambda part: part.middle[0]) for row in rows]


def _slope(parts: Sequence[Part]) -> float:
    """Return the slope at which the middles of the parts cover the least height."""
    if len(parts) < 3:
        return 0.0
    x, y = np.array([part.middle for part in parts]).T
    half = np.array([part.height for part in parts]) / 4
    covered = []
    for slope in SLOPES:
        at = y - slope * x
        order = np.argsort(at - half)
        begins, ends = (at - half)[order], np.maximum.accumulate((at + half)[order])
        gaps = np.maximum(begins[1:] - ends[:-1], 0).sum()
        covered.append(ends[-1] - begins[0] - gaps)
    least = np.array(covered)
    # Level, or as near to level as explains the lines about as well.
    return float(SLOPES[np.flatnonzero(least <= 1.08 * least.min() + 1e-6)[0]])


class Lattice:
    """All the ways to read one line: its atoms, and guesses that each cover some of them.

    Parameters
    ----------
    line
        Its parts, from left to right.
    confidences, several
        For each part by itself: how sure a recogniser is of its digit, and that it is several.
    height
        Of the writing.
    """

    def __init__(
        self,
        line: Sequence[Part],
        confidences: Sequence[float],
        several: Sequence[float],
        height: float,
    ) -> None:
        self.atoms: list[Part] = []
        self.guesses: list[Guess] = []
        starts = []
        for part, confidence, many in zip(line, confidences, several, strict=True):
            starts.append(len(self.atoms))
            wide = part.width > WIDE * part.height
            self._take_apart(part, confidence < SURE and many > (FEW if wide else MANY), height)
        starts.append(len(self.atoms))
        for first in range(len(line)):
            for last in range(first + 2, min(len(line), first + MOST_JOINED) + 1):
                self._join(line[first:last], confidences[first:last], starts, first, height)

    def _take_apart(self, part: Part, doubtful: bool, height: float) -> None:
        start = len(self.atoms)
        small = is_small(part, height)
        cut = pieces(part) if doubtful and not small and part.width > 0.45 * height else [part]
        self.atoms += cut
        for first in range(len(cut)):
            for last in range(first + 1, len(cut) + 1):
                whole = last - first == len(cut)
                if small and whole:
                    self.guesses.append(Guess(start, start + 1, None, 0.15 + _size(part) / height))
                    continue
                made = part if whole else joined(cut[first:last])
                if made.height < 0.5 * part.height:
                    continue
                sides = (first > 0) + (last < len(cut))
                self.guesses.append(Guess(start + first, start + last, made, CUT * sides))

    def _join(
        self,
        parts: Sequence[Part],
        confidences: Sequence[float],
        starts: Sequence[int],
        first: int,
        height: float,
    ) -> None:
        small = [is_small(part, height) for part in parts]
        if min(confidences) >= SURE and not any(small):
            return
        gaps = [max(b.left - a.right, 0.0) for a, b in pairwise(parts)]
        made = joined(parts)
        if max(gaps) > NEAR * height or made.height > 1.6 * height or made.width > 1.6 * height:
            return
        against = JOIN * (len(parts) - 1) + GAP * sum(gaps) / height
        last = starts[first + len(parts)]
        self.guesses.append(Guess(starts[first], last, made, against))

    @property
    def parts(self) -> list[Part]:
        """What a recogniser must be asked of: the part of each guess that has one."""
        return [guess.part for guess in self.guesses if guess.part is not None]

    def best(self, confidences: Mapping[Part, float]) -> list[Part]:
        """Return the parts, from left to right, that together explain the line best.

        `confidences` says of each of `parts` how sure a recogniser is that it is a digit.
        """
        ending: dict[int, list[Guess]] = {}
        for guess in self.guesses:
            ending.setdefault(guess.last, []).append(guess)
        score: list[float] = [0.0]
        chosen: list[Guess | None] = [None]
        for end in range(1, len(self.atoms) + 1):
            options = [(score[g.first] + _score(g, confidences), g) for g in ending.get(end, [])]
            # Of equals the last, so that what is joined wins over what is taken apart.
            value, best = max(reversed(options), key=lambda o: o[0], default=(-np.inf, None))
            score.append(float(value))
            chosen.append(best)
        path: list[Part] = []
        at = len(self.atoms)
        while (taken := chosen[at]) is not None:
            if taken.part is not None:
                path.append(taken.part)
            at = taken.first
        return path[::-1]


def _score(guess: Guess, confidences: Mapping[Part, float]) -> float:
    if guess.part is None:
        return -guess.against
    atoms = guess.last - guess.first
    # By atoms, so that a way with few large digits is not better for being short.
    return atoms * max(float(np.log(max(confidences[guess.part], 1e-6))), FLOOR) - guess.against


def is_small(part: Part, height: float) -> bool:
    """Whether it is too small to be a digit by itself: a dot, a dash, the bar of a 5."""
    return part.height < SMALL * height


def _size(part: Part) -> float:
    return float(max(part.width, part.height))
