import signal
import socket
import subprocess
import sys
import time

import httpx
import onnx
import psutil
import pytest

from inkdigits.alphabet import DIGITS
from inkdigits.models.contract import Contract

HASTY = """
from inkdigits.web import connection
connection.HEAD_SECONDS = 0.2
connection.STALL_SECONDS = 0.5
from inkdigits.cli import main
main()
"""


@pytest.fixture
def serve(tmp_path):
    """Return a function that runs `inkdigits serve` and returns the process and its address."""
    started = []

    def start(*arguments: str, code: str = "") -> tuple[subprocess.Popen, str]:
        program = ["-c", code] if code else ["-m", "inkdigits"]
        command = [sys.executable, *program, "serve", "--port", "0", "--workers", "1"]
        process = subprocess.Popen(
            [*command, *arguments],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            cwd=tmp_path,
        )
        started.append(process)
        line = process.stdout.readline()
        return process, line.split(" at ")[1].split(" (")[0] if " at " in line else line

    yield start
    for process in started:
        process.kill()
        process.communicate()


@pytest.mark.parametrize("end", [signal.SIGINT, signal.SIGTERM])
def test_it_answers_until_it_is_told_to_end_and_leaves_nothing(serve, end):
    process, url = serve()
    assert httpx.get(f"{url}health", timeout=20).json()["status"] == "ok"
    assert httpx.post(f"{url}api/read", content=b"x", timeout=20).status_code == 422
    children = psutil.Process(process.pid).children(recursive=True)
    assert children
    process.send_signal(end)
    out, err = process.communicate(timeout=20)
    assert process.returncode == 0
    assert out == "Stopped.\n"
    assert err == ""
    assert not psutil.wait_procs(children, timeout=10)[1]


def test_a_server_for_others_says_how_they_open_it(serve):
    process, _ = serve("--host", "0.0.0.0")  # noqa: S104 - this is what is tested
    process.stdout.readline()
    assert "--allow-host NAME" in process.stdout.readline()
    process, _ = serve("--allow-host", "digits.example.org")
    process.stdout.readline()
    assert process.stdout.readline().endswith("and for digits.example.org.\n")


def test_a_recogniser_that_cannot_reject_is_warned_of(serve, small_file):
    model = onnx.load(small_file)
    onnx.helper.set_model_props(model, Contract(DIGITS).to_metadata())
    onnx.save(model, small_file)
    process, url = serve("--recogniser", str(small_file))
    assert httpx.get(f"{url}health", timeout=20).status_code == 200
    process.send_signal(signal.SIGTERM)
    _, err = process.communicate(timeout=20)
    assert err.startswith(f"inkdigits: {small_file} cannot reject what is not a symbol")
    assert len(err.strip().splitlines()) == 1


def test_the_real_server_cuts_off_who_asks_nothing_or_takes_no_answer(serve):
    process, url = serve(code=HASTY)
    address = ("127.0.0.1", int(url.rsplit(":", 1)[1].strip("/")))
    with socket.create_connection(address, 20) as sent:
        assert sent.recv(1) == b""  # nothing was asked
    with socket.socket() as sent:
        sent.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        sent.connect(address)
        sent.sendall(b"GET /static/plotly.min.js HTTP/1.1\r\nHost: localhost\r\n\r\n" * 8)
        assert sent.recv(1)  # it has begun
        until = time.monotonic() + 20
        while connections(process) and time.monotonic() < until:
            time.sleep(0.05)
        assert not connections(process)
    assert httpx.get(f"{url}health", timeout=20).status_code == 200


def connections(process: subprocess.Popen) -> list:
    """Return the connections of a server whose end it has not let go of."""
    found = psutil.Process(process.pid).net_connections("tcp")
    return [one for one in found if one.raddr]


def test_a_taken_port_is_one_sentence(tmp_path):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        command = [sys.executable, "-m", "inkdigits", "serve", "--port", str(port)]
        done = subprocess.run(
            command, capture_output=True, text=True, timeout=60, cwd=tmp_path, check=False
        )
    assert done.returncode == 2
    assert f"--port {port + 1}" in done.stderr
    assert done.stderr.count("\n") == 1


def test_an_unknown_host_is_one_sentence(tmp_path):
    command = [sys.executable, "-m", "inkdigits", "serve", "--port", "0", "--host", "no such host"]
    done = subprocess.run(
        command, capture_output=True, text=True, timeout=60, cwd=tmp_path, check=False
    )
    assert done.returncode == 2
    assert "Unknown host 'no such host': name an address of this machine" in done.stderr


def test_reading_and_the_guide_need_no_pytorch(tmp_path):
    code = """
import sys
sys.modules["torch"] = None
import httpx, asyncio
from inkdigits.web.app import create_app
from inkdigits.web.settings import Settings

async def ask():
    app = create_app(Settings(workers=1))
    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1") as client:
        for path in ("/", "/inside", "/runs", "/guide", "/guide/convolution", "/api", "/api/runs",
                     "/api/networks"):
            answer = await client.get(path)
            print(path, answer.status_code)
            if answer.status_code == 501:
                print(answer.json()["error"])

asyncio.run(ask())
"""
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, timeout=60, cwd=tmp_path,
        check=True,
    )  # fmt: skip
    lines = done.stdout.splitlines()
    assert "/ 200" in lines
    assert "/guide/convolution 200" in lines
    assert "/api/runs 501" in lines
    assert 'pip install ".[lab]"' in done.stdout


def test_what_is_missing_for_the_page_is_named(tmp_path):
    code = """
import sys
sys.modules["uvicorn"] = None
sys.argv = ["inkdigits", "serve"]
from inkdigits.cli import main
main()
"""
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, timeout=60, cwd=tmp_path,
        check=False,
    )  # fmt: skip
    assert done.returncode == 2
    assert 'pip install ".[web]"' in done.stderr
