"""The writers of MNIST: found, checked, and one for each training digit."""

import gzip
import struct
from pathlib import Path

import numpy as np
import pytest

from inkdigits.data.qmnist import COLUMNS, COUNT, MAGIC, NAME, writers
from inkdigits.errors import DataError


def labels(columns: int = COLUMNS) -> bytes:
    table = np.zeros((COUNT, COLUMNS), ">i4")
    table[:, 2] = np.arange(COUNT) // 100
    return struct.pack(">iii", MAGIC, COUNT, columns) + table.tobytes()


@pytest.mark.parametrize("packed", [True, False])
def test_writers_are_read_from_a_folder(tmp_path: Path, packed: bool) -> None:
    (tmp_path / "qmnist").mkdir()
    path = tmp_path / "qmnist" / (f"{NAME}.gz" if packed else NAME)
    path.write_bytes(gzip.compress(labels()) if packed else labels())
    found = writers(tmp_path)
    assert found.shape == (COUNT,)
    assert found[-1] == (COUNT - 1) // 100


@pytest.mark.parametrize(
    "content",
    [b"", b"\x1f\x8b not gzip", gzip.compress(b"short"), gzip.compress(labels(7))],
    ids=["empty", "not gzip", "too short", "other columns"],
)
def test_anything_else_is_refused_in_a_sentence(tmp_path: Path, content: bytes) -> None:
    (tmp_path / f"{NAME}.gz").write_bytes(content)
    with pytest.raises(DataError, match="fetch it again"):
        writers(tmp_path)


def test_where_there_are_none_it_says_where_to_put_them(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="qmnist"):
        writers(tmp_path)
