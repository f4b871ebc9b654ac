import json

import pytest
import torch

from inkdigits import training
from inkdigits.data import synthetic
from inkdigits.errors import FileError, InkdigitsError, RunError, TrainingError
from inkdigits.training import Run, loop, symbols
from inkdigits.training import weights as stored
from inkdigits.training.history import stalled
from inkdigits.training.runs import all_runs


def weights(run: Run, name: str = "last.safetensors") -> bytes:
    return (run.path / name).read_bytes()


def tensors(run: Run) -> dict[str, torch.Tensor]:
    return stored.load(run.path / "last.safetensors")


def same(first: Run, second: Run) -> bool:
    a, b = tensors(first), tensors(second)
    return a.keys() == b.keys() and all(torch.equal(a[name], b[name]) for name in a)


def rows(run: Run) -> list[dict[str, float]]:
    timed = ("seconds", "validation_seconds")
    return [{k: v for k, v in vars(row).items() if k not in timed} for row in run.history]


@pytest.fixture
def train(small_mnist, tiny):
    def go(recipe=tiny, **options):
        return training.train(recipe, data=small_mnist, progress=False, **options)

    return go


@pytest.fixture
def interrupt(monkeypatch):
    """Make Ctrl-C come in the middle of an epoch."""

    def at(epoch: int, batch: int) -> None:
        original, seen = loop.train_step, {"batch": 0}

        def step(state, *rest):
            if state.epoch == epoch - 1:
                seen["batch"] += 1
                if seen["batch"] == batch:
                    raise KeyboardInterrupt
            return original(state, *rest)

        monkeypatch.setattr(loop, "train_step", step)

    yield at


def test_run_folder_holds_what_the_plan_says(train):
    run = train()
    found = {path.name for path in run.path.iterdir() if not path.name.startswith(".")}
    assert found == {
        "recipe.toml",
        "environment.json",
        "history.csv",
        "weights.safetensors",
        "model.json",
        "last.safetensors",
        "steps.csv",
        "tensorboard",
    }
    environment = run.environment
    assert environment["torch"] == torch.__version__
    assert environment["data"]["train"]["count"] == 547
    assert environment["data"]["validation"]["name"] == "MNIST validation"
    assert len(run.history) == 3
    assert run.finished


@pytest.mark.parametrize(
    "settings",
    [
        {},
        {"network.name": "cnn", "network.options": {"dropout": 0.5}, "training.averaging": 0.0},
        {"optimiser.name": "sgd", "training.precision": "float32"},
    ],
)
def test_resumed_run_has_the_bits_of_an_uninterrupted_one(train, interrupt, settings, small_mnist):
    whole = train(settings=settings, name="whole")
    interrupt(epoch=2, batch=4)
    with pytest.raises(KeyboardInterrupt):
        train(settings=settings, name="broken")
    broken = Run.open("broken")
    assert len(broken.history) == 1
    assert not broken.finished
    interrupt(epoch=99, batch=0)
    resumed = training.resume("broken", data=small_mnist, progress=False)
    assert same(whole, resumed)
    assert rows(whole) == rows(resumed)
    assert all(
        torch.equal(a, b)
        for a, b in zip(
            whole.network().state_dict().values(),
            resumed.network().state_dict().values(),
            strict=True,
        )
    )


def test_run_stopped_in_its_first_epoch_starts_afresh(train, interrupt, small_mnist):
    whole = train(name="whole")
    interrupt(epoch=1, batch=2)
    with pytest.raises(KeyboardInterrupt):
        train(name="broken")
    interrupt(epoch=99, batch=0)
    assert same(whole, training.resume("broken", data=small_mnist, progress=False))


def test_best_weights_stay_when_training_goes_on(train, small_mnist):
    # A kept reference to the weights would move with them.
    settings = {"stopping.monitor": "loss", "schedule.name": "constant", "schedule.warmup": 0.0}
    run = train(epochs=2, settings={**settings, "optimiser.rate": 0.02})
    best = run.best
    before = weights(run, "weights.safetensors")
    ruined = run.recipe.with_settings({"optimiser.rate": 5.0})
    run.write_recipe(ruined)
    training.resume(run, epochs=3, data=small_mnist, progress=False)
    assert run.best == best
    assert weights(run, "weights.safetensors") == before
    assert weights(run, "last.safetensors") != before


def test_best_weights_score_what_the_history_says(train, small_mnist):
    from inkdigits.data import load_digits

    run = train()
    validation = load_digits(small_mnist).validation
    found, _ = symbols.measure(run.network(), symbols.Tensors.of(validation, torch.device("cpu")))
    assert found.accuracy == run.best.validation_accuracy
    assert found.loss == pytest.approx(run.best.validation_loss, rel=1e-5)


