"""From segmentations to pages: lines are recognised, symbols made, what is left out is told."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from ..alphabet import Alphabet
from ..document import Candidate, LeftOut, Line, Outline, Page, Reason, Symbol
from ..errors import InkdigitsError
from ..io.decode import MOST_PAGES
from ..io.picture import Picture, Pixels, Placement
from ..recognition.joined import JoinedLineRecogniser, JoinedReading
from ..recognition.lattice import Role
from ..recognition.line import Answer, ComponentLineRecogniser, LineReading, LineRecogniser
from ..recognition.recogniser import Recogniser
from ..segmentation.components import Component, Unread
from ..segmentation.finder import PageMap, shipped
from ..segmentation.lines import TextLine
from ..segmentation.marks import slash_score
from ..segmentation.segment import Hypothesis, Segmentation, segment
from ..values import AUTO, checked_decimal
from .choose import UNEXPLAINED, Reading, chosen
from .context import apply_context, without_hanging
from .line_trace import LineTrace
from .numbers import ALL, ALPHABETS, dropped, set_decimal, without_marks
from .upright import upright

TURNS = (0, 90, 180, 270)  # degrees by which somebody may know that pages are to be turned
KINDS_OF_MARKS = ({".", ","}, {"-", "—", "="})  # within which one is easily taken for another
PLACES = 6  # decimals of what is said of a symbol
STROKES = ("1", "7")  # digits that a stroke between digits may be taken for
SLASH, DATE_SLASH = 0.6, 0.2  # a score above which it is a stroke, alone or in a date
PROVEN = 0.8  # with so much confidence small writing is read, or it is grain
# Of ink that is too small for the writing about it, and stands in no line, little is a digit,
# whatever it looks like.
LONE = 0.1
UNKNOWN_DOUBT = 0.5  # of ink that was too much to be looked at
MOST_LEFT_OUT = 500  # pieces of ink that a document lists


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
    most_pages
        A file of more pages is refused.
    alphabet
        ``"all"`` gives digits and marks; with ``"digits"`` marks are left out, and listed.
    decimal
        What parts whole and fraction of numbers: ``"point"``, ``"comma"``, or ``"auto"``, what the
        numbers of a page prove.
    rotate
        Turn a page whose writing does not lie upright.
    rotation
        Clockwise degrees, 0, 90, 180 or 270, that make stored pages upright, whatever their EXIF
        data say; None if nobody knows. What is known is not looked for: `rotate` counts no more.

    Raises
    ------
    InkdigitsError
        If there is no such confidence, alphabet, decimal sign or rotation.
    """

    single: bool = False
    min_confidence: float = 0.5
    keep: bool = False
    most_pages: int = MOST_PAGES
    alphabet: str = ALL
    decimal: str = AUTO
    rotate: bool = True
    rotation: int | None = None

    def __post_init__(self) -> None:
        sure = self.min_confidence
        if not isinstance(sure, (int, float)) or not 0 <= sure <= 1:
            raise InkdigitsError(f"min_confidence must be between 0 and 1, not {sure!r}.")
        if self.alphabet not in ALPHABETS:
            raise InkdigitsError(
                f"alphabet must be {' or '.join(ALPHABETS)}, not {self.alphabet!r}."
            )
        checked_decimal(self.decimal)
        if self.rotation not in (None, *TURNS):
            raise InkdigitsError(
                f"rotation must be {' or '.join(map(str, TURNS))}, not {self.rotation!r}."
            )


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
    page_map
        What a finder took the pixels for; None if none looked.
    lines
        Of the hypothesis that was read, those that two readers have read.
    """

    page: Page
    pixels: Pixels | None = None
    ink: Pixels | None = None
    components: Sequence[Component] = ()
    page_map: PageMap | None = None
    lines: Sequence[LineTrace] = ()


def read(
    segmentations: Sequence[Segmentation], recogniser: Recogniser, options: ReadOptions
) -> list[PageTrace]:
    """Return what is written on each page; all lines of all of them are recognised together."""
    reader = line_recogniser(recogniser)
    best = chosen(segmentations, reader)
    if options.rotate and options.rotation is None:
        best = [_upright(one, reader, options) for one in best]
    doubts = _doubts(reader, [one.hypothesis for one in best])
    pages = []
    for one in best:
        page = _page(one, options, doubts, recogniser.alphabet)
        taken, picture = one.hypothesis, one.segmentation.picture
        if not options.keep or picture is None:
            pages.append(PageTrace(page))
            continue
        kept = picture.pixels, taken.ink, taken.components, taken.page_map
        pages.append(PageTrace(page, *kept, LineTrace.of(taken.lines, one.lines)))
    return pages


def _upright(reading: Reading, reader: LineRecogniser, options: ReadOptions) -> Reading:
    """Return the reading of a page, turned if it does not lie upright."""
    hypotheses = reading.segmentation.hypotheses
    finder = shipped() if any(h.found_by == "finder" for h in hypotheses) else None
    strips = any(line.strips for h in hypotheses for line in h.lines)

    def turned(picture: Picture, degrees: float) -> Reading:
        found = segment(picture, keep=options.keep, finder=finder, strips=strips, turn=degrees)
        return chosen([found], reader)[0]

    return upright(reading, turned)


def line_recogniser(recogniser: Recogniser) -> LineRecogniser:
    """Return what reads lines: by their components, and as a whole where a network can."""
    if recogniser.lines is None:
        return ComponentLineRecogniser(recogniser)
    return JoinedLineRecogniser(recogniser, recogniser.lines)


def _page(
    reading: Reading,
    options: ReadOptions,
    doubts: Mapping[Component, float],
    alphabet: Alphabet,
) -> Page:
    segmentation, hypothesis, readings = reading.segmentation, reading.hypothesis, reading.lines
    place = segmentation.place
    unread = list(hypothesis.unread)
    lines: list[Line] = []
    marks: list[LeftOut] = []
    if segmentation.single:
        one = _single(segmentation, hypothesis, readings, options, alphabet)
        if options.alphabet != ALL and dropped(one) is not None:
            one = replace(one, rejection=Reason.MARK)
        lines = [Line((one,))]
    else:
        pairs = list(zip(hypothesis.lines, readings, strict=True))
        unproven = [pair for pair in pairs if pair[0].doubtful]
        if not _proves_itself([reading for _, reading in unproven]):
            pairs = [pair for pair in pairs if not pair[0].doubtful]
            refused = [reading for _, reading in unproven]
            unread += _as_unread(refused)
            doubts = {**doubts, **_of_lines(refused)}
        for line, found in pairs:
            symbols, rest = _symbols(found, segmentation, options)
            unread += rest
            if symbols:
                sure = found.probability
                sure = None if sure is None else round(sure, PLACES)
                lines.append(Line(symbols, line.cell, sure))
        lines = list(apply_context(without_hanging(lines)))
        if options.alphabet != ALL:
            lines, marks = without_marks(lines)
    return Page(
        segmentation.number,
        place.width,
        place.height,
        set_decimal(lines, options.decimal),
        (*left_out(unread, place, doubts), *marks),
        place.rotation,
        place.mirrored,
        "dark_on_light" if hypothesis.dark else "light_on_dark",
    )


def _single(
    segmentation: Segmentation,
    hypothesis: Hypothesis,
    readings: Sequence[LineReading],
    options: ReadOptions,
    alphabet: Alphabet,
) -> Symbol:
    if not hypothesis.lines:
        place = segmentation.place
        outline = place.outline(0, 0, place.wide, place.tall)
        return _made(Answer.blank(alphabet), outline, Reason.BLANK)
    whole = hypothesis.lines[0].components[0]
    return _symbol(whole, readings[0].answers[whole], segmentation, options)


def _symbols(
    reading: LineReading, segmentation: Segmentation, options: ReadOptions
) -> tuple[tuple[Symbol, ...], list[Unread]]:
    """Return the symbols of a line, and what of it is neither symbol nor mark."""
    best = reading.best()
    is_joined = isinstance(reading, JoinedReading)  # which knows marks
    unread = [Unread.of(c.component, Reason.SPECK) for c, _ in best if c.role is Role.NOTHING]
    taken = [(c, answer) for c, answer in best if c.role is not Role.NOTHING]
    digits = [(c.component, a) for c, a in taken if c.role is Role.SYMBOL]
    slashes = set() if is_joined else _slashes(digits)
    symbols = []
    for candidate, answer in taken:
        symbol = _symbol(candidate.component, answer, segmentation, options)
        if candidate.role is Role.MARK or candidate.component in slashes:
            symbol = replace(symbol, rejection=Reason.MARK)
        elif symbol.rejection is Reason.LOW_CONFIDENCE:
            symbol = replace(symbol, rejection=reading.doubt(candidate.component))
        symbols.append(symbol)
    return tuple(symbols), unread


def _slashes(pairs: Sequence[tuple[Component, Answer]]) -> set[Component]:
    """Return what is a stroke between digits, though it may look like a 1."""
    digits = [(component, answer.likeliest) for component, answer in pairs]
    others = [component for component, digit in digits if digit not in STROKES]
    if len(digits) < 3 or len(others) == len(digits):
        return set()
    if len(others) < 2:  # 1/2 or 11/11/11: most of what may be strokes are upright all the same
        others = [component for component, _ in digits]
    usual = float(np.median([component.lean for component in others]))
    height = float(np.median([component.height for component in others]))
    scores = [
        slash_score(component, usual, height) if digit in STROKES else 0.0
        for component, digit in digits
    ]
    scores[0] = scores[-1] = 0.0  # it stands between digits
    found = [at for at, score in enumerate(scores) if score >= SLASH]
    likely = [at for at, score in enumerate(scores) if score >= DATE_SLASH]
    if len(likely) == 2 and _is_date(likely[0], likely[1], len(digits)):
        found = likely
    return {digits[at][0] for at in found}


def _is_date(first: int, second: int, count: int) -> bool:
    """Whether strokes at these places of so many symbols part day, month and year."""
    return first in (1, 2) and second - first in (2, 3) and count - second in (3, 5)


def _proves_itself(readings: Sequence[LineReading]) -> bool:
    """Whether what is so small that it may be grain reads as digits, most of it."""
    answers = [a for reading in readings for c, a in reading.best() if c.role is Role.SYMBOL]
    sure = sum(answer.confidence >= PROVEN for answer in answers)
    return sure >= 0.5 * len(answers) if answers else True


def _doubts(reader: LineRecogniser, hypotheses: Sequence[Hypothesis]) -> dict[Component, float]:
    """Return how likely ink that stands apart from all lines is a symbol after all."""
    apart = [
        one.component
        for hypothesis in hypotheses
        for one in hypothesis.unread[:MOST_LEFT_OUT]
        if one.component is not None and one.reason in UNEXPLAINED
    ]
    lines = [TextLine([component], component.height) for component in apart]
    answers = [reading.answers[c] for c, reading in zip(apart, reader.read(lines), strict=True)]
    return {c: LONE * answer.confidence for c, answer in zip(apart, answers, strict=True)}


def _of_lines(readings: Sequence[LineReading]) -> dict[Component, float]:
    best = [pair for reading in readings for pair in reading.best()]
    return {candidate.component: LONE * answer.confidence for candidate, answer in best}


def _as_unread(readings: Sequence[LineReading]) -> list[Unread]:
    found = [c.component for reading in readings for c, _ in reading.best()]
    return [Unread.of(component, Reason.SPECK) for component in found]


def left_out(
    unread: Sequence[Unread], place: Placement, doubts: Mapping[Component, float]
) -> tuple[LeftOut, ...]:
    """Return ink that is in no line as a document has it, the largest first."""
    order = sorted(unread, key=lambda one: -one.width * one.height)
    found = [
        LeftOut(
            one.reason,
            place.outline(one.left, one.top, one.width, one.height),
            UNKNOWN_DOUBT
            if one.reason is Reason.TOO_MANY
            else round(doubts.get(one.component, 0.0), PLACES)
            if one.component
            else 0.0,
        )
        for one in order[:MOST_LEFT_OUT]
    ]
    if len(order) > len(found):
        found.append(LeftOut(Reason.TOO_MANY, place.outline(0, 0, place.wide, place.tall)))
    return tuple(found)


def _symbol(
    component: Component, answer: Answer, segmentation: Segmentation, options: ReadOptions
) -> Symbol:
    outline = segmentation.place.outline(
        component.left, component.top, component.width, component.height
    )
    rejection = None
    if answer.several_symbols > 0.5:
        rejection = Reason.SEVERAL_SYMBOLS
    elif answer.no_symbol > 0.5:
        rejection = Reason.NOT_A_SYMBOL
    elif _sure(answer) < options.min_confidence:
        rejection = Reason.LOW_CONFIDENCE
    return _made(answer, outline, rejection)


def _sure(answer: Answer) -> float:
    """Return how sure a symbol is: of a mark, that it is one of its kind.

    Whether a stroke is a dash or a long one is no matter, and its confidence tells.
    """
    kind = next((kind for kind in KINDS_OF_MARKS if answer.likeliest in kind), None)
    if kind is None:
        return answer.confidence
    shares = zip(answer.symbols, answer.shares.tolist(), strict=True)
    return float(sum(share for name, share in shares if name in kind)) * (1 - answer.no_symbol)


def _made(answer: Answer, outline: Outline, rejection: Reason | None) -> Symbol:
    order = np.argsort(-answer.shares, kind="stable")
    symbols, seen = answer.symbols, answer.network_input
    candidates = [Candidate(symbols[at], round(float(answer.shares[at]), PLACES)) for at in order]
    confidence = 0.0 if rejection is Reason.BLANK else answer.confidence
    confidence = round(confidence, PLACES)
    return Symbol(tuple(candidates), confidence, outline, rejection, network_input=seen)
