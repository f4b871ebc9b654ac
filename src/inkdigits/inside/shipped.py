"""Recognisers opened up: from the graph of an .onnx file to an equal chain of plain layers.

Whether it reckons in float32 or in eight bits; weights of eight bits are multiplied out. What flows
between layers is not rounded here, so answers differ by as much as that rounding is worth.
"""

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import numpy.typing as npt
import onnx
import torch
from onnx import ModelProto, NodeProto, numpy_helper
from torch import nn

from ..errors import RecogniserError
from ..networks import Normalise
from ..networks.compact import Row

Array = npt.NDArray[Any]

ROW = (0, 2, 3, 1)  # the order of dimensions of `Row`
MAPS = {(2, 3), (-2, -1)}  # the dimensions of a map


def unpack(content: bytes, name: str) -> tuple[nn.Sequential, float]:
    """Return the network in a recogniser, and its temperature.

    Parameters
    ----------
    content
        Of an .onnx file that `inkdigits export` wrote, in float32 or in eight bits.
    name
        What to call it in a sentence.

    Returns
    -------
    tuple
        Plain layers that take pictures ``(N, 1, 28, 28)``, framed already, to logits, or to
        probabilities if the network that was exported ends in a softmax; and what the logits are
        divided by.

    Raises
    ------
    RecogniserError
        If it is no recogniser, or if its network is no chain, as an ensemble is none.
    """
    try:
        model = onnx.load_from_string(content)
    except Exception as error:  # what protobuf raises has no base but this
        raise RecogniserError(
            f"{name} is no ONNX file: make one with `inkdigits export`."
        ) from error
    try:
        return _Chain(model, name).network()
    except (IndexError, KeyError, RuntimeError, TypeError, ValueError) as error:
        raise RecogniserError(
            f"{name} is no recogniser that can be looked into: make one with `inkdigits export`."
        ) from error


class _Chain:
    """The graph from the framed picture to the softmax, one node after the other."""

    def __init__(self, model: ModelProto, name: str) -> None:
        self.name = name
        self.nodes = list(model.graph.node)
        self.made_by = {output: node for node in self.nodes for output in node.output}
        self.constants: dict[str, Array] = {
            tensor.name: numpy_helper.to_array(tensor) for tensor in model.graph.initializer
        }
        for node in self.nodes:
            if node.op_type == "DequantizeLinear" and node.input[0] in self.constants:
                self.constants[node.output[0]] = self._multiplied_out(node)

    def network(self) -> tuple[nn.Sequential, float]:
        """Return the layers, and the temperature."""
        layers: list[nn.Module] = []
        mean, std, temperature = 0.0, 1.0, 1.0
        for node in self._walk():
            if node.op_type == "Sub":
                mean = float(self.constants[node.input[1]])
            elif node.op_type == "Div" and not layers:
                std = float(self.constants[node.input[1]])
            elif node.op_type == "Div":
                temperature = float(self.constants[node.input[1]])
            elif node.op_type in LAYERS:
                layers += LAYERS[node.op_type](self, node, layers)
            elif node.op_type not in PASSED:
                raise self._foreign(f"a step {node.op_type}")
        if not isinstance(layers[-1], nn.Softmax):
            raise self._foreign("no softmax at its end")
        if (mean, std) != (0.0, 1.0):
            layers.insert(0, Normalise(mean, std))
        # The last softmax belongs to the recogniser; one before it to the network.
        return nn.Sequential(*layers[:-1]).eval().requires_grad_(False), temperature

    def _walk(self) -> Iterator[NodeProto]:
        """Follow the picture that the network sees, up to the softmax behind which shares are."""
        value = self.made_by["seen"].input[0]
        while True:
            ahead = [node for node in self.nodes if node.input[:1] == [value]]
            ahead = [node for node in ahead if "seen" not in node.output]
            if len(ahead) != 1:
                raise self._foreign("several networks side by side")
            yield ahead[0]
            value = ahead[0].output[0]
            if ahead[0].op_type == "Softmax" and not self._goes_on(value):
                return

    def _goes_on(self, value: str) -> bool:
        """Whether the logarithm of a softmax is taken: then it is the network's own."""
        kinds = [node.op_type for node in self.nodes if node.input[:1] == [value]]
        return kinds in (["Clip"], ["Log"])

    def _multiplied_out(self, node: NodeProto) -> Array:
        values, scale, *zero = (self.constants[name] for name in node.input)
        whole = values.astype(np.float32)
        if zero:
            whole -= _along(zero[0].astype(np.float32), whole, _attribute(node, "axis", 1))
        return whole * _along(scale, whole, _attribute(node, "axis", 1))

    def _foreign(self, has: str) -> RecogniserError:
        return RecogniserError(
            f"{self.name} has {has}, and cannot be looked into: look into the run that it was "
            "exported from."
        )


