"""Numbers: digits alone where these are asked for, and how the numbers of a page are written."""

from collections.abc import Sequence
from dataclasses import replace

from ..alphabet import MARKS
from ..document import HALF, LeftOut, Line, Reason, Symbol
from ..reasons import SILENT
from ..values import AUTO, convention

ALL, DIGITS_ALONE = "all", "digits"
ALPHABETS = (ALL, DIGITS_ALONE)
PLACES = 6  # decimals of a doubt


def set_decimal(lines: Sequence[Line], decimal: str) -> tuple[Line, ...]:
    """Return the lines of a page with what parts whole and fraction of their numbers.

    Under ``"auto"`` it is what the numbers of the page prove. Lines whose marks were left out keep
    having none.
    """
    if decimal == AUTO:
        decimal = convention(line.text for line in lines if line.decimal is not None)
    return tuple(line if line.decimal is None else replace(line, decimal=decimal) for line in lines)


def without_marks(lines: Sequence[Line]) -> tuple[list[Line], list[LeftOut]]:
    """Return lines with digits alone, and the marks that stood in them.

    A line of which a mark was left out is as sure as it is that this was a mark, and has no value:
    1250 is not what 12.50 says.
    """
    kept: list[Line] = []
    marks: list[LeftOut] = []
    for line in lines:
        found = [(symbol, dropped(symbol)) for symbol in line.symbols]
        gone = [mark for _, mark in found if mark is not None]
        marks += gone
        if not gone:
            kept.append(line)
            continue
        symbols = _joined(found)
        if symbols:
            rest = replace(line, symbols=symbols, decimal=None)
            if line.probability is None:
                sure = rest.confidence
                for mark in gone:
                    sure *= 1 - mark.doubt
                rest = replace(rest, probability=sure)
            kept.append(rest)
    return kept, marks


def dropped(symbol: Symbol) -> LeftOut | None:
    """Return what is said of a symbol that is left out for being a mark; None if it is none.

    So is one of which it is merely not known which mark it is.
    """
    first = symbol.candidates[0]
    unknown = symbol.rejection not in (None, Reason.SEVERAL_SYMBOLS, *SILENT)
    unsure = unknown and first.value in MARKS
    if not symbol.is_mark and not unsure:
        return None
    # What the candidates do not account for is that it is none of them.
    is_symbol = symbol.confidence / max(first.probability, 1e-9)
    digit = is_symbol * sum(c.probability for c in symbol.candidates if c.value not in MARKS)
    if unsure and digit >= HALF:
        return None
    # Whoever overruled the network knew why, and leaves a doubt of a half behind.
    return LeftOut(Reason.MARK, symbol.outline, round(min(digit, HALF), PLACES))


def _joined(found: Sequence[tuple[Symbol, LeftOut | None]]) -> tuple[Symbol, ...]:
    """Return the symbols that stay; the gap before one that goes is before the next."""
    symbols: list[Symbol] = []
    gap = False
    for symbol, mark in found:
        gap |= symbol.space_before
        if mark is None:
            symbols.append(replace(symbol, space_before=gap and bool(symbols)))
            gap = False
    return tuple(symbols)
