from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inkdigits.document import (
    Candidate,
    Document,
    LeftOut,
    Line,
    Page,
    Reason,
    Symbol,
    bounds,
    rows_of_cells,
)
from tests.documents import box, document, documents, line, symbol

SURE = 1e-12  # what products of the same numbers may differ by


@st.composite
def read_symbols(draw: st.DrawFn) -> Symbol:
    """Return a symbol that a network takes for one."""
    top = draw(st.floats(0.1, 1))
    confidence = draw(st.floats(0.5 * top, top, exclude_min=True))
    candidates = (Candidate("7", top), Candidate("1", 1 - top))
    return Symbol(candidates, confidence, box(0, 0, 5, 9), space_before=draw(st.booleans()))


@st.composite
def strange_symbols(draw: st.DrawFn) -> Symbol:
    """Return a symbol that a network takes for none, or that was rejected."""
    found = draw(read_symbols())
    none = draw(st.floats(0.5, 1))
    strange = replace(
        found,
        confidence=(1 - none) * found.candidates[0].probability,
        rejection=draw(st.sampled_from([Reason.NOT_A_SYMBOL, Reason.MARK])),
    )
    return draw(st.sampled_from([strange, replace(found, rejection=Reason.LOW_CONFIDENCE)]))


LINES = st.lists(read_symbols() | strange_symbols(), min_size=1, max_size=5).map(
    lambda found: Line(tuple(found))
)
PAGES = st.lists(LINES, min_size=1, max_size=3).map(lambda lines: Page(1, 9, 9, tuple(lines)))


@given(st.lists(PAGES, min_size=1, max_size=2), st.data())
def test_rejecting_symbols_makes_nothing_surer(pages, data):
    reasons = st.none() | st.sampled_from(Reason)
    after = []
    for page in pages:
        lines = []
        for before in page.lines:
            symbols = [
                replace(found, rejection=found.rejection or data.draw(reasons))
                for found in before.symbols
            ]
            lines.append(Line(tuple(symbols)))
            assert lines[-1].confidence <= before.confidence + SURE
        after.append(replace(page, lines=tuple(lines)))
        assert after[-1].confidence <= page.confidence + SURE
    before, rejected = (Document("p", tuple(them)) for them in (pages, after))
    assert rejected.confidence <= before.confidence + SURE


@given(st.lists(PAGES, min_size=1, max_size=2), st.data())
def test_leaving_symbols_out_makes_nothing_surer(pages, data):
    after = []
    for page in pages:
        lines, left_out = [], []
        for before in page.lines:
            kept = []
            for found in before.symbols:
                sure = found.value is not None and found.confidence >= 0.5
                if sure and data.draw(st.booleans()):
                    left_out.append(LeftOut(Reason.SPECK, found.outline, found.confidence))
                else:
                    kept.append(found)
            lines.append(Line(tuple(kept)))
        after.append(replace(page, lines=tuple(lines), left_out=tuple(left_out)))
        assert after[-1].confidence <= page.confidence + SURE
    before, fewer = (Document("p", tuple(them)) for them in (pages, after))
    assert fewer.confidence <= before.confidence + SURE


@given(documents())
def test_confidence_is_a_probability(found):
    for thing in (found, *found.pages, *found.lines):
        assert 0 <= thing.confidence <= 1


@given(LINES, st.floats(0, 1), st.data())
def test_what_a_reader_says_of_a_line_holds_unless_it_is_in_doubt(found, probability, data):
    said = replace(found, probability=probability)
    assert said.confidence in (probability, min(probability, 0.5))
    if "?" in said.text:
        assert said.confidence <= 0.5
    reason = data.draw(st.sampled_from(Reason))
    rejected = tuple(replace(one, rejection=one.rejection or reason) for one in found.symbols)
    assert replace(said, symbols=rejected).confidence <= said.confidence


def test_probabilities_of_lines_are_those_of_the_page():
    lines = [replace(line(text), probability=sure) for text, sure in (("12", 0.9), ("7", 0.5))]
    assert document(*lines).confidence == pytest.approx(0.45)
    assert Line((), probability=0.9).confidence == 0


