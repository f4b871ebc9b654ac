import json
import re
from dataclasses import replace
from html.parser import HTMLParser

import numpy as np
import pytest
import torch
from PIL import Image

from inkdigits import evaluation, training
from inkdigits.data import load_digits, mnist, synthetic
from inkdigits.errors import InkdigitsError, RunError
from inkdigits.evaluation import api, evaluator, metrics
from inkdigits.evaluation.calibration import calibrated
from inkdigits.evaluation.comparison import verdict
from inkdigits.evaluation.metrics import McNemar
from inkdigits.evaluation.predictions import Predictions
from inkdigits.training import Run
from tests.conftest import TEST, Constant
from tests.kills import killed, operations

CPU = torch.device("cpu")


@pytest.fixture
def run(small_mnist, tiny):
    return training.train(tiny, data=small_mnist, progress=False)


@pytest.fixture
def evaluate():
    return lambda run, **options: evaluation.evaluate(run, **options)


class Page(HTMLParser):
    def __init__(self, text: str) -> None:
        super().__init__()
        self.links, self.tags, self.text = [], [], ""
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)
        self.links += [v for k, v in attrs if k in ("src", "href", "xlink:href") and v]

    def handle_data(self, data):
        self.text += data


def test_figures_hold_together(run, evaluate):
    found = evaluate(run)
    figures = json.loads((run.path / "figures.json").read_text())
    assert figures.pop("epoch") == run.best.epoch
    assert figures.pop("weights") == run.digest
    assert figures == json.loads(json.dumps(found.figures()))
    matrix = np.array(figures["confusion"])
    assert matrix.sum() == figures["accuracy"]["count"] == TEST
    assert matrix.trace() == figures["accuracy"]["right"]
    at_rest = next(row for row in figures["rotation"] if row["degrees"] == 0)
    assert at_rest["accuracy"] == pytest.approx(figures["accuracy"]["value"], abs=0.01)
    assert [row["degrees"] for row in figures["rotation"]] == list(range(-60, 61, 5))
    assert sum(row["count"] for row in figures["reliability"]) == TEST
    assert figures["element_wise_accuracy"] is None
    assert "of 200" in repr(found)


def test_bad_labels_are_left_out_of_the_second_figure(run, evaluate, monkeypatch):
    first = evaluate(run)
    assert first.clean is None  # none of MNIST's is among these
    wrong = np.flatnonzero(first.predicted != first.digits.labels)
    bad = tuple(first.digits.identities[wrong[:3]].tolist())
    monkeypatch.setattr(evaluator, "BAD_TEST_LABELS", bad)
    found = evaluate(run)
    assert found.clean.count == TEST - 3
    assert found.clean.right == found.accuracy.right


def test_evaluation_needs_no_training_half_opened_twice_and_says_what_it_read(run, evaluate):
    assert evaluate(run).on == "MNIST test"


def test_calibration_is_reported_before_and_after(run, evaluate, small_mnist):
    found = evaluate(run)
    figures = json.loads((run.path / "figures.json").read_text())
    exported = figures["exported"]
    assert exported["temperature"] == found.exported.temperature != 1
    error = exported["expected_calibration_error"]
    assert error != figures["expected_calibration_error"] == found.reliability.error
    assert sum(row["count"] for row in exported["reliability"]) == TEST
    assert f"{error:.2%} at temperature {found.exported.temperature:.3f}" in repr(found)
    assert f"{error:.2%}" in found._repr_html_()
    text = Page((run.path / "report" / "index.html").read_text()).text
    assert f"{error:.2%} at temperature" in " ".join(text.split())
    # It is the temperature that makes the validation samples likeliest, and no other.
    validation = load_digits(small_mnist).validation
    graph = calibrated(run.network(), validation, run.recipe.alphabet)
    assert float(graph.temperature) == found.exported.temperature


def test_a_temperature_of_test_samples_is_no_estimate(small_mnist, tiny, evaluate):
    settings = {"data.split": "validate-on-test", "training.epochs": 1}
    run = training.train(tiny, settings=settings, data=small_mnist, progress=False)
    found = evaluate(run)
    assert found.exported.reliability is None
    assert "validates on test samples" in found.not_calibrated
    assert "at temperature" not in repr(found)
    figures = json.loads((run.path / "figures.json").read_text())
    assert figures["exported"]["expected_calibration_error"] is None
    assert found.not_calibrated in Page((run.path / "report" / "index.html").read_text()).text


def test_without_its_validation_samples_a_run_is_evaluated_without_a_temperature(run, evaluate):
    environment = json.loads((run.path / "environment.json").read_text())
    environment["data"]["validation"]["digest"] = "0" * 64
    (run.path / "environment.json").write_text(json.dumps(environment))
    found = evaluate(run)
    assert found.exported is None
    assert "was not validated on the samples" in found.not_calibrated


