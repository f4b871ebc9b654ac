"""Lines of writing as a network sees them: grey strips 40 pixels high, and what they say.

Every line is by one hand: a pen, or one of the people who wrote MNIST. What it says is made at
random, so there is nothing to be learned by heart; paper, print and camera come on top.
"""

from collections.abc import Sequence

import cv2
import numpy as np
import numpy.typing as npt

from ..alphabet import UNKNOWN
from ..glyphs.letters import AMBIGUOUS, LETTERS
from ..glyphs.signs import FIGURES, SIGNS
from .backgrounds import behind, printed_over
from .handwriting import PenStyle, Written, random_style, write
from .optics import exposed
from .papers import Floats, Random
from .people import People

HEIGHT = 40  # pixels of a strip
WIDTHS = (48, 64, 96, 128, 160, 192, 256, 320)  # of one batch all are alike
WIDE = (0.07, 0.1, 0.14, 0.19, 0.19, 0.15, 0.11, 0.05)  # how often
ENDINGS = (
    [".", "-"], [",", "-"], ["-"], ["="], ["—"], ["."], ["/-"], ["/", "-"], [".", "="], ["-", "-"],
    [".", "—"], ["/="],
)  # fmt: skip
ATTEMPTS = 3  # at a text that is short enough; after them it is narrowed
USUAL = 25  # pixels that a digit is high
# Lines that stand on their heads say nothing, so that a page upside down makes no sense. They hold
# digits that look like no others then.
UPSIDE_DOWN, ONE_WAY_UP = 0.06, frozenset("347")


def batch(
    size: int, random: Random, people: People | None = None
) -> tuple[npt.NDArray[np.uint8], list[str]]:
    """Return `size` strips of one width, and what each says.

    Parameters
    ----------
    size
        How many.
    random
        Source of chance: the same gives the same strips.
    people
        Who writes not quite half of them; pens write the rest.

    Returns
    -------
    pixels, texts
        ``(N, 1, 40, W)`` uint8, dark ink on light paper; `UNKNOWN` stands for what is no symbol.
    """
    wide = int(random.choice(WIDTHS, p=WIDE))
    made = [strip(wide, random, people) for _ in range(size)]
    return np.stack([pixels for pixels, _ in made])[:, None], [text for _, text in made]


def picture(random: Random, people: People | None = None) -> tuple[npt.NDArray[np.uint8], str]:
    """Return a picture ``(H, W)`` of one line, of any size, and what it says."""
    deep = int(random.uniform(0.8, 3.5) * HEIGHT)
    wide = int(deep * random.uniform(2, 7))
    return strip(wide, random, people, deep)


def strip(
    wide: int, random: Random, people: People | None = None, deep: int = HEIGHT
) -> tuple[npt.NDArray[np.uint8], str]:
    """Return one strip ``(deep, wide)`` and what it says."""
    tall = float(np.clip(random.normal(USUAL, 4), 14, 35)) * deep / HEIGHT
    by_people = people is not None and random.random() < 0.45
    text = some_text(max(1, int(wide / tall / random.uniform(0.5, 1.1))), random)
    if random.random() < 0.025:
        return _photographed(np.zeros((deep, wide), np.float32), "", tall, [], random)
    style = random_style(random)
    line = _fitting(text, wide - 2, people if by_people else None, style, tall, random)
    ink, spans = _placed(line, (deep, wide), tall, random)
    if len(line.text) > 2 and ONE_WAY_UP.intersection(line.text) and random.random() < UPSIDE_DOWN:
        spans = [(wide - right, wide - left) for left, right in reversed(spans)]
        return _photographed(ink[::-1, ::-1], UNKNOWN * len(line.text), tall, spans, random)
    if random.random() < 0.015:
        ink = _struck(ink, spans, tall, random)
        return _photographed(ink, UNKNOWN * len(line.text), tall, spans, random)
    return _photographed(ink, line.text, tall, spans, random)


def _fitting(
    text: Sequence[str],
    room: int,
    people: People | None,
    style: PenStyle,
    tall: float,
    random: Random,
) -> Written:
    """Return a line no wider than `room`: too long a text is shortened, as nobody writes off it."""
    by = write if people is None else people.write
    for _ in range(ATTEMPTS):
        line = by(text, style, tall, random)
        if line.ink.shape[1] <= room:
            return line
        text = text[: max(1, int(len(text) * room / line.ink.shape[1]))]
    line = by(text, style, tall, random)
    return line if line.ink.shape[1] <= room else _narrowed(line, room)


