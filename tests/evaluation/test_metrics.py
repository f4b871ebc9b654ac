import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from inkdigits.evaluation import metrics


def one_hot(labels, by=1.0):
    return np.eye(10)[np.asarray(labels)] * by + (1 - by) / 10


def test_wilson_interval_of_a_known_case():
    # 9,900 of 10,000: the centre is pulled towards a half, the ends by the textbook formula.
    found = metrics.share(9900, 10_000)
    assert (found.value, round(found.low, 5), round(found.high, 5)) == (0.99, 0.98785, 0.99177)


@given(st.integers(0, 500), st.integers(0, 500))
def test_interval_holds_the_share(right, wrong):
    found = metrics.share(right, right + wrong)
    assert 0 <= found.low <= found.value <= found.high <= 1


def test_confusion_counts_rows_as_true_and_columns_as_read():
    matrix = metrics.confusion([4, 4, 9], [4, 9, 9], 10)
    assert matrix[4, 9] == 1
    assert matrix[9, 4] == 0
    assert matrix.sum() == 3


def test_class_figures_by_hand():
    each = metrics.classes(metrics.confusion([0, 0, 0, 1], [0, 0, 1, 1], 10))
    assert each.recall[0] == pytest.approx(2 / 3)
    assert each.precision[1] == pytest.approx(1 / 2)
    assert each.f1[1] == pytest.approx(2 / 3)
    assert each.precision[5] == each.recall[5] == each.f1[5] == 0


def test_hardest_pairs_show_both_directions_commoner_first():
    matrix = metrics.confusion([9, 9, 9, 4, 3], [4, 4, 9, 9, 5], 10)
    assert metrics.hardest_pairs(matrix) == [(9, 4, 2, 1), (3, 5, 1, 0)]


def test_perfectly_calibrated_confidence_has_no_error():
    labels = [0] * 8 + [1] * 2
    probabilities = np.tile(one_hot([0])[0] * 0.8 + one_hot([1])[0] * 0.2, (10, 1))
    found = metrics.reliability(probabilities, labels)
    assert found.error == pytest.approx(0)
    assert found.count.sum() == 10


def test_certainty_that_is_half_right_is_off_by_a_half():
    assert metrics.reliability(one_hot([0, 0]), [0, 1]).error == pytest.approx(0.5)


def test_loss_is_minus_log_of_the_probability_of_the_truth():
    assert metrics.negative_log_likelihood(np.full((3, 10), 0.1), [1, 2, 3]) == pytest.approx(
        np.log(10)
    )
    assert np.isfinite(metrics.negative_log_likelihood(one_hot([0]), [1]))


def test_element_wise_accuracy_gives_ninety_per_cent_to_nothing():
    assert metrics.element_wise(np.zeros((5, 10)), [1, 2, 3, 4, 5]) == pytest.approx(0.9)


def test_mcnemar_looks_only_at_digits_on_which_two_networks_differ():
    first = [True] * 990 + [True] * 8 + [False] * 2
    second = [True] * 990 + [False] * 8 + [True] * 2
    found = metrics.mcnemar(first, second)
    assert (found.only_first, found.only_second) == (8, 2)
    assert found.p == pytest.approx(0.109375)


def test_mcnemar_of_a_network_with_itself():
    assert metrics.mcnemar([True, False], [True, False]) == metrics.McNemar(0, 0, 1.0)


@given(st.lists(st.tuples(st.integers(0, 9), st.integers(0, 9)), min_size=1, max_size=50))
def test_accuracy_is_the_diagonal(pairs):
    labels, predicted = zip(*pairs, strict=True)
    matrix = metrics.confusion(labels, predicted, 10)
    assert matrix.trace() == sum(a == b for a, b in pairs)
