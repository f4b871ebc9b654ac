"""Networks of somebody's own: found, called, tried, refused and explained."""

import importlib.metadata
import re
import sys
from pathlib import Path

import pytest
import torch

from inkdigits import networks
from inkdigits.errors import RecipeError
from inkdigits.networks import NetworkSettings, own

MODULE = '''
import torch
from torch import nn

CALLS = []


class Net(nn.Module):
    def __init__(self, outputs, size, width=4):
        super().__init__()
        CALLS.append((outputs, size, width))
        self.first = nn.Conv2d(1, width, 3)
        self.norm = nn.BatchNorm2d(width)
        self.drop = nn.Dropout(0.5)
        self.last = nn.Linear(width * (size[0] - 2) * (size[1] - 2), outputs)

    def forward(self, pictures):
        found = self.norm(self.first(pictures)).relu()
        return self.last(self.drop(found.view(len(found), -1)))


def plain(outputs):
    return nn.Sequential(nn.Flatten(), nn.Linear(784, outputs))


class Wrong(nn.Module):
    """Fails in the way that it is told."""

    def __init__(self, outputs, how):
        super().__init__()
        self.how, self.outputs = how, outputs
        self.linear = nn.Linear(784, outputs)
        if how == "constructor":
            raise KeyError("no such thing\\n  in two lines")
        if how == "exit":
            raise SystemExit(3)
        if how == "large":
            self.linear = nn.Linear(20_000, 20_000)
        if how == "many":
            self.parts = nn.ModuleList(nn.Identity() for _ in range(10_500))
        if how == "nothing":
            del self.linear
        if how == "state":
            self.get_extra_state = lambda: "text"

    def forward(self, pictures):
        rows, how = pictures.flatten(1), self.how
        if how == "nothing":
            return rows[:, : self.outputs]
        logits = self.linear(rows if how != "forward" else rows[:, :5])
        if how == "learning" and self.training:
            raise ValueError("not while learning")
        if how == "single" and len(pictures) == 1:
            return logits.squeeze(0)
        return {
            "tuple": (logits, logits),
            "int": logits.long(),
            "shape": logits[:, :7],
            "nan": logits / 0 * 0,
            "detached": logits.detach(),
            "back": Backwards.apply(logits),
        }.get(how, logits)


class Backwards(torch.autograd.Function):
    @staticmethod
    def forward(context, given):
        return given.clone()

    @staticmethod
    def backward(context, gradient):
        raise RuntimeError("no way back")


class Lazy(nn.Sequential):
    def __init__(self, outputs):
        super().__init__(nn.Flatten(), nn.LazyLinear(8), nn.ReLU(), nn.LazyLinear(outputs))


class Real(nn.Sequential):
    """Its constructor needs tensors that are there."""

    def __init__(self, outputs):
        self_width = int(torch.ones(8).sum().item())
        super().__init__(nn.Flatten(), nn.Linear(784, self_width), nn.Linear(self_width, outputs))


class Class:
    def __init__(self, outputs):
        pass


VALUE = 3
'''


@pytest.fixture(autouse=True)
def module(tmp_path, monkeypatch):
    """Put a module with networks where it can be imported, for one test."""
    (tmp_path / "mynets.py").write_text(MODULE)
    (tmp_path / "broken.py").write_text("import torch\nraise OSError('no disk')\n")
    (tmp_path / "torn.py").write_text("def net(:\n")
    (tmp_path / "leans.py").write_text("import nowhere_to_be_found\n")
    monkeypatch.syspath_prepend(tmp_path)
    yield
    for name in ("mynets", "broken", "torn", "leans"):
        sys.modules.pop(name, None)


def built(name, **settings):
    return networks.build(NetworkSettings(name, **settings))


@pytest.mark.parametrize("frame", [False, True])
def test_it_is_called_with_outputs_size_and_options(frame):
    network = networks.place(
        built("mynets:Net", size=(20, 30), options={"width": 6}, frame=frame), "cpu"
    )
    assert sys.modules["mynets"].CALLS[-1] == (10, (20, 30), 6)
    assert network.training
    given = (50, 40) if frame else (20, 30)
    assert network.eval()(torch.rand(5, 1, *given)).shape == (5, 10)
    assert "body.first.weight" in network.state_dict()


def test_a_function_that_takes_no_size_will_do():
    assert networks.parameter_count(built("mynets:plain")) == 7850


@pytest.mark.parametrize("name", ["mynets:Lazy", "mynets:Real"])
def test_layers_without_a_shape_and_constructors_with_tensors_will_do(name):
    network = built(name)
    assert networks.parameter_count(network) > 6000
    assert all(not weight.is_inference() for weight in network.parameters())


