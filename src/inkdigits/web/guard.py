"""The door: who may ask, how much they may bring, how long it may take, what every answer says.

Plain ASGI, around all else, so that no route can forget it.
"""

import asyncio
import json
import time
from collections.abc import Awaitable, Callable, MutableMapping
from contextlib import suppress
from typing import Any
from urllib.parse import urlsplit

from starlette.exceptions import HTTPException

from .settings import LOOPBACK, MOST_BODY, MOST_HELD, SECONDS

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]

HEADERS = {
    # Only what this server sends is shown and run; a picture may also come from the page itself.
    "content-security-policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; "
        "connect-src 'self'; media-src 'self' blob:; base-uri 'none'; form-action 'none'; "
        "frame-ancestors 'none'"
    ),
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "permissions-policy": "camera=(self), microphone=(), geolocation=()",
    "referrer-policy": "no-referrer",
    "x-content-type-options": "nosniff",
}
DRAINED = 5 * MOST_BODY  # bytes that are thrown away before a client that sends on is cut off
DRAINING = 2.0  # seconds of that


class Guard:
    """Wraps an application.

    Parameters
    ----------
    app
        What answers.
    private
        Whether it is for this machine alone. Then a request must name this machine, which no page
        of elsewhere that had its name changed to ours in passing (DNS rebinding) does.
    count
        Is told of each answer: its route, status and seconds.
    most, seconds
        Of a request: bytes of its body, and time for it to come in and be answered.
    held
        Bytes of all bodies that are under way together.
    """

    def __init__(
        self,
        app: App,
        *,
        private: bool,
        count: Callable[[str, int, float], None],
        most: int = MOST_BODY,
        seconds: float = SECONDS,
        held: int = MOST_HELD,
    ) -> None:
        self.app, self.private, self.count = app, private, count
        self.most, self.seconds = most, seconds
        self.room = held

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request, or refuse it."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        exchange = _Exchange(receive, send, self)
        if scope["method"] == "HEAD":  # the answer to GET; the server sends no body with it
            scope = {**scope, "method": "GET"}
        begin = time.perf_counter()
        try:
            await self._answer(scope, exchange)
        finally:
            self.room += exchange.held
            route = getattr(scope.get("route"), "path", "none")
            self.count(route, exchange.status, time.perf_counter() - begin)

    async def _answer(self, scope: Scope, exchange: "_Exchange") -> None:
        headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in
                   scope["headers"]}  # fmt: skip
        if refusal := self._stranger(scope["method"], headers):
            await exchange.refuse(403, refusal)
            return
        try:
            async with asyncio.timeout(self.seconds):
                await self.app(scope, exchange.receive, exchange.send)
        except TimeoutError:
            late = "The request did not come in time: try again."
            busy = "The answer took too long: try again, or with a smaller picture."
            await exchange.refuse(503 if exchange.whole else 408, busy if exchange.whole else late)

    def _stranger(self, method: str, headers: dict[str, str]) -> str:
        """Return why a request may not be answered; empty if it may."""
        host = headers.get("host", "")
        if self.private and _name(host) not in LOOPBACK:
            return f"This server is for this machine alone: open it as http://{LOOPBACK[0]}."
        if method in ("GET", "HEAD", "OPTIONS"):
            return ""
        origin = headers.get("origin")
        if origin is not None and origin.partition("://")[2] != host:
            return "Another site's page may not ask this server: use the server's own pages."
        return ""


class _Exchange:
    """One request and its answer: what has come, and whether the answer has begun."""

    def __init__(self, receive: Receive, send: Send, guard: Guard) -> None:
        self._receive, self._send, self._guard = receive, send, guard
        self.came = 0
        self.held = 0  # bytes of what came that are kept
        self.whole = False
        self.status = 0  # none yet

    async def receive(self) -> Message:
        message = await self._receive()
        self.came += len(message.get("body", b""))
        self.whole = not message.get("more_body", False)
        if self.came > self._guard.most:
            sentence = f"More than {self._guard.most // 1_000_000} MB came: send a smaller picture."
            raise HTTPException(413, sentence)
        size = len(message.get("body", b""))
        if size > self._guard.room:
            sentence = "Too much is being sent to this server: try again in a second."
            raise HTTPException(503, sentence, {"retry-after": "1"})
        self._guard.room -= size
        self.held += size
        return message

    async def send(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            await self._drain()
            self.status = message["status"]
            given = {name for name, _ in message.get("headers", [])}
            extra = [(name.encode(), value.encode()) for name, value in HEADERS.items()]
            if not self.whole:  # whatever else it sends, nobody listens
                extra.append((b"connection", b"close"))
            message["headers"] = [
                *message.get("headers", []),
                *(pair for pair in extra if pair[0] not in given),
            ]
        await self._send(message)

    async def refuse(self, status: int, sentence: str) -> None:
        """Answer with one sentence, unless an answer has begun."""
        if self.status:
            return
        content = json.dumps({"error": sentence}).encode()
        headers = [(b"content-type", b"application/json"), (b"connection", b"close")]
        headers.append((b"content-length", str(len(content)).encode()))
        if status == 503:
            headers.append((b"retry-after", b"1"))
        await self.send({"type": "http.response.start", "status": status, "headers": headers})
        await self.send({"type": "http.response.body", "body": content})

    async def _drain(self) -> None:
        """Throw away what is still coming: a client that sends does not hear an answer."""
        with suppress(TimeoutError):
            async with asyncio.timeout(DRAINING):
                while not self.whole and self.came < DRAINED:
                    message = await self._receive()
                    self.came += len(message.get("body", b""))
                    self.whole = not message.get("more_body", False)


def _name(host: str) -> str:
    """Return the name of ``name:port`` or ``[address]:port``."""
    try:
        return urlsplit(f"//{host}").hostname or ""
    except ValueError:
        return ""
