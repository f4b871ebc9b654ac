import pytest

from benchmarks.laboratory.page import share
from benchmarks.summary import Summary


def test_a_summary_is_written_with_its_range():
    assert share(vars(Summary.of([0.9, 0.92]))) == "91.00% (90.00% to 92.00%)"
    assert share(vars(Summary.of([0.9]))) == "90.00%"


def test_the_interval_of_a_mean_is_students():
    low, high = Summary.interval([1.0, 2.0, 3.0])
    assert (low, high) == pytest.approx((2 - 4.302653 / 3**0.5, 2 + 4.302653 / 3**0.5))
    assert Summary.interval([1.0]) is None