def test_marks_stand_in_a_text_as_they_are_written():
    for text in (
        "12.50",
        "-264.27",
        "14/03/2026",
        "10:45",
        "3.000.-",
        "85+9",
        "12 + 7 = 19",
        "5 —",
    ):
        assert line(text).text == text
    found = document(line("-1,5%"))
    assert [one.value for one in found.symbols] == ["-", "1", ",", "5", "%"]
    assert [one.value for one in found.digits] == ["1", "5"]
    assert [one.is_mark for one in found.symbols] == [True, False, True, False, True]
    assert replace(symbol(), rejection=Reason.MARK).is_mark


def test_a_line_has_a_value():
    assert line("1.234").value is None
    assert replace(line("1.234"), decimal="comma").value == 1234
    assert replace(line("1250"), decimal=None).value is None


def test_print_beside_a_number_leaves_it_as_sure_as_it_is():
    letter = replace(symbol(None, confidence=0.01), space_before=True)
    alone, beside = Line((symbol("7"),)), Line((symbol("7"), letter))
    assert beside.text == "7"
    assert beside.confidence == pytest.approx(0.99 * alone.confidence)


def test_what_was_not_read_within_a_number_leaves_it_in_doubt():
    assert line("1?3").text == "1?3"
    assert line("1?3").confidence <= 0.5
    blot = Line((symbol("1"), symbol(None, confidence=0.0), symbol("3")))
    assert (blot.text, blot.confidence) == ("1?3", 0.5)


def test_ink_that_was_left_out_counts_by_its_doubt():
    page = document(line("7")).pages[0]
    speck = LeftOut(Reason.SPECK, box(0, 0, 3, 3), 0.2)
    assert replace(page, left_out=(speck,)).confidence == pytest.approx(0.8 * page.confidence)


def test_a_page_of_which_all_was_left_out_still_counts():
    lost = Page(2, 9, 9, left_out=(LeftOut(Reason.BOX, box(0, 0, 3, 3), 0.9),))
    found = document(line("7"))
    assert replace(found, pages=(*found.pages, lost)).confidence == pytest.approx(0.09)


def test_nothing_read_is_sure_of_nothing():
    assert Document("p").confidence == Page(1, 9, 9).confidence == Line(()).confidence == 0


def test_cells_of_a_row_stay_apart_and_in_their_columns():
    table = [line("105", (0, 0)), line("33", (0, 1)), line("7", (1, 1)), line("42", (2, 0))]
    found = document(line("1 2"), *table, line("9"))
    assert found.text == "1 2\n105\t33\n\t7\n42\n9"
    assert found.pages[0].rows == (("1 2",), ("105", "33"), ("", "7"), ("42",), ("9",))


def test_two_lines_of_one_cell_stay_in_it():
    assert document(line("1", (0, 0)), line("2", (0, 1)), line("3", (0, 1))).text == "1\t2 3"


def test_a_second_table_begins_a_row_of_its_own():
    rows = rows_of_cells([line("1", (0, 0)), line("2", (0, 1)), line("3", (0, 0))])
    assert [[[it.text for it in cell] for cell in row] for row in rows] == [[["1"], ["2"]], [["3"]]]


def test_pages_stand_apart_and_empty_ones_not_at_all():
    pages = [Page(1, 9, 9, (line("1"),)), Page(2, 9, 9), Page(3, 9, 9, (line("2"), line("3")))]
    assert Document("p", tuple(pages)).text == "1\n\n2\n3"


def test_every_reason_has_its_own_sentence():
    sentences = [reason.sentence for reason in Reason]
    assert len(set(sentences)) == len(sentences)
    assert all(sentences)


def test_a_symbol_that_is_not_sure_says_what_else_it_may_be():
    pair = (Candidate("1", 0.5), Candidate("7", 0.4))
    doubt = Symbol(pair, 0.48, box(0, 0, 1, 1), Reason.LOW_CONFIDENCE)
    assert doubt.reason == "not sure between 1 and 7"
    assert replace(doubt, confidence=0.1).reason == "not sure whether it is a 1"
    assert (doubt.value, doubt.text) == (None, "?")
    assert replace(doubt, rejection=None).reason == ""
    marks = replace(doubt, candidates=(Candidate(".", 0.5), Candidate(",", 0.4)))
    assert marks.reason == "not sure between dot (.) and comma (,)"


def test_bounds_hold_all_outlines():
    assert bounds([box(3, 4, 5, 6), box(10.4, 0, 2, 2)]) == (3, 0, 9, 10)
    assert bounds([]) == (0, 0, 0, 0)
    assert bounds([box(1, 1, 0, 0)]) == (1, 1, 1, 1)
