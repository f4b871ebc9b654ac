"""Data sets: where they come from, by what their samples are known, how they are split."""

from .dataset import Dataset, Splits
from .digits import Digits
from .registry import KNOWN, load_dataset, load_digits, load_splits
from .settings import MADE, DataSettings
from .splits import SPLITS

__all__ = [
    "KNOWN",
    "MADE",
    "SPLITS",
    "DataSettings",
    "Dataset",
    "Digits",
    "Splits",
    "load_dataset",
    "load_digits",
    "load_splits",
]
