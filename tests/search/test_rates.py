from pathlib import Path

import numpy as np
import pytest
import torch

from inkdigits.errors import RecipeError, TrainingError
from inkdigits.search import rates
from inkdigits.search.find_lr import RateSearch, _command
from inkdigits.training import loop
from inkdigits.training.recipe import Recipe
from inkdigits.training.symbols import Tensors


@pytest.fixture
def digits(written) -> Tensors:
    return Tensors.of(written[:300], torch.device("cpu"))


def swept(losses, wrong, own=0.1, tried=(0.01, 0.1, 1.0), count=1000) -> rates.Sweep:
    """Return a sweep in which each rate misclassifies the first so many samples."""
    correct = np.arange(count) >= np.array(wrong)[:, None]
    return rates.Sweep(tried, losses, tuple(correct.mean(1)), correct, own)


def test_the_grid_is_geometric_around_the_rate_of_the_recipe():
    for rate in (0.035, 1e-3, 0.1):
        found = rates.grid(rate)
        assert len(found) == rates.COUNT
        assert found[5] == rate
        assert found[0] == pytest.approx(rate / 10, rel=0.05)
        assert np.diff(np.log(found)) == pytest.approx(np.log(10) / 5, abs=0.1)
    assert max(rates.grid(90.0)) <= rates.HIGHEST


def test_sweep_tries_the_rate_of_the_recipe_beside_those_that_are_given(digits, tiny):
    told = []
    found = rates.sweep(tiny, digits, digits, (1e-5,), tell=lambda *row: told.append(row))
    assert [row[0] for row in told] == [1e-5, tiny.optimiser.rate]
    assert found.recipe_rate == found.best == found.chosen == tiny.optimiser.rate
    assert found.losses[1] < found.losses[0]
    assert found.accuracies == pytest.approx(found.correct.mean(1))


def test_a_rate_that_is_significantly_better_is_chosen(digits, tiny):
    found = rates.sweep(tiny.with_settings({"optimiser.rate": 1e-5}), digits, digits, (0.02,))
    assert found.chosen == found.best == 0.02


def test_the_rate_of_the_recipe_stays_where_no_other_is_significantly_better():
    found = swept((0.3, 0.2, 0.19), (60, 50, 48))
    assert (found.best, found.chosen) == (1.0, 0.1)
    found = swept((0.3, 0.2, 0.19), (60, 50, 20))
    assert (found.best, found.chosen) == (1.0, 1.0)
    found = swept((0.3, 0.2, 0.19), (60, 50, 90))  # a lower loss, and more errors
    assert (found.best, found.chosen) == (1.0, 0.1)


def test_p_is_adjusted_for_the_number_of_rates():
    few = swept((0.2, 0.1), (50, 43), tried=(0.1, 1.0))
    many = swept((0.1, 0.3, 0.2, 0.3), (43, 60, 50, 60), own=0.3, tried=(0.1, 0.2, 0.3, 0.4))
    assert few.test.p == pytest.approx(2 / 2**7)
    assert many.test.p == pytest.approx(3 * few.test.p)


@pytest.mark.parametrize(
    ("losses", "edge"), [((1, 2, 3), "lowest"), ((3, 2, 1), "highest"), ((2, 1, 2), "")]
)
def test_a_winner_at_an_edge_of_the_grid_is_known(losses, edge):
    assert swept(losses, (10, 10, 10)).edge == edge


def test_a_sweep_of_one_rate_has_no_edge():
    assert swept((1.0,), (10,), tried=(0.1,)).edge == ""


def test_every_rate_starts_from_the_same_network(digits, tiny):
    first, second = (rates.sweep(tiny, digits, digits, (0.01,)) for _ in range(2))
    assert first.losses == second.losses


