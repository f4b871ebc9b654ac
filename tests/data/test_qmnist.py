"""The writers of MNIST: found, checked, and one for each training digit."""

import gzip
from pathlib import Path

import numpy as np
import pytest

from inkdigits.data import published
from inkdigits.data.qmnist import COLUMNS, COUNT, NAME, writers
from inkdigits.errors import DataError


def labels(columns: int = COLUMNS, count: int = COUNT) -> bytes:
    table = np.zeros((count, columns), ">i4")
    table[:, 2] = np.arange(count) // 100
    header = bytes([0, 0, 0x0C, 2]) + np.array(table.shape, ">u4").tobytes()
    return header + table.tobytes()


@pytest.mark.parametrize("packed", [True, False])
@pytest.mark.parametrize("place", ["data", "data/qmnist", "qmnist"])
def test_writers_are_read_from_a_folder_or_beside_it(tmp_path: Path, place: str, packed: bool):
    (tmp_path / "data").mkdir()
    (tmp_path / place).mkdir(exist_ok=True)
    path = tmp_path / place / (f"{NAME}.gz" if packed else NAME)
    path.write_bytes(gzip.compress(labels(), 1) if packed else labels())
    found = writers(tmp_path / "data")
    assert found.shape == (COUNT,)
    assert found.dtype == np.int64
    assert found[-1] == (COUNT - 1) // 100


def test_writers_are_found_where_data_sets_are(tmp_path, monkeypatch):
    cached = published.cache_folder() / "qmnist"
    cached.mkdir(parents=True)
    (cached / NAME).write_bytes(labels())
    assert len(writers(tmp_path)) == COUNT  # as `inkdigits data qmnist --fetch` leaves them
    (cached / NAME).rename(tmp_path / NAME)
    with pytest.raises(DataError, match="not on this machine"):
        writers()
    monkeypatch.setenv("INKDIGITS_DATA", str(tmp_path))
    assert len(writers()) == COUNT


@pytest.mark.parametrize(
    "content",
    [labels(7), labels(count=10), gzip.compress(labels(7), 1, mtime=0)],
    ids=["other columns", "other count", "packed"],
)
def test_other_labels_are_refused_in_a_sentence(tmp_path: Path, content: bytes):
    (tmp_path / f"{NAME}.gz").write_bytes(content)
    with pytest.raises(DataError, match="delete it, and run `inkdigits data qmnist --fetch`"):
        writers(tmp_path)


@pytest.mark.parametrize("content", [b"", b"\x1f\x8b not gzip", gzip.compress(b"short", mtime=0)])
def test_damage_is_refused_in_a_sentence(tmp_path: Path, content: bytes):
    (tmp_path / f"{NAME}.gz").write_bytes(content)
    with pytest.raises(DataError, match="replace it"):
        writers(tmp_path)


def test_where_there_are_none_it_says_where_to_put_them(tmp_path: Path):
    with pytest.raises(DataError, match="qmnist beside that of MNIST, or run"):
        writers(tmp_path)
