"""Processes that work along on a study: how they are started, how they end, what they do."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import torch

from ..errors import InkdigitsError
from ..training import datasets
from ..training import device as devices
from ..training.loop import Batches
from ..training.symbols import Tensors
from .study import Study, work

# Not multiprocessing: that would run a user's script once more in each process.
PROGRAM = "from inkdigits.search.workers import main; main()"

Worker = subprocess.Popen[str]


@contextmanager
def workers(
    count: int, folder: Path, trials: int, data: str | Path | None, device: str
) -> Iterator[list[Worker]]:
    """Start `count` processes on the study in `folder`; none of them outlives the block.

    This process and they share its threads, while the block lasts.
    """
    threads = torch.get_num_threads()
    share = max(threads // (count + 1), 1)
    order = {
        "folder": str(folder),
        "trials": trials,
        "data": None if data is None else str(data),
        "device": device,
        "threads": share,
        "parent": os.getpid(),
        "path": sys.path,  # where networks of somebody's own are found
    }
    command = [sys.executable, "-P", "-c", PROGRAM, json.dumps(order)]
    started: list[Worker] = []
    try:
        for _ in range(count):
            started.append(  # noqa: PERF401 - each one started is one to end, whatever the next does
                subprocess.Popen(  # noqa: S603 - the program is ours
                    command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True
                )
            )
        torch.set_num_threads(share)
        yield started
    finally:
        torch.set_num_threads(threads)
        for worker in started:
            worker.kill()
            with worker:  # waits, and closes what it was heard by
                pass


def deaths(started: Sequence[Worker]) -> list[str]:
    """Wait for all; return one sentence for each that died, with what it said last."""
    said = []
    for worker in started:
        _, text = worker.communicate()
        if worker.returncode:
            last = (text.strip().splitlines() or [f"exit code {worker.returncode}"])[-1]
            said.append(
                f"A process of the search died ({last.rstrip('.')}); its trial does not count."
            )
    return said


def main() -> None:
    """Work on the study that the command line names, until it is done or the parent is gone."""
    order = json.loads(sys.argv[1])

    def watch(_: Batches) -> None:
        if os.getppid() != order["parent"]:
            sys.exit("the process that started the search has ended")

    sys.path += [place for place in order["path"] if place not in sys.path]
    torch.set_num_threads(order["threads"])
    try:
        known = Study(Path(order["folder"]))
        _, splits, _ = datasets.opened(known.recipe, order["data"], sealed=True)
        study = Study.begin(known.folder, known.recipe, known.axes, known.seeds, splits)
        place = devices.choose(order["device"])
        train, validation = (Tensors.of(d, place) for d in (splits.train, splits.validation))
        work(study, order["trials"], train, validation, watch)
    except InkdigitsError as error:
        sys.exit(str(error))
