import json
import math
import os
import shutil
import tomllib

import pytest

from inkdigits import training
from inkdigits.training import Run
from inkdigits.training.steps import StepLog
from inkdigits.web import pages

from ...training.foreign import DAMAGES
from ..conftest import batches

STEPS = 9  # an epoch of the tiny digits


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


def test_every_damage_is_one_row_and_hangs_no_page(ask, runs):
    before = ask.get("/api/runs").json()
    for kind, damage in DAMAGES.items():
        shutil.copytree(runs / "first", runs / "a")
        damage(runs / "a")
        rows = ask.get("/api/runs").json()
        assert rows[1:] == before, kind
        assert rows[0]["name"] == "a" and rows[0]["error"], kind
        answer = ask.get("/api/runs/a")
        assert answer.status_code == 422 and answer.json()["error"] == rows[0]["error"], kind
        shutil.rmtree(runs / "a")


def test_names_that_nobody_can_say_are_rows_too(ask, runs):
    for name in (b"bad\xfe", b"bad\xff"):
        shutil.copytree(os.fsencode(runs / "first"), os.fsencode(runs) + b"/" + name)
    rows = {row["name"]: row["error"] for row in ask.get("/api/runs").json()}
    assert list(rows) == ["bad?", "bad?-2", "first", "second"]
    assert "is not UTF-8: rename the folder" in rows["bad?"] and rows["first"] is None
    assert ask.get("/api/runs/bad%3F").status_code == 422
    assert ask.get("/api/runs/bad").status_code == 404
    assert ask.get("/api/networks").status_code == 200
    assert ask.get("/api/compare?run=first&run=bad%3F").status_code in (200, 422)


def test_events_that_are_a_pipe_hang_no_page(ask, runs):
    os.mkfifo(runs / "first" / "tensorboard" / "events.out")
    assert ask.get("/api/runs/first").json()["steps"]["done"] == 3 * STEPS


@pytest.mark.parametrize("figures", [{"confusion": [[1]]}, {"rotation": None}, {"classes": "x"}])
def test_figures_of_another_shape_are_one_sentence(ask, runs, figures):
    path = runs / "first" / "figures.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | figures))
    answer = ask.get("/api/runs/first")
    assert answer.status_code == 422
    assert "first is damaged" in answer.json()["error"]


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
    assert told["options"] == " --runs FOLDER"  # where that is, is not for clients


def test_a_published_fault_is_told_with_its_worth(ask, runs):
    training.train("one-conv-published", epochs=1, name="fault", runs=runs, progress=False)
    told = ask.get("/api/runs/fault").json()
    assert told["floor"] == pytest.approx(1.4612, abs=1e-4)
    assert told["published"]["figure"] == "99.26%"
    assert told["published"]["note"]


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


def test_a_loss_that_ran_away_is_null(ask, runs):
    with StepLog(runs / "first", 27) as log:
        log.batches(batches(27, [math.nan]))
    assert ask.get("/api/runs/first").json()["steps"]["losses"][-1] is None


def test_without_the_laboratory_the_page_says_how_to_get_it(ask, monkeypatch):
    monkeypatch.setattr(pages, "has_lab", lambda: False)
    text = ask.get("/runs").text
    assert "pip install" in text
    assert "runs.js" not in text
