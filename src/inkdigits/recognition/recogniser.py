"""The recogniser: an ONNX file that takes crops of ink and says which symbols they are, if any.

Loading one runs no code of its author: ONNX is a graph of known operations.
"""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from ..alphabet import Alphabet
from ..errors import RecogniserError
from ..machine import processors
from ..models.bundle import SHIPPED, Bundle, check_alphabet, opened, shipped_folder
from ..models.contract import POLARITY, RANGE
from ..models.session import Session
from .line_network import LineNetwork

Floats = npt.NDArray[np.float32]

BATCH = 128  # crops at a time: more gain nothing and cost memory
LEAST = 32  # for fewer a thread of their own is not worth its while
SHARED = 4  # threads that have work, however few crops there are above that
BEYOND = 0.5  # how far ink may leave its range, as resampled pixels do, before it is of another


@dataclass(frozen=True, eq=False)
class Prediction:
    """What a recogniser says of N crops.

    Attributes
    ----------
    probabilities
        ``(N, S)``, each row adding up to 1: which symbol of the alphabet it is, if it is one.
    no_symbol
        ``(N,)``: how likely it is none, or several; 0 where the recogniser cannot reject.
    several_symbols
        ``(N,)``: how likely it is several; a part of `no_symbol`.
    network_input
        ``(N, 28, 28)``: the picture that the network saw, 0 paper to 1 ink.
    """

    probabilities: Floats
    no_symbol: Floats
    several_symbols: Floats
    network_input: Floats

    def __len__(self) -> int:
        return len(self.no_symbol)


class Recogniser:
    """A recogniser, ready to read crops of ink. Make one with `load` or `from_bytes`.

    Several threads may read with one at a time. It can be pickled, and takes its file along.

    Attributes
    ----------
    name
        What to call it in a sentence.
    content
        Of its ONNX file, which by now may be another or none.
    alphabet
        What it can say.
    temperature
        What the logits are divided by in its graph; None where the file does not say.
    size
        Height and width of the pictures that it takes, where it frames none; None where it takes
        crops of any size.
    bundle
        The model that it belongs to; None where a lone file was loaded.
    card
        The metadata of the file: what it was trained by, and how it was calibrated.
    lines
        The network that reads whole lines beside it; None if none does.
    """

    def __init__(
        self, content: bytes, name: str, threads: int | None = None, bundle: Bundle | None = None
    ) -> None:
        self.name = name
        self.content = content
        self.bundle = bundle
        self._threads = threads or processors()
        self._session = Session(content, name)
        self.card = self._session.metadata
        self.alphabet: Alphabet = self._session.contract.alphabet
        self.temperature = self._session.contract.temperature
        self.size = self._session.contract.size
        self.lines: LineNetwork | None = None

    def __reduce__(self) -> tuple[Any, ...]:
        made = self.content, self.name, self._threads, self.bundle
        return type(self), made, {"lines": self.lines}

    @classmethod
    def load(cls, where: str | Path | None = None, *, threads: int | None = None) -> "Recogniser":
        """Return the shipped recogniser, or that of a model, a run or an ONNX file.

        Parameters
        ----------
        where
            The folder of a model or a run, the name of a shipped one, or an .onnx file; by default
            the shipped ``reader``.
        threads
            How many read a batch together; by default, or if 0, as many as there are processors.
            The answers are the same to the last bit.

        Raises
        ------
        RecogniserError
            If there is none, or if it is no recogniser.
        """
        content, bundle = opened(shipped_folder(SHIPPED) if where is None else where, "recogniser")
        found = cls(content, str(where or SHIPPED), threads, bundle)
        check_alphabet(found.alphabet, bundle)
        return found

    @classmethod
    def from_bytes(cls, content: bytes, name: str, *, threads: int | None = None) -> "Recogniser":
        """Return the recogniser in `content`; `threads` as for `load`.

        Raises
        ------
        RecogniserError
            If it is no ONNX file, or breaks the contract.
        """
        return cls(content, name, threads)

    def read(self, ink: Floats) -> Prediction:
        """Return what the crops ``(N, H, W)`` are: ink, 0 to 1; paper around it is no matter.

        Raises
        ------
        RecogniserError
            If they are plainly something else than ink from 0 to 1, or if the file breaks the
            contract.
        """
        _check(ink)
        count = max(-(-len(ink) // BATCH), min(SHARED, len(ink) // LEAST), 1)
        parts = np.array_split(ink, count)  # however many threads: parts decide on the last bit
        each = self._pool.map if self._threads > 1 and count > 1 else map
        found = list(each(self._run, parts))
        return Prediction(*(np.concatenate(values) for values in zip(*found, strict=True)))

    def _run(self, ink: Floats) -> list[Floats]:
        return self._session.run(np.asarray(ink[:, None], np.float32))

    @cached_property
    def _pool(self) -> ThreadPoolExecutor:
        return ThreadPoolExecutor(self._threads, "recogniser")


def _check(ink: Floats) -> None:
    """Refuse what is plainly no ink from 0 to 1; what is doubtful is read."""
    if ink.ndim != 3:
        raise RecogniserError(
            f"Crops of ink must have the shape (N, H, W), not {ink.ndim} dimensions: stack them."
        )
    if not ink.size:
        return
    low, high = float(ink.min()), float(ink.max())
    # What is not a number is neither above nor below: the comparison must hold.
    if not RANGE[0] - BEYOND <= low <= high <= RANGE[1] + BEYOND:
        raise RecogniserError(
            f"Ink must be from 0 to 1, and these crops are from {low:g} to {high:g}: divide "
            "bytes by 255."
        )
    if _is_inverted(ink):
        raise RecogniserError(
            "These crops have ink along their edges and paper inside: invert them "
            f"({POLARITY}), or leave a margin of paper."
        )


def _is_inverted(ink: Floats) -> bool:
    """Whether every crop is ink along its whole edge, and for the greater part, yet not all ink.

    Crops of a reader never are: they have paper at their right and below.
    """
    dark = ink > 0.5
    edges = (dark[:, 0], dark[:, -1], dark[:, :, 0], dark[:, :, -1])
    if not all(bool(edge.all()) for edge in edges):
        return False
    part = dark.mean((1, 2))
    return bool(((part > 0.5) & (part < 1)).all())
