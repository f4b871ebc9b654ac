"""The shipped recogniser: by which digits its card measures it."""

from types import SimpleNamespace

import numpy as np

from benchmarks.shipped import recogniser
from inkdigits.alphabet import DIGITS_OR_REJECT
from inkdigits.data import Digits, Splits
from inkdigits.exporting.export import Export
from inkdigits.models.bundle import SHIPPED, Bundle

NO_SYMBOL = DIGITS_OR_REJECT.names.index("no_symbol")


def test_it_is_measured_on_validation_digits_on_test_digits_and_on_what_is_none(
    monkeypatch, tmp_path, written, tiny
):
    images, labels = written.images[:30], written.labels[:30].astype(np.int64)
    labels[20:] = NO_SYMBOL
    mixed = Digits("mixed", images, labels, alphabet=DIGITS_OR_REJECT)
    test = written[30:70].named("test digits")
    made = Export(
        bundle=Bundle.open(SHIPPED),
        size=9,
        difference=0.0,
        count=20,
        temperature=1.0,
        error_before=0.1,
        error=0.1,
        lost=0.0,
    )
    shown = []

    def card(name, _run, _made, found, rejected, count):
        shown.append((name, found, rejected, count))
        return "a card"

    monkeypatch.setattr(recogniser, "finished", lambda *_: SimpleNamespace(recipe=tiny))
    monkeypatch.setattr(recogniser, "export_symbols", lambda *_, **__: made)
    monkeypatch.setattr(recogniser, "load_splits", lambda *_: Splits(written, mixed, lambda: test))
    monkeypatch.setattr(recogniser, "card", card)
    out = recogniser.make(tmp_path / "mine")
    ((name, found, rejected, count),) = shown
    assert [(one.name, one.right.count) for one in found] == [
        ("validation digits", 20),
        ("test digits", 40),
    ]
    assert (name, count) == ("mine", 10)
    assert 0 <= rejected <= 1
    assert Bundle.open(out).name == "mine"
    assert (out / "card.md").read_text() == "a card"
