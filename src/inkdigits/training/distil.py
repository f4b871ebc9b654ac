"""Distillation: to learn from what a trained network says, beside the labels.

A label says that a 7 is a 7; a teacher says that this one could nearly have been a 1
(Hinton, Vinyals and Dean 2015).
"""

from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn import functional

from ..errors import RecipeError
from ..limits import within


@dataclass(frozen=True)
class Distil:
    """Whose answers a network learns, and how much they count."""

    teacher: str = ""  # a run, by its name beside this one or by its folder; "": labels alone
    weight: float = 0.5  # the teacher's part of the loss; the rest is the labels'
    temperature: float = 1.0  # above 1 what is unlikely to the teacher counts for more

    def __post_init__(self) -> None:
        if not 0 < self.weight <= 1:
            raise RecipeError(
                "distil.weight, the share of the teacher in the loss, must be above 0 and at "
                "most 1."
            )
        within("distil.temperature", self.temperature, 0.01, 100)


class Teacher:
    """A trained network, asked about every batch as the student sees it, warps and all."""

    def __init__(self, network: nn.Module, settings: Distil) -> None:
        self._network = network.eval().requires_grad_(False)
        self._settings = settings

    def loss(self, outputs: Tensor, images: Tensor, labels_loss: Tensor) -> Tensor:
        """Return what the student is to make least.

        Parameters
        ----------
        outputs
            The student's logits of `images`: ``(N, C)``, of lines ``(N, T, C)``, of pages
            ``(N, C, H, W)``.
        images
            As the student saw them.
        labels_loss
            Its loss by the labels.
        """
        with torch.no_grad():
            logits = self._network(images).float() / self._settings.temperature
        outputs = outputs / self._settings.temperature
        if outputs.ndim == 3:  # of lines, whose classes come last
            outputs, logits = outputs.transpose(1, 2), logits.transpose(1, 2)
        soft = functional.cross_entropy(outputs, logits.softmax(1))
        # Gradients of softened logits shrink with the square of the temperature.
        soft = soft * self._settings.temperature**2
        return self._settings.weight * soft + (1 - self._settings.weight) * labels_loss
