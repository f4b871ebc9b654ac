"""Tiny stand-ins: a few digits, a folder that holds them as MNIST, a network of no size."""

import gzip
import hashlib
import os
from dataclasses import replace
from pathlib import Path

import numpy as np
import onnx
import onnx.parser
import pytest
import torch
from hypothesis import settings

from inkdigits.alphabet import DIGITS_OR_REJECT
from inkdigits.data import mnist, synthetic
from inkdigits.data.digits import Digits
from inkdigits.data.published import File
from inkdigits.models.contract import Contract
from inkdigits.training.recipe import Recipe

# How long an example takes says more of what else the machine does than of what is tested.
settings.register_profile("inkdigits", deadline=None)
settings.load_profile("inkdigits")

TRAIN, TEST = 600, 200
GRAPH = """<ir_version: 10, opset_import: ["": 20]>
tiny (float[N,1,H,W] ink) =>
    (float[N,10] probabilities, float[N] no_symbol, float[N] several_symbols,
     float[N,28,28] network_input)
<int64[2] pixels = {2, 3}, int64[1] one = {1}, int64[2] size = {28, 28}> {
    lines = Conv<pads = [1, 1, 1, 1]>(ink, first)
    positive = Relu(lines)
    maps = Conv(positive, second)
    logits = ReduceMax<keepdims = 0>(maps, pixels)
    probabilities = Softmax(logits)
    no_symbol = ReduceMin<keepdims = 0>(probabilities, one)
    several_symbols = Identity(no_symbol)
    framed = Resize<axes = [2, 3], mode = "linear">(ink, , , size)
    network_input = Squeeze(framed, one)
}"""
REAL_MNIST = os.environ.get("INKDIGITS_DATA")


@pytest.fixture(autouse=True)
def _alone(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Every test works in a folder of its own, finds no digits by accident, and no network."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("INKDIGITS_DATA", raising=False)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setattr(mnist, "MNIST", replace(mnist.MNIST, mirrors=("http://127.0.0.1:9/",)))


@pytest.fixture(scope="session")
def written() -> Digits:
    """Enough pen digits for a tiny MNIST."""
    return synthetic.write(TRAIN + TEST, seed=7)


@pytest.fixture
def small_mnist(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, written: Digits) -> Path:
    """Return a folder with four files like MNIST's, of 600 and 200 digits, that verify."""
    folder = tmp_path / "mnist"
    folder.mkdir()
    values = [
        part for digits in (written[:TRAIN], written[TRAIN:])
        for part in (digits.images, digits.labels.astype(np.uint8))
    ]  # fmt: skip
    files = []
    for known, array in zip(mnist.MNIST.files, values, strict=True):
        content = idx(array)
        packed = gzip.compress(content, mtime=0)
        (folder / f"{known.name}.gz").write_bytes(packed)
        sums = hashlib.sha256(packed).hexdigest(), hashlib.sha256(content).hexdigest()
        files.append(File(known.name, f"sha256:{sums[0]}", array.shape, sums[1]))
    monkeypatch.setattr(mnist, "MNIST", replace(mnist.MNIST, files=tuple(files)))
    return folder


@pytest.fixture
def tiny() -> Recipe:
    """Return a recipe that trains in a blink, with everything that draws at random."""
    return Recipe("tiny").with_settings(
        {
            "network.name": "compact",
            "network.options": {"stages": [[4], [8]], "head": "flatten", "first_stride": 2},
            "optimiser.name": "adamw",
            "optimiser.rate": 0.01,
            "schedule.name": "one-cycle",
            "schedule.warmup": 0.3,
            "augmentation.shift": 1.0,
            "augmentation.elastic": 0.5,
            "training.epochs": 3,
            "training.batch_size": 64,
            "training.averaging": 0.9,
            "training.label_smoothing": 0.05,
        }
    )


@pytest.fixture
def small_file(tmp_path: Path) -> Path:
    """Return a recogniser of no size; it needs no export, which takes seconds."""
    model = onnx.parser.parse_model(GRAPH)
    for number, node in enumerate(model.graph.node):
        node.name = f"node {number}"
    random = np.random.default_rng(0)
    for name, shape in (("first", (4, 1, 3, 3)), ("second", (10, 4, 3, 3))):
        weight = random.normal(size=shape).astype(np.float32) / 3
        model.graph.initializer.append(onnx.numpy_helper.from_array(weight, name))
    onnx.helper.set_model_props(model, Contract(DIGITS_OR_REJECT).to_metadata())
    path = tmp_path / "small.onnx"
    onnx.save(model, path)
    return path


@pytest.fixture(scope="session")
def real_mnist() -> Path:
    """Return the folder of the real MNIST, or skip, saying so."""
    place = mnist.find(Path(REAL_MNIST)) if REAL_MNIST else None
    if place is None:
        missing = "needs the real MNIST: set INKDIGITS_DATA to its folder"
        if os.environ.get("INKDIGITS_REQUIRE_DATA"):
            pytest.fail(missing)
        pytest.skip(missing)
    return place


class Constant(torch.nn.Module):
    """A network that always gives the same outputs, favouring one class."""

    def __init__(self, favoured: int = 0, by: float = 0.0) -> None:
        super().__init__()
        self.outputs = torch.zeros(10)
        self.outputs[favoured] = by

    def forward(self, images: torch.Tensor) -> torch.Tensor:
        return self.outputs.expand(len(images), 10)


def idx(values: np.ndarray) -> bytes:
    """Return an array of bytes as an IDX file."""
    header = (0x0800 + values.ndim).to_bytes(4, "big")
    return header + np.array(values.shape, ">u4").tobytes() + values.tobytes()
