import json
import os

import numpy as np
import pytest

from benchmarks.laboratory import training
from benchmarks.laboratory.baselines import Baseline
from inkdigits.errors import InkdigitsError


class Scripted:
    """Learns nothing; after each epoch it reads the part of the digits that it is told to."""

    parameters = 7

    def __init__(self, labels, parts):
        self.labels, self.parts, self.done = labels, parts, 0

    def epoch(self):
        self.done += 1

    def read(self, images):
        right = round(self.parts[self.done - 1] * len(images))
        return np.where(np.arange(len(images)) < right, self.labels, 11)


@pytest.fixture
def cast(monkeypatch, written):
    """Baselines of no size; returns which began, in order, with how many digits and what seed."""
    began: list[tuple[str, int, int]] = []
    labels = written.labels[600:]

    def baseline(name, parts, **settings):
        def begin(digits, seed):
            began.append((name, len(digits), seed))
            return Scripted(labels, parts)

        return Baseline(f"the {name}", begin, **settings)

    monkeypatch.setattr(training, "BASELINES", {
        "we": baseline("we", [1.0], epochs=1, recipe="quick"),
        "slow": baseline("slow", [0.9, 0.99, 1.0]),
        "never": baseline("never", [0.5, 0.6], epochs=2, seeded=False, counted=False),
        "absent": baseline("absent", [], needs="no_such_package"),
    })  # fmt: skip
    monkeypatch.setattr(training, "WARM", 5)
    return began


def test_rounds_take_every_baseline_in_turn_and_write_what_they_found(cast, small_mnist, tmp_path):
    path = training.measure(tmp_path / "out", 2, small_mnist)
    found = json.loads(path.read_text())
    assert [entry for entry in cast if entry[1] > 5] == [
        ("we", 550, 0), ("slow", 600, 0), ("never", 600, 0), ("we", 550, 1), ("slow", 600, 1),
    ]  # fmt: skip
    assert found["goal"] == 0.99
    assert found["rounds"] == 2
    assert found["machine"]["cores"] == os.cpu_count()
    assert found["skipped"] == [{"what": "absent", "why": "no_such_package is not installed"}]
    we, slow, never = found["rows"]
    assert (we["ours"], we["n"], we["reached"], we["epochs"], we["ratio"]) == (True, 2, 2, 1, None)
    assert (slow["reached"], slow["epochs"], slow["test_top_1"]["mean"]) == (2, 2, 0.99)
    assert slow["parameters"] == 7
    assert slow["ratio"]["low"] > 0
    assert (never["n"], never["reached"], never["epochs"]) == (1, 0, None)
    assert never["test_top_1"]["high"] == 0.6
    assert never["seconds"]["mean"] > 0
    assert never["seconds_to_goal"] is never["ratio"] is None


@pytest.mark.parametrize(("before", "after"), [(0, 1), (1, 1), (2, 2)])
def test_an_interrupted_measurement_keeps_its_rounds_or_the_more_that_were_there(
    before, after, cast, small_mnist, tmp_path, monkeypatch
):
    if before:
        training.measure(tmp_path, before, small_mnist)
    original = training.to_goal

    def interrupted(learner, epochs, test):
        if cast[-1][2] == 1:
            raise KeyboardInterrupt
        return original(learner, epochs, test)

    monkeypatch.setattr(training, "to_goal", interrupted)
    with pytest.raises(KeyboardInterrupt):
        training.measure(tmp_path, 3, small_mnist)
    assert json.loads((tmp_path / "training.json").read_text())["rounds"] == after


def test_some_baselines_do_not_take_the_place_of_all(cast, small_mnist, tmp_path):
    training.measure(tmp_path, 1, small_mnist)
    began = len(cast)
    with pytest.raises(InkdigitsError, match="holds what never, slow took"):
        training.measure(tmp_path, 1, small_mnist, ["we"])
    assert len(cast) == began


def test_seconds_end_a_training_too(written, monkeypatch):
    monkeypatch.setattr(training, "SECONDS", 0.0)
    test = written[600:]
    trained = training.to_goal(Scripted(test.labels, [0.1, 0.2]), 2, test)
    assert trained.epochs == 0
    assert not trained.reached


def test_an_unknown_baseline_is_one_sentence(tmp_path):
    with pytest.raises(InkdigitsError, match="did you mean 'gpu-record'"):
        training.measure(tmp_path, 1, baselines=["gpu-recrd"])
