"""Reading many samples of many sets in a few processes, and judging what comes of each."""

import os
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import cache
from multiprocessing import get_context
from pathlib import Path

from datasets import Dataset, Sample, datasets

from inkdigits import Reader
from inkdigits.synthesis import agreement
from inkdigits.synthesis.agreement import Tally

Placed = tuple[tuple[int, int, str], ...]

PARTS = 4  # of a set, for the processes to share
WORKERS = 2


@dataclass(frozen=True)
class Job:
    """Samples of a set, to be read in one process."""

    name: str
    numbers: tuple[int, ...]
    data: Path
    recogniser: str | None = None


@dataclass(frozen=True)
class Outcome:
    """What came of one sample.

    Attributes
    ----------
    name, truth, how, effects, cells
        The sample's.
    text
        What was read.
    placed
        What was read in cells: row, column and text of each.
    confidence
        Of the whole text.
    seconds
        That it took.
    processor
        Seconds of the processor, which other work on the machine does not lengthen.
    tally
        How many of what is counted came out how.
    """

    name: str
    truth: str
    how: str
    effects: tuple[str, ...]
    cells: tuple[tuple[str, ...], ...]
    text: str
    placed: Placed
    confidence: float
    seconds: float
    processor: float
    tally: Tally


def jobs(
    one: Dataset, data: Path, count: int | None = None, recogniser: str | None = None
) -> list[Job]:
    """Return a set in parts, or so many samples of it."""
    count = one.count if count is None else min(count, one.count)
    # Neighbours in a folder are by the same hand; pages made here differ one by one.
    numbers = [number if one.made else number * one.count // count for number in range(count)]
    parts = min(PARTS, count)
    return [Job(one.name, tuple(numbers[part::PARTS]), data, recogniser) for part in range(parts)]


def measure(todo: Sequence[Job], workers: int = WORKERS) -> dict[str, list[Outcome]]:
    """Return what comes of all jobs, by the names of their sets."""
    os.environ["OMP_NUM_THREADS"] = "1"
    found: dict[str, list[Outcome]] = {}
    if workers == 1:
        for job in todo:
            found.setdefault(job.name, []).extend(run(job))
        return found
    with ProcessPoolExecutor(workers, get_context("spawn")) as pool:
        for job, done in zip(todo, pool.map(run, todo), strict=True):
            found.setdefault(job.name, []).extend(done)
    return found


@cache
def _reader(recogniser: str | None) -> Reader:
    return Reader(recogniser)


@cache
def _datasets(data: Path) -> dict[str, Dataset]:
    return datasets(data)


def run(job: Job) -> list[Outcome]:
    """Read the samples of a job."""
    return list(_outcomes(job))


def _outcomes(job: Job) -> Iterator[Outcome]:
    reader, samples = _reader(job.recogniser), _datasets(job.data)[job.name]
    for number in job.numbers:
        sample = samples.at(number)
        begin, busy = time.perf_counter(), time.process_time()
        text, confidence, placed = read(reader, sample)
        seconds, processor = time.perf_counter() - begin, time.process_time() - busy
        yield Outcome(
            sample.name,
            sample.truth,
            sample.how,
            sample.effects,
            sample.cells,
            text,
            placed,
            confidence,
            seconds,
            processor,
            judge(sample, text),
        )


def read(reader: Reader, sample: Sample) -> tuple[str, float, Placed]:
    """Return the text that `reader` finds in a sample, how sure it is, and which cells say what."""
    if sample.how in ("digit", "sign"):
        digit = reader.read_digit(sample.source)
        return digit.text, digit.confidence, ()
    found = reader.read(sample.source)
    placed = tuple((*line.cell, line.text) for line in found.lines if line.cell is not None)
    return found.text, found.confidence, placed


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
