"""Connections: none stays that does not ask, and what is asked is told in few bytes.

uvicorn waits for the head of a request for ever, and keeps one of any length.
"""

import asyncio

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from .settings import MOST_HEAD, SECONDS


class Connection(HttpToolsProtocol):
    """A connection that is cut off if the head of a request is too long, or too long in coming."""

    _late: asyncio.TimerHandle

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Wait for the first request."""
        super().connection_made(transport)
        self._begin()

    def connection_lost(self, exc: Exception | None) -> None:
        """Wait for nothing more."""
        self._late.cancel()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Take in some of a request."""
        super().data_received(data)
        self._came += len(data)
        if not self._whole and self._came > MOST_HEAD:
            self.transport.abort()

    def on_message_begin(self) -> None:
        """Wait for the head of a request."""
        super().on_message_begin()
        self._late.cancel()
        self._begin()

    def on_headers_complete(self) -> None:
        """Go on to the body, for which `Guard` waits."""
        self._late.cancel()
        self._whole = True
        super().on_headers_complete()

    def _begin(self) -> None:
        self._came, self._whole = 0, False
        self._late = self.loop.call_later(SECONDS, self.transport.abort)
