import json
from dataclasses import replace

import pytest

from benchmarks.laboratory import backends, inference
from benchmarks.laboratory.backends import Job
from benchmarks.laboratory.inference import Network
from inkdigits.errors import InkdigitsError
from inkdigits.exporting.export import Export
from inkdigits.models.bundle import SHIPPED, Bundle
from inkdigits.training import Run


@pytest.fixture
def network(tiny, small_file) -> Network:
    """Return a network of no size in both forms."""
    return Network("tiny", {"onnxruntime": small_file}, tiny)


def job(network: Network, backend: str) -> Job:
    return Job(
        backend, 1, str(network.files["onnxruntime"]), network.recipe.dump(), (1, 3), 2, 0.001
    )


def test_backends_answer(network):
    for backend in ("onnxruntime", "pytorch", "pytorch-bfloat16"):
        rows = backends.measure(job(network, backend))
        assert [row["batch"] for row in rows] == [1, 3]
        for row in rows:
            assert len(row["milliseconds"]) == len(row["digits_per_second"]) == 2
            one, rate = row["milliseconds"][0], row["digits_per_second"][0]
            assert one * rate == pytest.approx(1000 * row["batch"])
            assert row["memory_mb"] >= 0


def test_a_job_survives_the_way_to_its_process(network):
    assert Job.parse(job(network, "pytorch").dump()) == job(network, "pytorch")


def test_a_backend_that_fails_says_why(network):
    with pytest.raises(InkdigitsError, match="it failed: KeyError: 'abacus'"):
        inference.in_process(job(network, "abacus"))


def test_figures_hold_every_backend_or_the_reason_why_not(network, tmp_path, monkeypatch):
    asked = []

    def answered(job):
        asked.append((job.backend, job.threads))
        if job.backend == "pytorch":
            raise InkdigitsError("it failed: no luck")
        one = {"milliseconds": [1.0, 3.0, 2.0], "digits_per_second": [9.0, 3.0, 6.0]}
        return [{"batch": batch, "memory_mb": 5.0, **one} for batch in job.batches]

    monkeypatch.setattr(inference, "in_process", answered)
    monkeypatch.setattr(inference, "processors", lambda: 2)
    monkeypatch.setattr(inference, "has_bfloat16", lambda: False)
    monkeypatch.setattr(inference, "COMPILERS", ())
    monkeypatch.setattr(inference, "shipped", lambda: network)
    cost = {"network": "small", "lost": 0.0002, "n": 50}
    both = dict.fromkeys(("onnxruntime", backends.INT8), network.files["onnxruntime"])
    small = Network("small", both, network.recipe, cost)
    monkeypatch.setattr(inference, "small", lambda *_: small)
    found = json.loads(inference.measure(tmp_path / "out").read_text())
    assert ("onnxruntime", 1) in asked
    assert ("onnxruntime-int8", 2) in asked
    assert len(found["rows"]) == (1 + 2) * 2 * 3  # backends of both networks, threads, batches
    row = found["rows"][0]
    assert row["parameters"] == network.parameters
    assert row["milliseconds"] == {"mean": 2.0, "median": 2.0, "low": 1.0, "high": 3.0}
    assert (row["n"], row["memory_mb"]) == (3, 5.0)
    assert {one["what"]: one["why"] for one in found["skipped"]} == {
        f"{name}: {backend}": why
        for name in ("tiny", "small")
        for backend, why in {
            "pytorch": "it failed: no luck",
            "pytorch-bfloat16": "this processor has no products of bfloat16",
            "pytorch-compiled": "there is no C++ compiler",
        }.items()
    }
    assert found["eight_bits"] == [cost]


def test_the_small_network_is_trained_now(tiny, tmp_path, monkeypatch):
    trained = []

    def train(recipe, *, runs, **_):
        trained.append(recipe)
        return Run.create(tiny, "new", runs)

    def export(_, path, eight_bits=False, **__):
        bundle = replace(Bundle.open(SHIPPED), folder=path)
        return Export(
            bundle=bundle,
            size=9,
            difference=0.0,
            count=50,
            temperature=1.0,
            error_before=0.1,
            error=0.1,
            lost=0.0002 if eight_bits else None,
        )

    monkeypatch.setattr(inference, "export_symbols", export)
    monkeypatch.setattr(inference, "train", train)
    small = inference.small(tmp_path, None)
    assert small.recipe == tiny
    assert len(set(small.files.values())) == 2
    assert small.cost == {"network": inference.SMALL, "lost": 0.0002, "n": 50}
    assert trained == [inference.SMALL]


def test_the_shipped_recogniser_is_known_by_its_card():
    assert inference.shipped().parameters > 100_000
