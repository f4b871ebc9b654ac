"""Lines: pictures of one line each, read as a whole with CTC (Graves et al. 2006)."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import cast

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional

from ..alphabet import LINE_SYMBOLS, UNKNOWN, Alphabet
from ..errors import RecipeError
from .made import Bytes, MadeSamples
from .recipe import Recipe
from .samples import Figures

BLANK = 0  # the output between symbols; those of the alphabet stand behind it


@dataclass(frozen=True)
class Texts:
    """What stands in the lines of a batch."""

    texts: list[str]
    outputs: Tensor  # of all lines, one after the other
    lengths: Tensor  # (N,)


@dataclass(frozen=True)
class Line:
    """One line: its picture, what stands there and what was read."""

    picture: Bytes  # (40, W)
    text: str
    read: str
    confidence: float  # of the most likely path


@dataclass(frozen=True, eq=False)
class LineSamples(MadeSamples):
    """Lines as a network learns them, made as they are asked for."""

    def epoch(self, recipe: Recipe, epoch: int) -> Iterator[tuple[Tensor, Texts]]:
        """Yield batches of pictures ``(N, 1, 40, W)`` in [0, 1], each with its texts."""
        for pictures, texts in self.maker.batches(epoch):
            images = torch.from_numpy(pictures).to(self.device).float().div_(255)
            yield images, encode(cast("list[str]", texts), recipe.alphabet)

    def loss(self, outputs: Tensor, targets: Texts, _: Recipe) -> Tensor:
        """Return the mean of the negative log-likelihoods of the lines, from ``(N, T, C)``."""
        count, steps = outputs.shape[:2]
        total = functional.ctc_loss(
            outputs.log_softmax(2).transpose(0, 1),
            targets.outputs.to(outputs.device),
            torch.full((count,), steps),
            targets.lengths,
            blank=BLANK,
            reduction="sum",
            zero_infinity=True,  # of a line too short for its text there is nothing to learn
        )
        return total / count

    def tally(self, recipe: Recipe) -> "Readings":
        """Return a fresh tally."""
        return Readings(recipe.alphabet)

    @torch.inference_mode()
    def measure(self, network: nn.Module, recipe: Recipe) -> tuple[Figures, list[Line]]:
        """Return how well `network` reads them, and each with what was read."""
        network.eval()
        tally, total = self.tally(recipe), 0.0
        lines: list[Line] = []
        for pictures, texts in self.maker.kept:
            targets = encode(cast("list[str]", texts), recipe.alphabet)
            outputs = network(torch.from_numpy(pictures).to(self.device).float().div_(255)).float()
            total += float(self.loss(outputs, targets, recipe)) * len(texts)
            tally.add(outputs, targets)
            likely = outputs.softmax(2).amax(2).prod(1).tolist()
            lines += map(Line, pictures[:, 0], targets.texts, tally.read[-len(texts) :], likely)
        return tally.figures(total / len(lines)), lines

    def sheet(self, predicted: Sequence[Line], _: Recipe) -> bytes:
        """Return a PNG of the first misread lines."""
        from .sheets import lines_sheet

        return lines_sheet([line for line in predicted if line.read != line.text])


@dataclass
class Readings:
    """What was read in each line, and how far it is from what stands there."""

    alphabet: Alphabet
    read: list[str] = field(default_factory=list)
    texts: list[str] = field(default_factory=list)
    edits: int = 0
    reported: int = 0  # lines that `recent` told of

    def add(self, outputs: Tensor, targets: Texts) -> None:
        """Read a batch."""
        read = decode(outputs, self.alphabet)
        self.edits += sum(map(distance, read, targets.texts))
        self.read += read
        self.texts += targets.texts

    def recent(self) -> float:
        """Return the part that was read exactly of what was added since this was asked last."""
        exact = self._exact[self.reported :]
        self.reported = len(self.read)
        return float(np.mean(exact))

    def figures(self, loss: float) -> Figures:
        """Return the figures of all."""
        symbols = sum(map(len, self.texts))
        error = self.edits / max(symbols, 1)
        return Figures(loss, float(np.mean(self._exact)), symbol_error=error)

    @property
    def _exact(self) -> list[bool]:
        return [read == text for read, text in zip(self.read, self.texts, strict=True)]


def check_alphabet(recipe: Recipe) -> None:
    """Refuse a network whose outputs mean other things than the symbols of lines."""
    if recipe.alphabet != LINE_SYMBOLS:
        raise RecipeError(
            f"The alphabet of {recipe.name} is not that of lines: set alphabet.symbols to "
            f"{', '.join(LINE_SYMBOLS.symbols)} and alphabet.rejects to no_symbol."
        )


def encode(texts: Sequence[str], alphabet: Alphabet) -> Texts:
    """Return `texts` as outputs; what is in no alphabet is a symbol that is rejected."""
    outputs = {symbol: place for place, symbol in enumerate(alphabet.symbols, 1)}
    rejected = 1 + cast("int", alphabet.no_symbol)
    flat = [outputs.get(symbol, rejected) for text in texts for symbol in text]
    known = ["".join(s if s in outputs else UNKNOWN for s in text) for text in texts]
    lengths = torch.tensor([len(text) for text in texts], dtype=torch.int64)
    return Texts(known, torch.tensor(flat, dtype=torch.int64), lengths)


def decode(outputs: Tensor, alphabet: Alphabet) -> list[str]:
    """Return the texts of the most likely paths through ``(N, T, C)``: repeats are one symbol."""
    names = (*alphabet.symbols, *(UNKNOWN for _ in alphabet.rejects))
    texts = []
    for path in outputs.argmax(2).cpu().numpy():
        first = np.r_[True, path[1:] != path[:-1]]
        texts.append("".join(names[output - 1] for output in path[first & (path != BLANK)]))
    return texts


def distance(read: str, text: str) -> int:
    """Return the least number of symbols to put in, leave out or change (Levenshtein 1966)."""
    return _table(read, text)[-1][-1]


def pairs(read: str, text: str) -> list[tuple[str, str]]:
    """Return each symbol of `text` with what was read for it, at the least distance.

    ``""`` stands where nothing was read, or where nothing stands.
    """
    table, found = _table(read, text), []
    row, at = len(read), len(text)
    while row or at:
        same = row and at and read[row - 1] == text[at - 1]
        if row and at and table[row][at] == table[row - 1][at - 1] + (not same):
            row, at = row - 1, at - 1
            found.append((text[at], read[row]))
        elif row and table[row][at] == table[row - 1][at] + 1:
            row -= 1
            found.append(("", read[row]))
        else:
            at -= 1
            found.append((text[at], ""))
    return found[::-1]


def _table(read: str, text: str) -> list[list[int]]:
    """Return the distance of every beginning of `read` to every beginning of `text`."""
    table = [list(range(len(text) + 1))]
    for place, symbol in enumerate(read, 1):
        above, row = table[-1], [place]
        for at, wanted in enumerate(text, 1):
            row.append(min(above[at] + 1, row[-1] + 1, above[at - 1] + (symbol != wanted)))
        table.append(row)
    return table
