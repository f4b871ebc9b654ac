"""The finder: a network that says of every pixel of a page what it is.

Handwriting, printed rules and boxes, print and all else, or paper; whatever the light, the paper
and the pen. What it says is coarse: `found_ink` makes strokes of it.
"""

from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import cv2
import numpy as np

from ..errors import RecogniserError
from ..io.picture import Pixels
from ..models.bundle import Bundle, names, shipped_folder
from ..models.contract import PAGE_MULTIPLE, PAGES
from ..models.session import Session

FINDER = "finder"  # the shipped one
MOST = 1_000_000  # pixels that are looked at: larger pages are made smaller
LONGEST = 4096  # pixels of a side that are looked at
SMALL = 224  # pixels of the longer side of what is enlarged: strokes are thin there


@dataclass(frozen=True, eq=False)
class PageMap:
    """What the pixels of a page are, each ``(H, W)`` uint8: 0 for no, 255 for yes.

    Attributes
    ----------
    handwriting
        Numbers, words, crosses: whatever somebody wrote.
    rules
        Printed lines, boxes, combs, the squares of paper.
    other
        Print, stamps, dirt, what lies beside the paper.
    """

    handwriting: Pixels
    rules: Pixels
    other: Pixels

    @property
    def layers(self) -> tuple[Pixels, Pixels, Pixels]:
        """Handwriting, rules and other, in this order."""
        return self.handwriting, self.rules, self.other


class Finder:
    """A network that reads pages, ready to look at pictures.

    Parameters
    ----------
    content
        Of an ONNX file.
    name
        What to call it in a sentence.

    Raises
    ------
    RecogniserError
        If it is no such file.
    """

    def __init__(self, content: bytes, name: str) -> None:
        self.name = name
        self.content = content
        self.session = Session(content, name, PAGES)
        classes = self.session.contract.alphabet.symbols
        if len(classes) != 4:
            raise RecogniserError(
                f"{name} has {len(classes)} classes of pixels, not the four paper, "
                "handwriting, rule and print: train one with the recipe pages."
            )

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self), (self.content, self.name)

    @classmethod
    def load(cls, where: str | Path | None = None) -> "Finder":
        """Return the shipped finder, or that of a folder.

        Raises
        ------
        RecogniserError
            If there is none.
        """
        folder = shipped_folder(FINDER) if where is None else where
        return cls(Bundle.open(folder).onnx, str(where or FINDER))

    def find(self, pixels: Pixels, most: int = MOST) -> PageMap:
        """Return what each of `pixels` is, ``(H, W)`` or ``(H, W, 3)`` uint8.

        Parameters
        ----------
        pixels
            Of a page.
        most
            How many of them are looked at; larger pages are made smaller.

        Raises
        ------
        RecogniserError
            If the network breaks its contract.
        """
        tall, wide = pixels.shape[:2]
        seen = _scaled(pixels, most)
        deep, broad = seen.shape[:2]
        padded = cv2.copyMakeBorder(
            seen, 0, -deep % PAGE_MULTIPLE, 0, -broad % PAGE_MULTIPLE, cv2.BORDER_REFLECT_101
        )
        page = np.ascontiguousarray(padded.transpose(2, 0, 1)[None], np.float32)
        page *= np.float32(1 / 255)
        (found,) = self.session.run(page)
        step = padded.shape[0] // found.shape[2]
        maps = []
        for kind in found[0, 1:]:
            whole = kind[: -(-deep // step), : -(-broad // step)] * np.float32(255)
            coarse = np.rint(whole).clip(0, 255).astype(np.uint8)
            # Its last row or column may stand for pixels beyond the page.
            size = coarse.shape[1] * step, coarse.shape[0] * step
            fine = cv2.resize(coarse, size)[:deep, :broad]
            maps.append(np.asarray(cv2.resize(fine, (wide, tall)), np.uint8))
        return PageMap(*maps)


@cache
def shipped() -> Finder | None:
    """Return the finder that comes along; None if none does."""
    return Finder.load() if FINDER in names() else None


def _scaled(pixels: Pixels, most: int) -> Pixels:
    """Return pixels in colour, in the size that they are looked at."""
    tall, wide = pixels.shape[:2]
    colour = pixels if pixels.ndim == 3 else cv2.cvtColor(pixels, cv2.COLOR_GRAY2RGB)
    scale = min(1.0, (most / (tall * wide)) ** 0.5, LONGEST / max(tall, wide))
    if max(tall, wide) <= SMALL:
        scale = 2.0
    if scale == 1:
        return np.asarray(colour, np.uint8)
    size = max(1, round(wide * scale)), max(1, round(tall * scale))
    way = cv2.INTER_AREA if scale < 1 else cv2.INTER_CUBIC
    return np.asarray(cv2.resize(colour, size, interpolation=way), np.uint8)
