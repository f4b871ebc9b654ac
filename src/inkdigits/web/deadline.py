"""A deadline for what one process does: it is broken off, and the process goes on to the next."""

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from typing import NoReturn


class Overdue(BaseException):  # nothing on the way may take it for an error of its own
    """The time is up."""


@contextmanager
def deadline(seconds: float) -> Iterator[None]:
    """Raise `Overdue` in what is done meanwhile, once so many seconds are over.

    It is for the main thread of a process. Where there are no timers of this kind, as on Windows,
    it does nothing.
    """
    if not hasattr(signal, "setitimer"):
        yield
        return
    before = signal.signal(signal.SIGALRM, _ring)
    try:
        signal.setitimer(signal.ITIMER_REAL, seconds)
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


def _ring(*_: object) -> NoReturn:
    raise Overdue