def test_weights_are_a_function_of_the_seed_and_trying_changes_nothing():
    first, second = [], []
    for found in (first, second):
        torch.manual_seed(3)
        network = built("mynets:Net")
        found += [*network.state_dict().values(), torch.rand(4)]
    assert all(torch.equal(a, b) for a, b in zip(first, second, strict=True))
    assert float(network.body.norm.running_mean.abs().max()) == 0
    assert int(network.body.norm.num_batches_tracked) == 0
    assert all(weight.grad is None for weight in network.parameters())


@pytest.mark.parametrize(
    ("how", "says"),
    [
        ("constructor", r"raised KeyError when it was created, in mynets\.py:\d+: 'no such thing"),
        ("exit", r"raised SystemExit when it was created, in mynets\.py:\d+: 3"),
        (
            "forward",
            r"raised RuntimeError on pictures of .*\(1, 1, 28, 28\), in mynets\.py:\d+: mat",
        ),
        ("learning", r"raised ValueError on pictures .* in mynets\.py:\d+: not while learning"),
        ("back", r"raised RuntimeError in the backward pass.*: no way back"),
        ("single", r"gives a tensor of the shape \(10,\) for 1 picture: .*\(1, 10\)"),
        ("tuple", "gives a tuple for 1 picture"),
        ("int", "gives a tensor of int64"),
        ("shape", r"gives a tensor of the shape \(1, 7\)"),
        ("nan", "gives values that are not finite"),
        ("detached", "do not depend on its parameters"),
        ("nothing", "has no parameters"),
        ("large", "would have 400,[0-9,]+ parameters, and 100,000,000 are allowed"),
        ("many", "would have 10,[0-9,]+ modules, and 10,000 are allowed"),
    ],
)
def test_what_is_wrong_with_it_is_one_sentence(how, says):
    with pytest.raises(RecipeError, match=says) as refused:
        built("mynets:Wrong", options={"how": how})
    assert "\n" not in str(refused.value)
    assert str(Path.cwd()) not in str(refused.value)


@pytest.mark.parametrize(
    ("name", "options", "says"),
    [
        (
            "nowhere:Net",
            {},
            r"needs the module nowhere, which was not found: run inkdigits in its folder",
        ),
        ("leans:Net", {}, r"raised ModuleNotFoundError when leans was imported, in leans\.py:1"),
        ("broken:Net", {}, r"raised OSError when broken was imported, in broken\.py:2: no disk"),
        ("torn:Net", {}, r"raised SyntaxError when torn was imported, in torn\.py:1"),
        ("mynets:Nett", {}, r"The module mynets \(mynets\.py\) has no class or function 'Nett'"),
        ("mynets:VALUE", {}, "has no class or function 'VALUE'"),
        ("mynets:Class", {}, "returned a Class, not a torch.nn.Module"),
        ("mynets:Net", {"depth": 3}, "cannot be called with outputs, depth, size: .*'depth'"),
        ("mynets:Wrong", {}, "cannot be called with outputs: .*'how'"),
        ("my-net", {}, "Unknown network 'my-net'; .* as module:Name"),
    ],
)
def test_what_cannot_be_had_is_one_sentence(name, options, says):
    with pytest.raises(RecipeError, match=says) as refused:
        built(name, options=options)
    assert "\n" not in str(refused.value)


def test_an_entry_point_is_a_name(monkeypatch):
    point = importlib.metadata.EntryPoint("my-net", "mynets:Net", own.GROUP)
    found = importlib.metadata.EntryPoints([point])
    monkeypatch.setattr(own, "entry_points", lambda group: found.select(group=group))
    assert networks.parameter_count(built("my-net")) > 0
    with pytest.raises(RecipeError, match="did you mean 'my-net'"):
        built("my-nett")


def test_reading_settings_imports_nothing():
    settings = NetworkSettings("mynets:Net", options={"width": 3})
    assert settings.is_own and settings.task == "symbols" and settings.own_names == (settings.name,)
    assert "mynets" not in sys.modules
    members = [{"name": "mynets:Net"}, {"name": "cnn"}]
    ensemble = NetworkSettings(
        "ensemble", options={"members": members, "weights": [1, 1], "temperatures": [1, 1]}
    )
    assert ensemble.own_names == ("mynets:Net",)
    assert "mynets" not in sys.modules
    assert networks.place(networks.build(ensemble), "cpu")(torch.rand(2, 1, 28, 28)).shape == (
        2,
        10,
    )


def test_what_it_raises_later_is_one_sentence_too():
    network = built("mynets:Net")
    with pytest.raises(RecipeError, match=re.escape("pictures of the shape (2, 1, 30, 30)")):
        network(torch.rand(2, 1, 30, 30))
