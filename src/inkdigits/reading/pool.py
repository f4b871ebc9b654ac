"""Processes that read side by side, by loky; each has a recogniser of its own, on one thread."""

import multiprocessing
import os
import signal
import sys
import time
from collections import deque
from collections.abc import Callable, Generator, Iterable
from concurrent.futures import BrokenExecutor, Future
from threading import Thread
from typing import Any, TypeVar

from ..errors import InkdigitsError
from ..recognition.recogniser import Recogniser

AHEAD = 2  # items for each process: one at work, one waiting
IDLE = 60  # seconds after which a process without work ends; loky starts another when there is some
ALONE = {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1", "PYTHONSAFEPATH": "1"}

Found = TypeVar("Found")
_recogniser: Recogniser  # of a process of the pool


def processors() -> int:
    """Return how many processes can work side by side here; one if this is itself one of many."""
    from loky import cpu_count

    if multiprocessing.parent_process() is not None or getattr(sys, "frozen", False):
        return 1
    return int(cpu_count())


class Pool:
    """Processes, each with a recogniser of its own.

    Parameters
    ----------
    tool
        The recogniser.
    workers
        How many.
    idle
        Seconds after which a process without work ends, to be started again when there is some;
        None for never.

    Raises
    ------
    InkdigitsError
        If they cannot be started.
    """

    def __init__(self, tool: Recogniser, workers: int, idle: float | None = IDLE) -> None:
        from loky import ProcessPoolExecutor

        tools = tool.content, tool.name, os.getpid()
        try:
            self._pool = ProcessPoolExecutor(
                workers, timeout=idle, initializer=_begin, initargs=tools, env=ALONE
            )
            self._pool.submit(int)  # with the first task all processes start
        except OSError as error:
            why = f"Cannot start {workers} processes ({error.strerror}): pass workers=1, or fewer."
            raise InkdigitsError(why) from error

    def submit(self, work: Callable[[Recogniser, Any], Found], item: object) -> Future[Found]:
        """Return what will be ``work(recogniser, item)``."""
        future: Future[Found] = self._pool.submit(_do, work, item)
        return future

    def stop(self, *, now: bool) -> None:
        """End the processes, if `now` in the midst of their work."""
        self._pool.shutdown(kill_workers=now)


def side_by_side(
    work: Callable[[Recogniser, Any], Found], items: Iterable[Any], tool: Recogniser, workers: int
) -> Generator[Found, None, None]:
    """Yield ``work(recogniser, item)`` for each of `items`, in their order, taking few ahead."""
    flying: deque[Future[Found]] = deque()
    pool, done = Pool(tool, workers), False
    try:
        for item in items:
            flying.append(pool.submit(work, item))
            # A source may be slow: what is done need not wait for more to do.
            while flying and (flying[0].done() or len(flying) == AHEAD * workers):
                yield flying.popleft().result()
        while flying:
            yield flying.popleft().result()
        done = True
    except BrokenExecutor as error:
        raise InkdigitsError(
            "A process that was reading pictures has died, perhaps for want of memory: try again "
            "with fewer workers, or with workers=1 to see which picture it was."
        ) from error
    finally:
        pool.stop(now=not done)


def _begin(content: bytes, name: str, parent: int) -> None:
    import cv2

    global _recogniser
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for who hands out the work
    Thread(target=_end_with, args=(parent,), daemon=True).start()
    cv2.setNumThreads(1)
    _recogniser = Recogniser.from_bytes(content, name, threads=1)


def _end_with(parent: int) -> None:
    """End this process when the one that started it was killed, which loky does not notice."""
    while os.getppid() == parent:
        time.sleep(1)
    os._exit(1)


def _do(work: Callable[[Recogniser, Any], Found], item: object) -> Found:
    return work(_recogniser, item)
