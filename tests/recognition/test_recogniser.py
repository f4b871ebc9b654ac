from pathlib import Path

import numpy as np
import onnx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from onnx import TensorProto, helper

from inkdigits.errors import RecogniserError
from inkdigits.reading.reader import Reader
from inkdigits.recognition import recogniser as recognisers
from inkdigits.recognition.recogniser import OUTPUTS, SHIPPED, Recogniser


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
    assert f"Cannot read the recogniser {path}: No such file" in refusal(path)
    assert "name an .onnx file or a run" in refusal(str(path))


@pytest.mark.parametrize(
    "content",
    [b"", b"no ONNX file", "1234 ünïcode\n".encode() * 50, b"\x89PNG\r\n\x1a\n", b"\0" * 300],
)
def test_a_file_of_another_kind_is_one_sentence(tmp_path, content):
    path = tmp_path / "other.onnx"
    path.write_bytes(content)
    sentence = refusal(path)
    assert sentence.startswith((f"{path} is no recogniser", f"{path} is an ONNX file with other"))


@pytest.mark.parametrize("part", [0.02, 0.3, 0.9])
def test_a_truncated_file_is_one_sentence(tmp_path, part):
    content = SHIPPED.read_bytes()
    path = tmp_path / "part.onnx"
    path.write_bytes(content[: int(part * len(content))])
    assert refusal(path).startswith(f"{path} is no recogniser")


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
    assert "other inputs and outputs than a recogniser's: make one with" in refusal(path)


def test_a_graph_with_the_right_names_is_taken(tmp_path):
    path = tmp_path / "same.onnx"
    path.write_bytes(graph({"ink": 4}, OUTPUTS))
    assert Recogniser.load(path).name == str(path)


def test_a_folder_without_a_recogniser_is_one_sentence(tmp_path):
    says = f"{tmp_path} holds no recogniser.onnx: make one with `inkdigits export {tmp_path}`."
    assert refusal(tmp_path) == says


def test_a_folder_with_a_recogniser_is_as_good_as_the_file(tmp_path):
    (tmp_path / "recogniser.onnx").write_bytes(SHIPPED.read_bytes())
    assert Recogniser.load(tmp_path).card == Recogniser.load(str(SHIPPED)).card


def test_a_file_that_is_too_large_is_one_sentence(tmp_path, monkeypatch):
    monkeypatch.setattr(recognisers, "MOST", 10)
    path = tmp_path / "large.onnx"
    path.write_bytes(b"x" * 11)
    assert refusal(path) == f"{path} is too large for a recogniser."


@pytest.mark.parametrize("count", [0, 1, 3, 1000])
def test_batches_of_any_size_are_answered(shipped, count):
    answers = shipped.read(crops(count))
    assert len(answers) == count
    assert answers.probabilities.shape == (count, 10)
    assert answers.no_digit.shape == answers.several.shape == (count,)
    assert answers.seen.shape == (count, 28, 28)
    assert answers.probabilities.dtype == np.float32
    assert np.allclose(answers.probabilities.sum(1), 1, atol=1e-5)
    assert (answers.several <= answers.no_digit + 1e-6).all()


def test_large_batches_are_answered_in_their_order(shipped, monkeypatch):
    ink = crops(25)
    whole = shipped.read(ink)
    monkeypatch.setattr(recognisers, "BATCH", 7)
    parts = shipped.read(ink)
    for name in OUTPUTS:
        assert np.allclose(getattr(whole, name), getattr(parts, name), atol=1e-5)
    assert len({picture.tobytes() for picture in whole.seen.round(3)}) > 5


def test_paper_around_a_crop_is_no_matter(shipped):
    ink = crops(5)
    wider = np.pad(ink, ((0, 0), (3, 40), (17, 0)))
    near, far = shipped.read(ink), shipped.read(wider)
    assert np.allclose(near.seen, far.seen, atol=1e-3)
    assert np.allclose(near.probabilities, far.probabilities, atol=1e-2)


def test_ink_of_any_type_and_layout_is_read(shipped):
    ink = crops(4)
    expected = shipped.read(ink).probabilities
    for same in (ink.astype(np.float64), ink.astype(bool), np.asfortranarray(ink), ink[::-1][::-1]):
        assert np.allclose(shipped.read(same).probabilities, expected, atol=1e-6)


def test_the_card_says_what_it_was_trained_by(shipped):
    assert shipped.card["inkdigits"].startswith("recogniser")
    assert {"recipe", "seed", "temperature", "versions"} <= shipped.card.keys()
    assert float(shipped.card["temperature"]) > 0


def test_any_number_of_threads_says_the_same_to_the_last_bit(shipped):
    ink = np.concatenate([crops(25)] * 6)
    one, three = Recogniser.load(threads=1).read(ink), Recogniser.load(threads=3).read(ink)
    for name in OUTPUTS:
        assert np.array_equal(getattr(one, name), getattr(three, name))
        assert np.array_equal(getattr(one, name), getattr(shipped.read(ink), name))
