import pickle
import shutil
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import onnx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from onnx import TensorProto, helper

from inkdigits.alphabet import DIGITS, DIGITS_OR_REJECT
from inkdigits.errors import RecogniserError
from inkdigits.models.bundle import LARGEST, MODELS, ONNX, SHIPPED, Bundle
from inkdigits.models.contract import KEY, OUTPUTS, Contract
from inkdigits.reading.reader import Reader
from inkdigits.recognition import recogniser as recognisers
from inkdigits.recognition.recogniser import Recogniser

FILE = MODELS / SHIPPED / ONNX


@pytest.fixture(scope="module")
def shipped() -> Recogniser:
    return Recogniser.load()


def crops(count: int, height: int = 40, width: int = 30) -> np.ndarray:
    """Return crops of one upright stroke each, no two alike."""
    ink = np.zeros((count, height, width), np.float32)
    for number, crop in enumerate(ink):
        left = 3 + number % (width - 9)
        crop[4 + number % 7 : height - 4, left : left + 3 + number % 3] = 1
    return ink


def graph(inputs: dict[str, int], outputs: tuple[str, ...]) -> bytes:
    """Return an ONNX file that hands its first input through as every output."""

    def value(name: str, rank: int) -> onnx.ValueInfoProto:
        return helper.make_tensor_value_info(name, TensorProto.FLOAT, [None] * rank)

    first, rank = next(iter(inputs.items()))
    nodes = [helper.make_node("Identity", [first], [name]) for name in outputs]
    made = helper.make_graph(
        nodes,
        "other",
        [value(name, rank) for name, rank in inputs.items()],
        [value(name, rank) for name in outputs],
    )
    opset = [helper.make_opsetid("", 17)]
    return helper.make_model(made, opset_imports=opset, ir_version=8).SerializeToString()


def refusal(where: str | Path) -> str:
    """Return the one sentence with which `where` is refused, here and by a reader alike."""
    sentences = set()
    for load in (Recogniser.load, Reader):
        with pytest.raises(RecogniserError) as caught:
            load(where)
        sentences.add(str(caught.value))
    (sentence,) = sentences
    assert sentence.endswith(".") and "\n" not in sentence
    return sentence


def test_a_file_that_is_not_there_is_one_sentence(tmp_path):
    path = tmp_path / "none.onnx"
    assert f"Cannot read {path}: No such file" in refusal(path)
    assert "name a recogniser: an .onnx file, a model or a run" in refusal(str(path))


@pytest.mark.parametrize(
    "content",
    [b"", b"no ONNX file", "1234 ünïcode\n".encode() * 50, b"\x89PNG\r\n\x1a\n", b"\0" * 300],
)
def test_a_file_of_another_kind_is_one_sentence(tmp_path, content):
    path = tmp_path / "other.onnx"
    path.write_bytes(content)
    sentence = refusal(path)
    assert sentence.startswith((f"{path} is not a recogniser", f"{path} does not have the inputs"))


@pytest.mark.parametrize("part", [0.02, 0.3, 0.9])
def test_a_truncated_file_is_one_sentence(tmp_path, part):
    content = FILE.read_bytes()
    path = tmp_path / "part.onnx"
    path.write_bytes(content[: int(part * len(content))])
    assert refusal(path).startswith(f"{path} is not a recogniser")


@settings(deadline=None, max_examples=20)
@given(st.binary(max_size=200))
def test_any_bytes_are_refused_in_one_sentence(content):
    with pytest.raises(RecogniserError):
        Recogniser.from_bytes(content, "any")


@pytest.mark.parametrize(
    ("inputs", "outputs"),
    [
        ({"x": 4}, OUTPUTS),
        ({"ink": 2}, OUTPUTS),
        ({"ink": 4, "more": 4}, OUTPUTS),
        ({"ink": 4}, OUTPUTS[:3]),
        ({"ink": 4}, OUTPUTS[::-1]),
        ({"ink": 4}, ("logits",)),
    ],
)
def test_other_inputs_or_outputs_are_one_sentence(tmp_path, inputs, outputs):
    path = tmp_path / "other.onnx"
    path.write_bytes(graph(inputs, outputs))
    assert "does not have the inputs and outputs of a recogniser: create one with" in refusal(path)


