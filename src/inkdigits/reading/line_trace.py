"""A line as two readers saw it, kept to be drawn."""

from collections.abc import Sequence
from dataclasses import dataclass

from ..models.contract import LINE_HEIGHT
from ..recognition.joined import JoinedReading
from ..recognition.line import LineReading
from ..recognition.proposals import Placed
from ..segmentation.lines import TextLine
from ..segmentation.strip import Strip


@dataclass(frozen=True, eq=False)
class LineTrace:
    """The picture of a line, and what was made of it.

    Attributes
    ----------
    strip
        What the network saw; of a long line, its first part.
    by_components, by_network
        What either reader alone takes the line for, and how far across the page each symbol stands.
    agree
        Whether that is the same digits.
    text, confidence
        What both together say, and how sure they are of it.
    """

    strip: Strip
    by_components: Placed
    by_network: Placed
    agree: bool
    text: str
    confidence: float

    @classmethod
    def of(cls, lines: Sequence[TextLine], readings: Sequence[LineReading]) -> "list[LineTrace]":
        """Return the traces of those lines that both readers have read."""
        return [
            cls(
                line.strips[0],
                one.by_components,
                one.by_network,
                one.agree,
                one.text,
                one.confidence,
            )
            for line, one in zip(lines, readings, strict=True)
            if isinstance(one, JoinedReading)
        ]

    def on_strip(self, placed: Placed) -> list[tuple[float, str]]:
        """Return where on the strip symbols stand, in its pixels: those that stand on it."""
        across, down, corner = self.strip.matrix[0]
        found = [((x - corner - down * LINE_HEIGHT / 2) / across, name) for x, name in placed]
        return [(x, name) for x, name in found if 0 <= x <= self.strip.width]
