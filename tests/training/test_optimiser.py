import pytest
import torch
from torch import nn

from inkdigits.training.optimiser import Optimiser, OptimiserSettings

REFERENCES = {
    "adam": lambda weights: torch.optim.Adam(weights, lr=0.01, betas=(0.8, 0.9)),
    "adamw": lambda weights: torch.optim.AdamW(weights, lr=0.01, betas=(0.8, 0.9), weight_decay=0),
    "sgd": lambda weights: torch.optim.SGD(weights, lr=0.01, momentum=0.9, nesterov=True),
}


def network() -> nn.Module:
    torch.manual_seed(0)
    layers = nn.Sequential(nn.Conv2d(1, 4, 3), nn.Flatten(), nn.Linear(16, 3))
    return layers.to(memory_format=torch.channels_last)


def learn(module: nn.Module) -> None:
    module(torch.linspace(0, 1, 32).view(2, 1, 4, 4)).square().sum().backward()


@pytest.mark.parametrize("name", REFERENCES)
def test_steps_are_those_of_pytorch(name):
    ours, theirs = network(), network()
    optimiser = Optimiser(OptimiserSettings(name, rate=0.01, betas=(0.8, 0.9)), ours)
    reference = REFERENCES[name](theirs.parameters())
    for _ in range(5):
        optimiser.zero_grad()
        learn(ours)
        optimiser.step()
        reference.zero_grad()
        learn(theirs)
        reference.step()
    for mine, wanted in zip(ours.parameters(), theirs.parameters(), strict=True):
        torch.testing.assert_close(mine, wanted)


def test_weights_are_decayed_and_biases_are_not():
    module = network()
    before = [weight.detach().clone() for weight in module.parameters()]
    optimiser = Optimiser(OptimiserSettings("adamw", rate=0.1, weight_decay=0.5), module)
    for weight in module.parameters():
        weight.grad = torch.zeros_like(weight)
    optimiser.step()
    for old, new in zip(before, module.parameters(), strict=True):
        torch.testing.assert_close(new.detach(), old * (0.95 if old.ndim > 1 else 1.0))


def test_weights_that_are_not_learned_stay():
    module = network()
    module[0].weight.requires_grad_(False)
    kept = module[0].weight.clone()
    optimiser = Optimiser(OptimiserSettings("adamw", rate=0.1, weight_decay=0.5), module)
    learn(module)
    optimiser.step()
    assert torch.equal(module[0].weight, kept)


@pytest.mark.parametrize("name", REFERENCES)
def test_memory_goes_on_where_it_stopped(name):
    settings = OptimiserSettings(name, rate=0.01)
    whole, broken = network(), network()
    first, second = Optimiser(settings, whole), Optimiser(settings, broken)
    for optimiser, module in ((first, whole), (second, broken)):
        learn(module)
        optimiser.step()
    resumed = Optimiser(settings, broken)
    resumed.load_state_dict({name: kept.contiguous() for name, kept in second.state_dict().items()})
    for optimiser, module in ((first, whole), (resumed, broken)):
        optimiser.zero_grad()
        learn(module)
        optimiser.step()
    for one, other in zip(whole.parameters(), broken.parameters(), strict=True):
        assert torch.equal(one, other)


@pytest.mark.parametrize(
    "spoil",
    [
        lambda _: {},
        lambda memory: {**memory, "0.other": torch.zeros(1)},
        lambda memory: {**memory, "0.exp_avg": torch.zeros(3)},
    ],
)
def test_other_memory_is_refused_and_nothing_is_taken_over(spoil):
    optimiser = Optimiser(OptimiserSettings("adam"), network())
    other = {name: kept + 1 for name, kept in optimiser.state_dict().items()}
    with pytest.raises(ValueError, match="another"):
        optimiser.load_state_dict(spoil(other))
    assert not any(kept.any() for kept in optimiser.state_dict().values())
