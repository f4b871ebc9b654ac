"""The shipped models: where they are made, and by which recipes."""

import json
import shutil

from benchmarks.shipped import confidence, models
from inkdigits.models.bundle import MODELS, Bundle
from inkdigits.recognition.line_confidence import Calibration


def test_every_shipped_model_says_by_which_recipe_it_was_made():
    for name, recipe in models.RECIPES.items():
        bundle = Bundle.open(name)
        assert bundle.recipe["name"] == recipe
        card = (MODELS / name / "card.md").read_text()
        assert bundle.digests["model.onnx"] in card
        assert f"Recipe `{recipe}`" in card


def test_the_models_together_are_small():
    assert sum(path.stat().st_size for path in MODELS.glob("*/model.onnx")) < 2_500_000


def test_the_network_of_lines_has_its_calibration():
    found = json.loads((MODELS / "lines" / "confidence.json").read_text())
    assert found["coefficients"]["agree"] != 2.0  # not the one from before anything was measured


def test_readers_are_joined_where_their_models_stand(monkeypatch, tmp_path):
    out = shutil.copytree(MODELS, tmp_path / "models")
    shipped = (MODELS / "lines" / "confidence.json").read_bytes()
    asked = []
    monkeypatch.setattr(models, "load_people", lambda *_, **__: None)
    monkeypatch.setattr(confidence, "samples", lambda *given: asked.append(given) or [])
    monkeypatch.setattr(confidence, "fit", lambda *_: Calibration(weight=0.75))
    assert models.join(out) == out / "lines" / "confidence.json"
    ((_, network, finder, _),) = asked
    assert str(out) in finder.name and "." in network.alphabet.symbols
    assert json.loads((out / "lines" / "confidence.json").read_text())["weight"] == 0.75
    assert (MODELS / "lines" / "confidence.json").read_bytes() == shipped
