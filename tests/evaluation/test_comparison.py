import shutil

import numpy as np
import pytest

from inkdigits import evaluation, training
from inkdigits.alphabet import DIGITS_OR_REJECT, Alphabet
from inkdigits.data.digits import Digits
from inkdigits.errors import RunError
from inkdigits.evaluation import metrics
from inkdigits.evaluation.comparison import Paired, measure
from inkdigits.evaluation.evaluator import Evaluation
from inkdigits.evaluation.predictions import Predictions
from inkdigits.training import Run

NONE = metrics.Reliability(np.ones(1), np.ones(1), np.ones(1, np.int64), 0.0)


@pytest.fixture(scope="module")
def trained(written, tmp_path_factory):
    """Return a run that was trained on a few samples, of which copies are made."""
    folder = tmp_path_factory.mktemp("trained")
    path = folder / "few.npz"
    few = written[:300]
    labels = few.labels.astype(np.uint8)
    np.savez(path, x_train=few.images, y_train=labels, x_test=few.images, y_test=labels)
    settings = {"data.name": str(path), "training.epochs": 1}
    return training.train("quick", settings=settings, runs=folder, progress=False)


@pytest.fixture
def tested(trained, tmp_path):
    """Return what makes a run that made given predictions for some samples."""

    def make(name, digits, guesses, *, on=None, data="mnist", alphabet=None) -> Run:
        run = Run(tmp_path / "runs" / name)
        if not run.path.exists():
            shutil.copytree(trained.path, run.path)
            names = alphabet or digits.alphabet
            settings = {"data.name": data, "alphabet.symbols": list(names.symbols)}
            settings["alphabet.rejects"] = list(names.rejects)
            run.write_recipe(trained.recipe.with_settings(settings))
        right = np.asarray(guesses) == digits.labels
        found = Evaluation(
            run=name,
            on=digits.name,
            accuracy=metrics.share(int(right.sum()), len(right)),
            clean=None,
            loss=0.1,
            confusion=metrics.confusion(digits.labels, guesses, 10),
            reliability=NONE,
            rotation={0: 1.0},
            element_wise=None,
            published_loss=None,
            probabilities=np.eye(10)[np.asarray(guesses)],
            digits=digits,
            alphabet=alphabet or digits.alphabet,
        )
        saved = run.weights()
        Predictions.write(run, found, on or data, on, saved)
        run.write_figures(found.figures(), on, saved)
        return run

    return make


def wrong_at(digits: Digits, *places: int) -> np.ndarray:
    """Return guesses that are wrong at some places alone."""
    guesses = digits.labels.astype(np.int64)
    guesses[list(places)] = (guesses[list(places)] + 1) % 10
    return guesses


def joined(*parts: Digits) -> Digits:
    images = np.concatenate([part.images for part in parts])
    return Digits("more", images, np.concatenate([part.labels for part in parts]))


def test_samples_that_were_added_between_two_evaluations_pair_no_others(written, tested):
    before = written[:100]
    after = joined(written[600:620], before)  # and they come first
    first = tested("first", before, wrong_at(before, 3, 4, 5))
    second = tested("second", after, wrong_at(after, 0, 1, 2, 23))  # three of the new, one old
    found = measure([first, second])
    assert found.shared == 100
    assert "second misclassifies 2 fewer of 100" in found.verdicts[0]
    assert "tested on 100 and 120 samples" in found.notes[0]
    assert [row[1] for row in found.rows] == ["97.00%", "99.00%"]  # on what they share


def test_duplicates_in_a_test_set_are_paired_one_to_one(written, tested):
    some = written[:40]
    twice = joined(some, some, some[:5])
    shuffled = twice[np.random.default_rng(0).permutation(len(twice))]
    first = tested("first", twice, wrong_at(twice))
    second = tested("second", shuffled, wrong_at(shuffled))
    found = measure([first, second])
    assert found.shared == 85
    assert found.paired.right.all()
    assert measure([first, tested("third", some, wrong_at(some))]).shared == 40


def test_the_same_picture_with_another_label_is_another_sample(written, tested):
    some = written[:30]
    labels = (some.labels + (np.arange(30) < 10)) % 10
    relabelled = Digits("relabelled", some.images, labels)
    first = tested("first", some, some.labels)
    second = tested("second", relabelled, relabelled.labels)
    assert measure([first, second]).shared == 20


def test_parts_of_a_test_set_are_compared_on_what_they_share(written, tested):
    first = tested("first", written[:60], wrong_at(written[:60], *range(30)))
    second = tested("second", written[40:100], written[40:100].labels)
    assert measure([first, second]).shared == 20
    third = tested("third", written[100:110], written[100:110].labels)
    with pytest.raises(RunError, match="different samples"):
        measure([first, third])


def test_the_same_samples_by_name_and_by_path_are_the_same(written, tested):
    some = written[:50]
    first = tested("first", some, some.labels, data="mnist")
    second = tested("second", some.named("of a folder"), some.labels, data="some/folder")
    found = measure([first, second])
    assert found.shared == 50
    assert len(found.notes) == 1  # nothing was left out


def test_a_run_whose_own_data_is_asked_for_by_name_is_compared_by_its_own_figures(written, tested):
    some, other = written[:50], written[50:80]
    own = tested("own", some, wrong_at(some, 1), data="mnist")
    foreign = tested("foreign", other, other.labels, data="synthetic")
    tested("foreign", some, wrong_at(some, 2, 3), on="mnist")
    found = evaluation.compare(own, foreign, on="mnist")
    assert found.shared == 50
    assert "own misclassifies 1 fewer of 50" in found.verdicts[0]


def test_a_network_that_can_reject_is_compared_with_one_that_cannot(written, tested):
    some = written[:50]
    first = tested("first", some, some.labels)
    second = tested("second", some, some.labels, alphabet=DIGITS_OR_REJECT)
    assert measure([first, second]).shared == 50
    third = tested("third", some, some.labels, alphabet=Alphabet(tuple("abcdefghij")))
    with pytest.raises(RunError, match="different classes"):
        measure([first, third])


def test_p_values_of_several_runs_are_adjusted(written, tested):
    some = written[:100]
    runs = [
        tested(name, some, wrong_at(some, *range(wrong)))
        for name, wrong in (("a", 0), ("b", 7), ("c", 8))
    ]
    alone = measure(runs[:2]).verdicts[0]
    assert "significant (McNemar, p = 0.016)" in alone
    assert "not" not in alone
    three = measure(runs).verdicts
    assert len(three) == 3
    assert "significant (McNemar, adjusted for 3 pairs, p = 0.031)" in three[0]  # 2 × 2 / 2 ** 7
    assert "significant (McNemar, adjusted for 3 pairs, p = 0.023)" in three[1]  # 3 × 2 / 2 ** 8
    assert "not significant" in three[2]


@pytest.mark.parametrize("count", [2, 3, 4])
def test_counts_of_a_comparison_add_up(written, tested, count):
    some = written[:200]
    random = np.random.default_rng(count)
    runs = [
        tested(f"run{at}", some, wrong_at(some, *np.flatnonzero(random.random(200) < 0.4)))
        for at in range(count)
    ]
    right = Paired.of([Predictions.load(run) for run in runs]).right
    assert right.shape == (count, 200)
    assert metrics.agreement(right).total == 200
    assert (metrics.agreement(right).mixed == 0) == (count == 2)
