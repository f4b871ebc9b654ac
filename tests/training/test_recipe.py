import dataclasses
import tomllib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inkdigits import networks
from inkdigits.errors import InkdigitsError, RecipeError
from inkdigits.training.recipe import Recipe, names, parse_setting


@pytest.mark.parametrize("name", names())
def test_shipped_recipes_load_build_and_survive_a_round_trip(name):
    recipe = Recipe.load(name)
    assert recipe.about.endswith(".")
    networks.build(recipe.network, recipe.alphabet)
    again = Recipe.parse(recipe.dump(), "other")
    assert again == recipe
    assert again.name == name


def test_every_published_system_is_there_as_published_and_as_corrected():
    systems = ("one-conv", "mlp", "cnn", "spatial-dropout", "simple-cnn")
    for system in systems:
        published, corrected = Recipe.load(f"{system}-published"), Recipe.load(system)
        assert published.published.note.endswith(".")
        assert published.data.split != "held-out"
        assert not corrected.published.system
        assert corrected.data.split == "held-out"
        assert corrected.network.head == "logits"
    assert {name for name in names() if name.endswith("-published")} == {
        f"{system}-published" for system in systems
    }


def test_system_a_never_steps_its_scheduler():
    recipe = Recipe.load("one-conv-published")
    rates = [recipe.optimiser.rate * recipe.schedule.at(t / 10) for t in range(11)]
    assert rates == pytest.approx([0.01 / 3] * 11)


def test_a_dumped_recipe_says_every_setting():
    table = tomllib.loads(Recipe.load("simple-cnn-published").dump())
    for field in dataclasses.fields(Recipe):
        assert field.name in table
    assert "published" not in tomllib.loads(Recipe("mine").dump())


def test_recipe_file_takes_its_name_from_the_file(tmp_path):
    path = tmp_path / "mine.toml"
    path.write_text("[training]\nepochs = 2\n")
    recipe = Recipe.load(path)
    assert (recipe.name, recipe.training.epochs) == ("mine", 2)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("epochs = 3", "a recipe has no setting 'epochs'"),
        ("[optimizer]\nrate = 1", "did you mean 'optimiser'"),
        ("[training]\nepoch = 3", r"\[training\] has no setting 'epoch'; did you mean 'epochs'"),
        ("[training]\nepochs = 'three'", "training.epochs must be a whole number, not 'three'"),
        ("[training]\nepochs = true", "must be a whole number, not True"),
        ("[training]\nepochs = 0", "from 1 to 100,000, not 0"),
        ("[training]\nprecision = 'half'", "choose one of auto, bfloat16, float32"),
        ("[training]\nlabel_smoothing = 1", "below 1"),
        ("[optimiser]\nbetas = [0.9]", "a list of 2 numbers"),
        ("[optimiser]\nname = 'adamm'", "did you mean 'adam' or 'adamw'"),
        ("[optimiser]\nrate = -1", "above 0"),
        ("[data]\nsplit = 'test'", "Unknown split 'test'"),
        ("[network]\nname = 3", "network.name must be a string"),
        ("network = 3", "network must be a table"),
        ("[stopping]\nmonitor = 'f1'", "choose one of accuracy, last, loss"),
        ("[stopping]\nmonitor = 'last'\npatience = 2", "has no effect"),
        ("[training]\nbatch_size = 1", "from 2 to .* needs two samples"),
        ("[augmentation]\nrotation = 120", "from 0 to 89, not 120.0: degrees"),
        ("[augmentation]\nshift = inf", "finite number"),
        ("[network]\nstd = nan", "finite number"),
        ("[training", "not valid TOML"),
    ],
)
def test_unknown_or_impossible_settings_are_one_sentence(text, says):
    with pytest.raises(RecipeError, match=says):
        Recipe.parse(text, "mine")


def test_unknown_recipe_offers_the_nearest_names():
    with pytest.raises(RecipeError, match="did you mean 'quick'"):
        Recipe.load("qick")
    with pytest.raises(RecipeError, match="choose one of best, cnn"):
        Recipe.load("zzzzzz")


def test_missing_unreadable_and_binary_files_are_one_sentence(tmp_path):
    with pytest.raises(RecipeError, match="No such file"):
        Recipe.load(tmp_path / "none.toml")
    (tmp_path / "folder.toml").mkdir()
    with pytest.raises(RecipeError, match="is a folder, a pipe or a device"):
        Recipe.load(tmp_path / "folder.toml")
    (tmp_path / "binary.toml").write_bytes(b"\xff\xfe\0")
    with pytest.raises(RecipeError, match="not UTF-8"):
        Recipe.load(tmp_path / "binary.toml")


def test_settings_are_changed_in_a_copy():
    recipe = Recipe("mine")
    changed = recipe.with_settings({"optimiser.rate": 0.5, "network.options": {"dropout": 0.2}})
    assert recipe.optimiser.rate == 0.001
    assert changed.optimiser.rate == 0.5
    assert changed.network.options == {"dropout": 0.2}


@pytest.mark.parametrize("path", ["rate", "optimizer.rate", "optimiser.name.rate", "a.b.c", ""])
def test_unknown_paths_are_refused(path):
    with pytest.raises(RecipeError):
        Recipe("mine").with_settings({path: 1})


def test_setting_from_the_command_line():
    assert parse_setting("optimiser.rate=0.1") == ("optimiser.rate", 0.1)
    assert parse_setting("optimiser.name=sgd") == ("optimiser.name", "sgd")
    assert parse_setting("network.options={dropout=0.1}") == ("network.options", {"dropout": 0.1})
    with pytest.raises(RecipeError, match=r"section.setting=value"):
        parse_setting("epochs")
    long = parse_setting(f"training.seed={'9' * 5000}")
    with pytest.raises(RecipeError, match=r"must be a whole number, not '9{1,60}"):
        Recipe("mine").with_settings(dict([long]))


@given(st.text(max_size=80))
def test_any_text_is_a_recipe_or_one_sentence(text):
    try:
        assert isinstance(Recipe.parse(text, "mine"), Recipe)
    except InkdigitsError as error:
        assert "mine" in str(error)


def test_a_whole_number_too_large_for_a_fraction_is_refused():
    with pytest.raises(RecipeError, match=r"optimiser\.rate"):
        Recipe("mine").with_settings({"optimiser.rate": 10**400})


values = st.one_of(st.integers(), st.floats(), st.text(max_size=5), st.booleans(), st.none())


@given(
    st.sampled_from(
        ["training", "optimiser", "schedule", "augmentation", "degradations", "stopping"]
    ),
    st.data(),
)
def test_any_value_of_any_setting_is_taken_or_refused_in_one_sentence(section, data):
    known = [field.name for field in dataclasses.fields(getattr(Recipe("mine"), section))]
    setting = data.draw(st.sampled_from(known))
    value = data.draw(values)
    try:
        changed = Recipe("mine").with_settings({f"{section}.{setting}": value})
        taken = getattr(getattr(changed, section), setting)
        assert taken == (float(value) if isinstance(taken, float) else value)
    except RecipeError as error:
        assert setting in str(error)
