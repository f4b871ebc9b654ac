import numpy as np
import pytest
import torch

from inkdigits.inspection import trace
from inkdigits.training import Run

from .conftest import PHONE, overflows, serious


@pytest.fixture
def runs(network_runs):
    """Return the runs of `start`."""
    return network_runs


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
    assert "✓ equal" in says.inner_text()
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
    choice(page, "Input").select_option("mnist")
    page.wait_for_function("() => document.querySelector('.verdict').textContent.match(/✓|✗/)")
    page.get_by_label("Next digit").click()
    page.get_by_text("Test digit 1 of 200").wait_for()
    choice(page, "Compare with").select_option("_shipped")
    page.wait_for_function(READY, arg=2)
    assert page.locator(".verdict").count() == 2
    assert "eight bits" in page.locator(".answer-part").nth(1).inner_text()
    assert page.url.endswith("?network=run0&with=_shipped&digit=mnist%3A1")
    page.reload()
    page.wait_for_function(READY, arg=2)
    choice(page, "Compare with").select_option("")
    page.wait_for_function("() => !document.querySelector('.two')")


def test_the_answer_is_reckoned_from_its_logits(page, start):
    opened(page, start, "network=run0&digit=mnist:3")
    part = page.locator(".answer-part").first
    logits = [float(x.replace("−", "-")) for x in part.locator("td:nth-child(2)").all_inner_texts()]
    truth = int(choice(page, "True label").input_value())
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
    page.get_by_text("Your digit, as 28×28").wait_for()
    page.get_by_text("Prediction: 1").wait_for()
    assert "Prediction: 1" in page.locator(".verdict").first.inner_text()


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


def test_bad_addresses_and_missing_digits_are_said(page, site, runs, monkeypatch):
    monkeypatch.delenv("INKDIGITS_DATA")
    server = site(runs=runs)
    opened(page, server, "network=nobody&with=nobody&digit=nothing")
    assert choice(page, "Network").input_value() == "_shipped"
    choice(page, "Input").select_option("mnist")
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
    assert 'pip install ".[lab,web]"' in page.inner_text("main")
