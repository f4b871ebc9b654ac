"""Drawings for the tests of the reader, and a recogniser that knows them by their shape."""

from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

from inkdigits.alphabet import DIGITS_OR_REJECT, NUMBERS_OR_REJECT, Alphabet
from inkdigits.recognition.recogniser import Prediction

Grey = npt.NDArray[np.uint8]


def paper(height: int = 120, width: int = 120, level: int = 255) -> Grey:
    """Return a blank sheet."""
    return np.full((height, width), level, np.uint8)


def zero(page: Grey, x: int, y: int, size: int = 40, pen: int = 4, ink: int = 0) -> Grey:
    """Draw a ring whose box has its corner at (x, y): a 0."""
    half = size // 2
    cv2.ellipse(page, (x + half // 2, y + half), (half // 2, half), 0, 0, 360, ink, pen)
    return page


def one(page: Grey, x: int, y: int, size: int = 40, pen: int = 4, ink: int = 0) -> Grey:
    """Draw an upright stroke: a 1."""
    cv2.line(page, (x, y), (x, y + size), ink, pen)
    return page


def cross(page: Grey, x: int, y: int, size: int = 40, pen: int = 4, ink: int = 0) -> Grey:
    """Draw an X: no digit."""
    cv2.line(page, (x, y), (x + size, y + size), ink, pen)
    cv2.line(page, (x + size, y), (x, y + size), ink, pen)
    return page


@dataclass
class Shapes:
    """A stand-in for a recogniser: one ring is a 0, one upright stroke a 1, all else no digit."""

    asked: int = 0
    name: str = "shapes"
    alphabet: Alphabet = DIGITS_OR_REJECT
    lines: object = None
    size: tuple[int, int] | None = None

    def read(self, ink: npt.NDArray[np.float32]) -> Prediction:
        """Answer by shape, and count the crops."""
        self.asked += len(ink)
        shares = np.full((len(ink), len(self.alphabet.symbols)), 0.001, np.float32)
        none = np.zeros(len(ink), np.float32)
        for number, crop in enumerate(ink):
            value = self.known(crop)
            if value is None:
                none[number] = 0.98
            else:
                shares[number, value] = 0.991
        seen = np.zeros((len(ink), 28, 28), np.float32)
        return Prediction(shares / shares.sum(1, keepdims=True), none, np.zeros_like(none), seen)

    def known(self, crop: npt.NDArray[np.float32]) -> int | None:
        """Return the symbol that it is."""
        return _shape(crop)


@dataclass
class Sums(Shapes):
    """A stand-in that reads marks too: all that is no digit is a plus sign."""

    alphabet: Alphabet = NUMBERS_OR_REJECT

    def known(self, crop: npt.NDArray[np.float32]) -> int | None:
        """Return the symbol that it is."""
        value = _shape(crop)
        return self.alphabet.index("+") if value is None else value


def _shape(crop: npt.NDArray[np.float32]) -> int | None:
    inked = (crop > 0.4).astype(np.uint8)
    rows, columns = np.flatnonzero(inked.any(1)), np.flatnonzero(inked.any(0))
    if not len(rows):
        return None
    inked = inked[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
    pieces = cv2.connectedComponents(inked)[0] - 1
    holes = cv2.connectedComponents(np.pad(1 - inked, 1, constant_values=1), connectivity=4)[0] - 2
    height, width = inked.shape
    if pieces == 1 and holes == 1 and width < 1.2 * height:
        return 0
    return 1 if pieces == 1 and holes == 0 and width < 0.4 * height else None
