import signal
import time

import pytest

from inkdigits.web.deadline import Overdue, deadline

pytestmark = pytest.mark.skipif(
    not hasattr(signal, "setitimer"), reason="there are no such timers here"
)


def test_what_takes_too_long_is_broken_off_even_where_errors_are_caught():
    began = time.monotonic()
    with pytest.raises(Overdue), deadline(0.05):
        try:
            time.sleep(20)
        except Exception:  # noqa: BLE001 as decoders' errors are
            pytest.fail("an error of its own")
    assert time.monotonic() - began < 10


def test_what_is_in_time_is_left_alone_afterwards():
    before = signal.getsignal(signal.SIGALRM)
    with deadline(0.05):
        pass
    assert signal.getsignal(signal.SIGALRM) is before
    assert signal.getitimer(signal.ITIMER_REAL) == (0, 0)
