import asyncio
import gc
import io
import multiprocessing
import os
import signal
from concurrent.futures import BrokenExecutor, Future

import httpx
import pytest
from loky.process_executor import ShutdownExecutorError
from PIL import Image

import inkdigits
from inkdigits.errors import InkdigitsError, PictureError
from inkdigits.reading.read import ReadOptions
from inkdigits.web import worker_pool

from ..reading.strokes import one, paper
from .conftest import aside, picture


def test_a_server_that_is_too_busy_says_when_to_come_again(site, monkeypatch):
    monkeypatch.setattr(worker_pool, "QUEUE_SECONDS", 0.05)
    one_site = site()
    turns = one_site.server.config.app.app.state.pool
    monkeypatch.setattr(turns, "_turns", NoTurns())
    found = httpx.post(f"{one_site.url}/api/read", content=picture(), timeout=20)
    assert found.status_code == 503
    assert found.headers["retry-after"] == "1"
    monkeypatch.setattr(worker_pool, "QUEUE_LENGTH", 0)
    found = httpx.post(f"{one_site.url}/api/read", content=picture(), timeout=20)
    assert found.status_code == 503
    assert "Too many" in found.json()["error"]


def test_a_reading_keeps_its_turn_though_nobody_waits_for_it(monkeypatch):
    class Never:
        def submit(self, *_):
            return Future()

    async def left():
        one = worker_pool.WorkerPool(inkdigits.Reader().recogniser, 1)
        monkeypatch.setattr(one, "_pool", Never())
        given = ReadOptions()
        for _ in range(2):
            with pytest.raises(TimeoutError):
                async with asyncio.timeout(0.01):
                    await one.read(b"", given)
        monkeypatch.setattr(worker_pool, "QUEUE_SECONDS", 0.01)
        with pytest.raises(worker_pool.BusyError):
            await one.read(b"", given)

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
        one = worker_pool.WorkerPool(inkdigits.Reader().recogniser, 1)
        given = ReadOptions()
        for _ in range(2):
            with pytest.raises(worker_pool.BusyError, match="No worker process"):
                await one.read(b"", given)
        return await one.read(b"", given)

    monkeypatch.setattr(worker_pool, "Pool", pool)
    assert aside(ask()) == b"{}"


def test_a_reading_that_never_ends_is_ended_with_its_process(monkeypatch):
    stopped = []

    class Never:
        def submit(self, *_):
            return Future()

        def stop(self, *, now):
            stopped.append(now)

    class Ended(Never):
        def submit(self, *_):
            broken = Future()
            broken.set_exception(ShutdownExecutorError())
            return broken

    async def ask():
        pool = worker_pool.WorkerPool(inkdigits.Reader().recogniser, 1)
        given = ReadOptions()
        with pytest.raises(PictureError, match="longer than 25 seconds"):
            await pool.read(b"", given)
        with pytest.raises(
            worker_pool.BusyError, match="died and was replaced"
        ):  # as all others under way
            await pool.read(b"", given)
        assert pool._turns._value == 2

    made = [Never(), Ended(), Never()]
    monkeypatch.setattr(worker_pool, "Pool", lambda *_, **__: made.pop(0))
    monkeypatch.setattr(worker_pool, "LOST_SECONDS", 0.05)
    aside(ask())
    assert stopped == [True, True]


@pytest.fixture
def no_waste():
    """Let no garbage be collected: what is raised meanwhile is told as a warning, and lost."""
    gc.disable()
    yield
    gc.enable()


@pytest.mark.usefixtures("no_waste")
@pytest.mark.skipif(not hasattr(signal, "setitimer"), reason="there are no such timers here")
def test_a_file_that_takes_too_long_is_broken_off_in_a_sentence(monkeypatch):
    monkeypatch.setattr(worker_pool, "READING_SECONDS", 0.02)
    with pytest.raises(PictureError, match="send a smaller picture"):
        worker_pool.read_picture(
            inkdigits.Reader().recogniser,
            (pages(worker_pool.READING_PAGES), ReadOptions(keep=True), False),
        )


def test_a_file_of_many_pages_is_refused_at_once(client):
    content = pages(worker_pool.READING_PAGES + 1)
    refused = client.post("/api/read?steps=true", content=content)
    assert refused.status_code == 422
    assert "has 11 pages or pictures, more than 10" in refused.json()["error"]
    # The one digit of a file is that on its first page, however many there are.
    assert client.post("/api/read-digit", content=content).json()["value"] == "1"


def pages(count: int) -> bytes:
    file = io.BytesIO()
    first, *others = [Image.fromarray(one(paper(), 60, 20, 80, 8))] * count
    first.save(file, "TIFF", save_all=True, append_images=others)
    return file.getvalue()


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
