"""Print: words and numbers in many typefaces, on covers of how much ink each pixel has."""

import math
from collections.abc import Sequence
from functools import cache
from pathlib import Path

import cv2
import numpy as np
import numpy.typing as npt
from PIL import Image, ImageDraw, ImageFont

from .papers import Random

Cover = npt.NDArray[np.uint8]

WORDS = (
    *("Name", "Date", "Total", "Amount", "Signature", "No.", "Page", "Room", "Code", "Tel.", "Qty"),
    *("ADDRESS", "INVOICE", "ID NUMBER", "Marks Obtained", "Roll No", "please print", "office use"),
    *(
        "PAY TO THE ORDER OF",
        "Reading",
        "Meter",
        "kWh",
        "Day",
        "Month",
        "Year",
        "Sum",
        "EUR",
        "Rs.",
    ),
    *(
        "Betrag",
        "Datum",
        "Unterschrift",
        "Konto",
        "Importe",
        "Fecha",
        "Prix",
        "NOMBRE",
        "a.m.",
        "kg",
    ),
    *(
        "1",
        "2",
        "3.",
        "(4)",
        "10",
        "2024",
        "No. 12",
        "07/19",
        "100",
        "Form 27b",
        "A4",
        "3 of 5",
        "%",
    ),
    *("Question", "Score", "Candidate", "Class", "Section", "Subject", "Date of birth", "Answer"),
)
HERSHEY = (
    *(cv2.FONT_HERSHEY_PLAIN, cv2.FONT_HERSHEY_DUPLEX, cv2.FONT_HERSHEY_COMPLEX),
    *(cv2.FONT_HERSHEY_TRIPLEX, cv2.FONT_HERSHEY_SIMPLEX),
)


def word(
    cover: Cover, text: str, at: Sequence[float], tall: float, random: Random
) -> tuple[float, float]:
    """Print `text` from (x, y) on, capitals `tall` high; return how wide and deep it is."""
    x, y = (round(value) for value in at)
    if random.random() < 0.2:
        face, size = HERSHEY[int(random.integers(len(HERSHEY)))], max(0.25, tall / 21)
        thick = max(1, round(size * random.uniform(0.7, 2.2)))
        cv2.putText(cover, text, (x, y), face, size, 255, thick, cv2.LINE_AA)
        (wide, deep), _ = cv2.getTextSize(text, face, size, thick)
        return float(wide), float(deep)
    glyphs = _printed(text, int(random.integers(len(_faces()))), _size(tall))
    deep, wide = glyphs.shape
    top = y - round(0.8 * deep)
    left, upper = max(x, 0), max(top, 0)
    here = cover[upper : max(top + deep, 0), left : max(x + wide, 0)]
    if here.size:
        np.maximum(
            here, glyphs[upper - top :, left - x :][: here.shape[0], : here.shape[1]], out=here
        )
    return float(wide), float(deep)


def _size(tall: float) -> int:
    """Return one of few sizes, so that words that were printed can be used again."""
    step = round(math.log(max(tall, 4)) / math.log(1.15))
    return max(6, round(1.4 * 1.15**step))


@cache
def _faces() -> tuple[str, ...]:
    import matplotlib

    folder = Path(matplotlib.get_data_path()) / "fonts" / "ttf"
    plain = ("DejaVu*.ttf", "STIXGeneral*.ttf", "cm[rst][sit]*10.ttf", "cmr10.ttf")
    found = sorted(str(path) for pattern in plain for path in folder.glob(pattern))
    return tuple(path for path in found if "Display" not in path)


_PRINTED: dict[tuple[str, int, int], Cover] = {}
_KEPT = 4000


def _printed(text: str, face: int, size: int) -> Cover:
    key = (text, face, size)
    if key not in _PRINTED:
        if len(_PRINTED) >= _KEPT:
            _PRINTED.clear()
        font = _font(face, size)
        left, top, right, bottom = (int(value) for value in font.getbbox(text, anchor="ls"))
        up, down = max(1, -top), max(1, round(0.25 * -top), bottom)
        picture = Image.new("L", (max(1, right - left), up + down))
        ImageDraw.Draw(picture).text((-left, up), text, fill=255, font=font, anchor="ls")
        _PRINTED[key] = np.asarray(picture)
    return _PRINTED[key]


@cache
def _font(face: int, size: int) -> ImageFont.FreeTypeFont:
    return ImageFont.truetype(_faces()[face], size)


def label(random: Random) -> str:
    """Return what may be printed beside a field."""
    text = WORDS[int(random.integers(len(WORDS)))]
    change = random.random()
    if change < 0.2:
        text = text.upper()
    elif change < 0.3:
        text = text.lower()
    elif change < 0.4:
        text = str(int(random.integers(10 ** int(random.integers(1, 9)))))
    elif change < 0.5:
        text = " ".join(WORDS[at] for at in random.integers(len(WORDS), size=4))
    return text + ":" if random.random() < 0.2 else text
