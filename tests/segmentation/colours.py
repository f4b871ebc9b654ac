"""A stand-in for a finder: what is blue is handwriting, black a rule, red print, white paper."""

import numpy as np
import numpy.typing as npt
import onnx.parser
from onnx import helper

from inkdigits.alphabet import PAGE_CLASSES, Alphabet
from inkdigits.models.contract import PAGES, Contract
from inkdigits.segmentation.finder import Finder

Colour = npt.NDArray[np.uint8]

BLUE, BLACK, RED = (40, 60, 200), (0, 0, 0), (200, 50, 40)
GRAPH = """<ir_version: 10, opset_import: ["": 20]>
colours (float[N,3,H,W] page) => (float[N,CLASSES,h,w] probabilities)
<float[CLASSES,3,1,1] weight = {WEIGHT}, float[CLASSES] bias = {BIAS}> {
    small = AveragePool<kernel_shape = [2, 2], strides = [2, 2]>(page)
    logits = Conv(small, weight, bias)
    probabilities = Softmax<axis = 1>(logits)
}"""
WEIGHT, BIAS = ("20,20,20", "-30,0,30", "-20,-20,-20", "30,0,-30"), ("-44", "0", "10", "0")


def content(alphabet: Alphabet = PAGE_CLASSES) -> bytes:
    """Return the stand-in as an ONNX file."""
    count = len(alphabet)
    graph = GRAPH.replace("CLASSES", str(count)).replace("WEIGHT", ",".join(WEIGHT[:count]))
    model = onnx.parser.parse_model(graph.replace("BIAS", ",".join(BIAS[:count])))
    helper.set_model_props(model, Contract(alphabet, 1.0, PAGES).to_metadata())
    return model.SerializeToString()


def finder() -> Finder:
    """Return the stand-in."""
    return Finder(content(), "colours")


def coloured(*layers: tuple[npt.NDArray[np.uint8], tuple[int, int, int]]) -> Colour:
    """Return white paper with grey drawings, black on white, each in a colour of its own."""
    page = np.full((*layers[0][0].shape, 3), 255, np.float32)
    for drawing, colour in layers:
        ink = (255 - drawing.astype(np.float32))[..., None] / 255
        page += ink * (np.array(colour, np.float32) - page)
    return page.round().astype(np.uint8)
