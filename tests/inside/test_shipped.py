from importlib import import_module

import numpy as np
import onnx
import pytest
import torch

from inkdigits.errors import RecogniserError
from inkdigits.inside import layers, unpack
from inkdigits.inside.trace import shares
from inkdigits.quantiser import quantised
from inkdigits.recognition.recogniser import SHIPPED, Recogniser
from inkdigits.training.recipe import Recipe

from .conftest import awake

export = import_module("inkdigits.exporter")  # the package has a function of this name
ROUNDED = 0.03  # what eight bits may change in a probability
TWO = """<ir_version: 10, opset_import: ["": 20]>
two (float[N,1,H,W] ink) => (float[N,1,H,W] probabilities, float[N,H,W] seen)
<int64[1] one = {1}> {
    first = Relu(ink)
    second = Neg(ink)
    both = Add(first, second)
    probabilities = Softmax(both)
    seen = Squeeze(ink, one)
}"""


def apart(content: bytes, images: np.ndarray) -> float:
    """Return the greatest difference between a file's probabilities and those of its layers."""
    network, temperature = unpack(content, "it")
    answers = Recogniser.from_bytes(content, "it", threads=1).read(images.astype(np.float32) / 255)
    with torch.inference_mode():
        outputs = network(torch.from_numpy(answers.seen)[:, None])
    if layers(network)[-1].kind == "softmax":
        outputs = outputs.log()
    found = [shares(row, temperature) for row in outputs]
    if outputs.shape[1] > 10:
        refused = [none for _, none, _ in found]
        assert np.abs(np.array(refused) - answers.no_digit).max() < ROUNDED
    return float(
        np.abs(np.stack([row.numpy() for row, _, _ in found]) - answers.probabilities).max()
    )


def test_the_shipped_recogniser_answers_as_its_file_does(written):
    content = SHIPPED.read_bytes()
    assert apart(content, written.images[:60]) < ROUNDED
    network, temperature = unpack(content, "it")
    card = Recogniser.load(threads=1).card
    assert temperature == pytest.approx(float(card["temperature"]), abs=1e-4)
    trained = [layer.kind for layer in layers(awake(Recipe.load(card["recipe"]).network))]
    found = [layer.kind for layer in layers(network)]
    # Where nothing stands between them, the export folds batch normalisation into convolutions.
    assert [kind for kind in found if kind != "batch-norm"] == [
        kind for kind in trained if kind != "batch-norm"
    ]


def test_an_exported_network_with_a_softmax_of_its_own_comes_back(digits):
    network = awake(Recipe.load("spatial-dropout-published").network)
    content = export._to_onnx(export.Graph(network, 1.3).eval(), {})
    assert apart(content, digits) < 1e-5


def test_a_recogniser_in_eight_bits_comes_back(small_file, digits):
    full = small_file.read_bytes()
    assert apart(full, digits) < 1e-5
    eight = quantised(full, digits.astype(np.float32) / 255)
    assert apart(eight, digits) < ROUNDED
    assert [layer.kind for layer in layers(unpack(eight, "it")[0])] == [
        "conv",
        "relu",
        "conv",
        "global-max-pool",
        "flatten",
    ]


@pytest.mark.parametrize("content", [b"", b"no graph at all", SHIPPED.read_bytes()[:-1000]])
def test_what_is_no_recogniser_is_said(content):
    with pytest.raises(RecogniserError, match="inkdigits export"):
        unpack(content, "x.onnx")


def test_networks_side_by_side_are_refused():
    content = onnx.parser.parse_model(TWO).SerializeToString()
    with pytest.raises(RecogniserError, match="several networks side by side"):
        unpack(content, "x.onnx")
