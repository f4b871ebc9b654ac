"""Several networks as one: the weighted mean of what they say."""

from collections.abc import Sequence

import torch
from torch import Tensor, nn


class Ensemble(nn.Module):
    """Networks side by side; the answer is the weighted mean of their probabilities.

    Parameters
    ----------
    members
        Networks with the same inputs and outputs.
    weights
        How much each counts, all in all 1.
    temperatures
        What each one's logits are divided by first, so that a modest network is not outvoted by a
        bold one.
    """

    weights: Tensor
    temperatures: Tensor

    def __init__(
        self,
        members: Sequence[nn.Module],
        weights: Sequence[float],
        temperatures: Sequence[float],
    ) -> None:
        if not members or not len(members) == len(weights) == len(temperatures):
            raise ValueError("an ensemble needs members, and a weight and a temperature of each")
        if min(weights) <= 0 or min(temperatures) <= 0:
            raise ValueError("weights and temperatures must be above 0")
        super().__init__()
        self.members = nn.ModuleList(members)
        # Settings, not weights to be learned: the recipe says them.
        self.register_buffer("weights", torch.tensor(weights) / sum(weights), persistent=False)
        self.register_buffer("temperatures", torch.tensor(temperatures), persistent=False)

    def forward(self, pictures: Tensor) -> Tensor:
        """``(N, 1, 28, 28)`` in [0, 1] → the logarithm of the mean probabilities ``(N, C)``."""
        settings = zip(self.members, self.temperatures, self.weights, strict=True)
        # Sums of logarithms' exponentials: a probability too small for a float is none of 0.
        weighted = [
            (member(pictures).float() / temperature).log_softmax(1) + weight.log()
            for member, temperature, weight in settings
        ]
        return torch.stack(weighted).logsumexp(0)
