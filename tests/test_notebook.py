import json
import re
import sys
from dataclasses import replace
from pathlib import Path
from xml.etree import ElementTree

import nbformat
import numpy as np
import pytest
from nbclient import NotebookClient
from rich.console import Console

import inkdigits
from inkdigits import Document, Line, Page, Recipe, Run, Symbol, notebook
from inkdigits.evaluation import drawing
from inkdigits.training import progress
from inkdigits.training.loop import Batches
from inkdigits.training.recipe import names
from tests.documents import symbol
from tests.training.epochs import row

ROOT = Path(__file__).parent.parent
TOUR = ROOT / "notebooks" / "tour.ipynb"
GUIDE = ROOT / "src" / "inkdigits" / "web" / "guide"
EVIL = "<script>'&\""


def shown(thing: object) -> ElementTree.Element:
    """Return the card of a thing, if it is well-formed, small, and all there is."""
    html = thing._repr_html_()
    assert len(html) < 100_000
    assert "<script" not in html
    assert not re.search(r'(?:src|href)="(?!data:)', html)
    return ElementTree.fromstring(f"<html>{html}</html>")  # noqa: S314 - our own


def text(card: ElementTree.Element) -> str:
    return " ".join(card.find("div").itertext())


def page_of(*symbols: Symbol, name: str = "page.png", height: int = 100) -> Document:
    return Document(name, (Page(1, 100, height, (Line(symbols),)),))


def test_every_recipe_shows_itself():
    for name in names():
        recipe = Recipe.load(name)
        said = text(shown(recipe))
        assert recipe.about in said
        assert f"rate {recipe.optimiser.rate:g}" in said
        assert ("As published" in said) == bool(recipe.published.note)


def test_what_a_recipe_changes_is_bold():
    card = shown(Recipe("mine").with_settings({"optimiser.rate": 0.5}))
    assert [bold.text for bold in card.iter("b")] == ["mine", "rate 0.5"]


def test_names_are_text_and_never_html():
    assert EVIL in text(shown(Recipe(EVIL, EVIL)))
    assert EVIL in text(shown(Document(EVIL, error=EVIL)))
    assert EVIL in text(shown(Document(EVIL)))
    assert EVIL in text(shown(page_of(symbol(None), name=EVIL)))
    assert EVIL in text(shown(symbol(EVIL)))


def test_a_document_shows_each_symbol_in_its_box():
    found = [symbol(str(number), left=20 * number) for number in range(3)]
    blank = replace(symbol("4", left=60), network_input=np.zeros((28, 28), np.uint8))
    card = shown(page_of(*found, blank))
    assert "0124" in text(card)
    drawn = [part.attrib.get("x") for part in card.iter() if part.tag.endswith("image")]
    assert drawn == ["0", "20", "40"]  # where there is no ink there is no picture of it


def test_a_page_of_a_thousand_symbols_stays_small():
    card = shown(page_of(*[symbol("1")] * 1000, height=10_000))
    assert "900 not shown" in text(card)


def test_a_document_of_nothing_says_so():
    assert "no digits found" in text(shown(page_of()))


def test_a_symbol_shows_what_was_seen_and_ten_bars():
    card = shown(symbol("7"))
    assert len(list(card.iter("img"))) == 1
    assert sum(part.tag.endswith("rect") for part in card.iter()) == 10
    assert "not a digit" in text(shown(symbol(None)))


def test_runs_evaluations_and_comparisons(small_mnist, tiny):
    empty = Run.create(tiny, "empty")
    assert "no epoch finished" in text(shown(empty))
    published = replace(tiny.published, system="A", note=EVIL)
    runs = [
        inkdigits.train(recipe, epochs=epochs, data=small_mnist, progress=False)
        for recipe, epochs in ((tiny, 1), (replace(tiny, published=published), 2))
    ]
    assert "95% CI" not in text(shown(runs[1]))
    found = [inkdigits.evaluate(run) for run in runs]
    assert str(found[1].accuracy) in text(shown(runs[1]))
    assert "element-wise" not in text(shown(found[0]))
    assert "element-wise" in text(shown(found[1]))
    assert EVIL in text(shown(found[1]))
    predicted = 1 + np.arange(len(found[0].probabilities)) % 8
    unread = replace(found[0], probabilities=np.eye(10)[predicted])
    assert "never predicted 0, 9" in text(shown(unread))
    assert len(list(shown(found[0]).iter("img"))) == 8
    assert "tiny-2" in text(shown(inkdigits.compare(*runs)))