def test_what_framing_changes_is_reported_as_exported(run, evaluate):
    found = evaluate(run)
    right = np.arange(TEST) < 150
    share = metrics.share(int(right.sum()), TEST)
    differs = replace(found, exported=replace(found.exported, accuracy=share))
    assert "as exported 75.00%" in repr(differs)
    assert "as exported" in differs._repr_html_()
    same = replace(found, exported=replace(found.exported, accuracy=found.accuracy))
    assert "as exported" not in repr(same)


def test_a_run_can_be_judged_on_other_digits(run, evaluate, monkeypatch):
    monkeypatch.setattr(synthetic, "TRAINING", 20)
    monkeypatch.setattr(synthetic, "TEST", 50)
    own = evaluate(run)
    found = evaluate(run, on="synthetic")
    assert found.exported.temperature == own.exported.temperature
    assert (found.on, found.accuracy.count, found.clean) == ("synthetic test", 50, None)
    assert run.figures["on"] == own.on == "MNIST test"
    assert run.figures_on("synthetic")["on"] == "synthetic test"
    assert "--on synthetic" in (run.path / "report-on-synthetic" / "index.html").read_text()
    assert len(Predictions.load(run).labels) == TEST


def test_figures_are_of_the_weights_that_were_measured(small_mnist, evaluate, run, monkeypatch):
    longer, measured = {}, api.measure

    def measure(*arguments, **options):  # the run is trained on while its digits are read
        training.resume(run, epochs=5, data=small_mnist, progress=False)
        longer["epoch"] = run.best.epoch
        return measured(*arguments, **options)

    before = run.weights()
    monkeypatch.setattr(api, "measure", measure)
    evaluate(run)
    found = json.loads((run.path / "figures.json").read_text())
    assert (found["epoch"], found["weights"]) == (before.epoch, before.digest)
    assert longer["epoch"] > before.epoch
    assert run.figures == {}
    with pytest.raises(RunError, match="has not been evaluated yet"):
        Predictions.load(run)


def test_an_evaluation_that_is_killed_leaves_no_figures_of_other_weights(
    run, evaluate, small_mnist
):
    count = operations(lambda: evaluate(run))
    run.write_recipe(run.recipe.with_settings({"stopping.monitor": "last"}))
    training.resume(run, epochs=4, data=small_mnist, progress=False)
    assert killed(count - 2, lambda: evaluate(run))  # all is written but the name of the figures
    assert run.figures == {}
    with pytest.raises(RunError, match="has not been evaluated yet"):
        Predictions.load(run)


def test_figures_of_earlier_weights_count_no_more(small_mnist, tiny, evaluate):
    run = training.train(tiny, epochs=1, data=small_mnist, progress=False)
    evaluate(run)
    assert ", test " in repr(run)
    settings = {"training.epochs": 3, "optimiser.rate": 0.02}
    run.write_recipe(run.recipe.with_settings(settings))
    training.resume(run, data=small_mnist, progress=False)
    assert run.best.epoch > 1
    assert run.figures == {}
    assert ", test " not in repr(run)
    with pytest.raises(RunError, match="has not been evaluated yet"):
        Predictions.load(run)


def test_runs_judged_on_parts_of_the_test_are_compared_on_what_they_share(
    small_mnist, run, evaluate
):
    half = training.train(
        "one-conv-published", epochs=1, data=small_mnist, progress=False, name="half"
    )
    evaluate(run)
    evaluate(half)
    assert evaluation.compare(run, half).shared == TEST // 2


def test_run_that_lost_its_environment_is_one_sentence(run, evaluate):
    (run.path / "environment.json").unlink()
    with pytest.raises(RunError, match=r"environment.json"):
        evaluate(run)


def test_report_is_one_page_that_needs_nothing_else(run, evaluate):
    evaluate(run)
    folder = run.path / "report"
    page = Page((folder / "index.html").read_text())
    assert all(link.startswith(("#", "data:")) for link in page.links)
    assert "script" not in page.tags
    assert page.tags.count("svg") == 6
    for word in ("Top-1 accuracy", "validation", "MNIST test", "[training]", "digest", "F1"):
        assert word in page.text
    names = {path.stem for path in folder.glob("*.png")}
    assert names == {
        "history", "predictions", "misread", "confusion", "reliability", "rotation",
    }  # fmt: skip
    for path in folder.glob("*.png"):
        with Image.open(path) as picture:
            assert min(picture.size) > 300


def test_report_escapes_what_a_recipe_says(small_mnist, tiny, evaluate):
    recipe = tiny.with_settings({"about": "<script>alert(1)</script>", "training.epochs": 1})
    run = training.train(recipe, data=small_mnist, progress=False)
    evaluate(run)
    assert "<script" not in (run.path / "report" / "index.html").read_text()


def test_published_variant_shows_the_figure_its_author_counted(small_mnist, evaluate):
    settings = {"data.split": "validate-on-test"}
    run = training.train(
        "one-conv-published", epochs=1, data=small_mnist, settings=settings, progress=False
    )
    found = evaluate(run)
    assert found.element_wise > found.accuracy.value + 0.6  # nine of ten decisions are easy
    assert found.published_loss > 1.4612
    assert found.loss != found.published_loss
    text = Page((run.path / "report" / "index.html").read_text()).text
    assert "99.26%" in text
    assert "Outputs of all zeros would score 90%" in text


