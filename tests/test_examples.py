"""The examples of the public names run as they stand."""

import doctest

import pytest

import inkdigits
from inkdigits.data import synthetic

NAMES = ("Document", "Reader", "Recipe", "export", "load_digits", "train")


@pytest.mark.parametrize("name", NAMES)
def test_examples_run_as_they_stand(name, monkeypatch):
    monkeypatch.setattr(synthetic, "TRAINING", 600)
    monkeypatch.setattr(synthetic, "TEST", 200)
    (example,) = doctest.DocTestFinder(recurse=False).find(getattr(inkdigits, name), name, globs={})
    assert example.examples
    said: list[str] = []
    doctest.DocTestRunner(optionflags=doctest.ELLIPSIS).run(example, out=said.append)
    assert not said, "".join(said)
