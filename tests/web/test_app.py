import asyncio
import base64
import json
import multiprocessing
import os
import signal
import socket
import threading
import time
from concurrent.futures import BrokenExecutor, Future, ThreadPoolExecutor
from contextlib import suppress
from types import SimpleNamespace

import httpx
import pytest
from starlette.exceptions import HTTPException

import inkdigits
from inkdigits.data import own as own_digits
from inkdigits.errors import InkdigitsError
from inkdigits.web import readers
from inkdigits.web.guard import HEADERS, Guard
from inkdigits.web.own import Correction, keep
from inkdigits.web.settings import Settings

from ..reading.strokes import cross, one, paper, zero
from .conftest import aside


def picture(page=None) -> bytes:
    import cv2

    page = zero(one(paper(200, 300), 60, 40, 100, 10), 150, 40, 100, 10) if page is None else page
    return bytes(cv2.imencode(".png", page)[1])


@pytest.fixture
def client(served):
    with httpx.Client(base_url=served.url, timeout=20) as made:
        yield made


def test_answers_are_those_of_python(client):
    reader = inkdigits.Reader()
    content = picture()
    found = client.post("/api/read", content=content)
    assert found.status_code == 200
    assert found.json() == reader.read(content).as_dict()
    assert client.post("/api/read-digit", content=picture(one(paper(), 60, 20, 80, 8))).json() == (
        reader.read_digit(picture(one(paper(), 60, 20, 80, 8))).as_dict()
    )


def test_pictures_come_where_they_are_asked_for(client):
    content = picture()
    found = client.post("/api/read?pictures=true", content=content).json()
    reading = inkdigits.Reader().read(content)
    for digit, expected in zip(found["digits"], reading.digits, strict=True):
        assert base64.b64decode(digit["seen"]) == expected.seen.tobytes()
    assert all(
        base64.b64decode(found["steps"][name]).startswith(b"\x89PNG") for name in ("grey", "ink")
    )


def test_what_is_less_sure_than_asked_for_is_refused(client):
    found = client.post("/api/read?min_confidence=1", content=picture()).json()
    assert all(digit["refusal"] for digit in found["digits"])
    blank = client.post("/api/read-digit", content=picture(paper())).json()
    assert blank["refusal"] == "blank: there is no ink"
    assert (
        client.post("/api/read", content=picture(cross(paper(), 30, 30, 60))).json()["text"] == ""
    )


@pytest.mark.parametrize(
    ("path", "content", "status", "sentence"),
    [
        ("/api/read", b"no picture", 422, "no picture that can be opened"),
        ("/api/read", b"", 422, "is empty, 0 bytes"),
        ("/api/read?min_confidence=2", b"x", 422, "min_confidence: "),
        ("/api/own", b"{}", 422, "Field required"),
        ("/api/nothing", b"", 404, "Not Found"),
    ],
)
def test_what_goes_wrong_is_one_sentence(client, path, content, status, sentence):
    found = client.post(path, content=content, headers={"content-type": "application/json"})
    assert found.status_code == status
    assert sentence in found.json()["error"]
    assert "Traceback" not in found.text


def test_a_body_is_counted_as_it_arrives(client):
    def pieces():
        for _ in range(30):
            yield bytes(1_000_000)

    found = client.post("/api/read", content=pieces())  # without a Content-Length
    assert found.status_code == 413
    assert found.json()["error"] == "More than 20 MB came: send a smaller picture."
    assert client.get("/health").json()["status"] == "ok"


def test_who_never_stops_sending_is_cut_off(client, monkeypatch):
    monkeypatch.setattr("inkdigits.web.guard.DRAINING", 0.01)
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


