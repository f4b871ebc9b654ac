"""Documents whose truth is known: small writing, numbers with marks, printed tables, combs.

    python -m benchmarks documents [--share 0.5]

Lines, cells and combs count one by one. `exact`: right, with all marks; `rejected`: not right, and
a ``?`` says so; `wrong`: not right, and nothing says so; `lost`: nothing at all was read of it.
`sure`: read with a confidence of 0.95 or more; `right`: how many of these are.
"""

import re
from collections.abc import Iterator, Sequence
from pathlib import Path

from benchmarks.options import argument_parser
from benchmarks.reader.datasets import HEIGHTS, RESOLUTIONS, datasets
from benchmarks.reader.measuring import WORKERS, Outcome, jobs, measure
from inkdigits.synthesis import agreement
from inkdigits.synthesis.agreement import Tally

REST = ("rejected", "silent")
SURE = ("sure", "right")
MARK_NAMES = {".": "point", ",": "comma", "-": "dash", "/": "slash", ":": "colon", "%": "percent"}


def main(arguments: Sequence[str]) -> None:
    """Read all documents and print a table a kind."""
    parser = argument_parser("documents", __doc__)
    parser.add_argument("--share", type=float, default=1.0, help="of the pages of each kind")
    parser.add_argument("--recogniser", help="an .onnx file or a run; by default the shipped one")
    parser.add_argument("--workers", type=int, default=WORKERS, help="processes")
    options = parser.parse_args(arguments)
    nowhere = Path("nowhere")  # all of these are made here, without a folder
    small = [f"{height} mm at {dots} dpi" for dots in RESOLUTIONS for height in HEIGHTS]
    small.append("large above small")
    found = datasets(nowhere)
    todo = []
    for name in (*small, "marks", "tables", "combs"):
        count = max(1, round(options.share * found[name].count))
        todo += jobs(found[name], nowhere, count, options.recogniser)
    outcomes = measure(todo, options.workers)
    for line in (
        *_small_writing({name: outcomes[name] for name in small}),
        *_marks(outcomes["marks"]),
        *_tables(outcomes["tables"]),
        *_combs(outcomes["combs"]),
    ):
        print(line)


def _small_writing(outcomes: dict[str, list[Outcome]]) -> Iterator[str]:
    titles = ("lines", "exact", "rejected", "wrong", "lost", *SURE)
    yield _heading("lines of small writing", *titles)
    for name, several in outcomes.items():
        total = sum((one.tally for one in several), Tally())
        lost = sum(agreement.lost_lines(one.truth, one.text) for one in several)
        figures = total.exact, total.rejected, total.silent - lost, lost
        yield _row(name, total.count, *figures) + _sure(several)


def _marks(several: Sequence[Outcome]) -> Iterator[str]:
    """Yield a row a mark: with a ``?`` in its place it is not exact, `gone` reads as digits."""
    yield ""
    titles = ("lines", "exact", "with ?", "gone", "rejected", "wrong", "lost")
    yield _heading("numbers with a mark", *titles, *SURE)
    kinds: dict[str, list[tuple[str, str | None]]] = {"all": []}
    for one in several:
        truth = agreement.written(one.truth)
        for line, found in zip(
            truth, agreement.aligned(truth, agreement.written(one.text)), strict=True
        ):
            mark = next(sign for sign in line if not sign.isdigit())
            kinds.setdefault(MARK_NAMES[mark], []).append((line, found))
            kinds["all"].append((line, found))
    for name, pairs in kinds.items():
        fates = [_fate(line, found) for line, found in pairs]
        # How sure lines are is known of pages, and on one stand numbers with several marks.
        sure = _sure(several) if name == "all" else ""
        yield _row(name, len(fates), *(fates.count(title) for title in titles[1:])) + sure


def _fate(truth: str, found: str | None) -> str:
    """Return what became of a line with a mark."""
    pattern = "".join(sign if sign.isdigit() else rf"(\?|{re.escape(sign)})" for sign in truth)
    if found is None:
        return "lost"
    if found == truth:
        return "exact"
    if re.fullmatch(pattern, found):
        return "with ?"
    if found == agreement.digits(found):
        return "gone"  # whether the digits are right or not: nobody can tell from the text
    return "rejected" if "?" in found else "wrong"


def _tables(several: Sequence[Outcome]) -> Iterator[str]:
    yield ""
    yield _heading("cells of printed tables", "cells", "exact", "in place", "merged", *REST, *SURE)
    for name, own in _by_effect(several):
        total, merged, placed = Tally(), 0, 0
        for one in own:
            found = agreement.cells(one.cells, one.text)
            total, merged = total + found.tally, merged + found.merged
            placed += _in_place(one)
        figures = total.exact, placed, merged, total.rejected, total.silent
        yield _row(name, total.count, *figures) + _sure(own)


def _in_place(one: Outcome) -> int:
    """Return how many cells are right and stand where they should."""
    found = {(row, column): text for row, column, text in one.placed}
    return sum(
        bool(cell) and found.get((row, column)) == cell
        for row, cells in enumerate(one.cells)
        for column, cell in enumerate(cells)
    )


def _combs(several: Sequence[Outcome]) -> Iterator[str]:
    yield ""
    yield _heading("combs, a digit a cell", "combs", "exact", *REST, *SURE)
    for name, own in _by_effect(several):
        total = sum((one.tally for one in own), Tally())
        yield _row(name, total.count, total.exact, total.rejected, total.silent) + _sure(own)


def _by_effect(several: Sequence[Outcome]) -> Iterator[tuple[str, list[Outcome]]]:
    yield "all", list(several)
    for name in sorted({effect for one in several for effect in one.effects}):
        yield name, [one for one in several if name in one.effects]


def _sure(several: Sequence[Outcome]) -> str:
    sure = [right for one in several for right in one.sure]
    right = f"{sum(sure) / len(sure):.1%}" if sure else "–"
    return f"{len(sure) / sum(one.lines for one in several):10.1%}{right:>10}"


def _heading(name: str, *titles: str) -> str:
    return f"{name:28}" + "".join(f"{title:>10}" for title in titles)


def _row(name: str, count: int, *figures: int) -> str:
    shares = "".join(f"{figure / max(1, count):10.1%}" for figure in figures)
    return f"{name:28}{count:10}{shares}"
