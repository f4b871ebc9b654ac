"""Optimisers: their settings, and how a network's weights follow its gradients.

The arithmetic is PyTorch's, one fused kernel for many weights. Its optimiser objects stay outside:
the first of them imports a compiler, which takes longer than a short training.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.optim.adam import adam
from torch.optim.sgd import sgd

from ..errors import RecipeError, nearest
from ..limits import within

NAMES = ("adam", "adamw", "sgd")
MAX_DECAY = 100


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
        within("optimiser.weight_decay", self.weight_decay, 0, MAX_DECAY)
        if not all(0 <= value < 1 for value in (self.momentum, *self.betas)):
            raise RecipeError("optimiser.momentum and optimiser.betas must be 0 or more, below 1.")


class Optimiser:
    """What moves the weights of one network, and what it remembers of their gradients.

    Attributes
    ----------
    rate
        The learning rate of the next step.
    memory
        Tensors by name, each as large as its weight, in the order in which that lies: a fused
        kernel walks both side by side. Copy into them, never replace them.
    """

    def __init__(self, settings: OptimiserSettings, network: nn.Module) -> None:
        self.settings = settings
        self.rate = settings.rate
        self.weights = [weight for weight in network.parameters() if weight.requires_grad]
        # A group more is a kernel more at every step, so there is one where nothing decays.
        self.groups = [(0.0, list(range(len(self.weights))))]
        if settings.weight_decay:
            plain = [i for i, weight in enumerate(self.weights) if weight.ndim <= 1]
            decayed = [i for i, weight in enumerate(self.weights) if weight.ndim > 1]
            self.groups = [(settings.weight_decay, decayed), (0.0, plain)]
        self._state: dict[str, Tensor] = {}
        for index, weight in enumerate(self.weights):
            if settings.name == "sgd":
                self._state[f"{index}.momentum_buffer"] = torch.zeros_like(weight)
            else:
                self._state[f"{index}.exp_avg"] = torch.zeros_like(weight)
                self._state[f"{index}.exp_avg_sq"] = torch.zeros_like(weight)
                self._state[f"{index}.step"] = torch.zeros((), device=weight.device)

    def zero_grad(self) -> None:
        """Forget the gradients, as before each step."""
        for weight in self.weights:
            weight.grad = None

    @torch.no_grad()
    def step(self) -> None:
        """Move every weight by its gradient."""
        for decay, group in self.groups:
            members = [index for index in group if self.weights[index].grad is not None]
            weights = [self.weights[index] for index in members]
            gradients = [weight.grad for weight in weights if weight.grad is not None]
            if self.settings.name == "sgd":
                sgd(
                    list(weights),
                    gradients,
                    list(self._of(members, "momentum_buffer")),
                    lr=self.rate,
                    momentum=self.settings.momentum,
                    nesterov=self.settings.momentum > 0,
                    weight_decay=decay,
                    dampening=0.0,
                    maximize=False,
                    fused=True,
                )
            else:
                adam(
                    list(weights),
                    gradients,
                    self._of(members, "exp_avg"),
                    self._of(members, "exp_avg_sq"),
                    [],
                    self._of(members, "step"),
                    lr=self.rate,
                    beta1=self.settings.betas[0],
                    beta2=self.settings.betas[1],
                    eps=1e-8,
                    weight_decay=decay,
                    decoupled_weight_decay=self.settings.name == "adamw",
                    amsgrad=False,
                    maximize=False,
                    fused=True,
                )

    def state_dict(self) -> dict[str, Tensor]:
        """Return all that the next steps depend on beside the weights: the tensors themselves."""
        return self._state

    def load_state_dict(self, state: Mapping[str, Tensor]) -> None:
        """Copy the state of another optimiser of the same kind.

        Raises
        ------
        ValueError
            If it is of another kind, or of other weights.
        """
        if state.keys() != self._state.keys():
            raise ValueError("the state of another kind of optimiser")
        for name, own in self._state.items():
            if state[name].shape != own.shape:
                raise ValueError(f"{name} is the state for another network")
        for name, own in self._state.items():
            own.copy_(state[name])

    def _of(self, members: list[int], what: str) -> list[Tensor]:
        return [self._state[f"{index}.{what}"] for index in members]
