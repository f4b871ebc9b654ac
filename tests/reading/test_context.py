from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from inkdigits.document import Line, Reason, Symbol
from inkdigits.reading.context import (
    apply_context,
    reject_doubted,
    reject_noise,
    reject_words,
    set_spaces,
    without_hanging,
)
from tests.documents import box, lines, symbol

TALL = 20


def row(*gaps: float, wide: float = 10) -> Line:
    """Return a line of sevens with these gaps between them."""
    found, x = [], 0.0
    for gap in (0, *gaps):
        x += gap
        found.append(replace(symbol("7"), outline=box(x, 0, wide, TALL)))
        x += wide
    return Line(tuple(found))


def spaces(line: Line) -> list[bool]:
    return [one.space_before for one in set_spaces(line).symbols]


def word(text: str) -> Line:
    """Return a word: digits, and ``?`` for a letter."""
    return Line(tuple(symbol(None if sign == "?" else sign) for sign in text))


def read(line: Line) -> str:
    return "".join(one.text for one in line.symbols)


def test_a_gap_wider_than_the_writing_is_high_is_a_space():
    assert spaces(row(5, 5, 30, 5)) == [False, False, False, True, False]
    assert spaces(row(0.9 * TALL)) == [False, False] and spaces(row(1.3 * TALL)) == [False, True]


def test_a_line_that_is_written_widely_has_no_spaces():
    assert not any(spaces(row(*[1.3 * TALL] * 6)))
    assert spaces(row(*[1.3 * TALL] * 3, 4 * TALL, 1.3 * TALL)) == [*[False] * 4, True, False]


def test_one_symbol_and_none_have_no_gap():
    assert spaces(row()) == [False] and spaces(Line(())) == []


def test_what_is_like_a_digit_among_letters_is_part_of_a_word():
    found = reject_words(word("??1?"))
    assert [one.rejection for one in found.symbols] == [
        Reason.NOT_A_SYMBOL,
        Reason.NOT_A_SYMBOL,
        Reason.PART_OF_WORD,
        Reason.NOT_A_SYMBOL,
    ]


@pytest.mark.parametrize("text", ["7?23", "7?2?84", "?1", "?"])
def test_a_few_illegible_signs_make_no_word_of_a_number(text):
    assert read(reject_words(word(text))) == text


def test_letters_make_a_word_sooner_of_what_looks_like_letters():
    assert read(reject_words(word("?0?151"))) == "??????"
    assert read(reject_words(word("?8?429"))) == "?8?429"


def test_words_are_judged_each_by_itself():
    letters, number = word("??1").symbols, word("704").symbols
    found = reject_words(Line((*letters, replace(number[0], space_before=True), *number[1:])))
    assert read(found) == "???704"


def sure(confidence: float) -> Symbol:
    return symbol("7", confidence)


def test_among_much_that_is_no_symbol_only_what_is_quite_sure_is_left():
    strange = [symbol(None)] * 6
    alone = replace(sure(0.99), space_before=True)
    page = [Line((*strange, sure(0.9), sure(0.99), alone))]
    (found,) = reject_noise(page)
    assert read(found) == "????????7"
    assert found.symbols[6].rejection is Reason.NOT_A_SYMBOL


def test_marks_and_doubtful_digits_are_no_noise():
    marks = [replace(symbol("7"), rejection=Reason.MARK)] * 3
    unsure = [replace(symbol("7"), rejection=Reason.LOW_CONFIDENCE)] * 3
    page = (Line((*marks, *unsure, sure(0.9))),)
    assert reject_noise(page) == page


def test_a_page_of_a_few_signs_is_no_noise():
    page = (Line((symbol(None), symbol(None), symbol(None), sure(0.9))),)
    assert reject_noise(page) == page


@settings(deadline=None)
@given(st.lists(lines(), max_size=4))
def test_context_only_sets_spaces_and_rejects(page):
    found = apply_context(page)
    assert [one.cell for one in found] == [one.cell for one in page]
    for before, after in zip(page, found, strict=True):
        assert len(before.symbols) == len(after.symbols)
        for old, new in zip(before.symbols, after.symbols, strict=True):
            assert (new.candidates, new.confidence, new.outline) == (
                old.candidates,
                old.confidence,
                old.outline,
            )
            assert old.rejection is None or new.rejection is old.rejection


@pytest.mark.parametrize(
    ("probability", "text"), [(None, "123"), (0.9, "123"), (0.3, "1?3"), (0.1, "???")]
)
def test_of_a_line_that_is_likely_wrong_something_is_rejected(probability, text):
    signs = (("1", 0.9), ("2", 0.6), ("3", 0.8))
    line = Line(tuple(replace(symbol(value), confidence=sure) for value, sure in signs))
    doubted = reject_doubted(replace(line, probability=probability))
    assert read(doubted) == text
    reasons = {one.rejection for one in doubted.symbols if one.value is None}
    assert reasons <= {Reason.DOUBTFUL_LINE}


@pytest.mark.parametrize(("probability", "text"), [(0.5, "?1"), (0.3, "??"), (0.1, "??")])
def test_the_only_symbol_that_is_read_in_a_doubtful_line_is_rejected(probability, text):
    line = replace(Line((symbol(None), symbol("1"))), probability=probability)
    assert read(reject_doubted(line)) == text


def test_beside_a_label_a_number_that_is_plain_is_kept():
    label = [replace(symbol(sign), confidence=0.6) for sign in ("1", None, "0")]
    number = [replace(symbol(sign), confidence=0.99) for sign in "809"]
    number[0] = replace(number[0], space_before=True)
    found = reject_doubted(Line((*label, *number), probability=0.05))
    assert read(found) == "???809"
    found = reject_doubted(Line((*label, *number), probability=0.3))
    assert read(found)[3:] == "809" and read(found).count("?") == 2
    word = [replace(one, rejection=Reason.PART_OF_WORD) for one in label]
    assert read(reject_doubted(Line((*word, *number), probability=0.3))) == "???809"
    found = reject_doubted(Line(tuple(number), probability=0.05))
    assert read(found) == "???"


def placed(text: str, *boxes: tuple[float, float, float, float]) -> Line:
    return Line(
        tuple(replace(symbol(t), outline=box(*b)) for t, b in zip(text, boxes, strict=True))
    )


NUMBER = placed("1,5", (0, 0, 10, 20), (14, 12, 4, 8), (22, 0, 10, 20))


def test_what_hangs_below_a_line_where_it_has_a_comma_is_that_comma():
    (found,) = without_hanging([NUMBER, placed("1", (13, 18, 5, 16))])
    assert found.text == "1,5" and found.symbols[1].box == (13, 18, 5, 16)


@pytest.mark.parametrize(
    "below",
    [
        placed("1", (24, 18, 5, 16)),  # not where the comma is
        placed("1", (13, 40, 5, 16)),  # too far below
        placed("1", (13, 18, 5, 30)),  # larger than the digits
        placed("17", (13, 18, 5, 16), (22, 18, 5, 16)),  # one of two
        replace(placed("1", (13, 18, 5, 16)), cell=(1, 0)),
        Line(()),
    ],
)
def test_all_else_below_a_line_is_a_line(below):
    assert without_hanging([NUMBER, below]) == [NUMBER, below]
