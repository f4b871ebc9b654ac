"""Strips: shapes, texts, and that they can be read at all."""

import numpy as np
import pytest

from inkdigits.alphabet import UNKNOWN
from inkdigits.synthesis import strips
from inkdigits.synthesis.people import People
from inkdigits.synthesis.strips import HEIGHT, WIDTHS, batch, some_text

SYMBOLS = set("0123456789.,-/:+%=—" + UNKNOWN)


def a_few_people() -> People:
    """Return two people whose digits are bars as high as MNIST's."""
    images = np.zeros((80, 28, 28), np.uint8)
    images[:, 4:24, 12:16] = 255
    return People(images, np.arange(80) % 10, np.arange(80) // 40)


def test_a_batch_has_one_width_and_a_text_a_strip() -> None:
    for seed in range(6):
        pixels, texts = batch(9, np.random.default_rng(seed), a_few_people())
        assert pixels.dtype == np.uint8
        assert pixels.shape[:3] == (9, 1, HEIGHT)
        assert pixels.shape[3] in WIDTHS
        assert len(texts) == 9
        assert set("".join(texts)) <= SYMBOLS


def test_ink_is_darker_than_paper_where_there_is_a_text() -> None:
    pixels, _ = batch(60, np.random.default_rng(4))
    assert np.median(np.ptp(pixels.astype(int), axis=(1, 2, 3))) > 60


def test_a_batch_is_a_function_of_its_seed() -> None:
    first, again = (batch(4, np.random.default_rng(7), a_few_people()) for _ in range(2))
    assert first[1] == again[1]
    assert np.array_equal(first[0], again[0])
    assert batch(4, np.random.default_rng(8))[1] != first[1]


def test_texts_are_of_every_kind() -> None:
    random = np.random.default_rng(0)
    texts = ["".join(some_text(8, random)) for _ in range(600)]
    for mark in ".,-/:+%=—":
        assert any(mark in text for text in texts), mark
    assert any(text.isdigit() for text in texts)
    assert any(any(sign.isalpha() for sign in text) for text in texts)
    assert all(texts)


def test_people_write_with_their_own_digits() -> None:
    people = a_few_people()
    assert len(people) == 2
    random = np.random.default_rng(1)
    from inkdigits.synthesis.handwriting import random_style

    line = people.write("1.7", random_style(random), 25, random)
    assert line.text == "1.7"
    assert len(line.spans) == 3
    assert 15 < np.ptp(np.flatnonzero((line.ink > 0.5).any(1))) < 45


def test_who_wrote_too_little_is_left_out() -> None:
    images = np.zeros((12, 28, 28), np.uint8)
    assert len(People(images, np.arange(12) % 10, np.zeros(12, int))) == 0


def test_no_text_begins_or_ends_with_a_gap() -> None:
    random = np.random.default_rng(0)
    texts = [some_text(int(random.integers(1, 12)), random) for _ in range(4000)]
    assert all(text and text[0] != " " != text[-1] for text in texts)
    fractions = [text for text in texts if any(sign[0] == "^" for sign in text)]
    assert 20 < len(fractions) < 200
    assert all(text[-3][0] == "^" and text[-2] == "/" and text[-1][0] == "_" for text in fractions)


def test_a_line_upside_down_says_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    said = {}
    for often in (0.0, 1.0):
        monkeypatch.setattr(strips, "UPSIDE_DOWN", often)
        random = np.random.default_rng(1)
        said[often] = [strips.strip(160, random)[1] for _ in range(60)]
    longer = [text for text in said[1.0] if len(text) > 2]
    assert longer and not any(strips.ONE_WAY_UP.intersection(text) for text in longer)
    assert any(strips.ONE_WAY_UP.intersection(text) for text in said[0.0] if len(text) > 2)
