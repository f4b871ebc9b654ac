"""A server on a free port, and a real browser whose every complaint is a failure."""

import asyncio
import os
import shutil
import threading
import time
from collections.abc import Callable, Coroutine, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, TypeVar

import httpx
import pytest
import uvicorn
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from inkdigits import evaluation, training
from inkdigits.evaluation.ensemble import ensemble
from inkdigits.training import Run
from inkdigits.training.loop import Batches
from inkdigits.web.app import create_app
from inkdigits.web.server import configuration
from inkdigits.web.settings import Settings
from inkdigits.web.worker_pool import WorkerPool

from ..reading.strokes import one, paper, zero

CHROMIUM = os.environ.get("INKDIGITS_CHROMIUM") or shutil.which("chromium")
FLAGS = (
    "--no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking "
    "--disable-component-update --disable-sync"
)
T = TypeVar("T")
PHONE, DESKTOP = {"width": 360, "height": 740}, {"width": 1440, "height": 900}


class Site:
    """A server that is running in this process."""

    def __init__(self, settings: Settings) -> None:
        app = create_app(settings)
        _start_late(app.app.state.pool)
        # What is logged is the test's to look at.
        config = configuration(app, port=0, timeout_graceful_shutdown=1, log_config=None)
        self.settings = settings
        self.server = uvicorn.Server(config)
        self.thread = threading.Thread(target=self.server.run)
        self.thread.start()
        until = time.monotonic() + 20
        while not self.server.started and time.monotonic() < until:
            time.sleep(0.01)
        port = self.server.servers[0].sockets[0].getsockname()[1]
        self.url = f"http://127.0.0.1:{port}"

    def end(self) -> None:
        self.server.should_exit = True
        self.thread.join(20)


def _start_late(pool: WorkerPool) -> None:
    """Let processes start with the first reading: most tests read no picture."""
    start = pool.start

    def later() -> None:
        pool.start = start

    pool.start = later


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Callable[..., Site]]:
    """Return a function that starts a server: ``site(runs=...)``; else all is in `tmp_path`."""
    started = []

    def start(**changes: object) -> Site:
        given = {
            "runs": tmp_path / "runs",
            "user_digits": tmp_path / "own",
            "workers": 1,
            **changes,
        }
        started.append(Site(Settings(**given)))
        return started[-1]

    yield start
    for server in started:
        server.end()


@pytest.fixture(scope="session")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """Return a server that tests share which leave nothing behind."""
    folder = tmp_path_factory.mktemp("served")
    one = Site(Settings(runs=folder / "runs", user_digits=folder / "own", workers=1))
    yield one
    one.end()


@pytest.fixture
def client(served):
    with httpx.Client(base_url=served.url, timeout=20) as made:
        yield made


@pytest.fixture(scope="session")
def kept(tmp_path_factory):
    """Return where runs stay that are trained once for all tests here."""
    return tmp_path_factory.mktemp("kept") / "runs"


@pytest.fixture
def runs(kept, small_mnist, tiny, tmp_path, monkeypatch):
    """Return a folder with two runs that were evaluated, without their reports."""
    monkeypatch.setenv("INKDIGITS_DATA", str(small_mnist))
    if not kept.exists():
        monkeypatch.setattr("inkdigits.evaluation.api.write_report", lambda *_: None)
        for name, seed in (("first", 0), ("second", 5)):
            run = training.train(tiny, seed=seed, name=name, runs=kept, progress=False)
            evaluation.evaluate(run)
    return Path(shutil.copytree(kept, tmp_path / "runs"))


class Client:
    """Asks an application without a server between."""

    def __init__(self, **settings: object) -> None:
        self.app = create_app(Settings(user_digits=None, **settings))

    def get(self, path: str) -> httpx.Response:
        return aside(self._get(path))

    async def _get(self, path: str) -> httpx.Response:
        transport = httpx.ASGITransport(self.app, raise_app_exceptions=False)
        async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1") as client:
            return await client.get(path)


@pytest.fixture
def ask(runs):
    """Return a client of the interface to these runs."""
    return Client(runs=runs)


@pytest.fixture(scope="session")
def kept_networks(tmp_path_factory):
    """Return where runs stay that are trained once for all tests here."""
    return tmp_path_factory.mktemp("inside") / "runs"


@pytest.fixture
def network_runs(kept_networks, small_mnist, tiny, tmp_path, monkeypatch):
    """Return a folder with two runs, an ensemble of them, and one that has no weights."""
    monkeypatch.setenv("INKDIGITS_DATA", str(small_mnist))
    if not kept_networks.exists():
        given = {"runs": kept_networks}
        for seed in (0, 1):
            training.train(tiny, name=f"run{seed}", epochs=1, seed=seed, progress=False, **given)
        ensemble("run0", "run1", name="both", **given)
        Run.create(tiny, "empty", kept_networks)
    return Path(shutil.copytree(kept_networks, tmp_path / "runs"))


@pytest.fixture
def start(site, network_runs):
    return site(runs=network_runs)


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Return Chromium, or skip, saying so."""
    if CHROMIUM is None:
        missing = "needs Chromium: install it, or set INKDIGITS_CHROMIUM to its path"
        if os.environ.get("INKDIGITS_REQUIRE_BROWSER"):
            pytest.fail(missing)
        pytest.skip(missing)
    with sync_playwright() as driver:
        started = driver.chromium.launch(executable_path=CHROMIUM, args=FLAGS.split())
        yield started
        started.close()


@pytest.fixture
def context(browser: Browser) -> Iterator[BrowserContext]:
    """Return a fresh profile."""
    with browser.new_context(viewport=DESKTOP) as made:
        made.set_default_timeout(15_000)
        yield made


@pytest.fixture
def page(context: BrowserContext) -> Iterator[Page]:
    """Return a page; whatever it complains of, or asks of elsewhere, fails the test."""
    complaints: list[str] = []
    opened = context.new_page()
    opened.on(
        "console",
        lambda message: (
            complaints.append(message.text) if message.type in ("error", "warning") else None
        ),
    )
    opened.on("pageerror", lambda error: complaints.append(str(error)))
    opened.on(
        "request",
        lambda request: (
            None
            if request.url.startswith(("http://127.0.0.1:", "data:", "blob:"))
            else complaints.append(f"left the machine: {request.url}")
        ),
    )
    opened.complaints = complaints
    yield opened
    assert not complaints


def picture(page=None) -> bytes:
    import cv2

    page = zero(one(paper(200, 300), 60, 40, 100, 10), 150, 40, 100, 10) if page is None else page
    return bytes(cv2.imencode(".png", page)[1])


def batches(step: int, losses: list[float]) -> Batches:
    return Batches(1, 1, 1, 1, step, losses, [0.1] * len(losses), 0.5)


def aside(task: Coroutine[Any, Any, T]) -> T:
    """Return what `task` gives; the driver of a browser may have a loop in this thread already."""
    with ThreadPoolExecutor(1) as other:
        return other.submit(asyncio.run, task).result()


def serious(page: Page) -> list[str]:
    """Return what axe finds that is serious."""
    found = Axe().run(page).response["violations"]
    return [
        f"{fault['id']}: {fault['nodes'][0]['target']}"
        for fault in found
        if fault["impact"] in ("serious", "critical")
    ]


def overflows(page: Page) -> bool:
    """Whether a reader would have to scroll sideways."""
    return bool(
        page.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth")
    )
