import json
from pathlib import Path

import pytest

from benchmarks import results
from benchmarks.laboratory import readme_figures
from benchmarks.laboratory.seeds import settings_of
from inkdigits.errors import FileError
from inkdigits.training import Recipe
from tests.benchmarks.conftest import QUICK

ROOT = Path(__file__).parents[3]
SHIPPED = ROOT / "src" / "inkdigits" / "recipes"
TOML = 'about = "x"\n\n[training]\nepochs = 1\n'


def test_figures_carry_n_range_hardware_and_versions():
    text = readme_figures.comment("quick", QUICK)
    assert all(line.startswith("# ") and len(line) <= 100 for line in text.splitlines())
    assert text.replace("\n# ", " ") == (
        "# Measured by `python -m benchmarks recipes quick --seeds 2`: 99.19% (99.13% to 99.27%) "
        "of MNIST's test digits, 2 seeds; 0.98 s of training on an abacus; inkdigits 0, PyTorch 2, "
        "Python 3."
    )


def test_figures_come_change_and_go_and_leave_the_recipe_as_it_is(measured, tmp_path):
    recipes = tmp_path / "recipes"
    recipes.mkdir()
    for name in ("quick", "other"):
        (recipes / f"{name}.toml").write_text(TOML)
    fresh = {**QUICK, "settings": settings_of(Recipe.load(recipes / "quick.toml"))}
    results.save(measured, results.RECIPES, {"quick": fresh})
    readme = measured.parent.parent / "README.md"
    readme.write_text("before\n<!-- benchmarks -->\nold\n<!-- /benchmarks -->\nafter\n")
    assert readme_figures.write(measured, recipes) == [recipes / "quick.toml", readme]
    assert (
        recipes / "quick.toml"
    ).read_text() == f"{readme_figures.comment('quick', QUICK)}\n\n{TOML}"
    assert Recipe.load(recipes / "quick.toml").training.epochs == 1
    assert "| `quick` | 99.19% (99.13% to 99.27%) | 2 | 0.98 s |" in readme.read_text()
    assert readme.read_text().endswith("<!-- /benchmarks -->\nafter\n")
    assert readme_figures.write(measured, recipes) == []
    results.save(measured, results.RECIPES, {"another": QUICK})
    readme_figures.write(measured, recipes)
    assert (recipes / "quick.toml").read_text() == TOML


def test_figures_stay_where_nothing_was_measured(measured):
    before = {path: path.read_text() for path in SHIPPED.glob("*.toml")}
    results.save(measured, results.RECIPES, {})
    with pytest.raises(FileError, match="no figures"):
        readme_figures.write(measured, SHIPPED)
    assert before == {path: path.read_text() for path in SHIPPED.glob("*.toml")}


def test_a_recipe_that_has_changed_is_measured_again(measured, tmp_path):
    (tmp_path / "quick.toml").write_text(TOML)
    with pytest.raises(FileError, match=r"'quick' has other settings.*benchmarks recipes quick"):
        readme_figures.write(measured, tmp_path)
    assert (tmp_path / "quick.toml").read_text() == TOML


def test_what_is_shipped_carries_what_was_measured_and_nothing_else():
    rows = json.loads((ROOT / "docs" / "benchmarks" / "recipes.json").read_text())
    for path in SHIPPED.glob("*.toml"):
        text = path.read_text()
        assert readme_figures.with_figures(path, rows.get(path.stem)) == text, path.name
        assert ("Measured by" in text) == (path.stem in rows), path.name
        if path.stem in rows:
            assert rows[path.stem]["settings"] == settings_of(Recipe.load(path)), path.name
    assert readme_figures.table(rows) in (ROOT / "README.md").read_text()
