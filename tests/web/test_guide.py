import re
import tomllib
from importlib import resources

import pytest

from inkdigits.web import guide

from .conftest import PHONE, overflows, serious

FOLDER = resources.files("inkdigits.web") / "guide"
FILES = sorted(file.name for file in FOLDER.iterdir() if file.name.endswith(".md"))
SECTIONS = ["Think of it as", "In numbers", "See it", "Why it is used here", "What to try"]
STATE = """() => {
  const figure = document.querySelector(".figure"), formula = document.querySelector(".formula");
  const canvases = [...figure.querySelectorAll("canvas")].map((canvas) => canvas.toDataURL());
  return canvases.join() + figure.innerHTML + formula.innerHTML;
}"""
REACT = """() => {
  const figure = document.querySelector(".figure");
  const change = (kind, element) => element.dispatchEvent(new Event(kind, { bubbles: true }));
  for (const input of figure.querySelectorAll("input[type=range]")) {
    input.value = input.value === input.max ? input.min : input.max;
    change("input", input);
  }
  figure.querySelector("button:enabled:last-of-type")?.click();
}"""


@pytest.mark.parametrize("file", FILES)
def test_a_chapter_has_all_its_parts_and_a_fair_length(file):
    text = (FOLDER / file).read_text(encoding="utf-8")
    assert re.findall(r"^## (.+)$", text, re.M) == SECTIONS
    assert text.count("[[figure]]") == text.count("[[formula]]") == 1
    words = len(re.findall(r"[\w']+", re.sub(r"\$.*?\$", "", text, flags=re.S)))
    most = 680 if file.startswith("21-") else 620  # the last chapter tells of five things
    assert 300 <= words <= most, words


@pytest.mark.parametrize("file", FILES)
def test_a_chapter_opens_and_its_figure_reacts(file, page, served):
    name = guide.FILE.fullmatch(file)[1]
    page.goto(f"{served.url}/guide/{name}")
    page.wait_for_selector("article[data-ready]")
    before = page.evaluate(STATE)
    page.evaluate(REACT)
    page.wait_for_function(f"before => ({STATE})() !== before", arg=before)
    assert not serious(page)
    page.set_viewport_size(PHONE)
    assert not overflows(page)


@pytest.mark.parametrize("recipe", ["standard", "best"])
def test_augmentation_warps_as_the_recipe_does(recipe, page, served):
    text = (resources.files("inkdigits") / "recipes" / f"{recipe}.toml").read_text(encoding="utf-8")
    page.goto(f"{served.url}/guide")
    module = "/static/figures/augmentation.js"
    presets = page.evaluate("async (path) => (await import(path)).PRESETS", module)
    assert presets[recipe] == tomllib.loads(text)["augmentation"]


def test_figures_show_what_networks_predict(page, served):
    page.goto(f"{served.url}/guide/confusion-matrix")
    page.wait_for_selector(".figure .confusion button[aria-pressed=true]")
    page.get_by_text("are classified correctly").wait_for()
    page.wait_for_selector(".figure .part canvas")
    page.goto(f"{served.url}/guide/dropout")
    page.get_by_text("Prediction: ").wait_for()
    assert page.locator(".dropout-bars .track").count() == 10
    page.goto(f"{served.url}/guide/calibration")
    page.get_by_text("Rejected: not a digit.").wait_for()
    assert page.locator(".figure .bars .track").count() >= 10
