import base64
import json
import math
import shutil
import threading
import tomllib
from pathlib import Path

import httpx
import numpy as np
import pytest

from inkdigits import evaluation, training
from inkdigits.training import Run, loop
from inkdigits.training.loop import Batches
from inkdigits.training.tensorboard import Board
from inkdigits.web import pages, run_store
from inkdigits.web.app import create_app
from inkdigits.web.settings import Settings
from inkdigits.web.tensorboard_reader import MOST, StepReader
from tests.conftest import TEST

from ..conftest import PHONE, aside, overflows, serious

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


@pytest.fixture(scope="session")
def kept(tmp_path_factory):
    """Return where runs stay that are trained once for all tests here."""
    return tmp_path_factory.mktemp("kept") / "runs"


@pytest.fixture
def runs(kept, small_mnist, tiny, tmp_path, monkeypatch):
    """Return a folder with two runs that were evaluated, without their reports."""
    if not kept.exists():
        monkeypatch.setattr("inkdigits.evaluation.write_report", lambda *_: None)
        for name, seed in (("first", 0), ("second", 5)):
            run = training.train(
                tiny, seed=seed, name=name, runs=kept, data=small_mnist, progress=False
            )
            evaluation.evaluate(run, data=small_mnist)
    return Path(shutil.copytree(kept, tmp_path / "runs"))


class Client:
    """Asks an application without a server between."""

    def __init__(self, **settings: object) -> None:
        self.app = create_app(Settings(own=None, **settings))

    def get(self, path: str) -> httpx.Response:
        return aside(self._get(path))

    async def _get(self, path: str) -> httpx.Response:
        transport = httpx.ASGITransport(self.app, raise_app_exceptions=False)
        async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1") as client:
            return await client.get(path)


@pytest.fixture
def ask(runs, small_mnist):
    """Return a client of the interface to these runs."""
    return Client(runs=runs, data=small_mnist)


def test_all_runs_are_listed_in_short(ask, runs):
    first, second = ask.get("/api/runs").json()
    run = Run(runs / "first")
    assert (first["name"], second["name"]) == ("first", "second")
    assert (first["recipe"], first["digits"], first["finished"]) == ("tiny", "mnist", True)
    assert (first["epochs"], first["planned"], first["best"]) == (3, 3, run.best.epoch)
    assert first["test"] == run.figures["accuracy"]
    assert first["curve"] == [row.validation_accuracy for row in run.history]
    assert first["parameters"] == sum(p.numel() for p in run.network().parameters())
    assert not first["live"]


@pytest.mark.parametrize(
    ("file", "content"),
    [
        ("recipe.toml", b"name = 3 ["),
        ("recipe.toml", b"\xff\xfe"),
        ("last.safetensors", b"garbage"),
        ("figures.json", b"{"),
        ("figures.json", b'{"epoch": 1, "on": 1, "accuracy": {}, "loss": 1}'),
    ],
)
def test_a_damaged_run_says_so_and_spoils_no_other(ask, runs, file, content):
    (runs / "first" / file).write_bytes(content)
    first, second = ask.get("/api/runs").json()
    assert first["name"] == "first"
    assert "first" in first["error"]
    assert second["error"] is None
    answer = ask.get("/api/runs/first")
    assert answer.status_code == 422
    assert answer.json()["error"] == first["error"]


@pytest.mark.parametrize("figures", [{"confusion": [[1]]}, {"rotation": None}, {"classes": "x"}])
def test_figures_of_another_shape_are_one_sentence(ask, runs, figures):
    path = runs / "first" / "figures.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | figures))
    answer = ask.get("/api/runs/first")
    assert answer.status_code == 422
    assert "first is damaged" in answer.json()["error"]


def test_figures_that_are_no_numbers_spoil_no_other_page(ask, runs):
    path = runs / "first" / "figures.json"
    figures = json.loads(path.read_text())
    figures["accuracy"]["value"] = "x"
    path.write_text(json.dumps(figures))
    against = ask.get("/api/compare?run=first&run=second").json()
    assert "first or second is damaged" in against["refusal"]
    networks = ask.get("/api/networks").json()
    assert "second" in [network["name"] for network in networks]


