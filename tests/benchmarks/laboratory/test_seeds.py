import pytest

from benchmarks.laboratory import seeds
from inkdigits.training import Recipe


@pytest.mark.usefixtures("quickened")
def test_an_interrupted_measurement_goes_on_where_it_stopped(small_mnist, tmp_path):
    first = seeds.train_seeds("quick", {}, 1, tmp_path, small_mnist, "cpu")
    (tmp_path / "quick-seed0" / "figures.json").unlink()
    assert seeds.train_seeds("quick", {}, 1, tmp_path, small_mnist, "cpu").honest == first.honest


def test_what_a_recipe_says_of_itself_changes_no_setting():
    recipe = Recipe.load("lenet5")
    known = seeds.settings_of(recipe)
    assert seeds.settings_of(recipe.with_settings({"about": "x", "training.seed": 7})) == known
    assert seeds.settings_of(recipe.with_settings({"training.epochs": 7})) != known
