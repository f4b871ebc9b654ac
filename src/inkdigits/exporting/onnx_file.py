"""ONNX files from networks: `to_onnx` of any, `convert` of one that reads lines or pages.

Such a file is checked against PyTorch, and evaluated on validation samples, before it is written.
"""

import json
import logging
import warnings
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from ..data import mnist
from ..errors import RunError
from ..models.contract import INTERFACES, KEY, LINE_HEIGHT, LINE_STEP, LINES, PAGE_MULTIPLE
from ..models.session import Session
from ..training.made import TRAIN, VALIDATION, Maker
from ..training.pretrained import Pretrained
from ..training.recipe import Recipe
from ..training.samples import Figures, Samples
from ..training.tasks import samples
from .quantiser import Floats, quantised

OPSET = 20
CALIBRATED = 8  # training batches that set the ranges of eight bits
CHECKED = 2  # validation batches on which the file and PyTorch must agree
ALLOWED = 0.005  # what eight bits may cost of exact lines, or of the mean IoU of pages


@dataclass(frozen=True)
class Made:
    """The file of a network that reads lines or pages, and its figure on validation samples."""

    content: bytes
    precision: str
    difference: float  # the greatest between a probability in float32 and of PyTorch
    count: int  # of validation samples
    figure: str
    value: float  # of the file, on validation
    lost: float | None  # of it by eight bits; None where they were not asked for


class Logged(nn.Module):
    """A network of lines that gives logarithms of probabilities."""

    def __init__(self, network: nn.Module) -> None:
        super().__init__()
        self.network = network

    def forward(self, lines: Tensor) -> Tensor:
        """``(N, 1, 40, W)`` → ``(N, W / 4, C)``."""
        logged: Tensor = self.network(lines).log_softmax(2)
        return logged


class Classed(nn.Module):
    """A network of pages that gives probabilities."""

    def __init__(self, network: nn.Module) -> None:
        super().__init__()
        self.network = network

    def forward(self, pages: Tensor) -> Tensor:
        """``(N, 3, H, W)`` → ``(N, C, H / 2, W / 2)``."""
        shares: Tensor = self.network(pages).softmax(1)
        return shares


class _File(nn.Module):
    """An ONNX file in the place of a network, so that it is evaluated as one."""

    def __init__(self, content: bytes, task: str) -> None:
        super().__init__()
        self.session = Session(content, "the model", task)

    def forward(self, pictures: Tensor) -> Tensor:
        return torch.from_numpy(self.session.run(np.ascontiguousarray(pictures.numpy()))[0])


def convert(found: Pretrained, metadata: dict[str, str], eight_bits: bool) -> Made:
    """Return the file of a network that reads lines or pages.

    It is in eight bits if these are wanted and cost no more than `ALLOWED`.

    Raises
    ------
    InkdigitsError
        If PyTorch gives no file, or one that breaks the contract.
    """
    recipe, place = found.recipe, mnist.find()
    cpu = torch.device("cpu")
    graph = (Logged if recipe.task == LINES else Classed)(found.network()).eval()
    content, precision, lost = _file(graph, recipe.task, metadata), "float32", None
    validation = samples(Maker(recipe, VALIDATION, place), cpu)
    name, value = _evaluated(content, validation, recipe)
    difference = _difference(content, graph, validation, recipe)
    if eight_bits:
        batches = _some(samples(Maker(recipe, TRAIN, place), cpu), recipe, CALIBRATED)
        eight = _relabelled(quantised(content, batches, last=False))
        _, found_value = _evaluated(eight, validation, recipe)
        lost = value - found_value
        if lost <= ALLOWED:
            content, precision, value = eight, "int8", found_value
    return Made(content, precision, difference, len(validation), name, value, lost)


def _file(graph: nn.Module, task: str, metadata: dict[str, str]) -> bytes:
    many = torch.export.Dim("N", min=1, max=1 << 20)
    if task == LINES:
        wide = LINE_STEP * torch.export.Dim("steps", min=2, max=1 << 12)
        return to_onnx(graph, torch.rand(3, 1, LINE_HEIGHT, 96), {0: many, 3: wide}, metadata)
    sides = (PAGE_MULTIPLE * torch.export.Dim(name, min=1, max=1 << 10) for name in ("h", "w"))
    free = dict(zip((0, 2, 3), (many, *sides), strict=True))
    return to_onnx(graph, torch.rand(3, 3, 3 * PAGE_MULTIPLE, 2 * PAGE_MULTIPLE), free, metadata)


def to_onnx(
    graph: nn.Module, example: Tensor, free: Mapping[int, Any], metadata: dict[str, str]
) -> bytes:
    """Return an ONNX file whose input may have any size in the dimensions that are `free`.

    Names of input and outputs are those of the contract in `metadata`.

    Raises
    ------
    RunError
        If PyTorch gives none.
    """
    interface = INTERFACES[json.loads(metadata[KEY])["task"]]
    logging.getLogger("torch.onnx").setLevel(logging.ERROR)
    with warnings.catch_warnings():
        # The exporter warns of its own parts that are to change; the result is checked below.
        warnings.simplefilter("ignore")
        program = torch.onnx.export(
            graph,
            (example,),
            input_names=[interface.input],
            output_names=list(interface.outputs),
            dynamic_shapes=(dict(free),),
            opset_version=OPSET,
            dynamo=True,
            verbose=False,
        )
    if program is None:
        raise RunError("PyTorch wrote no ONNX file for this network.")
    model = program.model_proto
    for key, value in metadata.items():
        entry = model.metadata_props.add()
        entry.key, entry.value = key, value
    for node in model.graph.node:
        # Where in the source each step came from: of no use to whoever runs it.
        del node.metadata_props[:]
        node.doc_string = ""
    return bytes(model.SerializeToString())


def _evaluated(content: bytes, validation: Samples, recipe: Recipe) -> tuple[str, float]:
    """Return the name of the task's figure, and its value for the file."""
    file = _File(content, recipe.task)
    figures: Figures = validation.measure(file, recipe)[0]
    if figures.mean_iou is not None:
        return "mean IoU", figures.mean_iou
    return "exact lines", figures.accuracy


def _difference(content: bytes, graph: nn.Module, validation: Samples, recipe: Recipe) -> float:
    """Return the greatest difference between probabilities of the file and of PyTorch."""
    file, greatest = _File(content, recipe.task), 0.0
    for pictures in _some(validation, recipe, CHECKED):
        with torch.inference_mode():
            pair = [each(torch.from_numpy(pictures)) for each in (file, graph)]
        if recipe.task == LINES:
            pair = [logged.exp() for logged in pair]
        greatest = max(greatest, float((pair[0] - pair[1]).abs().max()))
    return greatest


def _some(of: Samples, recipe: Recipe, count: int) -> Iterator[Floats]:
    """Yield the pictures of the first batches."""
    for _, (pictures, _targets) in zip(range(count), of.epoch(recipe, 0), strict=False):
        yield np.ascontiguousarray(pictures.numpy())


def _relabelled(content: bytes) -> bytes:
    """Return a file whose metadata say that it is in eight bits."""
    import onnx

    model = onnx.load_from_string(content)
    for entry in model.metadata_props:
        if entry.key == "precision":
            entry.value = "int8"
    return bytes(model.SerializeToString())
