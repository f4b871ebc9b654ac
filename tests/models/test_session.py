import time

import numpy as np
import onnx
import onnx.parser
import pytest
from onnx import helper, numpy_helper

from inkdigits.alphabet import DIGITS, LINE_SYMBOLS, PAGE_CLASSES
from inkdigits.errors import RecogniserError
from inkdigits.models import session
from inkdigits.models.contract import Contract
from inkdigits.models.session import Session, in_time

GRAPH = """<ir_version: 10, opset_import: ["": 20]>
foreign (float[N,1,H,W] ink) =>
    (float[N,10] probabilities, float[N] no_symbol, float[N] several_symbols,
     float[N,28,28] network_input)
<int64[1] one = {{1}}, int64[2] size = {{28, 28}}, int64[2] pixels = {{2, 3}},
 int64 trips = {{9223372036854775807}}, bool go = {{1}}, float zero = {{0}}, float ten = {{10}},
 int64[2] wide = {{1, 10}}, int64[2] huge = {{100000, 100000}}> {{
    {before}
    framed = Resize<axes = [2, 3], mode = "linear">(slow, , , size)
    network_input = Squeeze(framed, one)
    greatest = ReduceMax<keepdims = 0>(ink, pixels)
    nothing = Mul(greatest, zero)
    several_symbols = Squeeze(nothing, one)
    no_symbol = Identity(several_symbols)
    even = Exp(nothing)
    tenth = Div(even, ten)
    probabilities = Tile(tenth, wide)
}}"""
LOOP = """slow = Loop(trips, go, ink) <body = turn (int64 i, bool c, float[N,1,H,W] x) =>
        (bool more, float[N,1,H,W] y) {{ more = Identity(c) y = Identity(x) }}>"""
LOOP = LOOP.replace("{{", "{").replace("}}", "}")
HUGE = "block = ConstantOfShape(huge) peak = ReduceMax<keepdims = 0>(block) slow = Add(ink, peak)"


def foreign(before: str = "slow = Identity(ink)") -> bytes:
    """Return a file that keeps the contract, with some steps at its beginning."""
    model = onnx.parser.parse_model(GRAPH.format(before=before))
    helper.set_model_props(model, Contract(DIGITS).to_metadata())
    return model.SerializeToString()


def test_a_foreign_graph_that_keeps_the_contract_answers():
    probabilities, no_symbol, *_ = Session(foreign(), "foreign").run(np.ones((3, 1, 9, 5), "f4"))
    assert probabilities == pytest.approx(np.full((3, 10), 0.1))
    assert (no_symbol == 0).all()


LINE = """<ir_version: 10, opset_import: ["": 20]>
lines (float[N,1,40,W] line) => (float[N,T,21] log_probabilities)
<int64[2] axes = {1, 2}, int64[3] wide = {1, 1, 21}, float share = {CHANCE}> {
    small = AveragePool<kernel_shape = [40, 4], strides = [40, 4]>(line)
    row = Squeeze(small, axes)
    zero = Sub(row, row)
    last = Unsqueeze(zero, two)
    many = Tile(last, wide)
    log_probabilities = Add(many, share)
}"""
PAGE = """<ir_version: 10, opset_import: ["": 20]>
pages (float[N,3,H,W] page) => (float[N,4,h,w] probabilities)
<int64[1] one = {1}, int64[4] wide = {1, 4, 1, 1}, float share = {CHANCE}> {
    small = AveragePool<kernel_shape = [2, 2], strides = [2, 2]>(page)
    grey = ReduceMax<keepdims = 1>(small, one)
    zero = Sub(grey, grey)
    many = Tile(zero, wide)
    probabilities = Add(many, share)
}"""


def other(graph: str, task: str, chance: float) -> bytes:
    """Return a file that gives everything the same chance."""
    model = onnx.parser.parse_model(graph.replace("CHANCE", str(chance)))
    if task == "lines":
        model.graph.initializer.append(numpy_helper.from_array(np.array([2]), "two"))
    alphabet = LINE_SYMBOLS if task == "lines" else PAGE_CLASSES
    helper.set_model_props(model, Contract(alphabet, 1.0, task).to_metadata())
    return model.SerializeToString()


def test_lines_and_pages_have_contracts_of_their_own():
    lines = Session(other(LINE, "lines", -np.log(21)), "lines", "lines")
    assert lines.run(np.ones((2, 1, 40, 96), "f4"))[0].shape == (2, 24, 21)
    pages = Session(other(PAGE, "pages", 0.25), "pages", "pages")
    assert pages.run(np.ones((1, 3, 64, 32), "f4"))[0].shape == (1, 4, 32, 16)


@pytest.mark.parametrize(("graph", "task", "chance"), [(LINE, "lines", -1), (PAGE, "pages", 0.5)])
def test_what_is_no_probability_of_a_line_or_a_page_is_refused(graph, task, chance):
    with pytest.raises(RecogniserError, match=r"gives invalid (log_)?probabilities"):
        Session(other(graph, task, chance), "wrong", task)


def test_a_model_of_something_else_is_one_sentence():
    with pytest.raises(RecogniserError, match=r"^a reads lines, not symbols"):
        Session(other(LINE, "lines", -np.log(21)), "a")
    with pytest.raises(RecogniserError, match=r"^b reads symbols, not pages"):
        Session(foreign(), "b", "pages")


def test_a_graph_that_loops_for_ever_ends_in_one_sentence(monkeypatch):
    monkeypatch.setattr(session, "LOAD_SECONDS", 0.5)
    begin = time.monotonic()
    with pytest.raises(RecogniserError, match=r"^loops takes too long: [^\n]*\.$"):
        Session(foreign(LOOP), "loops")
    assert time.monotonic() - begin < 20


def test_a_graph_that_loops_for_some_crops_ends_in_one_sentence():
    # The more rows a crop has the longer it takes: with the small one at first there is no wait.
    count = "at = Shape(ink) rows = Gather(at, two) square = Mul(rows, rows)"
    before = f"{count} fourth = Mul(square, square) often = Div(fourth, rest) "
    before += LOOP.replace("trips", "often")
    model = onnx.parser.parse_model(GRAPH.format(before=before))
    for name, value in (("two", 2), ("rest", 24**4)):
        model.graph.initializer.append(numpy_helper.from_array(np.int64(value), name))
    helper.set_model_props(model, Contract(DIGITS).to_metadata())
    found = Session(model.SerializeToString(), "sometimes")
    with pytest.raises(RecogniserError, match="takes too long"):
        found.run(np.ones((1, 1, 20_000, 2), np.float32), 0.5)


def test_a_graph_that_asks_for_more_memory_than_there_is_ends_in_one_sentence():
    with pytest.raises(RecogniserError, match=r"^huge fails on crops of 24×16: [^\n]*\.$"):
        Session(foreign(HUGE), "huge")


def test_what_does_not_end_is_not_waited_for():
    begin = time.monotonic()
    with pytest.raises(RecogniserError, match="takes too long"):
        in_time(lambda: time.sleep(3), 0.1, "it")
    assert time.monotonic() - begin < 2


def test_what_fails_in_time_fails_as_it_does():
    with pytest.raises(ZeroDivisionError):
        in_time(lambda: 1 // 0, 10, "it")
    assert in_time(lambda: 3, 10, "it") == 3