def test_one_run_is_told_at_length(ask, runs):
    told, run = ask.get("/api/runs/first").json(), Run(runs / "first")
    assert tomllib.loads(told["toml"])["training"]["averaging"] == 0.9
    assert told["environment"] == run.environment
    assert [row["validation_loss"] for row in told["history"]] == [
        row.validation_loss for row in run.history
    ]
    assert told["figures"]["confusion"] == run.figures["confusion"]
    steps = told["steps"]
    assert (steps["done"], steps["planned"], steps["epoch"], steps["every"]) == (27, 27, STEPS, 1)
    assert len(steps["losses"]) == len(steps["rates"]) == 27
    assert told["published"] is told["floor"] is None
    assert str(runs) in told["options"]


def test_a_published_fault_is_told_with_its_worth(ask, runs, small_mnist):
    training.train(
        "one-conv-published", epochs=1, name="fault", runs=runs, data=small_mnist, progress=False
    )
    told = ask.get("/api/runs/fault").json()
    assert told["floor"] == pytest.approx(1.4612, abs=1e-4)
    assert told["published"]["figure"] == "99.26%"
    assert told["published"]["worth"]


@pytest.mark.parametrize(
    "name", ["..%2F..%2Fetc", "%2Fetc%2Fpasswd", "first%00", "first%2F", "..%5Cfirst", "%2e%2e%2f"]
)
@pytest.mark.parametrize("rest", ["", "/digits"])
def test_a_name_is_never_a_path(ask, name, rest):
    answer = ask.get(f"/api/runs/{name}{rest}")
    assert answer.status_code == 404
    assert "There is no run" in answer.json()["error"]


def test_an_unknown_run_is_one_sentence_with_the_nearest(ask, runs):
    for path in ("/api/runs/frist", "/api/runs/frist/digits", "/api/compare?run=frist&run=second"):
        answer = ask.get(path)
        assert answer.status_code == 404
        assert "did you mean 'first'?" in answer.json()["error"]
    shutil.rmtree(runs)
    assert ask.get("/api/runs").json() == []
    assert "train quick" in ask.get("/api/runs/first").json()["error"]


def test_every_cell_opens_on_the_digits_that_it_counts(ask, runs, written):
    matrix = np.array(Run(runs / "first").figures["confusion"])
    tested = written[len(written) - TEST :]
    for true, read in np.argwhere(matrix):
        cell = ask.get(f"/api/runs/first/digits?true={true}&read={read}&limit=100").json()
        assert cell["total"] == matrix[true, read]
        for digit in cell["digits"]:
            assert (digit["true"], digit["read"]) == (true, read)
            assert digit["confidence"] == max(digit["probabilities"])
            picture = np.frombuffer(base64.b64decode(digit["pixels"]), np.uint8)
            assert (picture.reshape(28, 28) == tested.images[digit["index"]]).all()
            assert tested.labels[digit["index"]] == true


def test_the_misread_come_surest_first_and_in_pages(ask, runs):
    accuracy = Run(runs / "first").figures["accuracy"]
    whole = ask.get("/api/runs/first/digits?wrong=true&limit=100").json()
    assert whole["total"] == accuracy["count"] - accuracy["right"] >= 3
    assert all(digit["true"] != digit["read"] for digit in whole["digits"])
    sure = [digit["confidence"] for digit in whole["digits"]]
    assert sure == sorted(sure, reverse=True)
    page = ask.get("/api/runs/first/digits?wrong=true&offset=1&limit=2").json()
    assert page["digits"] == whole["digits"][1:3]
    assert ask.get("/api/runs/first/digits?offset=1000").json()["digits"] == []
    assert ask.get("/api/runs/first/digits?limit=101").status_code == 422
    assert ask.get("/api/runs/first/digits?true=10").status_code == 422


def test_digits_that_cannot_be_had_are_one_sentence(runs, tmp_path):
    ask = Client(runs=runs, data=tmp_path / "nothing")
    answer = ask.get("/api/runs/first/digits")
    assert answer.status_code == 422
    assert "MNIST is not in" in answer.json()["error"]
    found = ask.get("/api/compare?run=first&run=second").json()
    assert "MNIST is not in" in found["missing"]
    assert found["verdicts"]


def test_digits_that_are_others_now_are_not_shown(ask, written, monkeypatch):
    monkeypatch.setattr(run_store, "_test_split", lambda *_: written[:TEST])
    assert "are not those" in ask.get("/api/runs/first/digits").json()["error"]


