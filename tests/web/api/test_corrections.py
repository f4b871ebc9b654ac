import base64
import json
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from types import SimpleNamespace

import httpx
import pytest

from inkdigits.data import folders as own_digits
from inkdigits.web.api import corrections
from inkdigits.web.settings import Settings

DIGIT = base64.b64encode(bytes(range(1, 197)) * 4).decode()


def body(label: str = "3", digit: str = DIGIT) -> bytes:
    return json.dumps({"network_input": digit, "label": label}).encode()


def test_a_correction_is_a_file_under_its_label(site):
    started = site()
    saved = httpx.post(f"{started.url}/api/corrections", content=body())
    assert saved.status_code == 200
    assert saved.json()["count"] == 1
    assert own_digits.labelled(started.settings.user_digits)[0].parent.name == "3"


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"no JSON", "Invalid JSON"),
        (body(label="10"), "no symbol '10'"),
        (body(digit="?"), "not valid base64"),
        (body(digit="AAAA"), "28×28 bytes"),
    ],
)
def test_what_is_no_correction_is_refused_in_a_sentence(client, content, sentence):
    refused = client.post("/api/corrections", content=content)
    assert refused.status_code == 422
    assert sentence in refused.json()["error"]


def test_many_bytes_are_refused_and_stop_nobody_else(site):
    url = site().url
    content = b'{"network_input": "", "label": 1, "more": [' + b"1," * 10_000_000 + b"1]}"
    with ThreadPoolExecutor(1) as other:
        sent = other.submit(httpx.post, f"{url}/api/corrections", content=content, timeout=20)
        longest = 0.0
        while not sent.done():
            begin = time.perf_counter()
            assert httpx.get(f"{url}/health").status_code == 200
            longest = max(longest, time.perf_counter() - begin)
    assert sent.result().status_code == 413
    assert sent.result().json()["error"].startswith("The request is larger than 64 kB")
    assert longest < 1


def test_where_corrections_are_kept_is_not_told(site, tmp_path, monkeypatch):
    url = site(user_digits=tmp_path / "a folder").url
    saved = httpx.post(f"{url}/api/corrections", content=body())
    assert saved.json()["train"] == "inkdigits train quick --data mnist+FOLDER"
    monkeypatch.setattr(corrections, "MOST", 1)
    full = httpx.post(f"{url}/api/corrections", content=body())
    assert full.status_code == 507
    assert str(tmp_path) not in saved.text + full.text
    (tmp_path / "a folder" / "4").rmdir()
    (tmp_path / "a folder" / "4").write_text("in the way")
    monkeypatch.undo()
    unwritten = httpx.post(f"{url}/api/corrections", content=body("4"))
    assert unwritten.status_code == 507
    assert "Cannot write" in unwritten.json()["error"]
    assert str(tmp_path) not in unwritten.text


def test_of_two_labels_at_once_one_is_kept(tmp_path, monkeypatch):
    both, write = threading.Barrier(2), own_digits.write_bytes

    def written(path, content):
        write(path, content)
        with suppress(threading.BrokenBarrierError):
            both.wait(0.2)  # for the other to have written, too

    monkeypatch.setattr(own_digits, "write_bytes", written)
    state = SimpleNamespace(settings=Settings(user_digits=tmp_path))
    request = SimpleNamespace(app=SimpleNamespace(state=state))
    with ThreadPoolExecutor(2) as threads:
        saved = threads.map(corrections.save, [body("3"), body("8")], [request] * 2)
        counts = [one.count for one in saved]
    assert counts == [1, 1]
    assert len(own_digits.labelled(tmp_path)) == 1
