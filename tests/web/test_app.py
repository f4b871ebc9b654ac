import httpx
import pytest

import inkdigits
from inkdigits.web import openapi


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


def test_the_schema_of_a_document_is_the_package_s_own(client, monkeypatch):
    schema = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "type": "object",
        "properties": {"pages": {"items": {"$ref": "#/$defs/page"}}, "next": {"$ref": "#"}},
        "$defs": {"page": {"properties": {"symbol": {"$ref": "#/$defs/symbol"}}}, "symbol": {}},
    }
    monkeypatch.setattr(openapi, "json_schema", lambda: schema)
    parts = openapi.components()
    assert parts["Document"] == {
        "type": "object",
        "properties": {
            "pages": {"items": {"$ref": "#/components/schemas/Page"}},
            "next": {"$ref": "#/components/schemas/Document"},
        },
    }
    assert parts["Page"]["properties"]["symbol"] == {"$ref": "#/components/schemas/Symbol"}
    monkeypatch.undo()
    described = client.get("/openapi.json").json()
    assert described["components"]["schemas"].items() >= openapi.components().items()
    answer = described["paths"]["/api/read"]["post"]["responses"]["200"]
    assert {"$ref": "#/components/schemas/Document"} in (
        answer["content"]["application/json"]["schema"]["allOf"]
    )


def test_no_page_tells_where_digits_are_kept(site, tmp_path):
    url = site(own=tmp_path / "kept here", runs=tmp_path / "runs here").url
    for path in ("/", "/inside", "/runs", "/api", "/api/runs", "/api/networks", "/openapi.json"):
        told = httpx.get(f"{url}{path}", timeout=60).text
        assert not any(part in told for part in ("kept here", "runs here", str(tmp_path)))
