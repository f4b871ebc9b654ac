"""Context: what the company of a symbol says of it: spaces, words, noise."""

from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise

import numpy as np

from ..document import Line, Reason, Symbol
from ..reasons import SILENT

FEW, STRANGE, SURE = 5, 0.6, 0.97  # of so many symbols, so much strange: others must be so sure
MANY_GAPS = 3
LOST, DOUBTED = 0.25, 0.4  # a line's probability below which all of it, or a part, is rejected
HANGING, MOST_HANGING = (".", ","), 2  # marks that may hang below a line, and how many at most
HANGS = 0.3  # of the height of digits: so far below their feet its ink may begin
WORD_GAP = 1.1  # of the height of the writing: wider is a space
ALIKE = {None, "0", "1", "5"}  # what an o, an l or an s may be taken for


def apply_context(lines: Sequence[Line]) -> tuple[Line, ...]:
    """Return the lines of a page, their symbols judged by what they stand among."""
    return reject_noise([reject_doubted(reject_words(set_spaces(line))) for line in lines])


def without_hanging(lines: Sequence[Line]) -> list[Line]:
    """Return lines without what is no line, but the rest of marks that hang below another.

    The network of lines sees where a large comma begins; its ink may stand below as a 1.
    """
    found = list(lines)
    for low in lines:
        for at, line in enumerate(found):
            if line is not low and (hung := _with_hanging(line, low)) is not None:
                found[at] = hung
                found = [one for one in found if one is not low]
                break
    return found


def _with_hanging(line: Line, low: Line) -> Line | None:
    """Return a line whose marks stand where all symbols of another hang; None if they do not."""
    digits = [symbol.box for symbol in line.symbols if not symbol.is_mark]
    apart = line.cell is not None or low.cell is not None
    if apart or not digits or not 0 < len(low.symbols) <= MOST_HANGING:
        return None
    tall = max(box[3] for box in digits)
    base = float(np.median([box[1] + box[3] for box in digits]))
    symbols = list(line.symbols)
    for part in low.symbols:
        left, top, width, height = part.box
        marks = [
            at
            for at, mark in enumerate(symbols)
            if mark.value in HANGING
            and min(left + width, mark.box[0] + mark.box[2]) > max(left, mark.box[0])
        ]
        if not marks or height > tall or not base - tall < top < base + HANGS * tall:
            return None
        symbols[marks[0]] = replace(symbols[marks[0]], outline=part.outline)
    return replace(line, symbols=tuple(symbols))


def set_spaces(line: Line) -> Line:
    """Return a line in which it is known where there are gaps as wide as a digit."""
    if len(line.symbols) < 2:
        return line
    boxes = [symbol.box for symbol in line.symbols]
    # A dot is as high as nothing that is written beside it.
    digits = [box[3] for box, one in zip(boxes, line.symbols, strict=True) if not one.is_mark]
    tall = float(np.median(digits or [box[3] for box in boxes]))
    gaps = [b[0] - a[0] - a[2] for a, b in pairwise(boxes)]
    wide = WORD_GAP * tall
    if len(gaps) >= MANY_GAPS:  # a line that is written widely has wide gaps throughout
        wide = max(wide, min(2.2 * float(np.median(gaps)), 3 * tall))
    rest = zip(line.symbols[1:], gaps, strict=True)
    symbols = (line.symbols[0], *(replace(s, space_before=gap > wide) for s, gap in rest))
    return replace(line, symbols=symbols)


def reject_doubted(line: Line) -> Line:
    """Reject what is not to be vouched for in a line of which its readers are not sure at all.

    Of a line that is hardly right nothing is, and of one that is more likely wrong the least sure
    symbol is not, nor a lone one; unless it is plain which of its words is at fault: a printed
    label beside a number.
    """
    sure = line.probability
    read = [symbol for symbol in line.symbols if symbol.value is not None]
    if sure is None or sure >= DOUBTED or not read:
        return line
    doubts = [s for s in line.symbols if s.value is None and s.rejection not in SILENT]
    if sure >= LOST and doubts and len(read) > 1:
        return line  # a "?" says so already
    gone = _at_fault(line, read)
    if sure >= LOST:
        gone = sorted(gone, key=lambda symbol: symbol.confidence)[:1]
    return replace(
        line,
        symbols=tuple(
            _rejected(symbol, Reason.DOUBTFUL_LINE)
            if any(symbol is one for one in gone)
            else symbol
            for symbol in line.symbols
        ),
    )


def _at_fault(line: Line, read: list[Symbol]) -> list[Symbol]:
    """Return what is read in words with a ``?`` or a doubt; all of the line if it has no ``?``."""
    doubtful = [
        word
        for word in line.words
        if any(symbol.value is None or symbol.confidence < SURE for symbol in word)
    ]
    if not any(symbol.value is None for word in doubtful for symbol in word):
        return read
    return [symbol for word in doubtful for symbol in word if symbol.value is not None]


def reject_words(line: Line) -> Line:
    """Reject the symbols of a word: among letters an ``l`` is no 1 and an ``o`` no 0."""
    read: list[Symbol] = []
    for word in line.words:
        letters = sum(symbol.rejection is Reason.NOT_A_SYMBOL for symbol in word)
        # One illegible sign, or two in five, make no word of a number; but what else is read there
        # may all be an o, an l or an s.
        alike = {symbol.value for symbol in word} <= ALIKE
        if letters >= 2 and letters > (0.25 if alike else 0.4) * len(word):
            read += [_rejected(s, Reason.PART_OF_WORD) if s.value is not None else s for s in word]
        else:
            read += word
    return replace(line, symbols=tuple(read))


def reject_noise(lines: Sequence[Line]) -> tuple[Line, ...]:
    """Reject what is not sure among much that is no symbol: noise and print may look like one.

    There a word is believed as a whole or not at all: in ``Color`` an ``o`` is a perfect 0.
    """
    rejections = [symbol.rejection for line in lines for symbol in line.symbols]
    strange = sum(r in (Reason.NOT_A_SYMBOL, Reason.PART_OF_WORD) for r in rejections)
    if len(rejections) < FEW or strange < STRANGE * len(rejections):
        return tuple(lines)
    return tuple(_without_doubtful_words(line) for line in lines)


def _without_doubtful_words(line: Line) -> Line:
    symbols: list[Symbol] = []
    for word in line.words:
        sure = all(s.is_mark or (s.value is not None and s.confidence >= SURE) for s in word)
        for symbol in word:
            kept = sure and symbol.confidence >= SURE
            lost = symbol.value is not None and not kept
            symbols.append(_rejected(symbol, Reason.NOT_A_SYMBOL) if lost else symbol)
    return replace(line, symbols=tuple(symbols))


def _rejected(symbol: Symbol, reason: Reason) -> Symbol:
    return replace(symbol, rejection=reason)
