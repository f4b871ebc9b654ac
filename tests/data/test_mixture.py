import numpy as np
import pytest

from inkdigits.alphabet import DIGITS_OR_REJECT
from inkdigits.data import load_dataset, load_splits, mixture, mnist
from inkdigits.errors import DataError
from inkdigits.glyphs import negatives
from inkdigits.glyphs.negatives import NONE, SEVERAL
from inkdigits.glyphs.pen import Variation
from tests.conftest import TEST, TRAIN

WRITTEN, PRINTED, NEGATIVES = 40, 50, 400


@pytest.fixture
def small(monkeypatch, small_mnist):
    """Make the mixture small, with a small MNIST in it."""
    monkeypatch.setenv("INKDIGITS_DATA", str(small_mnist))
    monkeypatch.setattr(mixture, "WRITTEN", ((WRITTEN, Variation()), (WRITTEN, Variation(pen=0.6))))
    monkeypatch.setattr(mixture, "PRINTED", PRINTED)
    monkeypatch.setattr(mixture, "NEGATIVES", NEGATIVES)
    monkeypatch.setattr(negatives, "BATCH", 20)  # so that few are of many kinds
    return small_mnist


def test_mnist_comes_first_and_all_else_after_it(small):
    whole = mixture.load().training
    real = mnist.load(small).training
    assert np.array_equal(whole.identities[:TRAIN], real.identities)
    assert len(whole) == TRAIN + 2 * WRITTEN + PRINTED + NEGATIVES
    assert np.array_equal(whole.index, np.arange(len(whole)))
    assert whole[:-NEGATIVES].labels.max() == 9
    assert whole[-NEGATIVES:].labels.min() == NONE


@pytest.mark.usefixtures("small")
def test_labels_are_the_ten_digits_none_and_several():
    whole = mixture.load().training
    assert whole.alphabet == DIGITS_OR_REJECT
    assert set(whole.labels.tolist()) == {*range(10), NONE, SEVERAL}


@pytest.mark.usefixtures("small")
def test_every_digit_is_printed_and_written_equally_often():
    made = mixture.load().training[TRAIN:-NEGATIVES]
    assert set(made.counts) == {(2 * WRITTEN + PRINTED) // 10}


@pytest.mark.usefixtures("small")
def test_printed_digits_stand_under_their_own_labels():
    printed = mixture.load().training[-NEGATIVES - PRINTED : -NEGATIVES]
    assert printed.labels.tolist() == [*range(10)] * (PRINTED // 10)
    ones = printed.images[printed.labels == 1] / 255
    zeros = printed.images[printed.labels == 0] / 255
    # The middle of a 0 is paper, that of a 1 is ink, unless a face slants or crosses it.
    assert ones[:, 12:17, 12:17].mean() > zeros[:, 12:17, 12:17].mean() + 0.2


def test_the_test_split_is_that_of_mnist(small):
    test, real = mixture.load().open_test(), mnist.load(small).open_test()
    assert test.digest == real.digest
    assert test.name == real.name
    assert len(test) == TEST


@pytest.mark.usefixtures("small")
def test_same_seed_same_mixture_and_other_seed_others():
    first, again, other = (mixture.load(seed).training for seed in (0, 0, 1))
    assert first.digest == again.digest != other.digest
    assert first[:TRAIN].digest == other[:TRAIN].digest


def test_it_is_found_by_its_name_and_split_as_others_are(small):
    found = load_dataset("mixture")
    assert (found.name, str(small) in found.place) == ("mixture", True)
    splits = load_splits("mixture")
    assert len(splits.train) + len(splits.validation) == len(found.training)
    assert set(splits.validation.labels.tolist()) == {*range(10), NONE, SEVERAL}
    share = len(splits.validation) / len(found.training)
    assert share == pytest.approx(1 / 12, abs=0.02)
    # A digit of MNIST validates in the mixture if it does so in MNIST.
    real = load_splits("mnist").validation.identities
    assert np.isin(real, splits.validation.identities).all()


def test_no_mnist_is_one_sentence(small):
    (small / "train-labels-idx1-ubyte.gz").unlink()
    with pytest.raises(DataError, match="MNIST is not in"):
        load_dataset("mixture", download=False)
