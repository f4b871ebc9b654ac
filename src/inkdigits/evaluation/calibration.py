"""Calibration: how far a network's confidence is to be taken back."""

import numpy as np
from scipy.optimize import minimize_scalar
from torch import Tensor
from torch.nn import functional


def fit_temperature(logits: Tensor, labels: Tensor) -> float:
    """Return the temperature at which ``softmax(logits / T)`` is most likely (Guo et al. 2017).

    Labels that the network has no output for count not.
    """
    known = labels < logits.shape[1]
    logits, labels = logits[known], labels[known]

    def loss(log_temperature: float) -> float:
        return float(functional.cross_entropy(logits / np.exp(log_temperature), labels))

    found = minimize_scalar(loss, bounds=(np.log(0.1), np.log(10)), method="bounded")
    return float(np.exp(found.x))