def test_a_run_that_was_never_evaluated_still_has_curves(ask, runs):
    (runs / "first" / "figures.json").unlink()
    assert ask.get("/api/runs/first").json()["figures"] is None
    answer = ask.get("/api/runs/first/digits")
    assert answer.status_code == 422
    assert "was not evaluated yet" in answer.json()["error"]
    found = ask.get("/api/compare?run=first&run=second").json()
    assert "was not evaluated yet" in found["refusal"]
    assert [len(one["epochs"]) for one in found["histories"]] == [3, 3]


def test_predictions_of_a_new_evaluation_replace_the_old(ask, runs):
    before = ask.get("/api/runs/first/digits?limit=1").json()
    for file in ("figures.json", "predictions.safetensors", "last.safetensors"):
        shutil.copy(runs / "second" / file, runs / "new")
        (runs / "new").replace(runs / "first" / file)
    assert ask.get("/api/runs/first/digits?limit=1").json() != before


def test_a_comparison_says_what_the_command_says_and_writes_nothing(ask, runs, tmp_path):
    found = ask.get("/api/compare?run=first&run=second").json()
    assert not (runs / "_comparisons").exists()
    said = evaluation.compare("first", "second", runs=runs, out=tmp_path / "out")
    assert found["verdicts"] == said.verdicts
    assert found["rows"] == said.rows
    assert found["shared"] == said.shared == TEST
    right = [Run(runs / name).figures["accuracy"]["right"] for name in ("first", "second")]
    alone = [one["count"] for one in found["alone"]]
    assert right == [found["agreed"] + count for count in alone]
    assert found["agreed"] + found["failed"] + sum(alone) == TEST
    for place, one in enumerate(found["alone"]):
        for digit in one["digits"]:
            were = [said["read"] == digit["true"] for said in digit["said"]]
            assert were == [place == 0, place == 1]


def test_a_comparison_refuses_what_is_none(ask):
    assert ask.get("/api/compare?run=first").status_code == 422
    assert ask.get("/api/compare").status_code == 422
    answer = ask.get("/api/compare?run=first&run=first")
    assert (answer.status_code, "with itself" in answer.json()["error"]) == (422, True)


def batches(step: int, losses: list[float]) -> Batches:
    return Batches(1, 1, 1, 1, step, losses, [0.1] * len(losses), 0.5)


def test_steps_are_read_on_while_they_are_written(tmp_path):
    steps = StepReader(tmp_path)
    assert steps.read().done == 0
    with Board(tmp_path, 0, validates_on_test=False) as board:
        board.batches(batches(0, [3.0, 2.0]))
        assert steps.read().losses == [3.0, 2.0]
        board.batches(batches(2, [1.0]))
        assert steps.read().losses == [3.0, 2.0, 1.0]
    # A run that goes on from step 2 repeats the third.
    with Board(tmp_path, 2, validates_on_test=False) as board:
        board.batches(batches(2, [0.5, 0.25]))
    assert steps.read().losses == StepReader(tmp_path).read().losses == [3.0, 2.0, 0.5, 0.25]


def test_a_record_that_is_half_written_waits(tmp_path):
    with Board(tmp_path / "whole", 0, validates_on_test=False) as board:
        board.batches(batches(0, [3.0, 2.0]))
        path = Path(board.file.name)
    content = path.read_bytes()
    torn, steps = tmp_path / path.name, StepReader(tmp_path)
    for end in range(0, len(content) + 1, 7):
        torn.write_bytes(content[:end])
        steps.read()
    torn.write_bytes(content)
    assert steps.read().losses == [3.0, 2.0]
    torn.write_bytes(content[:40])  # another, shorter file in its place
    assert steps.read().losses == []


def test_many_steps_are_thinned_and_points_stay_where_they_are(tmp_path):
    steps = StepReader(tmp_path)
    with Board(tmp_path, 0, validates_on_test=False) as board:
        board.batches(batches(0, [float(step) for step in range(3 * MOST)]))
        before = steps.read()
        assert (before.done, before.every) == (3 * MOST, 4)
        assert before.losses[:2] == [1.5, 5.5]
        board.batches(batches(3 * MOST, [math.inf]))
        after = steps.read()
    assert len(after.losses) <= MOST
    assert after.losses[: len(before.losses)] == before.losses
    assert after.losses[-1] == math.inf


def test_a_loss_that_ran_away_is_null(ask, runs):
    with Board(runs / "first" / "tensorboard", 27, validates_on_test=False) as board:
        board.batches(batches(27, [math.nan]))
    assert ask.get("/api/runs/first").json()["steps"]["losses"][-1] is None


