import asyncio
import base64
import json
import os
import shutil
import sys
from pathlib import Path

import httpx
import numpy as np
import pytest
import torch
from safetensors.numpy import load

from inkdigits import training
from inkdigits.evaluation.ensemble import ensemble
from inkdigits.inside import attribution, trace
from inkdigits.training import Run
from inkdigits.web.api import networks

from ..conftest import PHONE, aside, overflows, serious


@pytest.fixture(scope="session")
def kept(tmp_path_factory):
    """Return where runs stay that are trained once for all tests here."""
    return tmp_path_factory.mktemp("inside") / "runs"


@pytest.fixture
def runs(kept, small_mnist, tiny, tmp_path):
    """Return a folder with two runs, an ensemble of them, and one that has no weights."""
    if not kept.exists():
        given = {"runs": kept, "data": small_mnist}
        for seed in (0, 1):
            training.train(tiny, name=f"run{seed}", epochs=1, seed=seed, progress=False, **given)
        ensemble("run0", "run1", name="both", **given)
        Run.create(tiny, "empty", kept)
    return Path(shutil.copytree(kept, tmp_path / "runs"))


@pytest.fixture
def start(site, runs, small_mnist):
    return site(runs=runs, data=small_mnist)


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
    assert 0 <= told["several"] <= told["no_digit"] <= 1
    assert told["difference"] < 0.03
    assert told["temperature"] != 1


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
    assert "side by side: look into one of both+1" in whole.json()["error"]


def test_new_weights_are_seen(client, runs, digit):
    before = client.post("/api/networks/run0/look", content=digit).content
    path = runs / "run0" / "best.safetensors"
    shutil.copy(runs / "run1" / path.name, path)
    os.utime(path, ns=(1, 1))
    assert client.post("/api/networks/run0/look", content=digit).content != before


