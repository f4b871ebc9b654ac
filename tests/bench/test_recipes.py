import pytest

from inkdigits.bench import recipes, results


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
    assert rows["lenet5"]["test_top_1"]["interval"] is None
    assert quick["without_bad_labels"] is not None
    assert quick["machine"]["precision"] in ("float32", "bfloat16")


@pytest.mark.usefixtures("quickened")
def test_a_row_can_have_a_name_of_its_own(small_mnist, tmp_path):
    recipes.measure(["quick"], 1, tmp_path, tmp_path, small_mnist, "cpu", called="quick on cuda")
    assert list(results.load(tmp_path, results.RECIPES)) == ["quick on cuda"]
