import pytest
import torch

from inkdigits import networks
from inkdigits.errors import RecipeError
from inkdigits.networks import NetworkSettings, parameter_count
from inkdigits.training.recipe import Recipe, names

PARAMETERS = {
    "one-conv": 31_818,
    "mlp": 235_146,
    "cnn": 421_642,
    "spatial-dropout": 21_840,
    "simple-cnn": 421_642,
    "lenet5": 61_706,
}


@pytest.mark.parametrize(("recipe", "count"), PARAMETERS.items())
@pytest.mark.parametrize("variant", ["", "-published"])
def test_published_networks_have_the_parameters_they_should(recipe, count, variant):
    if recipe + variant in names():
        network = networks.build(Recipe.load(recipe + variant).network)
        assert parameter_count(network) == count


@pytest.mark.parametrize("name", networks.NETWORKS)
def test_networks_give_ten_logits_of_any_batch(name):
    network = networks.build(NetworkSettings(name)).eval()
    for count in (1, 3):
        logits = network(torch.rand(count, 1, 28, 28))
        assert logits.shape == (count, 10)
        assert not torch.allclose(logits.sum(1), torch.ones(count))


def test_a_softmax_head_gives_probabilities():
    network = networks.build(NetworkSettings("one-conv", head="softmax")).eval()
    assert torch.allclose(network(torch.rand(4, 1, 28, 28)).sum(1), torch.ones(4), atol=1e-5)


def test_only_published_recipes_have_a_softmax_head():
    for name in names():
        recipe = Recipe.load(name)
        assert recipe.network.head == "logits" or recipe.published.system in ("A", "C")


def test_pixels_are_normalised_inside_the_network():
    network = networks.build(NetworkSettings("mlp", mean=0.25, std=0.5))
    assert torch.allclose(network.normalise(torch.tensor([0.25, 1.0])), torch.tensor([0.0, 1.5]))


def test_compact_halves_the_picture_in_every_stage():
    for stages in ([[4]], [[4], [8]], [[4, 4], [8], [8]], [[4], [4], [4], [4]]):
        for head in ("global", "flatten"):
            for stride in (1, 2):
                options = {"stages": stages, "head": head, "first_stride": stride}
                network = networks.build(NetworkSettings("compact", options=options)).eval()
                assert network(torch.rand(2, 1, 28, 28)).shape == (2, 10)


@pytest.mark.parametrize(
    ("settings", "says"),
    [
        ({"name": "cn"}, "did you mean 'cnn'"),
        ({"head": "sigmoid"}, "choose one of logits, softmax"),
        ({"std": 0.0}, "above 0"),
        ({"options": {"drop": 1}}, "it has dropout"),
        ({"name": "lenet5", "options": {"width": 1}}, "it has none"),
    ],
)
def test_unknown_settings_are_named_with_the_valid_ones(settings, says):
    with pytest.raises(RecipeError, match=says):
        NetworkSettings(**settings)


@pytest.mark.parametrize(
    "options",
    [
        {"stages": []},
        {"stages": [[4]] * 5},
        {"stages": [["many"]]},
        {"head": "none"},
        {"first_kernel": 4},
    ],
)
def test_impossible_options_are_one_sentence(options):
    with pytest.raises(RecipeError, match="cannot be built"):
        networks.build(NetworkSettings("compact", options=options))
