import json
from importlib import import_module
from pathlib import Path

import numpy as np
import onnx
import pytest
import torch

import inkdigits
from inkdigits import training
from inkdigits.data import Dataset, Digits, mixture, mnist, synthetic
from inkdigits.errors import FileError, RecogniserError, RunError
from inkdigits.exporting.export import TOLERANCE, Export
from inkdigits.glyphs import negatives, written
from inkdigits.models.bundle import ONNX, Bundle
from inkdigits.models.contract import OUTPUTS
from inkdigits.networks.frame import Frame
from inkdigits.recognition.recogniser import Recogniser
from inkdigits.training import Recipe, Run
from tests.reading.strokes import one, paper, zero

export = import_module("inkdigits.exporting.export")  # the package has a function of this name

TINY = {
    "data.name": "synthetic",
    "network.name": "compact",
    "network.options": {"stages": [[4], [8]], "head": "global", "first_stride": 2},
    "optimiser.name": "adamw",
    "optimiser.rate": 0.02,
    "training.epochs": 1,
    "training.precision": "float32",
}
TWELVE = {
    **TINY,
    "data.name": "mixture",
    "network.frame": True,
    "network.options": {"stages": [[4], [8]], "head": "global"},
    "alphabet.rejects": ["no_symbol", "several_symbols"],
    "augmentation.canvas": 32,
    "degradations.thin": 0.2,
}


