import io
import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from benchmarks.shipped import guide
from benchmarks.shipped.guide import LOGITS, Shown

STATIC = Path(__file__).parents[3] / guide.STATIC
FEW = ("published", "published-logits")


@pytest.fixture
def few(monkeypatch):
    """Show two runs only: what is told of each is the same."""
    monkeypatch.setattr(guide, "SHOWN", {key: guide.SHOWN[key] for key in FEW})


@pytest.mark.usefixtures("quickened", "few")
def test_the_file_holds_what_the_figure_needs(small_mnist, tmp_path):
    out = guide.measure(tmp_path / "web", tmp_path / "runs", small_mnist, "cpu")
    found = json.loads((out / guide.MISTAKES).read_text())
    assert found["seed"] == 0
    assert found["machine"].keys() >= {"hardware", "threads", "inkdigits", "torch", "python"}
    for key in FEW:
        run = found["runs"][key]
        assert run["command"] == guide.SHOWN[key].command
        assert [row["epoch"] for row in run["history"]] == [1]
        assert run["chosen"] == 1
        digits = run["accuracy"]["count"]
        assert sum(run["decisions_right"]) == sum(run["answers"]) == digits
        decisions = sum(right * count for right, count in enumerate(run["decisions_right"]))
        assert decisions == pytest.approx(10 * digits * run["element_wise_accuracy"])


@pytest.mark.usefixtures("quickened", "few")
def test_what_is_trained_is_not_trained_again(small_mnist, tmp_path):
    out, runs = tmp_path / "web", tmp_path / "runs"
    first = (guide.measure(out, runs, small_mnist, "cpu") / guide.MISTAKES).read_text()
    before = {p: p.stat().st_mtime_ns for p in (runs / "_guide").rglob("*.safetensors")}
    assert before
    again = guide.measure(out, runs, small_mnist, "cpu") / guide.MISTAKES
    assert again.read_text() == first
    assert before == {p: p.stat().st_mtime_ns for p in (runs / "_guide").rglob("*.safetensors")}


def test_a_run_names_the_command_that_repeats_it():
    command = Shown("one-conv-published", {**LOGITS, "schedule.factor": 1.0}).command
    assert command == (
        "inkdigits train one-conv-published --seed 0"
        " --set network.head=logits --set schedule.factor=1.0"
    )


def test_the_file_of_the_page_is_of_these_runs():
    found = json.loads((STATIC / guide.MISTAKES).read_text())
    commands = {key: run["command"] for key, run in found["runs"].items()}
    assert found["command"] == guide.COMMAND
    assert commands == {key: one.command for key, one in guide.SHOWN.items()}


def test_the_sheet_of_the_page_is_the_one_that_is_made():
    made, kept = (
        np.array(Image.open(file)).astype(int)
        for file in (io.BytesIO(guide.sheet()), STATIC / guide.SAMPLES)
    )
    assert made.shape == kept.shape == (28 * guide.DOWN, 28 * guide.ACROSS)
    # Other versions may round otherwise; other digits would differ everywhere.
    assert float((abs(made - kept) <= 2).mean()) > 0.99
