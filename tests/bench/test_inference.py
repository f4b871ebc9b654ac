import json

import numpy as np
import onnx
import onnx.parser
import pytest

from inkdigits.bench import engines, inference
from inkdigits.bench.engines import Job
from inkdigits.bench.inference import Network
from inkdigits.errors import InkdigitsError
from inkdigits.reading.recogniser import Recogniser
from inkdigits.training import Run

GRAPH = """<ir_version: 10, opset_import: ["": 20]>
tiny (float[N,1,H,W] ink) =>
    (float[N,10] probabilities, float[N] no_digit, float[N] several, float[N,H,W] seen)
<int64[2] pixels = {2, 3}, int64[1] one = {1}> {
    lines = Conv<pads = [1, 1, 1, 1]>(ink, first)
    positive = Relu(lines)
    maps = Conv(positive, second)
    logits = ReduceMax<keepdims = 0>(maps, pixels)
    probabilities = Softmax(logits)
    no_digit = ReduceMin<keepdims = 0>(probabilities, one)
    several = Identity(no_digit)
    seen = Squeeze(ink, one)
}"""


@pytest.fixture
def network(tiny, tmp_path) -> Network:
    """Return a network of no size in both forms; the file needs no export, which takes seconds."""
    model = onnx.parser.parse_model(GRAPH)
    for number, node in enumerate(model.graph.node):
        node.name = f"node {number}"
    random = np.random.default_rng(0)
    for name, shape in (("first", (4, 1, 3, 3)), ("second", (10, 4, 3, 3))):
        weight = random.normal(size=shape).astype(np.float32) / 3
        model.graph.initializer.append(onnx.numpy_helper.from_array(weight, name))
    file = tmp_path / "tiny.onnx"
    onnx.save(model, file)
    return Network("tiny", file, tiny)


def job(network: Network, engine: str) -> Job:
    return Job(engine, 1, str(network.file), network.recipe.dump(), (1, 3), 2, 0.001)


def test_engines_answer_and_eight_bits_stay_near(network, written):
    for engine in ("onnxruntime", "pytorch", "pytorch-bfloat16"):
        rows = engines.measure(job(network, engine))
        assert [row["batch"] for row in rows] == [1, 3]
        for row in rows:
            assert len(row["milliseconds"]) == len(row["digits_per_second"]) == 2
            one, rate = row["milliseconds"][0], row["digits_per_second"][0]
            assert one * rate == pytest.approx(1000 * row["batch"])
            assert row["memory_mb"] >= 0
    ink = inference.ink(written[:100])
    eight = Recogniser.from_bytes(inference.quantised(network.file, ink), "int8").read(ink)
    full = Recogniser.load(network.file).read(ink)
    assert 0 < np.abs(eight.probabilities - full.probabilities).max() < 0.2


def test_a_job_survives_the_way_to_its_process(network):
    assert Job.parse(job(network, "pytorch").dump()) == job(network, "pytorch")


def test_an_engine_that_fails_says_why(network):
    with pytest.raises(InkdigitsError, match="it failed: KeyError: 'abacus'"):
        inference.in_process(job(network, "abacus"))


def test_figures_hold_every_engine_or_the_reason_why_not(
    network, small_mnist, tmp_path, monkeypatch
):
    asked = []

    def answered(job):
        asked.append((job.engine, job.threads))
        if job.engine == "pytorch":
            raise InkdigitsError("it failed: no luck")
        one = {"milliseconds": [1.0, 3.0, 2.0], "digits_per_second": [9.0, 3.0, 6.0]}
        return [{"batch": batch, "memory_mb": 5.0, **one} for batch in job.batches]

    monkeypatch.setattr(inference, "in_process", answered)
    monkeypatch.setattr(inference, "processors", lambda: 2)
    monkeypatch.setattr(inference, "has_bfloat16", lambda: False)
    monkeypatch.setattr(inference, "COMPILERS", ())
    monkeypatch.setattr(inference, "shipped", lambda: network)
    monkeypatch.setattr(inference, "small", lambda *_: Network("small", *_both(network)))
    found = json.loads(inference.measure(tmp_path / "out", small_mnist).read_text())
    assert ("onnxruntime", 1) in asked
    assert ("onnxruntime-int8", 2) in asked
    assert len(found["rows"]) == 2 * 2 * 2 * 3  # networks, engines, threads, batches
    row = found["rows"][0]
    assert row["parameters"] == network.parameters
    assert row["milliseconds"] == {"mean": 2.0, "median": 2.0, "low": 1.0, "high": 3.0}
    assert (row["n"], row["memory_mb"]) == (3, 5.0)
    assert {one["what"]: one["why"] for one in found["skipped"]} == {
        f"{name}: {engine}": why
        for name in ("tiny", "small")
        for engine, why in {
            "pytorch": "it failed: no luck",
            "pytorch-bfloat16": "this processor has no products of bfloat16",
            "pytorch-compiled": "there is no C++ compiler",
        }.items()
    }
    assert [(one["network"], one["engine"]) for one in found["accuracy"]] == [
        (name, engine) for name in ("tiny", "small") for engine in ("onnxruntime", engines.INT8)
    ]
    assert all(one["n"] == 50 for one in found["accuracy"])


def _both(network: Network):
    return network.file, network.recipe


def test_the_small_network_is_trained_now(network, tiny, tmp_path, monkeypatch):
    trained = []

    def train(recipe, *, runs, **_):
        trained.append(recipe)
        return Run.create(tiny, "new", runs)

    monkeypatch.setattr(Network, "path", property(lambda self: self.file), raising=False)
    monkeypatch.setattr(inference, "export", lambda *_, **__: network)  # it has the path of a file
    monkeypatch.setattr(inference, "train", train)
    assert inference.small(tmp_path, None).recipe == tiny
    assert trained == [inference.SMALL]


def test_the_shipped_recogniser_is_known_by_its_card():
    assert inference.shipped().parameters > 100_000