@pytest.fixture(scope="module", autouse=True)
def _small():
    """Make pen digits few, and let them stand for MNIST in a small mixture."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(synthetic, "TRAINING", 600)
        patch.setattr(synthetic, "TEST", 200)
        patch.setattr(mnist, "load", lambda **_: Dataset("MNIST", *_halves()))
        patch.setattr(mixture, "WRITTEN", ())
        patch.setattr(mixture, "PRINTED", 20)
        patch.setattr(mixture, "NEGATIVES", 120)
        patch.setattr(negatives, "BATCH", 20)
        yield


def _halves():
    whole = synthetic.load()
    return whole.training, whole.open_test


@pytest.fixture(scope="module")
def train(tmp_path_factory):
    runs = tmp_path_factory.mktemp("runs")

    def go(name: str, recipe: Recipe | None = None, **settings) -> Run:
        recipe = (recipe or Recipe(name)).with_settings(settings)
        return training.train(recipe, name=name, runs=runs, progress=False)

    return go


@pytest.fixture(scope="module")
def ten(train) -> Run:
    return train("ten", **TINY)


@pytest.fixture(scope="module")
def twelve(train) -> tuple[Run, Export]:
    run = train("twelve", **TWELVE)
    return run, export.export(run)


@pytest.fixture(scope="module")
def softmax(train) -> tuple[Run, Export]:
    recipe = Recipe.load("one-conv-published")
    run = train("softmax", recipe, **{"data.name": "synthetic", "training.epochs": 1})
    return run, export.export("softmax", runs=run.path.parent)


@pytest.fixture(params=["twelve", "softmax"])
def exported(request) -> tuple[Run, Export]:
    return request.getfixturevalue(request.param)


def ink(count: int, height: int, width: int) -> np.ndarray:
    random = torch.Generator().manual_seed(height)
    drawn = written.draw(torch.arange(count) % 10, random, size=24)
    crops = np.zeros((count, height, width), np.float32)
    crops[:, : min(24, height), : min(24, width)] = drawn[:, :height, :width]
    return crops


def test_the_function_stays_what_it_is():
    assert inkdigits.export is export.export


def test_the_model_is_that_of_the_run_and_whole(exported):
    run, found = exported
    bundle = Bundle.open(run.path)
    assert bundle == found.bundle
    assert (bundle.weights, bundle.onnx) == (run.weight_bytes, found.path.read_bytes())
    assert (bundle.alphabet, bundle.recipe) == (run.recipe.alphabet, run.recipe.to_dict())
    assert (bundle.temperature, bundle.precision) == (found.temperature, "float32")


def test_the_contract_says_what_the_file_gives(exported):
    run, found = exported
    contract = Recogniser.load(found.path)._session.contract
    assert (contract.alphabet, contract.temperature) == (run.recipe.alphabet, found.temperature)
    model = onnx.load(found.path)
    for value in (*model.graph.input, *model.graph.output):
        shape = [d.dim_value or d.dim_param for d in value.type.tensor_type.shape.dim]
        wanted = contract.shapes[value.name]
        assert [n for n in shape if isinstance(n, int)] == [n for n in wanted if n != str(n)]
        assert len(shape) == len(wanted)


def test_the_file_lies_in_the_folder_of_its_run(exported):
    run, found = exported
    assert found.path == run.path / ONNX
    assert found.path.stat().st_size == found.size
    assert f"temperature {found.temperature:.3f}" in repr(found)


def test_the_file_agrees_with_pytorch(exported):
    run, found = exported
    assert found.difference <= TOLERANCE
    network = run.network()
    crops = ink(30, 60, 41)
    answers = Recogniser.load(found.path).read(crops)
    framed = Frame()(torch.from_numpy(crops).unsqueeze(1))
    with torch.inference_mode():
        outputs = network(
            framed if not hasattr(network, "frame") else torch.from_numpy(crops[:, None])
        )
    logits = outputs.log() if hasattr(network, "softmax") else outputs
    shares = (logits / found.temperature).softmax(1).numpy()
    some = shares[:, :10].sum(1)
    assert answers.network_input == pytest.approx(framed[:, 0].numpy(), abs=1e-4)
    assert answers.probabilities == pytest.approx(shares[:, :10] / some[:, None], abs=1e-3)
    assert answers.no_symbol == pytest.approx(1 - some, abs=1e-3)
    assert answers.several_symbols == pytest.approx(shares[:, 11:].sum(1), abs=1e-3)


@pytest.fixture(scope="module")
def clothes(train, tmp_path_factory) -> tuple[Run, Export, Digits]:
    """Return a run on pictures that are filled, as those of Fashion-MNIST are, and its export."""
    drawn = synthetic.write(400, seed=5)
    inner = torch.from_numpy(drawn.images[:, 4:24, 4:24].astype(np.float32))[:, None]
    filled = torch.nn.functional.interpolate(inner, size=(28, 28), mode="bilinear")
    images = filled[:, 0].round().numpy().astype(np.uint8)
    names = np.array([f"garment {label}" for label in range(10)])
    path = tmp_path_factory.mktemp("data") / "clothes.npz"
    np.savez(path, x_train=images[:300], y_train=names[drawn.labels[:300]],
             x_test=images[300:], y_test=names[drawn.labels[300:]])  # fmt: skip
    run = train("clothes", **{**TINY, "data.name": str(path)})
    return run, export.export(run), inkdigits.load_digits(path).test


def test_pictures_that_framing_would_destroy_are_exported_without_it(clothes):
    run, found, digits = clothes
    file = Recogniser.load(run.path)
    pictures = digits.images.astype(np.float32) / 255
    answers = file.read(pictures)
    assert np.array_equal(answers.network_input, pictures)
    evaluated = inkdigits.evaluate(run)
    assert not evaluated.exported.framed
    assert evaluated.exported.accuracy == evaluated.accuracy
    assert (answers.probabilities.argmax(1) == evaluated.predicted).all()
    assert file.size == (28, 28)
    assert not Bundle.open(run.path).framed and not found.bundle.framed


def test_a_model_that_frames_nothing_says_which_pictures_it_takes(clothes):
    run, found, _ = clothes
    with pytest.raises(RecogniserError, match=r"takes pictures of 28×28 pixels, .* 40×30: .*\.$"):
        Recogniser.load(found.path).read(ink(2, 40, 30))
    with pytest.raises(RecogniserError, match=r"cannot read pages: .* network.frame .*\.$"):
        inkdigits.Reader(run.path)


def test_the_temperature_is_that_of_the_evaluation(untraced, tmp_path):
    evaluated = inkdigits.evaluate(untraced)
    assert evaluated.exported.framed  # its digits lie about as those of MNIST
    assert export.export(untraced, tmp_path / "out").temperature == evaluated.exported.temperature


def test_a_network_of_ten_classes_refuses_nothing(softmax):
    answers = Recogniser.load(softmax[1].path).read(ink(20, 40, 40))
    assert np.abs(answers.no_symbol).max() < 1e-5
    assert answers.several_symbols.max() == 0


def test_a_network_of_twelve_classes_can_refuse(twelve):
    answers = Recogniser.load(twelve[1].path).read(ink(20, 40, 40))
    assert answers.no_symbol.min() > 0
    assert (answers.several_symbols <= answers.no_symbol + 1e-6).all()
    assert answers.several_symbols.min() > 0


@pytest.mark.parametrize("shape", [(1, 28, 28), (1, 2, 2), (2, 2, 90), (7, 131, 3), (40, 64, 64)])
def test_crops_of_any_height_width_and_number_are_answered(exported, shape):
    answers = Recogniser.load(exported[1].path).read(ink(*shape))
    assert answers.probabilities.shape == (shape[0], 10)
    assert answers.probabilities.sum(1) == pytest.approx(1, abs=1e-5)
    assert answers.no_symbol.shape == answers.several_symbols.shape == (shape[0],)
    assert answers.network_input.shape == (shape[0], 28, 28)
    for values in (
        answers.probabilities,
        answers.no_symbol,
        answers.several_symbols,
        answers.network_input,
    ):
        assert np.isfinite(values).all()
        assert values.min() >= -1e-6 and values.max() <= 1 + 1e-6


def test_a_crop_is_answered_alike_alone_and_among_others(exported):
    file, crops = Recogniser.load(exported[1].path), ink(9, 50, 40)
    together = file.read(crops)
    for number, crop in enumerate(crops):
        alone = file.read(crop[None])
        for name in OUTPUTS:
            whole = getattr(together, name)[number]
            assert getattr(alone, name)[0] == pytest.approx(whole, abs=1e-5)


def test_blank_crops_are_answered(exported):
    answers = Recogniser.load(exported[1].path).read(np.zeros((3, 30, 30), np.float32))
    assert np.isfinite(answers.probabilities).all()
    assert (answers.network_input == 0).all()


def test_a_reader_reads_with_a_run(exported):
    run, found = exported
    page = zero(one(paper(100, 200), 30, 30), 90, 30)
    by_run = inkdigits.Reader(run.path).read(page)
    by_file = inkdigits.Reader(found.path).read(page)
    assert by_run.to_dict() == by_file.to_dict()
    assert len(by_run.symbols) == 2


def test_a_network_of_another_size_is_exported_and_shows_what_it_saw():
    settings = {**TINY, "network.frame": True, "network.size": [40, 32]}
    run = training.train(Recipe("wide"), settings=settings, progress=False)
    made = export.export(run)
    assert made.difference <= TOLERANCE
    bundle = Bundle.open(run.path)
    assert bundle.to_dict()["preprocessing"]["size"] == [40, 32]
    ink = synthetic.write(5, seed=1).images.astype(np.float32) / 255
    found = Recogniser.load(run.path).read(ink)
    assert found.network_input.shape == (5, 28, 28)
    framed = Frame((40, 32))(torch.from_numpy(ink)[:, None])[:, 0]
    shown = torch.from_numpy(found.network_input)
    at = torch.arange(28) + 0.5
    for axis, side in ((1, 32), (2, 40)):  # the ink stands where it stood, 28/40 as large
        ours, theirs = shown.sum(axis), framed.sum(axis)
        centre = (theirs @ (torch.arange(side) + 0.5)) / theirs.sum(1)
        wanted = 14 + (centre - side / 2) * 28 / 40
        torch.testing.assert_close((ours @ at) / ours.sum(1), wanted, atol=0.1, rtol=0)
    torch.testing.assert_close(
        shown.sum((1, 2)), framed.sum((1, 2)) * (28 / 40) ** 2, rtol=0.05, atol=0
    )


def test_the_card_says_what_it_was_made_of(exported):
    run, found = exported
    card = Recogniser.load(run.path).card
    assert (card["name"], card["recipe"]) == (run.name, run.recipe.name)
    assert card["seed"] == "0" and card["weights"] == run.digest
    assert Recogniser.load(run.path).temperature == found.temperature
    scored = json.loads(card["figures"])["validation"]
    assert (scored["epoch"], scored["accuracy"]) == (1, run.best.validation_accuracy)
    assert set(json.loads(card["versions"])) >= {"inkdigits", "torch", "numpy"}


def test_the_file_names_no_place_on_this_machine(exported):
    content = exported[1].path.read_bytes()
    for trace in (Path(inkdigits.__file__).parent, exported[0].path, Path.home() / "x"):
        assert str(trace).removesuffix("/x").encode() + b"/" not in content
    assert b"site-packages" not in content
    assert b".py" not in content


def test_the_calibration_is_measured_on_digits_alone(twelve, softmax):
    assert softmax[1].count == len(inkdigits.load_digits("synthetic", "first-5000").validation)
    validation = inkdigits.load_digits("mixture").validation
    assert twelve[1].count == validation.are_symbols.sum() < len(validation)
    assert "so not an honest estimate" in repr(softmax[1])
    assert "no estimate" not in repr(twelve[1])
    for _, found in (twelve, softmax):
        assert 0 <= found.error <= 1 and 0 <= found.error_before <= 1


def test_a_run_without_weights_is_one_sentence(tiny, tmp_path):
    run = Run.create(tiny, folder=tmp_path)
    with pytest.raises(RunError, match=r"has no weights yet: .*\.$") as caught:
        export.export(run)
    assert "\n" not in str(caught.value)
    with pytest.raises(RunError, match="There is no run 'nothing'"):
        export.export("nothing")


@pytest.fixture
def untraced(monkeypatch, ten, small_file):
    """Leave out what takes seconds: what is written is the file of another network."""
    monkeypatch.setattr(export, "file_of", lambda *_: small_file.read_bytes())
    monkeypatch.setattr(export, "measured_difference", lambda *_: 0.0)
    return ten


def test_eight_bits_say_what_they_cost(untraced, small_file, tmp_path):
    found = export.export(untraced, tmp_path / "eight", eight_bits=True)
    assert found.path.read_bytes() != small_file.read_bytes()
    assert abs(found.lost) < 0.1
    assert f"before quantisation, which cost {found.lost:.3%}" in repr(found)
    assert export.export(untraced, tmp_path / "full").lost is None


def test_eight_bits_that_are_worth_nothing_are_one_sentence(untraced, monkeypatch, tmp_path):
    def refuse(*_):
        raise ValueError

    monkeypatch.setattr(export, "quantised", refuse)
    with pytest.raises(RunError, match=r"no convolution that eight bits would make faster: .*\.$"):
        export.export(untraced, tmp_path / "eight", eight_bits=True)
    assert not (tmp_path / "eight").exists()


@pytest.mark.parametrize("difference", [2 * TOLERANCE, float("nan"), float("inf")])
def test_a_file_that_would_differ_is_refused_and_not_written(untraced, monkeypatch, difference):
    monkeypatch.setattr(export, "measured_difference", lambda *_: difference)
    with pytest.raises(RunError, match=r"would differ from PyTorch .* it was not written"):
        export.export(untraced)
    assert not (untraced.path / ONNX).exists()


def test_the_file_goes_where_it_is_wanted(untraced, small_file, tmp_path):
    found = export.export(untraced, tmp_path / "new" / "mine")
    assert found.path == tmp_path / "new" / "mine" / ONNX
    assert found.path.read_bytes() == small_file.read_bytes()
    assert not (untraced.path / ONNX).exists()
    assert Bundle.open(found.folder).weights == untraced.weight_bytes


def test_a_model_can_be_exported_anew_with_nothing_but_itself(untraced, small_file, tmp_path):
    export.export(untraced, tmp_path / "mine")
    (tmp_path / "mine" / ONNX).write_bytes(b"damaged")
    again = export.export(tmp_path / "mine", eight_bits=True)
    assert again.folder == tmp_path / "mine"
    assert Bundle.open(tmp_path / "mine").onnx != small_file.read_bytes()
    other = export.export(str(tmp_path / "mine"), tmp_path / "other")
    assert Bundle.open(other.folder).weights == untraced.weight_bytes


def test_the_shipped_model_stays_as_it_is():
    with pytest.raises(RunError, match="name another folder with --out"):
        export.export("reader")


def test_a_file_is_no_folder(untraced, tmp_path):
    with pytest.raises(RunError, match="name a folder"):
        export.export(untraced, tmp_path / "mine.onnx")


def test_a_run_that_is_being_trained_is_not_exported_into(untraced):
    with untraced.locked(), pytest.raises(RunError, match="Another process is training"):
        export.export(untraced)


def test_a_place_that_cannot_be_written_is_one_sentence(untraced, tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(FileError, match=r"Cannot (write|remove)"):
        export.export(untraced, tmp_path / "file" / "mine")


def test_the_difference_is_that_of_the_worst_answer(twelve):
    run, found = twelve
    digits = inkdigits.load_digits("synthetic").validation[:40]
    network = run.network()
    content = found.path.read_bytes()
    right = export.Graph(network, found.temperature, run.recipe.alphabet).eval()
    wrong = export.Graph(network, 2 * found.temperature, run.recipe.alphabet).eval()
    assert export.measured_difference(content, right, digits) <= TOLERANCE
    assert export.measured_difference(content, wrong, digits) > TOLERANCE
