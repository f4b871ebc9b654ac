"""Which way is up: a page that reads badly as it lies is read as it may lie turned.

Digits upside down often look like digits, so a page is turned only if all of it then makes clearly
more sense: more of its ink is explained, its symbols are surer, and they stand in longer lines.
"""

from collections.abc import Callable, Sequence

import numpy as np

from ..io.picture import Picture
from ..recognition.lattice import Role
from ..recognition.line import Answer, LineReading
from ..segmentation.components import Component, writing_height
from ..segmentation.segment import FEWEST
from ..segmentation.turn import Course, bodies
from .choose import Reading

SURE = 0.96  # a page whose symbols are read so surely on average lies right
WHOLE = 0.85  # a page whose lines are so likely right on average lies right
# Of the symbols of a page that lies right, so many stand in lines of three and more that are so
# likely right; a line of digits that have two ways up proves nothing.
PROVEN, LONG, PART = 0.8, 3, 0.25
EITHER_WAY = frozenset("01689")
SLANTED = 12.0  # degrees: lines that slant by more are put apart, however sure each digit is
MOST = 400  # components of a page that may be turned
SOME = 20  # components that show which way is up; of a page with more a part is turned first
NESTED = 2.0  # of the page: what covers more of it stands within one another, and is no writing
# What makes sense turned must do so by so much more than as it lies: of a few symbols most.
LYING, FEW_LYING, FEW = 0.8, 0.5, 4
LEAST = 0.4  # sense that a page must make to be turned at all
STROKE = "1"  # dashes on their side are ones: they prove nothing
# The sense of a symbol by itself, and how much its line adds for each that it holds: digits that
# stand below one another are a number on its side.
ALONE, COMPANY = 0.5, 0.15


Read = Callable[[Picture, float], Reading]


def upright(reading: Reading, read: Read) -> Reading:
    """Return the reading of a page, turned if that makes clearly more sense.

    Parameters
    ----------
    reading
        Of the page as it lies.
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
    place = reading.segmentation.place
    if sum(c.width * c.height for c in found) > NESTED * place.wide * place.tall:
        return reading
    course = Course.of(found)
    slanted = abs(course.slant) > SLANTED
    if not slanted and _is_sure(reading.lines):
        return reading
    lying = LYING if len(found) >= FEW else FEW_LYING
    better = 1.0 if slanted else 1 / lying
    turns = [turn for turn in course.turns if turn % 90 or not slanted]
    if len(found) > SOME:
        part = _part(picture, found)
        degrees, _ = _clearest(part, read(part, 0.0), turns, better, read)
        turns = [degrees] if degrees else []
    return _clearest(picture, reading, turns, better, read)[1]


def _clearest(
    picture: Picture, lying: Reading, turns: Sequence[float], better: float, read: Read
) -> tuple[float, Reading]:
    """Return by how much a picture is best turned, and how it then reads; 0 as it lies."""
    best, sense = (0.0, lying), max(_sense(lying) * better, LEAST)
    for degrees in turns:
        one = read(picture, degrees)
        if _sense(one) > sense:
            best, sense = (degrees, one), _sense(one)
    return best


def _part(picture: Picture, found: Sequence[Component]) -> Picture:
    """Return a part of a page that holds some of its symbols, those in the middle of all."""
    middles = np.array([component.middle for component in found])
    far = np.hypot(*(middles - np.median(middles, 0)).T)
    some = [found[at] for at in np.argsort(far, kind="stable")[:SOME]]
    margin = round(writing_height(some) / 2)
    top = max(0, min(c.top for c in some) - margin)
    left = max(0, min(c.left for c in some) - margin)
    bottom, right = max(c.bottom for c in some) + margin, max(c.right for c in some) + margin
    pixels = np.ascontiguousarray(picture.pixels[top:bottom, left:right])
    tall, wide = pixels.shape[:2]
    return Picture(picture.name, pixels, wide, tall)


def _is_sure(lines: Sequence[LineReading]) -> bool:
    """Whether what is read of a page is so likely right that it need not be turned."""
    known = [line.probability for line in lines if line.probability is not None]
    if not known:
        return _sureness(_symbols(lines)) >= SURE
    proven = sum(len(_symbols([line])) for line in lines if _is_proven(line))
    return float(np.mean(known)) >= WHOLE or proven > PART * len(_symbols(lines))


def _is_proven(line: LineReading) -> bool:
    """Whether a line is so likely right, and so hard to read upside down, that it lies right."""
    symbols = [symbol.likeliest for symbol in _symbols([line])]
    either_way = EITHER_WAY.issuperset(symbols)
    return (line.probability or 0.0) >= PROVEN and len(symbols) >= LONG and not either_way


def _sense(reading: Reading) -> float:
    """Return how much sense a page makes."""
    symbols = _symbols(reading.lines)
    if len(symbols) < FEWEST or all(symbol.likeliest == STROKE for symbol in symbols):
        return 0.0
    company = len(symbols) / len(reading.lines)
    return reading.score * _sureness(symbols) * min(1.0, ALONE + COMPANY * company)


def _sureness(symbols: Sequence[Answer]) -> float:
    """Return how sure the symbols of a page are on average."""
    return float(np.mean([_sure(symbol) for symbol in symbols])) if symbols else 0.0


def _symbols(lines: Sequence[LineReading]) -> list[Answer]:
    """Return the symbols of the best way to read each line, without marks and specks."""
    return [answer for line in lines for c, answer in line.best() if c.role is Role.SYMBOL]


def _sure(answer: Answer) -> float:
    return answer.confidence * (1 - answer.several_symbols)
