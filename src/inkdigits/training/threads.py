"""Whether several threads compute slower than one, as they do where other programs are at work.

Threads that share a product wait for each other at its end. Where one of them has no processor,
all the others wait for it, so that a training may take ten times as long as with one thread.
"""

import time
from collections.abc import Callable
from statistics import median

import torch

SIDE, PRODUCTS = 384, 4  # of the matrices: 3 ms with one thread
ROUNDS = 3
SLOW = 2.0  # times as long as with one thread, in the median of all rounds


def slowdown(measure: Callable[[int], float] | None = None, threads: int | None = None) -> float:
    """Return how many times as long a product takes with all threads as with one.

    It takes 5 ms on a machine that is idle, where it is less than 1. The number of threads is
    afterwards as it was.

    Parameters
    ----------
    measure
        Takes a number of threads and returns seconds; by default those of products of matrices.
    threads
        How many; by default as many as PyTorch has.
    """
    threads = threads or torch.get_num_threads()
    if threads == 1:
        return 1.0
    measure = measure or _seconds
    found: list[float] = []
    while len(found) < ROUNDS:
        one, all_of_them = measure(1), measure(threads)
        found.append(all_of_them / one)
        if found[0] < SLOW:  # one round may be slow by chance
            break
    return median(found)


def hint(device: torch.device) -> str | None:
    """Return a note for whoever trains on `device`; None where threads are no trouble."""
    if device.type != "cpu" or (times := slowdown()) < SLOW:
        return None
    return (
        f"{torch.get_num_threads()} threads compute {times:.0f} times slower than one, because "
        "other programs are using the processor: try --threads 1, or torch.set_num_threads(1) in "
        "Python."
    )


def _seconds(threads: int) -> float:
    before = torch.get_num_threads()
    matrix = torch.ones(SIDE, SIDE)
    torch.set_num_threads(threads)
    try:
        began = time.perf_counter()
        for _ in range(PRODUCTS):
            torch.mm(matrix, matrix)
        return time.perf_counter() - began
    finally:
        torch.set_num_threads(before)
