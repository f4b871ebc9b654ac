"""Connectionist temporal classification: from what is said of each column to texts, and back.

A network says of every column of a line which symbol stands there, or that none does: the blank. A
text stands for all the ways to stretch it over the columns: each symbol over one or more of them,
blanks between, of which equal neighbours need one. (Graves et al. 2006, "Connectionist temporal
classification"; the search: Graves and Jaitly 2014, and Hannun et al. 2014.)

Texts are tuples of classes here, so that a class may be no character; 0 is the blank.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

BLANK = 0
WIDTH = 16  # texts that are followed at a time
LEAST = 1e-3  # of a column: what is less likely there begins no symbol
PLAIN = 0.9  # a blank that is surer than this changes no order
SCALED = 1e-100  # probabilities that have become so small are scaled, or they would become 0
SCALED_EVERY = 8  # columns, where all are scaled together

LogProbabilities: TypeAlias = npt.NDArray[np.floating]
Classes: TypeAlias = tuple[int, ...]
Floats: TypeAlias = npt.NDArray[np.float64]
Beam: TypeAlias = dict[int, tuple[float, float]]


@dataclass(frozen=True)
class Decoded:
    """A text, and the logarithm of its probability: the sum over all its alignments."""

    classes: Classes
    log_likelihood: float


@dataclass(frozen=True)
class Span:
    """Where a symbol stands: its first and last column, and the one that is surest of it."""

    first: int
    last: int
    peak: int


def best_path(log_probabilities: LogProbabilities) -> Classes:
    """Return the text of the likeliest class of each column, which is nearly the likeliest text."""
    classes = np.asarray(log_probabilities).argmax(1)
    new = np.diff(classes, prepend=BLANK) != 0
    return tuple(classes[new & (classes != BLANK)].tolist())


def beam_search(
    log_probabilities: LogProbabilities, width: int = WIDTH, least: float = LEAST
) -> list[Decoded]:
    """Return the likeliest texts, the best first.

    Parameters
    ----------
    log_probabilities, width, least
        As for `likely_texts`.
    """
    texts = likely_texts(log_probabilities, width, least)
    # What was cut off on the way is added again.
    exact = log_likelihoods(log_probabilities, texts)
    order = np.argsort(-exact, kind="stable")
    return [Decoded(texts[at], float(exact[at])) for at in order]


def likely_texts(
    log_probabilities: LogProbabilities, width: int = WIDTH, least: float = LEAST
) -> list[Classes]:
    """Return the texts that a prefix beam search ends with, about in the order of likelihood.

    Parameters
    ----------
    log_probabilities
        ``(T, C)``, of each class in each column.
    width
        How many texts are followed, and returned at most.
    least
        A class with less than this probability in a column begins no symbol there, and a text that
        is less likely than the best one by its square is given up.
    """
    shares = np.exp(np.asarray(log_probabilities, np.float64))
    begins: list[list[int]] = [[] for _ in shares]
    for at, found in zip(*np.nonzero(shares[:, 1:] >= least), strict=True):
        begins[at].append(int(found) + 1)
    tree = _Tree()
    beam = {0: (1.0, 0.0)}  # of all ways to a prefix: those that end with a blank, and all others
    for row, classes in zip(shares.tolist(), begins, strict=True):
        # Equal order in, equal order out: most columns are blank.
        beam = _grown(beam, tree, row, classes)
        if classes or row[BLANK] < PLAIN:
            beam = _best(beam, width, least * least)
    return [tree.text(prefix) for prefix in beam]


class _Tree:
    """Prefixes: each has a number, its last class, the one that it goes on from, longer ones."""

    def __init__(self) -> None:
        self.parents = [0]
        self.lasts = [BLANK]
        self.longer: list[dict[int, int]] = [{}]

    def goes_on(self, prefix: int, found: int) -> int:
        """Return the prefix that `found` makes of another."""
        known = self.longer[prefix].get(found)
        if known is None:
            known = self.longer[prefix][found] = len(self.lasts)
            self.parents.append(prefix)
            self.lasts.append(found)
            self.longer.append({})
        return known

    def text(self, prefix: int) -> Classes:
        """Return the classes of a prefix."""
        found = []
        while prefix:
            found.append(self.lasts[prefix])
            prefix = self.parents[prefix]
        return tuple(reversed(found))


def _grown(beam: Beam, tree: _Tree, row: Sequence[float], classes: Sequence[int]) -> Beam:
    """Return the prefixes after one more column, the longer ones among them."""
    lasts, blank_share = tree.lasts, row[BLANK]
    grown = {
        prefix: ((blank + symbol) * blank_share, symbol * row[lasts[prefix]])
        for prefix, (blank, symbol) in beam.items()
    }
    for found in classes:
        share = row[found]
        for prefix, (blank, symbol) in beam.items():
            longer = tree.goes_on(prefix, found)
            # An equal neighbour needs a blank before it, or it is the same symbol still.
            goes = blank if found == lasts[prefix] else blank + symbol
            before = grown.get(longer, (0.0, 0.0))
            grown[longer] = before[0], before[1] + goes * share
    return grown


def _best(beam: Beam, width: int, far: float) -> Beam:
    order = sorted(((sum(both), prefix) for prefix, both in beam.items()), reverse=True)[:width]
    top = order[0][0]
    scale = 1 / top if 0 < top < SCALED else 1.0
    kept = [prefix for share, prefix in order if share >= far * top]
    return {prefix: (beam[prefix][0] * scale, beam[prefix][1] * scale) for prefix in kept}


def log_likelihood(log_probabilities: LogProbabilities, text: Classes) -> float:
    """Return the logarithm of the probability of a text, summed over all its alignments."""
    return float(log_likelihoods(log_probabilities, [text])[0])


def log_likelihoods(log_probabilities: LogProbabilities, texts: Sequence[Classes]) -> Floats:
    """Return those of several texts ``(K,)``: the forward algorithm, for all of them at once.

    Parameters
    ----------
    log_probabilities
        ``(T, C)``, of each class in each column.
    texts
        Of classes above 0. One that needs more columns than there are has ``-inf``.
    """
    states, skips = _states(texts)
    shares = np.exp(np.asarray(log_probabilities, np.float64))[:, states]  # (T, K, S)
    # Two states before the first, which are never reached, so that no step is a special case.
    ways = np.zeros((len(texts), states.shape[1] + 2))
    ways[:, 1] = 1.0
    scales = np.zeros(len(texts))  # logarithms of what the ways were divided by
    for number, column in enumerate(shares, 1):
        ways[:, 2:] = (ways[:, 2:] + ways[:, 1:-1] + ways[:, :-2] * skips) * column
        ways[:, 1] = 0.0
        if number % SCALED_EVERY == 0 or number == len(shares):
            most = ways.max(1, initial=0.0, keepdims=True)
            most[most == 0] = 1.0
            ways /= most
            scales += np.log(most[:, 0])
    rows, ends = np.arange(len(texts)), 2 * np.array([len(text) for text in texts], int)
    with np.errstate(divide="ignore"):
        found: Floats = np.log(ways[rows, ends + 2] + ways[rows, ends + 1]) + scales
    return found


def align(log_probabilities: LogProbabilities, text: Classes) -> list[Span]:
    """Return where each symbol of a text stands in its likeliest alignment (Viterbi).

    Raises
    ------
    ValueError
        If the text needs more columns than there are, or is impossible in them.
    """
    if not text:
        return []
    states, skips = _states([text])
    said = np.asarray(log_probabilities, np.float64)[:, states[0]]  # (T, S)
    barred = np.where(skips[0], 0.0, -np.inf)
    count = said.shape[1]
    ways = np.full(count + 2, -np.inf)
    ways[1] = 0.0
    steps = np.zeros((len(said), count), np.intp)
    for column, step in zip(said, steps, strict=True):
        stays, goes, skips_one = ways[2:], ways[1:-1], ways[:-2] + barred
        best = np.maximum(stays, goes)
        step[goes > stays] = 1
        step[skips_one > best] = 2
        ways[2:] = np.maximum(best, skips_one) + column
        ways[1] = -np.inf
    state = count - 1 if ways[-1] >= ways[-2] else count - 2
    if ways[state + 2] == -np.inf:
        raise ValueError(f"A text of {len(text)} symbols does not fit into {len(said)} columns.")
    path = np.empty(len(said), np.intp)
    for at in range(len(said) - 1, -1, -1):
        path[at] = state
        state -= steps[at, state]
    return [_span(said, path, 2 * number + 1) for number in range(len(text))]


def _span(said: Floats, path: npt.NDArray[np.intp], state: int) -> Span:
    columns = np.flatnonzero(path == state)
    peak = columns[said[columns, state].argmax()]
    return Span(int(columns[0]), int(columns[-1]), int(peak))


def _states(texts: Sequence[Classes]) -> tuple[npt.NDArray[np.intp], npt.NDArray[np.bool_]]:
    """Return the classes of the states of each text ``(K, S)``, blanks between its symbols.

    And which of them can be reached from the state before the last: a symbol that differs from the
    one before it needs no blank between them.
    """
    longest = max((len(text) for text in texts), default=0)
    states = np.full((len(texts), 2 * longest + 1), BLANK, np.intp)
    for row, text in zip(states, texts, strict=True):
        row[1 : 2 * len(text) : 2] = text
    skips = np.zeros(states.shape, bool)
    skips[:, 1:2] = True  # from before the first: a text need not begin with a blank
    skips[:, 2:] = (states[:, 2:] != BLANK) & (states[:, 2:] != states[:, :-2])
    return states, skips
