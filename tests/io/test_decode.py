import threading
import warnings
from concurrent.futures import ThreadPoolExecutor

import pytest

from inkdigits.errors import PictureError
from inkdigits.io.decode import safely


def test_threads_decode_side_by_side_and_leave_the_filters_as_they_were():
    together = threading.Barrier(3, timeout=20)
    before = list(warnings.filters)

    def make() -> int:
        together.wait()  # all three are within
        warnings.warn("an odd tag", stacklevel=1)
        together.wait()
        return 7

    with ThreadPoolExecutor(3) as threads:
        assert list(threads.map(lambda _: safely(make, "odd.png"), range(3))) == [7] * 3
    assert warnings.filters == before
    with pytest.raises(UserWarning, match="heard again"):
        warnings.warn("heard again", stacklevel=1)


def test_the_filters_come_back_when_decoding_fails():
    before = list(warnings.filters)
    with pytest.raises(PictureError, match=r"odd\.png is damaged or incomplete"):
        safely(lambda: 1 // 0, "odd.png")
    assert warnings.filters == before
