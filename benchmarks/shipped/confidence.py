"""How two readers of a line are joined, and how sure a line is: fitted on lines made for it.

Nothing of this is learned from handwriting that a figure is reported on: the lines are made at
random, by pens and by people of MNIST from whom the network of lines has not learned.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import product
from pathlib import Path

import numpy as np

from inkdigits.alphabet import UNKNOWN, Alphabet
from inkdigits.evaluation.line_confidence import fitted
from inkdigits.files import write_text
from inkdigits.io.picture import open_picture
from inkdigits.recognition.joined import JoinedReading, join, look
from inkdigits.recognition.line import ComponentLineRecogniser, LineReading
from inkdigits.recognition.line_confidence import FILE, Calibration
from inkdigits.recognition.line_network import LineNetwork
from inkdigits.recognition.pieces import Columns
from inkdigits.recognition.recogniser import Recogniser
from inkdigits.segmentation.finder import Finder
from inkdigits.segmentation.lines import TextLine
from inkdigits.segmentation.segment import segment
from inkdigits.synthesis.people import People
from inkdigits.synthesis.strips import picture

COUNT = 2000  # pictures of a line
SEED = 20  # of them: no training has it
WEIGHTS = (0.25, 0.5, 1.0, 1.5)  # of the lattice against the network
TEMPERATURES = (1.0, 1.5, 2.0)


@dataclass(frozen=True, eq=False)
class Sample:
    """A line, what either reader says of it, and what it says."""

    line: TextLine
    reading: LineReading
    columns: Columns
    text: str


def samples(
    recogniser: Recogniser,
    network: LineNetwork,
    finder: Finder,
    people: People | None,
    count: int = COUNT,
) -> list[Sample]:
    """Return made pictures in which one line was found, each with its truth."""
    components = ComponentLineRecogniser(recogniser)
    found = []
    for number in range(count):
        pixels, text = picture(np.random.default_rng((SEED, number)), people)
        page = segment(open_picture(pixels), finder=finder, strips=True)
        lines = page.hypotheses[-1].lines
        if len(lines) != 1 or not lines[0].strips:
            continue
        (line,) = lines
        (reading,), (columns,) = components.read([line]), look(network, [line])
        if columns is not None:
            found.append(Sample(line, reading, columns, text))
    return found


def read(
    some: Sequence[Sample], alphabet: Alphabet, calibration: Calibration
) -> list[JoinedReading]:
    """Return what each line reads as, joined in a given way."""
    return [join(one.line, one.reading, one.columns, alphabet, calibration) for one in some]


def fit(some: Sequence[Sample], alphabet: Alphabet) -> Calibration:
    """Return how both readers are best joined, and the confidence that fits how often it is right.

    Weight and temperature are those with which most lines are right. The rest is a logistic
    regression of whether all digits of a line are right: the best readers part on whether a speck
    is a point, and each mark has a confidence of its own.
    """
    best, most = Calibration(), -1
    for weight, temperature in product(WEIGHTS, TEMPERATURES):
        tried = replace(best, weight=weight, temperature=temperature)
        right = _right(some, read(some, alphabet, tried))
        if right > most:
            best, most = tried, right
    readings = read(some, alphabet, best)
    digits = [
        _without_marks(one.text) == _without_marks(_shown(reading))
        for one, reading in zip(some, readings, strict=True)
    ]
    return fitted(best, [one.features for one in readings], digits)


def _right(some: Sequence[Sample], readings: Sequence[JoinedReading]) -> int:
    """Return how many lines are right, marks included."""
    return sum(one.text == _shown(reading) for one, reading in zip(some, readings, strict=True))


def _without_marks(text: str) -> str:
    return "".join(sign for sign in text if sign.isdigit() or sign == UNKNOWN)


def _shown(reading: JoinedReading) -> str:
    return "".join(
        UNKNOWN if answer.no_symbol > 0.5 else answer.likeliest for _, answer in reading.symbols
    )


def write(calibration: Calibration, folder: Path) -> Path:
    """Write it beside a network of lines."""
    path = folder / FILE
    write_text(path, json.dumps(calibration.to_dict(), indent=1) + "\n")
    return path