def test_all_bodies_together_have_a_limit():
    entered, refused = [], []

    async def app(scope, receive, _):
        try:
            entered.append(len((await receive())["body"]))
        except HTTPException as error:
            refused.append(error.status_code)
        if scope["first"]:
            await guard({**scope, "first": False}, receive_six, ignore)

    async def receive_six():
        return {"type": "http.request", "body": bytes(6), "more_body": False}

    async def ignore(_):
        pass

    guard = Guard(app, private=False, count=lambda *_: None, held=10)
    scope = {"type": "http", "method": "POST", "headers": [], "first": True}
    for _ in range(2):  # what was held is free again
        aside(guard(scope, receive_six, ignore))
    assert (entered, refused) == ([6, 6], [503, 503])


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


@pytest.mark.parametrize(
    "path",
    ["/static/../app.py", "/static/..%2fapp.py", "/static//etc/passwd", "/static/%2e%2e/guard.py",
     "/guide/..%2f..%2fapp", "/guide/%00"],
)  # fmt: skip
def test_no_request_reaches_a_file_that_is_not_for_it(client, path):
    found = client.get(path)
    assert found.status_code == 404
    assert "import" not in found.text


def test_files_are_sent_packed_and_once(client):
    first = client.get("/static/style.css")
    assert first.headers["content-encoding"] == "gzip"
    assert "--paper" in first.text
    again = client.get("/static/style.css", headers={"if-none-match": first.headers["etag"]})
    assert again.status_code == 304
    assert not again.content
    plain = client.get("/static/style.css", headers={"accept-encoding": "identity"})
    assert plain.text == first.text


@pytest.mark.parametrize("path", ["/", "/static/style.css", "/guide/softmax", "/health", "/no"])
def test_head_is_get_without_a_body(client, path):
    whole, head = client.get(path), client.head(path)
    assert head.status_code == whole.status_code
    assert head.headers["content-length"] == whole.headers["content-length"]
    assert not head.content


def test_of_two_labels_at_once_one_is_kept(tmp_path, monkeypatch):
    both, write = threading.Barrier(2), own_digits.write_bytes

    def written(path, content):
        write(path, content)
        with suppress(threading.BrokenBarrierError):
            both.wait(0.2)  # for the other to have written, too

    monkeypatch.setattr(own_digits, "write_bytes", written)
    state = SimpleNamespace(settings=Settings(own=tmp_path))
    request = SimpleNamespace(app=SimpleNamespace(state=state))
    seen = base64.b64encode(bytes(range(1, 197)) * 4).decode()
    with ThreadPoolExecutor(2) as threads:
        corrections = [Correction(seen=seen, label=label) for label in (3, 8)]
        counts = [kept.count for kept in threads.map(keep, corrections, [request] * 2)]
    assert counts == [1, 1]
    assert len(own_digits.files(tmp_path)) == 1


def test_metrics_count_under_routes_not_under_what_clients_write(client):
    client.get("/guide/some-invented-name")
    client.post("/api/read", content=picture())
    found = client.get("/metrics").text
    assert 'inkdigits_requests_total{route="/api/read",status="200"}' in found
    assert "inkdigits_reading_seconds_bucket" in found
    assert "some-invented-name" not in found


def test_health_names_the_recogniser(client):
    found = client.get("/health").json()
    assert found["version"] == inkdigits.__version__
    assert len(found["recogniser"]) == 64


def test_the_interface_is_described_without_anything_from_elsewhere(client):
    document = client.get("/openapi.json").json()
    assert {"/api/read", "/api/read-digit", "/api/runs", "/health", "/metrics"} <= set(
        document["paths"]
    )
    assert "/guide" not in document["paths"]
    page = client.get("/api").text
    assert "POST" in page
    assert "/api/read-digit" in page
    assert "https://" not in page


def test_a_server_that_is_too_busy_says_when_to_come_again(site, monkeypatch):
    monkeypatch.setattr(readers, "PATIENCE", 0.05)
    one_site = site()
    turns = one_site.server.config.app.app.state.readers
    monkeypatch.setattr(turns, "_turns", NoTurns())
    found = httpx.post(f"{one_site.url}/api/read", content=picture(), timeout=20)
    assert found.status_code == 503
    assert found.headers["retry-after"] == "1"
    monkeypatch.setattr(readers, "WAITING", 0)
    found = httpx.post(f"{one_site.url}/api/read", content=picture(), timeout=20)
    assert found.status_code == 503
    assert "Too many" in found.json()["error"]


