import httpx
import pytest

import inkdigits


@pytest.mark.parametrize(
    ("path", "content", "status", "sentence"),
    [
        ("/api/read", b"no picture", 422, "no picture that can be opened"),
        ("/api/read", b"", 422, "is empty, 0 bytes"),
        ("/api/read?min_confidence=2", b"x", 422, "min_confidence: "),
        ("/api/corrections", b"{}", 422, "Field required"),
        ("/api/nothing", b"", 404, "Not Found"),
    ],
)
def test_what_goes_wrong_is_one_sentence(client, path, content, status, sentence):
    found = client.post(path, content=content, headers={"content-type": "application/json"})
    assert found.status_code == status
    assert sentence in found.json()["error"]
    assert "Traceback" not in found.text


def test_health_names_the_recogniser(client):
    found = client.get("/health").json()
    assert found["version"] == inkdigits.__version__
    assert len(found["recogniser"]) == 64


def test_the_interface_is_described_without_anything_from_elsewhere(client):
    document = client.get("/openapi.json").json()
    assert {"/api/read", "/api/read-digit", "/api/runs", "/health", "/metrics"} <= set(
        document["paths"]
    )
    assert "/guide" not in document["paths"]
    page = client.get("/api").text
    assert "POST" in page
    assert "/api/read-digit" in page
    assert "https://" not in page


def test_a_defect_of_ours_is_told_to_the_log_alone(site, monkeypatch, caplog):
    one_site = site()
    monkeypatch.setattr(
        "inkdigits.web.guide.chapters", lambda: (_ for _ in ()).throw(ValueError("a secret"))
    )
    found = httpx.get(f"{one_site.url}/guide")
    assert found.status_code == 500
    assert "a secret" not in found.text
    assert "a secret" in caplog.text
