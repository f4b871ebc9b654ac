"""One table over everything that the reader is measured on, for whoever changes it.

    python -m benchmarks development --quick   # a part of every set, a minute and a half at most
    python -m benchmarks development           # all of it
    python -m benchmarks development marks tables handwriting2/cheques

Pictures are counted by their digits alone, `lines` and `cells` one by one, `marks` line by line as
they are written: `exact`, `silent` (wrong or lost without a ``?``), `rejected` (the rest). Of pages
and signs without a digit, exact is none read. `marks`: of the pictures with marks, all that is
written is right. `sure`: lines read with a confidence of 0.95 or more, as a part of those that are
written, and `right` of them. `ms` is the median time of the processor. Data are found in --data, or
where INKDIGITS_DATA says.
"""

import time
from collections.abc import Iterator, Sequence
from pathlib import Path

from benchmarks.options import argument_parser
from benchmarks.reader.datasets import data_folder, datasets
from benchmarks.reader.measuring import WORKERS, Outcome, jobs, measure
from inkdigits.synthesis import agreement
from inkdigits.synthesis.agreement import EXACT, Tally

QUICK = {  # samples of each set that are read in a hurry; of all others, so many
    "handwriting2/cheques": 150,
    "handwriting2/crohme_numbers": 120,
    "handwriting2/crohme_digits": 500,
    "handwriting2/crohme_signs": 300,
    "stress/pages": 64,
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
SMALL = " dpi"  # of these, one sheet


def main(arguments: Sequence[str]) -> None:
    """Read, and print the table."""
    parser = argument_parser("development", __doc__)
    parser.add_argument("sets", nargs="*", help="names of sets, or how they begin; by default all")
    parser.add_argument("--quick", action="store_true", help="a part of every set")
    parser.add_argument("--data", type=Path, default=data_folder())
    parser.add_argument("--recogniser", help="an .onnx file or a run; by default the shipped one")
    parser.add_argument("--workers", type=int, default=WORKERS, help="processes")
    parser.add_argument("--wrong", action="store_true", help="list what is not exact")
    options = parser.parse_args(arguments)
    todo = []
    for name, one in datasets(options.data).items():
        if options.sets and not name.startswith(tuple(options.sets)):
            continue
        if options.quick and name.startswith(QUICK_LEAVES_OUT):
            continue
        usual = 1 if name.endswith(SMALL) else QUICK_OF_OTHERS
        count = QUICK.get(name, usual) if options.quick else None
        todo += jobs(one, options.data, count, options.recogniser)
    begin = time.perf_counter()
    outcomes = measure(todo, options.workers)
    print(
        f"{'':30}{'n':>7}{'exact':>9}{'silent':>9}{'rejected':>10}{'marks':>9}{'sure':>8}{'right':>8}{'ms':>8}"
    )
    for line in table(outcomes):
        print(line)
    print(f"{time.perf_counter() - begin:.0f} s")
    if options.wrong:
        for name, several in outcomes.items():
            for found in several:
                if found.tally.exact < found.tally.count:
                    print(f"{name}: {found.name}: {found.truth!r} read as {found.text!r}")


def table(outcomes: dict[str, list[Outcome]]) -> Iterator[str]:
    """Yield a line for each set."""
    for name, several in outcomes.items():
        total = tally(several)
        count = max(1, total.count)
        middle = sorted(one.processor for one in several)[len(several) // 2]
        yield (
            f"{name:30}{total.count:7}{total.exact / count:9.1%}{total.silent / count:9.1%}"
            f"{total.rejected / count:10.1%}{_marks(several)}{_sure(several)}{1000 * middle:8.1f}"
        )


def _marks(several: Sequence[Outcome]) -> str:
    marked = [o for o in several if o.how == "page" and agreement.has_marks(o.truth)]
    right = sum(agreement.picture_with_marks(o.truth, o.text) == EXACT for o in marked)
    return f"{right / len(marked):9.1%}" if marked else f"{'–':>9}"


def _sure(several: Sequence[Outcome]) -> str:
    sure = [right for one in several for right in one.sure]
    right = f"{sum(sure) / len(sure):.1%}" if sure else "–"
    return f"{len(sure) / sum(one.lines for one in several):8.1%}{right:>8}"


def tally(several: Sequence[Outcome]) -> Tally:
    """Return what all outcomes come to."""
    return sum((one.tally for one in several), Tally())
