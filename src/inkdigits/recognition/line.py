"""Reading lines: what every recogniser of lines offers, and the one that goes by components."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

import cv2
import numpy as np
import numpy.typing as npt

from ..alphabet import Alphabet
from ..document import Reason
from ..models.contract import SIDE
from ..segmentation.components import Component
from ..segmentation.lines import TextLine
from .lattice import Candidate, Lattice
from .recogniser import Recogniser

CROP = 64  # pixels of the longer side of a crop: the network sees 28
PAPER = 1  # pixels of it at the right of a crop and below: no crop is ink all around
CHUNK = 1024  # crops that stand in memory at a time: 16 MB


@dataclass(frozen=True, eq=False)
class Answer:
    """What a recogniser says of one component: a row of its `Prediction`."""

    symbols: tuple[str, ...]  # of the alphabet
    shares: npt.NDArray[np.float32]  # (S,), of each symbol
    no_symbol: float
    several_symbols: float
    network_input: npt.NDArray[np.uint8]  # (28, 28), 0 paper to 255 ink

    @classmethod
    def blank(cls, alphabet: Alphabet) -> "Answer":
        """Return what is to be said of nothing at all."""
        count = len(alphabet.symbols)
        even = np.full(count, 1 / count, np.float32)
        return cls(alphabet.symbols, even, 1.0, 0.0, np.zeros((SIDE, SIDE), np.uint8))

    @property
    def likeliest(self) -> str:
        """The symbol that it is, if it is one."""
        return self.symbols[int(self.shares.argmax())]

    @property
    def confidence(self) -> float:
        """How likely it is a symbol, and the likeliest one."""
        return float(self.shares.max()) * (1 - self.no_symbol)


@dataclass(frozen=True, eq=False)
class LineReading:
    """A lattice of which all candidates have an answer."""

    lattice: Lattice
    answers: Mapping[Component, Answer]

    def best(self) -> list[tuple[Candidate, Answer]]:
        """Return what explains the line best, from left to right, and what is said of each."""
        sure = {part: self.answers[part].confidence for part in self.lattice.components}
        return [(one, self.answers[one.component]) for one in self.lattice.best(sure)]

    @property
    def probability(self) -> float | None:
        """How likely all its digits are right; None if that follows from its symbols alone."""
        return None

    def sure(self, components: Sequence[Component]) -> list[float]:
        """Return how sure each component of the line is read."""
        return [self.answers[component].confidence for component in components]

    def doubt(self, _component: Component) -> Reason:
        """Return why a symbol of the line that is not sure enough is not."""
        return Reason.LOW_CONFIDENCE


class LineRecogniser(Protocol):
    """Whatever reads lines: lines of ink and an alphabet in, a lattice of symbols for each out."""

    @property
    def alphabet(self) -> Alphabet:
        """The symbols that it can say."""
        ...

    def read(self, lines: Sequence[TextLine]) -> list[LineReading]:
        """Return the ways to read each of `lines`, and what speaks for each."""
        ...


class ComponentLineRecogniser:
    """Reads lines by their components: joined, cut, and asked of a recogniser of symbols.

    Parameters
    ----------
    recogniser
        Of single symbols.
    """

    def __init__(self, recogniser: Recogniser) -> None:
        self.recogniser = recogniser

    @property
    def alphabet(self) -> Alphabet:
        """The symbols that its recogniser can say."""
        return self.recogniser.alphabet

    def read(self, lines: Sequence[TextLine]) -> list[LineReading]:
        """Return the ways to read each of `lines`; all of them are asked of together."""
        answers = self.ask([part for line in lines for part in line.components])
        lattices = [
            Lattice(
                line.components,
                [answers[part].confidence for part in line.components],
                [answers[part].several_symbols for part in line.components],
                line.height,
                line.marks,
            )
            for line in lines
        ]
        made = [part for lattice in lattices for part in lattice.components if part not in answers]
        answers |= self.ask(made)
        return [LineReading(lattice, answers) for lattice in lattices]

    def ask(self, components: Sequence[Component]) -> dict[Component, Answer]:
        """Return what the recogniser says of each; components are told apart by identity."""
        answers: dict[Component, Answer] = {}
        for start in range(0, len(components), CHUNK):
            some = components[start : start + CHUNK]
            answers.update(zip(some, self._ask(some), strict=True))
        return answers

    def _ask(self, components: Sequence[Component]) -> Iterator[Answer]:
        crops = np.zeros((len(components), *_size(components)), np.float32)
        for crop, component in zip(crops, components, strict=True):
            ink = _shrunk(component)
            crop[: ink.shape[0], : ink.shape[1]] = ink
        found = self.recogniser.read(crops)
        seen = np.rint(found.network_input * 255).astype(np.uint8)
        none, several = found.no_symbol.tolist(), found.several_symbols.tolist()
        rows = zip(found.probabilities, none, several, seen, strict=True)
        return (Answer(self.recogniser.alphabet.symbols, *row) for row in rows)


def _shrunk(component: Component) -> npt.NDArray[np.float32]:
    scale = CROP / max(component.height, component.width)
    if scale >= 1:
        return component.ink
    size = max(1, round(component.width * scale)), max(1, round(component.height * scale))
    return np.asarray(cv2.resize(component.ink, size, interpolation=cv2.INTER_AREA), np.float32)


def _size(components: Sequence[Component]) -> tuple[int, int]:
    """Return a height and width that hold every crop, and some paper."""
    tall = max((component.height for component in components), default=1)
    wide = max((component.width for component in components), default=1)
    return min(tall, CROP) + PAPER, min(wide, CROP) + PAPER
