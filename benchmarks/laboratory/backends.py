"""The backends that run a network, and how fast: one backend and one number of threads.

A process measures one job and ends, because threads cannot be changed later and the memory of one
backend is no business of the next: ``python -m benchmarks.laboratory.backends`` takes a `Job` as
JSON and prints rows. Nothing is imported at the top that only some backends need.
"""

import contextlib
import json
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Any

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float32]
Answer = Callable[[Floats], object]  # what reads a batch (N, 28, 28)


@dataclass(frozen=True)
class Job:
    """What one process measures."""

    backend: str  # one of `BACKENDS`
    threads: int
    file: str  # .onnx: what ONNX Runtime runs
    recipe: str  # TOML: what PyTorch builds its network by
    batches: tuple[int, ...]  # ascending: memory is measured at its peak
    repeats: int
    seconds: float  # a repeat lasts no less

    def dump(self) -> str:
        """Return the job as JSON."""
        return json.dumps(asdict(self))

    @classmethod
    def parse(cls, text: str) -> "Job":
        """Return what `dump` gave."""
        found = json.loads(text)
        return cls(**{**found, "batches": tuple(found["batches"])})


def onnxruntime(job: Job) -> Callable[[], Answer]:
    """Return what loads the file as it ships, on fewer threads if there are more."""
    from inkdigits.recognition.recogniser import Recogniser

    def load() -> Answer:
        return Recogniser.load(job.file, threads=job.threads).read

    return load


def pytorch(job: Job, bfloat16: bool = False, compiled: bool = False) -> Callable[[], Answer]:
    """Return what builds the same graph in PyTorch; with fresh weights, which are as fast."""
    import torch

    from inkdigits import networks
    from inkdigits.networks.graph import Graph
    from inkdigits.training import Recipe

    torch.set_num_threads(job.threads)

    def load() -> Answer:
        recipe = Recipe.parse(job.recipe, "measured")
        network = networks.build(recipe.network, recipe.alphabet)
        graph: Any = Graph(networks.place(network, "cpu"), 1.0, recipe.alphabet).eval()
        if compiled:
            graph = torch.compile(graph, dynamic=False)

        def answer(ink: Floats) -> object:
            with torch.inference_mode(), torch.autocast("cpu", torch.bfloat16, enabled=bfloat16):
                return graph(torch.from_numpy(ink).unsqueeze(1))

        return answer

    return load


SHIPPED, INT8, BFLOAT16, COMPILED = (
    "onnxruntime",
    "onnxruntime-int8",
    "pytorch-bfloat16",
    "pytorch-compiled",
)
BACKENDS: Mapping[str, Callable[[Job], Callable[[], Answer]]] = MappingProxyType(
    {
        SHIPPED: onnxruntime,
        INT8: onnxruntime,  # the same, from another file
        "pytorch": pytorch,
        BFLOAT16: lambda job: pytorch(job, bfloat16=True),
        COMPILED: lambda job: pytorch(job, compiled=True),
    }
)


def measure(job: Job) -> list[dict[str, Any]]:
    """Return a row for each batch size: rates and times of every repeat, and peak memory.

    Memory is that of loading and of all sizes so far; of compiling too, where it is done.
    """
    load = BACKENDS[job.backend](job)
    ink = np.random.default_rng(0).random((max(job.batches), 28, 28), np.float32)
    forget_peak()
    before = peak_memory()  # backend imported, pictures there
    answer = load()
    rows = []
    for batch in job.batches:
        part = ink[:batch]
        answer(part)  # what is done once for this size: compiled, planned, allocated
        calls = [repeated(lambda part=part: answer(part), job.seconds) for _ in range(job.repeats)]  # type: ignore[misc]
        rows.append(
            {
                "batch": batch,
                "milliseconds": [1000 * seconds for seconds in calls],
                "digits_per_second": [batch / seconds for seconds in calls],
                "memory_mb": max(0.0, peak_memory() - before),
            }
        )
    return rows


def repeated(action: Callable[[], object], least: float) -> float:
    """Return the seconds that one call takes, by the mean of so many that they last `least`."""
    begin, done = time.perf_counter(), 0
    while True:
        action()
        done += 1
        seconds = time.perf_counter() - begin
        if seconds >= least:
            return seconds / done


def peak_memory() -> float:
    """Return the most memory that this process has had at once, in MB (10⁶ bytes).

    Linux says so of this program alone; what `resource` says may be of the parent it came from.
    """
    with contextlib.suppress(OSError):
        for line in Path("/proc/self/status").read_text(encoding="ascii").splitlines():
            if line.startswith("VmHWM:"):
                return int(line.split()[1]) * 1024 / 1e6
    import resource  # where there is no /proc; Windows has neither

    unit = 1 if sys.platform == "darwin" else 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit / 1e6


def forget_peak() -> None:
    """Let the peak be what is in use now, where the system can: imports use more than they keep."""
    with contextlib.suppress(OSError):
        Path("/proc/self/clear_refs").write_text("5", encoding="ascii")


if __name__ == "__main__":
    found = measure(Job.parse(sys.stdin.read()))
    sys.stdout.write("\n" + json.dumps(found) + "\n")
