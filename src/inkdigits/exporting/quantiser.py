"""Eight bits in place of thirty-two: a smaller, faster recogniser with nearly the same output.

Static, with a scale a channel for weights and one a map for what flows between (Jacob et al. 2018);
the ranges are those that training samples give.
"""

import logging
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float32]

STEPS = ("Conv", "MaxPool", "Relu")


def quantised(content: bytes, batches: Iterable[Floats], *, last: bool = True) -> bytes:
    """Return a model whose convolutions take and give eight bits.

    Framing, linear layers and convolutions of one channel stay as they are: with so little to add
    up, eight bits are slower there than float32.

    Parameters
    ----------
    content
        Of the .onnx file of a model in float32.
    batches
        Inputs as the model takes them, that set the ranges.
    last
        Whether the last convolution takes and gives eight bits, too; what it gives is rounded.

    Raises
    ------
    ValueError
        If there is no convolution of more than one channel.
    """
    import onnx
    from onnxruntime.quantization import CalibrationDataReader, QuantType, quantize_static

    graph = onnx.load_from_string(content).graph
    taken = graph.input[0].name

    class Reader(CalibrationDataReader):  # type: ignore[misc]
        parts = iter(batches)

        def get_next(self) -> dict[str, Floats] | None:
            part = next(self.parts, None)
            return None if part is None else {taken: part}

    convolutions = [node for node in graph.node if node.op_type == "Conv"]
    across = {weight.name: weight.dims[1] for weight in graph.initializer if len(weight.dims) == 4}
    alone = [node.name for node in convolutions if across.get(node.input[1], 1) == 1]
    if not last:
        alone += [node.name for node in convolutions[-1:] if node.name not in alone]
    if len(alone) == len(convolutions):
        raise ValueError("no convolution to quantise")
    with tempfile.TemporaryDirectory() as folder, _silent():
        full, eight = Path(folder) / "float32.onnx", Path(folder) / "int8.onnx"
        full.write_bytes(content)
        quantize_static(
            full,
            eight,
            Reader(),
            op_types_to_quantize=list(STEPS),
            nodes_to_exclude=alone,
            per_channel=True,
            activation_type=QuantType.QUInt8,
            weight_type=QuantType.QInt8,
        )
        return eight.read_bytes()


@contextmanager
def _silent() -> Iterator[None]:
    """Silence the quantiser's advice, which the export has followed already."""
    before = logging.root.manager.disable
    logging.disable(logging.WARNING)
    try:
        yield
    finally:
        logging.disable(before)
