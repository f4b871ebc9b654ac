"""What the options of the networks that come with the program may be: types, ranges, lengths.

They are checked when a recipe is read, before any network is made: one line of a recipe cannot ask
for more memory than there is.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

from ..errors import RecipeError
from ..limits import brief, number, within

MAX_CHANNELS = 4096
MAX_UNITS = 65_536
MAX_KERNEL = 31  # pixels
MAX_MEMBERS = 32


class Option(Protocol):
    """What an option may be."""

    def check(self, value: object, setting: str) -> None:
        """Refuse a value that the option cannot have."""


@dataclass(frozen=True)
class Integer:
    """A whole number from `low` to `high`."""

    low: int
    high: int
    odd: bool = False

    def check(self, value: object, setting: str) -> None:
        """Refuse anything else."""
        if type(value) is not int:
            raise RecipeError(f"{setting} must be a whole number, not {brief(value)}.")
        within(setting, value, self.low, self.high)
        if self.odd and value % 2 == 0:
            raise RecipeError(f"{setting} must be an odd number, not {value}.")


@dataclass(frozen=True)
class Number:
    """A number from `low` to `high`."""

    low: float
    high: float

    def check(self, value: object, setting: str) -> None:
        """Refuse anything else."""
        if isinstance(value, bool) or not isinstance(value, (int, float)):
            raise RecipeError(f"{setting} must be a number, not {brief(value)}.")
        within(setting, value, self.low, self.high)


@dataclass(frozen=True)
class Boolean:
    """``true`` or ``false``."""

    def check(self, value: object, setting: str) -> None:
        """Refuse anything else."""
        if type(value) is not bool:
            raise RecipeError(f"{setting} must be true or false, not {brief(value)}.")


@dataclass(frozen=True)
class OneOf:
    """One of a few words."""

    words: tuple[str, ...]

    def check(self, value: object, setting: str) -> None:
        """Refuse anything else."""
        if value not in self.words:
            raise RecipeError(
                f"{setting} must be {' or '.join(map(repr, self.words))}, not {brief(value)}."
            )


@dataclass(frozen=True)
class Table:
    """Settings by their names."""

    def check(self, value: object, setting: str) -> None:
        """Refuse anything else."""
        if not isinstance(value, Mapping):
            raise RecipeError(f"{setting} must be a table, not {brief(value)}.")


@dataclass(frozen=True)
class ListOf:
    """From `minimum` to `maximum` values of one kind."""

    kind: Option
    minimum: int
    maximum: int

    def check(self, value: object, setting: str) -> None:
        """Refuse anything else."""
        if not isinstance(value, (list, tuple)):
            raise RecipeError(f"{setting} must be a list, not {brief(value)}.")
        if not self.minimum <= len(value) <= self.maximum:
            ends = dict.fromkeys((number(self.minimum), number(self.maximum)))
            raise RecipeError(
                f"{setting} must be a list of {' to '.join(ends)} values, not {len(value):,}."
            )
        for at, one in enumerate(value):
            self.kind.check(one, f"{setting}[{at}]")


PART = Number(0, 1)
CHANNELS = Integer(1, MAX_CHANNELS)
# Of every network that comes with the program, by the names of its options. `outputs` and `size`
# are none: the alphabet says the one, and network.size the other.
OPTIONS: dict[str, dict[str, Option]] = {
    "one-conv": {},
    "mlp": {"widths": ListOf(Integer(1, MAX_UNITS), 0, 32)},
    "cnn": {"dropout": PART},
    "spatial-dropout": {"dropout": PART},
    "lenet5": {},
    "compact": {
        "stages": ListOf(ListOf(CHANNELS, 1, 16), 1, 4),
        "head": OneOf(("global", "flatten")),
        "first_kernel": Integer(1, MAX_KERNEL, odd=True),
        "first_stride": Integer(1, 2),
        "first_fixed": Boolean(),
        "unpadded": Integer(0, 64),
    },
    "ensemble": {
        "members": ListOf(Table(), 1, MAX_MEMBERS),
        "weights": ListOf(Number(1e-6, 1e6), 1, MAX_MEMBERS),
        "temperatures": ListOf(Number(1e-3, 1e3), 1, MAX_MEMBERS),
    },
    "line": {
        "channels": ListOf(CHANNELS, 1, 64),
        "strides": ListOf(ListOf(Integer(1, 4), 2, 2), 1, 64),
        "context": CHANNELS,
        "gaps": ListOf(Integer(1, 64), 0, 32),
        "dropout": PART,
    },
    "unet": {"channels": ListOf(CHANNELS, 2, 5)},
}


def check_options(name: str, options: Mapping[str, object]) -> None:
    """Refuse options that the network `name`, which comes with the program, cannot have.

    Raises
    ------
    RecipeError
        If one is unknown, or has an impossible value.
    """
    known = OPTIONS[name]
    for option, value in options.items():
        if option not in known:
            has = f"it has {', '.join(known)}" if known else "it has none"
            raise RecipeError(f"Network {name!r} has no option {brief(option)}; {has}.")
        known[option].check(value, f"network.options.{option}")
