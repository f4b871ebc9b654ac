import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from inkdigits.errors import RecipeError
from inkdigits.search.space import Choice, Range, around, own, parse, space
from inkdigits.training.recipe import Recipe, names

STANDARD = Recipe.load("standard")


def test_range_is_of_the_kind_its_setting_has():
    rate = parse("optimiser.rate=0.001..0.05", STANDARD)
    assert rate == Range("optimiser.rate", 0.001, 0.05, whole=False)
    assert rate.log
    batch = parse("training.batch_size = 64 .. 256", STANDARD)
    assert batch == Range("training.batch_size", 64, 256, whole=True)
    assert not batch.log
    rotation = parse("augmentation.rotation=0..20", STANDARD)
    assert not rotation.log
    assert not rotation.whole


def test_choices_are_toml_values_or_words():
    assert parse("training.batch_size=64,128,64", STANDARD).ends == (64, 128)
    assert parse("optimiser.name=adam, sgd", STANDARD).ends == ("adam", "sgd")
    assert parse("network.frame=true,false", STANDARD).ends == (True, False)
    stages = parse("network.options.stages=[[16],[32]],[[32],[64]]", STANDARD)
    assert stages.ends == ([[16], [32]], [[32], [64]])
    assert stages.value(stages.raw([[32], [64]])) == [[32], [64]]


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("optimiser.rate", "varies nothing"),
        ("optimiser.rate=0.01", "leaves nothing to choose"),
        ("optimiser.rate=0.1..0.01", "lower end first"),
        ("optimiser.rate=low..high", "two numbers"),
        ("optimiser.rate=0.01..inf", "two numbers"),
        ("optimiser.rate=0..0.1", "above 0"),
        ("optimiser.rat=0.01..0.1", "did you mean 'rate'"),
        ("augmentation.rotation=0..120", "from 0 to 89"),
        ("training.batch_size=16.5..32", "whole number"),
        ("network.options.head=flatten,globl", "head must be"),
        ("network.options.stages=[[16],[32]", "cannot be read"),
        ("training.seed=1,2", "cannot be varied"),
        ("data.name=mnist,pens", "cannot be varied"),
    ],
)
def test_what_cannot_be_varied_is_one_sentence(text, says):
    with pytest.raises(RecipeError, match=says):
        parse(text, STANDARD)


def test_one_setting_is_varied_once():
    with pytest.raises(RecipeError, match="varied twice"):
        space(STANDARD, ["augmentation.shift=0..1", "augmentation.shift=0..2"])


VALUES = st.text("0123456789.e-,[]\"' ax", max_size=16)
SETTINGS = (
    "optimiser.rate",
    "training.batch_size",
    "schedule.name",
    "augmentation.shift",
    "optimiser",
)


@settings(max_examples=150, deadline=None)
@given(
    st.text(max_size=12)
    | st.builds("{}={}".format, st.sampled_from(SETTINGS), VALUES)
    | st.builds("{}={}..{}".format, st.sampled_from(SETTINGS), st.floats(), st.floats())
)
def test_any_text_is_an_axis_or_a_recipe_error(text):
    try:
        axis = parse(text, STANDARD)
    except RecipeError:
        return
    assert parse(str(axis), STANDARD) == axis


@settings(deadline=None)
@given(st.floats(1e-9, 1e3), st.floats(1.001, 1e6), st.floats(0, 1))
def test_what_is_trained_with_is_near_what_was_drawn_and_in_the_range(low, times, part):
    axis = Range("optimiser.rate", low, low * times, whole=False)
    drawn = axis.low + part * (axis.high - axis.low)
    value = axis.value(drawn)
    assert axis.low <= value <= axis.high
    near = 0.005 * drawn if axis.log else 0.001 * (axis.high - axis.low)
    assert abs(value - drawn) <= 1.01 * near


def test_what_is_trained_with_has_few_digits():
    assert Range("optimiser.rate", 0.001, 0.05, whole=False).value(0.0123456) == 0.0123
    assert Range("augmentation.rotation", 0.0, 20.0, whole=False).value(13.371234) == 13.37
    assert Range("training.averaging", 0.99, 0.9999, whole=False).value(0.99123456) == 0.991235


@pytest.mark.parametrize("name", [n for n in names() if Recipe.load(n).task == "symbols"])
def test_the_space_around_a_recipe_holds_it_and_can_be_written_down(name):
    recipe = Recipe.load(name)
    axes = around(recipe)
    assert space(recipe, [str(axis) for axis in axes]) == axes
    assert own(recipe, axes)["optimiser.rate"] == recipe.optimiser.rate
    assert axes[0].log


def test_a_recipe_outside_the_space_is_no_draw_from_it():
    axes = space(STANDARD, ["training.batch_size=16,32"])
    assert isinstance(axes[0], Choice)
    assert own(STANDARD, axes) is None
