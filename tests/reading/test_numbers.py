from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inkdigits.document import Candidate, Line, Reason, Symbol
from inkdigits.reading.numbers import dropped, set_decimal, without_marks
from tests.documents import box, line, lines


def mark(value: str, other: str = "1", share: float = 0.9, sure: float = 0.9) -> Symbol:
    """Return a mark that may be something else."""
    candidates = (Candidate(value, share), Candidate(other, 1 - share))
    return Symbol(candidates, sure, box(0, 0, 3, 3))


def test_digits_alone_are_left_of_a_line_and_its_marks_are_listed():
    (found,), marks = without_marks([line("-12.50")])
    assert found.text == "1250"
    assert [(one.reason, one.box) for one in marks] == [
        (Reason.MARK, (0, 40, 8, 20)),
        (Reason.MARK, (30, 40, 8, 20)),
    ]


def test_a_line_that_lost_a_mark_has_no_value():
    found, _ = without_marks([line("12.50"), line("12")])
    assert [one.value for one in set_decimal(found, "auto")] == [None, 12]


def test_a_gap_before_a_mark_stays():
    (found,), _ = without_marks([line("12 -5 + 7")])
    assert found.text == "12 5 7"


def test_a_line_of_marks_alone_is_gone():
    assert without_marks([line("— -")])[0] == []
    assert len(without_marks([line("— -")])[1]) == 2


def test_digits_without_marks_stay_as_they_are():
    found = [line("12 34"), line("1?3")]
    assert without_marks(found) == (found, [])


def test_a_doubt_is_how_likely_it_is_a_digit():
    assert dropped(mark(".", "1")).doubt == pytest.approx(0.1)
    assert dropped(mark(".", ",")).doubt == 0
    seven = mark("7", "1", 0.9, 0.8)
    assert dropped(seven) is None
    assert dropped(replace(seven, rejection=Reason.NOT_A_SYMBOL)) is None
    assert dropped(replace(seven, rejection=Reason.MARK)).doubt == 0.5


def test_which_mark_it_is_need_not_be_known():
    unsure = mark(".", ",", 0.5, 0.4)
    assert dropped(replace(unsure, rejection=Reason.LOW_CONFIDENCE)) is not None
    one = mark("/", "1", 0.4, 0.4)
    assert dropped(replace(one, rejection=Reason.LOW_CONFIDENCE)) is None


def test_a_line_is_as_sure_as_that_the_marks_are_marks():
    seven = mark("7", "1", 0.9, 0.9)
    (found,), _ = without_marks([Line((seven, mark(".", "1", 0.8, 0.8)))])
    assert found.confidence == pytest.approx(0.9 * 0.8)
    (found,), _ = without_marks([Line((seven, mark(".")), probability=0.7)])
    assert found.confidence == 0.7


@given(st.lists(lines(), max_size=4))
def test_whatever_is_left_out_is_a_mark_and_nothing_else_goes(page):
    found, marks = without_marks(page)
    stay = [one for them in page for one in them.symbols if dropped(one) is None]
    assert [one.candidates for them in found for one in them.symbols] == [
        one.candidates for one in stay
    ]
    assert len(marks) == sum(len(them.symbols) for them in page) - len(stay)
    assert not any(one.is_mark for them in found for one in them.symbols)


def test_what_parts_whole_and_fraction_is_known_from_the_whole_page():
    page = [line("1.234"), line("12,50"), replace(line("1250"), decimal=None)]
    assert [one.decimal for one in set_decimal(page, "auto")] == ["comma", "comma", None]
    assert [one.decimal for one in set_decimal(page, "point")] == ["point", "point", None]
    assert set_decimal([line("1.234")], "auto")[0].decimal == "auto"
