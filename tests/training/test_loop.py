import itertools
import math

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from inkdigits.alphabet import DIGITS_OR_REJECT
from inkdigits.errors import TrainingError
from inkdigits.glyphs.negatives import NONE, SEVERAL
from inkdigits.training import loop, symbols
from inkdigits.training.loop import State
from inkdigits.training.recipe import Recipe
from inkdigits.training.symbols import Tensors
from tests.conftest import Constant

CPU = torch.device("cpu")


@pytest.fixture
def digits(written) -> Tensors:
    return Tensors.of(written[:300], CPU)


def silence(_: loop.Batches) -> None:
    pass


@given(st.integers(0, 3000), st.integers(0, 100), st.integers(0, 100))
def test_order_is_a_permutation_and_a_function_of_seed_and_epoch(count, seed, epoch):
    recipe = Recipe("mine").with_settings({"training.seed": seed})
    order = symbols.order(count, recipe, epoch)
    assert sorted(order.tolist()) == list(range(count))
    torch.rand(3)  # whatever else draws numbers
    assert torch.equal(order, symbols.order(count, recipe, epoch))


def test_every_epoch_and_every_seed_shuffles_anew_on_a_cpu():
    orders = [
        tuple(symbols.order(1000, Recipe("mine").with_settings({"training.seed": seed}), epoch))
        for seed, epoch in itertools.product(range(2), range(3))
    ]
    assert len(set(orders)) == 6
    assert tuple(range(1000)) not in orders


def test_an_epoch_takes_every_digit_once(digits, tiny, monkeypatch):
    taken = []
    original = loop.train_step

    def record(state, images, targets, *rest):
        taken.extend(targets.tolist())
        return original(state, images, targets, *rest)

    monkeypatch.setattr(loop, "train_step", record)
    loop.train_epoch(State.fresh(tiny, CPU), tiny, digits, silence)
    assert np.array_equal(np.bincount(taken), np.bincount(digits.labels))


def test_a_confident_right_answer_costs_next_to_nothing(digits):
    # A softmax inside the network would keep this above 1.46.
    right = Tensors(digits.images[:10], torch.full((10,), 3))
    figures, _ = symbols.measure(Constant(favoured=3, by=20.0), right)
    assert figures.loss < 0.01


def test_a_constant_predictor_scores_a_tenth(digits):
    # Counting rounded probabilities cell by cell would give it 90%.
    figures, predicted = symbols.measure(Constant(favoured=4, by=1.0), digits)
    assert figures.accuracy == pytest.approx(0.1)
    assert figures.recall == pytest.approx(0.1)
    assert figures.precision == pytest.approx(0.01)
    assert set(predicted.tolist()) == {4}


def test_one_digit_left_over_joins_the_last_batch(digits, tiny):
    # Batch normalisation of a single 1×1 picture is an error.
    options = {"stages": [[4], [8]], "head": "global"}
    recipe = tiny.with_settings({"training.batch_size": 23, "network.options": options})
    sizes = [len(batch) for batch in symbols.split_batches(torch.arange(300), recipe)]
    assert sizes == [23] * 12 + [24]
    assert symbols.batch_count(300, recipe) == 13
    loop.train_epoch(State.fresh(recipe, CPU), recipe, digits, silence)


def test_training_learns(digits, tiny):
    state = State.fresh(tiny, CPU)
    rows = [loop.run_epoch(state, tiny, digits, digits, silence)[0] for _ in range(3)]
    assert rows[-1].train_loss < rows[0].train_loss
    assert rows[-1].validation_accuracy > 0.3
    assert [row.epoch for row in rows] == [1, 2, 3]


@pytest.mark.parametrize("optimiser", ["adam", "adamw", "sgd"])
@pytest.mark.parametrize("network", ["cnn", "spatial-dropout", "one-conv", "mlp", "lenet5"])
def test_every_network_learns_with_every_optimiser(digits, network, optimiser):
    recipe = Recipe("mine").with_settings(
        {"network.name": network, "optimiser.name": optimiser, "training.precision": "float32"}
    )
    state = State.fresh(recipe, CPU)
    before = [p.clone() for p in state.network.parameters()]
    loop.train_epoch(state, recipe, digits, silence)
    assert all(
        not torch.equal(old, new)
        for old, new in zip(before, state.network.parameters(), strict=True)
    )


