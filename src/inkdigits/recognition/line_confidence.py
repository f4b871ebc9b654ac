"""How sure a line is that two readers have read: a logistic function of what is known of it.

Its coefficients stand beside the network of lines, and are fitted on lines whose text is known.
"""

import json
import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from ..errors import RecogniserError
from ..models.bundle import Bundle

FILE = "confidence.json"  # in the folder of a network of lines
LARGEST = 100_000  # bytes of it
SURE = 8.0  # the most that a logarithm of odds counts
UNLIKELY = 4.0  # the most that speaks against one symbol

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Features:
    """What is known of a line once it is read.

    Attributes
    ----------
    weakest
        Logarithm of the odds of the symbol that is least sure.
    agree
        1 if both readers alone read the same digits, else 0.
    network, lattice
        What speaks against the text to either reader, a symbol; as a logarithm of a probability.
    unexplained
        The share of the line's ink that is in no symbol.
    steady
        The share of other looks at the line, narrower and wider, that read the same digits.
    inked
        1 if the ink that was found reads the same by itself, without the rest of the page.
    length
        Logarithm of one more than there are symbols.
    """

    weakest: float
    agree: float
    network: float
    lattice: float
    unexplained: float
    steady: float
    inked: float
    length: float

    @property
    def values(self) -> Floats:
        """All of them, bounded, in the order of `NAMES`."""
        lowest = {"weakest": -SURE, "network": -UNLIKELY, "lattice": -UNLIKELY}
        return np.array(
            [np.clip(value, lowest.get(name, 0.0), SURE) for name, value in asdict(self).items()]
        )


NAMES = tuple(one.name for one in fields(Features))
# Before anything was measured: agreement is worth most, and all else moves it a little.
DEFAULTS = {
    "weakest": 0.6,
    "agree": 2.0,
    "network": 0.6,
    "lattice": 0.6,
    "unexplained": -3.0,
    "steady": 1.0,
    "inked": 0.5,
    "length": -0.3,
}


@dataclass(frozen=True)
class Calibration:
    """How two readers are joined, and how sure a line is.

    Attributes
    ----------
    weight
        Of the lattice, against the network.
    temperature
        What the logarithms of both together are divided by: neither is as sure as it says.
    disagreement
        What they are divided by once more for a symbol that the readers see differently.
    bias, coefficients
        Of the logistic function: of 1, and of each of `NAMES`.
    """

    weight: float = 1.0
    temperature: float = 1.5
    disagreement: float = 2.0
    bias: float = -2.2
    coefficients: Mapping[str, float] = field(default_factory=lambda: DEFAULTS)

    def confidence(self, features: Features) -> float:
        """Return how likely all digits of a line are right."""
        weights = np.array([self.coefficients[name] for name in NAMES])
        return float(1 / (1 + np.exp(-(self.bias + weights @ features.values))))

    def to_dict(self) -> dict[str, Any]:
        """Return it as JSON knows it."""
        return asdict(self) | {"coefficients": dict(self.coefficients)}

    @classmethod
    def from_dict(cls, table: object, where: str) -> "Calibration":
        """Return what `to_dict` gave; sentences call it `where`.

        Raises
        ------
        RecogniserError
            If it is no such description.
        """
        wanted = {one.name for one in fields(cls)} - {"coefficients"}
        found = table.get("coefficients") if isinstance(table, dict) else None
        if not (
            isinstance(table, dict)
            and isinstance(found, dict)
            and set(table) == wanted | {"coefficients"}
            and set(found) == set(NAMES)
            and all(map(_is_number, [*found.values(), *(table[name] for name in wanted)]))
            and table["weight"] >= 0
            and min(table["temperature"], table["disagreement"]) > 0
        ):
            raise RecogniserError(
                f"{where} is not a calibration of lines: restore it, or delete it to read "
                "without one."
            )
        return cls(**table)

    @classmethod
    def beside(cls, bundle: Bundle | None) -> "Calibration":
        """Return the one that lies in the folder of a network; the default where none does.

        Raises
        ------
        RecogniserError
            If it is damaged.
        """
        path = None if bundle is None or bundle.folder is None else bundle.folder / FILE
        if path is None or not path.is_file():
            return cls()
        return cls.from_dict(_read(path), str(path))


def _is_number(value: object) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool) and math.isfinite(value)


def _read(path: Path) -> object:
    try:
        content = path.read_bytes() if path.stat().st_size <= LARGEST else b""
        return json.loads(content)
    except (RecursionError, ValueError):
        return None
    except OSError as error:
        raise RecogniserError(f"Cannot read {path}: {error.strerror}; restore it.") from error
