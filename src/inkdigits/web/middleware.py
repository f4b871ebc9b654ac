"""The door: who may ask, how much they may bring, how long it may take, what every answer says.

Plain ASGI, around all else, so that no route can forget it.
"""

import asyncio
import json
import time
from collections.abc import Awaitable, Callable, MutableMapping
from contextlib import nullcontext, suppress
from typing import Any

from starlette.exceptions import HTTPException

from .connection import current
from .hosts import AllowedHosts
from .settings import BODY_BYTES, BODY_LIMITS, PICTURE_BYTES, PIECE_SECONDS, REQUEST_SECONDS
from .uploads import UploadRoom

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
DRAIN_BYTES = 5 * PICTURE_BYTES  # that are thrown away before a client that sends on is cut off
DRAIN_SECONDS = 2.0  # of that
LATE = "The request did not arrive in time: try again."
SLOW = "The answer took too long: try again, or send a smaller picture."
FULL = "The server is receiving too much data: try again in a second."


class LimitsMiddleware:
    """Wraps an application.

    Parameters
    ----------
    app
        What answers.
    hosts
        The names that a request may be for.
    count
        Is told of each answer: its route, status and seconds.
    room
        For all bodies that are under way together.
    limits
        Bytes that the body of a request may have, by path; of all others, `BODY_BYTES`.
    seconds
        For a request to come in and its answer to begin. After that the connection watches that
        the answer is taken.
    """

    def __init__(
        self,
        app: App,
        *,
        hosts: AllowedHosts,
        count: Callable[[str, int, float], None],
        room: UploadRoom | None = None,
        limits: dict[str, int] = BODY_LIMITS,
        seconds: float = REQUEST_SECONDS,
    ) -> None:
        self.app, self.hosts, self.count = app, hosts, count
        self.room = room or UploadRoom()
        self.limits, self.seconds = limits, seconds

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request, or refuse it."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        limit = self.limits.get(scope["path"], BODY_BYTES)
        exchange = _Exchange(receive, send, limit, self.room)
        if scope["method"] == "HEAD":  # the answer to GET; the server sends no body with it
            scope = {**scope, "method": "GET"}
        begin = time.perf_counter()
        connection = current.get()
        try:
            with connection.answering() if connection else nullcontext():
                await self._answer(scope, exchange)
        finally:
            exchange.end()
            route = getattr(scope.get("route"), "path", "none")
            self.count(route, exchange.status, time.perf_counter() - begin)

    async def _answer(self, scope: Scope, exchange: "_Exchange") -> None:
        headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in
                   scope["headers"]}  # fmt: skip
        try:
            async with asyncio.timeout(self.seconds) as exchange.timeout:
                if refusal := self._stranger(scope, headers):
                    await exchange.refuse(403, refusal)
                elif refused := exchange.announce(headers):
                    await exchange.refuse(*refused)
                else:
                    await self.app(scope, exchange.receive, exchange.send)
        except TimeoutError:
            exchange.timeout = None
            await exchange.refuse(*((503, SLOW) if exchange.whole else (408, LATE)))
        except Exception:
            # Starlette has answered, and the log has been told; it raises for servers to log again.
            if not exchange.status:
                raise

    def _stranger(self, scope: Scope, headers: dict[str, str]) -> str:
        """Return why a request may not be answered; empty if it may."""
        host = headers.get("host", "")
        if refusal := self.hosts.refusal(scope, host):
            return refusal
        if scope["method"] in ("GET", "HEAD", "OPTIONS"):
            return ""
        origin = headers.get("origin")
        if origin is not None and origin.partition("://")[2] != host:
            return "Requests from pages of other sites are not allowed: use the server's own pages."
        return ""


class _Exchange:
    """One request and its answer: what has come, and whether the answer has begun."""

    timeout: asyncio.Timeout | None = None  # until the answer begins

    def __init__(self, receive: Receive, send: Send, limit: int, room: UploadRoom) -> None:
        self._receive, self._send, self._limit, self._room = receive, send, limit, room
        self.came = 0
        self.taken = 0  # bytes of the room
        self.whole = False
        self.status = 0  # none yet

    def announce(self, headers: dict[str, str]) -> tuple[int, str] | None:
        """Take room for the body that is to come; return why it may not, if so."""
        length = headers.get("content-length")
        if length is not None:
            size = int(length)  # the server has refused what is no number
        else:  # one that does not say how long it is may be as long as any
            size = self._limit if "transfer-encoding" in headers else 0
        if size > self._limit:
            return 413, self._too_large()
        if not self._room.take(size):
            return 503, FULL
        self.taken = size
        return None

    def end(self) -> None:
        """Give the room back."""
        self._room.give_back(self.taken)
        self.taken = 0

    async def receive(self) -> Message:
        if self.whole:
            return await self._receive()  # waits for the client to go away
        try:
            async with asyncio.timeout(PIECE_SECONDS):
                message = await self._receive()
        except TimeoutError as error:
            raise HTTPException(408, LATE) from error
        self.came += len(message.get("body", b""))
        self.whole = not message.get("more_body", False)
        if self.came > self._limit:
            raise HTTPException(413, self._too_large())
        if self.whole and self.came < self.taken:
            self._room.give_back(self.taken - self.came)
            self.taken = self.came
        return message

    async def send(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            if self.timeout is not None:
                self.timeout.reschedule(None)
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

    def _too_large(self) -> str:
        if self._limit >= PICTURE_BYTES:
            return f"The picture is larger than {self._limit // 1_000_000} MB: send a smaller one."
        return f"The request is larger than {self._limit // 1000} kB: send a smaller one."

    async def _drain(self) -> None:
        """Throw away what is still coming: a client that sends does not hear an answer."""
        with suppress(TimeoutError):
            async with asyncio.timeout(DRAIN_SECONDS):
                while not self.whole and self.came < DRAIN_BYTES:
                    message = await self._receive()
                    self.came += len(message.get("body", b""))
                    self.whole = not message.get("more_body", False)
