"""What networks do between their layers, and layers of any kind."""

import pytest
import torch
from torch import nn
from torch.nn import functional

from inkdigits.errors import InkdigitsError
from inkdigits.inspection import layers, trace
from inkdigits.inspection.calls import Between, between
from inkdigits.networks import Network


class Body(nn.Module):
    def __init__(self, forward):
        super().__init__()
        torch.manual_seed(0)
        self.conv = nn.Conv2d(1, 4, 3, padding=1)
        self.relu = nn.ReLU(inplace=True)
        self.last = nn.Linear(4 * 14 * 14, 10)
        self.way = forward

    def forward(self, pictures):
        return self.way(self, pictures)


def plain(body, pictures):
    return body.last(functional.max_pool2d(body.conv(pictures).relu(), 2).flatten(1))


def residual(body, pictures):
    found = body.relu(body.conv(pictures))
    found = body.relu(found - 1 + pictures)
    return body.last(functional.avg_pool2d(found, 2).view(len(found), -1))


def scaled(body, pictures):
    return plain(body, pictures) * 2


def wilful(body, pictures):
    if float(pictures.sum()) < 1:
        pictures = body.relu(pictures)
    return plain(body, pictures)


def network(way):
    return Network(nn.Identity(), Body(way)).eval()


@pytest.mark.parametrize(
    ("way", "kinds"),
    [
        (plain, ["other", "conv", "relu", "max-pool", "flatten", "linear"]),
        (residual, ["other", "conv", "relu", "other", "relu", "other", "linear"]),
        (scaled, ["other", "conv", "relu", "max-pool", "flatten", "linear", "other"]),
    ],
)
def test_each_step_begins_with_what_the_one_before_gave(way, kinds, digits):
    made = network(way)
    found = trace(made, digits[0])
    assert [layer.kind for layer in found.layers] == kinds
    assert [layer.kind for layer in layers(made)] == kinds
    whole = torch.from_numpy(digits[0].copy()).float()[None, None] / 255
    assert torch.equal(found.outputs[-1], made(whole)[0])
    values = found.input[None]
    for layer, output in zip(found.layers, found.outputs, strict=True):
        if layer.kind != "other":
            given = values if values.ndim == 1 else values[None]
            again = layer.module(given.reshape(1, *values.shape).clone())[0]
            torch.testing.assert_close(again, output)
        values = output


def test_a_layer_of_an_unknown_kind_says_how_much_it_learned(digits):
    made = Network(nn.Flatten(), nn.LayerNorm(784), nn.Linear(784, 10))
    found = trace(made, digits[0])
    assert [layer.kind for layer in found.layers] == ["flatten", "other", "linear"]
    assert found.layers[1].name == "LayerNorm"
    assert found.layers[1].settings == {"parameters": 2 * 784}


@pytest.mark.parametrize(
    "layer",
    [
        nn.Conv2d(1, 2, (3, 5)),
        nn.Conv2d(1, 2, 3, padding="same"),
        nn.Conv2d(1, 2, 3, dilation=2),
        nn.MaxPool2d(2, padding=1),
        nn.BatchNorm2d(1, affine=False),
    ],
)
def test_varieties_of_known_layers_are_shown_by_their_values(layer, digits):
    made = Network(layer, nn.Flatten(), nn.LazyLinear(10)).eval()
    made(torch.zeros(1, 1, 28, 28))
    assert [step.kind for step in trace(made, digits[0]).layers] == ["other", "flatten", "linear"]


def test_a_variety_of_a_class_is_none_of_its_kind(digits):
    class Odd(nn.ReLU):
        def forward(self, values):
            return super().forward(values) + 1

    assert trace(Network(Odd(), nn.Flatten()), digits[0]).layers[0].kind == "other"


def test_a_network_whose_way_depends_on_the_picture_is_one_sentence(digits):
    made = network(wilful)
    trace(made, digits[0])
    with pytest.raises(InkdigitsError, match="calls different layers for different"):
        trace(made, digits[0] * 0)


def test_what_is_not_usual_is_between_layers():
    values = torch.randn(1, 3, 4, 4)
    assert between(values, values.clone()) == []
    (step,) = between(values, values.sigmoid())
    assert isinstance(step, Between)
    assert [type(one) for one in between(values, values.relu().flatten(1))] == [
        nn.ReLU,
        nn.Flatten,
    ]


def test_pictures_have_the_size_that_the_network_says():
    made = Network(nn.Flatten(), nn.Linear(20 * 12, 10))
    made.size = (20, 12)
    assert trace(made, torch.rand(20, 12)).input.shape == (20, 12)
    with pytest.raises(InkdigitsError, match="20×12, not 28×28"):
        trace(made, torch.rand(28, 28))
