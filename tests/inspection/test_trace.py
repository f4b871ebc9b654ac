import numpy as np
import pytest
import torch
from torch import nn

from inkdigits.alphabet import DIGITS, DIGITS_OR_REJECT
from inkdigits.errors import InkdigitsError
from inkdigits.inspection import layers, trace
from inkdigits.inspection.trace import as_input, shares
from inkdigits.networks import NetworkSettings
from inkdigits.networks.frame import Frame
from inkdigits.training.recipe import Recipe, names

from .conftest import awake

EVERY = {
    repr(recipe.network): recipe for recipe in map(Recipe.load, names()) if recipe.task == "symbols"
}.values()


@pytest.mark.parametrize("recipe", EVERY, ids=lambda recipe: recipe.name)
def test_every_layer_gives_what_the_network_computes(recipe, digits):
    network = awake(recipe.network, recipe.alphabet)
    whole = nn.Sequential(*(part for part in network if not isinstance(part, Frame)))
    hooked = []
    handles = [
        part.register_forward_hook(lambda _, __, output: hooked.append(output))
        for part in whole.modules()
        if not isinstance(part, nn.Sequential)
    ]
    with torch.inference_mode():
        answer = whole(as_input(digits[0]))
    for handle in handles:
        handle.remove()
    found = trace(network, digits[0])
    for given, expected in zip(found.outputs, hooked, strict=True):
        assert torch.equal(given, expected[0])
    assert torch.equal(found.outputs[-1], answer[0])
    assert [layer.index for layer in found.layers] == list(range(len(hooked)))
    assert len(found.logits) == len(recipe.alphabet)


def test_layers_say_what_they_are(compact):
    assert [layer.name for layer in layers(compact)] == [
        "normalise",
        "conv 5×5, 4 maps",
        "max-pool 2×2",
        "batch norm",
        "ReLU",
        "conv 3×3, 6 maps",
        "batch norm",
        "ReLU",
        "conv 3×3, 6 maps",
        "global max-pool",
        "batch norm",
        "ReLU",
        "flatten",
        "linear, 10 units",
    ]
    kinds = {layer.kind for layer in layers(awake(Recipe.load("quick").network))}
    assert {"fixed-conv", "row"} <= kinds
    kinds = {
        layer.kind for layer in layers(awake(Recipe.load("spatial-dropout-published").network))
    }
    assert {"spatial-dropout", "dropout", "softmax", "flatten", "linear"} <= kinds


def test_a_unit_can_be_reckoned_from_what_is_told(digits):
    network = awake(Recipe.load("quick").network)
    found = trace(network, digits[1])
    for at, layer in enumerate(found.layers):
        if not layer.kind.endswith("conv"):
            continue
        kernel, stride, padding = (layer.settings[k] for k in ("kernel", "stride", "padding"))
        before = np.pad(found.outputs[at - 1].numpy(), [(0, 0), *[(padding, padding)] * 2])
        for unit in ((0, 0, 0), (3, 2, 1)):
            channel, row, column = unit
            top, left = row * stride, column * stride
            window = before[:, top : top + kernel, left : left + kernel]
            expected = (window * layer.tensors["weight"][channel].numpy()).sum()
            assert found.outputs[at][unit] == pytest.approx(expected, abs=1e-4)


def test_batch_norm_tells_all_four_of_its_numbers(compact, digits):
    found = trace(compact, digits[2])
    at = next(at for at, layer in enumerate(found.layers) if layer.kind == "batch-norm")
    layer, before = found.layers[at], found.outputs[at - 1]
    factor, shift, mean, variance = (
        layer.tensors[name][:, None, None] for name in ("weight", "bias", "mean", "variance")
    )
    expected = (before - mean) / (variance + layer.settings["epsilon"]).sqrt() * factor + shift
    assert torch.allclose(found.outputs[at], expected, atol=1e-5)


def test_bytes_and_floats_are_the_same_picture(compact, digits):
    a, b = trace(compact, digits[0]), trace(compact, digits[0].astype(np.float32) / 255)
    assert torch.equal(a.outputs[-1], b.outputs[-1])
    assert a.input.shape == (28, 28)
    assert float(a.input.max()) <= 1


def test_a_network_that_learns_is_looked_at_as_it_reads(digits):
    network = awake(Recipe.load("spatial-dropout").network).train()
    first, second = trace(network, digits[0]), trace(network, digits[0])
    assert torch.equal(first.logits, second.logits)


def test_what_cannot_be_looked_into_is_said(compact):
    with pytest.raises(InkdigitsError, match="28×28, not 27×28"):
        trace(compact, np.zeros((27, 28), np.uint8))
    member = {"name": "mlp", "options": {"widths": [4]}}
    options = {"members": [member, member], "weights": [0.5, 0.5], "temperatures": [1.0, 1.0]}
    with pytest.raises(InkdigitsError, match="An ensemble cannot be inspected"):
        layers(awake(NetworkSettings("ensemble", options=options)))


def test_shares_of_a_network_that_can_refuse():
    logits = torch.tensor([*[0.0] * 9, 2.0, 3.0, 1.0])
    digits, refused, several = shares(logits, DIGITS_OR_REJECT, temperature=2.0)
    every = (logits.double() / 2).softmax(0)
    assert float(digits.sum()) == pytest.approx(1)
    assert torch.allclose(digits, every[:10] / every[:10].sum())
    assert (refused, several) == (pytest.approx(float(every[10:].sum())), float(every[11]))
    assert shares(torch.zeros(10), DIGITS)[1:] == (0, 0)
