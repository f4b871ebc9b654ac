import json
import math
import subprocess
import sys
from dataclasses import replace

import pytest
import torch

from inkdigits.data import Dataset, Splits
from inkdigits.data.splits import held_out
from inkdigits.errors import DataError, RunError, TrainingError
from inkdigits.search import study as search
from inkdigits.search import workers
from inkdigits.search.space import space
from inkdigits.search.study import Study, TrialResult, learn, work
from inkdigits.training import datasets
from inkdigits.training.symbols import Tensors
from tests.conftest import TRAIN

CPU = torch.device("cpu")
VARY = ("optimiser.rate=0.001..0.1", "training.batch_size=32..128")


def never() -> None:
    raise AssertionError("the test digits were opened")


@pytest.fixture
def splits(written) -> Splits:
    return held_out(Dataset("written", written[:TRAIN], never))


@pytest.fixture
def begin(tmp_path, tiny, splits):
    """Begin a study of a recipe of two epochs, or go on with it."""
    short = tiny.with_settings({"training.epochs": 2})

    def go(recipe=short, vary=VARY, seeds=1, splits=splits, name="study") -> Study:
        return Study.begin(tmp_path / name, recipe, space(recipe, vary), seeds, splits)

    return go


@pytest.fixture
def tensors(splits):
    return Tensors.of(splits.train[:128], CPU), Tensors.of(splits.validation, CPU)


def quiet(_) -> None:
    pass


def test_first_trial_is_the_recipe_as_it_is(begin, tensors):
    study = begin()
    work(study, 2, *tensors)
    first, second = study.trials
    assert first.unchanged
    assert first.settings == {"optimiser.rate": 0.01, "training.batch_size": 64}
    assert not second.unchanged
    (*_, result) = learn(study.recipe, 1, *tensors, quiet)
    assert (first.error, first.loss) == (result.error, result.loss)


def test_a_study_that_was_interrupted_goes_on_as_if_it_had_not_been(begin, tensors, monkeypatch):
    work(whole := begin(name="whole"), 4, *tensors)
    original = search.run_epoch

    def interrupted(state, recipe, *rest):
        if state.epoch == 1 and len(study.trials) == 2:
            raise KeyboardInterrupt
        return original(state, recipe, *rest)

    monkeypatch.setattr(search, "run_epoch", interrupted)
    study = begin()
    with pytest.raises(KeyboardInterrupt):
        work(study, 4, *tensors)
    assert len(study.trials) == 2
    monkeypatch.setattr(search, "run_epoch", original)
    work(again := begin(), 4, *tensors)
    assert [replace(t, number=0) for t in again.trials] == [
        replace(t, number=0) for t in whole.trials
    ]


def test_trials_that_died_change_nothing_however_many(begin, tensors, monkeypatch):
    dying = []

    def by_its_rate(recipe, *_):
        if dying and dying.pop():
            raise KeyboardInterrupt
        yield TrialResult(abs(recipe.optimiser.rate - 0.02), 1.0, 50)

    monkeypatch.setattr(search, "learn", by_its_rate)
    work(whole := begin(name="whole"), 16, *tensors)
    study = begin()
    while len(study.trials) < 16:
        dying.append(True)
        with pytest.raises(KeyboardInterrupt):
            work(study, 16, *tensors)
        work(study, len(study.trials) + 1, *tensors)
    assert [trial.settings for trial in study.trials] == [trial.settings for trial in whole.trials]


def test_the_same_settings_are_not_trained_twice(begin, tensors, monkeypatch):
    original, trained = search.learn, []

    def counted(recipe, *rest):
        trained.append(recipe.training.batch_size)
        return original(recipe, *rest)

    monkeypatch.setattr(search, "learn", counted)
    work(study := begin(vary=["training.batch_size=64,128"]), 8, *tensors)
    assert sorted(trained) == [64, 128]
    assert len(study.trials) == 8
    assert len({(t.settings["training.batch_size"], t.error, t.loss) for t in study.trials}) == 2


def test_more_labels_than_outputs_make_a_failed_trial(begin, tensors):
    train, validation = tensors
    train.labels[0] = 11
    work(study := begin(), 1, train, validation)
    assert study.trials[0].state == "fail"
    assert "alphabet.symbols to 0, 1, 2" in study.trials[0].why


def test_what_cannot_be_trained_is_a_failed_trial(begin, tensors, monkeypatch):
    original = search.run_epoch

    def breaks(state, recipe, *rest):
        if recipe.optimiser.rate != 0.01:
            raise TrainingError("it broke down")
        return original(state, recipe, *rest)

    monkeypatch.setattr(search, "run_epoch", breaks)
    work(study := begin(), 3, *tensors)
    assert [trial.state for trial in study.trials] == ["complete", "fail", "fail"]
    assert study.trials[1].why == "it broke down"
    assert math.isnan(study.trials[1].error)


def test_what_falls_behind_is_given_up(begin, tensors, monkeypatch):
    begun = []

    def worse_each_time(*_):
        begun.append(0)
        for _ in range(2):
            begun[-1] += 1
            yield TrialResult(0.1 * len(begun), 1.0, 50)

    monkeypatch.setattr(search, "learn", worse_each_time)
    work(study := begin(), 7, *tensors)
    assert [trial.state for trial in study.trials] == ["complete"] * 5 + ["pruned"] * 2
    assert begun == [2, 2, 2, 2, 2, 1, 1]


