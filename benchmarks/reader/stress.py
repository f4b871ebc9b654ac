"""What the reader makes of pages whose truth is known: how much it reads right, effect by effect.

    python -m benchmarks stress [--count 200] [--data DIR] [--misread DIR]

Every other page has one effect alone; the last columns count those. Errors are edits (Levenshtein)
over characters, spaces left out, the ends of lines counted as characters.
"""

import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain
from pathlib import Path

import numpy as np
import numpy.typing as npt
from PIL import Image

from benchmarks.options import argument_parser
from inkdigits import Reader
from inkdigits.synthesis import KINDS, SyntheticPage, Writers, pages
from inkdigits.synthesis.agreement import edits
from inkdigits.synthesis.blanks import SUBJECTS
from inkdigits.synthesis.effects import EFFECTS

TITLES = {
    "pages": ("n", "exact", "errors", "rejected", "lines wrong"),
    "none": ("n", "rejected"),
    "singles": ("n", "right", "rejected", "wrong"),
    "tight": ("n", "right", "rejected", "wrong"),
}


@dataclass(frozen=True, eq=False)
class Outcome:
    """What was read on a page, and how far it is right."""

    page: SyntheticPage
    text: str  # spaces left out

    @property
    def exact(self) -> bool:
        """Whether all is right; of a page without digits, whether none was read."""
        if self.page.kind == "none":
            return not any(character.isdigit() for character in self.text)
        return self.text == self.page.truth

    @property
    def errors(self) -> int:
        """The edits that it takes from the truth to the text."""
        return edits(self.page.truth, self.text)

    @property
    def rejected(self) -> int:
        """How many characters the reader would not vouch for."""
        return self.text.count("?")

    @property
    def lines_wrong(self) -> bool:
        """Whether there are too many lines of text, or too few."""
        return len(self.text.split()) != len(self.page.truth.split())


def main(arguments: Sequence[str]) -> None:
    """Read all pages and print a table for each kind."""
    parser = argument_parser("stress", __doc__)
    parser.add_argument("--count", type=int, default=200, help="pages of each kind")
    parser.add_argument("--kinds", nargs="+", choices=KINDS, default=KINDS, help="which pages")
    parser.add_argument("--seed", type=int, default=0, help="the same seed gives the same pages")
    parser.add_argument("--recogniser", type=Path, default=None, help="an .onnx file or a run")
    parser.add_argument("--data", type=Path, default=None, help="MNIST's folder; else only pens")
    parser.add_argument("--save", type=Path, default=None, help="write all pages here")
    parser.add_argument("--misread", type=Path, default=None, help="write the misread pages here")
    parser.add_argument("--workers", type=int, default=2, help="processes")
    options = parser.parse_args(arguments)
    reader, writers = Reader(options.recogniser), Writers(options.data)
    for kind in options.kinds:
        begin = time.perf_counter()
        outcomes = []
        made = pages(kind, options.count, writers, options.seed)
        for outcome in read(reader, kind, made, options.workers):
            outcomes.append(outcome)
            page = outcome.page
            if options.save is not None:
                save(page, options.save)
            if options.misread is not None and not outcome.exact:
                save(page, options.misread, f"-read-{_in_a_name(outcome.text)}")
        print(f"\n{kind}: {time.perf_counter() - begin:.0f} s")
        for line in table(kind, outcomes):
            print(line)


def read(
    reader: Reader, kind: str, made: Iterable[SyntheticPage], workers: int
) -> Iterator[Outcome]:
    """Yield what `reader` makes of pages of a kind, in their order."""
    waiting: deque[SyntheticPage] = deque()

    def pictures() -> Iterator[npt.NDArray[np.uint8]]:
        for page in made:
            waiting.append(page)
            yield page.picture

    single = kind not in ("pages", "none")
    for document in reader.read_many(pictures(), single=single, workers=workers):
        yield Outcome(waiting.popleft(), document.text.replace(" ", ""))


def table(kind: str, outcomes: Sequence[Outcome]) -> Iterator[str]:
    """Yield the lines of a table: all outcomes, then those of each effect."""
    titles = TITLES[kind]
    alone = kind in ("pages", "singles")
    heading = f"{'':16}" + "".join(f"{title:>13}" for title in titles)
    yield heading + (f"{'alone':>13}{titles[1]:>13}" if alone else "")
    yield _row("all", outcomes, titles)
    met = dict.fromkeys(effect for outcome in outcomes for effect in outcome.page.effects)
    order = [*SUBJECTS, "plain", *chain(*EFFECTS.values())]
    for effect in sorted(met, key=lambda name: order.index(name) if name in order else 0):
        own = [outcome for outcome in outcomes if effect in outcome.page.effects]
        only = [outcome for outcome in own if len(outcome.page.effects) == 1]
        yield _row(effect, own, titles) + (_row("", only, titles[:2])[16:] if alone else "")


def _row(name: str, outcomes: Sequence[Outcome], titles: Sequence[str]) -> str:
    figures: dict[str, Callable[[], float]] = {
        "exact": lambda: sum(o.exact for o in outcomes) / len(outcomes),
        "right": lambda: sum(o.exact for o in outcomes) / len(outcomes),
        "wrong": lambda: sum(not o.exact and not o.rejected for o in outcomes) / len(outcomes),
        "errors": lambda: sum(o.errors for o in outcomes) / _characters(outcomes),
        "rejected": lambda: sum(o.rejected for o in outcomes) / _characters(outcomes),
        "lines wrong": lambda: sum(o.lines_wrong for o in outcomes) / len(outcomes),
    }
    if titles == TITLES["none"]:
        figures["rejected"] = figures["exact"]
    row = f"{name:16}{len(outcomes):13}"
    return row + "".join(f"{figures[t]():13.1%}" if outcomes else f"{'-':>13}" for t in titles[1:])


def _characters(outcomes: Sequence[Outcome]) -> int:
    return max(1, sum(len(outcome.page.truth) for outcome in outcomes))


def save(page: SyntheticPage, folder: Path, note: str = "") -> None:
    """Write `page` as PNG; its name tells what it says and what happened to it."""
    folder.mkdir(parents=True, exist_ok=True)
    effects = "+".join(page.effects).replace(" ", "_")
    name = f"{page.kind}-{page.number:04d}-{_in_a_name(page.truth)}{note}-{effects}.png"
    Image.fromarray(page.picture).save(folder / name)


def _in_a_name(text: str) -> str:
    return text.replace("\n", "_").replace("?", "x")[:80] or "nothing"
