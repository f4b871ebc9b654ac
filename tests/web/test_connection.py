import asyncio
import socket

import pytest
import uvicorn

from inkdigits.web import connection
from inkdigits.web.connection import Connection

from .conftest import aside

HEAD = b"GET / HTTP/1.1\r\nHost: localhost\r\n"


async def app(_, __, send):
    await send({"type": "http.response.start", "status": 204, "headers": []})
    await send({"type": "http.response.body"})


def heard(*pieces: bytes) -> bytes:
    """Return what a server answers to `pieces`, until it ends the connection."""

    async def serve() -> bytes:
        config = uvicorn.Config(app, http=Connection, log_level="error", lifespan="off")
        with socket.create_server(("127.0.0.1", 0)) as door:
            server = uvicorn.Server(config)
            task = asyncio.create_task(server.serve(sockets=[door]))
            try:
                return await asyncio.to_thread(_ask, door.getsockname(), pieces)
            finally:
                server.should_exit = True
                await task

    return aside(serve())


def _ask(address: tuple[str, int], pieces: tuple[bytes, ...]) -> bytes:
    with socket.create_connection(address, 10) as sent:
        try:
            for piece in pieces:
                sent.sendall(piece)
            return b"".join(iter(lambda: sent.recv(4096), b""))
        except (ConnectionResetError, BrokenPipeError):
            return b"cut off"


def test_who_asks_is_answered():
    close = b"Connection: close\r\n\r\n"
    assert heard(HEAD, close).startswith(b"HTTP/1.1 204")
    assert heard(HEAD, b"\r\n", HEAD, close).count(b"HTTP/1.1 204") == 2


def test_a_head_that_never_ends_is_cut_off():
    assert heard(HEAD, b"X: ", *[bytes([97]) * 100_000] * 50) == b"cut off"


@pytest.mark.parametrize("pieces", [(), (HEAD,), (HEAD, b"\r\n", HEAD)])
def test_who_does_not_come_to_the_point_is_cut_off(monkeypatch, pieces):
    monkeypatch.setattr(connection, "SECONDS", 0.1)
    assert heard(*pieces).count(b"HTTP/1.1 204") == pieces.count(b"\r\n")
