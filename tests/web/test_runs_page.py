import threading

import numpy as np
import pytest

from inkdigits import evaluation, training
from inkdigits.training import Run, loop
from inkdigits.training.steps import FILE, StepLog

from .conftest import PHONE, overflows, serious

STEPS = 9  # an epoch of the tiny digits
# Counts the looks that are still to come; a page that is loaded again forgets it.
WAITING = """() => {
  const later = window.setTimeout;
  window.waiting = 0;
  window.setTimeout = (call, milliseconds) => {
    if (milliseconds !== 1000) return later(call, milliseconds);
    window.waiting += 1;
    return later(() => { window.waiting -= 1; call(); }, milliseconds);
  };
}"""


def opened(page, site, path):
    page.goto(f"{site.url}{path}")
    page.wait_for_selector("#runs[data-ready]")


def test_the_list_is_sorted_searched_and_chosen_from(page, site, runs):
    (runs / "broken").mkdir()
    (runs / "broken" / "recipe.toml").write_text("name = 3 [")
    server = site(runs=runs)
    opened(page, server, "/runs")
    assert "not valid TOML" in page.locator("tr", has_text="broken").inner_text()
    assert page.get_by_label("Select broken").is_disabled()
    by_name = page.locator("th", has_text="Run").get_by_role("button")
    by_name.click()
    assert page.locator("tbody .name a").all_inner_texts() == ["broken", "first", "second"]
    by_name.click()
    assert page.locator("tbody .name a").all_inner_texts() == ["second", "first", "broken"]
    page.get_by_label("Find").fill("fir")
    assert page.locator("tbody .name a").all_inner_texts() == ["first"]
    page.get_by_label("Find").fill("")
    assert page.get_by_role("button", name="Compare").is_disabled()
    page.get_by_label("Select first").check()
    page.get_by_label("Select second").check()
    assert not serious(page)
    page.set_viewport_size(PHONE)
    assert not overflows(page)
    assert not serious(page)
    page.get_by_role("button", name="Compare").click()
    page.wait_for_url("**/runs?run=first&run=second")
    page.wait_for_selector("#runs[data-ready]")
    page.go_back()
    page.wait_for_selector(".name a")


def test_a_cell_of_the_confusion_matrix_opens(page, site, runs):
    matrix = np.array(Run(runs / "first").figures["confusion"])
    np.fill_diagonal(matrix, 0)
    true, read = np.unravel_index(matrix.argmax(), matrix.shape)
    opened(page, site(runs=runs), "/runs?run=first")
    page.wait_for_selector(".tile")
    assert page.locator(".figures b").first.inner_text().endswith("%")
    page.get_by_role("button", name=f"true {true}, predicted {read}:").click()
    page.get_by_role("heading", name=f"True {true}, predicted {read}").wait_for()
    tiles = page.get_by_role("button", name=f"True {true}, predicted {read}, ")
    tiles.nth(int(matrix[true, read]) - 1).wait_for()
    assert tiles.count() == page.locator(".tile").count() == matrix[true, read]
    page.get_by_role("button", name=f"true {true}, predicted {read}:").press("ArrowLeft")
    assert "predicted" in page.evaluate("document.activeElement.ariaLabel")
    tiles.first.click()
    assert page.get_by_role("dialog").is_visible()
    page.keyboard.press("Escape")
    page.get_by_text("Environment", exact=True).click()
    page.get_by_text("Recipe", exact=True).click()
    assert not serious(page)
    page.set_viewport_size(PHONE)
    assert not overflows(page)


def test_two_runs_are_compared(page, site, runs):
    said = evaluation.compare("first", "second", runs=runs).verdicts[0]
    opened(page, site(runs=runs), "/runs?run=first&run=second")
    assert said in page.locator("main").inner_text().replace("\N{NO-BREAK SPACE}", " ")
    assert page.locator("tbody tr").count() == 2
    assert page.locator(".telling canvas").count()
    page.wait_for_function("() => document.querySelectorAll('.chart')[1]?.data?.length === 2")
    assert not serious(page)
    page.set_viewport_size(PHONE)
    assert not overflows(page)


def test_a_run_is_watched_while_it_learns(page, site, runs, tiny, monkeypatch):
    gate, write = threading.Semaphore(0), StepLog.batches

    def gated(board, done):
        gate.acquire(timeout=30)
        write(board, done)

    monkeypatch.setattr(loop, "REPORT_EVERY", 3)
    monkeypatch.setattr(StepLog, "batches", gated)
    learner = threading.Thread(
        target=training.train,
        args=(tiny,),
        kwargs={"name": "live", "runs": runs, "progress": False},
    )
    server = site(runs=runs)
    learner.start()
    try:
        gate.release()
        while learner.is_alive() and not (runs / "live" / FILE).exists():
            page.wait_for_timeout(20)
        opened(page, server, "/runs?run=live")
        page.evaluate(WAITING)
        page.get_by_text("training", exact=True).wait_for()
        page.get_by_text("step 3 of 27").wait_for()
        assert not serious(page)
        gate.release()  # within the first epoch
        page.get_by_text("step 6 of 27").wait_for()
        points = """([name, count]) => document.querySelector(".chart").data
            ?.find((trace) => trace.name === name)?.x.length === count"""
        page.wait_for_function(points, arg=["each step", 6])
        gate.release(2)
        page.get_by_text("step 12 of 27").wait_for()
        page.wait_for_function(points, arg=["validation", 1])
        gate.release(20)
        page.get_by_text("finished", exact=True).wait_for()
        page.wait_for_function(points, arg=["validation", 3])
        assert page.evaluate("window.waiting") == 0  # what has finished is not asked for again
    finally:
        gate.release(100)
        learner.join(30)


def test_a_run_without_an_evaluation_says_how_to_get_one(page, site, runs):
    (runs / "first" / "figures.json").unlink()
    opened(page, site(runs=runs), "/runs?run=first")
    assert "inkdigits evaluate first" in page.locator("main").inner_text()
    assert page.locator(".confusion").count() == 0
    assert not serious(page)


@pytest.mark.parametrize("name", ["..%2F..%2Fetc", "..", "", "nosuch"])
def test_a_page_of_no_run_is_one_sentence(page, site, runs, name):
    opened(page, site(runs=runs), f"/runs?run={name}")
    assert "There is no run" in page.get_by_role("alert").inner_text()


def test_before_the_first_run_the_page_says_how_to_make_one(page, site):
    opened(page, site(), "/runs")
    assert "inkdigits train quick" in page.locator("main").inner_text()
    assert not serious(page)