def test_run_that_is_refused_other_data_stays_as_it_was(train, small_mnist, monkeypatch):
    monkeypatch.setattr(synthetic, "TRAINING", 600)
    run = train()
    before = (run.path / "recipe.toml").read_bytes()
    with pytest.raises(RunError, match="the same data with --data"):
        training.resume(run, epochs=4, data="synthetic", progress=False)
    assert (run.path / "recipe.toml").read_bytes() == before
    assert len(training.resume(run, epochs=4, data=small_mnist, progress=False).history) == 4


def test_finished_run_is_trained_for_longer_only_when_asked(train, small_mnist):
    run = train()
    with pytest.raises(RunError, match="finished after 3 epochs: give --epochs 8"):
        training.resume(run, data=small_mnist, progress=False)
    with pytest.raises(RunError, match="already has 3 epochs"):
        training.resume(run, epochs=3, data=small_mnist, progress=False)
    longer = training.resume(run, epochs=4, data=small_mnist, progress=False)
    assert len(longer.history) == 4
    assert longer.recipe.training.epochs == 4


def test_early_stopping_waits_as_long_as_it_says(train, small_mnist):
    settings = {
        "optimiser.rate": 1e-9,  # nothing improves, so the first epoch stays the best
        "optimiser.name": "sgd",
        "schedule.name": "constant",
        "schedule.warmup": 0.0,
        "stopping.patience": 2,
        "training.averaging": 0.999,
        "network.name": "mlp",
        "network.options": {},
    }
    run = train(epochs=10, settings=settings)
    assert len(run.history) == 3
    assert run.finished
    again = training.resume(run, epochs=20, data=small_mnist, progress=False)
    assert len(again.history) == 5  # patience counts anew from where it went on


def test_patience_of_none_never_stops(train, tiny):
    assert not stalled(train().history, tiny, 0)


def test_training_never_opens_the_test_files(train, small_mnist):
    for path in small_mnist.glob("t10k-*"):
        path.unlink()
    assert train().finished


def test_runs_of_one_recipe_are_numbered(train):
    assert [train(epochs=1).name for _ in range(3)] == ["tiny", "tiny-2", "tiny-3"]
    assert [run.name for run in all_runs()] == ["tiny", "tiny-2", "tiny-3"]


def test_a_name_is_taken_once(train):
    train(name="mine", epochs=1)
    with pytest.raises(RunError, match="continue it with --resume mine"):
        train(name="mine")


def test_impossible_names_are_refused(train):
    for name in ("../up", "_hidden", "", "a/b", "-x", ".."):
        if name:
            with pytest.raises(RunError, match="Invalid name of a run"):
                train(name=name)


def test_two_processes_on_one_run_is_one_sentence(train, small_mnist):
    run = train(epochs=1)
    with run.locked(), pytest.raises(RunError, match="Another process is training"):
        training.resume(run, epochs=2, data=small_mnist, progress=False)


def test_breakdown_keeps_the_last_good_state(train, monkeypatch, small_mnist):
    whole = train(name="whole", epochs=3)
    original = loop.check_finite

    def broken(network, loss, epoch):
        original(network, loss * (float("nan") if epoch == 1 else 1), epoch)

    monkeypatch.setattr(loop, "check_finite", broken)
    with pytest.raises(TrainingError, match=r"in epoch 2.*1 epoch is saved in"):
        train(name="broken")
    monkeypatch.setattr(loop, "check_finite", original)
    assert same(whole, training.resume("broken", data=small_mnist, progress=False))


def test_missing_and_foreign_folders_are_one_sentence(train, tmp_path):
    with pytest.raises(RunError, match="make one with `inkdigits train quick`"):
        Run.open("none")
    train(epochs=1)
    with pytest.raises(RunError, match="did you mean 'tiny'"):
        Run.open("tini")
    (tmp_path / "foreign").mkdir()
    with pytest.raises(RunError, match="is not a run"):
        Run.open(tmp_path / "foreign")


