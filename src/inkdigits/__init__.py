"""Read handwritten digits; train, test and compare the networks that do it.

Names are loaded when they are first used, so importing the package costs next to nothing.
"""

from importlib import import_module
from logging import NullHandler, getLogger
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .alphabet import Alphabet
    from .data import Dataset, Digits, Splits, load_dataset, load_digits
    from .document import Candidate, Document, LeftOut, Line, Page, Reason, Symbol
    from .errors import (
        AlphabetError,
        DataError,
        DeviceError,
        DocumentError,
        FileError,
        InkdigitsError,
        MissingExtraError,
        PictureError,
        RecipeError,
        RecogniserError,
        RunError,
        TrainingError,
    )
    from .evaluation import Comparison, Evaluation, compare, evaluate
    from .evaluation.ensemble import ensemble
    from .exporting.export import export
    from .models import Bundle
    from .reading import Reader
    from .search.find_lr import RateSearch, find_lr
    from .search.tune import Search, tune
    from .training import Recipe, Run, resume, train

__version__ = "0.1.0"

__all__ = [
    "Alphabet",
    "AlphabetError",
    "Bundle",
    "Candidate",
    "Comparison",
    "DataError",
    "Dataset",
    "DeviceError",
    "Digits",
    "Document",
    "DocumentError",
    "Evaluation",
    "FileError",
    "InkdigitsError",
    "LeftOut",
    "Line",
    "MissingExtraError",
    "Page",
    "PictureError",
    "RateSearch",
    "Reader",
    "Reason",
    "Recipe",
    "RecipeError",
    "RecogniserError",
    "Run",
    "RunError",
    "Search",
    "Splits",
    "Symbol",
    "TrainingError",
    "__version__",
    "compare",
    "ensemble",
    "evaluate",
    "export",
    "find_lr",
    "load_dataset",
    "load_digits",
    "resume",
    "train",
    "tune",
]

_HOMES = {
    "Alphabet": "alphabet",
    "AlphabetError": "errors",
    "Bundle": "models",
    "Candidate": "document",
    "Comparison": "evaluation",
    "DataError": "errors",
    "Dataset": "data",
    "DeviceError": "errors",
    "Digits": "data",
    "Document": "document",
    "DocumentError": "errors",
    "Evaluation": "evaluation",
    "FileError": "errors",
    "InkdigitsError": "errors",
    "LeftOut": "document",
    "Line": "document",
    "MissingExtraError": "errors",
    "Page": "document",
    "PictureError": "errors",
    "RateSearch": "search.find_lr",
    "Reader": "reading",
    "Reason": "document",
    "Recipe": "training",
    "RecipeError": "errors",
    "RecogniserError": "errors",
    "Run": "training",
    "RunError": "errors",
    "Search": "search.tune",
    "Splits": "data",
    "Symbol": "document",
    "TrainingError": "errors",
    "compare": "evaluation",
    "ensemble": "evaluation.ensemble",
    "evaluate": "evaluation",
    "export": "exporting.export",
    "find_lr": "search.find_lr",
    "load_dataset": "data",
    "load_digits": "data",
    "resume": "training",
    "train": "training",
    "tune": "search.tune",
}


getLogger(__name__).addHandler(NullHandler())


def __getattr__(name: str) -> object:
    if name not in _HOMES:
        raise AttributeError(f"module 'inkdigits' has no attribute {name!r}")
    try:
        return getattr(import_module(f".{_HOMES[name]}", __name__), name)
    except ModuleNotFoundError as error:
        from .extras import stand_in

        return stand_in(name, error)


def __dir__() -> list[str]:
    return __all__
