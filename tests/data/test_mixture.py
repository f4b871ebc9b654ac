import numpy as np
import pytest

from inkdigits import training
from inkdigits.alphabet import DIGITS_OR_REJECT
from inkdigits.data import describe, load_collection, load_digits, mixture, mnist
from inkdigits.errors import DataError, InkdigitsError
from inkdigits.glyphs import negatives
from inkdigits.glyphs.negatives import NONE, SEVERAL
from inkdigits.glyphs.pen import Variation
from tests.conftest import TEST, TRAIN

WRITTEN, PRINTED, NEGATIVES = 40, 50, 400


@pytest.fixture
def small(monkeypatch, small_mnist):
    """Make the mixture small, and return the folder of its MNIST."""
    monkeypatch.setattr(mixture, "WRITTEN", ((WRITTEN, Variation()), (WRITTEN, Variation(pen=0.6))))
    monkeypatch.setattr(mixture, "PRINTED", PRINTED)
    monkeypatch.setattr(mixture, "NEGATIVES", NEGATIVES)
    monkeypatch.setattr(negatives, "BATCH", 20)  # so that few are of many kinds
    return small_mnist


def test_mnist_comes_first_and_all_else_after_it(small):
    whole = mixture.load(small).training
    real = mnist.load(small).training
    assert np.array_equal(whole.images[:TRAIN], real.images)
    assert np.array_equal(whole.labels[:TRAIN], real.labels)
    assert len(whole) == TRAIN + 2 * WRITTEN + PRINTED + NEGATIVES
    assert np.array_equal(whole.index, np.arange(len(whole)))
    digits, none = whole[:-NEGATIVES], whole[-NEGATIVES:]
    assert digits.labels.max() == 9
    assert none.labels.min() == NONE


def test_labels_are_the_ten_digits_none_and_several(small):
    assert set(mixture.load(small).training.labels.tolist()) == {*range(10), NONE, SEVERAL}


def test_every_digit_is_printed_and_written_equally_often(small):
    made = mixture.load(small).training[TRAIN:-NEGATIVES]
    assert set(made.counts) == {(2 * WRITTEN + PRINTED) // 10}


def test_printed_digits_stand_under_their_own_labels(small):
    printed = mixture.load(small).training[-NEGATIVES - PRINTED : -NEGATIVES]
    assert printed.labels.tolist() == [*range(10)] * (PRINTED // 10)
    ones = printed.images[printed.labels == 1] / 255
    zeros = printed.images[printed.labels == 0] / 255
    # The middle of a 0 is paper, that of a 1 is ink, unless a face slants or crosses it.
    assert ones[:, 12:17, 12:17].mean() > zeros[:, 12:17, 12:17].mean() + 0.2


def test_the_test_half_is_that_of_mnist(small):
    test = mixture.load(small).open_test()
    real = mnist.load(small).open_test()
    assert test.checksum == real.checksum
    assert test.name == real.name
    assert len(test) == TEST


def test_same_seed_same_mixture_and_other_seed_others(small):
    first, again, other = (mixture.load(small, seed).training for seed in (0, 0, 1))
    assert first.checksum == again.checksum != other.checksum
    assert first[:TRAIN].checksum == other[:TRAIN].checksum


def test_it_is_found_by_its_name_and_split_as_others_are(small):
    assert load_collection("mixture", small).name == "mixture"
    splits = load_digits("mixture", folder=small)
    whole = mixture.load(small).training
    assert len(splits.train) + len(splits.validation) == len(whole)
    assert set(splits.validation.labels.tolist()) == {*range(10), NONE, SEVERAL}
    share = len(splits.validation) / len(whole)
    assert share == pytest.approx(1 / 12, abs=0.01)


def test_no_mnist_is_one_sentence(small):
    (small / f"{mnist.TRAIN_LABELS.name}.gz").unlink()
    with pytest.raises(DataError, match="MNIST is not in"):
        mixture.load(small)


def test_it_is_described_by_where_its_mnist_lies(small):
    place, _, rows = describe("mixture", small)
    assert str(small) in place
    assert len({len(row) for row in rows}) == 1


def test_a_network_of_ten_outputs_cannot_learn_it_and_says_so(small, tiny):
    recipe = tiny.with_settings({"data.name": "mixture"})
    says = r'set alphabet.symbols to 0, .*, 9 and alphabet.rejects to \["no_symbol", "several_'
    with pytest.raises(InkdigitsError, match=says):
        training.train(recipe, data=small, progress=False)


def test_a_network_of_twelve_outputs_learns_it(small, tiny):
    options = {"stages": [[4], [8]], "head": "global"}
    rejects = list(DIGITS_OR_REJECT.rejects)
    recipe = tiny.with_settings(
        {"data.name": "mixture", "network.options": options, "alphabet.rejects": rejects}
    )
    run = training.train(recipe, data=small, epochs=1, progress=False)
    scored = [value for value in vars(run.best).values() if value is not None]  # some are of lines
    assert len(scored) > 8 and np.isfinite(scored).all()
