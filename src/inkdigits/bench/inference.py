"""Digits a second, milliseconds and memory: our recognisers as shipped, against other engines.

What is measured is the whole graph, from ready 28×28 ink to calibrated answers, framing included.
Each engine runs in a process of its own (`engines`). Whether eight bits cost accuracy is seen on
MNIST's validation digits; the test digits are not read here. (The shipped recogniser has learned
from most of them: its two figures tell the number formats apart, not how well it reads.)
"""

import json
import logging
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from .. import networks
from ..data import load_digits
from ..data.digits import Digits, Splits
from ..errors import InkdigitsError
from ..exporter import export
from ..files import write_bytes
from ..reading.recogniser import SHIPPED, Recogniser
from ..training import Recipe, train
from ..training.device import has_bfloat16
from . import engines, results
from .engines import BFLOAT16, COMPILED, ENGINES, INT8, Job, processors
from .spread import Spread

BATCHES = (1, 64, 4096)
REPEATS = 5
SECONDS = 0.3  # a repeat
SMALL = "quick"
CALIBRATED = 512  # training digits that set the ranges of eight bits
COMPILERS = ("g++", "clang++", "c++", "cl")

Floats = npt.NDArray[np.float32]


@dataclass(frozen=True)
class Network:
    """A network in both forms: a file for ONNX Runtime, a recipe for PyTorch."""

    name: str
    file: Path
    recipe: Recipe

    @property
    def parameters(self) -> int:
        """How many numbers it has learned."""
        return networks.parameter_count(networks.build(self.recipe.network))


def measure(out: Path, data: Path | None = None) -> Path:
    """Measure every engine on one and on all threads; write ``inference.json`` into `out`.

    Parameters
    ----------
    out
        The folder to write to.
    data
        The folder that holds MNIST.

    Raises
    ------
    InkdigitsError
        If MNIST cannot be had, or a recogniser cannot be made.
    """
    digits = load_digits("mnist", folder=data)
    rows: list[dict[str, Any]] = []
    skipped: list[dict[str, str]] = []
    accuracy: list[dict[str, Any]] = []
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for network in (shipped(), small(folder, data)):
            eight = folder / f"{network.name}-int8.onnx"
            write_bytes(eight, quantised(network.file, ink(digits.train[:CALIBRATED])))
            files = {engine: eight if engine == INT8 else network.file for engine in ENGINES}
            accuracy += [_accuracy(network, e, files[e], digits) for e in (engines.SHIPPED, INT8)]
            for engine, file in files.items():
                try:
                    rows += _rows(network, engine, file)
                except InkdigitsError as error:
                    skipped.append({"what": f"{network.name}: {engine}", "why": str(error)})
    found = {
        "machine": results.machine(),
        "rows": rows,
        "skipped": skipped,
        "accuracy": accuracy,
    }
    return results.save(out, results.INFERENCE, found)


def shipped() -> Network:
    """Return the shipped recogniser."""
    return Network("shipped", SHIPPED, Recipe.load(Recogniser.load().card["recipe"]))


def small(folder: Path, data: Path | None) -> Network:
    """Return `SMALL`, trained now, which takes seconds, and exported to `folder`."""
    run = train(SMALL, runs=folder, data=data, device="cpu", progress=False)
    made = export(run, folder / f"{SMALL}.onnx", data=data)
    return Network(SMALL, made.path, run.recipe)


def quantised(file: Path, calibration: Floats) -> bytes:
    """Return a recogniser whose convolutions take and give eight bits: static, a scale a channel.

    Framing, the last layer and the first convolution stay as they are: with one channel to add up,
    eight bits are slower there than float32.
    """
    import onnx
    from onnxruntime.quantization import CalibrationDataReader, QuantType, quantize_static

    class Reader(CalibrationDataReader):  # type: ignore[misc]
        parts = iter(np.array_split(calibration[:, None], 8))

        def get_next(self) -> dict[str, Floats] | None:
            part = next(self.parts, None)
            return None if part is None else {"ink": part}

    graph = onnx.load(file).graph
    first = next(node.name for node in graph.node if node.op_type == "Conv")
    with tempfile.TemporaryDirectory() as folder, _silent():
        made = Path(folder) / "int8.onnx"
        quantize_static(
            file,
            made,
            Reader(),
            op_types_to_quantize=["Conv", "MaxPool", "Relu"],
            nodes_to_exclude=[first],
            per_channel=True,
            activation_type=QuantType.QUInt8,
            weight_type=QuantType.QInt8,
        )
        return made.read_bytes()


def ink(digits: Digits) -> Floats:
    """Return pictures as a recogniser takes them: ``(N, 28, 28)``, 0 paper to 1 ink."""
    return digits.images.astype(np.float32) / np.float32(255)


def _accuracy(network: Network, engine: str, file: Path, digits: Splits) -> dict[str, Any]:
    answers = Recogniser.load(file).read(ink(digits.validation))
    right = answers.probabilities.argmax(1) == digits.validation.labels
    return {
        "network": network.name,
        "engine": engine,
        "validation_top_1": float(right.mean()),
        "n": len(right),
    }


def _rows(network: Network, engine: str, file: Path) -> list[dict[str, Any]]:
    if engine == BFLOAT16 and not has_bfloat16():
        raise InkdigitsError("this processor has no products of bfloat16")
    if engine == COMPILED and not any(map(shutil.which, COMPILERS)):
        raise InkdigitsError("there is no C++ compiler")
    rows = []
    for threads in sorted({1, processors()}):
        recipe = network.recipe.dump()
        job = Job(engine, threads, str(file), recipe, BATCHES, REPEATS, SECONDS)
        rows += [
            {
                "network": network.name,
                "parameters": network.parameters,
                "engine": engine,
                "threads": threads,
                "batch": found["batch"],
                "digits_per_second": vars(Spread.of(found["digits_per_second"])),
                "milliseconds": vars(Spread.of(found["milliseconds"])),
                "memory_mb": found["memory_mb"],
                "n": len(found["milliseconds"]),
            }
            for found in in_process(job)
        ]
    return rows


def in_process(job: Job) -> list[dict[str, Any]]:
    """Return what `engines.measure` finds in a process of its own.

    Raises
    ------
    InkdigitsError
        If the engine fails; the sentence is its own last word.
    """
    done = subprocess.run(  # noqa: S603  our own module, by our own Python
        [sys.executable, "-P", "-m", engines.__name__],
        input=job.dump(),
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        words = done.stderr.strip().splitlines() or [f"it ended with code {done.returncode}"]
        raise InkdigitsError(f"it failed: {words[-1]}")
    found: list[dict[str, Any]] = json.loads(done.stdout.splitlines()[-1])
    return found


@contextmanager
def _silent() -> Iterator[None]:
    """Keep the quantiser from advising what the export has done already."""
    logging.disable(logging.WARNING)
    try:
        yield
    finally:
        logging.disable(logging.NOTSET)
