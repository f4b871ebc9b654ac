import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.cli.pages import row, save
from tests.reading.strokes import paper

pytestmark = pytest.mark.skipif(os.name != "posix", reason="signals are those of POSIX")


@pytest.fixture
def reading(tmp_path):
    """Start `inkdigits read` on far more pictures than it can read, and await its first line."""
    page = save(tmp_path / "page.png", row(paper(100, 200), "01"))
    started = []

    def go(*options: str) -> subprocess.Popen[bytes]:
        process = subprocess.Popen(
            [sys.executable, "-m", "inkdigits", "read", *[str(page)] * 9_000, *options],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )
        started.append(process)
        assert process.stdout is not None
        assert process.stdout.readline().endswith(b": 01\n")
        return process

    yield go
    for process in started:
        process.kill()
        process.communicate()


@pytest.mark.parametrize("workers", ["1", "2"])
@pytest.mark.parametrize(
    ("number", "code"), [(signal.SIGTERM, 143), (signal.SIGHUP, 129), (signal.SIGINT, 130)]
)
def test_a_signal_ends_reading_quietly(reading, workers, number, code):
    process = reading("--workers", workers)
    process.send_signal(number)
    _, err = process.communicate(timeout=30)
    assert process.returncode == code, err
    assert b"Traceback" not in err and b"Exception" not in err


def test_ctrl_c_twice_ends_reading_at_once(reading):
    process = reading("--workers", "2")
    process.send_signal(signal.SIGINT)
    time.sleep(0.05)
    process.send_signal(signal.SIGINT)
    _, err = process.communicate(timeout=30)
    assert process.returncode in (130, -signal.SIGINT), err  # to a shell these are the same
    assert b"Traceback" not in err and b"Exception" not in err


@pytest.mark.parametrize("form", ["text", "json", "csv"])
def test_a_reader_that_goes_away_ends_reading_quietly(tmp_path, form):
    page = save(tmp_path / "page.png", row(paper(100, 200), "01"))
    with subprocess.Popen(
        [sys.executable, "-m", "inkdigits", "read", *[str(page)] * 300, "--format", form],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    ) as process:
        assert process.stdout is not None and process.stderr is not None
        process.stdout.readline()
        process.stdout.close()
        err = process.stderr.read()
    assert (process.returncode, err) == (141, b"")


def test_nothing_is_left_of_a_picture_that_was_being_written(reading, tmp_path):
    process = reading("--annotated", str(tmp_path / "out"))
    process.send_signal(signal.SIGTERM)
    process.communicate(timeout=30)
    left = [path.name for path in Path(tmp_path / "out").iterdir()]
    assert left and not [name for name in left if name.startswith(".")]
