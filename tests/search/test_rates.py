import numpy as np
import pytest
import torch

from inkdigits.errors import RecipeError, TrainingError
from inkdigits.search import rates
from inkdigits.training import loop
from inkdigits.training.symbols import Tensors


@pytest.fixture
def digits(written) -> Tensors:
    return Tensors.of(written[:300], torch.device("cpu"))


def test_sweep_takes_the_rate_with_the_least_validation_loss(digits, tiny):
    told = []
    found = rates.sweep(tiny, digits, digits, (1e-5, 0.02), tell=lambda *row: told.append(row))
    assert found.chosen == 0.02
    assert [row[0] for row in told] == [1e-5, 0.02]
    assert found.losses[1] < found.losses[0]


def test_every_rate_starts_from_the_same_network(digits, tiny):
    found = rates.sweep(tiny, digits, digits, (0.01, 0.01))
    assert found.losses[0] == found.losses[1]


def test_sweep_survives_rates_at_which_training_breaks_down(digits, tiny, monkeypatch):
    original = loop.train_epoch

    def breaks(state, recipe, *rest):
        if recipe.optimiser.rate > 1:
            raise TrainingError("broke down")
        return original(state, recipe, *rest)

    monkeypatch.setattr(rates, "train_epoch", breaks)
    assert rates.sweep(tiny, digits, digits, (0.01, 50.0)).chosen == 0.01
    with pytest.raises(TrainingError, match="at every rate"):
        rates.sweep(tiny, digits, digits, (50.0,))


def test_sweep_of_nothing_is_one_sentence(digits, tiny):
    with pytest.raises(RecipeError, match="at least one rate"):
        rates.sweep(tiny, digits, digits, ())


def test_range_test_raises_the_rate_geometrically(digits, tiny):
    found = rates.range_test(tiny.with_settings({"training.batch_size": 4}), digits)
    steps = np.diff(np.log(found.rates))
    assert np.allclose(steps, steps[0])
    assert found.rates[0] == pytest.approx(rates.LOWEST)
    assert len(found.rates) == len(found.losses) == len(found.smooth) == 75
    assert rates.LOWEST / 10 <= found.chosen <= rates.HIGHEST / 10


def test_smoothing_of_a_constant_is_the_constant():
    assert np.allclose(rates._smooth(np.full(30, 2.5)), 2.5)
