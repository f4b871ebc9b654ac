import pytest

from inkdigits.bench.page import share
from inkdigits.bench.spread import Spread


def test_spread_says_itself():
    assert share(vars(Spread.of([0.9, 0.92]))) == "91.00% (90.00% to 92.00%)"
    assert share(vars(Spread.of([0.9]))) == "90.00%"


def test_the_interval_of_a_mean_is_students():
    low, high = Spread.interval([1.0, 2.0, 3.0])
    assert (low, high) == pytest.approx((2 - 4.302653 / 3**0.5, 2 + 4.302653 / 3**0.5))
    assert Spread.interval([1.0]) is None
