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


def test_it_rings_again_where_it_was_not_heard(monkeypatch):
    monkeypatch.setattr("inkdigits.web.deadline.AGAIN", 0.1)
    heard = 0
    with pytest.raises(Overdue), deadline(0.05):
        try:
            time.sleep(20)
        except Overdue:
            heard += 1
        time.sleep(20)
    assert heard == 1


def test_what_is_in_time_is_left_alone_afterwards():
    before = signal.getsignal(signal.SIGALRM)
    with deadline(0.05):
        pass
    assert signal.getsignal(signal.SIGALRM) is before
    assert signal.getitimer(signal.ITIMER_REAL) == (0, 0)
