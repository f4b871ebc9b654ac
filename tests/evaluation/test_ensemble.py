import math

import pytest
import torch

import inkdigits
from inkdigits import networks
from inkdigits.errors import DataError, RecipeError, RunError
from inkdigits.evaluation.ensemble import select
from inkdigits.networks import NetworkSettings
from inkdigits.networks.ensemble import Ensemble


@pytest.fixture
def trained(tiny, small_mnist):
    """Train a run on a few digits."""

    def go(name, **settings):
        changed = {"training.epochs": 1, **settings}
        return inkdigits.train(tiny, name=name, settings=changed, data=small_mnist, progress=False)

    return go


def test_votes_go_to_whoever_makes_the_labels_likeliest():
    labels = torch.tensor([0, 1, 0, 1])
    right = torch.tensor([[0.9, 0.1], [0.1, 0.9], [0.9, 0.1], [0.1, 0.9]]).log()
    assert select([right.flip(1), right], labels, 5) == [0, 5]


def test_members_that_err_in_other_places_share_the_votes():
    labels = torch.zeros(4, dtype=torch.int64)
    first = torch.tensor([[0.99, 0.01]] * 2 + [[0.2, 0.8]] * 2).log()
    assert select([first, first.flip(0)], labels, 10) == [5, 5]


def test_an_ensemble_answers_with_the_weighted_mean():
    class Says(torch.nn.Module):
        def __init__(self, *outputs):
            super().__init__()
            self.outputs = torch.tensor(outputs)

        def forward(self, pictures):
            return self.outputs.expand(len(pictures), -1)

    members = [Says(2.0, 0.0), Says(0.0, 6.0)]
    answer = Ensemble(members, [0.75, 0.25], [2.0, 3.0])(torch.zeros(3, 1, 28, 28)).exp()
    e, e2 = math.e, math.e**2
    wanted = 0.75 * e / (e + 1) + 0.25 / (1 + e2)
    assert answer.shape == (3, 2)
    assert answer[0, 0].item() == pytest.approx(wanted)
    assert answer.sum(1).tolist() == pytest.approx([1.0] * 3)


@pytest.mark.parametrize(
    "options",
    [
        {"members": [], "weights": [], "temperatures": []},
        {"members": [{"name": "mlp"}], "weights": [0.5, 0.5], "temperatures": [1.0]},
        {"members": [{"name": "mlp"}], "weights": [0.0], "temperatures": [1.0]},
        {"members": [{"nam": "mlp"}], "weights": [1.0], "temperatures": [1.0]},
        {"members": [{"name": "mlpp"}], "weights": [1.0], "temperatures": [1.0]},
        {"members": 3, "weights": 1, "temperatures": 1},
    ],
)
def test_impossible_ensembles_are_one_sentence(options):
    with pytest.raises(RecipeError):
        networks.build(NetworkSettings("ensemble", options=options))


def test_an_ensemble_is_a_run_like_any_other(trained, small_mnist):
    first, second = trained("first"), trained("second", **{"training.seed": 1})
    made = inkdigits.ensemble("first", "second", data=small_mnist)
    assert made.name == "ensemble"
    assert made.finished
    assert "first" in made.recipe.about or "second" in made.recipe.about
    found = inkdigits.evaluate(made)
    assert found.accuracy.count == 200
    assert "ensemble" in repr(inkdigits.compare(made, evaluated(first)))
    seconds = [sum(row.seconds for row in run.history) for run in (first, second)]
    assert made.history[0].seconds <= sum(seconds) + 1e-9
    exported = inkdigits.export(made, data=small_mnist)
    assert inkdigits.Reader(exported.path).recogniser.card["recipe"] == "ensemble"


def evaluated(run):
    inkdigits.evaluate(run)
    return run


def test_a_softmax_is_not_taken_twice(trained, small_mnist):
    plain = trained("plain")
    soft = trained("soft", **{"network.head": "softmax", "training.seed": 1})
    made = inkdigits.ensemble(plain, soft, data=small_mnist)
    assert {member["head"] for member in made.recipe.network.options["members"]} == {"logits"}


def test_what_cannot_be_put_together_is_one_sentence(trained, small_mnist):
    run = trained("first")
    with pytest.raises(RunError, match="two different runs"):
        inkdigits.ensemble("first", run, data=small_mnist)
    trained("other", **{"data.split": "first-5000"})
    with pytest.raises(RunError, match="was not validated on the samples"):
        inkdigits.ensemble("first", "other", data=small_mnist)
    with pytest.raises(RunError, match=r"differ in alphabet, network\.frame or"):
        inkdigits.ensemble("first", trained("framed", **{"network.frame": True}), data=small_mnist)
    with pytest.raises(RunError, match="There is no run 'none'"):
        inkdigits.ensemble("first", "none", data=small_mnist)


def test_an_ensemble_is_never_chosen_on_test_digits(trained, small_mnist):
    runs = [
        trained(name, **{"data.split": "validate-on-test", "training.seed": seed})
        for seed, name in enumerate(("first", "second"))
    ]
    with pytest.raises(DataError, match="must not be used to choose"):
        inkdigits.ensemble(*runs, data=small_mnist)


def test_an_ensemble_is_not_trained(trained, small_mnist):
    runs = [trained(name, **{"training.seed": seed}) for seed, name in enumerate("ab")]
    made = inkdigits.ensemble(*runs, data=small_mnist)
    with pytest.raises(RecipeError, match="cannot be trained"):
        inkdigits.resume(made, epochs=3, data=small_mnist, progress=False)
    with pytest.raises(RecipeError, match="cannot be trained"):
        inkdigits.train(made.recipe, data=small_mnist, progress=False)


def test_members_that_frame_are_framed_once(trained, small_mnist):
    framed = {"network.frame": True, "augmentation.canvas": 40}
    runs = [trained(n, **framed, **{"training.seed": s}) for s, n in enumerate("ab")]
    made = inkdigits.ensemble(*runs, data=small_mnist)
    assert made.recipe.network.frame
    members = made.recipe.network.options["members"]
    assert not any(member["frame"] for member in members)
    ink = torch.rand(3, 1, 33, 40)
    said = [run.logits()(ink) for run in runs]
    settings = made.recipe.network.options
    wanted = sum(
        weight * (said["ab".index(name)] / temperature).softmax(1)
        for name, weight, temperature in zip(
            made.recipe.about.removeprefix("The mean of ").rstrip(".").split(", "),
            settings["weights"],
            settings["temperatures"],
            strict=True,
        )
    )
    torch.testing.assert_close(made.network()(ink).softmax(1), wanted, atol=1e-5, rtol=0)
