import dataclasses
import inspect
import time

import pytest
import torch

from inkdigits import networks
from inkdigits.errors import RecipeError
from inkdigits.networks import NetworkSettings, parameter_count
from inkdigits.networks.compact import Cosines
from inkdigits.networks.options import OPTIONS
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
        ({"head": "sigmoid"}, "choose one of logits, softmax"),
        ({"std": 0.0}, "network.std must be from 0.001 to 1,000, not 0.0"),
        ({"options": {"drop": 1}}, "it has dropout"),
        ({"name": "lenet5", "options": {"width": 1}}, "it has none"),
        ({"size": (28, 7)}, "network.size .* must be from 8 to 512, not 7"),
        ({"size": (28,)}, "a list of 2 numbers"),
        ({"name": "line", "size": (40, 40)}, "reads lines: leave it out"),
        ({"name": ""}, "must be a name"),
        ({"name": "my net:Net"}, "write module:Name"),
        ({"name": "m:Net", "options": {"size": 3}}, "use network.size"),
    ],
)
def test_unknown_settings_are_named_with_the_valid_ones(settings, says):
    with pytest.raises(RecipeError, match=says):
        NetworkSettings(**settings)


def test_a_network_that_is_not_known_is_said_when_it_is_built():
    with pytest.raises(RecipeError, match="did you mean 'cnn'"):
        networks.build(NetworkSettings("cn"))


@pytest.mark.parametrize(
    ("name", "options", "says"),
    [
        ("compact", {"stages": []}, "stages must be a list of 1 to 4 values, not 0"),
        ("compact", {"stages": [[4]] * 10**6}, "1 to 4 values, not 1,000,000"),
        ("compact", {"stages": [[]]}, r"stages\[0\] must be a list of 1 to 16 values"),
        ("compact", {"stages": [["many"]]}, r"stages\[0\]\[0\] must be a whole number, not 'many'"),
        ("compact", {"stages": [[10**9]]}, "from 1 to 4,096, not 1000000000"),
        ("compact", {"head": "none"}, "must be 'global' or 'flatten'"),
        ("compact", {"first_kernel": 4}, "must be an odd number, not 4"),
        ("compact", {"first_kernel": 1_000_001}, "from 1 to 31, not 1000001"),
        ("compact", {"first_kernel": 10**5000}, "from 1 to 31, not a number that large"),
        ("compact", {"first_fixed": 1}, "must be true or false, not 1"),
        ("compact", {"first_stride": True}, "must be a whole number, not True"),
        ("mlp", {"widths": 3}, "must be a list, not 3"),
        ("mlp", {"widths": [10**9]}, "from 1 to 65,536"),
        ("cnn", {"dropout": "half"}, "must be a number, not 'half'"),
        ("cnn", {"dropout": 1.5}, "from 0 to 1, not 1.5"),
        ("line", {"strides": [[1]]}, "must be a list of 2 values, not 1"),
        ("ensemble", {"members": [3]}, r"members\[0\] must be a table, not 3"),
    ],
)
def test_options_beyond_their_limits_are_one_sentence(name, options, says):
    with pytest.raises(RecipeError, match=rf"^network\.options\.[^\n]*{says}[^\n]*\.$"):
        NetworkSettings(name, options=options)


def test_every_option_of_every_network_has_limits():
    for name, make in networks.NETWORKS.items():
        known = inspect.signature(make).parameters.keys() - {"outputs", "size"}
        assert known == OPTIONS[name].keys(), name


@pytest.mark.parametrize(
    ("settings", "says"),
    [
        ({"name": "mlp", "options": {"widths": [65_536] * 3}}, "parameters, and 100,000,000 are"),
        ({"name": "compact", "options": {"stages": [[4096, 4096]]}}, "parameters, and"),
        (
            {"name": "compact", "size": (512, 512), "options": {"stages": [[1024] * 3]}},
            "too many for pictures of 512×512",
        ),
        (
            {
                "name": "compact",
                "size": (64, 64),
                "options": {"stages": [[1922]], "first_kernel": 31, "first_fixed": True},
            },
            "parameters, and",
        ),
    ],
)
def test_what_would_fill_the_memory_is_refused_before_it_is_made(settings, says):
    begin = time.perf_counter()
    with pytest.raises(RecipeError, match=says):
        networks.build(NetworkSettings(**settings))
    assert time.perf_counter() - begin < 5


def test_counting_changes_no_random_number():
    before = torch.get_rng_state()
    assert networks.count(NetworkSettings("lenet5")) == PARAMETERS["lenet5"]
    assert torch.equal(before, torch.get_rng_state())


SIZED = sorted(networks.NETWORKS.keys() - networks.READS - {"ensemble"})


@pytest.mark.parametrize("name", SIZED)
@pytest.mark.parametrize("size", [(28, 44), (45, 32)])
@pytest.mark.parametrize("frame", [False, True])
def test_networks_take_the_size_that_they_are_told(name, size, frame):
    settings = NetworkSettings(name, size=size, frame=frame)
    network = networks.place(networks.build(settings), "cpu")
    assert network.size == size
    given = (60, 31) if frame else size
    for mode in (True, False):
        assert network.train(mode)(torch.rand(3, 1, *given)).shape == (3, 10)


@pytest.mark.parametrize(("name", "least"), [("lenet5", 28), ("spatial-dropout", 16), ("cnn", 8)])
def test_pictures_that_are_too_small_are_one_sentence(name, least):
    networks.build(NetworkSettings(name, size=(least, least)))
    if least > 8:
        says = rf"must be {least}×{least} pixels or larger: set network\.size\.$"
        with pytest.raises(RecipeError, match=says):
            networks.build(NetworkSettings(name, size=(least, least - 1)))


@pytest.mark.parametrize("width", [28, 36, 90])
def test_fixed_filters_take_any_width(width):
    options = {"stages": [[16], [16]], "first_fixed": True, "first_kernel": 5, "unpadded": 1}
    settings = NetworkSettings("compact", size=(28, width), options=options)
    network = networks.place(networks.build(settings, side=40), "cpu")
    pictures = torch.rand(3, 1, 28, width)
    first = network.body[0]
    torch.testing.assert_close(first.train()(pictures), first.eval()(pictures))
    assert network.train()(torch.rand(3, 1, 40, 40)).shape == (3, 10)


@pytest.mark.parametrize(
    "options",
    [
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
