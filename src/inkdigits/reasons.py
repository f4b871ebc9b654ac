"""Why a symbol is rejected, or ink left out; the sentence of each is made here."""

from enum import StrEnum


class Reason(StrEnum):
    """Why a symbol was rejected, or why ink was left out."""

    BLANK = "blank"
    NOT_A_SYMBOL = "not_a_symbol"
    SEVERAL_SYMBOLS = "several_symbols"
    LOW_CONFIDENCE = "low_confidence"
    DISAGREE = "disagree"
    DOUBTFUL_LINE = "doubtful_line"
    PART_OF_WORD = "part_of_word"
    MARK = "mark"
    RULE = "rule"
    BOX = "box"
    PRINT = "print"
    PAPER_EDGE = "paper_edge"
    SPECK = "speck"
    TOO_MANY = "too_many"

    @property
    def sentence(self) -> str:
        """The reason in words."""
        return _SENTENCES[self]


_SENTENCES = {
    Reason.BLANK: "blank: there is no ink",
    Reason.NOT_A_SYMBOL: "not a digit",
    Reason.SEVERAL_SYMBOLS: "several digits",
    Reason.LOW_CONFIDENCE: "low confidence",
    Reason.DISAGREE: "the two recognisers disagree",
    Reason.DOUBTFUL_LINE: "the line as a whole is more likely wrong than right",
    Reason.PART_OF_WORD: "part of a word",
    Reason.MARK: "a mark, such as a dot, comma, dash or slash",
    Reason.RULE: "a printed rule or an underline",
    Reason.BOX: "a printed box or table",
    Reason.PRINT: "print, a stamp or a picture, not handwriting",
    Reason.PAPER_EDGE: "the edge of the paper",
    Reason.SPECK: "a speck",
    Reason.TOO_MANY: "too many pieces of ink for a page of writing",
}
# Words of such symbols alone are no part of a text: print beside a number, a lone dash.
SILENT = frozenset({Reason.NOT_A_SYMBOL, Reason.PART_OF_WORD, Reason.BLANK, Reason.MARK})
