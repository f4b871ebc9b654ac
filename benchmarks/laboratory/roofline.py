"""What this machine could do, what training makes of it, and where the rest goes.

All of it happens in memory: no run is written.
"""

import os
import re
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from pathlib import Path
from typing import Any

import torch
from torch.nn import functional
from torch.utils.flop_counter import FlopCounterMode

from benchmarks import results
from benchmarks.summary import Summary
from inkdigits.data import load_digits
from inkdigits.training import device as devices
from inkdigits.training.loop import State, train_epoch
from inkdigits.training.recipe import Recipe
from inkdigits.training.symbols import Tensors

SIZES = (1024, 1536, 2048)  # of square matrices; the best of them is the roofline
REPEATS = 7
RECIPES = ("quick", "standard")
DIGITS = 20_000  # of an epoch: enough for a rate of work
EPOCHS = 3
COUNTED = 8  # digits in the batch whose operations are counted

# What PyTorch calls its operations, by what a person calls them. Only what does the work is named:
# what merely calls it belongs to dispatch.
KINDS = {
    "convolutions and products": "(mkldnn|slow|thnn)_conv|convolution_backward|(add|b|badd)?mm$",
    "normalisation": ".*batch_norm",
    "pooling": ".*pool2d",
    "element by element": "relu|clamp|threshold|add_?$|sub|mul|div|neg|.*dropout|bernoulli",
    "loss and optimiser": "_log_softmax|nll_loss|_fused|_foreach|arg|mean|sum|.*norm$",
    "copying, filling and warps": "copy_|clone|cat|index|fill_|zero_|.*grid|uniform|normal|.*pad",
    "other operations": "",
}
DISPATCH = "dispatch: all that is between them"


def measure(
    out: Path,
    data: Path | None,
    recipes: Sequence[str] = RECIPES,
    sizes: Sequence[int] = SIZES,
    digits: int = DIGITS,
    repeats: int = REPEATS,
) -> Path:
    """Measure the roofline and how near training comes to it; write ``machine.json`` into `out`.

    Parameters
    ----------
    out
        The folder for the figures.
    data
        The folder that holds MNIST; by default it is searched for, else downloaded.
    recipes
        Whose training is set against the roofline; where the time goes is asked of the first.
    sizes, digits, repeats
        How large the matrices are, how many digits are trained on, how often it is multiplied.
    """
    products = [*_products(sizes, repeats)]
    train = load_digits("mnist").train[:digits]
    tensors = Tensors.of(train, torch.device("cpu"))
    return results.save(
        out,
        results.MACHINE,
        {
            "machine": results.machine(),
            "products": products,
            "training": [training(Recipe.load(name), tensors, products) for name in recipes],
            "where": where(Recipe.load(recipes[0]), tensors),
            "missing": [] if devices.has_bfloat16() else [NO_BFLOAT16],
        },
    )


NO_BFLOAT16 = {
    "what": "products of bfloat16",
    "why": "this processor has no instructions for them, so recipes train in float32",
}


def _products(sizes: Sequence[int], repeats: int) -> Iterator[dict[str, Any]]:
    """Measure products of square matrices, on one thread and on all that PyTorch was given."""
    kinds = [torch.float32] + [torch.bfloat16] * devices.has_bfloat16()
    for kind in kinds:
        for threads in sorted({1, torch.get_num_threads()}):
            with _threads(threads):
                rates = [product(size, kind, repeats) for size in sizes]
            best = max(rates, key=lambda rate: rate["gflops"]["median"])
            yield {"precision": str(kind).removeprefix("torch."), "threads": threads, **best}


def product(size: int, kind: torch.dtype, repeats: int) -> dict[str, Any]:
    """Return how fast two square matrices are multiplied: 2·size³ operations each time."""
    random = torch.Generator().manual_seed(0)
    left, right = (torch.randn(size, size, generator=random).to(kind) for _ in range(2))
    into = torch.empty(size, size, dtype=kind)
    torch.mm(left, right, out=into)  # the first product also chooses how
    rates = [
        2 * size**3 / _seconds(lambda: torch.mm(left, right, out=into)) / 1e9
        for _ in range(repeats)
    ]
    return {"size": size, "n": repeats, "gflops": vars(Summary.of(rates))}


