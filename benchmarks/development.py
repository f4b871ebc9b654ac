"""One table over everything that the reader is measured on, for whoever changes it.

    python benchmarks/development.py --quick   # a part of every set, a minute and a half at most
    python benchmarks/development.py           # all of it
    python benchmarks/development.py marks tables handwriting2/cheques

Pictures are counted by their digits alone, `lines`, `marks` and `cells` one by one: `exact`,
`silent` (wrong or lost without a ``?``), `rejected` (the rest). Of pages and signs without a digit,
exact is none read. Data are found in --data, or where INKDIGITS_DATA says.
"""

import argparse
import os
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import cache
from multiprocessing import get_context
from pathlib import Path

import agreement
from agreement import Tally
from datasets import Dataset, Sample, data_folder, datasets

from inkdigits import Reader

QUICK = {  # samples of each set that are read in a hurry; of all others, so many
    "handwriting2/cheques": 150,
    "handwriting2/crohme_numbers": 120,
    "handwriting2/crohme_digits": 500,
    "handwriting2/crohme_signs": 300,
    "stress/pages": 80,
    "stress/none": 40,
    "stress/singles": 100,
    "stress/tight": 120,
    "marks": 32,
    "tables": 24,
    "combs": 24,
    "large above small": 2,
}
QUICK_OF_OTHERS = 120
QUICK_LEAVES_OUT = ("6 mm", "8 mm")
PARTS = 4  # of a set, for the processes to share


@dataclass(frozen=True)
class Job:
    """A part of a set, to be read in one process."""

    name: str
    numbers: tuple[int, ...]
    data: Path
    recogniser: str | None


@dataclass(frozen=True)
class Outcome:
    """What came of one sample."""

    name: str
    truth: str
    text: str
    tally: Tally
    seconds: float


def main() -> None:
    """Read, and print the table."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("sets", nargs="*", help="names of sets, or how they begin; by default all")
    parser.add_argument("--quick", action="store_true", help="a part of every set")
    parser.add_argument("--data", type=Path, default=data_folder())
    parser.add_argument("--recogniser", help="an .onnx file or a run; by default the shipped one")
    parser.add_argument("--workers", type=int, default=2, help="processes")
    parser.add_argument("--wrong", action="store_true", help="list what is not exact")
    options = parser.parse_args()
    found = datasets(options.data)
    chosen = [
        one
        for name, one in found.items()
        if (not options.sets or name.startswith(tuple(options.sets)))
        and not (options.quick and name.startswith(QUICK_LEAVES_OUT))
    ]
    jobs = [job for one in chosen for job in _jobs(one, options)]
    os.environ["OMP_NUM_THREADS"] = "1"
    begin = time.perf_counter()
    outcomes: dict[str, list[Outcome]] = {one.name: [] for one in chosen}
    with ProcessPoolExecutor(options.workers, get_context("spawn")) as pool:
        for job, done in zip(jobs, pool.map(run, jobs), strict=True):
            outcomes[job.name] += done
    print(f"{'':30}{'n':>7}{'exact':>9}{'silent':>9}{'rejected':>10}{'ms':>8}")
    for line in table(outcomes):
        print(line)
    print(f"{time.perf_counter() - begin:.0f} s")
    if options.wrong:
        for name, several in outcomes.items():
            for one in several:
                if one.tally.exact < one.tally.count:
                    print(f"{name}: {one.name}: {one.truth!r} read as {one.text!r}")


def _jobs(one: Dataset, options: argparse.Namespace) -> Iterator[Job]:
    count = min(one.count, QUICK.get(one.name, QUICK_OF_OTHERS)) if options.quick else one.count
    # Neighbours of a folder are by the same hand; pages made here differ one by one.
    numbers = [number if one.made else number * one.count // count for number in range(count)]
    for part in range(min(PARTS, count)):
        yield Job(one.name, tuple(numbers[part::PARTS]), options.data, options.recogniser)


@cache
def _reader(recogniser: str | None) -> Reader:
    return Reader(recogniser)


def run(job: Job) -> list[Outcome]:
    """Read the samples of a job."""
    reader, samples = _reader(job.recogniser), _datasets(job.data)[job.name]
    outcomes = []
    for number in job.numbers:
        sample = samples.at(number)
        begin = time.perf_counter()
        text = read(reader, sample)
        seconds = time.perf_counter() - begin
        tally = judge(sample, text)
        outcomes.append(Outcome(sample.name, sample.truth, text, tally, seconds))
    return outcomes


@cache
def _datasets(data: Path) -> dict[str, Dataset]:
    return datasets(data)


def read(reader: Reader, sample: Sample) -> str:
    """Return the text that `reader` finds in a sample."""
    if sample.how in ("digit", "sign"):
        value = reader.read_digit(sample.source).value
        return "?" if value is None else str(value)
    return reader.read(sample.source).text


def judge(sample: Sample, text: str) -> Tally:
    """Return how a sample came out."""
    if sample.how == "lines":
        return Tally.of(agreement.lines(sample.truth, text))
    if sample.how == "marks":
        return Tally.of(agreement.marked_lines(sample.truth, text))
    if sample.how == "cells":
        return agreement.cells(sample.cells, text).tally
    if sample.how in ("none", "sign"):
        return Tally.of([agreement.nothing(text)])
    return Tally.of([agreement.picture(sample.truth, text, sample.how == "bag")])


def table(outcomes: dict[str, Sequence[Outcome]]) -> Iterator[str]:
    """Yield a line for each set."""
    for name, several in outcomes.items():
        total = sum((one.tally for one in several), Tally())
        count = max(1, total.count)
        time_each = sorted(one.seconds for one in several)[len(several) // 2]
        yield (
            f"{name:30}{total.count:7}{total.exact / count:9.1%}{total.silent / count:9.1%}"
            f"{total.rejected / count:10.1%}{1000 * time_each:8.1f}"
        )


if __name__ == "__main__":
    main()
