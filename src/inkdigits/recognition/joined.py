"""Two readers of a line, held against each other: the lattice of its components, and a network.

Each proposes texts, and each says of the texts of both how likely they are. Where they agree, a
symbol is sure; where they do not, it is as doubtful as what speaks for either.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from ..alphabet import UNKNOWN, Alphabet
from ..document import Reason
from ..models.contract import SIDE
from ..segmentation.components import Component
from ..segmentation.lines import TextLine
from ..segmentation.strip import stretched
from .ctc import Classes, Span, align, best_path, likely_texts, log_likelihoods
from .lattice import Candidate, Role
from .line import Answer, ComponentLineRecogniser, LineReading
from .line_confidence import SURE, Calibration, Features
from .line_network import LineNetwork
from .paths import Path, Paths
from .pieces import Columns, pieces
from .recogniser import Recogniser
from .texts import aligned, softmax, symbol_shares

NEVER_FIRST, ODD = "/:%", -3.0  # before a digit, and by how much it is less likely
TINY = 0.35  # of the height: what is smaller at an end of a line, and no symbol, is a speck
NETWORK_TEXTS = 10  # that the network proposes
LOOKS = (0.85, 1.18)  # how wide a line is on other looks at it
HALF = 0.5
# Of a lone symbol, by how much the reader of symbols counts against the network, and the least that
# either leaves to what it does not see.
OF_SYMBOLS, LEAST = 0.6, 1e-9
INSIDE = 0.25  # of a component, on either side: a mark that stands further in is a part of it
NOT_SEEN: npt.NDArray[np.uint8] = np.zeros((SIDE, SIDE), np.uint8)

Floats = npt.NDArray[np.float64]
Placed = tuple[tuple[float, str], ...]  # symbols, and how far across the page each stands


@dataclass(frozen=True, eq=False)
class JoinedReading(LineReading):
    """A line that two readers have read.

    Attributes
    ----------
    lattice, answers
        Of the reader by components, as before.
    symbols
        What the line reads as, from left to right: where each symbol stands, and what both together
        say of it.
    passed
        Ink that is in no symbol.
    doubtful
        Of `symbols` those that the two readers see differently.
    posterior
        Of the text, among all that were proposed.
    features
        From which `confidence` follows.
    confidence
        How likely all digits of the line are right.
    by_components, by_network
        What either reader alone takes the line for, to be drawn; the first knows no marks.
    """

    symbols: Sequence[tuple[Candidate, Answer]]
    passed: Sequence[Candidate]
    doubtful: frozenset[Component]
    posterior: float
    features: Features
    confidence: float
    by_components: Placed = ()
    by_network: Placed = ()

    @property
    def text(self) -> str:
        """The likeliest symbols, whatever may be doubted about them."""
        return "".join(answer.likeliest for _, answer in self.symbols)

    @property
    def probability(self) -> float:
        """How likely all digits of the line are right."""
        return self.confidence

    @property
    def agree(self) -> bool:
        """Whether both readers alone read the same digits."""
        return bool(self.features.agree)

    def best(self) -> list[tuple[Candidate, Answer]]:
        """Return the symbols from left to right, and behind them what is none."""
        return [*self.symbols, *((one, self.answers[one.component]) for one in self.passed)]

    def sure(self, components: Sequence[Component]) -> list[float]:
        """Return how sure each component is read: as sure as the symbols that it lies in."""
        if not self.symbols:
            return [0.0] * len(components)
        left, right = np.array([(o.component.left, o.component.right) for o, _ in self.symbols]).T
        sure = np.array([answer.confidence for _, answer in self.symbols])
        found = []
        for part in components:
            common = np.minimum(right, part.right) - np.maximum(left, part.left)
            common = np.maximum(common, 0)
            known = common.sum() >= 0.5 * part.width  # touching digits are one component
            found.append(float(np.average(sure, weights=common)) if known else 0.0)
        return found

    def pictured(self, seen: Mapping[Component, Answer]) -> "JoinedReading":
        """Return the same, with the pictures of symbols that a recogniser has `seen` since."""
        symbols = [
            (one, replace(answer, network_input=seen[one.component].network_input))
            if one.component in seen
            else (one, answer)
            for one, answer in self.symbols
        ]
        return replace(self, symbols=symbols)

    def doubt(self, component: Component) -> Reason:
        """Return why a symbol is not sure enough: that the readers disagree, if they do."""
        return Reason.DISAGREE if component in self.doubtful else super().doubt(component)


class JoinedLineRecogniser:
    """Reads lines by their components and, where they have strips, by a network; and joins both.

    Parameters
    ----------
    recogniser
        Of single symbols.
    network
        Of lines.
    calibration
        How they are joined; by default the one beside the network.
    """

    def __init__(
        self, recogniser: Recogniser, network: LineNetwork, calibration: Calibration | None = None
    ) -> None:
        self.components = ComponentLineRecogniser(recogniser)
        self.network = network
        self.calibration = calibration or Calibration.beside(network.bundle)

    @property
    def alphabet(self) -> Alphabet:
        """The symbols that its network can say."""
        return self.network.alphabet

    def read(self, lines: Sequence[TextLine]) -> list[LineReading]:
        """Return the ways to read each of `lines`; one without strips is read by components."""
        readings = self.components.read(lines)
        seen = look(self.network, lines)
        found: list[LineReading] = []
        for line, reading, columns in zip(lines, readings, seen, strict=True):
            if columns is None:
                found.append(reading)
                continue
            if line.single:
                found.append(as_one(line.components[0], reading, columns, self.network.alphabet))
                continue
            found.append(join(line, reading, columns, self.network.alphabet, self.calibration))
        return self._with_pictures(found)

    def _with_pictures(self, readings: Sequence[LineReading]) -> list[LineReading]:
        """Return readings in which symbols that the network has cut out have been looked at."""
        fresh = [
            candidate.component
            for reading in readings
            if isinstance(reading, JoinedReading)
            for candidate, answer in reading.symbols
            if answer.network_input is NOT_SEEN
        ]
        seen = self.components.ask(fresh)
        return [
            reading.pictured(seen) if isinstance(reading, JoinedReading) else reading
            for reading in readings
        ]


def look(network: LineNetwork, lines: Sequence[TextLine]) -> list[Columns | None]:
    """Return what a network says of each line; None of one without strips.

    A line it looks at again, narrower and wider: what it reads only once is not to be believed. It
    does not if that would tell nothing of a lone symbol, or cost too much of a very long line.
    """
    again = [line.strips if len(line.strips) == 1 and not line.single else () for line in lines]
    strips = [strip for line in lines for strip in line.strips]
    others = [stretched(strip, by) for own in again for by in LOOKS for strip in own]
    said = iter(network.read([*strips, *others]))
    first = [[next(said) for _ in line.strips] for line in lines]
    looks = [[best_path(next(said)) for _ in LOOKS] if own else [] for own in again]
    return [
        Columns.of(line.strips, rows, texts) if line.strips else None
        for line, rows, texts in zip(lines, first, looks, strict=True)
    ]


def join(
    line: TextLine,
    reading: LineReading,
    columns: Columns,
    alphabet: Alphabet,
    calibration: Calibration,
) -> JoinedReading:
    """Return what a line reads as.

    Parameters
    ----------
    line, reading
        Its components, and all ways to read them.
    columns
        What a network says of it.
    alphabet
        Of the network.
    calibration
        How both are joined.
    """
    paths = Paths(reading.lattice, reading.answers, alphabet.names)
    proposals = _proposals(paths, columns, alphabet)
    texts = proposals.texts
    network = log_likelihoods(columns.log_probabilities, texts)
    lattice = paths.log_scores(texts)
    # Where there are no components there is nothing that could be missing among them.
    weight = calibration.weight if paths.nodes else 0.0
    odd = np.array([ODD * _is_odd(one, alphabet) for one in texts])
    scores = (network + weight * lattice + odd) / calibration.temperature
    order = np.argsort(-scores, kind="stable")
    best = int(order[0])
    text = texts[best]
    doubted = _disagreements(text, proposals)
    answers = _answers(text, texts, scores, alphabet)
    if doubted:
        flat = _answers(text, texts, scores / calibration.disagreement, alphabet)
        answers = [flat[at] if at in doubted else answer for at, answer in enumerate(answers)]
    same = text == proposals.network
    spans = proposals.spans if same else align(columns.log_probabilities, text)
    found = pieces(line, paths, columns, text, spans)
    symbols = [
        (one, replace(answer, network_input=_seen(reading.answers, one.component)))
        for one, answer in zip(found.symbols, answers, strict=True)
    ]
    doubtful = frozenset(symbols[at][0].component for at in doubted if at < len(symbols))
    symbols, specks = _without_specks(symbols, line.height)
    count = max(len(text), 1)
    features = Features(
        margin=float(scores[best] - scores[order[1]]) if len(order) > 1 else SURE,
        weakest=_odds(min((answer.confidence for answer in answers), default=1.0)),
        agree=float(not doubted and paths.nodes > 0),
        network=float(network[best]) / count,
        lattice=float(lattice[best]) / count,
        unexplained=found.unexplained,
        steady=_steady(text, columns.looks, alphabet),
        length=float(np.log1p(len(text))),
    )
    return JoinedReading(
        reading.lattice,
        {**reading.answers, **specks} if specks else reading.answers,
        symbols,
        [*found.passed, *(Candidate(0, 0, one, 0.0, Role.NOTHING) for one in specks)],
        doubtful,
        float(softmax(scores)[best]),
        features,
        calibration.confidence(features),
        proposals.path,
        _placed(columns, proposals, alphabet),
    )


def _without_specks(
    symbols: list[tuple[Candidate, Answer]], height: float
) -> tuple[list[tuple[Candidate, Answer]], dict[Component, Answer]]:
    """Return symbols without what is none, at either end and too small to matter; and that."""
    specks: dict[Component, Answer] = {}
    for end in (0, -1):
        while len(symbols) > 1:
            candidate, answer = symbols[end]
            part = candidate.component
            tiny = max(part.height, part.width) < TINY * height or not part.mass
            if answer.no_symbol <= HALF or not tiny:
                break
            if part.mass:
                specks[candidate.component] = answer
            symbols = symbols[1:] if end == 0 else symbols[:-1]
    return symbols, specks


def as_one(
    component: Component, reading: LineReading, columns: Columns, alphabet: Alphabet
) -> LineReading:
    """Return what both readers say of one symbol: the geometric mean, as their mistakes differ.

    Unlike the mean, it is as sure as its readers are where they agree.

    Parameters
    ----------
    component
        All of it.
    reading
        By components: what the recogniser of symbols says.
    columns, alphabet
        What the network of lines says, and its alphabet.
    """
    answer = reading.answers[component]
    places = {name: at for at, name in enumerate(alphabet.symbols, 1)}
    if not set(answer.symbols) <= set(places):
        return reading  # the network does not know them
    texts = [(places[name],) for name in answer.symbols]
    network = np.exp(log_likelihoods(columns.log_probabilities, texts))
    symbols = _with_rest(answer.shares * (1 - answer.no_symbol))
    logs = OF_SYMBOLS * np.log(symbols) + (1 - OF_SYMBOLS) * np.log(_with_rest(network))
    both = np.exp(logs) / np.exp(logs).sum()
    joined = replace(
        answer,
        shares=np.asarray(both[:-1] / both[:-1].sum(), np.float32),
        no_symbol=float(both[-1]),
        several_symbols=answer.several_symbols / 2,
    )
    return LineReading(reading.lattice, {**reading.answers, component: joined})


def _with_rest(shares: npt.NDArray[np.floating]) -> Floats:
    """Return probabilities of symbols, none of them 0, and behind them that it is none of them."""
    found: Floats = np.append(shares, 1 - shares.sum()).astype(np.float64)
    return found.clip(LEAST)


@dataclass(frozen=True)
class _Proposals:
    """Texts that a line may read as, each once, and what either reader says by itself."""

    texts: list[Classes]
    network: Classes
    spans: list[Span]  # of the network's text
    lattice: Classes  # with the marks of the network
    path: Placed  # the same without them


def _proposals(paths: Paths, columns: Columns, alphabet: Alphabet) -> _Proposals:
    """Return what both readers propose: texts of the network, and of the lattice with its marks."""
    texts = likely_texts(columns.log_probabilities, NETWORK_TEXTS)
    own = texts[0]
    spans = align(columns.log_probabilities, own)
    marks = [
        (float(columns.places[span.peak, 0]), found)
        for span, found in zip(spans, own, strict=True)
        if alphabet.names[found - 1] in alphabet.symbols and not alphabet.names[found - 1].isdigit()
    ]
    ways = paths.best()
    theirs = [_with_marks(path, marks) for path in ways]
    # Where there are no components there is nothing to propose, and nothing to disagree about.
    lattice = theirs[0] if theirs and paths.nodes else own
    path = _of_path(ways[0], alphabet) if ways else ()
    return _Proposals(list(dict.fromkeys([*texts, *theirs])), own, spans, lattice, path)


def _of_path(path: Path, alphabet: Alphabet) -> Placed:
    pairs = zip(path.places, path.classes, strict=True)
    return tuple(((left + right) / 2, _shown(one, alphabet)) for (left, right), one in pairs)


def _placed(columns: Columns, proposals: _Proposals, alphabet: Alphabet) -> Placed:
    """Return what the network alone says, and where it saw each symbol."""
    pairs = zip(proposals.spans, proposals.network, strict=True)
    return tuple((float(columns.places[s.peak, 0]), _shown(one, alphabet)) for s, one in pairs)


def _shown(found: int, alphabet: Alphabet) -> str:
    name = alphabet.names[found - 1]
    return name if name in alphabet.symbols else UNKNOWN


def _is_odd(text: Classes, alphabet: Alphabet) -> bool:
    """Whether a text begins as no number does: a leaning 1 is like a stroke."""
    names = [alphabet.names[one - 1] for one in text[:2]]
    return len(names) == 2 and names[0] in NEVER_FIRST and names[1].isdigit()


def _with_marks(path: Path, marks: Sequence[tuple[float, int]]) -> Classes:
    """Return the text of a path, and the marks that stand beside its symbols."""
    found = [
        ((left + right) / 2, one)
        for (left, right), one in zip(path.places, path.classes, strict=True)
    ]
    for x, mark in marks:
        inside = (
            left + INSIDE * (right - left) < x < right - INSIDE * (right - left)
            for left, right in path.places
        )
        if not any(inside):
            found.append((x, mark))
    return tuple(one for _, one in sorted(found, key=lambda pair: pair[0]))


def _disagreements(text: Classes, proposals: _Proposals) -> set[int]:
    """Return which symbols of a text either reader alone sees differently, or sees more beside."""
    found: set[int] = set()
    for other in (proposals.network, proposals.lattice):
        here = 0
        for own, theirs in aligned(text, other):
            if own is None:
                found.add(max(here - 1, 0))
                continue
            if theirs is None or other[theirs] != text[own]:
                found.add(own)
            here = own + 1
    return found


def _answers(
    text: Classes, texts: Sequence[Classes], scores: Floats, alphabet: Alphabet
) -> list[Answer]:
    """Return what is to be said of each symbol of a text, by all that it may be."""
    shares, several = symbol_shares(text, texts, softmax(scores), 1 + len(alphabet))
    known = shares[:, 1 : 1 + len(alphabet.symbols)]
    found = []
    for row, more in zip(known, several.tolist(), strict=True):
        total = float(row.sum())
        of_symbols = row / total if total > 0 else np.full(len(row), 1 / len(row))
        none = min(1 - total + more, 1.0)
        found.append(Answer(alphabet.symbols, of_symbols.astype(np.float32), none, more, NOT_SEEN))
    return found


def _steady(text: Classes, looks: Sequence[Classes], alphabet: Alphabet) -> float:
    """Return the share of other looks that read the same digits."""
    names = ("", *alphabet.names)
    digits = [[one for one in found if names[one].isdigit()] for found in (text, *looks)]
    return float(np.mean([found == digits[0] for found in digits[1:]])) if looks else 0.0


def _odds(share: float) -> float:
    share = min(max(share, 1e-6), 1 - 1e-6)
    return float(np.log(share / (1 - share)))


def _seen(answers: Mapping[Component, Answer], component: Component) -> npt.NDArray[np.uint8]:
    answer = answers.get(component)
    return NOT_SEEN if answer is None else answer.network_input
