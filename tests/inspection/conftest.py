"""Networks that look as if they were trained: nothing in them is as it starts."""

import pytest
import torch
from torch import nn

from inkdigits import networks
from inkdigits.alphabet import DIGITS, Alphabet
from inkdigits.networks import NetworkSettings


def awake(settings: NetworkSettings, alphabet: Alphabet = DIGITS) -> nn.Sequential:
    """Return a network whose batch normalisation has seen something."""
    torch.manual_seed(1)
    network = networks.build(settings, alphabet)
    for part in network.modules():
        if isinstance(part, nn.BatchNorm2d):
            part.running_mean.normal_(0, 0.3)
            part.running_var.uniform_(0.5, 2)
            nn.init.uniform_(part.weight, 0.5, 2)
            nn.init.normal_(part.bias, 0, 0.3)
    return network.eval()


@pytest.fixture
def compact() -> nn.Sequential:
    """Return a network of our own kind, of no size."""
    options = {"stages": [[4], [6, 6]], "first_kernel": 5, "unpadded": 1}
    return awake(NetworkSettings("compact", options=options))


@pytest.fixture
def digits(written):
    """Return a few digits, ``(N, 28, 28)`` uint8."""
    return written.images[:20]
