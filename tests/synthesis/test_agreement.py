"""How readings are counted: exact, rejected, silent; lines lost, marks gone, cells merged."""

import pytest

from inkdigits.synthesis import agreement
from inkdigits.synthesis.agreement import EXACT, REJECTED, SILENT, Tally


@pytest.mark.parametrize(
    ("truth", "text", "outcome"),
    [
        ("12.50", "1250", EXACT),  # marks are left out
        ("12\n34", "12 34", EXACT),
        ("125", "12", SILENT),
        ("125", "12?", REJECTED),
        ("125", "", SILENT),
    ],
)
def test_a_picture_is_judged_by_its_digits(truth, text, outcome):
    assert agreement.picture(truth, text) == outcome


def test_numbers_in_no_order_are_a_bag():
    assert agreement.picture("12 7 3", "3\n12 7", unordered=True) == EXACT
    assert agreement.picture("12 7 3", "31\n2 7", unordered=True) == SILENT


def test_with_marks_every_line_must_be_as_it_is_written():
    assert agreement.picture_with_marks("1.5\n-7", "1.5\n- 7") == EXACT
    assert agreement.picture_with_marks("1.5\n-7", "1.5\n7") == SILENT


def test_lines_are_found_again_though_one_is_lost_and_one_is_new():
    truth, text = "1234\n5678\n9012", "1234\n77\n9?12"
    assert agreement.aligned(truth.split(), text.split()) == ["1234", "77", "9?12"]
    assert agreement.lines(truth, text) == [EXACT, SILENT, REJECTED]
    assert agreement.aligned(["111", "222", "333"], ["111", "333"]) == ["111", None, "333"]
    assert agreement.lost_lines("111\n222\n333", "111\n333") == 1


def test_a_mark_may_be_read_or_rejected_but_not_passed_over():
    assert agreement.marked_lines("12.50\n-7\n3-4", "12?50\n7\n3-4") == [EXACT, SILENT, EXACT]
    assert agreement.marked_lines("12.50", "1?50") == [REJECTED]


def test_whole_lines_are_right_with_their_marks():
    assert agreement.whole_lines("12.50\n-7", "12?50\n-7") == [REJECTED, EXACT]
    assert agreement.whole_lines("12.50\n-7", "1250") == [SILENT, SILENT]


def test_each_line_that_was_read_is_right_or_not():
    assert agreement.right_lines(["12", "3.4"], ["3.4"]) == [True]
    assert agreement.right_lines(["12", "3.4"], ["1 2", "34", "5"]) == [True, False, False]
    assert agreement.right_lines(["12", "3.4"], ["34"], marks=False) == [True]
    assert agreement.right_lines(["1", "2"], ["2", "1", "1"], unordered=True) == [True, True, False]


def test_cells_are_judged_one_by_one_and_merged_ones_counted():
    truth = [["12", "3"], ["", "45"]]
    assert agreement.cells(truth, "12\t3\n45").tally == Tally(exact=3)
    merged = agreement.cells(truth, "123\n45")
    assert merged.tally.exact == 1 and merged.merged == 2
    assert agreement.cells(truth, "12\t3\n4?").tally == Tally(exact=2, rejected=1)


def test_edits_are_least():
    assert agreement.edits("kitten", "sitting") == 3 and agreement.edits("", "12") == 2
