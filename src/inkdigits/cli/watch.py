"""What a person sees while many pictures are read, and the pictures that are written meanwhile."""

import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property, partial
from pathlib import Path

import numpy as np
from PIL import Image
from rich.console import Console
from rich.progress import Progress

from ..alphabet import MARKS
from ..document import SIDE, Document, Symbol
from ..errors import InkdigitsError, PictureError
from ..files import write_bytes
from ..io.annotate import annotated, png, stacked
from ..io.guard import cause
from ..io.picture import Source
from ..io.sources import content
from ..reading.batch import Trace
from ..reading.steps import steps
from .base import progress
from .inputs import STDIN, Input
from .notes import print_sentence

Draw = Callable[[], Image.Image]

FEW = 3  # pictures for which no bar is worth the flicker


@dataclass
class Watch:
    """Hands documents on as they come; shows a bar, writes pictures, remembers what failed.

    Attributes
    ----------
    names
        What each picture is called.
    annotated, network_input, steps
        Folders for copies with boxes, for what the network saw, and for the way from picture to
        digits; None writes nothing.
    failed
        How many pictures could not be read.
    """

    names: Sequence[str]
    annotated: Path | None = None
    network_input: Path | None = None
    steps: Path | None = None
    failed: int = 0
    _stems: dict[str, int] = field(default_factory=dict)

    @property
    def draws(self) -> bool:
        """Whether it needs the intermediate pictures."""
        return not (self.annotated is self.steps is None)

    def over(self, traces: Iterable[Trace]) -> Iterator[Document]:
        """Yield the documents, each under its name among `names`.

        Of each without a digit, or that failed, it tells on standard error.
        """
        console = Console(stderr=True)
        shown = console.is_terminal and len(self.names) > FEW and progress()
        messages: list[str] = []
        with Progress(console=console, transient=True, disable=not shown) as bar:
            task = bar.add_task("Reading", total=len(self.names))
            for name, trace in zip(self.names, traces, strict=True):
                document = trace.document
                if document.error is not None:
                    self.failed += 1
                    text = document.error
                    messages.append(text if name in text else f"{name}: {text}")
                else:
                    if not document.text and progress():
                        messages.append(f"{name}: no digit was found{_why(document)}.")
                    self._write_or_tell(name, trace, messages)
                yield replace(document, name=name)
                bar.advance(task)
        for sentence in messages:
            print_sentence(sentence)
        if self.failed:
            print_sentence(f"{self.failed} of {len(self.names)} pictures could not be read.")

    def _write_or_tell(self, name: str, trace: Trace, messages: list[str]) -> None:
        try:
            self._write(name, trace)
        except InkdigitsError:  # nothing can be written there: neither can the next one
            raise
        except Exception as error:  # noqa: BLE001 no drawing is worth the rest of the pictures
            self.failed += 1
            messages.append(f"{name} was read, but not drawn ({cause(error)}).")

    def _write(self, name: str, trace: Trace) -> None:
        if self.annotated is self.network_input is self.steps is None:
            return
        stem = self._free("picture" if name == "-" else Path(name).stem)
        while any(path.absolute() in self._read for path in self._targets(stem, trace)):
            stem = self._free(f"{stem}-copy")  # no picture that is read shall be overwritten
        for path, draw in self._targets(stem, trace).items():
            write_bytes(path, png(draw()))

    def _targets(self, stem: str, trace: Trace) -> dict[Path, Draw]:
        """Return what is written of one picture, and what draws it."""
        targets: dict[Path, Draw] = {}
        if self.annotated is not None:
            targets[self.annotated / f"{stem}-read.png"] = partial(_annotated, trace)
        if self.steps is not None:
            targets[self.steps / f"{stem}-steps.png"] = partial(_steps, trace)
        if self.network_input is not None:
            for number, symbol in enumerate(trace.document.symbols, start=1):
                value = _file_name(symbol)
                targets[self.network_input / f"{stem}-{number:03d}-{value}.png"] = partial(
                    _network_input, symbol
                )
        return targets

    @cached_property
    def _read(self) -> set[Path]:
        return {Path(name).absolute() for name in self.names}

    def _free(self, stem: str) -> str:
        """Return a name that no other picture of this command has."""
        self._stems[stem] = self._stems.get(stem, 0) + 1
        count = self._stems[stem]
        return stem if count == 1 else self._free(f"{stem}-{count}")


def given(found: Sequence[Input]) -> tuple[list[Input], list[Source]]:
    """Return inputs, and the sources of those that have no problem; standard input is read."""
    checked: list[Input] = []
    sources: list[Source] = []
    for one in found:
        name, problem = one.name, one.problem
        source: Source = name
        if name == STDIN and problem is None:
            try:
                source = content(sys.stdin.buffer)
            except PictureError as error:
                problem = str(error)
        if problem is None:
            sources.append(source)
        checked.append(Input(name, problem))
    return checked, sources


def with_problems(found: Sequence[Input], traces: Iterable[Trace]) -> Iterator[Trace]:
    """Yield a trace for each input: what was read, and between that, what was not."""
    reading = iter(traces)
    for one in found:
        if one.problem is None:
            yield next(reading)
        else:
            yield Trace(Document(Path(one.name).name, error=one.problem))
    yield from reading  # nothing more; but it ends only when it is asked


def _annotated(trace: Trace) -> Image.Image:
    drawn = [annotated(p.pixels, p.page) for p in trace.pages if p.pixels is not None]
    return stacked(drawn)


def _steps(trace: Trace) -> Image.Image:
    return stacked([steps(page) for page in trace.pages])


def _network_input(symbol: Symbol) -> Image.Image:
    blank = np.zeros((SIDE, SIDE), np.uint8)
    return Image.fromarray(blank if symbol.network_input is None else symbol.network_input)


def _file_name(symbol: Symbol) -> str:
    """Return what a file is called by a symbol: a slash would part folders."""
    if symbol.value is None:
        return "none"
    name = MARKS.get(symbol.value, symbol.value)
    return "".join(sign if sign.isalnum() else "-" for sign in name)


def _why(document: Document) -> str:
    reasons = sorted({symbol.reason for symbol in document.symbols if symbol.reason})
    return f" ({', '.join(reasons)})" if reasons else " (blank: there is no ink)"
