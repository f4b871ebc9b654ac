import base64
import json
import shutil

import numpy as np

from inkdigits import evaluation
from inkdigits.data import Dataset
from inkdigits.training import Run
from inkdigits.web import run_store
from tests.conftest import TEST

from ..conftest import Client

STEPS = 9  # an epoch of the tiny digits


def test_figures_that_are_no_numbers_spoil_no_other_page(ask, runs):
    path = runs / "first" / "figures.json"
    figures = json.loads(path.read_text())
    figures["accuracy"]["value"] = "x"
    path.write_text(json.dumps(figures))
    against = ask.get("/api/compare?run=first&run=second").json()
    assert "first/figures.json is damaged" in against["reason"]
    networks = ask.get("/api/networks").json()
    assert "second" in [network["name"] for network in networks]


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
            assert (picture.reshape(-1, digit["columns"]) == tested.images[digit["index"]]).all()
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
    unknown = ask.get("/api/runs/first/digits?true=10")
    assert (unknown.status_code, "no class 10" in unknown.json()["error"]) == (422, True)
    assert page["classes"] == list("0123456789")


def test_digits_that_cannot_be_had_are_one_sentence(runs, monkeypatch):
    monkeypatch.delenv("INKDIGITS_DATA")
    ask = Client(runs=runs)
    answer = ask.get("/api/runs/first/digits")
    assert answer.status_code == 422
    assert "MNIST is not in" in answer.json()["error"]
    found = ask.get("/api/compare?run=first&run=second").json()
    assert "MNIST is not in" in found["missing"]
    assert found["verdicts"]


def test_digits_that_are_others_now_are_not_shown(ask, written, monkeypatch):
    other = Dataset("other", written, lambda: written[:TEST])
    monkeypatch.setattr(run_store, "load_dataset", lambda *_, **__: other)
    assert "are not those" in ask.get("/api/runs/first/digits").json()["error"]


def test_a_run_that_was_never_evaluated_still_has_curves(ask, runs):
    (runs / "first" / "figures.json").unlink()
    assert ask.get("/api/runs/first").json()["figures"] is None
    answer = ask.get("/api/runs/first/digits")
    assert answer.status_code == 422
    assert "has not been evaluated" in answer.json()["error"]
    found = ask.get("/api/compare?run=first&run=second").json()
    assert "has not been evaluated" in found["reason"]
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
    alone = [one["count"] for one in found["only_correct"]]
    assert right == [found["agreed"] + count for count in alone]
    assert found["agreed"] + found["failed"] + found["mixed"] + sum(alone) == TEST
    assert found["notes"] == said.notes
    for place, one in enumerate(found["only_correct"]):
        for digit in one["digits"]:
            were = [one["read"] == digit["true"] for one in digit["predictions"]]
            assert were == [place == 0, place == 1]


def test_a_comparison_refuses_what_is_none(ask):
    assert ask.get("/api/compare?run=first").status_code == 422
    assert ask.get("/api/compare").status_code == 422
    answer = ask.get("/api/compare?run=first&run=first")
    assert (answer.status_code, "with itself" in answer.json()["error"]) == (422, True)
