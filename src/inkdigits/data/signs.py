"""Marks that stand among digits, and letters: strokes, size and place."""

from dataclasses import dataclass

from .strokes import MARKS


@dataclass(frozen=True)
class Sign:
    """How a mark is written: its ways, its size over a digit's, how far it is above the line."""

    ways: tuple[str, ...]
    extent: float
    lift: float


SIGNS: dict[str, Sign] = {
    ".": Sign(
        ("5,0 10,5 5,10 0,5 5,0 10,5 5,10 0,5 5,0", "3,0 5,5 7,10", "0,4 5,5 10,6"), 0.09, 0.0
    ),
    ",": Sign(("5.4,0 5.8,3 3.6,10", "5,0 5.4,4 4.6,10", "7,0 5,5 2,10"), 0.3, -0.2),
    "-": Sign(("0,5 5,5 10,5", "0,5.6 5,5 10,4.6"), 0.42, 0.45),
    "/": Sign(("9,0 5,5 1,10", "8,0 5.4,5 2,10", "7,0 5,5 3,10"), 1.25, -0.12),
    ":": Sign(
        (
            "5,0 5.4,0.4 5,0.8 4.6,0.4 5,0 5.4,0.4 5,0.8 4.6,0.4 5,0 | "
            "5,9.2 5.4,9.6 5,10 4.6,9.6 5,9.2 5.4,9.6 5,10 4.6,9.6 5,9.2",
        ),
        0.5,
        0.12,
    ),
    "+": Sign(("5,0 5,5 5,10 | 0,5 5,5 10,5",), 0.6, 0.2),
    "%": Sign(
        ("9,0 1,10 | 2,0 0.4,1.6 2,3.2 3.6,1.6 2,0 | 8,6.8 6.4,8.4 8,10 9.6,8.4 8,6.8",), 0.95, 0.0
    ),
    "=": Sign(
        ("0,3.5 5,3.5 10,3.4 | 0,6.5 5,6.4 10,6.5", "0,3 5,2.8 10,2.6 | 0,7.2 5,7 10,6.8"),
        0.55,
        0.3,
    ),
    "—": Sign(("0,5 5,5 10,5", "0,5.4 5,5 10,4.7"), 1.3, 0.45),
}
LETTERS: dict[str, list[str]] = {name: ways for name, ways in MARKS.items() if len(name) == 1}
