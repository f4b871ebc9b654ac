import asyncio
import json
import socket
import time
from contextlib import suppress

import pytest
from starlette.exceptions import HTTPException

from inkdigits.web.hosts import AllowedHosts
from inkdigits.web.middleware import HEADERS, LimitsMiddleware
from inkdigits.web.settings import Settings
from inkdigits.web.uploads import UploadRoom

from .conftest import aside, picture


def test_a_body_is_counted_as_it_arrives(client):
    def pieces():
        for _ in range(30):
            yield bytes(1_000_000)

    found = client.post("/api/read", content=pieces())  # without a Content-Length
    assert found.status_code == 413
    assert found.json()["error"] == "The picture is larger than 20 MB: send a smaller one."
    assert client.get("/health").json()["status"] == "ok"


def test_who_never_stops_sending_is_cut_off(client, monkeypatch):
    monkeypatch.setattr("inkdigits.web.middleware.DRAIN_SECONDS", 0.01)
    with socket.create_connection((client.base_url.host, client.base_url.port), 10) as sent:
        head = b"GET /health HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n"
        sent.sendall(head + b"1\r\nx\r\n")
        heard = b"".join(iter(lambda: sent.recv(4096), b""))
    assert heard.startswith(b"HTTP/1.1 200")
    assert b"connection: close" in heard


def test_who_goes_away_in_the_midst_of_a_body_is_no_defect_of_ours(client, caplog):
    with socket.create_connection((client.base_url.host, client.base_url.port), 10) as sent:
        sent.sendall(b"POST /api/read HTTP/1.1\r\nHost: localhost\r\nContent-Length: 9\r\n\r\nx")
    until = time.monotonic() + 10
    gone = 'inkdigits_requests_total{route="/api/read",status="400"}'
    while gone not in client.get("/metrics").text:
        assert time.monotonic() < until
    assert not caplog.records


async def take_all(_, receive, send):
    while (await receive()).get("more_body"):
        pass
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": b""})


def exchange(middleware: LimitsMiddleware, pieces, *headers: tuple[bytes, bytes]):
    """Return a task that sends `pieces`, and gives the status of the answer and its sentence."""
    coming, sent = list(pieces), []

    async def receive():
        piece = coming.pop(0)
        if isinstance(piece, asyncio.Event):
            await piece.wait()
            piece = coming.pop(0)
        return {"type": "http.request", "body": piece, "more_body": bool(coming)}

    async def send(message):
        sent.append(message)

    async def ask():
        headed = [(b"host", b"localhost"), *headers]
        scope = {"type": "http", "method": "POST", "path": "/api/read", "headers": headed}
        await middleware(scope, receive, send)
        return sent[0]["status"], sent[1]["body"].decode()

    return ask()


def limited(app=take_all, **options) -> LimitsMiddleware:
    given = {"hosts": AllowedHosts(Settings()), "count": lambda *_: None, **options}
    return LimitsMiddleware(app, **given)


def length(size: int) -> tuple[bytes, bytes]:
    return b"content-length", str(size).encode()


CHUNKED = (b"transfer-encoding", b"chunked")


@pytest.mark.parametrize("header", [length(20), CHUNKED])
def test_of_many_large_uploads_those_that_have_room_come_through(header, monkeypatch):
    async def all_at_once():
        room = UploadRoom(400, small=1, small_share=0)
        middleware = limited(room=room, limits={"/api/read": 20})
        go = asyncio.Event()
        tasks = [
            asyncio.create_task(exchange(middleware, [bytes(10), go, bytes(10)], header))
            for _ in range(25)
        ]
        refused, _ = await asyncio.wait(tasks, timeout=0.1)
        go.set()
        answers = await asyncio.gather(*tasks)
        return len(refused), [status for status, _ in answers], room.free

    monkeypatch.setattr("inkdigits.web.middleware.DRAIN_SECONDS", 0.01)  # all send on for longer
    refused, statuses, free = aside(all_at_once())
    assert refused == 5
    assert statuses.count(200) == 20
    assert statuses.count(503) == 5
    assert free == 400


def test_room_that_an_upload_did_not_need_is_free_again():
    async def two():
        room = UploadRoom(30, small=1, small_share=0)
        left = []

        async def app(_, receive, __):
            await receive()
            left.append(room.free)

        await exchange_quietly(limited(app, room=room, limits={"/api/read": 20}))
        return left, room.free

    async def exchange_quietly(middleware):
        with suppress(IndexError):  # it answers nothing
            await exchange(middleware, [bytes(5)], CHUNKED)

    assert aside(two()) == ([25], 30)


def test_what_is_announced_too_large_is_refused_before_it_comes(client, monkeypatch):
    monkeypatch.setattr("inkdigits.web.middleware.DRAIN_SECONDS", 0.01)
    head = "POST {} HTTP/1.1\r\nHost: localhost\r\nContent-Length: {}\r\n\r\n"
    for path, size in (("/api/read", 20_000_001), ("/api/corrections", 64_001), ("/none", 64_001)):
        with socket.create_connection((client.base_url.host, client.base_url.port), 10) as sent:
            sent.sendall(head.format(path, size).encode())
            heard = sent.recv(4096)
        assert heard.startswith(b"HTTP/1.1 413")
    assert client.post("/none", content=bytes(64_000)).status_code == 404


def test_a_body_of_which_nothing_more_comes_is_ended(monkeypatch):
    monkeypatch.setattr("inkdigits.web.middleware.DRAIN_SECONDS", 0.01)
    monkeypatch.setattr("inkdigits.web.middleware.PIECE_SECONDS", 0.01)
    room = UploadRoom(100)

    async def app(scope, receive, send):
        try:
            await take_all(scope, receive, send)
        except HTTPException as error:
            await send({"type": "http.response.start", "status": error.status_code, "headers": []})
            await send({"type": "http.response.body", "body": error.detail.encode()})

    async def ask():
        never = asyncio.Event()
        return await exchange(limited(app, room=room), [b"x", never, b"y"], length(2))

    status, sentence = aside(ask())
    assert status == 408
    assert sentence.startswith("The request did not arrive in time")
    assert room.free == 100


def test_every_answer_is_told_what_it_may_load(client):
    for path in ("/", "/static/style.css", "/api/nothing", "/guide", "/health"):
        found = client.get(path)
        for name, value in HEADERS.items():
            assert found.headers[name] == value
        assert "unsafe" not in found.headers["content-security-policy"]
    page = client.get("/").text
    assert "style=" not in page
    assert "onclick" not in page


def test_pages_of_elsewhere_are_not_answered(client):
    content = picture()
    refused = client.post("/api/read", content=content, headers={"origin": "https://elsewhere.org"})
    assert refused.status_code == 403
    same = {"origin": str(client.base_url).rstrip("/")}
    assert client.post("/api/read", content=content, headers=same).status_code == 200
    for odd in ("null", "http://[", str(client.base_url).replace("127.0.0.1", "127.0.0.1.org")):
        found = client.post("/api/read", content=content, headers={"origin": odd})
        assert found.status_code == 403
    renamed = client.get("/api/runs", headers={"host": "elsewhere.org"})
    assert renamed.status_code == 403


def test_a_request_that_never_comes_whole_is_ended(monkeypatch):
    monkeypatch.setattr("inkdigits.web.middleware.DRAIN_SECONDS", 0.01)

    async def ask():
        return await exchange(limited(seconds=0.01), [asyncio.Event(), b"x"], length(1))

    status, sentence = aside(ask())
    assert status == 408
    assert json.loads(sentence)["error"].startswith("The request did not arrive in time")
