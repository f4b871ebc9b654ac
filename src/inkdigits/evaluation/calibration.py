"""Calibration: the temperature of a network, from its validation samples.

`exported_graph` gives the graph that an export writes, so an evaluation of it is of what will read.
"""

import numpy as np
import torch
from scipy.optimize import minimize_scalar
from torch import Tensor, nn
from torch.nn import functional

from ..alphabet import Alphabet
from ..data import Digits, Splits
from ..networks.frame import is_framed_alike
from ..networks.graph import Graph
from ..training import datasets
from ..training.pretrained import Pretrained
from ..training.symbols import MEASURE_BATCH, Tensors


def exported_graph(model: Pretrained, splits: Splits) -> Graph:
    """Return a model as it is exported, with the temperature of its own validation samples.

    Raises
    ------
    InkdigitsError
        If these are not the samples that its weights were chosen by, or if it cannot be built.
    """
    if model.run is not None:
        datasets.check_validation(model.run, splits)
    return calibrated(model.network(), splits.validation, model.recipe.alphabet)


def calibrated(network: nn.Sequential, validation: Digits, alphabet: Alphabet) -> Graph:
    """Return a network as it is exported: framed, and with the temperature that it needs.

    A network without a frame of its own gets one if the validation samples are framed about as
    MNIST's digits are; other pictures would be destroyed by it.

    Parameters
    ----------
    network
        On the CPU, where everybody gets the same temperature.
    validation
        The samples that its weights were chosen by, and none that it was trained on.
    alphabet
        Of the network.
    """
    samples = Tensors.of(validation, torch.device("cpu"))
    symbols = torch.from_numpy(validation.are_symbols)
    framed = is_framed_alike(samples.images[symbols].float().div_(255))
    graph = Graph(network, 1.0, alphabet, framed=framed).eval()
    with torch.inference_mode():
        parts = samples.images.split(MEASURE_BATCH)
        logits = torch.cat([graph.logits(part.float().div_(255)) for part in parts])
    graph.temperature.fill_(fit_temperature(logits, samples.labels))
    return graph


def fit_temperature(logits: Tensor, labels: Tensor) -> float:
    """Return the temperature at which ``softmax(logits / T)`` is most likely (Guo et al. 2017).

    Samples whose label has no output of the network are left out.
    """
    known = labels < logits.shape[1]
    logits, labels = logits[known], labels[known]

    def loss(log_temperature: float) -> float:
        return float(functional.cross_entropy(logits / np.exp(log_temperature), labels))

    found = minimize_scalar(loss, bounds=(np.log(0.01), np.log(100)), method="bounded")
    return float(np.exp(found.x))
