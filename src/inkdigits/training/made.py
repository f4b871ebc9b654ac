"""Samples that are made as they are asked for: lines and pages, of which no two are the same.

A batch is a function of the part, the seed, the epoch and its number, wherever it is made: here, or
ahead of its time by processes of their own.
"""

from __future__ import annotations

import hashlib
import importlib
import os
import signal
from collections import deque
from collections.abc import Iterable, Iterator
from concurrent.futures import BrokenExecutor
from dataclasses import dataclass, field
from functools import cache, cached_property
from pathlib import Path
from threading import Thread
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from ..errors import TrainingError
from ..machine import end_with
from .recipe import Recipe

if TYPE_CHECKING:
    import torch
    from loky import ProcessPoolExecutor

# Who makes a batch, by the task: a module with ``batch(size, random, people)``.
MAKERS = {"lines": "inkdigits.synthesis.strips", "pages": "inkdigits.synthesis.patches"}
TRAIN, VALIDATION, TEST = 1, 2, 3  # parts; chance of one is never that of another
NAMES = {TRAIN: "train", VALIDATION: "validation", TEST: "test"}
AHEAD = 2  # batches for each process: one at work, one waiting

Bytes = npt.NDArray[np.uint8]
Truth = list[str] | Bytes  # texts of lines, or a class for every pixel


@dataclass(frozen=True)
class Order:
    """A batch that is to be made."""

    maker: str  # the module
    data: Path | None  # the folder of MNIST, whose digits are written with
    part: int
    size: int
    chance: tuple[int, ...]  # what its randomness is a function of

    def make(self) -> tuple[Bytes, Truth]:
        """Return the pictures and their truth."""
        random = np.random.default_rng([*self.chance, self.part])
        made: tuple[Bytes, Truth] = importlib.import_module(self.maker).batch(
            self.size, random, people(self.data, held_out=self.part != TRAIN)
        )
        return made


@cache
def people(data: Path | None, *, held_out: bool) -> Any:
    """Return those of MNIST's writers who are learned from, or the others; None without a folder.

    Raises
    ------
    DataError
        If the folder lacks MNIST, or QMNIST's labels.
    """
    from ..synthesis.people import load_people

    return None if data is None else load_people(data, held_out=held_out)


class Pool:
    """Processes that make batches ahead of their time, started when there is something to make.

    Parameters
    ----------
    workers
        How many; with 0 all is made here, when it is asked for. It is the same to the last bit.
    """

    def __init__(self, workers: int = 0) -> None:
        self.workers = workers
        self._executor: ProcessPoolExecutor | None = None

    def make(self, orders: Iterable[Order]) -> Iterator[tuple[Bytes, Truth]]:
        """Yield what is ordered, in its order.

        Raises
        ------
        TrainingError
            If a process dies.
        """
        if not self.workers:
            yield from map(Order.make, orders)
            return
        waiting: deque[Any] = deque()
        try:
            executor = self._started()
            for order in orders:
                waiting.append(executor.submit(Order.make, order))
                if len(waiting) > AHEAD * self.workers:
                    yield waiting.popleft().result()
            while waiting:
                yield waiting.popleft().result()
        except BrokenExecutor as error:
            raise TrainingError(
                "A process that generates samples died, perhaps for lack of memory: resume "
                "with fewer --workers."
            ) from error
        finally:
            for future in waiting:
                future.cancel()

    def close(self) -> None:
        """End the processes, if there are any."""
        if self._executor is not None:
            self._executor.shutdown(kill_workers=True)
        self._executor = None

    def _started(self) -> ProcessPoolExecutor:
        from loky import ProcessPoolExecutor

        if self._executor is None:
            # Not multiprocessing: that would run a user's script once more in each process.
            self._executor = ProcessPoolExecutor(
                self.workers,
                initializer=_begin,
                initargs=(os.getpid(),),
                env={"OMP_NUM_THREADS": "1", "PYTHONSAFEPATH": "1"},
            )
        return self._executor


@dataclass
class Maker:
    """Makes the batches of one part of a recipe, in their order.

    Parameters
    ----------
    recipe
        Whose ``data.name`` says what they are of.
    part
        `TRAIN`, `VALIDATION` or `TEST`.
    data
        The folder of MNIST; without one, all are synthetic.
    pool
        Where they are made.
    """

    recipe: Recipe
    part: int
    data: Path | None = None
    pool: Pool = field(default_factory=Pool)

    @property
    def name(self) -> str:
        """What is made."""
        return f"{self.recipe.data.name} {NAMES[self.part]}"

    @property
    def count(self) -> int:
        """How many samples there are in an epoch."""
        data = self.recipe.data
        return data.samples if self.part == TRAIN else data.validation

    @property
    def writers(self) -> str:
        """Who writes."""
        return "synthetic" if self.data is None else "synthetic, and those of MNIST"

    def sizes(self, batch_size: int) -> list[int]:
        """Return the size of each batch; one sample left over joins the last."""
        whole, rest = divmod(self.count, batch_size)
        sizes = [batch_size] * whole + [rest] * (rest > 0)
        if len(sizes) > 1 and sizes[-1] == 1:  # batch normalisation needs company
            sizes[-2:] = [sizes[-2] + 1]
        return sizes

    def batches(self, epoch: int = 0) -> Iterator[tuple[Bytes, Truth]]:
        """Yield the batches of an epoch.

        What validates and what judges is the same for every run, whatever its own seed.
        """
        training = self.recipe.training
        seed = training.seed if self.part == TRAIN else 0
        maker = MAKERS[self.recipe.data.name]
        orders = [
            Order(maker, self.data, self.part, size, (seed, epoch, number))
            for number, size in enumerate(self.sizes(training.batch_size))
        ]
        return self.pool.make(orders)

    @cached_property
    def kept(self) -> list[tuple[Bytes, Truth]]:
        """The batches of the first epoch, to be judged by again and again."""
        return list(self.batches())

    def describe(self) -> dict[str, Any]:
        """Return name, count and writers as JSON knows them; of what is kept also the digest."""
        about = {"name": self.name, "count": self.count, "writers": self.writers}
        if self.part == TRAIN:
            return about
        digest = hashlib.sha256()
        for pictures, truth in self.kept:
            digest.update(np.ascontiguousarray(pictures).data)
            digest.update("\n".join(truth).encode() if isinstance(truth, list) else truth.tobytes())
        return {**about, "digest": digest.hexdigest()}


@dataclass(frozen=True, eq=False)
class MadeSamples:
    """What samples of every task share that are made as they are asked for."""

    maker: Maker
    device: torch.device

    @property
    def name(self) -> str:
        """What they are."""
        return self.maker.name

    def __len__(self) -> int:
        return self.maker.count

    def batch_count(self, recipe: Recipe) -> int:
        """Return how many batches an epoch has."""
        return len(self.maker.sizes(recipe.training.batch_size))

    def describe(self) -> dict[str, Any]:
        """Return name and count; what validates has a digest as well."""
        return self.maker.describe()


def _begin(parent: int) -> None:
    import cv2
    import torch

    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for who trains
    Thread(target=end_with, args=(parent,), daemon=True).start()
    cv2.setNumThreads(1)
    torch.set_num_threads(1)
