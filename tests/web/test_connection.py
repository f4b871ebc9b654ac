import asyncio
import socket
import time

import pytest
import uvicorn
from uvicorn.protocols.http.h11_impl import H11Protocol

from inkdigits.web import connection
from inkdigits.web.hosts import AllowedHosts
from inkdigits.web.middleware import LimitsMiddleware
from inkdigits.web.server import configuration
from inkdigits.web.settings import Settings

from .conftest import aside

HEAD = b"GET / HTTP/1.1\r\nHost: localhost\r\n"
CLOSE = b"Connection: close\r\n\r\n"
LARGE = 30_000_000  # bytes: more than the system keeps for a client that takes nothing


async def app(scope, _, send):
    if scope["path"] == "/slow":
        await asyncio.sleep(0.6)
    body = bytes(LARGE) if scope["path"] == "/large" else b"x"
    head = [(b"content-length", str(len(body)).encode())]
    await send({"type": "http.response.start", "status": 200, "headers": head})
    await send({"type": "http.response.body", "body": body})


class Asked:
    """A connection to a server of which nothing has been read yet."""

    def __init__(self, sent: socket.socket, server: uvicorn.Server) -> None:
        self.sent, self.server = sent, server

    def open(self) -> bool:
        return bool(self.server.server_state.connections)

    def rest(self) -> bytes:
        """Return what is answered until the connection ends."""
        try:
            return b"".join(iter(lambda: self.sent.recv(1 << 20), b""))
        except (ConnectionResetError, BrokenPipeError):
            return b"cut off"


def asked(act, *pieces: bytes, protocol=None):
    """Return what `act` says of a connection on which `pieces` are sent."""

    async def serve():
        limits = LimitsMiddleware(app, hosts=AllowedHosts(Settings()), count=lambda *_: None)
        changes = {"http": protocol} if protocol else {}
        config = configuration(limits, lifespan="off", log_config=None, **changes)
        with socket.create_server(("127.0.0.1", 0)) as door:
            server = uvicorn.Server(config)
            task = asyncio.create_task(server.serve(sockets=[door]))
            try:
                return await asyncio.to_thread(ask, door.getsockname(), server)
            finally:
                server.force_exit = server.should_exit = True
                await task

    def ask(address, server):
        with socket.socket() as sent:
            sent.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
            sent.settimeout(10)
            sent.connect(address)
            for piece in pieces:
                sent.sendall(piece)
            return act(Asked(sent, server))

    return aside(serve())


def heard(*pieces: bytes) -> bytes:
    return asked(Asked.rest, *pieces)


def cut_off_in_time(one: Asked) -> bool:
    """Whether the server lets go of a connection of which nobody takes anything."""
    until = time.monotonic() + 0.8
    while one.open() and time.monotonic() < until:
        time.sleep(0.02)
    return not one.open()


@pytest.fixture
def hasty(monkeypatch):
    for name in ("HEAD_SECONDS", "STALL_SECONDS", "ANSWER_SECONDS"):
        monkeypatch.setattr(connection, name, 0.2)


def test_who_asks_is_answered():
    assert heard(HEAD, CLOSE).startswith(b"HTTP/1.1 200")
    assert heard(HEAD, b"\r\n", HEAD, CLOSE).count(b"HTTP/1.1 200") == 2


def test_a_head_that_never_ends_is_refused():
    def act(one: Asked) -> bytes:
        try:
            for _ in range(50):
                one.sent.sendall(bytes([97]) * 100_000)
        except (ConnectionResetError, BrokenPipeError):
            return b"cut off"
        return one.rest()

    assert asked(act, HEAD, b"X: ").startswith((b"HTTP/1.1 4", b"cut off"))


UNFINISHED = [(), (HEAD,), (HEAD, b"\r\n", HEAD)]
UNTAKEN = [(b"GET /large HTTP/1.1\r\nHost: localhost\r\n\r\n",),
           (b"GET /large HTTP/1.1\r\nHost: localhost\r\n", CLOSE)]  # fmt: skip


@pytest.mark.usefixtures("hasty")
@pytest.mark.parametrize("pieces", UNFINISHED)
def test_who_does_not_come_to_the_point_is_cut_off(pieces):
    assert heard(*pieces).count(b"HTTP/1.1 200") == pieces.count(b"\r\n")


@pytest.mark.usefixtures("hasty")
@pytest.mark.parametrize("pieces", UNTAKEN)
def test_who_does_not_take_the_answer_is_cut_off(pieces):
    def act(one: Asked) -> bool:
        until = time.monotonic() + 5
        while not one.open() and time.monotonic() < until:
            time.sleep(0.001)
        return cut_off_in_time(one)

    assert asked(act, *pieces)


@pytest.mark.usefixtures("hasty")
def test_who_takes_the_answer_a_little_at_a_time_is_cut_off_in_the_end():
    def act(one: Asked) -> bool:
        one.sent.recv(4096)  # it has begun
        until = time.monotonic() + 2
        while one.open() and time.monotonic() < until:
            one.sent.recv(1 << 16)
            time.sleep(0.02)
        return not one.open()

    assert asked(act, *UNTAKEN[0])


@pytest.mark.usefixtures("hasty")
def test_an_answer_that_takes_its_time_is_waited_for():
    slow = b"GET /slow HTTP/1.1\r\nHost: localhost\r\n"
    assert heard(slow, CLOSE).startswith(b"HTTP/1.1 200")


@pytest.mark.usefixtures("hasty")
def test_a_large_answer_is_taken_whole(monkeypatch):
    monkeypatch.setattr(connection, "ANSWER_SECONDS", 60)
    assert len(heard(*UNTAKEN[1])) > LARGE


@pytest.mark.usefixtures("hasty")
@pytest.mark.parametrize("pieces", [*UNFINISHED[:2], *UNTAKEN])
def test_uvicorn_alone_cuts_nobody_off(pieces):
    """Once this fails, `Connection` may have become needless."""

    def act(one: Asked) -> bool:
        time.sleep(0.1)
        return cut_off_in_time(one)

    assert not asked(act, *pieces, protocol=H11Protocol)