def test_sweep_survives_rates_at_which_training_diverges(digits, tiny, monkeypatch):
    original = loop.train_epoch

    def breaks(state, recipe, *rest):
        if recipe.optimiser.rate > 1:
            raise TrainingError("diverges")
        return original(state, recipe, *rest)

    monkeypatch.setattr(rates, "train_epoch", breaks)
    assert rates.sweep(tiny, digits, digits, (50.0,)).chosen == tiny.optimiser.rate
    assert rates.sweep(
        tiny.with_settings({"optimiser.rate": 50.0}), digits, digits, (0.01,)
    ).chosen == pytest.approx(0.01)
    with pytest.raises(TrainingError, match="at every rate"):
        rates.sweep(tiny.with_settings({"optimiser.rate": 50.0}), digits, digits, ())


def test_an_impossible_rate_is_one_sentence(digits, tiny):
    with pytest.raises(RecipeError, match=r"optimiser\.rate must be above 0"):
        rates.sweep(tiny, digits, digits, (-1.0,))


def search(sweep: rates.Sweep, **settings) -> RateSearch:
    recipe = Recipe("mine").with_settings({"optimiser.rate": sweep.recipe_rate, **settings})
    nothing = np.ones(1)
    ranged = rates.RangeTest(nothing, nothing, nothing)
    return RateSearch(recipe, sweep, ranged, Path(), "inkdigits find-lr mine")


def test_a_search_says_why_a_rate_is_kept_or_changed():
    kept = search(swept((0.3, 0.2, 0.19), (60, 50, 48)))
    assert "misclassifies 48 of 1,000 validation samples" in kept.notes[0]
    assert "recipe's rate is kept" in kept.notes[0]
    assert kept.applied.optimiser.rate == 0.1
    changed = search(swept((0.3, 0.2, 0.19), (60, 50, 20)))
    assert ": significant (McNemar, p < 0.001" in changed.notes[0]
    assert changed.applied.optimiser.rate == 1.0
    own = search(swept((0.3, 0.1, 0.19), (60, 50, 20)))
    assert own.notes[0] == "The recipe's own rate, 0.1, has the lowest validation loss."
    with pytest.raises(RecipeError, match="best of those tried"):
        own.retrain()


def test_a_search_whose_winner_stands_at_an_edge_names_the_command_that_goes_on():
    high = search(swept((0.3, 0.2, 0.1), (60, 50, 48))).notes[1]
    assert "Rate 1 is the highest one tried, so a higher one may be better" in high
    assert "`inkdigits find-lr mine --rates 1,1.6,2.5,4,6.3,10`" in high
    low = search(swept((0.1, 0.2, 0.3), (48, 50, 60))).notes[1]
    assert "so a lower one" in low
    assert "--rates 0.001,0.0016,0.0025,0.004,0.0063,0.01`" in low


def test_a_search_says_that_it_is_of_one_epoch():
    sweep = swept((0.2, 0.19, 0.3), (50, 48, 60), own=0.01)
    assert (
        "trains for 7: to compare 0.01 and 0.1" in search(sweep, **{"training.epochs": 7}).notes[1]
    )
    assert len(search(sweep, **{"training.epochs": 1}).notes) == 1


def test_the_command_can_be_typed_as_it_stands(tiny):
    assert _command(tiny, None) == "inkdigits find-lr tiny"
    assert _command("my recipe.toml", "a+b") == 'inkdigits find-lr "my recipe.toml" --data a+b'


def test_range_test_raises_the_rate_geometrically(digits, tiny):
    found = rates.range_test(tiny.with_settings({"training.batch_size": 4}), digits)
    steps = np.diff(np.log(found.rates))
    assert np.allclose(steps, steps[0])
    own = tiny.optimiser.rate
    assert found.rates[0] == pytest.approx(own / 1000)
    assert found.rates[-1] == pytest.approx(own * 100, rel=0.2)
    assert len(found.rates) == len(found.losses) == len(found.smooth) == 75
    assert own / 1e4 <= found.chosen <= own * 10


def test_smoothing_of_a_constant_is_the_constant():
    assert np.allclose(rates._smooth(np.full(30, 2.5)), 2.5)
