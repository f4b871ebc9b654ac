"""Print, in the typefaces that matplotlib brings along: letters to refuse, digits to read."""

from functools import cache
from pathlib import Path

import numpy as np
import torch
from PIL import Image, ImageDraw, ImageFont
from torch import Tensor

from .. import alphabet

DIGITS = alphabet.DIGITS.symbols
NUMBERS = tuple(str(number) for number in range(10, 1000, 7))
# Letters and signs that stand for no digit in any of the typefaces, and words.
LETTERS = (
    *"ACDEFHKMNPRTUVWXY", *"acdefhkmnprtuvwxy", *"+=%&@#?*~<>-^{}", "ab", "the", "no", "Re", "am",
    "Nr", "kg", "USD", "Date", "and", "Total", "word", "name", "fine", "have", "Sum", "Tel", "per",
)  # fmt: skip
POINTS = 40  # pixels of the type, before it is framed


def draw(texts: tuple[str, ...], count: int, random: torch.Generator) -> Tensor:
    """Return `count` pictures ``(N, 28, 28)`` of random `texts` in random typefaces."""
    which = torch.randint(len(texts), (count,), generator=random).tolist()
    faces = torch.randint(len(_faces()), (count,), generator=random).tolist()
    pairs = zip(which, faces, strict=True)
    return torch.stack([_framed(texts[text], face) for text, face in pairs])


@cache
def _framed(text: str, face: int) -> Tensor:
    """Return one text as MNIST frames a digit: in 20×20, its mass in the middle."""
    font = ImageFont.truetype(str(_faces()[face]), POINTS)
    left, top, right, bottom = (int(value) for value in font.getbbox(text))
    picture = Image.new("L", (max(right - left, 1), max(bottom - top, 1)))
    ImageDraw.Draw(picture).text((-left, -top), text, fill=255, font=font)
    scale = 20 / max(picture.size)
    width, height = (max(1, round(side * scale)) for side in picture.size)
    small = np.asarray(picture.resize((width, height), Image.Resampling.BOX), np.float32) / 255
    rows, columns = small.sum(1), small.sum(0)
    middle = [
        float((mass * (np.arange(len(mass)) + 0.5)).sum() / max(mass.sum(), 1e-6))
        for mass in (rows, columns)
    ]
    top, left = (
        int(np.clip(round(14.5 - at), 0, 28 - side))
        for at, side in zip(middle, (height, width), strict=True)
    )
    framed = torch.zeros(28, 28)
    framed[top : top + height, left : left + width] = torch.from_numpy(small)
    return framed


@cache
def _faces() -> list[Path]:
    import matplotlib

    folder = Path(matplotlib.get_data_path()) / "fonts" / "ttf"
    plain = ("DejaVu*.ttf", "STIXGeneral*.ttf", "cmr10.ttf", "cmss10.ttf", "cmtt10.ttf")
    found = sorted(path for pattern in plain for path in folder.glob(pattern))
    return [path for path in found if "Display" not in path.name and "NonUni" not in path.name]
