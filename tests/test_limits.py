"""Every number of a recipe has limits: whatever it says, it fills no memory and ends."""

import dataclasses
import re
from typing import get_type_hints

import pytest

from inkdigits.errors import InkdigitsError
from inkdigits.limits import brief, within
from inkdigits.training.recipe import Recipe, names

NUMBERS = (int, float, tuple[float, float], tuple[int, int])
SECTIONS = [
    field.name
    for field in dataclasses.fields(Recipe)
    if dataclasses.is_dataclass(getattr(Recipe("mine"), field.name))
]
SETTINGS = [
    (section, name, hint)
    for section in SECTIONS
    for name, hint in get_type_hints(type(getattr(Recipe("mine"), section))).items()
    if hint in NUMBERS
]
# What else the recipe must say for its number to be looked at by itself.
BESIDE = {"data": {"data.name": "lines", "network.name": "line"}}


def test_all_sections_are_looked_at():
    found = {section for section, _, _ in SETTINGS}
    assert found >= {
        "data",
        "network",
        "optimiser",
        "schedule",
        "augmentation",
        "degradations",
        "training",
    }
    assert len(SETTINGS) > 40


@pytest.mark.parametrize(
    ("section", "name", "hint"), SETTINGS, ids=[f"{one[0]}.{one[1]}" for one in SETTINGS]
)
@pytest.mark.parametrize(
    "value", [10**20, -1_000_000, 10**5000], ids=["large", "negative", "thousands of digits"]
)
def test_every_number_has_a_least_and_a_greatest_value(section, name, hint, value):
    several = hint in NUMBERS[2:]
    given = [value, value] if several else value
    made = {"data.samples": 4, "data.validation": 4} if section == "data" else {}
    settings = {**BESIDE.get(section, {}), **made, f"{section}.{name}": given}
    with pytest.raises(InkdigitsError, match=rf"{section}\.[^\n]*{name}[^\n]*\.$") as refused:
        Recipe("mine").with_settings(settings)
    assert len(str(refused.value)) < 300


def test_batches_of_lines_are_smaller_than_those_of_symbols():
    assert Recipe.load("quick").with_settings({"training.batch_size": 60_000})
    with pytest.raises(InkdigitsError, match="batch_size of lines must be from 2 to 1,024"):
        Recipe.load("lines").with_settings({"training.batch_size": 60_000})


def test_a_limit_is_within():
    within("a.b", 1, 1, 2)
    within("a.b", 2.0, 1, 2)
    with pytest.raises(InkdigitsError, match=re.escape("a.b must be from 1 to 2,000, not nan: c.")):
        within("a.b", float("nan"), 1, 2000, "c")


def test_a_value_in_a_sentence_is_short():
    for value in (10**9, "x" * 10**6, [[1] * 9] * 10**5, {"a": 10**5000}):
        assert len(brief(value)) <= 60


def test_shipped_recipes_lie_within():
    assert all(Recipe.load(name) for name in names())
