"""The alphabet: what the outputs of a network mean, in their order.

First come the symbols that it can read, then its rejects: that there is no symbol, or that there
are several. It stands in the recipe, beside the weights and in the metadata of an ONNX file, and
nothing else says how many outputs there are, or which is which.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self

from .errors import AlphabetError, nearest

NO_SYMBOL = "no_symbol"
SEVERAL_SYMBOLS = "several_symbols"
REJECTS = (NO_SYMBOL, SEVERAL_SYMBOLS)
MIN_SYMBOLS, MAX_SYMBOLS = 2, 1_000
MAX_LENGTH = 64  # characters of a symbol, which may be the name of a class
# What stands between and beside the digits of a number, and what each is called.
MARKS = {
    ".": "dot", ",": "comma", "-": "dash", "/": "slash", ":": "colon", "+": "plus sign",
    "%": "percent sign", "=": "equals sign", "—": "long dash",
}  # fmt: skip
UNKNOWN = "?"  # stands for a rejected symbol in a text, so it is no symbol itself


@dataclass(frozen=True)
class Alphabet:
    """The symbols and the rejects of a network, in the order of its outputs.

    ``len(alphabet)`` is the number of outputs: symbols first, rejects behind them.

    Parameters
    ----------
    symbols
        What can be read: mostly single characters, by default the digits; or the names of a data
        set's classes.
    rejects
        Of `REJECTS` those that have an output of their own.

    Raises
    ------
    AlphabetError
        If a symbol is empty, too long or there twice, if there are too few or too many, or if a
        reject is unknown or there twice.
    """

    symbols: tuple[str, ...] = tuple("0123456789")
    rejects: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        for name in ("symbols", "rejects"):
            found = getattr(self, name)
            # A text is a sequence of texts too, but nobody means one symbol a letter by it.
            if not isinstance(found, (list, tuple)) or not all(isinstance(s, str) for s in found):
                raise AlphabetError(f"The {name} of an alphabet must be a list of strings.")
            object.__setattr__(self, name, tuple(found))
        if not MIN_SYMBOLS <= len(self.symbols) <= MAX_SYMBOLS:
            raise AlphabetError(
                f"An alphabet must have {MIN_SYMBOLS} to {MAX_SYMBOLS:,} symbols, not "
                f"{len(self.symbols):,}."
            )
        for symbol in self.symbols:
            if not symbol.strip() or len(symbol) > MAX_LENGTH or not symbol.isprintable():
                raise AlphabetError(
                    f"Invalid symbol {symbol[:MAX_LENGTH]!r} in an alphabet: use 1 to "
                    f"{MAX_LENGTH} printable characters."
                )
            if symbol == UNKNOWN:
                raise AlphabetError(
                    f"{symbol!r} cannot be a symbol of an alphabet: it stands for a rejected "
                    "symbol."
                )
            if symbol in REJECTS:
                raise AlphabetError(
                    f"{symbol!r} is a reject class: list it in rejects, not in symbols."
                )
        for reject in self.rejects:
            if reject not in REJECTS:
                raise AlphabetError(f"Unknown reject class {reject!r}: {nearest(reject, REJECTS)}")
        for names in (self.symbols, self.rejects):
            if len(set(names)) < len(names):
                twice = next(name for name in names if names.count(name) > 1)
                raise AlphabetError(f"{twice!r} appears twice in an alphabet: list it once.")

    def __len__(self) -> int:
        return len(self.symbols) + len(self.rejects)

    @property
    def names(self) -> tuple[str, ...]:
        """What each output means: the symbols, then the rejects."""
        return self.symbols + self.rejects

    @property
    def can_reject(self) -> bool:
        """Whether there is an output for what is none of the symbols."""
        return bool(self.rejects)

    @property
    def no_symbol(self) -> int | None:
        """The output that says that there is no symbol; None where there is no such output."""
        return self._output(NO_SYMBOL)

    @property
    def several_symbols(self) -> int | None:
        """The output that says that there are several; None where there is no such output."""
        return self._output(SEVERAL_SYMBOLS)

    def index(self, symbol: str) -> int:
        """Return the output of `symbol`.

        Raises
        ------
        AlphabetError
            If the alphabet has no such symbol.
        """
        try:
            return self.symbols.index(symbol)
        except ValueError as error:
            raise AlphabetError(
                f"The alphabet has no symbol {symbol!r}: {nearest(symbol, self.symbols)}"
            ) from error

    def to_dict(self) -> dict[str, list[str]]:
        """Return the alphabet as JSON and TOML know it."""
        return {"symbols": list(self.symbols), "rejects": list(self.rejects)}

    @classmethod
    def from_dict(cls, table: Mapping[str, Any]) -> Self:
        """Return the alphabet that `to_dict` gave.

        Raises
        ------
        AlphabetError
            If it is none.
        """
        if not isinstance(table, Mapping) or "symbols" not in table:
            raise AlphabetError(
                "An alphabet must be a table with symbols and, optionally, rejects."
            )
        for key in table:
            if key not in ("symbols", "rejects"):
                raise AlphabetError(
                    f"An alphabet has no {key!r}: {nearest(str(key), ('symbols', 'rejects'))}"
                )
        return cls(table["symbols"], table.get("rejects", ()))

    def _output(self, reject: str) -> int | None:
        if reject not in self.rejects:
            return None
        return len(self.symbols) + self.rejects.index(reject)


DIGITS = Alphabet()
NUMBERS_OR_REJECT = Alphabet((*DIGITS.symbols, *MARKS), REJECTS)
DIGITS_OR_REJECT = Alphabet(rejects=REJECTS)
LINE_SYMBOLS = Alphabet(tuple("0123456789.,-/:+%=—"), (NO_SYMBOL,))  # of a line; no_symbol: ?
PAGE_CLASSES = Alphabet(("paper", "handwriting", "rule", "print"))  # of the pixels of a page
PAGE_COLOURS = ((255, 255, 255), (30, 136, 84), (52, 120, 205), (204, 102, 20))  # wherever shown
