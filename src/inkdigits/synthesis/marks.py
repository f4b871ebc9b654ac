"""Numbers with marks, as people note them: prices, dates, negative numbers, shares, times."""

from collections.abc import Callable

from ..glyphs.signs import SIGNS
from .cameras import photographed
from .lines import PlacedLine, beside, composed
from .pages import SyntheticPage
from .papers import Floats, Random, random_of
from .writers import by_mark, by_pen

LINES = 3  # of a page
SURROUNDINGS: tuple[tuple[str, ...], ...] = (
    ("plain",),
    ("blue ink",),
    ("ruled",),
    ("tinted",),
    ("gradient",),
    ("textured", "jpeg"),
)


def _number(random: Random, most: int) -> str:
    """Return a number of one digit to `most`, without a zero before it."""
    return str(int(random.integers(10 ** (int(random.integers(1, most + 1))))))


NOTES: dict[str, Callable[[Random], str]] = {
    "price": lambda random: f"{_number(random, 3)}.{random.integers(100):02d}",
    "price, comma": lambda random: f"{_number(random, 3)},{random.integers(100):02d}",
    "negative": lambda random: f"-{_number(random, 3)}",
    "date": lambda random: (
        f"{random.integers(1, 32):02d}/{random.integers(1, 13):02d}/{random.integers(100):02d}"
    ),
    "decimal": lambda random: f"{_number(random, 2)}.{random.integers(10)}",
    "share": lambda random: f"{_number(random, 2)}%",
    "range": lambda random: f"{_number(random, 2)}-{_number(random, 2)}",
    "time": lambda random: f"{random.integers(24)}:{random.integers(60):02d}",
}


def marked_page(number: int, seed: int = 0) -> SyntheticPage:
    """Return a page of three lines, each a number with a mark: one of `NOTES`, in turn."""
    kinds = list(NOTES)
    random = random_of(seed, "marks", number)
    effects = SURROUNDINGS[number % len(SURROUNDINGS)]
    notes = [NOTES[kinds[(number * LINES + line) % len(kinds)]](random) for line in range(LINES)]
    tall, pen = int(random.integers(40, 85)), random.uniform(0.8, 1.2)
    pitch, left = tall * random.uniform(1.7, 2.4), 0.3 * tall
    rows = [
        _written(note, (left * random.random(), line * pitch), tall, pen, random)
        for line, note in enumerate(notes)
    ]
    sheet = composed(rows, tall, 0.0, effects, random)
    picture = photographed(sheet, effects, random)
    return SyntheticPage("marks", number, picture, "\n".join(notes), effects)


def _written(
    text: str, start: tuple[float, float], tall: int, pen: float, random: Random
) -> PlacedLine:
    """Place the digits and marks of `text` on a line."""
    x, base = start
    digits = iter(by_pen([int(c) for c in text if c.isdigit()], tall, pen, random))
    gap = random.uniform(0.14, 0.26)
    placed: list[tuple[int, int, Floats]] = []
    for sign in text:
        if sign.isdigit():
            glyph, lift = next(digits), random.uniform(-0.03, 0.03)
        else:
            glyph = by_mark(sign, tall, pen, random)
            lift = SIGNS[sign].lift + random.uniform(-0.04, 0.04)
        y = base - lift * tall - glyph.shape[0]
        if placed:
            x = beside(placed[-1], round(y), glyph) + gap * random.uniform(0.7, 1.3) * tall
        placed.append((round(x), round(y), glyph))
    return PlacedLine(placed, base, 0.0)
