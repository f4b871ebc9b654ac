from pathlib import Path

import numpy as np
import pytest

from benchmarks.reader.datasets import Dataset, Sample
from benchmarks.reader.measuring import PARTS, evaluate, jobs

PICTURE = np.zeros((28, 28), np.uint8)


@pytest.mark.parametrize(
    ("how", "truth", "text", "exact", "silent", "rejected"),
    [
        ("page", "12\n3", "12 3", 1, 0, 0),
        ("page", "12", "13", 0, 1, 0),
        ("page", "12", "1?", 0, 0, 1),
        ("bag", "12 3", "3 12", 1, 0, 0),
        ("none", "", "", 1, 0, 0),
        ("sign", "", "7", 0, 1, 0),
        ("lines", "12\n3", "12\n4", 1, 1, 0),
        ("marks", "1.5", "15", 0, 1, 0),
    ],
)
def test_each_kind_of_sample_is_evaluated_by_what_it_asks_for(
    how, truth, text, exact, silent, rejected
):
    tally = evaluate(Sample(PICTURE, truth, how, "one"), text)
    assert (tally.exact, tally.silent, tally.rejected) == (exact, silent, rejected)


def of(count: int, made: bool) -> Dataset:
    return Dataset("some", count, lambda _: Sample(PICTURE, "", "none", "one"), made)


def test_jobs_hold_every_sample_once():
    todo = jobs(of(10, made=False), Path("data"))
    assert len(todo) == PARTS
    assert sorted(number for job in todo for number in job.numbers) == list(range(10))


def test_some_samples_of_a_folder_are_evenly_chosen_and_of_made_ones_the_first():
    assert [job.numbers for job in jobs(of(9, made=False), Path("data"), 3)] == [(0,), (3,), (6,)]
    assert [job.numbers for job in jobs(of(9, made=True), Path("data"), 3)] == [(0,), (1,), (2,)]
