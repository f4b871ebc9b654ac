"""Programs that are killed before any of their operations on files, and what is found afterwards.

The program itself goes on in this process; from the fatal operation on it can do nothing to files.
"""

import shutil
from pathlib import Path

import pytest
import torch

from inkdigits import files, training
from inkdigits.errors import RecipeError, RecogniserError, RunError
from inkdigits.evaluation import ensemble
from inkdigits.models.bundle import Bundle
from inkdigits.training import Run
from inkdigits.training import weights as stored
from inkdigits.training.history import to_csv
from inkdigits.training.pretrained import seal
from inkdigits.training.runs import all_runs, describe_run
from tests.kills import MOST, killed


@pytest.fixture
def recipe(tiny):
    """Return a recipe of no size, whose best epoch is not the last."""
    return tiny.with_settings(
        {
            "network.name": "mlp",
            "network.options": {"widths": [8]},
            "training.epochs": 3,
            "training.batch_size": 512,
            "stopping.monitor": "loss",
            "schedule.name": "constant",
            "schedule.warmup": 0.0,
            "optimiser.rate": 0.3,
            "training.averaging": 0.5,
            "augmentation.shift": 0.0,
            "augmentation.elastic": 0.0,
        }
    )


@pytest.fixture
def train(small_mnist, recipe):
    def go(**options):
        return training.train(recipe, data=small_mnist, progress=False, **options)

    return go


def rows(run: Run) -> list[dict[str, float]]:
    timed = ("seconds", "validation_seconds")
    return [{k: v for k, v in vars(row).items() if k not in timed} for row in run.history]


def check(run: Run) -> None:
    """Check that what lies in the folder is one state, whatever was killed."""
    run.check()
    assert "unreadable" not in describe_run(run)[1] and repr(run)
    if run.best is None:
        with pytest.raises(RunError, match="has no weights yet: finish an epoch"):
            run.network()
        return
    saved = run.weights()
    assert saved.epoch == run.best.epoch and saved.digest == run.progress.best_digest
    assert run.network()
    assert run.best == min(run.history, key=lambda row: row.validation_loss)


def alike(run: Run, whole: Run) -> None:
    """Check that a run that was killed and resumed is the one that was not."""
    first, second = (stored.load(one.path / "last.safetensors") for one in (run, whole))
    assert first.keys() == second.keys()
    assert all(torch.equal(first[name], second[name]) for name in first)
    assert rows(run) == rows(whole) and run.finished
    assert run.weight_bytes == whole.weight_bytes
    assert (run.path / "weights.safetensors").read_bytes() == whole.weight_bytes
    assert (run.path / "history.csv").read_text() == to_csv(run.history)
    assert Bundle.open(run.path).weights == whole.weight_bytes
    left = [path.name for path in run.path.parent.rglob("*.part")]
    assert not left


def again(run: Run, small_mnist: Path) -> None:
    """Do what a person does after a kill."""
    try:
        training.resume(run, data=small_mnist, progress=False)
    except (RecipeError, RunError) as error:
        assert "is finished after 3 epochs: give --epochs" in str(error) or "an ensemble" in str(
            error
        )


def test_a_training_that_is_killed_anywhere_is_resumed_to_the_same_bits(train, small_mnist):
    whole = train(runs="whole", name="x")
    assert whole.best.epoch == 2
    for at in range(MOST):
        runs = Path(f"runs-{at}")
        if not killed(at, lambda runs=runs: train(runs=runs, name="x")):
            break
        found = all_runs(runs)
        for run in found:
            check(run)
        run = Run.open("x", runs) if found else train(runs=runs, name="x")
        if found:
            again(run, small_mnist)
        alike(run, whole)
    assert 50 < at < MOST


def test_a_run_that_starts_from_weights_never_starts_without_them(train, small_mnist):
    train(epochs=1, name="first")
    whole = train(epochs=2, name="x", init="first")
    for at in range(30):
        runs = Path(f"runs-{at}")
        shutil.copytree("runs/first", runs / "first")
        assert killed(at, lambda runs=runs: train(runs=runs, name="x", epochs=2, init="first"))
        if not (runs / "x").exists():
            continue
        run = training.resume("x", runs=runs, data=small_mnist, progress=False)
        assert run.weight_bytes == whole.weight_bytes
        assert run.environment["init"] == whole.environment["init"]


def test_a_training_that_is_killed_again_and_again_ends_as_if_it_was_not(train, small_mnist):
    whole = train(runs="whole", name="x")
    train(name="x", epochs=1)

    def program() -> None:
        if Run.open("x").recipe.training.epochs == 1:
            training.resume("x", epochs=3, data=small_mnist, progress=False)
        else:
            again(Run.open("x"), small_mnist)

    for at in range(MOST):  # each goes a little further than the one before
        if not killed(at, program):
            break
        check(Run.open("x"))
    assert 10 < at < MOST
    alike(Run.open("x"), whole)


def test_an_ensemble_that_is_killed_is_whole_or_not_there(train, small_mnist):
    names = [train(epochs=1, seed=seed).name for seed in range(2)]

    def program() -> Run:
        return ensemble.ensemble(*names, name="both", data=small_mnist)

    whole = program()
    shutil.move("runs/both", "whole")
    for at in range(MOST):
        shutil.rmtree("runs/both", ignore_errors=True)
        if not killed(at, program):
            break
        if not Path("runs/both").exists():
            assert program().weight_bytes == Run(Path("whole")).weight_bytes
            continue
        run = Run.open("both")
        check(run)
        again(run, small_mnist)
        assert Bundle.open(run.path).weights == run.weight_bytes
    assert whole and 15 < at < MOST


def test_an_export_that_is_killed_leaves_a_model_that_is_whole_or_none(train, small_mnist):
    run = train(epochs=1)
    sealed = Bundle.open(run.path)
    for at in range(MOST):
        seal(run)
        if not killed(at, lambda: sealed.write(run.path, run.weight_bytes, b"a graph")):
            break
        check(run)
        try:
            found = Bundle.open(run.path)
        except RecogniserError as error:
            assert "finish its training, or make one with `inkdigits export" in str(error)
            again(run, small_mnist)
            found = Bundle.open(run.path)
        assert found.weights == run.weight_bytes
        assert found.onnx == b"a graph" if found.has_onnx else True
    assert 10 < at < MOST


def test_what_a_kill_left_is_removed_and_reported(train, small_mnist, capsys):
    run = train(epochs=1)
    left = files.part_of(run.path / "last.safetensors")
    left.write_bytes(b"half")
    (run.path / "history.csv").write_text("of another run")
    training.resume(run, epochs=2, data=small_mnist)
    assert not left.exists()
    assert (
        f"Removed temporary files of an interrupted program: {left.name}."
        in capsys.readouterr().out
    )
    assert (run.path / "history.csv").read_text() == to_csv(run.history)
