"""What the machine has to offer, and processes that end in time."""

import os
import time


def processors() -> int:
    """Return how many processors this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def end_with(parent: int) -> None:
    """End this process when the one that started it was killed, which loky does not notice."""
    while os.getppid() == parent:
        time.sleep(1)
    os._exit(1)
