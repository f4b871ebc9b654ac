"""Signals: whoever ends a command ends it quietly, with the exit code that shells expect."""

import os
import signal
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType
from typing import NoReturn

ENDING = ("SIGTERM", "SIGHUP")  # not all systems have both
BROKEN_PIPE = 128 + 13  # as if SIGPIPE had ended it


@contextmanager
def quiet_end() -> Iterator[None]:
    """Let signals end what is done meanwhile as an exception does, so that it is tidied up.

    Ctrl-C for a second time, while it is, ends it on the spot.
    """
    if threading.current_thread() is not threading.main_thread():  # it may set none
        yield
        return
    before = {}
    for number in (getattr(signal, name) for name in ENDING if hasattr(signal, name)):
        if signal.getsignal(number) is signal.SIG_DFL:  # under `nohup` one of them is ignored
            before[number] = signal.signal(number, _exit)
    if signal.getsignal(signal.SIGINT) is signal.default_int_handler:
        before[signal.SIGINT] = signal.signal(signal.SIGINT, _interrupt)
    try:
        yield
    except BrokenPipeError:
        _drop_output()
        sys.exit(BROKEN_PIPE)
    finally:
        # What was interrupted still ends its processes: that is not to be interrupted by a trace.
        if signal.getsignal(signal.SIGINT) is not _at_once:
            for number, handler in before.items():
                signal.signal(number, handler)


def _exit(number: int, _: FrameType | None) -> NoReturn:
    signal.signal(number, signal.SIG_IGN)
    signal.signal(signal.SIGINT, _at_once)
    sys.exit(128 + number)


def _interrupt(_: int, __: FrameType | None) -> NoReturn:
    signal.signal(signal.SIGINT, _at_once)
    raise KeyboardInterrupt


def _at_once(_: int, __: FrameType | None) -> NoReturn:
    os._exit(128 + signal.SIGINT)


def _drop_output() -> None:
    """Let nothing more be written to a pipe that nobody reads, not even at the end."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, sys.stdout.fileno())
    os.close(nowhere)
