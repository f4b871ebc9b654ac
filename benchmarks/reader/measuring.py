"""Reading many samples of many sets in a few processes, and evaluating what comes of each."""

import os
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import cache
from math import prod
from multiprocessing import get_context
from pathlib import Path

from benchmarks.reader.datasets import Dataset, Sample, datasets
from inkdigits import Reader
from inkdigits.document import Document, rows_of_cells
from inkdigits.synthesis import agreement
from inkdigits.synthesis.agreement import Tally

Placed = tuple[tuple[int, int, str], ...]

SURE = 0.95  # what a line's confidence promises is held against what is right of such lines
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
    lines
        How many there are; of a picture without any, 1.
    sure
        Of each line that was read with so much confidence as `SURE`, whether it is right.
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
    lines: int
    sure: tuple[bool, ...]
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
        answer = read(reader, sample)
        seconds, processor = time.perf_counter() - begin, time.process_time() - busy
        yield Outcome(
            sample.name,
            sample.truth,
            sample.how,
            sample.effects,
            sample.cells,
            answer.text,
            answer.placed,
            answer.confidence,
            max(1, len(_true_lines(sample))),
            _sure(sample, answer.lines),
            seconds,
            processor,
            evaluate(sample, answer.text),
        )


@dataclass(frozen=True)
class Answer:
    """What was read: a text and how sure it is, what stands in which cell, and the lines of it.

    A row of a table is a line as well, unless cells are what is looked for.
    """

    text: str
    confidence: float
    placed: Placed
    lines: tuple[tuple[str, float], ...]


def read(reader: Reader, sample: Sample) -> Answer:
    """Return what `reader` finds in a sample."""
    if sample.how in ("digit", "sign"):
        digit = reader.read_digit(sample.source)
        return Answer(digit.text, digit.confidence, (), ((digit.text, digit.confidence),))
    found = reader.read(sample.source)
    placed = tuple((*line.cell, line.text) for line in found.lines if line.cell is not None)
    return Answer(found.text, found.confidence, placed, tuple(_lines(found, sample.how)))


def _lines(document: Document, how: str) -> Iterator[tuple[str, float]]:
    for page in document.pages:
        for row in rows_of_cells(page.lines):
            parts = [line for cell in row for line in cell if line.text]
            if how == "cells":
                yield from ((line.text, line.confidence) for line in parts)
            elif parts:
                yield " ".join(line.text for line in parts), prod(one.confidence for one in parts)


def _true_lines(sample: Sample) -> list[str]:
    if sample.how == "cells":
        return [cell for row in sample.cells for cell in row if cell]
    return agreement.written(sample.truth)


def _sure(sample: Sample, lines: Sequence[tuple[str, float]]) -> tuple[bool, ...]:
    """Return of each line that is sure, and says anything, whether it is right."""
    texts = [text for text, _ in lines]
    right = agreement.right_lines(_true_lines(sample), texts, sample.how == "bag", sample.marks)
    return tuple(
        is_right
        for is_right, (text, sure) in zip(right, lines, strict=True)
        if sure >= SURE and agreement.digits(text)
    )


def evaluate(sample: Sample, text: str) -> Tally:
    """Return how a sample came out."""
    if sample.how == "lines":
        return Tally.of(agreement.lines(sample.truth, text))
    if sample.how == "marks":
        return Tally.of(agreement.whole_lines(sample.truth, text))
    if sample.how == "cells":
        return agreement.cells(sample.cells, text).tally
    if sample.how in ("none", "sign"):
        return Tally.of([agreement.nothing(text)])
    return Tally.of([agreement.picture(sample.truth, text, sample.how == "bag")])
