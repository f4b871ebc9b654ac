"""A run folder is somebody else's file: whatever it holds is one row, or one sentence."""

import json
import os
import shutil
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.numpy import save

from inkdigits import training
from inkdigits.errors import InkdigitsError, RunError
from inkdigits.evaluation.comparison import measure
from inkdigits.evaluation.metrics import share
from inkdigits.evaluation.predictions import Predictions
from inkdigits.models.bundle import Bundle
from inkdigits.training import Run, saving
from inkdigits.training.pretrained import Pretrained
from inkdigits.training.runs import all_runs, describe_run

from .foreign import DAMAGES, HIDDEN

CPU = torch.device("cpu")


@pytest.fixture
def runs(small_mnist, tiny, tmp_path) -> Path:
    """Return a folder with two runs, trained in a blink and evaluated in less."""
    folder = tmp_path / "runs"
    settings = {
        "network.name": "mlp",
        "network.options": {"widths": [4]},
        "training.epochs": 2,
        "training.batch_size": 512,
        "augmentation.shift": 0.0,
        "augmentation.elastic": 0.0,
    }
    run = training.train(
        tiny.with_settings(settings), name="good", data=small_mnist, runs=folder, progress=False
    )
    saved, accuracy = run.weights(), vars(share(1, 2))
    run.write_figures({"on": "MNIST test", "loss": 0.1, "accuracy": accuracy}, None, saved)
    about = {"on": "MNIST test", "dataset": "mnist", "digest": "0" * 64, "weights": saved.digest}
    about["classes"] = run.recipe.alphabet.names
    arrays = {
        "probabilities": np.eye(2, 10, dtype=np.float32),
        "labels": np.zeros(2, np.int64),
        "identities": np.arange(32, dtype=np.uint8).reshape(2, 16),
    }
    (run.path / "predictions.safetensors").write_bytes(save(arrays, {"about": json.dumps(about)}))
    shutil.copytree(run.path, tmp_path / "other")
    return folder


@contextmanager
def soon(seconds: int = 20) -> Iterator[None]:
    """Fail where nothing comes of it for so long: a pipe waits for ever."""

    def late(*_: object) -> None:
        raise AssertionError("it hangs")

    signal.signal(signal.SIGALRM, late)
    signal.alarm(seconds)
    try:
        yield
    finally:
        signal.alarm(0)


def uses(run: Run, data: Path) -> dict[str, Callable[[], object]]:
    """Return everything that somebody may do with a run."""
    return {
        "repr": lambda: repr(run),
        "html": run._repr_html_,
        "resume": lambda: training.resume(run, data=data, progress=False),
        "weights": run.network,
        "state": lambda: saving.load_last(run, CPU),
        "start": lambda: Pretrained.open(run),
        "compare": lambda: measure([run, Run(run.path.parent.parent / "other")]),
        "predictions": lambda: Predictions.load(run),
        "model": lambda: Bundle.open(run.path).weights,
        "longer": lambda: training.resume(run, epochs=3, data=data, progress=False),
    }


def sentences(run: Run, data: Path, kind: str) -> dict[str, str]:
    """Do everything with a run, and return what each is refused by: one sentence, and a step."""
    refused = {}
    for name, use in uses(Run(run.path), data).items():
        with soon():
            try:
                use()
            except InkdigitsError as error:
                text = str(error)
                assert "\n" not in text and text.endswith((".", "?")), (kind, name, text)
                refused[name] = text
            except Exception as error:
                raise AssertionError(f"{kind}: {name} gives {error!r}") from error
    return refused


def test_every_damage_is_one_row_that_says_so_and_hides_no_other(runs, small_mnist):
    for kind, damage in DAMAGES.items():
        run = Run(runs / "foreign")
        shutil.copytree(runs / "good", run.path)
        damage(run.path)
        with soon():
            rows = [describe_run(one) for one in all_runs(runs)]
        assert [row[0] for row in rows] == ["foreign", "good"], kind
        assert rows[0][1].startswith("unreadable: "), kind
        assert rows[0][1].count("\n") == 0 and len(rows[0][1]) < 500, kind
        assert "unreadable" not in rows[1][1], kind
        assert sentences(run, small_mnist, kind), kind
        shutil.rmtree(run.path)


def test_damage_that_no_list_sees_is_one_sentence_where_it_matters(runs, small_mnist):
    for kind, damage in HIDDEN.items():
        run = Run(runs / "foreign")
        shutil.copytree(runs / "good", run.path)
        damage(run.path)
        with soon():
            rows = [describe_run(one) for one in all_runs(runs)]
        assert [row[0] for row in rows] == ["foreign", "good"], kind
        assert not any("unreadable" in row[1] for row in rows), kind
        sentences(run, small_mnist, kind)
        shutil.rmtree(run.path)


def test_the_undamaged_run_is_refused_nothing(runs, small_mnist):
    assert sentences(Run.open("good", runs), small_mnist, "no damage").keys() == {"resume"}


def test_names_that_nobody_can_say_hide_no_run(runs, small_mnist):
    raw = os.fsencode(runs) + b"/bad\xff"
    shutil.copytree(os.fsencode(runs / "good"), raw)
    run = Run(Path(os.fsdecode(raw)))
    rows = [describe_run(one) for one in all_runs(runs)]
    assert [row[0] for row in rows] == ["bad?", "good"]
    assert "is not UTF-8: rename the folder" in rows[0][1]
    refused = sentences(run, small_mnist, "name")
    assert "is not UTF-8" in refused["repr"] and "is not UTF-8" in refused["resume"]
    with pytest.raises(RunError, match="There is no run"):
        Run.open("nul\0", runs)
    with pytest.raises(RunError, match="There is no run"):
        Run.open("x" * 300, runs)


def test_links_that_go_in_circles_hide_no_run(runs):
    (runs / "circle").symlink_to(runs / "circle")
    rows = {row[0]: row[1] for row in map(describe_run, all_runs(runs))}
    assert "Too many levels of symbolic links" in rows["circle"]
    assert "unreadable" not in rows["good"]
