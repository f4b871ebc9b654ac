"""Proposals: the texts that a line may read as, by its components and by a network of lines."""

from collections.abc import Sequence
from dataclasses import dataclass

from ..alphabet import UNKNOWN, Alphabet
from .ctc import Classes, Span, align, likely_texts
from .paths import Path, Paths
from .pieces import Columns
from .texts import aligned

NETWORK_TEXTS = 10  # that the network proposes
NEVER_FIRST = "/:%"  # before a digit
INSIDE = 0.25  # of a component, on either side: a mark that stands further in is a part of it

Placed = tuple[tuple[float, str], ...]  # symbols, and how far across the page each stands


@dataclass(frozen=True)
class Proposals:
    """Texts that a line may read as, each once, and what either reader says by itself."""

    texts: list[Classes]
    network: Classes
    spans: list[Span]  # of the network's text
    lattice: Classes  # with the marks of the network
    path: Placed  # the same without them


def proposals_of(paths: Paths, columns: Columns, alphabet: Alphabet) -> Proposals:
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
    return Proposals(list(dict.fromkeys([*texts, *theirs])), own, spans, lattice, path)


def _of_path(path: Path, alphabet: Alphabet) -> Placed:
    pairs = zip(path.places, path.classes, strict=True)
    return tuple(((left + right) / 2, _shown(one, alphabet)) for (left, right), one in pairs)


def placed(columns: Columns, proposals: Proposals, alphabet: Alphabet) -> Placed:
    """Return what the network alone says, and where it saw each symbol."""
    pairs = zip(proposals.spans, proposals.network, strict=True)
    return tuple((float(columns.places[s.peak, 0]), _shown(one, alphabet)) for s, one in pairs)


def _shown(found: int, alphabet: Alphabet) -> str:
    name = alphabet.names[found - 1]
    return name if name in alphabet.symbols else UNKNOWN


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


def disagreements(text: Classes, proposals: Proposals) -> set[int]:
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


def is_odd(text: Classes, alphabet: Alphabet) -> bool:
    """Whether a text begins as no number does: a leaning 1 is like a stroke."""
    names = [alphabet.names[one - 1] for one in text[:2]]
    return len(names) == 2 and names[0] in NEVER_FIRST and names[1].isdigit()
