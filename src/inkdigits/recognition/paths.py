"""Paths through a lattice: what it says of a given text, and which texts it says itself.

Texts are tuples of classes of a network of lines, as in `ctc`, so that both can be held against
each other. What a recogniser of symbols does not know, as marks, is what it takes for no symbol.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from ..alphabet import NO_SYMBOL
from ..segmentation.components import Component
from .ctc import Classes
from .lattice import FLOOR, Candidate, Lattice, Role
from .line import Answer

# What speaks against each, as if it were the logarithm of a probability.
MISSING, FAINT = -4.0, -1.5  # that a symbol has no ink, or a mark or what is no symbol
PASSED = -0.5  # that a mark is none
MARKED = -1.5  # that what looks like a mark is a digit
SPECK = -0.5  # that a speck is a mark
FUSED = -0.5  # that a component is several symbols, for each of them
MOST_FUSED = 3
POSSIBLE = 0.02  # a symbol that is less likely stands in no path
PATHS = 5

Floats = npt.NDArray[np.float64]
Step = tuple[Candidate, int, int]


@dataclass(frozen=True, eq=False)
class Path:
    """One way to read a line, by its components alone.

    Attributes
    ----------
    score
        As if it were the logarithm of a probability.
    classes
        From left to right; marks are not among them.
    places
        Where each stands: the first and last column of its component, on the page.
    """

    score: float
    classes: Classes
    places: tuple[tuple[float, float], ...]


class Paths:
    """What a lattice says of texts.

    Parameters
    ----------
    lattice, answers
        Of a line, and what a recogniser says of each candidate.
    names
        What each class above 0 means: the names of an alphabet.
    """

    def __init__(
        self, lattice: Lattice, answers: Mapping[Component, Answer], names: Sequence[str]
    ) -> None:
        self.lattice = lattice
        self.names = tuple(names)
        self.nodes = len(lattice.primitives)
        self._answers = answers
        self._ending: list[list[int]] = [[] for _ in range(self.nodes + 1)]
        for at, candidate in enumerate(lattice.candidates):
            self._ending[candidate.last].append(at)
        count = len(lattice.candidates)
        self._first = np.array([c.first for c in lattice.candidates], np.intp)
        self._as_class = np.full((count, 1 + len(names)), -np.inf)
        self._as_nothing = np.zeros(count)
        self._as_several = np.full(count, -np.inf)
        known: dict[tuple[str, ...], npt.NDArray[np.intp]] = {}
        for at, candidate in enumerate(lattice.candidates):
            self._weigh(at, candidate, known)
        digits = np.array([name.isdigit() for name in names], bool)
        self._missing = np.concatenate([[0.0], np.where(digits, MISSING, FAINT)])

    def _weigh(
        self, at: int, candidate: Candidate, known: dict[tuple[str, ...], npt.NDArray[np.intp]]
    ) -> None:
        """Set what is to be said of a candidate as each class, as nothing and as several."""
        if candidate.role is Role.NOTHING:
            self._as_nothing[at] = -candidate.cost
            self._as_class[at, 1:] = [-np.inf if n.isdigit() else SPECK for n in self.names]
            return
        answer = self._answers[candidate.component]
        if answer.symbols not in known:
            order = {symbol: index for index, symbol in enumerate(answer.symbols)}
            known[answer.symbols] = np.array([order.get(name, -1) for name in self.names], np.intp)
        symbols = known[answer.symbols]
        own = np.append(answer.shares.astype(float) * (1 - answer.no_symbol), answer.no_symbol)
        logs = np.maximum(np.log(np.maximum(own, 1e-6)), FLOOR)
        if candidate.role is Role.MARK:
            self._as_nothing[at] = PASSED
            self._as_class[at, 1:] = np.where(symbols < 0, 0.0, logs[symbols] + MARKED)
            return
        size = candidate.last - candidate.first  # see `lattice`
        self._as_class[at, 1:] = size * logs[symbols] - candidate.cost
        self._as_nothing[at] = size * logs[-1] - candidate.cost
        several = max(float(np.log(max(answer.several_symbols, 1e-6))), FLOOR)
        self._as_several[at] = size * several - candidate.cost

    def log_scores(self, texts: Sequence[Classes]) -> Floats:
        """Return for each text how well the lattice can be read as it ``(K,)``.

        It is the score of the best path that gives the text: each candidate is one symbol of it,
        several, or nothing; and a symbol may have no ink. So no text is impossible.
        """
        reached = self._reached(texts)
        rows = np.arange(len(texts))
        found: Floats = reached[-1][rows, [len(text) for text in texts]]
        return found

    def _reached(self, texts: Sequence[Classes]) -> Floats:
        """Return the best score up to each primitive and symbol ``(P + 1, K, L + 1)``."""
        longest = max((len(text) for text in texts), default=0)
        classes = np.zeros((len(texts), longest), np.intp)
        for row, text in zip(classes, texts, strict=True):
            row[: len(text)] = text
        missing = np.zeros((len(texts), longest + 1))
        missing[:, 1:] = self._missing[classes].cumsum(1)
        reached = np.empty((self.nodes + 1, *missing.shape))
        reached[0] = missing
        for end in range(1, self.nodes + 1):
            some = np.array(self._ending[end], np.intp)
            before = reached[self._first[some]]  # (M, K, L + 1)
            here = before + self._as_nothing[some, None, None]
            one = before[:, :, :-1] + self._as_class[some][:, classes]
            np.maximum(here[:, :, 1:], one, out=here[:, :, 1:])
            for many in range(2, min(MOST_FUSED, longest) + 1):
                fused = (
                    before[:, :, :-many] + (self._as_several[some] + many * FUSED)[:, None, None]
                )
                np.maximum(here[:, :, many:], fused, out=here[:, :, many:])
            best = here.max(0, initial=-np.inf)
            # Whatever is missing after a symbol: the best of all that come before it.
            reached[end] = np.maximum.accumulate(best - missing, axis=1) + missing
        return reached

    def explained(self, text: Classes) -> list[Step]:
        """Return the best path that gives a text: each candidate, and which symbols it is.

        The symbols are ``text[first:last]``, none where a candidate is nothing; what is in none of
        them has no ink of its own.
        """
        reached = self._reached([text])[:, 0]
        steps: list[Step] = []
        end, at = self.nodes, len(text)
        while end > 0:
            step = self._step(reached, text, end, at)
            if step is None:
                at -= 1  # the symbol has no ink
                continue
            candidate, start = step
            steps.append((candidate, start, at))
            end, at = candidate.first, start
        return steps[::-1]

    def _step(
        self, reached: Floats, text: Classes, end: int, at: int
    ) -> tuple[Candidate, int] | None:
        """Return the candidate that ends the best path to here, and how many symbols are before."""
        for which in self._ending[end]:
            candidate = self.lattice.candidates[which]
            for many in range(min(MOST_FUSED, at) + 1):
                if many == 0:
                    cost = self._as_nothing[which]
                elif many == 1:
                    cost = self._as_class[which, text[at - 1]]
                else:
                    cost = self._as_several[which] + many * FUSED
                score = reached[candidate.first, at - many] + cost
                if np.isfinite(score) and abs(score - reached[end, at]) < 1e-9:
                    return candidate, at - many
        return None

    def best(self, count: int = PATHS) -> list[Path]:
        """Return the best paths that give different texts, the best first."""
        nothing = Path(0.0, (), ())
        ways: list[list[Path]] = [[nothing]]
        for end in range(1, self.nodes + 1):
            found: dict[Classes, Path] = {}
            for which in self._ending[end]:
                candidate = self.lattice.candidates[which]
                for before in ways[candidate.first]:
                    for classes, cost in self._meanings(which):
                        path = _longer(before, classes, cost, candidate.component)
                        known = found.get(path.classes)
                        if known is None or known.score < path.score:
                            found[path.classes] = path
            ways.append(sorted(found.values(), key=lambda path: -path.score)[:count])
        return ways[-1]

    def _meanings(self, which: int) -> list[tuple[Classes, float]]:
        """Return what a candidate may be in a text, and the score of each."""
        candidate = self.lattice.candidates[which]
        if candidate.role is not Role.SYMBOL:
            return [((), -candidate.cost)]
        answer = self._answers[candidate.component]
        own = answer.shares * (1 - answer.no_symbol)
        pairs = zip(answer.symbols, own, strict=True)
        likely = [symbol for symbol, share in pairs if share > POSSIBLE]
        if answer.no_symbol > POSSIBLE or not likely:
            likely.append(NO_SYMBOL)
        found = [1 + self.names.index(name) for name in likely if name in self.names]
        scores: list[tuple[Classes, float]] = [
            ((one,), float(self._as_class[which, one])) for one in found
        ]
        return scores or [((), float(self._as_nothing[which]))]


def _longer(path: Path, classes: Classes, cost: float, component: Component) -> Path:
    if not classes:
        return Path(path.score + cost, path.classes, path.places)
    place = (float(component.left), float(component.right))
    return Path(path.score + cost, path.classes + classes, (*path.places, place))
