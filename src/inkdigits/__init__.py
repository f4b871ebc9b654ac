"""Read handwritten digits; train, test and compare the networks that do it.

Names are loaded when they are first used, so importing the package costs next to nothing.
"""

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .data import Digits, Splits, load_digits
    from .errors import InkdigitsError, PictureError
    from .evaluation import Comparison, Evaluation, compare, evaluate
    from .evaluation.ensemble import ensemble
    from .evaluation.rates import RateSearch, find_lr
    from .evaluation.search import Search, tune
    from .exporter import export
    from .reading import Digit, Reader, Reading
    from .training import Recipe, Run, resume, train

__version__ = "0.1.0"

__all__ = [
    "Comparison",
    "Digit",
    "Digits",
    "Evaluation",
    "InkdigitsError",
    "PictureError",
    "RateSearch",
    "Reader",
    "Reading",
    "Recipe",
    "Run",
    "Search",
    "Splits",
    "__version__",
    "compare",
    "ensemble",
    "evaluate",
    "export",
    "find_lr",
    "load_digits",
    "resume",
    "train",
    "tune",
]

_HOMES = {
    "Comparison": "evaluation",
    "Digit": "reading",
    "Digits": "data",
    "Evaluation": "evaluation",
    "InkdigitsError": "errors",
    "PictureError": "errors",
    "RateSearch": "evaluation.rates",
    "Reader": "reading",
    "Reading": "reading",
    "Recipe": "training",
    "Run": "training",
    "Search": "evaluation.search",
    "Splits": "data",
    "compare": "evaluation",
    "ensemble": "evaluation.ensemble",
    "evaluate": "evaluation",
    "export": "exporter",
    "find_lr": "evaluation.rates",
    "load_digits": "data",
    "resume": "training",
    "train": "training",
    "tune": "evaluation.search",
}


def __getattr__(name: str) -> object:
    if name not in _HOMES:
        raise AttributeError(f"module 'inkdigits' has no attribute {name!r}")
    try:
        return getattr(import_module(f".{_HOMES[name]}", __name__), name)
    except ModuleNotFoundError as error:
        from .errors import MissingExtraError

        raise MissingExtraError.of(error) from error


def __dir__() -> list[str]:
    return __all__
