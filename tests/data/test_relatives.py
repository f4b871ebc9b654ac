"""The relatives of MNIST: what is known of each agrees with itself."""

import re

import pytest

from inkdigits.alphabet import DIGITS
from inkdigits.data.relatives import FASHION, RELATIVES


def test_each_is_known_by_a_key_and_a_name_of_its_own():
    assert len({one.key for one in RELATIVES}) == len({one.name for one in RELATIVES}) == 8
    assert all(re.fullmatch("[a-z-]+", one.key) for one in RELATIVES)


@pytest.mark.parametrize("one", RELATIVES, ids=lambda one: one.key)
def test_what_is_known_of_a_relative_agrees_with_itself(one):
    images, labels, test_images, test_labels = (file.shape for file in one.files)
    assert images[0] == labels[0]
    assert test_images[0] == test_labels[0]
    assert images[1:] == test_images[1:] == (28, 28)
    counted = f"{images[0] + test_images[0]:,} "
    assert counted in one.about or f"{test_images[0]:,} " in one.about
    sums = [file.packed for file in one.files] if one.archive is None else [one.archive[1]]
    assert all(re.fullmatch("md5:[0-9a-f]{32}", checksum) for checksum in sums)
    assert len(set(sums)) == len(sums)
    assert all(mirror.endswith("/") for mirror in one.mirrors)


def test_classes_are_as_many_as_their_authors_say():
    counts = {one.key: len(one.alphabet) for one in RELATIVES}
    assert counts == {
        "fashion-mnist": 10, "kmnist": 10, "qmnist": 10, "emnist-digits": 10, "emnist-letters": 26,
        "emnist-balanced": 47, "emnist-bymerge": 47, "emnist-byclass": 62,
    }  # fmt: skip
    assert {one.key for one in RELATIVES if one.alphabet == DIGITS} == {"qmnist", "emnist-digits"}
    assert FASHION.alphabet.symbols[9] == "Ankle boot"
    assert [one.first for one in RELATIVES] == [0, 0, 0, 0, 1, 0, 0, 0]
    assert {one.key.split("-")[0] for one in RELATIVES if one.transposed} == {"emnist"}
