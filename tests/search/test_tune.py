import csv
import math
import sys
from pathlib import Path

import matplotlib.image
import pytest

import inkdigits
from inkdigits import cli
from inkdigits.errors import DataError, RecipeError, RunError, TrainingError
from inkdigits.files import write_text
from inkdigits.search import plots as search_plots
from inkdigits.search import study as studies
from inkdigits.search import tune as search
from inkdigits.search.study import Trial
from inkdigits.training.recipe import Recipe

VARY = (
    "optimiser.rate=0.001..0.1",
    "network.options.stages=[[4],[8]],[[8],[8]]",
    "augmentation.shift=0..2",
)


@pytest.fixture
def tune(small_mnist, tiny):
    """Search where there are no test digits."""
    for file in small_mnist.glob("t10k*"):
        file.unlink()

    def go(recipe=tiny, vary=VARY, trials=3, epochs=1, **options) -> search.Search:
        return inkdigits.tune(
            recipe, vary=vary, trials=trials, epochs=epochs, data=small_mnist, **options
        )

    return go


def test_search_finds_tells_draws_and_goes_on(tune, tiny, capsys):
    found = tune()
    out = capsys.readouterr().out
    assert out.count("validation error") == 3
    assert "the recipe unchanged" in out
    assert len(found.trials) == 3
    assert found.best.error == min(trial.error for trial in found.trials)
    assert repr(found).startswith("Search(tiny: validation error ")
    assert found.unchanged.number == 1
    applied = found.applied
    assert applied.name == "tiny-tuned"
    assert applied.training.epochs == tiny.training.epochs
    assert applied.optimiser.rate == found.best.settings["optimiser.rate"]
    assert found.columns == [
        "trial", "error", "loss", "optimiser.rate", "network.options.stages", "augmentation.shift",
    ]  # fmt: skip
    assert all(len(row) == len(found.columns) for row in found.rows)
    for name in ("trials.png", "settings.png"):
        assert matplotlib.image.imread(found.folder / name).ndim == 3
    with (found.folder / "trials.csv").open() as file:
        assert [row["trial"] for row in csv.DictReader(file)] == ["1", "2", "3"]

    more = tune(trials=4)
    assert more.trials[:3] == found.trials
    assert capsys.readouterr().out.count("validation error") == 1
    assert not (found.folder.parent.parent / "tiny").exists()  # a trial is no run


def test_other_recipe_under_the_same_name_is_refused(tune):
    tune(trials=1, progress=False)
    with pytest.raises(RunError, match="another recipe or number of epochs"):
        tune(trials=1, epochs=2)
    assert len(tune(trials=1, epochs=2, name="longer", progress=False).trials) == 1


@pytest.mark.parametrize("what", ["trials", "seeds", "processes"])
def test_none_of_what_a_search_needs_is_one_sentence(tune, what):
    with pytest.raises(RecipeError, match=f"1 or more {what}"):
        tune(**{what: 0})


def test_impossible_settings_are_told_before_anything_is_trained(tune, tmp_path):
    with pytest.raises(RecipeError, match="from 0 to 89"):
        tune(vary=["augmentation.rotation=0..120"])
    assert not (tmp_path / "runs").exists()


def test_recipes_that_validate_on_test_digits_are_refused(small_mnist):
    with pytest.raises(DataError, match="validates on test samples"):
        inkdigits.tune("mlp-published", data=small_mnist)


def test_search_that_trains_nothing_says_why(tune, monkeypatch):
    def breaks(*_):
        raise TrainingError("It broke down.")

    monkeypatch.setattr(studies, "run_epoch", breaks)
    failed = r"Training failed in all of 2 trials: .* It broke down\."
    with pytest.raises(TrainingError, match=failed):
        tune(trials=2, progress=False)


def test_ctrl_c_says_how_to_go_on(tune, monkeypatch, capsys):
    def interrupted(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr(studies, "run_epoch", interrupted)
    with pytest.raises(KeyboardInterrupt):
        tune()
    assert "Stopped; 0 trials are saved. The same command continues." in capsys.readouterr().out


def test_what_a_dead_process_left_is_done_here(tune, capsys):
    # To the other process, digits that only a test knows are no MNIST.
    assert len(tune(trials=2, processes=2).trials) == 2
    assert capsys.readouterr().out.count("A process of the search died") == 1


def test_importance_is_told_when_there_are_trials_enough(tune, monkeypatch):
    def pretend(recipe, *_):
        yield studies.TrialResult(abs(math.log10(recipe.optimiser.rate) + 1.5) / 2, 0.1, 50)

    monkeypatch.setattr(studies, "learn", pretend)
    assert tune(trials=15, progress=False).importance == {}
    found = tune(trials=40, progress=False)
    assert found.importance.keys() == found.best.settings.keys()
    assert max(found.importance, key=found.importance.get) == "optimiser.rate"


def test_trials_of_any_outcome_can_be_drawn():
    tried = [
        Trial(1, "fail", {}, math.nan, math.nan, why="It broke down."),
        Trial(2, "complete", {}, 0.0, 0.1),
        Trial(3, "pruned", {}, 0.9, 2.0),
        Trial(5, "complete", {}, 0.9, 0.1, unchanged=True),
    ]
    (axes,) = search_plots.trials(tried).axes
    assert axes.get_ylim()[0] <= 0


def test_the_command_prints_the_best_and_writes_the_recipe(tiny, small_mnist, monkeypatch, capsys):
    write_text(Path("tiny.toml"), tiny.dump())
    command = (
        "inkdigits tune tiny.toml --trials 2 --epochs 1 --vary augmentation.shift=0..2 "
        "--apply t.toml"
    )
    monkeypatch.setattr(sys, "argv", [*command.split(), "--data", str(small_mnist)])
    with pytest.raises(SystemExit) as end:
        cli.main()
    assert not end.value.code
    out = capsys.readouterr().out
    assert "augmentation.shift" in out
    assert f"Plots: {Path('runs', '_studies', 'tiny')}" in out
    assert Recipe.load("t.toml").name == "tiny-tuned"


@pytest.mark.parametrize("name", ["_study", "../runs/a", "a/b"])
def test_a_study_has_a_name_like_a_run(tune, name, tmp_path):
    with pytest.raises(RunError, match="Invalid name of a study"):
        tune(name=name)
    assert not list(tmp_path.rglob("study.jsonl"))


def test_a_recipe_with_a_teacher_is_not_searched(tune, tiny):
    with pytest.raises(RecipeError, match="supports no distillation"):
        tune(tiny.with_settings({"distil.teacher": "x"}))
