"""Digits a second, milliseconds and memory: our recognisers as shipped, against other backends.

What is measured is the whole graph, from ready 28×28 ink to calibrated answers, framing included.
Each backend runs in a process of its own (`backends`). Whether eight bits cost accuracy is seen on
MNIST's validation digits; the test digits are not read here. (What they cost the shipped recogniser
is on its card: it has learned from most of MNIST.)
"""

import json
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks import results
from benchmarks.laboratory import backends
from benchmarks.laboratory.backends import BACKENDS, BFLOAT16, COMPILED, INT8, Job
from benchmarks.summary import Summary
from inkdigits.errors import InkdigitsError
from inkdigits.exporting.export import export_symbols
from inkdigits.machine import processors
from inkdigits.models.bundle import MODELS, ONNX, SHIPPED, Bundle
from inkdigits.networks import build, parameter_count
from inkdigits.training import Recipe, train
from inkdigits.training.device import has_bfloat16

BATCHES = (1, 64, 4096)
REPEATS = 5
SECONDS = 0.3  # a repeat
SMALL = "quick"
COMPILERS = ("g++", "clang++", "c++", "cl")
FILED = (backends.SHIPPED, INT8)  # backends that run a file


@dataclass(frozen=True)
class Network:
    """A network in all its forms: files for ONNX Runtime, a recipe for PyTorch."""

    name: str
    files: Mapping[str, Path]  # by backend
    recipe: Recipe
    cost: Mapping[str, Any] | None = None  # what eight bits cost it in accuracy, where that is seen

    @property
    def backends(self) -> list[str]:
        """What can run it."""
        return [name for name in BACKENDS if name in self.files or name not in FILED]

    @property
    def parameters(self) -> int:
        """How many numbers it has learned."""
        return parameter_count(build(self.recipe.network, self.recipe.alphabet))


def measure(out: Path, data: Path | None = None) -> Path:
    """Measure every backend on one and on all threads; write ``inference.json`` into `out`.

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
    rows: list[dict[str, Any]] = []
    skipped: list[dict[str, str]] = []
    with tempfile.TemporaryDirectory() as name:
        networks = shipped(), small(Path(name), data)
        for network in networks:
            for backend in network.backends:
                try:
                    rows += _rows(network, backend)
                except InkdigitsError as error:
                    skipped.append({"what": f"{network.name}: {backend}", "why": str(error)})
    found = {
        "machine": results.machine(),
        "rows": rows,
        "skipped": skipped,
        "eight_bits": [one.cost for one in networks if one.cost],
    }
    return results.save(out, results.INFERENCE, found)


def shipped() -> Network:
    """Return the shipped recogniser, which has one form."""
    bundle = Bundle.open(MODELS / SHIPPED)
    backend = INT8 if bundle.precision == "int8" else backends.SHIPPED
    recipe = Recipe.from_dict(bundle.recipe, bundle.name)
    return Network("shipped", {backend: MODELS / SHIPPED / ONNX}, recipe)


def small(folder: Path, data: Path | None) -> Network:
    """Return `SMALL`, trained now, which takes seconds, and exported to `folder`."""
    run = train(SMALL, runs=folder, data=data, device="cpu", progress=False)
    full = export_symbols(run, folder / "float32", data=data)
    eight = export_symbols(run, folder / "int8", eight_bits=True, data=data)
    cost = {"network": SMALL, "lost": eight.lost, "n": eight.count}
    return Network(SMALL, {backends.SHIPPED: full.path, INT8: eight.path}, run.recipe, cost)


def _rows(network: Network, backend: str) -> list[dict[str, Any]]:
    if backend == BFLOAT16 and not has_bfloat16():
        raise InkdigitsError("this processor has no products of bfloat16")
    if backend == COMPILED and not any(map(shutil.which, COMPILERS)):
        raise InkdigitsError("there is no C++ compiler")
    rows = []
    file, recipe = str(network.files.get(backend, "")), network.recipe.dump()
    for threads in sorted({1, processors()}):
        job = Job(backend, threads, file, recipe, BATCHES, REPEATS, SECONDS)
        rows += [
            {
                "network": network.name,
                "parameters": network.parameters,
                "backend": backend,
                "threads": threads,
                "batch": found["batch"],
                "digits_per_second": vars(Summary.of(found["digits_per_second"])),
                "milliseconds": vars(Summary.of(found["milliseconds"])),
                "memory_mb": found["memory_mb"],
                "n": len(found["milliseconds"]),
            }
            for found in in_process(job)
        ]
    return rows


def in_process(job: Job) -> list[dict[str, Any]]:
    """Return what `backends.measure` finds in a process of its own.

    Raises
    ------
    InkdigitsError
        If the backend fails; the sentence is its own last word.
    """
    done = subprocess.run(
        [sys.executable, "-m", backends.__name__],
        cwd=results.CHECKOUT,
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
