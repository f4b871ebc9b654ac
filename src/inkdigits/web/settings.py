"""What a server is told when it starts, and the limits it keeps."""

from dataclasses import dataclass
from pathlib import Path

MOST_HEAD = 64_000  # bytes of a request before its body
MOST_BODY = 20_000_000  # bytes that a request may bring
MOST_HELD = 400_000_000  # bytes of all requests that are under way together
SECONDS = 30.0  # for a request to come in whole and be answered
PATIENCE = 2.0  # seconds that a reading waits for its turn before it is sent away
WAITING = 200  # readings that may wait at a time
LOOPBACK = ("127.0.0.1", "localhost", "::1")


@dataclass(frozen=True)
class Settings:
    """Where a server listens, and what it reads and writes.

    Attributes
    ----------
    host, port
        Where it listens; by default nobody else can reach it.
    runs
        The folder that holds the runs.
    data
        The folder that holds MNIST; None searches as `load_digits` does.
    own
        The folder where digits are kept that a reader corrects; None keeps none.
    recogniser
        An .onnx file or a run's folder; None is the shipped one.
    workers
        Processes that read; None for as many as there are processors.
    """

    host: str = "127.0.0.1"
    port: int = 8000
    runs: Path = Path("runs")
    data: Path | None = None
    own: Path | None = Path("own")
    recogniser: str | Path | None = None
    workers: int | None = None

    @property
    def private(self) -> bool:
        """Whether nobody but this machine can reach it."""
        return self.host in LOOPBACK
