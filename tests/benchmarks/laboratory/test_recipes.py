import os

import pytest

from benchmarks import results
from benchmarks.laboratory import recipes
from inkdigits.data import load_digits
from inkdigits.errors import InkdigitsError, RunError
from inkdigits.evaluation import evaluator


@pytest.mark.usefixtures("found_mnist", "quickened")
def test_figures_hold_what_was_measured_now_and_before(tmp_path, monkeypatch):
    bad = tuple(load_digits("mnist").test.identities[:2])
    monkeypatch.setattr(evaluator, "BAD_TEST_LABELS", bad)
    for name, count in (("quick", 2), ("lenet5", 1)):
        recipes.measure([name], count, tmp_path, tmp_path / "runs", "cpu")
    rows = results.load(tmp_path, results.RECIPES)
    assert {name: row["seeds"] for name, row in rows.items()} == {"quick": 2, "lenet5": 1}
    quick = rows["quick"]
    assert quick["split"] == "held-out"
    scores = [one["test_top_1"] for one in quick["each"]]
    assert quick["test_top_1"]["mean"] == pytest.approx(sum(scores) / 2)
    low, high = quick["test_top_1"]["interval"]
    assert low <= min(scores) <= max(scores) <= high
    low, high = rows["lenet5"]["test_top_1"]["interval"]
    assert low <= rows["lenet5"]["test_top_1"]["mean"] <= high
    assert quick["without_bad_labels"] is not None
    assert quick["machine"]["precision"] in ("float32", "bfloat16")


@pytest.mark.usefixtures("found_mnist", "quickened")
def test_a_row_can_have_a_name_of_its_own(tmp_path):
    recipes.measure(["quick"], 1, tmp_path, tmp_path, "cpu", called="quick on cuda")
    assert list(results.load(tmp_path, results.RECIPES)) == ["quick on cuda"]


@pytest.mark.usefixtures("found_mnist", "quickened")
def test_an_ensemble_has_a_row_beside_those_of_its_members(tmp_path):
    recipes.measure(["best"], 2, tmp_path, tmp_path / "runs", "cpu")
    for _ in range(2):
        recipes.measure_ensemble([], tmp_path, tmp_path / "runs", "cpu")
    rows = results.load(tmp_path, results.RECIPES)
    assert list(rows) == ["best", "ensemble"]
    assert rows["ensemble"]["seeds"] == 1
    assert rows["ensemble"]["seconds"]["median"] > 0


@pytest.mark.usefixtures("found_mnist", "quickened")
def test_an_ensemble_older_than_its_members_is_none_of_theirs(tmp_path):
    recipes.measure(["best"], 2, tmp_path, tmp_path / "runs", "cpu")
    recipes.measure_ensemble([], tmp_path, tmp_path / "runs", "cpu")
    os.utime(tmp_path / "runs" / "_recipes" / recipes.ENSEMBLE / "weights.safetensors", (0, 0))
    with pytest.raises(InkdigitsError, match="chosen from other runs: delete the folder"):
        recipes.measure_ensemble([], tmp_path, tmp_path / "runs", "cpu")


@pytest.mark.usefixtures("found_mnist")
def test_an_ensemble_of_nobody_is_one_sentence(tmp_path):
    with pytest.raises(RunError, match="two different runs"):
        recipes.measure_ensemble([], tmp_path, tmp_path / "runs", "cpu")