def _along(values: Array, like: Array, axis: int) -> Array:
    """Return one value a channel so that it multiplies `like` along `axis`."""
    if values.ndim == 0:
        return values
    return values.reshape([-1 if at == axis % like.ndim else 1 for at in range(like.ndim)])


def _attribute(node: NodeProto, name: str, otherwise: Any) -> Any:
    found = [one for one in node.attribute if one.name == name]
    return onnx.helper.get_attribute_value(found[0]) if found else otherwise


def _tensor(chain: _Chain, node: NodeProto, place: int) -> torch.Tensor | None:
    if place >= len(node.input) or not node.input[place]:
        return None
    return torch.from_numpy(np.array(chain.constants[node.input[place]], np.float32))


def _window(node: NodeProto) -> tuple[int, int, int]:
    """Return kernel, stride and padding; ONNX has two of each, and four paddings."""
    kernel = set(_attribute(node, "kernel_shape", [1]))
    stride = set(_attribute(node, "strides", [1]))
    padding = set(_attribute(node, "pads", [0]))
    (one,), (step,), (edge,) = kernel, stride, padding
    return one, step, edge


def _convolution(chain: _Chain, node: NodeProto, __: list[nn.Module]) -> list[nn.Module]:
    weight, bias = _tensor(chain, node, 1), _tensor(chain, node, 2)
    if weight is None or _attribute(node, "group", 1) != 1:
        raise ValueError("a convolution without weights, or in groups")
    (wide, deep, side, _), (_, stride, padding) = weight.shape, _window(node)
    layer = nn.Conv2d(deep, wide, side, stride, padding, bias=bias is not None)
    return [_filled(layer, weight=weight, bias=bias)]


def _linear(chain: _Chain, node: NodeProto, _: list[nn.Module]) -> list[nn.Module]:
    weight, bias = _tensor(chain, node, 1), _tensor(chain, node, 2)
    if weight is None:
        raise ValueError("a linear layer without weights")
    if not _attribute(node, "transB", 0):
        weight = weight.T
    layer = nn.Linear(weight.shape[1], weight.shape[0], bias=bias is not None)
    return [_filled(layer, weight=weight, bias=bias)]


def _batch_norm(chain: _Chain, node: NodeProto, _: list[nn.Module]) -> list[nn.Module]:
    names = ("weight", "bias", "running_mean", "running_var")
    found = {name: _tensor(chain, node, place) for place, name in enumerate(names, start=1)}
    epsilon = float(_attribute(node, "epsilon", 1e-5))
    width = len(chain.constants[node.input[1]])
    return [_filled(nn.BatchNorm2d(width, epsilon), **found)]


def _filled(layer: nn.Module, **tensors: torch.Tensor | None) -> nn.Module:
    given = {name: tensor for name, tensor in tensors.items() if tensor is not None}
    layer.load_state_dict(given, strict=False)
    return layer


def _rounding(chain: _Chain, node: NodeProto, before: list[nn.Module]) -> list[nn.Module]:
    # Eight bits that begin at zero leave nothing below it: a ReLU that the quantiser took in.
    zero = chain.constants[node.input[2]]
    begins_at_zero = int(zero) == np.iinfo(zero.dtype).min
    return [nn.ReLU()] if begins_at_zero and isinstance(before[-1], SIGNED) else []


def _greatest(chain: _Chain, node: NodeProto, _: list[nn.Module]) -> list[nn.Module]:
    axes = tuple(int(axis) for axis in chain.constants[node.input[1]])
    if axes not in MAPS:
        raise ValueError("the greatest of something else than a map")
    kept = _attribute(node, "keepdims", 1)
    return [nn.AdaptiveMaxPool2d(1), *([] if kept else [nn.Flatten()])]


def _turned(_: _Chain, node: NodeProto, __: list[nn.Module]) -> list[nn.Module]:
    if tuple(_attribute(node, "perm", ())) != ROW:
        raise ValueError("another order of dimensions than a row's")
    return [Row()]


def _flat(_: _Chain, __: NodeProto, before: list[nn.Module]) -> list[nn.Module]:
    return [] if before and isinstance(before[-1], Row) else [nn.Flatten()]


SIGNED = (nn.Conv2d, nn.BatchNorm2d)  # what gives values below 0
PASSED = ("DequantizeLinear", "Identity", "Dropout", "Clip", "Log")
LAYERS: dict[str, Callable[[_Chain, NodeProto, list[nn.Module]], list[nn.Module]]] = {
    "BatchNormalization": _batch_norm,
    "Conv": _convolution,
    "Flatten": _flat,
    "Gemm": _linear,
    "MaxPool": lambda _, node, __: [nn.MaxPool2d(*_window(node))],
    "QuantizeLinear": _rounding,
    "ReduceMax": _greatest,
    "Relu": lambda *_: [nn.ReLU()],
    "Reshape": _flat,
    "Softmax": lambda *_: [nn.Softmax(1)],
    "Transpose": _turned,
}
