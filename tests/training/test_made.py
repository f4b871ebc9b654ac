import numpy as np
import pytest
import torch

from inkdigits import networks, training
from inkdigits.alphabet import LINE_SYMBOLS
from inkdigits.errors import DataError, RecipeError, RunError
from inkdigits.training import api, lines, made, pages, weights
from inkdigits.training.made import Maker, Pool
from inkdigits.training.recipe import Recipe
from tests.made import small, stand_in

CPU = torch.device("cpu")


@pytest.fixture(autouse=True)
def _stand_ins(monkeypatch):
    stand_in(monkeypatch)


def drawn(recipe: Recipe, part=made.TRAIN, epoch=0, pool=None):
    return [pictures for pictures, _ in Maker(recipe, part, None, pool or Pool()).batches(epoch)]


@pytest.mark.parametrize("task", ["lines", "pages"])
def test_a_batch_is_a_function_of_part_seed_epoch_and_number(task):
    recipe = small(task)
    first, again = drawn(recipe), drawn(recipe)
    assert all(np.array_equal(a, b) for a, b in zip(first, again, strict=True))
    others = [
        first[1],
        drawn(recipe, epoch=1)[0],
        drawn(recipe, made.VALIDATION)[0],
        drawn(recipe, made.TEST)[0],
        drawn(recipe.with_settings({"training.seed": 1}))[0],
    ]
    assert not any(np.array_equal(first[0], other) for other in others)


def test_what_validates_is_the_same_whatever_the_seed():
    recipe = small("pages")
    other = recipe.with_settings({"training.seed": 1})
    found = (drawn(each, made.VALIDATION) for each in (recipe, other))
    assert all(np.array_equal(a, b) for a, b in zip(*found, strict=True))


def test_one_sample_left_over_joins_the_last_batch():
    assert Maker(small("lines"), made.TRAIN).sizes(16) == [16, 16, 16, 17]
    assert Maker(small("lines"), made.TRAIN).sizes(60) == [60, 5]
    assert Maker(small("lines"), made.VALIDATION).sizes(60) == [16]


def test_processes_make_the_same():
    recipe, pool = small("lines"), Pool(2)
    try:
        made_ahead = drawn(recipe, pool=pool)
    finally:
        pool.close()
    assert all(np.array_equal(a, b) for a, b in zip(drawn(recipe), made_ahead, strict=True))


@pytest.mark.parametrize("task", ["lines", "pages"])
def test_training_learns_and_tells_the_figures_of_its_task(task):
    run = training.train(small(task, **{"optimiser.rate": 0.01}), epochs=3, progress=False)
    first, *_, last = run.history
    assert last.train_loss < 0.8 * first.train_loss
    header = (run.path / "history.csv").read_text().splitlines()[0]
    own, other = ("symbol_error", "mean_iou") if task == "lines" else ("mean_iou", "symbol_error")
    assert f"validation_{own}" in header and f"train_{own}" in header
    assert other not in header and "precision" not in header
    assert run.environment["data"]["train"] == {
        "name": f"{task} train",
        "count": run.recipe.data.samples,
        "writers": "synthetic",
    }
    assert len(run.environment["data"]["validation"]["digest"]) == 64


@pytest.mark.parametrize("task", ["lines", "pages"])
def test_a_resumed_run_ends_with_the_same_bits(task, monkeypatch):
    recipe = small(task, **{"training.epochs": 3})
    whole = training.train(recipe, name="whole", progress=False)
    original, done = api.run_epoch, []

    def stop(*arguments):
        if len(done) == 1:
            raise KeyboardInterrupt
        done.append(original(*arguments))
        return done[-1]

    with monkeypatch.context() as patch:
        patch.setattr(api, "run_epoch", stop)
        with pytest.raises(KeyboardInterrupt):
            training.train(recipe, name="stopped", progress=False)
    stopped = training.resume("stopped", progress=False)
    assert len(stopped.history) == 3
    ends = [weights.load(run.path / "last.safetensors") for run in (whole, stopped)]
    assert all(torch.equal(tensor, ends[1][name]) for name, tensor in ends[0].items())
    with pytest.raises(RunError, match="finished"):
        training.resume("stopped", progress=False)


@pytest.mark.parametrize(
    ("name", "settings", "says"),
    [
        ("lines", {"network.name": "cnn", "network.options": {}}, "reads symbols, and the data"),
        ("quick", {"network.name": "line"}, "reads lines, and the data 'mnist' are symbols"),
        ("lines", {"data.samples": 0}, "set data.samples and data.validation"),
        ("quick", {"data.samples": 10}, "not to mnist: leave them out"),
        ("pages", {"augmentation.rotation": 5.0}, "apply to symbols"),
        ("lines", {"training.label_smoothing": 0.1}, "CTC does not support"),
    ],
)
def test_a_recipe_that_mixes_tasks_is_one_sentence(name, settings, says):
    with pytest.raises((RecipeError, DataError), match=says) as caught:
        Recipe.load(name).with_settings({"network.options": {}} | settings)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("task", ["lines", "pages"])
def test_another_alphabet_is_one_sentence(task):
    recipe = small(task, **{"alphabet.symbols": ["0", "1"]})
    with pytest.raises(RecipeError, match=r"set alphabet\.symbols to"):
        training.train(recipe, progress=False)


def test_a_text_comes_back_from_the_most_likely_path():
    texts = ["", "11", "3.50—?", "12x"]
    targets = lines.encode(texts, LINE_SYMBOLS)
    assert targets.texts == ["", "11", "3.50—?", "12?"]
    outputs = torch.zeros(4, 12, 1 + len(LINE_SYMBOLS))
    outputs[:, :, lines.BLANK] = 1
    for row, found in enumerate(targets.outputs.split(targets.lengths.tolist())):
        for place, output in enumerate(found):  # a blank between, so that repeats are two
            outputs[row, 2 * place, output] = 2
    assert lines.decode(outputs, LINE_SYMBOLS) == targets.texts
    outputs[1, 1] = outputs[1, 0]
    outputs[1, 3] = outputs[1, 2]
    assert lines.decode(outputs, LINE_SYMBOLS)[1] == "1"


@pytest.mark.parametrize(
    ("read", "text", "edits"),
    [("", "", 0), ("12", "", 2), ("", "12", 2), ("132", "12", 1), ("13", "12", 1), ("21", "12", 2)],
)
def test_the_distance_of_two_texts_is_the_least_number_of_edits(read, text, edits):
    assert lines.distance(read, text) == edits


def test_a_square_is_of_the_ink_in_it():
    classes = np.array([[0, 0, 0, 3, 2, 3], [0, 0, 0, 0, 2, 1]], np.uint8)[None]
    assert pages.squares(classes).tolist() == [[[0, 3, 1]]]


def test_iou_counts_what_is_missed_and_what_is_too_much():
    counts = pages.confusion(torch.tensor([0, 0, 1, 1]), torch.tensor([0, 1, 1, 1]))
    assert pages.accuracy(counts) == 0.75
    assert pages.iou(counts) == [1 / 2, 2 / 3, None, None]


def test_a_line_is_read_alike_in_any_light():
    recipe = small("lines")
    network = networks.build(recipe.network, recipe.alphabet).eval()
    line = torch.rand(1, 1, 40, 64)
    with torch.inference_mode():
        assert torch.allclose(network(line), network(line * 0.5 + 0.2), atol=0.1)
        assert network(line).shape == (1, 16, 1 + len(LINE_SYMBOLS))