def _narrowed(line: Written, wide: int) -> Written:
    scale = wide / line.ink.shape[1]
    ink = cv2.resize(line.ink, (wide, len(line.ink)), interpolation=cv2.INTER_AREA)
    spans = tuple((left * scale, right * scale) for left, right in line.spans)
    return Written(np.asarray(ink, np.float32), line.text, spans, line.top, line.base)


def _placed(
    line: Written, shape: tuple[int, int], tall: float, random: Random
) -> tuple[Floats, list[tuple[float, float]]]:
    """Return the line on a strip, somewhat aslant and aside, and where its symbols stand."""
    middle = (line.top + line.base) / 2
    deep, wide = shape
    left = float(random.uniform(0, wide - line.ink.shape[1]))
    shift = float(random.normal(0, 0.07)) * tall
    slope = float(random.normal(0, 0.025)) if random.random() < 0.6 else 0.0
    half = line.ink.shape[1] / 2
    matrix = np.array(
        [[1, 0, left], [slope, 1, deep / 2 - middle + shift - slope * half]], np.float32
    )
    ink = cv2.warpAffine(line.ink, matrix, (wide, deep), flags=cv2.INTER_LINEAR)
    spans = [(a + left, b + left) for a, b in line.spans]
    return np.asarray(ink, np.float32), spans


def _struck(
    ink: Floats, spans: Sequence[tuple[float, float]], tall: float, random: Random
) -> Floats:
    """Return writing that somebody struck out."""
    deep, wide = ink.shape
    canvas = np.zeros((deep * 4, wide * 4), np.uint8)
    left, right = 4 * (spans[0][0] - 3), 4 * (spans[-1][1] + 3)
    thick = int(np.ceil(4 * tall * random.uniform(0.05, 0.12)))
    kind = random.integers(3)
    count = int(random.integers(1, 4)) if kind else int(random.integers(4, 9))
    level = deep * 2 + random.normal(0, 0.1 * tall * 4, (count, 2))
    if kind == 0:  # a zigzag
        x = np.linspace(left, right, count * 2)
        y = deep * 2 + np.where(np.arange(count * 2) % 2, 1, -1) * tall * 4 * 0.35
        cv2.polylines(canvas, [np.stack([x, y], 1).astype(np.int32)], False, 255, thick)
    else:
        for start, end in level.astype(int).tolist():
            cv2.line(canvas, (int(left), start), (int(right), end), 255, thick)
    lines = cv2.resize(canvas, ink.shape[::-1], interpolation=cv2.INTER_AREA) / np.float32(255)
    return np.asarray(np.maximum(ink, lines), np.float32)


def _photographed(
    ink: Floats, text: str, tall: float, spans: Sequence[tuple[float, float]], random: Random
) -> tuple[npt.NDArray[np.uint8], str]:
    paper = behind(ink.shape, tall, spans, random)
    ink = np.maximum(ink, _neighbours(ink.shape, tall, random))
    return exposed(ink, printed_over(paper, tall, random), random), text


def _neighbours(shape: tuple[int, ...], tall: float, random: Random) -> Floats:
    """Return what reaches in from the lines above and below."""
    around = np.zeros(shape, np.float32)
    if random.random() > 0.16:
        return around
    text = "".join(map(str, random.integers(10, size=int(random.integers(1, 6)))))
    other = write(text, random_style(random), tall, random)
    reach = max(1, int(random.uniform(0.05, 0.3) * tall))
    left = int(random.integers(shape[1]))
    above = random.random() < 0.5
    part = (other.ink[-reach:] if above else other.ink[:reach])[:, : shape[1] - left]
    rows = slice(0, len(part)) if above else slice(shape[0] - len(part), None)
    around[rows, left : left + part.shape[1]] = part
    return around


