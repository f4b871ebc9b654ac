"""A deadline for what one process does: it is broken off, and the process goes on to the next."""

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from typing import NoReturn

AGAIN = 1.0  # seconds after which it rings again: what is raised while waste is collected is lost


class Overdue(BaseException):
    """The time is up: no `Exception`, or what is broken off would take it for one of its own."""


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
        signal.setitimer(signal.ITIMER_REAL, seconds, AGAIN)
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


def _ring(*_: object) -> NoReturn:
    raise Overdue