def test_a_foreign_file_that_keeps_the_contract_reads(small_file):
    found = Recogniser.load(small_file)
    assert (found.name, found.alphabet, found.bundle) == (str(small_file), DIGITS_OR_REJECT, None)
    assert found.read(crops(3)).probabilities.shape == (3, 10)


def test_a_file_that_does_not_say_what_its_outputs_mean_is_one_sentence(small_file):
    model = onnx.load(small_file)
    del model.metadata_props[:]
    onnx.save(model, small_file)
    assert f"add {KEY} to its metadata" in refusal(small_file)


@pytest.mark.parametrize("index", range(4))
def test_outputs_of_other_shapes_are_one_sentence(small_file, index):
    model = onnx.load(small_file)
    nodes = list(model.graph.node)
    name = OUTPUTS[index]
    node = next(node for node in nodes if name in node.output)
    node.output[0] = "before"
    for other in nodes:
        for place, value in enumerate(other.input):
            other.input[place] = "before" if value == name else value
    model.graph.node.append(helper.make_node("Concat", ["before"] * 2, [name], axis=0))
    onnx.save(model, small_file)
    assert f"gives {name} as float32 of shape" in refusal(small_file)


@pytest.mark.parametrize(
    ("value", "says"), [(np.nan, "gives invalid"), (2.0, "gives invalid"), (0.5, "add up to 1")]
)
def test_what_is_no_probability_is_one_sentence(small_file, value, says):
    model = onnx.load(small_file)
    nodes = {node.output[0]: node for node in model.graph.node}
    nodes["probabilities"].output[0] = "before"
    nodes["no_symbol"].input[0] = "before"
    factor = onnx.numpy_helper.from_array(np.float32(value), "factor")
    model.graph.initializer.append(factor)
    model.graph.node.append(helper.make_node("Mul", ["before", "factor"], ["probabilities"]))
    onnx.save(model, small_file)
    assert says in refusal(small_file)


def test_a_folder_without_a_model_is_one_sentence(tmp_path):
    says = f"make one with `inkdigits export {tmp_path}`."
    assert refusal(tmp_path).endswith(says)


def test_a_model_without_an_onnx_file_is_one_sentence(tmp_path):
    shipped = Bundle.open(SHIPPED)
    shipped.write(tmp_path, shipped.weights)
    says = f"{tmp_path} has no {ONNX}: make one with `inkdigits export {tmp_path}`."
    assert refusal(tmp_path) == says


def test_a_model_is_as_good_as_its_file(tmp_path):
    folder = tmp_path / "mine"
    shutil.copytree(MODELS / SHIPPED, folder)
    found = Recogniser.load(folder)
    assert found.card == Recogniser.load(str(FILE)).card == Recogniser.load("reader").card
    assert found.bundle.folder == folder and Recogniser.load().bundle.folder == MODELS / SHIPPED
    assert Recogniser.load(FILE).bundle is None


def test_a_file_of_another_alphabet_than_its_model_is_one_sentence(tmp_path, small_file):
    model = onnx.load(small_file)
    helper.set_model_props(model, Contract(DIGITS).to_metadata())
    shipped = Bundle.open(SHIPPED)
    shipped.write(tmp_path, shipped.weights, model.SerializeToString())
    assert "does not have the alphabet of its model: export it again" in refusal(tmp_path)


def test_a_file_that_is_too_large_is_one_sentence(tmp_path, monkeypatch):
    monkeypatch.setitem(LARGEST, ONNX, 10)
    path = tmp_path / "large.onnx"
    path.write_bytes(b"x" * 11)
    assert f"{path} is larger than " in refusal(path)


@pytest.mark.parametrize("count", [0, 1, 3, 1000])
def test_batches_of_any_size_are_answered(shipped, count):
    answers = shipped.read(crops(count))
    assert len(answers) == count
    assert answers.probabilities.shape == (count, 10)
    assert answers.no_symbol.shape == answers.several_symbols.shape == (count,)
    assert answers.network_input.shape == (count, 28, 28)
    assert answers.probabilities.dtype == np.float32
    assert np.allclose(answers.probabilities.sum(1), 1, atol=1e-5)
    assert (answers.several_symbols <= answers.no_symbol + 1e-6).all()