def some_text(longest: int, random: Random) -> list[str]:
    """Return something to be written, sign by sign, of about `longest` signs at most."""
    kind = random.random()
    if kind < 0.5:
        return [*_digits(int(random.integers(1, longest + 1)), random)]
    if kind < 0.74:
        return _amount(longest, random)
    if kind < 0.82:
        return [*_date(random)][: longest + 1]
    if kind < 0.86:
        count = int(random.integers(2, 4))
        return [*":".join(f"{random.integers(60):02d}" for _ in range(count))]
    if kind < 0.91:
        return [*_sum(longest, random)]
    if kind < 0.925:
        return _fraction(random)
    if kind < 0.97:
        return _words(longest, random)
    return _chosen([*"0123456789", *SIGNS], int(random.integers(1, longest + 1)), random)


def _chosen(names: Sequence[str], count: int, random: Random) -> list[str]:
    return [names[at] for at in random.integers(len(names), size=count).tolist()]


def _digits(count: int, random: Random) -> str:
    text = "".join(map(str, random.integers(10, size=count)))
    if count > 2 and random.random() < 0.15:  # amounts end in noughts
        noughts = int(random.integers(1, count))
        text = text[: count - noughts] + "0" * noughts
    if count > 1 and random.random() < 0.06:
        text = str(random.integers(10)) * count
    if count > 3 and random.random() < 0.1:
        at = int(random.integers(1, count))
        text = text[:at] + " " + text[at:]
    return text


def _amount(longest: int, random: Random) -> list[str]:
    whole = _digits(int(random.integers(1, max(2, min(longest, 7)))), random).replace(" ", "")
    if len(whole) > 3 and random.random() < 0.65:
        mark = str(random.choice([".", ",", " "], p=(0.6, 0.25, 0.15)))
        head = len(whole) % 3
        groups = [whole[:head]] if head else []
        whole = mark.join([*groups, *(whole[at : at + 3] for at in range(head, len(whole), 3))])
    before, after = random.random(), random.random()
    signs = [*whole]
    if before < 0.12:
        signs.insert(0, str(random.choice(["-", "+", "=", "."])))
    elif before < 0.18:
        signs.insert(0, str(random.choice(["hash", "euro", "at", "S", "L", "F"])))
    if after < 0.4:
        signs += [str(random.choice([".", ","])), *_digits(int(random.integers(1, 4)), random)]
    elif after < 0.62:
        signs += [" "] * (random.random() < 0.4)
        signs += ENDINGS[int(random.integers(len(ENDINGS)))]
    elif after < 0.66:
        signs.append("%")
    return signs


def _date(random: Random) -> str:
    mark = str(random.choice(["/", "-", "."], p=(0.6, 0.2, 0.2)))
    day, month, year = random.integers((1, 1, 1900), (32, 13, 2100)).tolist()
    shown = f"{year % 100:02d}" if random.random() < 0.4 else str(year)
    parts = [str(day) if random.random() < 0.3 else f"{day:02d}", f"{month:02d}", shown]
    if random.random() < 0.12:
        parts.reverse()
    return mark.join(parts[:2] if random.random() < 0.1 else parts)


def _sum(longest: int, random: Random) -> str:
    parts = [_digits(int(random.integers(1, 3)), random)]
    while len("".join(parts)) < longest - 2 and random.random() < 0.7:
        space = " " if random.random() < 0.5 else ""
        more = _digits(int(random.integers(1, 3)), random)
        parts.append(f"{space}{random.choice([*'++--/'])}{space}{more}")
    if random.random() < 0.3:
        parts.append("=" + _digits(int(random.integers(1, 3)), random))
    return "".join(parts)


def _fraction(random: Random) -> list[str]:
    over, under = random.integers(1, 10, 2).tolist()
    parts = [f"^{over}", "/", f"_{under}"]
    if random.random() < 0.3:
        return parts
    space = [" "] if random.random() < 0.4 else []
    return [*_digits(int(random.integers(1, 3)), random), *space, *parts]


def _words(longest: int, random: Random) -> list[str]:
    """Return a word or a figure, most often with a number beside it."""
    if random.random() < 0.4:
        word = [str(random.choice([*FIGURES]))]
    else:
        # A letter that may pass for a digit is told by the others of its word.
        count = int(random.integers(1, max(2, min(5, longest))))
        word = _chosen([*LETTERS], count, random)
        word += _chosen([*AMBIGUOUS], int(random.integers(count)), random)
    number = [*_digits(int(random.integers(1, max(2, longest - len(word)))), random)]
    way = random.random()
    if way < 0.4:
        return [*word, " ", *number]
    return [*number, " ", *word] if way < 0.75 else word
