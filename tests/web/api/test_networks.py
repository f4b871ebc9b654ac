import asyncio
import base64
import json
import os
import shutil
import sys

import httpx
import numpy as np
import pytest
import torch
from safetensors.numpy import load

from inkdigits.inspection import attribution
from inkdigits.training import Run
from inkdigits.web.api import networks

from ..conftest import aside


@pytest.fixture
def runs(network_runs):
    """Return the runs of `start`."""
    return network_runs


@pytest.fixture
def client(start):
    with httpx.Client(base_url=start.url, timeout=30) as made:
        yield made


def tensors(answer):
    """Return what a safetensors answer holds, and what it says of it."""
    assert answer.status_code == 200, answer.text
    size = int.from_bytes(answer.content[:8], "little")
    told = json.loads(answer.content[8 : 8 + size])["__metadata__"]
    return load(answer.content), {name: json.loads(value) for name, value in told.items()}


@pytest.fixture
def digit(written):
    return written.images[0].tobytes()


def test_networks_are_the_shipped_one_and_every_run_that_has_weights(client, runs):
    found = {network["name"]: network for network in client.get("/api/networks").json()}
    members = [name for name in found if name.startswith("both")]
    assert members == [f"both+{number + 1}" for number in range(len(members))]
    assert set(found) == {"_shipped", "run0", "run1", *members}
    assert found["_shipped"]["classes"] == 12
    network = Run(runs / "run0").network()
    parameters = sum(part.numel() for part in network.parameters())
    assert found["run0"]["parameters"] == found["both+1"]["parameters"] == parameters
    assert found["run0"]["accuracy"] is None


def test_a_look_gives_what_the_network_computes(client, runs, digit):
    values, told = tensors(client.post("/api/networks/run0/look", content=digit))
    picture = torch.from_numpy(np.frombuffer(digit, np.uint8).copy()).reshape(1, 1, 28, 28) / 255
    with torch.inference_mode():
        logits = Run(runs / "run0").network()(picture)[0]
    assert told["logits"] == pytest.approx(logits.tolist(), abs=1e-6)
    assert told["probabilities"] == pytest.approx(logits.softmax(0).tolist(), abs=1e-6)
    assert np.allclose(values["input"] * 255, np.frombuffer(digit, np.uint8).reshape(28, 28))
    assert {str(layer["index"]) for layer in told["layers"]} | {"input"} == set(values)
    weights, named = tensors(client.get("/api/networks/run0/weights"))
    assert named["layers"] == told["layers"]
    last = len(told["layers"]) - 1
    linear = weights[f"{last}.weight"] @ values[str(last - 1)] + weights[f"{last}.bias"]
    assert np.allclose(linear, values[str(last)], atol=1e-5)


def test_the_shipped_network_says_how_far_its_file_is(client, digit):
    _, told = tensors(client.post("/api/networks/_shipped/look", content=digit))
    assert len(told["logits"]) == 12
    assert sum(told["probabilities"]) == pytest.approx(1)
    assert 0 <= told["several_symbols"] <= told["no_symbol"] <= 1
    assert told["difference"] < 0.03
    assert told["temperature"] != 1


def test_a_lone_file_has_no_network_to_look_into(site, small_file, runs, digit):
    with httpx.Client(base_url=site(runs=runs, recogniser=small_file).url, timeout=30) as client:
        found = [network["name"] for network in client.get("/api/networks").json()]
        assert "_shipped" not in found and "run0" in found
        look = client.post("/api/networks/_shipped/look", content=digit)
        assert look.status_code == 404
        assert "is an ONNX file without the weights" in look.json()["error"]


def test_why_gives_both_maps_and_says_what_they_are(client, digit):
    found, told = tensors(client.post("/api/networks/run0/why?digit=3", content=digit))
    assert {name: values.shape for name, values in found.items()} == {
        "occlusion": (28, 28),
        "gradients": (28, 28),
    }
    grown = told["gradients"]
    whole = grown["logit"] - grown["blank"]
    close = attribution.CLOSE * max(1, abs(whole))
    assert found["gradients"].sum() == pytest.approx(whole, abs=close)
    grey = client.post("/api/networks/run0/why?digit=3&cover=grey", content=digit)
    assert not np.array_equal(tensors(grey)[0]["occlusion"], found["occlusion"])


