import pickle

import numpy as np
import onnx
import onnx.parser
import pytest
from onnx import helper, numpy_helper

from inkdigits.alphabet import Alphabet
from inkdigits.errors import RecogniserError
from inkdigits.models import bundle as bundles
from inkdigits.models.bundle import Bundle
from inkdigits.models.contract import Contract
from inkdigits.recognition.line_network import LineNetwork
from inkdigits.segmentation.strip import Strip

SYMBOLS = Alphabet(("0", "."), ("no_symbol",))
GRAPH = """<ir_version: 10, opset_import: ["": 20]>
lines (float[N,1,40,W] line) => (float[N,T,4] log_probabilities)
<int64[1] two = {2}> {
    said = Conv<kernel_shape = [40, 4], strides = [40, 4]>(line, weights, bias)
    row = Squeeze(said, two)
    turned = Transpose<perm = [0, 2, 1]>(row)
    log_probabilities = LogSoftmax<axis = 2>(turned)
}"""


@pytest.fixture(scope="module")
def content() -> bytes:
    """Return a file that says 0 where a column is dark, and else nothing."""
    model = onnx.parser.parse_model(GRAPH)
    weights = np.zeros((4, 1, 40, 4), np.float32)
    weights[0] = 60 / 160
    arrays = {"weights": weights, "bias": np.array([-30, 0, -9, -9], np.float32)}
    for name, values in arrays.items():
        model.graph.initializer.append(numpy_helper.from_array(values, name))
    helper.set_model_props(model, Contract(SYMBOLS, 1.0, "lines").to_metadata())
    return model.SerializeToString()


@pytest.fixture
def network(content: bytes) -> LineNetwork:
    return LineNetwork.from_bytes(content, "tiny")


def strip(width: int, *dark: int, paper: int = 255) -> Strip:
    """Return a strip that is dark in these steps of four columns."""
    pixels = np.full((40, width), paper, np.uint8)
    for step in dark:
        pixels[:, 4 * step : 4 * step + 4] = 0
    return Strip(pixels, np.array([[1.0, 0, 0], [0, 1.0, 0]]))


def test_each_strip_has_a_row_for_every_four_columns(network):
    some = [strip(64, 3), strip(8, 1), strip(72, 0, 17), strip(400, 50)]
    found = network.read(some)
    assert [one.shape for one in found] == [(16, 4), (2, 4), (18, 4), (100, 4)]
    assert [np.flatnonzero(one.argmax(1)).tolist() for one in found] == [[3], [1], [0, 17], [50]]
    assert network.classes == ("0", ".", "no_symbol")
    assert all(np.allclose(np.exp(one).sum(1), 1, atol=1e-5) for one in found)


def test_no_strips_are_no_trouble(network):
    assert network.read([]) == []


def test_a_strip_reads_the_same_beside_others(network):
    some = [strip(64 + 8 * (at % 3), at % 16, paper=200 + at) for at in range(40)]
    for alone, together in zip(some, network.read(some), strict=True):
        assert np.allclose(network.read([alone])[0], together, atol=1e-4)


def test_strips_of_one_width_are_read_together(network, monkeypatch):
    shapes = []
    run = network._session.run
    monkeypatch.setattr(
        network._session, "run", lambda lines: shapes.append(lines.shape) or run(lines)
    )
    network.read([strip(400), *(strip(80 + 16 * (at % 2)) for at in range(36)), strip(800)])
    assert sorted((shape[0], shape[3]) for shape in shapes) == [
        (1, 400), (1, 800), (2, 80), (2, 96), (16, 80), (16, 96)
    ]  # fmt: skip


def test_what_is_read_of_a_strip_does_not_depend_on_its_company(network):
    alone = network.read([strip(80, 2)])[0]
    beside = network.read([strip(96), strip(80, 2), strip(80, 3)])[1]
    assert np.allclose(alone, beside, atol=1e-5)


def test_a_network_can_be_pickled(network):
    again = pickle.loads(pickle.dumps(network))  # noqa: S301 it is our own
    some = [strip(64, 5)]
    assert np.array_equal(again.read(some)[0], network.read(some)[0])
    assert again.alphabet == SYMBOLS


def test_a_file_and_a_model_can_be_loaded(content, tmp_path):
    path = tmp_path / "lines.onnx"
    path.write_bytes(content)
    assert LineNetwork.load(path).name == str(path)
    made = Bundle("mine", {}, SYMBOLS, "lines").write(tmp_path / "mine", b"weights", content)
    found = LineNetwork.load(tmp_path / "mine")
    assert found.bundle == made and found.alphabet == SYMBOLS
    other = Bundle("other", {}, Alphabet(("1", "2")), "lines")
    other.write(tmp_path / "other", b"weights", content)
    with pytest.raises(RecogniserError, match="does not have the alphabet of its model"):
        LineNetwork.load(tmp_path / "other")


def test_a_model_of_symbols_reads_no_lines(small_file):
    with pytest.raises(RecogniserError, match="reads symbols, not lines"):
        LineNetwork.load(small_file)


def test_without_a_shipped_network_there_is_none(monkeypatch, tmp_path, content):
    monkeypatch.setattr(bundles, "MODELS", tmp_path)
    assert LineNetwork.shipped() is None
    with pytest.raises(RecogniserError, match="Unknown model 'lines'"):
        LineNetwork.load()
    Bundle("lines", {}, SYMBOLS, "lines").write(tmp_path / "lines", b"weights", content)
    shipped = LineNetwork.shipped()
    assert shipped is not None and shipped.alphabet == SYMBOLS


def test_a_file_that_is_too_large_is_not_loaded(monkeypatch, tmp_path):
    monkeypatch.setitem(bundles.LARGEST, bundles.ONNX, 10)
    path = tmp_path / "large.onnx"
    path.write_bytes(bytes(11))
    with pytest.raises(RecogniserError, match=r"large\.onnx is larger than"):
        LineNetwork.load(path)
