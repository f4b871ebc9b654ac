"""The contract of an ONNX file: what it takes, what it gives, and what that means.

It stands in the metadata of every file that `inkdigits export` writes, under `KEY`, so whoever has
the file alone has all that is needed to use it.
"""

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Self

from ..alphabet import Alphabet
from ..errors import AlphabetError, RecogniserError, nearest

KEY = "inkdigits.contract"
VERSION = 1
SYMBOLS, LINES, PAGES = "symbols", "lines", "pages"  # the tasks: what a file reads
INPUT = "ink"  # of a file that reads symbols, as are
OUTPUTS = ("probabilities", "no_symbol", "several_symbols", "network_input")
SIDE = 28  # pixels a side of the picture that shows what the network saw
LINE_HEIGHT = 40  # pixels of the picture of a line
LINE_STEP = 4  # pixels along a line to one row of what is said of it
PAGE_STEP = 2  # pixels of a page, both ways, to one pixel of its classes
PAGE_MULTIPLE = 32  # that both sides of a page are multiples of
RANGE = (0.0, 1.0)
POLARITY = "0 is paper, 1 is ink"
GREY = "0 is black, 1 is white: ink is darker than its paper"
COLOUR = "0 is black, 1 is white, in red, green and blue"
SIZED = "pictures of exactly this size, like those that the network was trained on"
LARGEST_SIDE = 1024  # pixels of a picture that is not framed
LONGEST = 1_000_000  # characters of the metadata


@dataclass(frozen=True)
class Interface:
    """What the files of one task take and give.

    Parameters
    ----------
    input, means
        The name of the input, and what it is.
    shape
        Of the input; a letter stands for any number.
    polarity
        What its values stand for.
    outputs
        What each output means, by its name, in their order.
    pictures
        What to call inputs in a sentence.
    probe
        The shape of a small input that every file must take.
    """

    input: str
    means: str
    shape: tuple[str | int, ...]
    polarity: str
    outputs: Mapping[str, str]
    pictures: str
    probe: tuple[int, ...]


INTERFACES = {
    SYMBOLS: Interface(
        INPUT,
        "crops of ink with any margin, as they are framed in the graph",
        ("N", 1, "H", "W"),
        POLARITY,
        {
            "probabilities": "of each symbol, given that the crop is one; they add up to 1",
            "no_symbol": "probability that it is none, or several; 0 without reject classes",
            "several_symbols": "probability that it is several; part of no_symbol",
            "network_input": "what the network was given, from 0 for paper to 1 for ink; scaled "
            f"to {SIDE}×{SIDE} if it has another size",
        },
        "crops",
        (1, 1, 24, 16),
    ),
    LINES: Interface(
        "line",
        f"grey pictures of one line each; W is a multiple of {LINE_STEP}",
        ("N", 1, LINE_HEIGHT, "W"),
        GREY,
        {
            "log_probabilities": "along the line: first of the CTC blank between symbols, "
            "then of each name of the alphabet, for every step of "
            f"{LINE_STEP} pixels; their exponentials add up to 1"
        },
        "lines",
        (1, 1, LINE_HEIGHT, 64),
    ),
    PAGES: Interface(
        "page",
        f"pictures of pages; H and W are multiples of {PAGE_MULTIPLE}",
        ("N", 3, "H", "W"),
        COLOUR,
        {
            "probabilities": "of each class of the alphabet, for every square of "
            f"{PAGE_STEP}×{PAGE_STEP} pixels; they add up to 1"
        },
        "pages",
        (1, 3, 64, 64),
    ),
}


