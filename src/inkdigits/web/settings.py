"""What a server is told when it starts, and the limits it keeps."""

from dataclasses import dataclass
from pathlib import Path

HEAD_BYTES = 64_000  # of a request before its body
HEAD_SECONDS = 30.0  # for it to come, and for a connection on which nothing is asked
PICTURE_BYTES = 20_000_000  # of a picture's file
BODY_BYTES = 64_000  # of every other request's body: the largest is a correction of some 2,000
BODY_LIMITS = {"/api/read": PICTURE_BYTES, "/api/read-digit": PICTURE_BYTES}
UPLOAD_BYTES = 400_000_000  # of all bodies that are under way together
SMALL_BYTES = 1_000_000  # a body up to this is small: a drawing has some 5,000
SMALL_SHARE = 40_000_000  # of the bytes of all bodies, what only small ones may take
REQUEST_SECONDS = 30.0  # for a request to come in whole and its answer to begin
PIECE_SECONDS = 10.0  # for the next piece of a body
STALL_SECONDS = 10.0  # in which whoever is sent an answer must take some of it
ANSWER_SECONDS = 120.0  # for all of an answer to be taken
READING_PAGES = 10  # of a file: whoever sends more would keep others waiting
READING_SECONDS = 25.0  # for a file, once a process has begun to read it
LOST_SECONDS = 60.0  # after which a process that answers nothing at all is ended
QUEUE_SECONDS = 2.0  # that a reading waits for its turn before it is sent away
QUEUE_LENGTH = 200  # readings that may wait at a time
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
    user_digits
        The folder where digits are kept that a person corrects; None keeps none.
    recogniser
        An .onnx file or a run's folder; None is the shipped one.
    workers
        Processes that read; None for as many as there are processors.
    allowed_hosts
        Further names by which browsers may open it, as ``digits.example.org``.
    """

    host: str = "127.0.0.1"
    port: int = 8000
    runs: Path = Path("runs")
    user_digits: Path | None = Path("user_digits")
    recogniser: str | Path | None = None
    workers: int | None = None
    allowed_hosts: tuple[str, ...] = ()

    @property
    def private(self) -> bool:
        """Whether nobody but this machine can reach it, not even through a proxy."""
        return self.host in LOOPBACK and not self.allowed_hosts
