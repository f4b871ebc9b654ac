import dataclasses

import pytest
import torch

from inkdigits import networks
from inkdigits.errors import RecipeError
from inkdigits.networks import NetworkSettings, parameter_count
from inkdigits.networks.compact import Cosines
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


# An ensemble has no members of its own accord: tests/evaluation/test_ensemble.py has some.
@pytest.mark.parametrize("name", sorted(networks.NETWORKS.keys() - networks.READS - {"ensemble"}))
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


@pytest.mark.parametrize("unpadded", [0, 1, 2, 3])
@pytest.mark.parametrize("fixed", [False, True])
def test_compact_without_padding_keeps_ten_logits_and_fewer_weights(unpadded, fixed):
    options = {"stages": [[4], [4], [8]], "head": "flatten", "first_kernel": 5, "first_stride": 2}
    plain = networks.build(NetworkSettings("compact", options=options))
    options |= {"unpadded": unpadded, "first_fixed": fixed}
    network = networks.build(NetworkSettings("compact", options=options)).eval()
    assert network(torch.rand(2, 1, 28, 28)).shape == (2, 10)
    assert parameter_count(network) <= parameter_count(plain)


@pytest.mark.parametrize("stride", [1, 2])
@pytest.mark.parametrize("padding", [0, 2])
def test_fixed_filters_answer_the_same_in_training_and_after(stride, padding):
    layer = Cosines(8, 5, stride, padding)
    pictures = torch.rand(3, 1, 28, 28)
    learning, done = layer.train()(pictures), layer.eval()(pictures)
    torch.testing.assert_close(learning, done)
    assert learning.is_contiguous(memory_format=torch.channels_last)
    assert not list(layer.parameters())
    assert not layer.state_dict()


def test_fixed_filters_are_cosines_each_with_its_negative():
    filters = Cosines(50, 5, 1, 0).filters.flatten(1)
    assert torch.equal(filters[:25], -filters[25:])
    torch.testing.assert_close(filters[:25] @ filters[:25].T, torch.eye(25), atol=1e-5, rtol=0)


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
        {"first_fixed": True, "stages": [[5], [8]]},
        {"first_fixed": True, "stages": [[20], [8]]},
        {"stages": [[4, 4, 4], [4, 4, 4], [4], [4]], "head": "flatten", "unpadded": 8},
        {"stages": [[4], [4, 4], [4, 4]], "head": "global", "first_kernel": 5, "unpadded": 5},
    ],
)
def test_impossible_options_are_one_sentence(options):
    with pytest.raises(RecipeError, match="cannot be built"):
        networks.build(NetworkSettings("compact", options=options))


def test_pictures_that_do_not_fit_are_one_sentence():
    flat = NetworkSettings("compact", options={"stages": [[4], [8]], "head": "flatten"})
    with pytest.raises(RecipeError, match=r"cannot take pictures of 48×48 pixels: [^\n]*\.$"):
        networks.build(flat, side=48)
    networks.build(dataclasses.replace(flat, frame=True), side=48)
    networks.build(NetworkSettings("compact", options={**flat.options, "head": "global"}), side=48)
