"""The line network: an ONNX file that reads the picture of a line as a whole, column by column."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from ..alphabet import Alphabet
from ..models.bundle import Bundle, check_alphabet, names, opened, shipped_folder
from ..models.contract import LINE_STEP, LINES
from ..models.session import Session
from ..segmentation.strip import Strip

Floats = npt.NDArray[np.float32]

SHIPPED = "lines"  # the model that reads lines, unless another is named
TOGETHER = 16  # strips at a time


class LineNetwork:
    """A network of lines, ready to read strips. Make one with `load` or `from_bytes`.

    Several threads may read with one at a time. It can be pickled, and takes its file along.

    Attributes
    ----------
    name
        What to call it in a sentence.
    content
        Of its ONNX file.
    alphabet
        What it can say. Class 0 of its outputs is the blank; class 1 is the first symbol.
    bundle
        The model that it belongs to; None where a lone file was loaded.
    """

    def __init__(self, content: bytes, name: str, bundle: Bundle | None = None) -> None:
        self.name = name
        self.content = content
        self.bundle = bundle
        self._session = Session(content, name, LINES)
        self.alphabet: Alphabet = self._session.contract.alphabet

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self), (self.content, self.name, self.bundle)

    @classmethod
    def load(cls, where: str | Path | None = None) -> "LineNetwork":
        """Return the shipped network of lines, or that of a model, a run or an ONNX file.

        Parameters
        ----------
        where
            The folder of a model or a run, the name of a shipped one, or an .onnx file; by default
            the shipped ``lines``.

        Raises
        ------
        RecogniserError
            If there is none, or if it reads no lines.
        """
        content, bundle = opened(
            shipped_folder(SHIPPED) if where is None else where, "network of lines"
        )
        found = cls(content, str(where or SHIPPED), bundle)
        check_alphabet(found.alphabet, bundle)
        return found

    @classmethod
    def shipped(cls) -> "LineNetwork | None":
        """Return the shipped network of lines; None where there is none.

        Lines are read by their components alone, then.
        """
        return cls.load() if SHIPPED in names() else None

    @classmethod
    def from_bytes(cls, content: bytes, name: str) -> "LineNetwork":
        """Return the network in `content`.

        Raises
        ------
        RecogniserError
            If it is no ONNX file, or breaks the contract.
        """
        return cls(content, name)

    @property
    def classes(self) -> tuple[str, ...]:
        """What each class but the blank means: class ``n`` is ``classes[n - 1]``."""
        return self.alphabet.names

    def read(self, strips: Sequence[Strip]) -> list[Floats]:
        """Return for each strip the log probabilities ``(T, C)``, a row for every 4 pixels of it.

        Raises
        ------
        RecogniserError
            If the file breaks the contract.
        """
        found: list[Floats] = [np.empty((0, 0), np.float32)] * len(strips)
        for group in _groups([strip.width for strip in strips]):
            (said,) = self._session.run(_batch([strips[at] for at in group]))
            for at, rows in zip(group, said, strict=True):
                found[at] = rows[: strips[at].width // LINE_STEP]
        return found


def _groups(widths: Sequence[int]) -> Iterator[list[int]]:
    """Yield which strips are read together: those of one width, so that none is padded.

    What is read of a strip does not depend on its company.
    """
    alike: dict[int, list[int]] = {}
    for at, width in enumerate(widths):
        alike.setdefault(width, []).append(at)
    for group in alike.values():
        for start in range(0, len(group), TOGETHER):
            yield group[start : start + TOGETHER]


def _batch(strips: Sequence[Strip]) -> Floats:
    lines = np.stack([strip.pixels for strip in strips])[:, None].astype(np.float32)
    return lines / np.float32(255)
