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
        given = {"runs": tmp_path / "runs", "own": tmp_path / "own", "workers": 1, **changes}
        started.append(Site(Settings(**given)))
        return started[-1]

    yield start
    for server in started:
        server.end()


@pytest.fixture(scope="session")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """Return a server that tests share which leave nothing behind."""
    folder = tmp_path_factory.mktemp("served")
    one = Site(Settings(runs=folder / "runs", own=folder / "own", workers=1))
    yield one
    one.end()


@pytest.fixture
def client(served):
    with httpx.Client(base_url=served.url, timeout=20) as made:
        yield made


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
