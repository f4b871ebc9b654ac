"""The contract of an ONNX file: what it takes, what it gives, and what that means.

It stands in the metadata of every file that `inkdigits export` writes, under `KEY`, so whoever has
the file alone has all that is needed to use it.
"""

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self

from ..alphabet import Alphabet
from ..errors import AlphabetError, RecogniserError

KEY = "inkdigits.contract"
VERSION = 1
INPUT = "ink"
OUTPUTS = ("probabilities", "no_symbol", "several_symbols", "network_input")
SIDE = 28  # pixels of what the network sees
RANGE = (0.0, 1.0)
POLARITY = "0 is paper, 1 is ink"
LONGEST = 1_000_000  # characters of the metadata

MEANINGS = {
    "probabilities": "of each symbol, if the crop is one; they add up to 1",
    "no_symbol": "how likely it is none, or several; 0 where the alphabet has no rejects",
    "several_symbols": "how likely it is several; a part of no_symbol",
    "network_input": "the picture that the network saw, 0 for paper to 1 for ink",
}


@dataclass(frozen=True)
class Contract:
    """What varies from file to file; names, shapes, range and polarity do not.

    Parameters
    ----------
    alphabet
        What the outputs of the network mean.
    temperature
        What its logits are divided by; None where the file does not say.
    """

    alphabet: Alphabet
    temperature: float | None = None

    @property
    def shapes(self) -> dict[str, tuple[str | int, ...]]:
        """The shape of each input and output; a letter stands for any number."""
        return {
            INPUT: ("N", 1, "H", "W"),
            "probabilities": ("N", len(self.alphabet.symbols)),
            "no_symbol": ("N",),
            "several_symbols": ("N",),
            "network_input": ("N", SIDE, SIDE),
        }

    def to_dict(self) -> dict[str, Any]:
        """Return the whole contract as JSON knows it."""
        shapes = {name: list(shape) for name, shape in self.shapes.items()}
        pixels = {"range": list(RANGE), "polarity": POLARITY}
        ink = {"name": INPUT, "type": "float32", "shape": shapes[INPUT], **pixels}
        ink["means"] = "crops of ink; paper around it is no matter, as they are framed in the graph"
        outputs = [
            {"name": name, "type": "float32", "shape": shapes[name], "means": MEANINGS[name]}
            for name in OUTPUTS
        ]
        return {
            "version": VERSION,
            "input": ink,
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

        Only ``version`` and ``alphabet`` need be there; range and polarity, where they are, must be
        those of this contract.

        Raises
        ------
        RecogniserError
            If there is none, or if it is another.
        """
        text = metadata.get(KEY)
        if text is None:
            raise RecogniserError(
                f"{name} does not say what its outputs mean: put {KEY} into its metadata, or make "
                "one with `inkdigits export RUN`."
            )
        try:
            found = json.loads(text) if len(text) <= LONGEST else None
        except (RecursionError, ValueError):
            found = None
        if not isinstance(found, dict):
            raise RecogniserError(f"{name} has a damaged {KEY} in its metadata: export it again.")
        if found.get("version") != VERSION:
            raise RecogniserError(
                f"{name} has version {str(found.get('version'))[:20]} of {KEY}, and version "
                f"{VERSION} is known here: export it again."
            )
        ink = found.get("input", {})
        if not isinstance(ink, dict) or not (
            ink.get("range", list(RANGE)) == list(RANGE)
            and ink.get("polarity", POLARITY) == POLARITY
        ):
            raise RecogniserError(
                f"{name} takes other pixels than a recogniser does, of which {POLARITY}: put what "
                "turns them into its graph."
            )
        try:
            alphabet = Alphabet.from_dict(found.get("alphabet", {}))
        except AlphabetError as error:
            raise RecogniserError(f"In {KEY} of {name}: {error}") from error
        return cls(alphabet, _temperature(found.get("temperature"), name))


def _temperature(found: object, name: str) -> float | None:
    if found is None:
        return None
    if isinstance(found, bool) or not isinstance(found, (int, float)):
        found = math.nan
    if not 0 < found < math.inf:
        raise RecogniserError(f"{name} has a temperature that is no number above 0: export it.")
    return float(found)
