import numpy as np
import onnx
import pytest

from inkdigits.exporting.quantiser import quantised
from inkdigits.recognition.recogniser import Recogniser


def test_eight_bits_stay_near_and_keep_the_card(small_file, written):
    model = onnx.load(small_file)
    model.metadata_props.add(key="recipe", value="tiny")
    ink = written.images[:100].astype(np.float32) / 255
    content = quantised(model.SerializeToString(), [ink[:, None]])
    eight = Recogniser.from_bytes(content, "int8")
    assert eight.card["recipe"] == "tiny"
    full = Recogniser.load(small_file).read(ink)
    assert 0 < np.abs(eight.read(ink).probabilities - full.probabilities).max() < 0.2


def test_a_convolution_of_one_channel_stays_as_it_is(small_file, written):
    ink = written.images[:100].astype(np.float32) / 255
    graph = onnx.load_from_string(quantised(small_file.read_bytes(), [ink[:, None]])).graph
    kinds = {one.name: one.data_type for one in graph.initializer}
    assert kinds["first"] == onnx.TensorProto.FLOAT
    assert "second" not in kinds


def test_the_last_convolution_may_be_left_as_it_is(small_file):
    with pytest.raises(ValueError, match="no convolution"):
        quantised(small_file.read_bytes(), [], last=False)


def test_one_convolution_is_too_few(small_file):
    model = onnx.load(small_file)
    model.graph.node[2].op_type = "Identity"
    with pytest.raises(ValueError, match="no convolution"):
        quantised(model.SerializeToString(), [])