def test_fresh_weights_depend_on_the_seed_alone(tiny):
    first, again = (State.fresh(tiny, CPU).network.state_dict() for _ in range(2))
    other = State.fresh(tiny.with_settings({"training.seed": 1}), CPU).network.state_dict()
    assert all(torch.equal(first[name], again[name]) for name in first)
    assert any(not torch.equal(first[name], other[name]) for name in first)


def test_watchers_see_every_batch_once_in_order(digits, tiny):
    recipe = tiny.with_settings({"training.batch_size": 7})
    state, seen = State.fresh(recipe, CPU), []
    for _ in range(2):
        loop.train_epoch(state, recipe, digits, seen.append)
    batches = -(-300 // 7)
    assert [done.batch for done in seen] == [20, 40, batches] * 2
    assert [done.step for done in seen] == [0, 20, 40, batches, batches + 20, batches + 40]
    rates = [rate for done in seen for rate in done.rates]
    expected = [
        recipe.optimiser.rate * recipe.schedule.at(step / (3 * batches))
        for step in range(2 * batches)
    ]
    assert rates == pytest.approx(expected)


def test_training_that_breaks_down_is_one_sentence(digits, tiny):
    recipe = tiny.with_settings({"optimiser.name": "sgd", "optimiser.rate": 99.0})
    state = State.fresh(recipe, CPU)
    with torch.no_grad():
        next(state.network.parameters()).fill_(float("nan"))
    with pytest.raises(TrainingError, match=r"lower optimiser.rate"):
        loop.train_epoch(state, recipe, digits, silence)


def test_averaging_judges_another_network_than_the_one_that_learns(digits, tiny):
    state = State.fresh(tiny, CPU)
    assert state.ema_or_model is not state.network
    loop.train_epoch(state, tiny, digits, silence)
    pairs = zip(state.ema_or_model.parameters(), state.network.parameters(), strict=True)
    assert any(not torch.equal(mean, last) for mean, last in pairs)


def test_label_smoothing_raises_the_loss_of_certainty(digits, tiny):
    sharp = tiny.with_settings({"training.label_smoothing": 0.0})
    losses = {
        recipe.training.label_smoothing: loop.train_epoch(
            State.fresh(recipe, CPU), recipe, digits, silence
        ).loss
        for recipe in (tiny, sharp)
    }
    assert losses[0.05] != losses[0.0]


@pytest.mark.parametrize("precision", ["float32", "bfloat16"])
def test_what_is_no_digit_is_learnt_beside_the_ten(digits, tiny, precision):
    recipe = tiny.with_settings(
        {
            "network.frame": True,
            "network.options": {"stages": [[4], [8]], "head": "global"},
            "alphabet.rejects": ["no_symbol", "several_symbols"],
            "training.precision": precision,
            "augmentation.canvas": 32,
            "degradations": dict.fromkeys(
                ("thick", "thin", "coarse", "cut", "neighbour", "noisy"), 0.3
            ),
        }
    )
    random = torch.Generator().manual_seed(0)
    blots = (torch.rand(60, 1, 28, 28, generator=random) < 0.02).to(torch.uint8) * 255
    mixed = Tensors(
        torch.cat([digits.images[:200], blots]),
        torch.cat([digits.labels[:200], torch.tensor([NONE, SEVERAL]).repeat(30)]),
        DIGITS_OR_REJECT,
    )
    state = State.fresh(recipe, CPU)
    assert state.network(torch.rand(3, 1, 32, 32)).shape == (3, len(DIGITS_OR_REJECT))
    rows = []
    for _ in range(3):
        row, predicted = loop.run_epoch(state, recipe, mixed, mixed, silence)
        rows.append(row)
    assert all(math.isfinite(figure) for row in rows for figure in row.to_dict().values())
    assert rows[-1].train_loss < rows[0].train_loss
    assert predicted.shape == (260,) and predicted.min() >= 0 and predicted.max() < 12
    assert (predicted[200:] >= NONE).float().mean() > 0.5


def test_precision_and_recall_count_what_is_no_digit_where_there_is_any():
    targets = torch.tensor([0, 1, NONE, SEVERAL])
    found = symbols.figures(0.5, torch.tensor([0, 1, NONE, NONE]), targets, DIGITS_OR_REJECT)
    assert found.accuracy == 0.75
    assert found.recall == pytest.approx(3 / 12)
    assert found.precision == pytest.approx(2.5 / 12)
    ten = symbols.figures(0.5, torch.arange(10), torch.arange(10), DIGITS_OR_REJECT)
    assert ten.recall == ten.precision == ten.accuracy == 1