def test_a_reading_keeps_its_turn_though_nobody_waits_for_it(monkeypatch):
    class Never:
        def submit(self, *_):
            return Future()

    async def left():
        one = readers.Readers(inkdigits.Reader().recogniser, 1)
        monkeypatch.setattr(one, "_pool", Never())
        given = {"single": False, "least": 0.5, "pictures": False}
        for _ in range(2):
            with pytest.raises(TimeoutError):
                async with asyncio.timeout(0.01):
                    await one.read(b"", **given)
        monkeypatch.setattr(readers, "PATIENCE", 0.01)
        with pytest.raises(readers.BusyError):
            await one.read(b"", **given)

    aside(left())


def test_processes_that_cannot_be_started_are_tried_again(monkeypatch):
    class Dead:
        def submit(self, *_):
            raise BrokenExecutor

        def stop(self, *, now):
            assert now

    class Alive:
        def submit(self, *_):
            done = Future()
            done.set_result(b"{}")
            return done

    made = [Dead(), InkdigitsError("no memory"), InkdigitsError("no memory"), Alive()]

    def pool(*_, **__):
        found = made.pop(0)
        if isinstance(found, Exception):
            raise found
        return found

    async def ask():
        one = readers.Readers(inkdigits.Reader().recogniser, 1)
        given = {"single": False, "least": 0.5, "pictures": False}
        for _ in range(2):
            with pytest.raises(readers.BusyError, match="No process"):
                await one.read(b"", **given)
        return await one.read(b"", **given)

    monkeypatch.setattr(readers, "Pool", pool)
    assert aside(ask()) == b"{}"


class NoTurns:
    async def acquire(self):
        await asyncio.sleep(60)


def test_a_process_that_dies_is_replaced(site):
    others = pids()
    one_site = site()
    url = f"{one_site.url}/api/read"
    assert httpx.post(url, content=picture(), timeout=30).status_code == 200
    before = pids() - others
    for pid in before:
        os.kill(pid, signal.SIGKILL)
    answers = [httpx.post(url, content=picture(), timeout=30).status_code for _ in range(4)]
    assert answers[-1] == 200
    assert set(answers) <= {200, 503}
    assert not before & pids()


def pids() -> set[int]:
    return {process.pid for process in multiprocessing.active_children()}


def test_a_request_that_never_comes_whole_is_ended(monkeypatch):
    sent = []

    async def app(_, receive, __):
        while (await receive()).get("more_body"):
            pass

    async def receive():
        await asyncio.sleep(60)

    async def send(message):
        sent.append(message)

    async def drained():
        monkeypatch.setattr("inkdigits.web.guard.DRAINING", 0.01)
        guard = Guard(app, private=False, count=lambda *_: None, seconds=0.01)
        scope = {"type": "http", "method": "POST", "headers": []}
        await guard(scope, receive, send)

    aside(drained())
    assert sent[0]["status"] == 408
    assert json.loads(sent[1]["body"])["error"].startswith("The request did not come in time")


def test_a_server_for_others_answers_under_any_name(site):
    open_site = site(host="0.0.0.0", own=None)  # noqa: S104 - it listens on 127.0.0.1 in tests
    found = httpx.get(f"{open_site.url}/health", headers={"host": "class.local"})
    assert found.status_code == 200
    kept = httpx.post(f"{open_site.url}/api/own", json={"seen": "AAAA", "label": 1})
    assert kept.status_code == 403
    assert "--own" in kept.json()["error"]


def test_a_defect_of_ours_is_told_to_the_log_alone(site, monkeypatch, caplog):
    one_site = site()
    monkeypatch.setattr(
        "inkdigits.web.guide.chapters", lambda: (_ for _ in ()).throw(ValueError("a secret"))
    )
    found = httpx.get(f"{one_site.url}/guide")
    assert found.status_code == 500
    assert "a secret" not in found.text
    assert "a secret" in caplog.text
