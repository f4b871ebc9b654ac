"""Optimisers: their settings, and how a network's weights are handed to them."""

from dataclasses import dataclass

import torch
from torch import nn

from ..errors import RecipeError, nearest

NAMES = ("adam", "adamw", "sgd")


@dataclass(frozen=True)
class OptimiserSettings:
    """How weights follow their gradients."""

    name: str = "adam"
    rate: float = 1e-3  # the learning rate that the schedule multiplies
    weight_decay: float = 0.0  # of the weights alone, not of biases and normalisations
    momentum: float = 0.9  # of SGD, which is Nesterov's wherever momentum is above 0
    betas: tuple[float, float] = (0.9, 0.999)  # of Adam and AdamW

    def __post_init__(self) -> None:
        if self.name not in NAMES:
            raise RecipeError(
                f"optimiser.name {self.name!r} is unknown; {nearest(self.name, NAMES)}"
            )
        if not 0 < self.rate < 100:
            raise RecipeError("optimiser.rate must be above 0 (and below 100).")
        if self.weight_decay < 0:
            raise RecipeError("optimiser.weight_decay must be 0 or more.")
        if not all(0 <= value < 1 for value in (self.momentum, *self.betas)):
            raise RecipeError("optimiser.momentum and optimiser.betas must be 0 or more, below 1.")


def build(settings: OptimiserSettings, network: nn.Module) -> torch.optim.Optimizer:
    """Return the optimiser for `network`: one fused kernel a step, decay on weights alone."""
    parameters = [p for p in network.parameters() if p.requires_grad]
    groups = [{"params": parameters, "weight_decay": 0.0}]
    if settings.weight_decay:  # a group more is a kernel call more at every step
        weights = [p for p in parameters if p.ndim > 1]
        rest = [p for p in parameters if p.ndim <= 1]
        groups = [
            {"params": weights, "weight_decay": settings.weight_decay},
            {"params": rest, "weight_decay": 0.0},
        ]
    fused = parameters[0].device.type in ("cpu", "cuda", "mps")
    if settings.name == "sgd":
        return torch.optim.SGD(
            groups,
            lr=settings.rate,
            momentum=settings.momentum,
            nesterov=settings.momentum > 0,
            fused=fused,
        )
    kind = torch.optim.Adam if settings.name == "adam" else torch.optim.AdamW
    return kind(groups, lr=settings.rate, betas=settings.betas, fused=fused)