@pytest.mark.parametrize("name", ["weights.safetensors", "last.safetensors"])
@pytest.mark.parametrize("damage", ["truncate", "garbage", "remove"])
def test_damaged_weights_are_one_sentence(train, name, damage):
    run = train()
    path = run.path / name
    content = path.read_bytes()
    path.unlink()
    if damage != "remove":
        path.write_bytes(content[: len(content) // 2] if damage == "truncate" else b"garbage")
    if name.startswith("weights") and damage == "remove":  # it is a copy
        assert run.network()
        return
    with pytest.raises(InkdigitsError, match=r"safetensors is damaged|no weights"):
        run.network()


def test_weights_of_another_network_are_one_sentence(train):
    run = train(epochs=1)
    run.write_recipe(run.recipe.with_settings({"network.name": "mlp", "network.options": {}}))
    with pytest.raises(RunError, match="do not fit the network"):
        run.network()


def test_weights_that_are_no_numbers_are_refused(train):
    run = train(epochs=1)
    saved = run.weights()
    network = run.network()
    with torch.no_grad():
        next(network.parameters()).fill_(float("nan"))
    with pytest.raises(RunError, match="not numbers"):
        run.network(saved=stored.SavedWeights.of(network, saved.epoch))


def test_weights_put_there_by_hand_are_refused(train):
    first, second = train(epochs=1), train(epochs=1, seed=1)
    content = weights(second, "weights.safetensors")
    (first.path / "weights.safetensors").write_bytes(content)
    with pytest.raises(RunError, match=r"replaced by hand: delete it"):
        first.network()
    (first.path / "weights.safetensors").unlink()
    assert first.network()


@pytest.mark.parametrize("name", ["last.safetensors", "figures.json", "recipe.toml"])
def test_damaged_text_is_one_sentence_and_does_not_hide_other_runs(train, name):
    from inkdigits.training.runs import describe_run

    run = train(epochs=1)
    (run.path / name).write_text("epoch\nx\n")
    row = describe_run(Run(run.path))
    assert "unreadable" in row[1]
    with pytest.raises(InkdigitsError):
        repr(Run(run.path))


def test_read_only_folder_is_one_sentence(train, tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(FileError, match=r"is a file, not a folder: choose another --runs"):
        train(runs=tmp_path / "file")


def test_repr_tells_what_a_person_wants_to_know(train):
    text = repr(train())
    assert "tiny" in text
    assert "validation" in text
    assert "of 3" in text


def test_recipe_in_the_folder_is_enough_to_train_it_again(train):
    first = train(name="first")
    second = train(recipe=first.path / "recipe.toml", name="second")
    assert same(first, second)


def test_history_is_whole_when_its_csv_was_not_written(train, small_mnist):
    run = train(epochs=1)
    (run.path / "history.csv").unlink()
    assert len(run.history) == 1
    training.resume(run, epochs=2, data=small_mnist, progress=False)
    assert len((run.path / "history.csv").read_text().splitlines()) == 3


def test_foreign_figures_are_one_sentence(train):
    from inkdigits.training.runs import describe_run

    run = train(epochs=1)
    for text in (
        '{"accuracy": 0.99}',
        '{"x": 1}',
        '{"epoch": 1, "weights": "", "on": "", "accuracy": 1, "loss": 1}',
    ):
        (run.path / "figures.json").write_text(text)
        assert "unreadable" in describe_run(run)[1]


def test_memory_of_another_optimiser_is_one_sentence(train, small_mnist):
    run = train(epochs=1)
    run.write_recipe(run.recipe.with_settings({"optimiser.name": "sgd"}))
    with pytest.raises(RunError, match="state of its recipe's optimiser"):
        training.resume(run, epochs=2, data=small_mnist, progress=False)


def test_what_cannot_be_built_leaves_no_folder(train, tmp_path):
    with pytest.raises(InkdigitsError, match="dropout must be from 0 to 1"):
        train(settings={"network.name": "cnn", "network.options": {"dropout": 2.0}})
    assert not (tmp_path / "runs").exists()


def test_last_epoch_is_kept_where_nothing_is_chosen(train):
    run = train(settings={"stopping.monitor": "last", "optimiser.rate": 0.5})
    assert run.best.epoch == 3
    state = tensors(run)
    best = run.network().state_dict()
    assert all(torch.equal(best[name], state[f"averaged.module.{name}"]) for name in best)


def test_history_is_plain_csv(train):
    lines = (train().path / "history.csv").read_text().splitlines()
    assert lines[0].startswith("epoch,train_loss,train_accuracy")
    assert len(lines) == 4
    assert json.loads(lines[1].split(",")[0]) == 1


def test_synthetic_digits_stand_in_only_when_asked(tiny, monkeypatch, capsys):
    monkeypatch.setattr(synthetic, "TRAINING", 120)
    with pytest.raises(InkdigitsError, match="cannot be downloaded"):
        training.train(tiny, epochs=1)
    run = training.train(tiny, epochs=1, or_synthetic=True)
    assert "uses synthetic digits" in capsys.readouterr().out
    assert run.recipe.data.name == "synthetic"
    assert run.environment["data"]["train"]["name"] == "synthetic train"


def test_using_a_published_recipe_says_what_its_figure_is_worth(small_mnist, capsys):
    training.train(
        "one-conv-published", epochs=1, data=small_mnist, settings={"data.split": "held-out"}
    )
    assert "ten decisions a digit" in capsys.readouterr().out


def test_device_that_is_not_there_is_one_sentence(train):
    from inkdigits.errors import DeviceError

    with pytest.raises(DeviceError, match="not available on this machine: use cpu"):
        train(device="mps" if not torch.backends.mps.is_available() else "cuda")
    with pytest.raises(DeviceError, match="Unknown device 'gpu'"):
        train(device="gpu")
