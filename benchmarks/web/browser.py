"""The page in a real browser: how soon a reading follows the hand, and its picture for the README.

    python -m benchmarks browser [--count 40] [--picture docs/pictures/page.png]

Digits are drawn on the page Read by a mouse that moves as a hand does. The time is from the last
point of a stroke, where the pen is lifted, to the answer on the page, painted.
"""

import shutil
import statistics
from collections.abc import Sequence
from pathlib import Path

from playwright.sync_api import Browser, Page, sync_playwright

from benchmarks.options import argument_parser
from benchmarks.web.serving import served

FLAGS = "--no-sandbox --disable-gpu --no-first-run --disable-background-networking --disable-sync"
SEVEN = [[(0.06, 0.25), (0.19, 0.25), (0.1, 0.78)]]
FORTY_TWO = [
    [(0.3, 0.22), (0.26, 0.52), (0.39, 0.52)],
    [(0.36, 0.34), (0.35, 0.8)],
    [(0.48, 0.33), (0.51, 0.24), (0.57, 0.22), (0.61, 0.32), (0.47, 0.77), (0.63, 0.77)],
]
SCRIBBLE = [[(0.8 + 0.13 * (i % 2), 0.28 + 0.06 * i) for i in range(9)]]
# The page says how many changes were drawn, and how many of them what it shows has read.
WATCH = """() => {
  window.times = [];
  const state = document.documentElement.dataset;
  let [lifted, drawn] = [0, ""];
  document.querySelector(".pad canvas").addEventListener("pointerup", () => {
    lifted = performance.now();
    drawn = state.drawn;
  }, true);
  new MutationObserver(() => {
    if (!lifted || state.read !== drawn) return;
    const began = lifted;
    lifted = 0;
    requestAnimationFrame(() => setTimeout(() => window.times.push(performance.now() - began)));
  }).observe(document.documentElement, { attributes: true, attributeFilter: ["data-read"] });
}"""


def main(arguments: Sequence[str]) -> None:
    """Start a server and a browser, draw, and tell how long it took."""
    parser = argument_parser("browser", __doc__)
    parser.add_argument("--count", type=int, default=40, help="digits to draw")
    parser.add_argument("--picture", type=Path, help="write a PNG of the page here")
    options = parser.parse_args(arguments)
    with served() as server, sync_playwright() as driver:
        path = shutil.which("chromium")
        browser = driver.chromium.launch(executable_path=path, args=FLAGS.split())
        times = measured(opened(browser, server.address), options.count)
        print(
            f"from lifting the pen to the answer: median {statistics.median(times):.0f} ms "
            f"(least {min(times):.0f}, greatest {max(times):.0f}; n = {len(times)})"
        )
        if options.picture is not None:
            page = opened(browser, server.address, scale=2)
            draw(page, [*SEVEN, *FORTY_TWO, *SCRIBBLE])
            settle(page)
            page.mouse.move(0, 0)
            page.screenshot(path=options.picture, full_page=True)
        browser.close()


def opened(browser: Browser, address: str, scale: float = 1) -> Page:
    """Return the page Read, ready to be drawn on."""
    page = browser.new_page(viewport={"width": 1280, "height": 860}, device_scale_factor=scale)
    page.goto(address)
    page.wait_for_selector(".pad canvas")
    return page


def measured(page: Page, count: int) -> list[float]:
    """Draw so many digits, each on a clear pad, and return the milliseconds of each."""
    page.evaluate(WATCH)
    for _ in range(count):
        draw(page, SEVEN)
        settle(page)
        page.get_by_role("button", name="Clear").click()
        page.wait_for_timeout(100)
    return list(page.evaluate("window.times"))


def settle(page: Page) -> None:
    """Wait until all that was drawn has been read and is painted."""
    page.wait_for_selector("html[data-busy=false]")
    page.wait_for_timeout(200)


def draw(page: Page, strokes: list[list[tuple[float, float]]]) -> None:
    """Draw strokes, in parts of the pad's sides."""
    box = page.locator(".pad canvas").bounding_box()
    if box is None:
        raise SystemExit("The page shows no pad to draw on.")
    for stroke in strokes:
        points = [(box["x"] + x * box["width"], box["y"] + y * box["height"]) for x, y in stroke]
        page.mouse.move(*points[0])
        page.mouse.down()
        for point in points[1:]:
            page.mouse.move(*point, steps=8)
        page.mouse.up()
