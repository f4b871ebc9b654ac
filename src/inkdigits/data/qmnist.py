"""QMNIST's labels: who wrote which of MNIST's digits (Yadav and Bottou, 2019)."""

import os
from pathlib import Path

import numpy as np

from ..errors import DataError
from . import idx
from .digits import Index

NAME = "qmnist-train-labels-idx2-int"
COUNT, COLUMNS, WRITER = 60_000, 8, 2


def writers(folder: Path | None = None) -> Index:
    """Return the writer of each of MNIST's 60,000 training digits.

    Parameters
    ----------
    folder
        Where the labels lie, gzipped or not, or a folder ``qmnist`` that holds them, in it or
        beside it; else ``$INKDIGITS_DATA`` is searched.

    Raises
    ------
    DataError
        If they are not there, or are something else.
    """
    roots = [] if folder is None else [folder, folder.parent]
    if named := os.environ.get("INKDIGITS_DATA"):
        roots.append(Path(named))
    for root in roots:
        for place in (root, root / "qmnist"):
            path = idx.locate(place, NAME)
            if path is not None:
                return _parsed(path)
    raise DataError(
        f"The writers of MNIST are not on this machine: put {NAME}.gz of QMNIST into a folder "
        "qmnist beside mnist, or run `inkdigits data qmnist --fetch`."
    )


def _parsed(path: Path) -> Index:
    values = idx.read(path)
    if values.shape != (COUNT, COLUMNS):
        raise DataError(f"{path} does not hold the labels of QMNIST: fetch it again.")
    return values[:, WRITER].astype(np.int64)
