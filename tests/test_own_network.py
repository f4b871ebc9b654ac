"""The example of docs/networks.md, as it stands there; and runs whose module is gone."""

import re
import sys
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image
from typer.testing import CliRunner

import inkdigits
from inkdigits import training
from inkdigits.cli import app
from inkdigits.errors import InkdigitsError
from inkdigits.inspection import integrated_gradients, occlusion, trace
from inkdigits.training import Run
from inkdigits.training.runs import all_runs, describe_run

TEXT = (Path(__file__).parent.parent / "docs" / "networks.md").read_text()


@pytest.fixture
def example(tmp_path, monkeypatch, small_mnist):
    """Write module and recipe of the document into the current folder."""
    module, use = re.findall(r"```python\n(.*?)```", TEXT, re.DOTALL)
    (recipe,) = re.findall(r"```toml\n(.*?)```", TEXT, re.DOTALL)
    (tmp_path / "mynet.py").write_text(module)
    (tmp_path / "mine.toml").write_text(recipe)
    monkeypatch.setenv("INKDIGITS_DATA", str(small_mnist))
    monkeypatch.syspath_prepend(tmp_path)
    yield use
    sys.modules.pop("mynet", None)


def test_the_example_of_the_document_does_what_it_says(example, written, capsys):
    seven = written.images[list(written.labels).index(7)]
    Image.fromarray(np.uint8(255) - np.pad(seven, 20)).save("seven.png")
    shown = CliRunner().invoke(app, ["summary", "mine.toml"])
    assert shown.exit_code == 0 and "MyNet" in shown.output
    known: dict[str, object] = {}
    exec(example, known)  # noqa: S102
    assert "test" in capsys.readouterr().out
    run = known["run"]
    assert len(run.history) == 3 and run.finished
    assert run.parameters == sum(weight.numel() for weight in run.network().parameters())
    found = trace(run.network(), seven)
    assert [layer.kind for layer in found.layers] == [
        "normalise", "conv", "relu", "max-pool", "conv", "max-pool", "batch-norm", "relu",
        "flatten", "linear",
    ]  # fmt: skip
    assert occlusion(run.network(), seven, 7).fall.shape == (28, 28)
    assert integrated_gradients(run.network(), seven, 7).gap < 0.1


@pytest.mark.usefixtures("example")
def test_a_resumed_run_of_ones_own_network_has_the_same_bits():
    whole = inkdigits.train("mine.toml", name="whole", progress=False)
    first = inkdigits.train("mine.toml", name="first", epochs=1, progress=False)
    first.write_recipe(whole.recipe)
    training.resume(first, progress=False)
    ours, theirs = (run.network().state_dict() for run in (whole, first))
    assert all(torch.equal(ours[name], theirs[name]) for name in ours)


@pytest.mark.usefixtures("example")
def test_a_run_whose_module_is_gone_is_listed_and_not_trained(tmp_path):
    run = inkdigits.train("mine.toml", epochs=1, progress=False)
    sys.modules.pop("mynet")
    (tmp_path / "mynet.py").write_text("raise SystemExit('imported')")
    (listed,) = all_runs()
    assert describe_run(listed)[:4] == ["mine", "mine", "mnist", "1 of 1"]
    assert "mine" in CliRunner().invoke(app, ["runs"]).output
    assert "mynet" not in sys.modules
    (tmp_path / "mynet.py").unlink()
    for act in (
        lambda: training.resume(run, epochs=2, progress=False),
        lambda: inkdigits.evaluate(run),
        lambda: inkdigits.export(run),
    ):
        with pytest.raises(InkdigitsError, match="needs the module mynet, which was not found"):
            act()
    assert Run.open("mine").history


@pytest.mark.usefixtures("example")
def test_pictures_of_another_size_are_one_sentence():
    with pytest.raises(InkdigitsError, match=r"pictures of 28×28 .* set network\.size to \[28, 28"):
        inkdigits.train("mine.toml", settings={"network.size": [32, 30]}, progress=False)
    framed = {"network.size": [32, 30], "network.frame": True, "training.epochs": 1}
    run = inkdigits.train("mine.toml", settings=framed, progress=False)
    assert run.network().size == (32, 30)
