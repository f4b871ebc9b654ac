"""What is read wrong, to look at: the picture, its ink, the boxes, and what the network saw.

python -m benchmarks misread handwriting/photo handwriting2/forms --out wrong/
"""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from benchmarks.options import argument_parser
from benchmarks.reader.datasets import Sample, data_folder, datasets
from benchmarks.reader.measuring import evaluate, read
from inkdigits import Reader
from inkdigits.io.annotate import annotated
from inkdigits.synthesis.agreement import Tally

CELL = 320


def main(arguments: Sequence[str]) -> None:
    """Read sets and write a picture for each sample that is not exact."""
    parser = argument_parser("misread", __doc__)
    parser.add_argument("sets", nargs="+", help="names of sets, or how they begin")
    parser.add_argument("--data", type=Path, default=data_folder())
    parser.add_argument("--out", type=Path, required=True, help="a folder")
    parser.add_argument("--recogniser", help="an .onnx file or a run; by default the shipped one")
    options = parser.parse_args(arguments)
    reader = Reader(options.recogniser)
    options.out.mkdir(parents=True, exist_ok=True)
    for name, one in datasets(options.data).items():
        if not name.startswith(tuple(options.sets)):
            continue
        for number in range(one.count):
            sample = one.at(number)
            text = read(reader, sample).text
            tally = evaluate(sample, text)
            if tally == Tally(exact=tally.count):
                continue
            path = options.out / f"{name.replace('/', '-')}-{number:04d}.png"
            sheet(reader, sample, text).save(path)
            print(path)


def sheet(reader: Reader, sample: Sample, text: str) -> Image.Image:
    """Return picture, ink, boxes and what the network saw, side by side, with the answer."""
    traced = reader.trace(sample.source, single=sample.how in ("digit", "sign")).pages[0]
    pixels, ink = traced.pixels, traced.ink
    assert pixels is not None and ink is not None  # noqa: S101 a trace has both
    seen = [s.network_input for s in traced.page.symbols if s.network_input is not None]
    seen = seen[:12] or [np.zeros((28, 28), np.uint8)]
    panels = [
        Image.fromarray(pixels).convert("RGB"),
        Image.fromarray(255 - ink).convert("RGB"),
        annotated(pixels, traced.page),
        Image.fromarray(np.concatenate(seen, 1)).convert("RGB"),
    ]
    page = Image.new("RGB", (CELL * len(panels), CELL + 24), "white")
    for number, panel in enumerate(panels):
        scale = (CELL - 8) / max(panel.size)
        size = max(1, round(panel.width * scale)), max(1, round(panel.height * scale))
        page.paste(panel.resize(size), (number * CELL + 4, 4))
    said = f"{sample.name}: {text!r}, truth {sample.truth!r}"
    font = ImageFont.load_default(size=14)
    ImageDraw.Draw(page).text((6, CELL), said, fill="black", font=font)
    return page
