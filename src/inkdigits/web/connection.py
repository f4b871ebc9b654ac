"""Connections: none stays on which nothing is asked, or whose answer nobody takes.

uvicorn answers requests, but it waits for ever: for the head of the first request, for the rest of
a head of which a byte has come, and for a client to take an answer, which it keeps in memory
meanwhile; closing such a connection waits for the client, too. No setting of uvicorn's changes
that. So its protocol is wrapped, through nothing but asyncio's own interface of a protocol, and a
clock looks at each connection. (How long a head may be, uvicorn can be told.)
"""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any, cast

from uvicorn.protocols.http.h11_impl import H11Protocol

from .settings import ANSWER_SECONDS, HEAD_SECONDS, STALL_SECONDS

# Of what is answered: a request's task is made while data of its connection are taken in.
current: ContextVar["Connection | None"] = ContextVar("connection", default=None)


class Connection(asyncio.Protocol):
    """A connection that is cut off when it has been of no use for too long.

    Parameters
    ----------
    options
        Passed on to the protocol of uvicorn.
    """

    _clock: asyncio.TimerHandle

    def __init__(self, **options: Any) -> None:
        self._http: asyncio.Protocol = H11Protocol(**options)
        self._requests = 0  # under way

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Wait for the first request."""
        self._transport = cast("asyncio.Transport", transport)  # of a stream it always is
        self._loop = asyncio.get_running_loop()
        self._idle_since = self._unsent_since = self._progress = self._loop.time()
        self._unsent = 0
        self._http.connection_made(transport)
        self._look()

    def connection_lost(self, exc: Exception | None) -> None:
        """Wait for nothing more."""
        self._clock.cancel()
        self._http.connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Take in some of a request."""
        token = current.set(self)
        try:
            self._http.data_received(data)
        finally:
            current.reset(token)

    def eof_received(self) -> bool | None:
        """Hear that nothing more will come."""
        return self._http.eof_received()

    def pause_writing(self) -> None:
        """Let the answer wait for the client."""
        self._http.pause_writing()

    def resume_writing(self) -> None:
        """Let the answer go on."""
        self._http.resume_writing()

    @contextmanager
    def answering(self) -> Iterator[None]:
        """Count a request as being under way; how long it may take is for others to say."""
        self._requests += 1
        try:
            yield
        finally:
            self._requests -= 1
            self._idle_since = self._loop.time()

    def _look(self) -> None:
        """Cut the connection off if it is of no use, else look again a little later."""
        now, unsent = self._loop.time(), self._transport.get_write_buffer_size()
        if not unsent:
            self._unsent_since = now
        else:
            self._idle_since = now
        if not unsent or unsent < self._unsent:
            self._progress = now
        self._unsent = unsent
        if (
            now - self._progress > STALL_SECONDS
            or now - self._unsent_since > ANSWER_SECONDS
            or (not self._requests and now - self._idle_since > HEAD_SECONDS)
        ):
            self._transport.abort()
            return
        every = min(STALL_SECONDS, HEAD_SECONDS) / 4
        self._clock = self._loop.call_later(every, self._look)