@dataclass(frozen=True)
class Contract:
    """What varies from file to file; what its task decides stands in `INTERFACES`.

    Parameters
    ----------
    alphabet
        What the outputs of the network mean.
    temperature
        What its logits are divided by; None where the file does not say.
    task
        What it reads: ``"symbols"``, ``"lines"`` or ``"pages"``.
    size
        Height and width of the pictures that a file of symbols takes, where nothing is framed in
        its graph; None where it takes crops of any size.
    """

    alphabet: Alphabet
    temperature: float | None = None
    task: str = SYMBOLS
    size: tuple[int, int] | None = None

    @property
    def interface(self) -> Interface:
        """What the task decides: names, range and polarity."""
        found = INTERFACES[self.task]
        if self.size is None:
            return found
        shape = ("N", 1, *self.size)
        return replace(found, means=SIZED, shape=shape, pictures="pictures", probe=(1, *shape[1:]))

    @property
    def shapes(self) -> dict[str, tuple[str | int, ...]]:
        """The shape of each input and output; a letter stands for any number."""
        outputs: dict[str, dict[str, tuple[str | int, ...]]] = {
            SYMBOLS: {
                "probabilities": ("N", len(self.alphabet.symbols)),
                "no_symbol": ("N",),
                "several_symbols": ("N",),
                "network_input": ("N", SIDE, SIDE),
            },
            LINES: {"log_probabilities": ("N", f"W/{LINE_STEP}", 1 + len(self.alphabet))},
            PAGES: {"probabilities": ("N", len(self.alphabet), f"H/{PAGE_STEP}", f"W/{PAGE_STEP}")},
        }
        return {self.interface.input: self.interface.shape, **outputs[self.task]}

    def shapes_for(self, given: Sequence[int]) -> dict[str, tuple[int, ...]]:
        """Return the shape of each output for an input of the shape `given`."""
        sizes = {
            letter: size
            for letter, size in zip(self.interface.shape, given, strict=True)
            if isinstance(letter, str)
        }
        return {
            name: tuple(_size(side, sizes) for side in self.shapes[name])
            for name in self.interface.outputs
        }

    def to_dict(self) -> dict[str, Any]:
        """Return the whole contract as JSON knows it."""
        interface = self.interface
        shapes = {name: list(shape) for name, shape in self.shapes.items()}
        taken = {
            "name": interface.input,
            "type": "float32",
            "shape": shapes[interface.input],
            "range": list(RANGE),
            "polarity": interface.polarity,
            "means": interface.means,
        }
        outputs = [
            {"name": name, "type": "float32", "shape": shapes[name], "means": means}
            for name, means in interface.outputs.items()
        ]
        return {
            "version": VERSION,
            "task": self.task,
            "input": taken,
            "outputs": outputs,
            "alphabet": self.alphabet.to_dict(),
            "temperature": self.temperature,
        }

    def to_metadata(self) -> dict[str, str]:
        """Return the entry of the metadata of an ONNX file."""
        return {KEY: json.dumps(self.to_dict(), ensure_ascii=False)}

    @classmethod
    def from_metadata(cls, metadata: Mapping[str, str], name: str) -> Self:
        """Return the contract in the metadata of the file called `name`.

        Only ``version`` and ``alphabet`` need be there. Without ``task`` it is of symbols; range
        and polarity, where they are, must be those of the task.

        Raises
        ------
        RecogniserError
            If there is none, or if it is another.
        """
        text = metadata.get(KEY)
        if text is None:
            raise RecogniserError(
                f"{name} does not describe its outputs: add {KEY} to its metadata, or create "
                "a model with `inkdigits export RUN`."
            )
        try:
            found = json.loads(text) if len(text) <= LONGEST else None
        except (RecursionError, ValueError):
            found = None
        if not isinstance(found, dict):
            raise RecogniserError(f"{name} has a damaged {KEY} in its metadata: export it again.")
        if found.get("version") != VERSION:
            raise RecogniserError(
                f"{name} has version {str(found.get('version'))[:20]} of {KEY}, and this "
                f"version supports {VERSION} only: export it again."
            )
        task = found.get("task", SYMBOLS)
        if task not in INTERFACES:
            raise RecogniserError(
                f"{name} has an unknown task: {nearest(str(task)[:20], INTERFACES)}"
            )
        taken, polarity = found.get("input", {}), INTERFACES[task].polarity
        if not isinstance(taken, dict) or not (
            taken.get("range", list(RANGE)) == list(RANGE)
            and taken.get("polarity", polarity) == polarity
        ):
            raise RecogniserError(
                f"{name} expects other pixels than a model of {task} ({polarity}): convert "
                "them in its graph."
            )
        try:
            alphabet = Alphabet.from_dict(found.get("alphabet", {}))
        except AlphabetError as error:
            raise RecogniserError(f"In {KEY} of {name}: {error}") from error
        size = _picture_size(taken.get("shape"), name) if task == SYMBOLS else None
        return cls(alphabet, _temperature(found.get("temperature"), name), task, size)


def _size(side: str | int, sizes: Mapping[str, int]) -> int:
    """Return the number that a side of a shape stands for: ``3``, ``"W"`` or ``"W/4"``."""
    if isinstance(side, int):
        return side
    letter, _, divisor = side.partition("/")
    return sizes[letter] // int(divisor or 1)


def _picture_size(shape: object, name: str) -> tuple[int, int] | None:
    """Return height and width where the shape of an input names them; None if any will do."""
    sides = shape[2:] if isinstance(shape, list) and len(shape) == 4 else []
    if shape is None or (len(sides) == 2 and all(isinstance(side, str) for side in sides)):
        return None
    if len(sides) != 2 or not all(type(n) is int and 0 < n <= LARGEST_SIDE for n in sides):
        raise RecogniserError(
            f"{name} does not have the input shape of a recogniser: export it again."
        )
    return sides[0], sides[1]


def _temperature(found: object, name: str) -> float | None:
    if found is None:
        return None
    if isinstance(found, bool) or not isinstance(found, (int, float)):
        found = math.nan
    if not 0 < found < math.inf:
        raise RecogniserError(f"{name} has an invalid temperature: export it again.")
    return float(found)