def test_without_the_laboratory_the_page_says_how_to_get_it(ask, monkeypatch):
    monkeypatch.setattr(pages, "has_lab", lambda: False)
    text = ask.get("/runs").text
    assert "pip install" in text
    assert "runs.js" not in text


def opened(page, site, path):
    page.goto(f"{site.url}{path}")
    page.wait_for_selector("#runs[data-ready]")


def test_the_list_is_sorted_searched_and_chosen_from(page, site, runs, small_mnist):
    (runs / "broken").mkdir()
    (runs / "broken" / "recipe.toml").write_text("name = 3 [")
    server = site(runs=runs, data=small_mnist)
    opened(page, server, "/runs")
    assert "no valid TOML" in page.locator("tr", has_text="broken").inner_text()
    assert page.get_by_label("Choose broken").is_disabled()
    by_name = page.locator("th", has_text="Run").get_by_role("button")
    by_name.click()
    assert page.locator("tbody .name a").all_inner_texts() == ["broken", "first", "second"]
    by_name.click()
    assert page.locator("tbody .name a").all_inner_texts() == ["second", "first", "broken"]
    page.get_by_label("Find").fill("fir")
    assert page.locator("tbody .name a").all_inner_texts() == ["first"]
    page.get_by_label("Find").fill("")
    assert page.get_by_role("button", name="Compare").is_disabled()
    page.get_by_label("Choose first").check()
    page.get_by_label("Choose second").check()
    assert not serious(page)
    page.set_viewport_size(PHONE)
    assert not overflows(page)
    assert not serious(page)
    page.get_by_role("button", name="Compare").click()
    page.wait_for_url("**/runs?run=first&run=second")
    page.wait_for_selector("#runs[data-ready]")
    page.go_back()
    page.wait_for_selector(".name a")


def test_a_cell_of_the_confusion_matrix_opens(page, site, runs, small_mnist):
    matrix = np.array(Run(runs / "first").figures["confusion"])
    np.fill_diagonal(matrix, 0)
    true, read = np.unravel_index(matrix.argmax(), matrix.shape)
    opened(page, site(runs=runs, data=small_mnist), "/runs?run=first")
    page.wait_for_selector(".tile")
    assert page.locator(".figures b").first.inner_text().endswith("%")
    page.get_by_role("button", name=f"{true} read as {read}:").click()
    page.get_by_role("heading", name=f"{true} read as {read}").wait_for()
    tiles = page.get_by_role("button", name=f"A {true} read as {read}")
    tiles.first.wait_for()
    assert tiles.count() == page.locator(".tile").count() == matrix[true, read]
    page.get_by_role("button", name=f"{true} read as {read}:").press("ArrowLeft")
    assert "read" in page.evaluate("document.activeElement.ariaLabel")
    tiles.first.click()
    assert page.get_by_role("dialog").is_visible()
    page.keyboard.press("Escape")
    page.get_by_text("Environment", exact=True).click()
    page.get_by_text("Recipe", exact=True).click()
    assert not serious(page)
    page.set_viewport_size(PHONE)
    assert not overflows(page)


def test_two_runs_are_compared(page, site, runs, small_mnist):
    said = evaluation.compare("first", "second", runs=runs).verdicts[0]
    opened(page, site(runs=runs, data=small_mnist), "/runs?run=first&run=second")
    assert said in page.locator("main").inner_text().replace("\N{NO-BREAK SPACE}", " ")
    assert page.locator("tbody tr").count() == 2
    assert page.locator(".telling canvas").count()
    page.wait_for_function("() => document.querySelectorAll('.chart')[1]?.data?.length === 2")
    assert not serious(page)
    page.set_viewport_size(PHONE)
    assert not overflows(page)


def test_a_run_is_watched_while_it_learns(page, site, runs, small_mnist, tiny, monkeypatch):
    gate, write = threading.Semaphore(0), Board.batches

    def gated(board, done):
        gate.acquire(timeout=30)
        write(board, done)

    monkeypatch.setattr(loop, "REPORT_EVERY", 3)
    monkeypatch.setattr(Board, "batches", gated)
    learner = threading.Thread(
        target=training.train,
        args=(tiny,),
        kwargs={"name": "live", "runs": runs, "data": small_mnist, "progress": False},
    )
    server = site(runs=runs, data=small_mnist)
    learner.start()
    try:
        gate.release()
        while learner.is_alive() and not list(runs.glob("live/tensorboard/*")):
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
