import json
from pathlib import Path

import pytest

from inkdigits.bench import claims, results
from inkdigits.bench.seeds import settings_of
from inkdigits.errors import FileError
from inkdigits.training import Recipe

from .conftest import QUICK

ROOT = Path(__file__).parent.parent.parent
TOML = 'about = "x"\n\n[training]\nepochs = 1\n'


def test_a_claim_carries_n_spread_hardware_and_versions():
    text = claims.claim("quick", QUICK)
    assert all(line.startswith("# ") and len(line) <= 100 for line in text.splitlines())
    said = text.replace("\n# ", " ")
    assert said == (
        "# Measured by `inkdigits bench recipes quick --seeds 2`: 99.19% (99.13% to 99.27%) of "
        "MNIST's test digits, 2 seeds; 0.98 s of training on an abacus; inkdigits 0, PyTorch 2, "
        "Python 3."
    )


def test_claims_come_change_and_go_and_leave_the_recipe_as_it_is(measured, tmp_path):
    recipes = tmp_path / "recipes"
    recipes.mkdir()
    for name in ("quick", "other"):
        (recipes / f"{name}.toml").write_text(TOML)
    fresh = {**QUICK, "settings": settings_of(Recipe.load(recipes / "quick.toml"))}
    results.save(measured, results.RECIPES, {"quick": fresh})
    readme = measured.parent.parent / "README.md"
    readme.write_text("before\n<!-- bench -->\nold\n<!-- /bench -->\nafter\n")
    assert claims.write(measured, recipes) == [recipes / "quick.toml", readme]
    assert (recipes / "quick.toml").read_text() == f"{claims.claim('quick', QUICK)}\n\n{TOML}"
    assert Recipe.load(recipes / "quick.toml").training.epochs == 1
    assert "| `quick` | 99.19% (99.13% to 99.27%) | 2 | 0.98 s |" in readme.read_text()
    assert readme.read_text().endswith("<!-- /bench -->\nafter\n")
    assert claims.write(measured, recipes) == []
    results.save(measured, results.RECIPES, {"another": QUICK})
    claims.write(measured, recipes)
    assert (recipes / "quick.toml").read_text() == TOML


def test_claims_stay_where_nothing_was_measured(measured):
    before = {path: path.read_text() for path in claims.SHIPPED.glob("*.toml")}
    results.save(measured, results.RECIPES, {})
    with pytest.raises(FileError, match="no figures"):
        claims.write(measured)
    assert before == {path: path.read_text() for path in claims.SHIPPED.glob("*.toml")}


def test_a_recipe_that_has_changed_claims_nothing_of_old(measured, tmp_path):
    (tmp_path / "quick.toml").write_text(TOML)
    with pytest.raises(FileError, match=r"'quick' has other settings.*bench recipes quick"):
        claims.write(measured, tmp_path)
    assert (tmp_path / "quick.toml").read_text() == TOML


def test_what_is_shipped_claims_what_was_measured_and_nothing_else():
    rows = json.loads((ROOT / "docs" / "benchmarks" / "recipes.json").read_text())
    for path in claims.SHIPPED.glob("*.toml"):
        text = path.read_text()
        assert claims.claimed(path, rows.get(path.stem)) == text, path.name
        assert ("Measured by" in text) == (path.stem in rows), path.name
        if path.stem in rows:
            assert rows[path.stem]["settings"] == settings_of(Recipe.load(path)), path.name
    assert claims.summary(rows) in (ROOT / "README.md").read_text()
