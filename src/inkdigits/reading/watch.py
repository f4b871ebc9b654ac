"""What a person sees while many pictures are read, and the pictures that are written meanwhile."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from functools import cached_property, partial
from pathlib import Path

from PIL import Image
from rich.console import Console
from rich.progress import Progress

from ..errors import PictureError
from ..files import write_bytes
from .annotate import annotated, png, steps
from .picture import Source
from .reading import Digit, Reading

Draw = Callable[[Source, Reading], Image.Image]

FEW = 3  # pictures for which no bar is worth the flicker


@dataclass
class Watch:
    """Hands readings on as they come; shows a bar, writes pictures, remembers what failed.

    Attributes
    ----------
    names, sources
        What each picture is called, and where it is read from.
    annotated, seen, steps
        Folders for copies with boxes, for what the network saw, and for the way from picture to
        digits; None writes nothing.
    failed
        How many pictures could not be read.
    """

    names: Sequence[str]
    sources: Sequence[Source]
    annotated: Path | None = None
    seen: Path | None = None
    steps: Path | None = None
    failed: int = 0
    _stems: dict[str, int] = field(default_factory=dict)

    def over(self, readings: Iterable[Reading]) -> Iterator[Reading]:
        """Yield `readings`; tell of each that has no digit or failed on standard error."""
        console = Console(stderr=True, soft_wrap=True)
        shown = console.is_terminal and len(self.names) > FEW
        told: list[str] = []
        with Progress(console=console, transient=True, disable=not shown) as bar:
            task = bar.add_task("reading", total=len(self.names))
            for name, source, reading in zip(self.names, self.sources, readings, strict=True):
                if reading.error is not None:
                    self.failed += 1
                    said = str(reading.error)
                    told.append(said if name in said else f"{name}: {said}")
                else:
                    if not reading.text:
                        told.append(f"{name}: no digit here{_why(reading)}.")
                    self._write(name, source, reading)
                yield reading
                bar.advance(task)
        for sentence in told:
            console.print(sentence, markup=False, highlight=False)
        if self.failed:
            console.print(f"{self.failed} of {len(self.names)} pictures could not be read.")

    def _write(self, name: str, source: Source, reading: Reading) -> None:
        if self.annotated is self.seen is self.steps is None:
            return
        stem = self._free("picture" if name == "-" else Path(name).stem)
        while any(path.absolute() in self._read for path in self._targets(stem, reading)):
            stem = self._free(f"{stem}-copy")  # no picture that is read shall be overwritten
        for path, draw in self._targets(stem, reading).items():
            # A file that has gone since it was read has no picture any more.
            with suppress(PictureError):
                write_bytes(path, png(draw(source, reading)))

    def _targets(self, stem: str, reading: Reading) -> dict[Path, Draw]:
        """Return what is written of one picture, and what draws it."""
        targets: dict[Path, Draw] = {}
        if self.annotated is not None:
            targets[self.annotated / f"{stem}-read.png"] = annotated
        if self.steps is not None:
            targets[self.steps / f"{stem}-steps.png"] = steps
        if self.seen is not None:
            for number, digit in enumerate(reading.digits, start=1):
                value = "none" if digit.value is None else str(digit.value)
                targets[self.seen / f"{stem}-{number:03d}-{value}.png"] = partial(_seen, digit)
        return targets

    @cached_property
    def _read(self) -> set[Path]:
        return {Path(name).absolute() for name in self.names}

    def _free(self, stem: str) -> str:
        """Return a name that no other picture of this command has."""
        self._stems[stem] = self._stems.get(stem, 0) + 1
        count = self._stems[stem]
        return stem if count == 1 else self._free(f"{stem}-{count}")


def _seen(digit: Digit, _: Source, __: Reading) -> Image.Image:
    return Image.fromarray(digit.seen)


def _why(reading: Reading) -> str:
    reasons = sorted({digit.refusal for digit in reading.digits if digit.refusal is not None})
    return f" ({', '.join(reasons)})" if reasons else " (blank: there is no ink)"
