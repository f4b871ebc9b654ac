import json

import pytest

from inkdigits.bench import published, recipes, seeds
from inkdigits.bench.published import Step
from inkdigits.bench.seeds import Spread
from inkdigits.errors import FileError
from inkdigits.training import Recipe


@pytest.fixture
def quickened(monkeypatch, tiny):
    """Make every shipped recipe train for one epoch on a network of no size."""
    original = Recipe.load.__func__

    def load(cls, source):
        recipe = original(cls, source)
        if str(source).endswith(".toml"):
            return recipe
        head = recipe.network.head
        small = {"training.epochs": 1, "network.name": "compact", "data.name": "mnist"}
        return recipe.with_settings({**small, "network.options": dict(tiny.network.options),
                                     "network.head": head})  # fmt: skip

    monkeypatch.setattr(Recipe, "load", classmethod(load))


@pytest.mark.usefixtures("quickened")
def test_published_document_holds_what_was_measured(small_mnist, tmp_path, monkeypatch):
    steps = (Step("one-conv-published", "as published"),
             Step("one-conv-published", "logits", {"network.head": "logits"}))  # fmt: skip
    monkeypatch.setattr(published, "STEPS", steps)
    monkeypatch.setattr(published, "MANY", 2)
    monkeypatch.setattr(published, "SYSTEMS", ("one-conv", "simple-cnn"))
    out = tmp_path / "docs" / "published.md"
    published.measure(2, out, tmp_path / "runs", small_mnist, "cpu")
    found = json.loads(out.with_suffix(".json").read_text())
    text = out.read_text()
    assert len(found["systems"]) == 2
    mean = found["systems"][0]["published"]["honest_top_1"]["mean"]
    assert f"{mean:.2%}" in text
    assert "| A | 99.26% element-wise |" in text
    assert len(list((tmp_path / "runs" / "_published").glob("*/figures.json"))) == 10
    before = {p: p.stat().st_mtime_ns for p in (tmp_path / "runs").rglob("*.safetensors")}
    published.measure(2, out, tmp_path / "runs", small_mnist, "cpu")
    assert out.read_text() == text
    assert before == {p: p.stat().st_mtime_ns for p in (tmp_path / "runs").rglob("*.safetensors")}


@pytest.mark.usefixtures("quickened")
def test_recipes_document_holds_what_was_measured_now_and_before(small_mnist, tmp_path):
    out = tmp_path / "measured.md"
    for name, count in (("quick", 2), ("lenet5", 1)):
        recipes.measure([name], count, out, tmp_path / "runs", small_mnist, "cpu")
    rows = json.loads(out.with_suffix(".json").read_text())
    assert {name: row["seeds"] for name, row in rows.items()} == {"quick": 2, "lenet5": 1}
    for row in rows.values():
        assert f"{row['honest_top_1']['mean']:.2%}" in out.read_text()


def test_damaged_figures_are_one_sentence(small_mnist, tmp_path):
    out = tmp_path / "measured.md"
    out.with_suffix(".json").write_text("[")
    with pytest.raises(FileError, match="delete it"):
        recipes.measure([], 1, out, tmp_path / "runs", small_mnist, "cpu")


@pytest.mark.usefixtures("quickened")
def test_an_interrupted_bench_goes_on_where_it_stopped(small_mnist, tmp_path):
    first = seeds.train_seeds("quick", {}, 1, tmp_path, small_mnist, "cpu")
    (tmp_path / "quick-seed0" / "figures.json").unlink()
    assert seeds.train_seeds("quick", {}, 1, tmp_path, small_mnist, "cpu").honest == first.honest


def test_spread_says_itself():
    assert Spread.of([0.9, 0.92]).percent() == "91.00% (90.00% to 92.00%)"
    assert Spread.of([0.9]).percent() == "90.00%"
