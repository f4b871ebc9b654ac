"""Which way is up: a page that reads badly as it lies is read as it would lie turned.

First some of its symbols are turned one by one, which costs little. Only where they read clearly
better is the page turned, found and read anew; and only if that explains it better it counts.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from ..io.picture import Picture
from ..recognition.lattice import Role
from ..recognition.line import Answer, ComponentLineRecogniser, LineReading
from ..recognition.recogniser import Recogniser
from ..segmentation.components import Component
from ..segmentation.segment import FEWEST, Hypothesis, Segmentation
from ..segmentation.turn import Course, bodies, turned

SURE = 0.96  # a page whose symbols are read so surely on average lies right
WHOLE = 0.7  # a page whose lines are so likely right on average lies right, too
SLANTED = 12.0  # degrees: lines that slant by more are put apart, however sure each digit is
MOST = 400  # components of a page that may be turned
SAMPLE = 24  # symbols that are turned by themselves
LEAST = 0.02  # a confidence that is as good as none
# How much likelier all of the sample together is read turned than as it lies, as a logarithm, and
# how sure it then is on average: much of the one, or of the other.
EVIDENCE = ((2.0, 0.9), (5.0, 0.8), (12.0, 0.7))
# Dashes on their side are ones, and many a slanting stroke is a seven: the first prove nothing, the
# others nothing by themselves.
STROKES, FLAGS = ("1",), ("1", "7")
EITHER_WAY = ("0", "6", "8", "9")  # digits upside down, too
CONFIDENT, WITNESSES = 0.8, 2
# What slants is levelled if its digits are so sure then, and about as sure as before.
LEVELLED, ABOUT = 0.85, 0.05
MANY, SCATTERED = 7, 0.9  # symbols that may stand in more lines than before, if so well read
BETTER = 0.05  # by so much a page that is turned must be explained better
GOOD = 0.7  # and so well at least


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


Read = Callable[[Picture, float], Reading]


def upright(reading: Reading, recogniser: Recogniser, read: Read) -> Reading:
    """Return the reading of a page, turned if that makes it clearly better.

    Parameters
    ----------
    reading
        Of the page as it lies.
    recogniser
        Of single symbols.
    read
        What finds and reads a page anew, turned clockwise by so many degrees.
    """
    picture = reading.segmentation.picture
    if picture is None or reading.segmentation.single:
        return reading
    found = bodies(reading.hypothesis.components)
    ways = sum(h.found_by == "rules" for h in reading.segmentation.hypotheses)
    if not FEWEST <= len(found) <= MOST or ways > 1:  # too much, or not even the ink is known
        return reading
    course = Course.of(found)
    slanted = abs(course.slant) > SLANTED
    if not slanted and (sureness(reading.lines) >= SURE or _whole(reading.lines) >= WHOLE):
        return reading
    degrees = _likeliest(found, course, recogniser)
    first = bodies(reading.segmentation.hypotheses[0].components)
    if degrees == 0 and len(first) >= FEWEST and first != found:
        # Whoever knows upright writing alone finds what lies on its side in pieces.
        degrees = _likeliest(first, Course.of(first), recogniser)
    if degrees == 0:
        return reading
    again = read(picture, degrees)
    return again if _explains_more(again, reading, degrees) else reading


def _explains_more(turned: Reading, before: Reading, degrees: float) -> bool:
    """Whether a page makes more sense turned: better read, and in lines rather than scattered."""
    if sum(sure >= CONFIDENT for sure in _symbols(turned.lines)) < FEWEST:
        return False
    found, known = _read_lines(turned), _read_lines(before)
    if found > known and (len(turned.hypothesis.components) < MANY or turned.score < SCATTERED):
        return False
    if found >= known and sureness(before.lines) >= SURE:
        return False
    better = -ABOUT if found < known and degrees % 90 else BETTER
    return turned.score >= max(min(before.score + better, 0.99), GOOD)


def _read_lines(reading: Reading) -> int:
    """Return how many lines have a symbol that is read for sure, or how many there are if none."""
    sure = [any(s >= CONFIDENT for s in _symbols([line])) for line in reading.lines]
    return sum(sure) or len(sure)


def sureness(lines: Sequence[LineReading]) -> float:
    """Return how sure the symbols of a page are on average; marks and specks count for nothing."""
    sure = _symbols(lines)
    return float(np.mean(sure)) if sure else 0.0


def _whole(lines: Sequence[LineReading]) -> float:
    """Return how likely a line of a page is right on average; 0 where nobody can say."""
    sure = [line.probability or 0.0 for line in lines]
    return float(np.mean(sure)) if sure else 0.0


def _symbols(lines: Sequence[LineReading]) -> list[float]:
    """Return how sure each symbol of the best way to read each line is."""
    return [_sure(a) for line in lines for c, a in line.best() if c.role is Role.SYMBOL]


def _sure(answer: Answer) -> float:
    return answer.confidence * (1 - answer.several_symbols)


def _likeliest(components: Sequence[Component], course: Course, recogniser: Recogniser) -> float:
    """Return by how many degrees a page must be turned to be read best; 0 if none is clear."""
    reader = ComponentLineRecogniser(recogniser)
    sample = components[:: -(-len(components) // SAMPLE)]
    known = reader.ask(sample)
    before = np.array([_sure(known[part]) for part in sample])
    parts = {turn: [turned(part, turn) for part in sample] for turn in course.turns}
    answers = reader.ask([p for some in parts.values() for p in some])
    best, most = 0.0, 0.0
    for turn, some in parts.items():
        after = [answers[part] for part in some]
        evidence, sure = _evidence(after, before, turn), float(np.mean([_sure(a) for a in after]))
        clear = any(evidence >= least and sure >= mean for least, mean in EVIDENCE)
        slanted = turn == -course.slant % 360 and abs(course.slant) > SLANTED
        if slanted and sure >= max(LEVELLED, before.mean() - ABOUT):
            clear, evidence = True, max(evidence, LEAST)
        if clear and evidence > most:
            best, most = turn, evidence
    return best


def _evidence(turned: Sequence[Answer], before: npt.NDArray[np.float64], degrees: float) -> float:
    """Return how much likelier symbols are as they are turned than as they lie, as a logarithm."""
    sure = np.array([_sure(answer) for answer in turned])
    digits = [answer.likeliest for answer in turned]
    silent: tuple[str, ...] = FLAGS if degrees % 90 else STROKES
    least = WITNESSES
    if degrees == 180:  # an upright 1 with a flag may be a 7 there, beside any 0
        silent, least = (*FLAGS, *EITHER_WAY), 1
    witnesses = sum(s >= CONFIDENT and d not in silent for s, d in zip(sure, digits, strict=True))
    silent = STROKES if witnesses >= least else FLAGS
    logs = np.log(sure + LEAST) - np.log(before + LEAST)
    mute = np.array([digit in silent for digit in digits])
    return float(np.where(mute, np.minimum(logs, 0), logs).sum())
