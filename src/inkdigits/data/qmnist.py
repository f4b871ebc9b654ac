"""QMNIST's labels: who wrote which of MNIST's digits (Yadav and Bottou, 2019)."""

import gzip
import os
import zlib
from pathlib import Path

import numpy as np
import numpy.typing as npt

from ..errors import DataError

NAME = "qmnist-train-labels-idx2-int"
COUNT, COLUMNS, WRITER = 60_000, 8, 2
MAGIC = 0x0C02  # big-endian int32, two dimensions


def writers(folder: Path | None = None) -> npt.NDArray[np.int64]:
    """Return the writer of each of MNIST's 60,000 training digits.

    Parameters
    ----------
    folder
        Where the labels lie, gzipped or not, or a folder ``qmnist`` that holds them; by default
        ``$INKDIGITS_DATA`` is searched.

    Raises
    ------
    DataError
        If they are not there, or are something else.
    """
    root = Path(os.environ.get("INKDIGITS_DATA", ".")) if folder is None else folder
    for place in (root, root / "qmnist", root.parent / "qmnist"):
        for path in (place / NAME, place / f"{NAME}.gz"):
            if path.is_file():
                return _parsed(path)
    raise DataError(
        f"The writers of MNIST are not in {root}: put {NAME}.gz of QMNIST into a folder qmnist "
        "beside mnist, or name the folder that holds both with --data."
    )


def _parsed(path: Path) -> npt.NDArray[np.int64]:
    size = 12 + 4 * COUNT * COLUMNS
    try:
        with path.open("rb") as file, gzip.open(file) if path.suffix == ".gz" else file as plain:
            content = plain.read(size + 1)
    except (OSError, EOFError, zlib.error) as error:
        raise DataError(f"{path} cannot be read: fetch it again.") from error
    head = np.array([MAGIC, COUNT, COLUMNS], ">i4").tobytes()
    if len(content) != size or content[:12] != head:
        raise DataError(f"{path} does not hold the labels of QMNIST: fetch it again.")
    table = np.frombuffer(content[12:], ">i4").reshape(COUNT, COLUMNS)
    return table[:, WRITER].astype(np.int64)