def test_a_constant_predictor_scores_a_tenth_and_counts_nine_tenths(written):
    found = evaluator.measure(Constant(3, by=1.0), written[:200], CPU, "constant", published=True)
    assert found.accuracy.value == pytest.approx(0.1)
    assert found.element_wise == pytest.approx(0.9)
    assert list(found.rotation.values()) == pytest.approx([0.1] * 25)


class Refusing(torch.nn.Module):
    """A network of twelve outputs that would refuse every picture, and favours one digit."""

    def forward(self, images: torch.Tensor) -> torch.Tensor:
        outputs = torch.zeros(12)
        outputs[3], outputs[10:] = 1.0, 50.0
        return outputs.expand(len(images), 12)


def test_a_network_that_could_refuse_is_judged_on_its_ten_digits(written):
    digits = written[:200]
    found = evaluator.measure(Refusing(), digits, CPU, "refusing", published=False)
    plain = evaluator.measure(Constant(3, by=1.0), digits, CPU, "plain", published=False)
    assert found.probabilities.shape == (200, 10)
    assert found.probabilities.sum(1) == pytest.approx(1)
    assert set(found.predicted.tolist()) == {3}
    assert found.accuracy == plain.accuracy
    assert found.loss == pytest.approx(plain.loss)
    assert found.rotation == plain.rotation
    assert found.confusion.shape == (10, 10)


def test_run_without_weights_is_one_sentence(tiny, evaluate):
    run = Run.create(tiny)
    with pytest.raises(RunError, match="has no weights yet"):
        evaluate(run)


def test_missing_test_files_are_one_sentence_and_nothing_is_written(run, small_mnist, evaluate):
    (small_mnist / f"{mnist.MNIST.files[3].name}.gz").unlink()
    with pytest.raises(InkdigitsError, match="t10k-labels"):
        evaluate(run)
    assert not (run.path / "figures.json").exists()


def test_comparison_counts_the_digits_on_which_runs_differ(small_mnist, tiny, evaluate, run):
    other = training.train(
        tiny.with_settings({"training.seed": 5}), name="other", data=small_mnist, progress=False
    )
    predicted = [evaluate(one).predicted for one in (run, other)]
    labels = Predictions.load(run).labels
    found = evaluation.compare(run, other)
    fewer = abs(int((predicted[0] == labels).sum()) - int((predicted[1] == labels).sum()))
    assert found.shared == TEST
    if fewer:
        assert f"misclassifies {fewer} fewer of 200" in found.verdicts[0]
    page = Page(found.page.read_text())
    assert found.verdicts[0] in page.text
    assert page.tags.count("svg") == 1


def test_comparison_refuses_what_cannot_be_compared(run, evaluate, monkeypatch, small_mnist, tiny):
    with pytest.raises(RunError, match="two runs or more"):
        evaluation.compare("tiny")
    with pytest.raises(RunError, match="has not been evaluated yet"):
        evaluation.compare(run, training.train(tiny, data=small_mnist, progress=False, epochs=1))
    evaluate(run)
    with pytest.raises(RunError, match="with itself"):
        evaluation.compare(run, run)
    monkeypatch.setattr(synthetic, "TRAINING", 240)
    monkeypatch.setattr(synthetic, "TEST", 50)
    written = training.train(
        tiny.with_settings({"data.name": "synthetic"}), name="written", epochs=1, progress=False
    )
    evaluate(written)
    with pytest.raises(RunError, match="different samples"):
        evaluation.compare("tiny", "written")


@pytest.mark.parametrize(
    ("test", "says"),
    [
        (
            McNemar(3, 15, 0.0075),
            "B misclassifies 12 fewer of 10,000 than A: significant (McNemar, p = 0.0075).",
        ),
        (McNemar(20, 8, 0.036), "A misclassifies 12 fewer"),
        (
            McNemar(10, 14, 0.54),
            "B misclassifies 4 fewer of 10,000 than A: not significant (McNemar, p = 0.54).",
        ),
        (McNemar(9, 900, 1e-90), "p < 0.001"),
        (McNemar(4, 4, 1.0), "the same number of"),
        (McNemar(0, 0, 1.0), "right and wrong on the same"),
    ],
)
def test_verdict_is_in_plain_words(test, says):
    assert says in verdict("A", "B", test, 10_000)


def test_damaged_predictions_are_one_sentence(run, evaluate):
    evaluate(run)
    (run.path / "predictions.safetensors").write_bytes(b"garbage")
    with pytest.raises(RunError, match="evaluate tiny` again"):
        Predictions.load(run)


def test_pictures_follow_the_theme_of_the_page(run, evaluate):
    evaluate(run)
    text = (run.path / "report" / "index.html").read_text()
    svgs = re.findall(r"<svg.*?</svg>", text, re.DOTALL)
    assert sum("currentColor" in svg for svg in svgs) >= 4  # galleries have titles in colour only
    assert all("#1b1f24" not in svg for svg in svgs)
