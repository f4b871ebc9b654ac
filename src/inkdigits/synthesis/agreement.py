"""How far what was read agrees with the truth: pictures, lines, marks and cells.

Whatever is counted is *exact*, *rejected* (not exact, and it says so with a ``?``) or *silent*:
wrong or lost without a word.
"""

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

EXACT, REJECTED, SILENT = "exact", "rejected", "silent"


@dataclass(frozen=True)
class Tally:
    """How many of what was counted came out how."""

    exact: int = 0
    rejected: int = 0
    silent: int = 0

    def __add__(self, other: "Tally") -> "Tally":
        return Tally(
            self.exact + other.exact, self.rejected + other.rejected, self.silent + other.silent
        )

    @property
    def count(self) -> int:
        """How many there are."""
        return self.exact + self.rejected + self.silent

    @staticmethod
    def of(outcomes: Sequence[str]) -> "Tally":
        """Return the tally of many outcomes."""
        found = Counter(outcomes)
        return Tally(found[EXACT], found[REJECTED], found[SILENT])


def digits(text: str) -> str:
    """Return the digits of `text` alone."""
    return "".join(sign for sign in text if sign in "0123456789")


def has_marks(text: str) -> bool:
    """Return whether there is anything but digits and spaces in `text`."""
    return any(not sign.isdigit() and not sign.isspace() for sign in text)


def written(text: str) -> list[str]:
    """Return the lines of `text` that hold anything, without spaces."""
    return [line for line in ("".join(line.split()) for line in text.splitlines()) if line]


def verdict(right: bool, text: str) -> str:
    """Return how something came out of which `text` was read."""
    return EXACT if right else REJECTED if "?" in text else SILENT


def picture(truth: str, text: str, unordered: bool = False) -> str:
    """Judge a picture by its digits alone; where the order is nobody's, by its numbers."""
    if unordered:
        return verdict(_bag(truth) == _bag(text), text)
    return verdict(digits(truth) == digits(text), text)


def picture_with_marks(truth: str, text: str) -> str:
    """Judge a picture by all that is written on it, line by line, spaces left out."""
    return verdict(written(truth) == written(text), text)


def nothing(text: str) -> str:
    """Judge a picture without digits: it is exact if none was read."""
    return SILENT if digits(text) else EXACT


def _bag(text: str) -> list[str]:
    return sorted(filter(None, (digits(word) for word in text.split())))


def lines(truth: str, text: str) -> list[str]:
    """Judge each line of `truth` by its digits alone; a lost line is silent."""
    wanted = written(truth)
    outcomes = []
    for one, found in zip(wanted, aligned(wanted, written(text)), strict=True):
        outcomes.append(verdict(found is not None and digits(one) == found, found or ""))
    return outcomes


def lost_lines(truth: str, text: str) -> int:
    """Return how many lines of `truth` have none that was read in their place."""
    return aligned(written(truth), written(text)).count(None)


def marked_lines(truth: str, text: str) -> list[str]:
    """Judge each line of `truth` by digits and marks, a ``?`` in a mark's place being right."""
    wanted = written(truth)
    outcomes = []
    for one, found in zip(wanted, aligned(wanted, written(text)), strict=True):
        pattern = "".join(sign if sign.isdigit() else rf"(\?|{re.escape(sign)})" for sign in one)
        outcomes.append(verdict(re.fullmatch(pattern, found or "") is not None, found or ""))
    return outcomes


def whole_lines(truth: str, text: str) -> list[str]:
    """Judge each line of `truth` by all that is written there, digits and marks."""
    wanted = written(truth)
    pairs = zip(wanted, aligned(wanted, written(text)), strict=True)
    return [verdict(found == one, found or "") for one, found in pairs]


def right_lines(
    truth: Sequence[str], found: Sequence[str], unordered: bool = False, marks: bool = True
) -> list[bool]:
    """Return of each line that was read whether it stands in the truth, in its place.

    Parameters
    ----------
    truth, found
        Lines; spaces count for nothing.
    unordered
        The place counts for nothing, either.
    marks
        Whether the truth tells marks; else digits alone are compared.
    """
    wanted, read = (
        ["".join(line.split()) if marks else digits(line) for line in lines]
        for lines in (truth, found)
    )
    if not unordered:
        return [a == b for a, b in zip(read, aligned(read, wanted), strict=True)]
    left, right = Counter(wanted), list[bool]()
    for line in read:
        right.append(left[line] > 0)
        left[line] -= 1
    return right


@dataclass(frozen=True)
class Cells:
    """How the cells of a table came out, and how many were read together with a neighbour."""

    outcomes: list[str]
    merged: int

    @property
    def tally(self) -> Tally:
        """How many came out how."""
        return Tally.of(self.outcomes)


def cells(truth: Sequence[Sequence[str]], text: str) -> Cells:
    """Judge each cell of a table that is not empty."""
    words = [re.split(r"[\s|]+", line.strip("| \t")) for line in text.splitlines() if line.strip()]
    found = [word for line in words for word in line if word]
    wanted = [cell for row in truth for cell in row if cell]
    outcomes = []
    for one, word in zip(wanted, aligned(wanted, found), strict=True):
        outcomes.append(verdict(word == one, word or ""))
    merged = 0
    for row in truth:
        full = [cell for cell in row if cell]
        together = set()
        for begin in range(len(full)):
            for end in range(begin + 2, len(full) + 1):
                if any(_matches("".join(full[begin:end]), word) for word in found):
                    together |= set(range(begin, end))
        merged += len(together)
    return Cells(outcomes, min(merged, len(wanted)))


def _matches(truth: str, word: str) -> bool:
    """Return whether `word` says `truth`, a ``?`` standing for any digit."""
    return len(word) == len(truth) and all(a in ("?", b) for a, b in zip(word, truth, strict=True))


def aligned(truth: Sequence[str], found: Sequence[str]) -> list[str | None]:
    """Return what was found for each line of `truth`: all in order, as alike as can be."""
    rows, columns = len(truth), len(found)
    cost = [[0.0] * (columns + 1) for _ in range(rows + 1)]
    alike = [[_unlike(one, other) for other in found] for one in truth]
    for i in range(rows + 1):
        for j in range(columns + 1):
            if i and j:
                pair = cost[i - 1][j - 1] + alike[i - 1][j - 1]
                cost[i][j] = min(pair, cost[i - 1][j] + 1, cost[i][j - 1] + 1)
            elif i or j:
                cost[i][j] = i + j
    answers: list[str | None] = [None] * rows
    i, j = rows, columns
    while i and j:
        if cost[i][j] == cost[i - 1][j - 1] + alike[i - 1][j - 1]:
            i, j = i - 1, j - 1
            answers[i] = found[j]
        elif cost[i][j] == cost[i - 1][j] + 1:
            i -= 1
        else:
            j -= 1
    return answers


def _unlike(one: str, other: str) -> float:
    """Return the edits between two lines, from 0 for the same to nearly 2 for strangers."""
    return 1.98 * edits(one, other) / max(len(one), len(other), 1)


def edits(truth: str, text: str) -> int:
    """Return how many characters must be put in, taken out or changed (Levenshtein)."""
    row = list(range(len(text) + 1))
    for number, wanted in enumerate(truth, 1):
        before, row[0] = row[0], number
        for column, found in enumerate(text, 1):
            cheapest = min(before + (wanted != found), row[column] + 1, row[column - 1] + 1)
            before, row[column] = row[column], cheapest
    return row[-1]