@pytest.mark.parametrize(
    ("name", "status", "sentence"),
    [
        ("nobody", 404, "There is no network 'nobody'"),
        ("..", 404, ""),
        ("..%2F..%2Fetc", 404, ""),
        ("_other", 404, "There is no network"),
        ("run0+1", 404, "run0 is one network"),
        ("both+9", 404, "side by side"),
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
    assert "Too many ask" in refused[0].json()["error"]


@pytest.mark.parametrize("size", [0, 783, 785])
@pytest.mark.parametrize("what", ["look", "why?digit=1"])
def test_another_size_is_told(client, what, size):
    answer = client.post(f"/api/networks/run0/{what}", content=bytes(size))
    assert answer.status_code == 422
    assert f"784 bytes, a byte a pixel, and {size} came" in answer.json()["error"]


def test_a_class_is_a_digit(client, digit):
    answer = client.post("/api/networks/run0/why?digit=10", content=digit)
    assert answer.status_code == 422
    assert answer.json()["error"].startswith("digit: ")


def test_test_digits_come_with_their_labels(client, written):
    found = client.get("/api/test-digits/5").json()
    assert (found["label"], found["count"]) == (written.labels[605], 200)
    assert base64.b64decode(found["pixels"]) == written.images[605].tobytes()
    beyond = client.get("/api/test-digits/200")
    assert beyond.status_code == 404
    assert beyond.json()["error"] == "There is no test digit 200: choose one from 0 to 199."
    assert client.get("/api/test-digits/-1").status_code == 404


def test_without_mnist_a_sentence_says_so(site, tmp_path):
    answer = httpx.get(f"{site(data=tmp_path).url}/api/test-digits/0", timeout=30)
    assert answer.status_code == 422
    assert "MNIST is not in" in answer.json()["error"]


def test_without_pytorch_it_says_what_to_install(site, monkeypatch):
    server = site()
    monkeypatch.setitem(sys.modules, "inkdigits.inside", None)
    for path in ("/api/networks", "/api/networks/_shipped/weights"):
        answer = httpx.get(server.url + path, timeout=30)
        assert answer.status_code == 501
        assert "pip install 'inkdigits[lab]'" in answer.json()["error"]


# The page

FIRST = """() =>
  /^(Map 1|Row 1|Value 1|Digit 0)[,:]/.test(document.querySelector(".unit h3").textContent)"""
READY = "count => document.querySelectorAll('.view[data-ready=true]').length === count"


def opened(page, site, query="network=run0", count=1):
    page.goto(f"{site.url}/inside?{query}")
    page.wait_for_function(READY, arg=count)


def choice(page, label):
    return page.get_by_role("combobox", name=label)


def chosen(page, name):
    """Choose a layer whose name begins so, and return its number among them all."""
    page.locator(".layer", has=page.get_by_text(name)).first.click()
    return page.locator(".stage").first


def is_reckoned(stage):
    """Whether the sum that the browser finds is the value in the network."""
    says = stage.locator(".says")
    data = says.evaluate("element => ({ ...element.dataset })")
    assert "✓ the same" in says.inner_text()
    return float(data["sum"]) == pytest.approx(float(data["value"]), abs=1e-4)


def test_every_unit_that_is_pointed_at_is_the_sum_of_its_parts(page, start):
    opened(page, start)
    layers = page.locator(".layer")
    for at in range(1, layers.count()):
        layers.nth(at).click()
        stage = page.locator(".stage").first
        maps = stage.locator(".flow canvas")
        maps.hover(position={"x": 8, "y": 8})
        page.wait_for_function(FIRST)
        assert is_reckoned(stage)


def test_what_lies_outside_of_what_a_unit_sees_does_not_change_it(page, start, runs, written):
    opened(page, start)
    pixels = written.images[3]
    network = Run(runs / "run0").network()
    before = trace(network, pixels)
    units = [
        (at, [channel % values.shape[0], row % values.shape[1], row * 7 % values.shape[2]])
        for at, values in enumerate(before.outputs)
        if values.ndim == 3
        for channel, row in ((0, 0), (1, 3), (5, 6))
    ]
    fields = page.evaluate(
        """async ([pixels, units]) => {
          const { look } = await import("/static/inside/network.js");
          const network = await look("run0", Float32Array.from(pixels, (value) => value / 255));
          return units.map(([at, unit]) => network.field(at, unit));
        }""",
        [pixels.ravel().tolist(), units],
    )
    noise = np.random.default_rng(0).integers(0, 256, (28, 28)).astype(np.uint8)
    for (at, unit), field in zip(units, fields, strict=True):
        box = (
            slice(field["top"], field["top"] + field["height"]),
            slice(field["left"], field["left"] + field["width"]),
        )
        outside, inside = noise.copy(), pixels.copy()
        outside[box], inside[box] = pixels[box], noise[box]
        value = before.outputs[at][tuple(unit)]
        assert float(trace(network, outside).outputs[at][tuple(unit)]) == pytest.approx(
            float(value), abs=1e-5
        )
        if at < 2:  # further on a ReLU may hide it
            assert trace(network, inside).outputs[at][tuple(unit)] != value


def test_keys_do_what_the_pointer_does(page, start):
    opened(page, start)
    stage = chosen(page, "conv")
    title = stage.locator(".unit h3")
    maps = stage.locator(".flow canvas")
    maps.hover(position={"x": 8, "y": 8})
    page.wait_for_function(FIRST)
    first = title.inner_text()
    maps.focus()
    page.keyboard.press("ArrowDown")
    page.wait_for_function("() => document.querySelector('.unit h3').textContent.includes('row 2')")
    assert title.inner_text() != first
    assert is_reckoned(stage)
    maps.hover(position={"x": 8, "y": 8})  # what keys chose stays while the pointer passes
    assert "row 2" in title.inner_text()


def test_two_networks_look_at_the_same_test_digit(page, start):
    opened(page, start)
    choice(page, "Look at").select_option("mnist")
    page.wait_for_function("() => document.querySelector('.verdict').textContent.match(/✓|✗/)")
    page.get_by_label("The next digit").click()
    page.get_by_text("Test digit 1 of 200").wait_for()
    choice(page, "Beside it").select_option("_shipped")
    page.wait_for_function(READY, arg=2)
    assert page.locator(".verdict").count() == 2
    assert "eight bits" in page.locator(".answer-part").nth(1).inner_text()
    assert page.url.endswith("?network=run0&with=_shipped&digit=mnist%3A1")
    page.reload()
    page.wait_for_function(READY, arg=2)
    choice(page, "Beside it").select_option("")
    page.wait_for_function("() => !document.querySelector('.two')")


def test_the_answer_is_reckoned_from_its_logits(page, start):
    opened(page, start, "network=run0&digit=mnist:3")
    part = page.locator(".answer-part").first
    logits = [float(x.replace("−", "-")) for x in part.locator("td:nth-child(2)").all_inner_texts()]
    truth = int(choice(page, "It is a").input_value())
    expected = -torch.tensor(logits).log_softmax(0)[truth]
    found = float(part.locator(".loss").get_attribute("data-loss"))
    assert found == pytest.approx(float(expected), abs=0.02)
    part.get_by_label("Temperature").press("End")
    shares = [float(x.rstrip("%")) for x in part.locator("td:nth-child(3)").all_inner_texts()]
    assert shares == pytest.approx((torch.tensor(logits) / 4).softmax(0).mul(100).tolist(), abs=0.3)


def test_a_digit_that_the_reader_draws_is_looked_at(page, start):
    opened(page, start, "network=_shipped")
    page.get_by_role("button", name="Draw a digit").click()
    box = page.locator("dialog canvas").first.bounding_box()
    page.mouse.move(box["x"] + 140, box["y"] + 50)
    page.mouse.down()
    page.mouse.move(box["x"] + 140, box["y"] + 230, steps=8)
    page.mouse.up()
    page.get_by_text("Read as 1.").wait_for()
    page.get_by_role("button", name="Use it").click()
    page.get_by_text("Your digit, 28×28").wait_for()
    page.get_by_text("It says 1").wait_for()
    assert "It says 1" in page.locator(".verdict").first.inner_text()


def test_what_mattered_is_shown_for_the_chosen_class(page, start):
    opened(page, start)
    why = page.locator(".why").first
    why.scroll_into_view_if_needed()
    page.wait_for_selector(".why[data-ready=true]")
    page.get_by_label("Digit 4").first.click()
    page.get_by_text("Which pixels mattered for 4").wait_for()
    page.wait_for_selector(".why[data-ready=true]")
    maps = why.locator("canvas")
    maps.first.hover(position={"x": 130, "y": 130})
    assert "Row 15, column 15" in why.inner_text()
    maps.last.focus()
    page.keyboard.press("ArrowLeft")
    assert "Row 15, column 14" in why.inner_text()


def test_bad_addresses_and_missing_digits_are_said(page, site, runs, tmp_path):
    server = site(runs=runs, data=tmp_path / "nothing")
    opened(page, server, "network=nobody&with=nobody&digit=nothing")
    assert choice(page, "Network").input_value() == "_shipped"
    choice(page, "Look at").select_option("mnist")
    page.get_by_text("MNIST is not in").wait_for()
    page.complaints.clear()  # the browser itself tells of the answer 422


@pytest.mark.parametrize("query", ["network=run0", "network=_shipped&with=run1"])
def test_everybody_can_use_it(page, start, query):
    count = query.count("=")
    opened(page, start, query, count)
    assert not serious(page)
    page.locator("#theme").click()
    assert not serious(page)
    page.set_viewport_size(PHONE)
    assert not overflows(page)
    for name in ("conv", "max-pool", "linear"):
        if page.locator(".layer", has=page.get_by_text(name)).count():
            chosen(page, name)
            assert not overflows(page)


def test_without_the_laboratory_the_page_says_how_to_get_it(page, site, monkeypatch):
    monkeypatch.setattr("inkdigits.web.pages.has_lab", lambda: False)
    page.goto(f"{site().url}/inside")
    assert "pip install 'inkdigits[lab]'" in page.inner_text("main")
