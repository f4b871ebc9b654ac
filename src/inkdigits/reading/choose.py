"""Hypotheses: of the ways to tell the ink of a page from all else, the one that explains it best.

A hypothesis is scored by what is read of its ink, and by what it leaves over.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from ..document import Reason
from ..recognition.line import LineReading, LineRecogniser
from ..segmentation.components import Component
from ..segmentation.segment import Hypothesis, Segmentation
from ..segmentation.sieve import boxes

# Of ink that rules and finder agree on most is to be expected, whatever its symbols look like.
TRUST = {"rules": 1.0, "finder": 0.95, "both": 1.15}
SUPPORTED = 0.5  # of a component: ink that a finder supports so far is as good as any
LEAST_SUPPORT = 0.25  # what reads well may be writing, though a finder takes all of it for print
WHOLE = 0.7  # of what a symbol counts: the part that its line must be sure of
NOTHING = 0.45  # the score of no writing at all, if a finder sees none
UNEXPLAINED = (Reason.SPECK, Reason.TOO_MANY)
CERTAIN = 0.8  # a symbol that is read so surely in a line is ink that no other should leave over
COVERED = 0.3  # of its box: a component that another covers so far is in that one's ink, too


@dataclass(frozen=True, eq=False)
class Reading:
    """A page as it was found and read, and how well that explains it.

    Attributes
    ----------
    segmentation, hypothesis
        What was found, and which way to see it was taken.
    lines
        What was read of the hypothesis, line by line.
    score
        How much of its ink that explains: 0 to 1, and somewhat more where rules and finder agree.
    """

    segmentation: Segmentation
    hypothesis: Hypothesis
    lines: Sequence[LineReading]
    score: float


def chosen(segmentations: Sequence[Segmentation], reader: LineRecogniser) -> list[Reading]:
    """Return for each page the hypothesis that explains it best, as it was read.

    The most promising are read first, those of all pages together; what could not explain a page
    better than it is explained already is not read at all.

    Parameters
    ----------
    segmentations
        Of the pages.
    reader
        Who reads their lines.
    """
    waiting = [sorted(one.hypotheses, key=highest_score) for one in segmentations]
    best: dict[int, Reading] = {}
    while now := [(at, ways.pop()) for at, ways in enumerate(waiting) if ways]:
        found = iter(reader.read([line for _, hypothesis in now for line in hypothesis.lines]))
        for at, hypothesis in now:
            lines = [next(found) for _ in hypothesis.lines]
            one = Reading(segmentations[at], hypothesis, lines, score(hypothesis, lines))
            # Paper between strokes makes no digits: what makes sense is the right way round.
            best[at] = _better(best[at], one) if at in best else one
            waiting[at] = [h for h in waiting[at] if highest_score(h) >= best[at].score]
    return [best[at] for at in range(len(segmentations))]


def _better(first: Reading, second: Reading) -> Reading:
    """Return which of two explains a page better: of two that do so alike the simpler one.

    What one reads for certain, and the other has no ink for, that other has left over.
    """

    def score(one: Reading, other: Reading) -> tuple[float, int]:
        size = sum(part.width * part.height for part in one.hypothesis.components)
        share = size / (size + _beyond(other, one)) if size else 1.0
        return one.score * share, -one.segmentation.hypotheses.index(one.hypothesis)

    return first if score(first, second) >= score(second, first) else second


def _beyond(reading: Reading, other: Reading) -> float:
    """Return how large that is which `reading` reads for certain, and `other` has no ink for.

    It may be writing to a finder, too: a wall is a perfect 1.
    """
    hypothesis = reading.hypothesis
    theirs = boxes(other.hypothesis.components)
    support = iter(hypothesis.support or [1.0] * len(hypothesis.components))
    size = 0.0
    for line, found in zip(hypothesis.lines, reading.lines, strict=True):
        for part, sure in zip(line.components, found.sure(line.components), strict=True):
            written = next(support) >= LEAST_SUPPORT
            if written and sure * _whole(found) >= CERTAIN and not _is_covered(part, theirs):
                size += part.width * part.height
    return size


def _is_covered(part: Component, others: npt.NDArray[np.int64]) -> bool:
    """Whether any of others, (left, top, right, bottom), covers a good part of a component."""
    left, top, right, bottom = others.T
    wide = np.minimum(right, part.right) - np.maximum(left, part.left)
    tall = np.minimum(bottom, part.bottom) - np.maximum(top, part.top)
    common = wide.clip(0) * tall.clip(0)
    return bool((common > COVERED * part.width * part.height).any())


def score(hypothesis: Hypothesis, lines: Sequence[LineReading]) -> float:
    """Return how sure its ink is read: symbols and ink that is in no line, each by its size."""
    sure = [
        sure * _whole(reading)
        for line, reading in zip(hypothesis.lines, lines, strict=True)
        for sure in reading.sure(line.components)
    ]
    return _score(hypothesis, np.array(sure))


def highest_score(hypothesis: Hypothesis) -> float:
    """Return the score of a hypothesis if all of its symbols were read for certain."""
    return _score(hypothesis, np.ones(len(hypothesis.components)))


def _score(hypothesis: Hypothesis, sure: npt.NDArray[np.float64]) -> float:
    size = np.array([part.width * part.height for part in hypothesis.components])
    if not len(size):
        # Where a finder looked and saw nothing, what else is found must be likely, too.
        return NOTHING if hypothesis.found_by == "finder" and not hypothesis.missed else 0.0
    if hypothesis.support:
        support = np.maximum(hypothesis.support, LEAST_SUPPORT)
        sure = sure * np.minimum(support / SUPPORTED, 1)
    unread = sum(one.width * one.height for one in hypothesis.unread if one.reason in UNEXPLAINED)
    explained = float(size @ sure / (size.sum() + max(unread, hypothesis.missed)))
    return TRUST[hypothesis.found_by] * explained


def _whole(reading: LineReading) -> float:
    """Return how much the symbols of a line count by what is known of all of it."""
    sure = reading.probability
    return 1.0 if sure is None else 1 - WHOLE + WHOLE * sure
