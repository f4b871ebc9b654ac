import json

import numpy as np
import pytest
from PIL import Image
from typer.testing import CliRunner

import inkdigits
from inkdigits.cli import app
from inkdigits.errors import RecipeError, RunError
from inkdigits.training.lines import distance, pairs
from tests.made import small, stand_in

LEARNS = {"data.samples": 320, "optimiser.rate": 0.02, "training.epochs": 2}


@pytest.fixture(autouse=True)
def _stand_ins(monkeypatch):
    stand_in(monkeypatch)


@pytest.fixture
def run(request):
    return inkdigits.train(small(request.param, **LEARNS), progress=False)


@pytest.mark.parametrize("run", ["lines", "pages"], indirect=True)
def test_an_evaluation_writes_figures_and_a_sheet(run):
    found = inkdigits.evaluate(run)
    figures = json.loads((run.path / "figures.json").read_text())
    task = run.recipe.task
    assert figures == found.figures() | {"epoch": run.best.epoch, "weights": run.digest}
    assert figures["on"] == f"{task} test" and run.figures == figures
    accuracy, confusion = figures["accuracy"], np.array(figures["confusion"])
    assert accuracy["low"] <= accuracy["value"] <= accuracy["high"]
    assert confusion.shape == (len(figures["names"]),) * 2
    if task == "lines":
        assert accuracy["count"] == run.recipe.data.validation
        assert figures["symbol_error"] > 0
        symbols = confusion[:-1].sum()  # of what stands there
        wrong = confusion.sum() - confusion.trace()
        assert figures["symbol_error"] == pytest.approx(wrong / symbols)
    else:
        assert accuracy["right"] == confusion.trace()
        assert figures["mean_iou"] == pytest.approx(np.mean(figures["iou"]))
    with Image.open(found.sheet) as sheet:
        assert sheet.getextrema() != (0, 0)
    assert inkdigits.evaluate(run).figures() == found.figures()


@pytest.mark.parametrize("run", ["pages"], indirect=True)
def test_what_is_of_symbols_alone_says_so_in_one_sentence(run):
    for refused in (
        lambda: inkdigits.compare(run, run),
        lambda: inkdigits.ensemble(run, run),
        lambda: inkdigits.tune(run.recipe),
        lambda: inkdigits.find_lr(run.recipe),
    ):
        with pytest.raises(RecipeError, match="is for networks that read symbols, and pages"):
            refused()
    with pytest.raises(RunError, match="leave out --on"):
        inkdigits.evaluate(run, on="synthetic")
    result = CliRunner().invoke(app, ["compare", run.name])
    assert result.exit_code != 0


@pytest.mark.parametrize(
    ("read", "text", "found"),
    [
        ("", "", []),
        ("12", "12", [("1", "1"), ("2", "2")]),
        ("1", "12", [("1", "1"), ("2", "")]),
        ("172", "12", [("1", "1"), ("", "7"), ("2", "2")]),
        ("72", "12", [("1", "7"), ("2", "2")]),
        ("", "1", [("1", "")]),
    ],
)
def test_each_symbol_is_held_against_what_was_read_for_it(read, text, found):
    assert pairs(read, text) == found
    assert distance(read, text) == sum(wanted != got for wanted, got in found)
