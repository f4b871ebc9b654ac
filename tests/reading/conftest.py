"""What several tests of the reader share."""

import multiprocessing

import pytest

from inkdigits.reading import Reader
from tests.reading.strokes import Shapes


@pytest.fixture(scope="module")
def reader() -> Reader:
    """Return a reader with the stand-in in place of a recogniser."""
    return Reader.of(Shapes())  # type: ignore[arg-type]


@pytest.fixture
def started():
    """Return a function that returns the processes that this test started and has not ended."""
    before = set(multiprocessing.active_children())
    return lambda: set(multiprocessing.active_children()) - before