def test_members_of_an_ensemble_are_looked_into_one_by_one(client, runs, digit):
    _, told = tensors(client.post("/api/networks/both+1/look", content=digit))
    assert told["temperature"] == Run(runs / "both").recipe.network.options["temperatures"][0]
    whole = client.post("/api/networks/both/look", content=digit)
    assert whole.status_code == 404
    assert "networks: choose one of both+1" in whole.json()["error"]


def test_new_weights_are_seen(client, runs, digit):
    before = client.post("/api/networks/run0/look", content=digit).content
    for name in ("weights.safetensors", "last.safetensors"):
        shutil.copy(runs / "run1" / name, runs / "run0" / name)
        os.utime(runs / "run0" / name, ns=(1, 1))
    after = client.post("/api/networks/run0/look", content=digit)
    assert after.status_code == 200 and after.content != before


@pytest.mark.parametrize(
    ("name", "status", "sentence"),
    [
        ("nobody", 404, "There is no network 'nobody'"),
        ("..", 404, ""),
        ("..%2F..%2Fetc", 404, ""),
        ("_other", 404, "There is no network"),
        ("run0+1", 404, "run0 is no ensemble"),
        ("both+9", 404, "is an ensemble of"),
        ("empty", 422, "has no weights yet"),
    ],
)
def test_a_network_that_is_not_there_is_told(client, digit, name, status, sentence):
    answer = client.post(f"/api/networks/{name}/look", content=digit)
    assert answer.status_code == status
    assert sentence in answer.json()["error"]


def test_who_waits_to_ask_why_keeps_nobody_from_a_page(start, digit, monkeypatch):
    monkeypatch.setattr(start.server.config.app.app.state, "turns", asyncio.Semaphore(0))

    async def crowd():
        limits = httpx.Limits(max_connections=60)
        async with httpx.AsyncClient(base_url=start.url, timeout=30, limits=limits) as made:
            ask = "/api/networks/run0/why?digit=3"
            asked = [asyncio.create_task(made.post(ask, content=digit)) for _ in range(50)]
            page = await made.get("/guide")
            assert not any(task.done() for task in asked)
            return page, await asyncio.gather(*asked)

    monkeypatch.setattr(networks, "WAIT", 2.0)
    page, refused = aside(crowd())
    assert page.status_code == 200
    assert {answer.status_code for answer in refused} == {503}
    assert "Too many attributions" in refused[0].json()["error"]


@pytest.mark.parametrize("size", [0, 783, 785])
@pytest.mark.parametrize("what", ["look", "why?digit=1"])
def test_another_size_is_told(client, what, size):
    answer = client.post(f"/api/networks/run0/{what}", content=bytes(size))
    assert answer.status_code == 422
    assert f"784 bytes, one per pixel, and {size} were sent" in answer.json()["error"]


def test_a_class_is_a_digit(client, digit):
    answer = client.post("/api/networks/run0/why?digit=10", content=digit)
    assert answer.status_code == 422
    assert answer.json()["error"] == "run0 has no symbol 10: choose one from 0 to 9."


def test_test_digits_come_with_their_labels(client, written):
    found = client.get("/api/test-digits/5").json()
    assert (found["label"], found["count"]) == (written.labels[605], 200)
    assert base64.b64decode(found["pixels"]) == written.images[605].tobytes()
    beyond = client.get("/api/test-digits/200")
    assert beyond.status_code == 404
    assert beyond.json()["error"] == "There is no test digit 200: choose one from 0 to 199."
    assert client.get("/api/test-digits/-1").status_code == 404


def test_without_mnist_a_sentence_says_so(site):
    answer = httpx.get(f"{site().url}/api/test-digits/0", timeout=30)
    assert answer.status_code == 422
    assert "MNIST is not in" in answer.json()["error"]


def test_without_pytorch_it_says_what_to_install(site, monkeypatch):
    server = site()
    networks._of_bundle.cache_clear()
    for part in ("inspection", "training.pretrained", "training.weights"):
        monkeypatch.setitem(sys.modules, f"inkdigits.{part}", None)
    for path in ("/api/networks", "/api/networks/_shipped/weights"):
        answer = httpx.get(server.url + path, timeout=30)
        assert answer.status_code == 501
        assert 'pip install ".[lab]"' in answer.json()["error"]
