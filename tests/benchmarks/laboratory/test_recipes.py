import os

import pytest

from benchmarks import results
from benchmarks.laboratory import recipes
from inkdigits.errors import InkdigitsError, RunError


@pytest.mark.usefixtures("quickened")
def test_figures_hold_what_was_measured_now_and_before(small_mnist, tmp_path):
    for name, count in (("quick", 2), ("lenet5", 1)):
        recipes.measure([name], count, tmp_path, tmp_path / "runs", small_mnist, "cpu")
    rows = results.load(tmp_path, results.RECIPES)
    assert {name: row["seeds"] for name, row in rows.items()} == {"quick": 2, "lenet5": 1}
    quick = rows["quick"]
    scores = [one["test_top_1"] for one in quick["each"]]
    assert quick["test_top_1"]["mean"] == pytest.approx(sum(scores) / 2)
    low, high = quick["test_top_1"]["interval"]
    assert low <= min(scores) <= max(scores) <= high
    low, high = rows["lenet5"]["test_top_1"]["interval"]
    assert low <= rows["lenet5"]["test_top_1"]["mean"] <= high
    assert quick["without_bad_labels"] is not None
    assert quick["machine"]["precision"] in ("float32", "bfloat16")


@pytest.mark.usefixtures("quickened")
def test_a_row_can_have_a_name_of_its_own(small_mnist, tmp_path):
    recipes.measure(["quick"], 1, tmp_path, tmp_path, small_mnist, "cpu", called="quick on cuda")
    assert list(results.load(tmp_path, results.RECIPES)) == ["quick on cuda"]


@pytest.mark.usefixtures("quickened")
def test_an_ensemble_has_a_row_beside_those_of_its_members(small_mnist, tmp_path):
    recipes.measure(["best"], 2, tmp_path, tmp_path / "runs", small_mnist, "cpu")
    for _ in range(2):
        recipes.measure_ensemble([], tmp_path, tmp_path / "runs", small_mnist, "cpu")
    rows = results.load(tmp_path, results.RECIPES)
    assert list(rows) == ["best", "ensemble"]
    assert rows["ensemble"]["seeds"] == 1
    assert rows["ensemble"]["seconds"]["median"] > 0


@pytest.mark.usefixtures("quickened")
def test_an_ensemble_older_than_its_members_is_none_of_theirs(small_mnist, tmp_path):
    recipes.measure(["best"], 2, tmp_path, tmp_path / "runs", small_mnist, "cpu")
    recipes.measure_ensemble([], tmp_path, tmp_path / "runs", small_mnist, "cpu")
    os.utime(tmp_path / "runs" / "_recipes" / recipes.ENSEMBLE / "weights.safetensors", (0, 0))
    with pytest.raises(InkdigitsError, match="chosen from other runs: delete the folder"):
        recipes.measure_ensemble([], tmp_path, tmp_path / "runs", small_mnist, "cpu")


def test_an_ensemble_of_nobody_is_one_sentence(small_mnist, tmp_path):
    with pytest.raises(RunError, match="two different runs"):
        recipes.measure_ensemble([], tmp_path, tmp_path / "runs", small_mnist, "cpu")
