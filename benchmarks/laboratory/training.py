"""Time to 99.0% of MNIST's test digits: ours against others, side by side in one run.

Every round trains all baselines in turn, each from the round's seed, so what slows the machine
slows them all. Seconds are of training alone: not of imports, reading files, building a network or
evaluating, nor of what is done once and for all to the digits before the first epoch.

After each epoch the test digits are read to see whether the goal is reached. That chooses nothing:
no network and no setting is picked by it, here or elsewhere.
"""

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from statistics import fmean
from typing import Any

from benchmarks import results
from benchmarks.laboratory.baselines import BASELINES, Baseline, Learner
from benchmarks.summary import Summary
from inkdigits.data import SPLITS, Dataset, Digits, load_dataset
from inkdigits.errors import InkdigitsError, nearest
from inkdigits.training import Recipe

GOAL = 0.99
SECONDS = 900.0  # of training; a baseline that has had them is given no further epoch
WARM = 640  # digits of the training that nobody measures


@dataclass(frozen=True)
class Trained:
    """One training, to the goal or to the end of what a baseline is given."""

    seconds: float
    epochs: int
    test: float  # top-1 at the end
    parameters: int | None

    @property
    def reached(self) -> bool:
        """Whether it stopped because it was good enough."""
        return self.test >= GOAL


def measure(
    out: Path, rounds: int, data: Path | None = None, baselines: Sequence[str] | None = None
) -> Path:
    """Train the baselines in turn for so many rounds; write ``training.json``.

    It is written after every round, but for those that would leave fewer than were there.

    Parameters
    ----------
    out
        The folder to write to.
    rounds
        Trainings of each baseline: from seed 0, 1, 2 …
    data
        The folder that holds MNIST.
    baselines
        Names of `BASELINES`; by default all. Where a package is missing its baselines are skipped,
        and the file says so.

    Raises
    ------
    InkdigitsError
        If a baseline is unknown, if `out` holds others, or if MNIST cannot be had.
    """
    chosen = {name: _baseline(name) for name in baselines or BASELINES}
    before = results.load(out, results.TRAINING)
    if others := {row["name"] for row in before.get("rows", ())} - set(chosen):
        raise InkdigitsError(
            f"{out} holds what {', '.join(sorted(others))} took beside the rest, which cannot be "
            "measured apart: name another folder by --out, or no baseline."
        )
    there = {name: baseline for name, baseline in chosen.items() if _installed(baseline)}
    skipped = [
        {"what": name, "why": f"{baseline.needs} is not installed"}
        for name, baseline in chosen.items()
        if name not in there
    ]
    collection = load_dataset("mnist")
    test = collection.open_test()
    for baseline in there.values():
        # What a process does once, on a baseline's first batches, is nobody's training.
        baseline.begin(_digits(baseline, collection)[:WARM], 0).epoch()
    trained: dict[str, list[Trained]] = {name: [] for name in there}
    path = out
    for seed in range(rounds):
        for name, baseline in there.items():
            if seed == 0 or baseline.seeded:
                learner = baseline.begin(_digits(baseline, collection), seed)
                trained[name].append(to_goal(learner, baseline.epochs, test))
        found = {
            "machine": results.machine(),
            "goal": GOAL,
            "rounds": seed + 1,
            "rows": rows(there, trained),
            "skipped": skipped,
        }
        if seed + 1 == rounds or seed + 1 >= before.get("rounds", 0):
            path = results.save(out, results.TRAINING, found)  # never fewer rounds than were there
    return path


def to_goal(learner: Learner, epochs: int, test: Digits) -> Trained:
    """Train until `GOAL` of `test` is read rightly, or epochs or seconds are used up."""
    seconds, done, right = 0.0, 0, 0.0
    while done < epochs and seconds < SECONDS and right < GOAL:
        begin = time.perf_counter()
        learner.epoch()
        seconds += time.perf_counter() - begin
        done += 1
        right = float((learner.read(test.images) == test.labels).mean())
    return Trained(seconds, done, right, learner.parameters)


def rows(
    baselines: Mapping[str, Baseline], trained: Mapping[str, Sequence[Trained]]
) -> list[dict[str, Any]]:
    """Return what the page shows of each baseline, as JSON knows it.

    ``ratio`` is its seconds to the goal over ours of the same round; ``epochs`` is the mean of
    those trained, None for what does not learn by epochs.
    """
    ours = next((trained[name] for name, baseline in baselines.items() if baseline.recipe), [])
    return [_row(name, baseline, trained[name], ours) for name, baseline in baselines.items()]


def _row(
    name: str, baseline: Baseline, trained: Sequence[Trained], ours: Sequence[Trained]
) -> dict[str, Any]:
    pairs = zip(trained, ours, strict=False)  # what is trained once is compared once
    ratios = [one.seconds / we.seconds for one, we in pairs if one.reached and we.reached]
    return {
        "name": name,
        "what": baseline.what,
        "ours": bool(baseline.recipe),
        "parameters": trained[-1].parameters,
        "n": len(trained),
        "reached": sum(one.reached for one in trained),
        "test_top_1": _summary([one.test for one in trained]),
        "seconds": _summary([one.seconds for one in trained]),
        "seconds_to_goal": _summary([one.seconds for one in trained if one.reached]),
        "epochs": fmean(one.epochs for one in trained) if baseline.counted else None,
        "ratio": None if baseline.recipe else _summary(ratios),
    }


def _summary(values: Sequence[float]) -> dict[str, float] | None:
    return vars(Summary.of(values)) if values else None


def _digits(baseline: Baseline, collection: Dataset) -> Digits:
    """Return all training digits, as everyone trains on; for ours, what the recipe says."""
    if not baseline.recipe:
        return collection.training
    return SPLITS[Recipe.load(baseline.recipe).data.split](collection).train


def _baseline(name: str) -> Baseline:
    if name not in BASELINES:
        raise InkdigitsError(f"Unknown baseline {name!r}; {nearest(name, BASELINES)}")
    return BASELINES[name]


def _installed(baseline: Baseline) -> bool:
    return not baseline.needs or find_spec(baseline.needs) is not None
