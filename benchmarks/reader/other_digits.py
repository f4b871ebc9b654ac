"""Digits of other collections, which the recogniser never saw: scikit-learn's, of 8×8 pixels.

    pip install scikit-learn
    python -m benchmarks other-digits

They come from the 32×32 scans of the UCI collection "Optical Recognition of Handwritten Digits",
whose boxes touch the frame. Without the originals, 16×16 and 32×32 are these, scaled up.
"""

from collections.abc import Sequence

import cv2
import numpy as np

from benchmarks.options import argument_parser
from inkdigits.reading import Reader


def measure(reader: Reader, name: str, pictures: list[np.ndarray], labels: np.ndarray) -> None:
    """Read `pictures` as single digits and print how many are right, rejected and wrong."""
    digits = [reading.symbols[0] for reading in reader.read_many(pictures, single=True)]
    values = np.array([int(one.value) if one.value and one.is_digit else -1 for one in digits])
    likeliest = np.array(["0123456789".find(one.candidates[0].value) for one in digits])
    print(
        f"{name:44s} n = {len(labels)}   right {(values == labels).mean():.2%}   "
        f"rejected {(values < 0).mean():.2%}   "
        f"wrong {((values >= 0) & (values != labels)).mean():.2%}   "
        f"likeliest digit right {(likeliest == labels).mean():.2%}"
    )


def main(arguments: Sequence[str]) -> None:
    """Measure and print."""
    parser = argument_parser("other-digits", __doc__)
    parser.add_argument("--recogniser", help="an .onnx file or a run; by default the shipped one")
    options = parser.parse_args(arguments)
    from sklearn.datasets import load_digits

    found = load_digits()
    reader = Reader(options.recogniser)
    small = [(image * 15.9).astype(np.uint8) for image in found.images]
    measure(reader, "8×8, light on dark", small, found.target)
    measure(reader, "8×8, dark on light", [255 - image for image in small], found.target)
    for side in (16, 32):
        large = [
            np.asarray(cv2.resize(i, (side, side), interpolation=cv2.INTER_LINEAR)) for i in small
        ]
        measure(reader, f"{side}×{side}, grey", large, found.target)
        binary = [(255 * (image > 110)).astype(np.uint8) for image in large]
        measure(reader, f"{side}×{side}, binary", binary, found.target)