def test_large_batches_are_answered_in_their_order(shipped, monkeypatch):
    ink = crops(25)
    whole = shipped.read(ink)
    monkeypatch.setattr(recognisers, "BATCH", 7)
    parts = shipped.read(ink)
    for name in OUTPUTS:
        assert np.allclose(getattr(whole, name), getattr(parts, name), atol=1e-5)
    assert len({picture.tobytes() for picture in whole.network_input.round(3)}) > 5


def test_paper_around_a_crop_is_no_matter(shipped):
    ink = crops(5)
    wider = np.pad(ink, ((0, 0), (3, 40), (17, 0)))
    near, far = shipped.read(ink), shipped.read(wider)
    assert np.allclose(near.network_input, far.network_input, atol=1e-3)
    assert np.allclose(near.probabilities, far.probabilities, atol=1e-2)


def test_ink_of_any_type_and_layout_is_read(shipped):
    ink = crops(4)
    expected = shipped.read(ink).probabilities
    for same in (ink.astype(np.float64), ink.astype(bool), np.asfortranarray(ink), ink[::-1][::-1]):
        assert np.allclose(shipped.read(same).probabilities, expected, atol=1e-6)


def test_the_card_says_what_it_was_trained_by(shipped):
    assert {KEY, "name", "recipe", "weights", "versions"} <= shipped.card.keys()
    assert shipped.alphabet == DIGITS_OR_REJECT
    assert shipped.temperature > 0


def test_it_can_be_pickled(shipped):
    again = pickle.loads(pickle.dumps(shipped))  # noqa: S301
    assert (again.name, again.alphabet, again.bundle) == (
        "reader",
        shipped.alphabet,
        shipped.bundle,
    )
    ink = crops(5)
    assert np.array_equal(again.read(ink).probabilities, shipped.read(ink).probabilities)


def test_several_threads_may_read_at_a_time(shipped):
    ink = [crops(20, width=20 + number) for number in range(8)]
    alone = [shipped.read(some).probabilities for some in ink]
    with ThreadPoolExecutor(4) as pool:
        together = list(pool.map(lambda some: shipped.read(some).probabilities, ink))
    assert all(map(np.array_equal, alone, together))


@pytest.mark.parametrize(
    "ink",
    [
        crops(3) * 255,
        (crops(3) * 255).astype(np.uint8),
        crops(3) - 2,
        np.full((1, 30, 30), np.nan, np.float32),
        np.full((2, 30, 30), np.inf, np.float32),
    ],
)
def test_pixels_of_another_range_are_one_sentence(shipped, ink):
    with pytest.raises(RecogniserError, match=r"^Ink must be from 0 to 1, [^\n]* by 255\.$"):
        shipped.read(ink)


def test_light_ink_on_dark_paper_is_one_sentence(shipped):
    with pytest.raises(RecogniserError, match=r"^These crops have ink along their edges [^\n]*\.$"):
        shipped.read(1 - crops(3))


def test_what_could_be_ink_is_read(shipped):
    block, ring = np.ones((1, 40, 30), np.float32), np.ones((1, 40, 30), np.float32)
    ring[:, 4:-4, 4:-4] = 0
    overshot = crops(1) * 1.2 - 0.1
    some_inverted = np.concatenate([crops(1), 1 - crops(1)])
    for ink in (block, ring, overshot, some_inverted, np.zeros((1, 9, 9), np.float32)):
        assert len(shipped.read(ink)) == len(ink)


def test_crops_are_an_array_of_three_dimensions(shipped):
    with pytest.raises(RecogniserError, match="stack them"):
        shipped.read(np.zeros((28, 28), np.float32))


def test_any_number_of_threads_says_the_same_to_the_last_bit(shipped):
    ink = np.concatenate([crops(25)] * 6)
    one, three = Recogniser.load(threads=1).read(ink), Recogniser.load(threads=3).read(ink)
    for name in OUTPUTS:
        assert np.array_equal(getattr(one, name), getattr(three, name))
        assert np.array_equal(getattr(one, name), getattr(shipped.read(ink), name))


def test_a_network_of_lines_travels_with_its_recogniser(small_file):
    recogniser = Recogniser.load(small_file)
    assert pickle.loads(pickle.dumps(recogniser)).lines is None  # noqa: S301 it is our own
    recogniser.lines = "a stand-in"  # type: ignore[assignment]
    assert pickle.loads(pickle.dumps(recogniser)).lines == "a stand-in"  # noqa: S301
