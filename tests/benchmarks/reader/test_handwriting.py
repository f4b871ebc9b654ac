import pytest

from benchmarks.reader.handwriting import Reading, kept_at, row, share_of_sure


def reading(outcome: str, confidence: float, complete: bool = True) -> Reading:
    return Reading(outcome, None, confidence, 0.01, complete)


def test_a_threshold_keeps_the_surest_that_are_right_often_enough():
    right = [reading("exact", 0.99 - 0.01 * place) for place in range(3)]
    wrong = reading("silent", 0.5)
    assert kept_at(0.95, [*right, wrong]) == 0.75
    assert kept_at(0.75, [*right, wrong]) == 1.0


def test_readings_of_one_confidence_are_kept_together_or_not_at_all():
    assert kept_at(0.95, [reading("exact", 0.9), reading("silent", 0.9)]) == 0.0


def test_what_is_rejected_in_part_is_never_kept():
    assert kept_at(0.5, [reading("exact", 0.9), reading("rejected", 0.99, complete=False)]) == 0.5


def test_sure_lines_are_counted_against_all_that_are_written():
    one = Reading("exact", None, 0.9, 0.01, complete=True, lines=4, sure=(True, False))
    assert share_of_sure([one]).split() == ["50.0%", "50.0%"]
    assert share_of_sure([reading("exact", 0.9)]).split() == ["–", "–"]


@pytest.mark.parametrize("outcome", ["exact", "silent", "rejected"])
def test_a_row_adds_up(outcome):
    cells = row("some", [reading(outcome, 0.9)] * 4).split()
    shares = dict(zip(("exact", "silent", "rejected"), (cells[2], cells[4], cells[5]), strict=True))
    assert shares.pop(outcome) == "100.0%"
    assert set(shares.values()) == {"0.0%"}
