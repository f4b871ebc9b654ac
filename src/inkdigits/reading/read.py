"""From segmentations to pages: lines are recognised, hypotheses chosen, symbols made."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from ..document import Candidate, Line, Outline, Page, Reason, Symbol
from ..io.picture import Pixels
from ..recognition.line import Answer, ComponentLineRecogniser, LineReading, LineRecogniser
from ..recognition.recogniser import Recogniser
from ..segmentation.components import Component
from ..segmentation.segment import Hypothesis, Segmentation
from .context import apply_context

DIGITS = "0123456789"
PLACES = 6  # decimals of what is said of a symbol
BLANK = Answer(np.full(10, 0.1, np.float32), 1.0, 0.0, np.zeros((28, 28), np.uint8))


@dataclass(frozen=True)
class ReadOptions:
    """How pictures are read.

    Attributes
    ----------
    single
        Take all ink of a picture as one symbol.
    min_confidence
        What is read with less is rejected.
    keep
        Keep the intermediate pictures, to be drawn.
    """

    single: bool = False
    min_confidence: float = 0.5
    keep: bool = False


@dataclass(frozen=True, eq=False)
class PageTrace:
    """A page, and the intermediate pictures that it was read from.

    Attributes
    ----------
    page
        What was read.
    pixels
        What was segmented, upright: grey or RGB.
    ink
        ``(H, W)`` uint8, 0 paper to 255 ink.
    components
        Of the hypothesis that was read.
    """

    page: Page
    pixels: Pixels | None = None
    ink: Pixels | None = None
    components: Sequence[Component] = ()


def read(
    segmentations: Sequence[Segmentation], recogniser: Recogniser, options: ReadOptions
) -> list[PageTrace]:
    """Return what is written on each page; all lines of all of them are recognised together."""
    reader: LineRecogniser = ComponentLineRecogniser(recogniser)
    hypotheses = [h for segmentation in segmentations for h in segmentation.hypotheses]
    found = iter(reader.read([line for h in hypotheses for line in h.lines]))
    lines = {id(h): [next(found) for _ in h.lines] for h in hypotheses}
    pages = []
    for segmentation in segmentations:
        # Paper between strokes makes no digits: the right way round is the one that makes sense.
        best = max(segmentation.hypotheses, key=lambda h: score(h, lines[id(h)]))
        page = _page(segmentation, best, lines[id(best)], options)
        kept = (segmentation.pixels, best.ink, best.components) if options.keep else ()
        pages.append(PageTrace(page, *kept))
    return pages


def score(hypothesis: Hypothesis, lines: Sequence[LineReading]) -> float:
    """Return how sure components are symbols on average, each counted by its size."""
    pairs = [
        (part, reading.answers[part])
        for line, reading in zip(hypothesis.lines, lines, strict=True)
        for part in line.components
    ]
    size = np.array([part.width * part.height for part, _ in pairs])
    sure = np.array([answer.confidence for _, answer in pairs])
    return float(size @ sure / size.sum()) if len(size) else 0.0


def _page(
    segmentation: Segmentation,
    hypothesis: Hypothesis,
    readings: Sequence[LineReading],
    options: ReadOptions,
) -> Page:
    if segmentation.single:
        lines: tuple[Line, ...] = (Line((_single(segmentation, hypothesis, readings, options),)),)
    else:
        made = [
            Line(tuple(_symbol(*pair, segmentation, options) for pair in reading.best()))
            for reading in readings
        ]
        lines = apply_context([line for line in made if line.symbols])
    place = segmentation.place
    return Page(
        1,
        place.width,
        place.height,
        lines,
        rotation=place.rotation,
        mirrored=place.mirrored,
        polarity="dark_on_light" if hypothesis.dark else "light_on_dark",
    )


def _single(
    segmentation: Segmentation,
    hypothesis: Hypothesis,
    readings: Sequence[LineReading],
    options: ReadOptions,
) -> Symbol:
    if not hypothesis.lines:
        place = segmentation.place
        return _made(BLANK, place.outline(0, 0, place.wide, place.tall), Reason.BLANK)
    whole = hypothesis.lines[0].components[0]
    return _symbol(whole, readings[0].answers[whole], segmentation, options)


def _symbol(
    component: Component, answer: Answer, segmentation: Segmentation, options: ReadOptions
) -> Symbol:
    outline = segmentation.place.outline(
        component.left, component.top, component.width, component.height
    )
    rejection = None
    if answer.several > 0.5:
        rejection = Reason.SEVERAL_SYMBOLS
    elif answer.no_digit > 0.5:
        rejection = Reason.NOT_A_SYMBOL
    elif answer.confidence < options.min_confidence:
        rejection = Reason.LOW_CONFIDENCE
    return _made(answer, outline, rejection)


def _made(answer: Answer, outline: Outline, rejection: Reason | None) -> Symbol:
    order = np.argsort(-answer.shares, kind="stable")
    candidates = [Candidate(DIGITS[at], round(float(answer.shares[at]), PLACES)) for at in order]
    confidence = 0.0 if rejection is Reason.BLANK else answer.confidence
    confidence = round(confidence, PLACES)
    return Symbol(tuple(candidates), confidence, outline, rejection, network_input=answer.seen)
