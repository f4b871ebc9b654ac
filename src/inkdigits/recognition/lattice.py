"""The lattice of a line: every way to read its components as symbols.

Where it is not plain what a digit is (a component that touches its neighbour, or is broken),
several ways to cut and to join stand side by side, and what a recogniser says of each decides.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from itertools import pairwise

import numpy as np

from ..segmentation.components import Component, is_small, joined
from .cuts import cut_candidates

SURE = 0.9  # a component that is a digit with this confidence is not taken apart
MANY = 0.2  # what may be several digits with this probability is taken apart
WIDE, FEW = 1.8, 0.02  # of its own height: too wide for one digit; but a dash is not several
NEAR = 0.35  # of the height: components of one digit are no further apart
MOST_JOINED = 3
# What speaks against each, as if it were the logarithm of a probability, per digit concerned.
CUT, JOIN, GAP, FLOOR = 0.25, 0.3, 2.0, -3.0


class Role(Enum):
    """What primitives are taken for."""

    SYMBOL = "symbol"
    MARK = "mark"
    NOTHING = "nothing"


@dataclass(frozen=True, eq=False)
class Candidate:
    """One or several primitives of a line as one symbol, as a mark, or as nothing at all."""

    first: int
    last: int  # the primitive beyond
    component: Component
    cost: float  # what its shape and place say against it
    role: Role = Role.SYMBOL


class Lattice:
    """All the ways to read one line: its primitives, and candidates that each cover some of them.

    Parameters
    ----------
    line
        Its components, from left to right.
    confidences, several
        For each component by itself: how sure a recogniser is of its digit, and that it is several.
    height
        Of the writing.
    marks
        Components that are marks: neither cut nor joined with anything.
    """

    def __init__(
        self,
        line: Sequence[Component],
        confidences: Sequence[float],
        several: Sequence[float],
        height: float,
        marks: Collection[Component] = (),
    ) -> None:
        self.primitives: list[Component] = []
        self.candidates: list[Candidate] = []
        starts = []
        for component, confidence, many in zip(line, confidences, several, strict=True):
            starts.append(len(self.primitives))
            if component in marks:
                self._add(component, Role.MARK, 0.0)
                continue
            wide = component.width > WIDE * component.height
            self._take_apart(
                component, confidence < SURE and many > (FEW if wide else MANY), height
            )
        starts.append(len(self.primitives))
        for first in range(len(line)):
            for last in range(first + 2, min(len(line), first + MOST_JOINED) + 1):
                if not any(component in marks for component in line[first:last]):
                    self._join(line[first:last], confidences[first:last], starts, first, height)

    def _add(self, component: Component, role: Role, cost: float) -> None:
        start = len(self.primitives)
        self.primitives.append(component)
        self.candidates.append(Candidate(start, start + 1, component, cost, role))

    def _take_apart(self, component: Component, doubtful: bool, height: float) -> None:
        if is_small(component, height):
            self._add(component, Role.NOTHING, 0.15 + _size(component) / height)
            return
        start = len(self.primitives)
        wide = doubtful and component.width > 0.45 * height
        cut = cut_candidates(component) if wide else [component]
        self.primitives += cut
        for first in range(len(cut)):
            for last in range(first + 1, len(cut) + 1):
                whole = last - first == len(cut)
                made = component if whole else joined(cut[first:last])
                if made.height < 0.5 * component.height:
                    continue
                sides = (first > 0) + (last < len(cut))
                self.candidates.append(Candidate(start + first, start + last, made, CUT * sides))

    def _join(
        self,
        components: Sequence[Component],
        confidences: Sequence[float],
        starts: Sequence[int],
        first: int,
        height: float,
    ) -> None:
        small = [is_small(component, height) for component in components]
        if min(confidences) >= SURE and not any(small):
            return
        gaps = [max(b.left - a.right, 0.0) for a, b in pairwise(components)]
        made = joined(components)
        if max(gaps) > NEAR * height or made.height > 1.6 * height or made.width > 1.6 * height:
            return
        cost = JOIN * (len(components) - 1) + GAP * sum(gaps) / height
        last = starts[first + len(components)]
        self.candidates.append(Candidate(starts[first], last, made, cost))

    @property
    def components(self) -> list[Component]:
        """What a recogniser must be asked of: the component of each that may be a symbol."""
        return [one.component for one in self.candidates if one.role is Role.SYMBOL]

    def best(self, confidences: Mapping[Component, float]) -> list[Candidate]:
        """Return the candidates, from left to right, that together explain the line best.

        `confidences` says of each of `components` how sure a recogniser is that it is a digit.
        """
        ending: dict[int, list[Candidate]] = {}
        for candidate in self.candidates:
            ending.setdefault(candidate.last, []).append(candidate)
        score: list[float] = [0.0]
        chosen: list[Candidate | None] = [None]
        for end in range(1, len(self.primitives) + 1):
            options = [(score[g.first] + _score(g, confidences), g) for g in ending.get(end, [])]
            # Of equals the last, so that what is joined wins over what is taken apart.
            value, best = max(reversed(options), key=lambda o: o[0], default=(-np.inf, None))
            score.append(float(value))
            chosen.append(best)
        path: list[Candidate] = []
        at = len(self.primitives)
        while (taken := chosen[at]) is not None:
            path.append(taken)
            at = taken.first
        return path[::-1]


def _score(candidate: Candidate, confidences: Mapping[Component, float]) -> float:
    if candidate.role is not Role.SYMBOL:
        return -candidate.cost
    primitives = candidate.last - candidate.first
    # By primitives, so that a way with few large digits is not better for being short.
    return (
        primitives * max(float(np.log(max(confidences[candidate.component], 1e-6))), FLOOR)
        - candidate.cost
    )


def _size(component: Component) -> float:
    return float(max(component.width, component.height))
