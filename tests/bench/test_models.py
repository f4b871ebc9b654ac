"""The shipped models: where they are made, and by which recipes."""

import json

from inkdigits.bench import models
from inkdigits.models.bundle import MODELS, Bundle
from inkdigits.training.recipe import Recipe


def test_every_shipped_model_says_by_which_recipe_it_was_made():
    for name, recipes in models.RECIPES.items():
        bundle = Bundle.open(name)
        assert bundle.recipe["name"] == recipes[-1]
        card = (MODELS / name / "card.md").read_text()
        assert bundle.digests["model.onnx"] in card
        assert f"Recipe `{recipes[-1]}`" in card


def test_the_recipes_of_a_model_are_of_one_task():
    for recipes in models.RECIPES.values():
        assert len({Recipe.load(recipe).task for recipe in recipes}) == 1


def test_the_models_together_are_small():
    assert sum(path.stat().st_size for path in MODELS.glob("*/model.onnx")) < 2_500_000


def test_the_network_of_lines_has_its_calibration():
    found = json.loads((MODELS / "lines" / "confidence.json").read_text())
    assert found["coefficients"]["agree"] != 2.0  # not the one from before anything was measured
