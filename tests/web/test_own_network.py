"""Networks of somebody's own on the page: listed without being imported, shown as far as known."""

import shutil
import sys
from pathlib import Path

import httpx
import pytest
from safetensors.numpy import load

from inkdigits import training

MODULE = """
from torch import nn
from torch.nn import functional


class Own(nn.Module):
    def __init__(self, outputs):
        super().__init__()
        self.first = nn.Conv2d(1, 4, 3, padding=1)
        self.second = nn.Conv2d(4, 4, (3, 5), padding="same")
        self.mean = nn.AdaptiveAvgPool2d(7)
        self.bend = nn.GELU()
        self.last = nn.Linear(4 * 49, outputs)

    def forward(self, pictures):
        found = functional.relu(self.first(pictures))
        found = self.mean(found + self.second(found))
        return self.last(self.bend(found.flatten(1)))
"""
KINDS = [
    "normalise", "conv", "relu", "other", "other", "other", "flatten", "other", "linear",
]  # fmt: skip


@pytest.fixture(scope="session")
def kept_own(tmp_path_factory):
    """Return where the run stays that is trained once for all tests here."""
    return tmp_path_factory.mktemp("own") / "runs"


@pytest.fixture
def own_runs(kept_own, small_mnist, tiny, tmp_path, monkeypatch):
    """Return a folder with a run of somebody's own network, whose module lies beside it."""
    (tmp_path / "somebody.py").write_text(MODULE)
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.setenv("INKDIGITS_DATA", str(small_mnist))
    if not kept_own.exists():
        settings = {"network.name": "somebody:Own", "network.options": {}, "training.epochs": 1}
        training.train(
            tiny.with_settings(settings),
            name="mine",
            runs=kept_own,
            progress=False,
        )
    sys.modules.pop("somebody", None)
    yield Path(shutil.copytree(kept_own, tmp_path / "runs"))
    sys.modules.pop("somebody", None)


def test_it_is_listed_without_being_imported_and_looked_into_if_it_can_be(
    site, own_runs, written, tmp_path
):
    server = site(runs=own_runs)
    digit = written.images[0].tobytes()
    with httpx.Client(base_url=server.url, timeout=30) as client:
        (run,) = client.get("/api/runs").json()
        assert run["error"] is None and run["parameters"] == 4 * 10 + 4 * 61 + 1970
        assert client.get("/api/runs/mine").json()["learns"]
        networks = {network["name"]: network for network in client.get("/api/networks").json()}
        assert networks["mine"]["parameters"] == run["parameters"]
        assert "somebody" not in sys.modules
        (tmp_path / "somebody.py").rename(tmp_path / "elsewhere.txt")
        gone = client.post("/api/networks/mine/look", content=digit)
        assert gone.status_code == 422
        assert "needs the module somebody, which was not found" in gone.json()["error"]
        (tmp_path / "elsewhere.txt").rename(tmp_path / "somebody.py")
        look = client.post("/api/networks/mine/look", content=digit)
        assert load(look.content)["8"].shape == (10,)
        why = client.post("/api/networks/mine/why?digit=3", content=digit)
        assert load(why.content)["occlusion"].shape == (28, 28)


def test_a_network_of_another_size_is_not_offered(site, own_runs, written):
    recipe = (own_runs / "mine" / "recipe.toml").read_text()
    (own_runs / "mine" / "recipe.toml").write_text(recipe.replace("[28, 28]", "[32, 28]"))
    server = site(runs=own_runs)
    with httpx.Client(base_url=server.url, timeout=30) as client:
        assert "mine" not in [network["name"] for network in client.get("/api/networks").json()]
        look = client.post("/api/networks/mine/look", content=written.images[0].tobytes())
        assert look.status_code == 404 and "32×28 pixels" in look.json()["error"]


def test_each_of_its_layers_can_be_pointed_at(page, site, own_runs):
    server = site(runs=own_runs)
    page.goto(f"{server.url}/inside?network=mine")
    page.wait_for_function("() => document.querySelector('.view[data-ready=true]') !== null")
    layers = page.locator(".layer")
    assert layers.count() == 1 + len(KINDS)
    for at, kind in enumerate(KINDS, start=1):
        layers.nth(at).click()
        stage = page.locator(".stage").first
        stage.locator(".flow canvas").hover(position={"x": 8, "y": 8})
        says = stage.locator(".says")
        says.filter(has_text="In the network" if kind == "other" else "✓ equal").wait_for()
