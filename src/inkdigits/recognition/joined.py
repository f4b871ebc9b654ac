"""Two readers of a line, held against each other: the lattice of its components, and a network.

Each proposes texts, and each says of the texts of both how likely they are. Where they agree, a
symbol is sure; where they do not, it is as doubtful as what speaks for either.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from ..alphabet import Alphabet
from ..document import Reason
from ..models.contract import SIDE
from ..segmentation.components import Component
from ..segmentation.lines import TextLine
from ..segmentation.strip import ink_alone, stretched
from .ctc import Classes, align, best_path, log_likelihoods
from .lattice import Candidate, Role
from .line import Answer, ComponentLineRecogniser, LineReading
from .line_confidence import Calibration, Features
from .line_network import LineNetwork
from .paths import Paths
from .pieces import Columns, pieces
from .proposals import Placed, disagreements, is_odd, placed, proposals_of
from .recogniser import Recogniser
from .texts import log_odds, softmax, symbol_shares

ODD = -3.0  # by how much a text is less likely that begins as no number does
TINY = 0.35  # of the height: what is smaller at an end of a line, and no symbol, is a speck
LOOKS = (0.85, 1.18)  # how wide a line is on other looks at it
HALF = 0.5
HIGH, CERTAIN = 0.6, 0.9  # of the height, and how sure: a digit that the network passes over
BY_ONE = 0.6  # how likely is what one reader is certain of and the other sees nothing of
# Of a lone symbol, by how much the reader of symbols counts against the network, and the least that
# either leaves to what it does not see.
OF_SYMBOLS, LEAST = 0.6, 1e-9
NOT_SEEN: npt.NDArray[np.uint8] = np.zeros((SIDE, SIDE), np.uint8)

Floats = npt.NDArray[np.float64]
Placing = tuple[Candidate, Answer]  # where a symbol stands, and what is said of it


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

    def best(self) -> list[Placing]:
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

    A line it looks at again, narrower, wider, and its ink alone: what it reads only once is not to
    be believed. It does not if that would tell nothing of a lone symbol, or cost too much of a very
    long line.
    """
    again = [line.strips if _is_seen_again(line) else () for line in lines]
    strips = [strip for line in lines for strip in line.strips]
    others = [
        seen
        for line, own in zip(lines, again, strict=True)
        for strip in own
        for seen in (*(stretched(strip, by) for by in LOOKS), ink_alone(strip, line.components))
    ]
    said = iter(network.read([*strips, *others]))
    first = [[next(said) for _ in line.strips] for line in lines]
    looks = [[best_path(next(said)) for _ in range(1 + len(LOOKS))] if own else [] for own in again]
    return [
        Columns.of(line.strips, rows, texts[:-1], *texts[-1:]) if line.strips else None
        for line, rows, texts in zip(lines, first, looks, strict=True)
    ]


def _is_seen_again(line: TextLine) -> bool:
    return len(line.strips) == 1 and bool(line.components) and not line.single


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
    proposals = proposals_of(paths, columns, alphabet)
    texts = proposals.texts
    network = log_likelihoods(columns.log_probabilities, texts)
    lattice = paths.log_scores(texts)
    # Where there are no components there is nothing that could be missing among them.
    weight = calibration.weight if paths.nodes else 0.0
    odd = np.array([ODD * is_odd(one, alphabet) for one in texts])
    scores = (network + weight * lattice + odd) / calibration.temperature
    best = int(np.argmax(scores))
    text = texts[best]
    doubted = disagreements(text, proposals)
    answers = _answers(text, texts, scores, alphabet)
    flat = _answers(text, texts, scores / calibration.disagreement, alphabet) if doubted else []
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
    seen_by_one = _seen_by_one(found.passed, reading.answers, line.height, alphabet)
    taken = {candidate.component for candidate, _ in seen_by_one}
    symbols = _from_left(symbols, seen_by_one)
    alone = [] if columns.ink_alone is None else [columns.ink_alone]
    features = Features(
        weakest=log_odds(min((answer.confidence for answer in answers), default=1.0)),
        agree=float(not doubted and paths.nodes > 0),
        network=float(network[best]) / max(len(text), 1),
        lattice=float(lattice[best]) / max(len(text), 1),
        unexplained=found.unexplained,
        steady=_steady(text, columns.looks, alphabet),
        inked=_steady(text, alone, alphabet),
        length=float(np.log1p(len(text))),
    )
    passed = [one for one in found.passed if one.component not in taken]
    return JoinedReading(
        reading.lattice,
        {**reading.answers, **specks} if specks else reading.answers,
        symbols,
        [*passed, *(Candidate(0, 0, one, 0.0, Role.NOTHING) for one in specks)],
        doubtful | taken,
        features,
        calibration.confidence(features) * (BY_ONE if taken else 1.0),
        proposals.path,
        placed(columns, proposals, alphabet),
    )


def _from_left(symbols: list[Placing], more: list[Placing]) -> list[Placing]:
    """Return symbols with `more` of them, which a network has not seen, at their places."""
    if not more:
        return symbols
    return sorted([*symbols, *more], key=lambda pair: pair[0].component.middle[0])


def _without_specks(
    symbols: list[Placing], height: float
) -> tuple[list[Placing], dict[Component, Answer]]:
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


def _seen_by_one(
    passed: Sequence[Candidate],
    answers: Mapping[Component, Answer],
    height: float,
    alphabet: Alphabet,
) -> list[Placing]:
    """Return digits of which the network sees nothing: as high as others, and certain by shape.

    Most are digits after all, so they are read, and none of them is sure.
    """
    found = []
    for candidate in passed:
        answer = answers.get(candidate.component)
        if answer is None or not set(answer.symbols) <= set(alphabet.symbols):
            continue
        if candidate.component.height < HIGH * height or answer.confidence < CERTAIN:
            continue
        shares = dict(zip(answer.symbols, answer.shares.tolist(), strict=True))
        digit = replace(
            answer,
            symbols=alphabet.symbols,
            shares=np.array([shares.get(name, 0.0) for name in alphabet.symbols], np.float32),
            no_symbol=1 - BY_ONE * (1 - answer.no_symbol),
        )
        found.append((replace(candidate, role=Role.SYMBOL), digit))
    return found


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


def _seen(answers: Mapping[Component, Answer], component: Component) -> npt.NDArray[np.uint8]:
    answer = answers.get(component)
    return NOT_SEEN if answer is None else answer.network_input
