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
from .recogniser import Recogniser

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


def side_by_side(
    work: Callable[[Recogniser, Any], Found], items: Iterable[Any], tool: Recogniser, workers: int
) -> Generator[Found, None, None]:
    """Yield ``work(recogniser, item)`` for each of `items`, in their order, taking few ahead."""
    flying: deque[Future[Found]] = deque()
    pool, done = _started(tool, workers), False
    try:
        for item in items:
            flying.append(pool.submit(_do, work, item))
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
        pool.shutdown(kill_workers=not done)


def _started(tool: Recogniser, workers: int) -> Any:
    from loky import ProcessPoolExecutor

    tools = tool.content, tool.name, os.getpid()
    try:
        pool = ProcessPoolExecutor(
            workers, timeout=IDLE, initializer=_begin, initargs=tools, env=ALONE
        )
        pool.submit(int)  # with the first task all processes start
    except OSError as error:
        why = f"Cannot start {workers} processes ({error.strerror}): pass workers=1, or fewer."
        raise InkdigitsError(why) from error
    return pool


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
