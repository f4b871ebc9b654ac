"""How long reading takes: a drawing, a photo of a sheet, the command, and ready digits.

python -m benchmarks speed
"""

import io
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import cv2
import numpy as np
import torch
from PIL import Image

from benchmarks.options import argument_parser
from inkdigits.data import synthetic
from inkdigits.glyphs import written
from inkdigits.glyphs.pen import Variation
from inkdigits.reading import Reader
from inkdigits.training import device

GOALS = {"drawing": 3.0, "photo": 250.0, "command": 700.0}  # milliseconds
READY = 4096


def drawing() -> np.ndarray:
    """Return one digit of 280×280 pixels, as a canvas gives it."""
    random = torch.Generator().manual_seed(0)
    smooth = Variation(grain=0, pressure=0)  # a canvas has no paper
    ink = written.draw(torch.tensor([7]), random, smooth, size=280)[0].numpy()
    return (255 - 255 * ink).astype(np.uint8)


def sheet() -> bytes:
    """Return a JPEG of 12 megapixels: ten lines of ten digits on shaded, grainy paper."""
    random = torch.Generator().manual_seed(1)
    labels = torch.arange(100) % 10
    digits = written.draw(labels, random, size=140).numpy()
    page = np.zeros((3000, 4000), np.float32)
    for number, ink in enumerate(digits):
        top, left = 200 + 265 * (number // 10), 300 + 340 * (number % 10)
        page[top : top + 140, left : left + 140] = ink
    light = np.linspace(235, 150, 4000, dtype=np.float32)
    noise = np.random.default_rng(0).normal(0, 4, (1500, 2000)).astype(np.float32)
    grey = light * (1 - 0.7 * page) + cv2.resize(noise, (4000, 3000))
    file = io.BytesIO()
    Image.fromarray(grey.clip(0, 255).astype(np.uint8)).convert("RGB").save(
        file, "JPEG", quality=90
    )
    return file.getvalue()


def timed(action: Callable[[], object], times: int) -> np.ndarray:
    """Return how long `action` takes, in milliseconds, each of so many times, warmed up."""
    found = []
    for _ in range(times + 2):
        begin = time.perf_counter()
        action()
        found.append(1000 * (time.perf_counter() - begin))
    return np.array(found[2:])


def line(name: str, found: np.ndarray, goal: float) -> None:
    """Print the median, the spread and the goal."""
    low, high = np.quantile(found, (0.1, 0.9))
    print(
        f"{name:44s} {np.median(found):8.2f} ms   10–90%: {low:.2f}–{high:.2f}   "
        f"n = {len(found)}   goal {goal:g} ms"
    )


def main(arguments: Sequence[str]) -> None:
    """Measure and print."""
    parser = argument_parser("speed", __doc__)
    parser.add_argument("--recogniser", help="an .onnx file or a run; by default the shipped one")
    options = parser.parse_args(arguments)
    reader = Reader(options.recogniser)
    print(f"{device.describe(torch.device('cpu'))}, {os.cpu_count()} processors")
    canvas, photo = drawing(), sheet()
    line("read_digit, a drawing of 280×280", timed(lambda: reader.read_digit(canvas), 200), 3)
    line("read, the same", timed(lambda: reader.read(canvas), 200), 3)
    read = reader.read(photo)
    right = sum(d.value == str(n % 10) for n, d in enumerate(read.symbols))
    line(
        f"read, 12 megapixels ({right} of {len(read.symbols)} digits right)",
        timed(lambda: reader.read(photo), 9),
        250,
    )
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "one.png"
        Image.fromarray(canvas).save(path)
        command = [sys.executable, "-m", "inkdigits", "read", str(path)]
        if options.recogniser:
            command += ["--recogniser", options.recogniser]
        line(
            "inkdigits read one.png, whole command",
            timed(lambda: subprocess.run(command, check=True, capture_output=True), 7),
            700,
        )
    ready = np.stack([digit.astype(np.float32) / 255 for digit in synthetic.write(READY, 2).images])
    rates = READY / timed(lambda: reader.recogniser.read(ready), 7) * 1000
    print(
        f"{'ready 28×28 digits a second':44s} {np.median(rates):8,.0f}      "
        f"from {rates.min():,.0f} to {rates.max():,.0f}   n = {len(rates)}   goal 20,000"
    )
