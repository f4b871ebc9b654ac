"""Processes that read side by side, by loky; each has a recogniser of its own, on one thread."""

import multiprocessing
import os
import signal
import sys
from collections import deque
from collections.abc import Callable, Generator, Iterable
from concurrent.futures import BrokenExecutor, Future
from threading import Thread
from typing import Any, Generic, TypeVar

from ..errors import InkdigitsError
from ..machine import end_with
from ..recognition.line_network import LineNetwork
from ..recognition.recogniser import Recogniser

AHEAD = 2  # items for each process: one at work, one waiting
IDLE = 60  # seconds after which a process without work ends; loky starts another when there is some
ALONE = {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1", "PYTHONSAFEPATH": "1"}

Item = TypeVar("Item")
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

        tools = tool.content, tool.name, tool.lines, os.getpid()
        try:
            self._pool = ProcessPoolExecutor(
                workers, timeout=idle, initializer=_begin, initargs=tools, env=ALONE
            )
            self._first = self._pool.submit(int)  # with the first task all processes start
        except OSError as error:
            why = f"Cannot start {workers} processes ({error.strerror}): pass workers=1, or fewer."
            raise InkdigitsError(why) from error

    def submit(self, work: Callable[[Recogniser, Any], Found], item: object) -> Future[Found]:
        """Return what will be ``work(recogniser, item)``."""
        future: Future[Found] = self._pool.submit(_do, work, item)
        return future

    def await_start(self) -> None:
        """Wait until there is a process.

        Raises
        ------
        InkdigitsError
            If none can be started.
        """
        try:
            self._first.result()
        except BrokenExecutor as error:
            raise InkdigitsError(
                "A reading process died and cannot be restarted, perhaps for lack of memory: "
                "use fewer workers."
            ) from error

    def stop(self, *, now: bool) -> None:
        """End the processes, if `now` in the midst of their work."""
        self._pool.shutdown(kill_workers=now)


class _Spare:
    """One process for one item at a time: if it dies, that item was the cause."""

    def __init__(self, work: Callable[[Recogniser, Any], Found], tool: Recogniser) -> None:
        self._work, self._tool = work, tool
        self._pool: Pool | None = None

    def attempt(self, item: object) -> Any:
        """Return what is made of an item, or raise `BrokenExecutor`."""
        if self._pool is None:
            self._pool = Pool(self._tool, 1)
            self._pool.await_start()
        try:
            return self._pool.submit(self._work, item).result()
        except BrokenExecutor:
            self.stop()
            raise

    def stop(self) -> None:
        """End the process."""
        if self._pool is not None:
            self._pool.stop(now=True)
        self._pool = None


class _Flights(Generic[Item, Found]):
    """Items that are under way, in their order, and the processes that they are with."""

    def __init__(
        self, work: Callable[[Recogniser, Any], Found], tool: Recogniser, workers: int
    ) -> None:
        self._work, self._tool, self._workers = work, tool, workers
        self._flying: deque[tuple[Item, Future[Found] | None]] = deque()  # None: it was lost
        self._pool = Pool(tool, workers)
        self.spare = _Spare(work, tool)

    def __bool__(self) -> bool:
        return bool(self._flying)

    @property
    def ready(self) -> bool:
        """Whether the first of them is done, or there are as many as may be."""
        future = self._flying[0][1]
        return future is None or future.done() or len(self._flying) == AHEAD * self._workers

    def send(self, item: Item) -> None:
        """Hand an item out."""
        try:
            future = self._pool.submit(self._work, item)
        except BrokenExecutor:
            self._restart()
            future = self._pool.submit(self._work, item)
        self._flying.append((item, future))

    def take(self, alone: Callable[[Callable[[Item], Found], Item], Found]) -> Found:
        """Return what was made of the first item; if it was lost, what `alone` makes of it."""
        item, future = self._flying.popleft()
        try:
            if future is not None:
                return future.result()
        except BrokenExecutor:
            self._restart()
        except Exception:  # noqa: BLE001, S110 it is tried again, and then it is told
            pass
        return alone(self.spare.attempt, item)

    def stop(self, *, now: bool) -> None:
        """End all processes."""
        self.spare.stop()
        self._pool.stop(now=now)

    def _restart(self) -> None:
        """Start other processes; any item that was with those that died may have been the cause."""
        self._pool.stop(now=True)
        for place, (item, future) in enumerate(self._flying):
            if future is None or not future.done() or future.cancelled() or future.exception():
                self._flying[place] = item, None
        self._pool = Pool(self._tool, self._workers)


def side_by_side(
    work: Callable[[Recogniser, Any], Found],
    items: Iterable[Item],
    tool: Recogniser,
    workers: int,
    alone: Callable[[Callable[[Item], Found], Item], Found],
) -> Generator[Found, None, None]:
    """Yield ``work(recogniser, item)`` for each of `items`, in their order, taking few ahead.

    When a process dies, others take its place, and ``alone(attempt, item)`` is yielded for each
    item that may have been the cause: it may call ``attempt`` with parts of it, each of which has a
    process to itself, and meets `BrokenExecutor` if that dies too.
    """
    flights: _Flights[Item, Found] = _Flights(work, tool, workers)
    done = False
    try:
        for item in items:
            flights.send(item)
            # A source may be slow: what is done need not wait for more to do.
            while flights and flights.ready:
                yield flights.take(alone)
        while flights:
            yield flights.take(alone)
        done = True
    finally:
        flights.stop(now=not done)


def _begin(content: bytes, name: str, lines: LineNetwork | None, parent: int) -> None:
    import cv2

    global _recogniser
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for who hands out the work
    Thread(target=end_with, args=(parent,), daemon=True).start()
    cv2.setNumThreads(1)
    _recogniser = Recogniser.from_bytes(content, name, threads=1)
    _recogniser.lines = lines


def _do(work: Callable[[Recogniser, Any], Found], item: object) -> Found:
    return work(_recogniser, item)
