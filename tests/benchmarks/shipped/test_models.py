"""The shipped models: where they are made, and by which recipes."""

import json

from benchmarks.shipped import models
from inkdigits.models.bundle import MODELS, Bundle


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