def training(
    recipe: Recipe, digits: Tensors, products: Sequence[Mapping[str, Any]]
) -> dict[str, Any]:
    """Return how much of the roofline the training of `recipe` reaches, in its own precision."""
    wide = devices.autocast_type(recipe.training.precision, digits.images.device)
    precision = str(wide).removeprefix("torch.")
    roofline = max(
        (row["gflops"]["median"] for row in products if row["precision"] == precision),
        default=None,
    )
    each = operations(recipe)
    epoch(recipe, digits)  # the first pays for memory and kernels that later ones find
    rates = [each * len(digits) / epoch(recipe, digits) / 1e9 for _ in range(EPOCHS)]
    gflops = Summary.of(rates)
    return {
        "recipe": recipe.name,
        "precision": precision,
        "threads": torch.get_num_threads(),
        "digits": len(digits),
        "n": EPOCHS,
        "multiply_adds": each / 2,
        "gflops": vars(gflops),
        "part": gflops.median / roofline if roofline else None,
    }


def operations(recipe: Recipe) -> float:
    """Return the operations of training on one digit: a multiplication and an addition are two.

    Convolutions and products alone, forward and backward, as PyTorch counts them while it does
    them. So the gradient of the first layer's input, which nobody asks for, is not counted.
    """
    network = State.fresh(recipe, torch.device("cpu")).network.train()
    images, labels = torch.zeros(COUNTED, 1, 28, 28), torch.zeros(COUNTED, dtype=torch.int64)
    with FlopCounterMode(display=False) as counter:
        functional.cross_entropy(network(images), labels).backward()
    return float(counter.get_total_flops()) / COUNTED


def where(recipe: Recipe, digits: Tensors) -> dict[str, Any]:
    """Return where the time of an epoch goes, by kind of operation, longest first.

    The profiler itself takes time, most of it between operations, so dispatch is somewhat less
    than it looks.
    """
    os.environ.setdefault("KINETO_LOG_LEVEL", "99")  # it would print when it begins and ends
    from torch.profiler import ProfilerActivity, profile

    epoch(recipe, digits)
    bare = epoch(recipe, digits)
    profiler = profile(activities=[ProfilerActivity.CPU])
    wall = epoch(recipe, digits, profiler)
    spent = {
        event.key: event.self_cpu_time_total / 1e6  # microseconds
        for event in profiler.key_averages()
    }
    kinds = by_kind(spent, wall)
    rows = [{"kind": kind, "seconds": s, "part": s / wall} for kind, s in kinds.items()]
    return {
        "recipe": recipe.name,
        "digits": len(digits),
        "seconds": bare,
        "seconds_profiled": wall,
        "rows": sorted(rows, key=lambda row: -row["seconds"]),
    }


def by_kind(spent: Mapping[str, float], wall: float) -> dict[str, float]:
    """Sum the seconds of operations by kind; what is left of `wall` is dispatch."""
    kinds = {
        kind: sum(seconds for name, seconds in spent.items() if _kind(name) == kind)
        for kind in KINDS
    }
    return {**kinds, DISPATCH: max(wall - sum(kinds.values()), 0.0)}


def _kind(operation: str) -> str | None:
    name = operation.removeprefix("aten::")
    if name == operation:
        return None  # no operation, but something that calls them
    return next((kind for kind, names in KINDS.items() if re.match(names, name)), None)


def epoch(
    recipe: Recipe, digits: Tensors, watched: AbstractContextManager[object] | None = None
) -> float:
    """Train one epoch of a fresh network and forget it; return the seconds of training alone.

    What is `watched` is the training alone, too.
    """
    state = State.fresh(recipe, digits.images.device)
    with watched or nullcontext():
        return _seconds(lambda: train_epoch(state, recipe, digits, lambda _: None))


def _seconds(work: Callable[[], object]) -> float:
    begin = time.perf_counter()
    work()
    return time.perf_counter() - begin


@contextmanager
def _threads(count: int) -> Iterator[None]:
    before = torch.get_num_threads()
    torch.set_num_threads(count)
    try:
        yield
    finally:
        torch.set_num_threads(before)
