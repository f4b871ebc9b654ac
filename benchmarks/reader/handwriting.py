"""The reader, and general OCR beside it, on real handwriting: digits, strings, cheques, forms.

    python -m benchmarks handwriting --data FOLDER [--beside 60] [--rapidocr PYTHON]

FOLDER holds ``handwriting/`` and ``handwriting2/``; none of it is distributed, and what is missing
is left out. `exact`: all digits of a picture are right, marks, spaces and lines apart, with its 95%
interval (Wilson); of pictures without a digit, none was read. `silent`: not exact, and no ``?``
says so. `rejected`: not exact, and one does. `with marks`: all that is written is right, line by
line. `kept at 95%`: the largest part that a threshold of confidence keeps so that 95% of it is
exact. `sure`: lines that were read with a confidence of 0.95 or more, as a part of all that are
written, or of the pictures where none is; `right`: how many of these are. `ms`: the median.
General OCR reads --beside pictures of each set, evenly chosen.
"""

import argparse
import statistics
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from benchmarks.options import argument_parser
from benchmarks.reader.datasets import Dataset, data_folder, datasets
from benchmarks.reader.measuring import WORKERS, evaluate, jobs, measure
from benchmarks.reader.ocr import OcrSystem, ocr_systems
from inkdigits.evaluation.metrics import share
from inkdigits.synthesis import agreement
from inkdigits.synthesis.agreement import EXACT

REAL = ("handwriting/", "handwriting2/", "turned", "slanted")
TARGET = 0.95


@dataclass(frozen=True)
class Reading:
    """What a system read in one picture."""

    outcome: str
    with_marks: bool | None  # None where nothing but digits is to be read
    confidence: float
    seconds: float
    complete: bool  # something was read, and nothing rejected
    lines: int = 0  # that are written; 0 where it is not known how sure they are
    sure: tuple[bool, ...] = ()  # of each line that was read surely, whether it is right


def main(arguments: Sequence[str]) -> None:
    """Measure and print."""
    parser = argument_parser("handwriting", __doc__)
    parser.add_argument("--data", type=Path, default=data_folder())
    parser.add_argument("--recogniser", help="an .onnx file or a run; by default the shipped one")
    parser.add_argument("--beside", type=int, default=60, help="pictures of a set for general OCR")
    parser.add_argument("--rapidocr", help="a Python that has RapidOCR")
    parser.add_argument("--workers", type=int, default=WORKERS, help="processes")
    options = parser.parse_args(arguments)
    found = {n: one for n, one in datasets(options.data).items() if n.startswith(REAL)}
    for line in ours(found, options):
        print(line)
    for system in ocr_systems(options.rapidocr) if options.beside else []:
        print()
        for line in beside(system, found, options.beside):
            print(line, flush=True)


def ours(found: dict[str, Dataset], options: argparse.Namespace) -> Iterator[str]:
    """Yield our table."""
    todo = [
        job for one in found.values() for job in jobs(one, options.data, None, options.recogniser)
    ]
    yield heading("inkdigits")
    for name, outcomes in measure(todo, options.workers).items():
        readings = []
        for one in outcomes:
            (outcome,) = _outcomes(one.tally)
            marks = _with_marks(one.how, one.truth, one.text)
            complete = bool(one.text.strip()) and "?" not in one.text and bool(one.truth)
            known = one.confidence, one.seconds, complete, one.lines, one.sure
            readings.append(Reading(outcome, marks, *known))
        yield row(name, readings)


def beside(system: OcrSystem, found: dict[str, Dataset], count: int) -> Iterator[str]:
    """Yield the table of another system, or the sentence why there is none."""
    if system.read is None:
        yield system.note
        return
    yield heading(system.note)
    for name, one in found.items():
        several = min(count, one.count)
        samples = [one.at(number * one.count // several) for number in range(several)]
        readings = []
        for sample, (text, seconds) in zip(samples, system.read(samples), strict=True):
            (outcome,) = _outcomes(evaluate(sample, text))
            marks = _with_marks(sample.how, sample.truth, text)
            readings.append(Reading(outcome, marks, 0.0, seconds, False))
        yield row(name, readings)


def _outcomes(tally: agreement.Tally) -> list[str]:
    return [name for name in ("exact", "rejected", "silent") for _ in range(getattr(tally, name))]


def _with_marks(how: str, truth: str, text: str) -> bool | None:
    if how != "page" or not agreement.has_marks(truth):
        return None
    return agreement.picture_with_marks(truth, text) == EXACT


def heading(system: str) -> str:
    """Return the titles of a table."""
    return (
        f"{system:28}{'n':>6}{'exact':>9}{'95% interval':>16}{'silent':>9}{'rejected':>10}"
        f"{'with marks':>16}{'kept at 95%':>13}{'sure':>8}{'right':>8}{'ms':>8}"
    )


def row(name: str, readings: Sequence[Reading]) -> str:
    """Return a line of the table."""
    count = len(readings)
    outcomes = [one.outcome for one in readings]
    exact = share(outcomes.count(EXACT), count)
    marked = [one.with_marks for one in readings if one.with_marks is not None]
    marks = f"{sum(marked) / len(marked):.1%} of {len(marked)}" if marked else "–"
    kept = f"{kept_at(TARGET, readings):.1%}" if any(one.complete for one in readings) else "–"
    interval = f"{exact.low:.1%}–{exact.high:.1%}"
    return (
        f"{name:28}{count:6}{exact.value:9.1%}{interval:>16}"
        f"{outcomes.count(agreement.SILENT) / count:9.1%}"
        f"{outcomes.count(agreement.REJECTED) / count:10.1%}{marks:>16}{kept:>13}"
        f"{share_of_sure(readings)}{1000 * statistics.median(one.seconds for one in readings):8.1f}"
    )


def share_of_sure(readings: Sequence[Reading]) -> str:
    """Return two columns: how many lines are sure, and how many of these are right."""
    lines = sum(one.lines for one in readings)
    sure = [right for one in readings for right in one.sure]
    if not lines:
        return f"{'–':>8}{'–':>8}"
    right = f"{sum(sure) / len(sure):.1%}" if sure else "–"
    return f"{len(sure) / lines:8.1%}{right:>8}"


def kept_at(target: float, readings: Sequence[Reading]) -> float:
    """Return the largest part of `readings`, the surest of them, of which `target` is exact.

    What was rejected in part, or not read at all, is never kept. Readings of one confidence are
    kept or left together, as a threshold would.
    """
    surest = sorted((one for one in readings if one.complete), key=lambda one: -one.confidence)
    best = right = 0
    for number, one in enumerate(surest, start=1):
        right += one.outcome == EXACT
        last = number == len(surest) or surest[number].confidence < one.confidence
        if last and right >= target * number:
            best = number
    return best / len(readings)