def test_a_figure_shows_itself_as_large_as_it_was_drawn():
    figure, _ = drawing.panels(5, 2, 1)
    pixels, size = figure._repr_png_()
    assert pixels.startswith(b"\x89PNG")
    assert size == {"width": 360, "height": 144}


def test_cards_have_the_colours_of_pictures():
    for name in ("TRAIN", "VALIDATION", "GOOD", "BAD"):
        assert getattr(notebook, name) == getattr(drawing, name)


def test_training_is_one_output_with_a_bar_that_goes_away(monkeypatch):
    said = []

    class Handle:
        def update(self, html):
            said.append(html.data)

    monkeypatch.setattr("IPython.display.display", lambda *_, **__: Handle())
    monkeypatch.setattr(progress, "EVERY", 0)
    with progress.shown(True, Console(force_jupyter=True)) as cell:
        cell.note(EVIL)
        cell.batches(Batches(1, 2, 20, 100, 0, [0.5], [0.1], 0.9))
        cell.batches(Batches(1, 2, 40, 100, 20, [0.25], [0.1], 0.9))
        cell.epoch(
            row(),
            best=True,
        )
        cell.note("stopped early")
    assert '<progress value="0.2000"' in said[2]
    assert "loss 0.2500" in said[2]
    assert " s left" in said[2]
    assert "<progress" not in said[-1]
    order = [said[-1].index(part) for part in ("&lt;script", "best so far", "stopped early")]
    assert order == sorted(order)


@pytest.fixture(scope="module")
def tour() -> nbformat.NotebookNode:
    return nbformat.read(TOUR, as_version=4)


def test_tour_is_kept_without_outputs_and_under_stable_names(tour):
    ids = [cell.id for cell in tour.cells]
    assert len(set(ids)) == len(ids)
    assert all(re.fullmatch(r"[a-z-]+", name) for name in ids)
    for cell in tour.cells:
        assert not cell.get("outputs")
        assert cell.get("execution_count") is None
        assert len(cell.source.splitlines()) <= 30


def test_tour_leads_to_chapters_and_files_that_are_there(tour):
    prose = "\n".join(cell.source for cell in tour.cells if cell.cell_type == "markdown")
    chapters = {file.stem[3:] for file in GUIDE.glob("*.md")}
    assert set(re.findall(r"8000/guide/([a-z-]+)", prose)) <= chapters
    for target in re.findall(r"\]\((\.\.[^)]+)\)", prose):
        assert (TOUR.parent / target).exists()


def test_tour_runs_and_shows_what_it_should(tour, tmp_path, monkeypatch):
    """In a kernel of this Python, with few pen digits, beside a copy of the examples."""
    kernel = tmp_path / "jupyter" / "kernels" / "tour" / "kernel.json"
    startup = tmp_path / "ipython" / "profile_default" / "startup" / "few.py"
    for file in (kernel, startup):
        file.parent.mkdir(parents=True)
    arguments = [sys.executable, "-m", "ipykernel_launcher", "-f", "{connection_file}"]
    kernel.write_text(json.dumps({"argv": arguments, "display_name": "", "language": "python"}))
    startup.write_text(
        "from inkdigits.data import synthetic\nsynthetic.TRAINING, synthetic.TEST = 600, 200\n"
    )
    for name, value in {
        "INKDIGITS_TOUR": "short",
        "IPYTHONDIR": str(tmp_path / "ipython"),
        "JUPYTER_PATH": str(tmp_path / "jupyter"),
        "JUPYTER_RUNTIME_DIR": str(tmp_path / "runtime"),
        "OMP_NUM_THREADS": "1",
    }.items():
        monkeypatch.setenv(name, value)
    (tmp_path / "examples").symlink_to(ROOT / "examples")
    (tmp_path / "notebooks").mkdir()
    place = {"metadata": {"path": str(tmp_path / "notebooks")}}
    done = NotebookClient(tour, timeout=300, kernel_name="tour", resources=place).execute()
    outputs = {cell.id: cell.outputs for cell in done.cells if cell.cell_type == "code"}
    assert not [cell for cell, parts in outputs.items() for part in parts if "ename" in part]
    kinds = [kind for parts in outputs.values() for part in parts for kind in part.get("data", {})]
    assert kinds.count("image/png") >= 10
    assert kinds.count("text/html") >= 10
    live, card = outputs["train"]
    assert "best so far" in live.data["text/html"]
    assert "<progress" not in live.data["text/html"]
    assert "simple-cnn" in card.data["text/html"]
    assert "14032026" in outputs["reading"][0].data["text/html"]
