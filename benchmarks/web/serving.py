"""A server of its own for a measurement."""

import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

ADDRESS = re.compile(r"http://127\.0\.0\.1:(\d+)/?")  # in the first line that it prints


@dataclass(frozen=True)
class Served:
    """Where a server listens, and which process it is."""

    address: str
    port: int
    process: int


@contextmanager
def served() -> Iterator[Served]:
    """Start ``inkdigits serve`` on a free port; end it afterwards."""
    command = [sys.executable, "-m", "inkdigits", "serve", "--port", "0"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as server:
        try:
            line = server.stdout.readline() if server.stdout else ""
            found = ADDRESS.search(line)
            if found is None:
                raise SystemExit(f"The server did not start: {line.strip() or 'it said nothing'}")
            yield Served(found[0], int(found[1]), server.pid)
        finally:
            server.terminate()
            server.wait(20)