@pytest.mark.parametrize("change", ["recipe", "vary", "seeds", "digits"])
def test_a_study_goes_on_only_as_it_was_begun(begin, tiny, splits, change):
    begin()
    other = {
        "recipe": tiny,
        "vary": VARY[:1],
        "seeds": 2,
        "splits": replace(splits, train=splits.train[:300]),
    }
    key = "splits" if change == "digits" else change
    with pytest.raises(RunError, match="use the same, or another --name"):
        begin(**{key: other[key]})
    begin()


def test_half_a_line_of_a_machine_that_stopped_is_passed_over(begin, tensors):
    work(study := begin(), 1, *tensors)
    with (study.folder / search.JOURNAL).open("a") as journal:
        journal.write('{"op_code":4,"stu')
    work(again := begin(), 2, *tensors)
    assert len(again.trials) == 2


def test_a_damaged_journal_is_one_sentence(begin):
    study = begin()
    (study.folder / search.JOURNAL).write_text("nothing\nof this kind\n")
    with pytest.raises(RunError, match="damaged"):
        begin()


def test_error_goes_before_loss_and_loss_decides_between_equals():
    few, many = TrialResult(3 / 5000, 90.0, 5000), TrialResult(4 / 5000, 0.001, 5000)
    assert few.objective < many.objective
    assert TrialResult(3 / 5000, 0.1, 5000).objective < TrialResult(3 / 5000, 0.2, 5000).objective


def test_several_seeds_are_judged_by_their_mean(tensors, tiny):
    alone = [
        list(learn(tiny.with_settings({"training.seed": seed}), 1, *tensors, quiet))
        for seed in (0, 1)
    ]
    for both, *each in zip(learn(tiny, 2, *tensors, quiet), *alone, strict=True):
        assert both.loss == pytest.approx(sum(one.loss for one in each) / 2)
        assert both.error == pytest.approx(sum(one.error for one in each) / 2)


def test_the_test_half_stays_closed(small_mnist, tiny):
    _, splits, _ = datasets.opened(tiny, small_mnist, sealed=True)
    assert len(splits.train) + len(splits.validation) == TRAIN
    with pytest.raises(DataError, match="validates on test samples"):
        _ = splits.test
    published = tiny.with_settings({"data.split": "validate-on-test"})
    with pytest.raises(DataError, match="validates on test samples"):
        datasets.opened(published, small_mnist, sealed=True)


ALONG = """
import sys, torch
from pathlib import Path
from inkdigits.data import Dataset
from inkdigits.data.splits import held_out
from inkdigits.data.synthetic import write
from inkdigits.training.symbols import Tensors
from inkdigits.search.study import Study, work
torch.set_num_threads(1)
splits = held_out(Dataset("written", write(200, seed=7), None))
tensors = [Tensors.of(part, torch.device("cpu")) for part in (splits.train, splits.validation)]
work(Study(Path(sys.argv[1])), int(sys.argv[2]), *tensors)
"""


def test_two_processes_share_a_study(begin):
    study = begin()
    command = [sys.executable, "-W", "error", "-c", ALONG, str(study.folder), "5"]
    both = [subprocess.Popen(command, stderr=subprocess.PIPE, text=True) for _ in range(2)]
    for process in both:
        assert process.communicate(timeout=100)[1] == ""
    assert len(study.trials) == 5
    assert sum(trial.unchanged for trial in study.trials) == 1
    assert len({tuple(trial.settings.values()) for trial in study.trials}) == 5


def test_a_worker_that_dies_says_why(begin, small_mnist):
    nowhere = small_mnist / "nowhere"
    with workers.workers(1, begin().folder, 3, nowhere, "cpu") as started:
        (said,) = workers.deaths(started)
    assert said.startswith("A process of the search died (")
    assert str(nowhere) in said
    assert said.endswith("; its trial does not count.")


def test_no_worker_outlives_its_block(begin, small_mnist):
    threads = torch.get_num_threads()
    with workers.workers(1, begin().folder, 3, small_mnist, "cpu") as started:
        pass
    assert started[0].poll() is not None
    assert torch.get_num_threads() == threads


def test_a_trial_that_is_held_counts_and_one_that_was_let_go_does_not(begin):
    study = begin()
    with study.ask(1) as trial:
        assert trial is not None
        with begin().ask(1) as other:
            assert other is None
    with begin().ask(1) as again:
        assert again.params == trial.params


def test_work_ends_with_its_parent(begin, monkeypatch, small_mnist, tiny):
    _, splits, _ = datasets.opened(tiny, small_mnist, sealed=True)
    study = begin(splits=splits)
    order = {"folder": str(study.folder), "trials": 1, "data": str(small_mnist), "device": "cpu"}
    order |= {"threads": torch.get_num_threads(), "parent": -1, "path": sys.path}
    monkeypatch.setattr(sys, "argv", ["", json.dumps(order)])
    with pytest.raises(SystemExit, match="has ended"):
        workers.main()
    assert study.trials == ()
