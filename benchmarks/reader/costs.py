"""What reading costs at worst: valid pictures that are hard work, each in a fresh process.

    python -m benchmarks costs                      # all of them
    python -m benchmarks costs maze "20,000 dots"   # those whose names begin so

One thread, one picture, the shipped recogniser. `s` is time of the processor, which other work on
the machine does not lengthen, and `MB` the most memory that the process ever held, with Python and
the recogniser in it. The command ends with 1 if a picture costs more than it may.
"""

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from benchmarks.options import argument_parser
from inkdigits.synthesis import COSTLY, costly

SECONDS, MEGABYTES = 3.0, 600.0  # that a picture may cost
TIMEOUT = 30  # seconds, after which nobody waits any longer
LIMIT = 3 << 30  # bytes of address space, at which a process is refused more
CHILD = """
import json, resource, sys, time
resource.setrlimit(resource.RLIMIT_AS, (int(sys.argv[2]),) * 2)
import numpy
from inkdigits import Reader
reader, page = Reader(), numpy.load(sys.argv[1], allow_pickle=False)

def most():
    # What getrusage says of a new process begins with what its parent held.
    with open("/proc/self/status") as status:
        return next(int(line.split()[1]) for line in status if line.startswith("VmHWM")) / 1024

begin = time.process_time()
try:
    text = reader.read(page).text
    print(json.dumps([time.process_time() - begin, most(), len(text.split())]))
except Exception as error:
    # What a library raises when it is refused memory has as many names as there are libraries.
    sys.exit(f"{type(error).__name__}: {error}")
"""


def main(arguments: Sequence[str]) -> None:
    """Measure, print a table, and end with 1 if a bound is broken."""
    parser = argument_parser("costs", __doc__)
    parser.add_argument("names", nargs="*", help="pictures, or how their names begin")
    parser.add_argument("--seconds", type=float, default=SECONDS)
    parser.add_argument("--megabytes", type=float, default=MEGABYTES)
    options = parser.parse_args(arguments)
    chosen = [n for n in COSTLY if not options.names or n.startswith(tuple(options.names))]
    print(f"{'':30}{'megapixels':>11}{'s':>8}{'MB':>8}{'numbers':>9}")
    broken = 0
    with tempfile.TemporaryDirectory() as folder:
        for name in chosen:
            path = Path(folder) / "page.npy"
            page = costly(name)
            np.save(path, page)
            row, within = _row(path, options.seconds, options.megabytes)
            broken += not within
            print(f"{name:30}{page.size / 1e6:11.1f}{row}", flush=True)
    bounds = f"{options.seconds:g} s and {options.megabytes:g} MB"
    print(f"{len(chosen) - broken} of {len(chosen)} within {bounds}")
    sys.exit(1 if broken else 0)


def _row(path: Path, seconds: float, megabytes: float) -> tuple[str, bool]:
    """Read a picture in a process of its own; return what it cost, and whether it may."""
    command = [sys.executable, "-c", CHILD, str(path), str(LIMIT)]
    environment = os.environ | {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}
    try:
        done = subprocess.run(
            command, capture_output=True, text=True, timeout=TIMEOUT, check=False, env=environment
        )
    except subprocess.TimeoutExpired:
        return f"  over {TIMEOUT} s", False
    if done.returncode:
        last = (done.stderr.strip().splitlines() or [f"ended with {done.returncode}"])[-1]
        return f"  {last[:70]}", False
    spent, most, numbers = json.loads(done.stdout)
    within = spent <= seconds and most <= megabytes
    return f"{spent:8.2f}{most:8.0f}{numbers:9}" + ("" if within else "  too much"), within
