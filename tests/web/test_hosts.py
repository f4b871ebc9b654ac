import socket

import httpx
import pytest

from inkdigits.web.hosts import AllowedHosts
from inkdigits.web.settings import Settings

OPEN = {"host": "0.0.0.0", "user_digits": None}  # noqa: S104 - it listens on 127.0.0.1 in tests


def test_a_server_for_others_answers_to_its_own_names_alone(site):
    url = site(**OPEN).url
    for name in (socket.gethostname(), f"{socket.gethostname()}:8000", "127.0.0.1", "LOCALHOST"):
        assert httpx.get(f"{url}/health", headers={"host": name}).status_code == 200
    for name in ("class.example", "10.1.2.3", "127.0.0.1.class.example", "[::1", ""):
        refused = httpx.get(f"{url}/health", headers={"host": name})
        assert refused.status_code == 403
        assert "--allow-host" in refused.json()["error"]


def test_a_name_that_is_allowed_is_answered(site):
    url = site(**OPEN, allowed_hosts=("Class.example",)).url
    ask = {"host": "class.example:8000", "origin": "https://class.example:8000"}
    assert httpx.post(f"{url}/api/read", content=b"x", headers=ask).status_code == 422
    other = httpx.get(f"{url}/health", headers={"host": "sub.class.example"})
    assert other.status_code == 403


def test_a_server_for_others_keeps_no_corrections_unless_told_to(site):
    kept = httpx.post(f"{site(**OPEN).url}/api/corrections", content=b"{}")
    assert kept.status_code == 403
    assert "--user-digits" in kept.json()["error"]


@pytest.mark.parametrize(
    ("server", "host", "answered"),
    [
        ("192.168.0.7", "192.168.0.7:8000", True),
        ("192.168.0.7", "192.168.0.8:8000", False),
        ("::ffff:192.168.0.7", "192.168.0.7", True),
        ("fe80::1%eth0", "[fe80::1]:8000", True),
        ("fe80::1", "[fe80::2]:8000", False),
    ],
)
def test_the_address_that_a_connection_is_made_to_is_a_name_of_ours(server, host, answered):
    hosts = AllowedHosts(Settings(host="::"))
    assert (hosts.refusal({"server": (server, 8000)}, host) == "") is answered


def test_a_server_behind_a_proxy_is_not_private():
    assert Settings().private
    assert not Settings(allowed_hosts=("class.example",)).private
