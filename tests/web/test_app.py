import json

import httpx
import pytest
from fastapi import FastAPI

import inkdigits
from inkdigits.document import json_schema
from inkdigits.web import openapi
from inkdigits.web.app import create_app
from inkdigits.web.settings import Settings


@pytest.mark.parametrize(
    ("path", "content", "status", "sentence"),
    [
        ("/api/read", b"no picture", 422, "is not a picture that can be opened"),
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


def test_the_schema_of_a_document_is_the_package_s_own(client):
    described = client.get("/openapi.json").json()
    schemas = described["components"]["schemas"]
    own = json_schema()
    assert schemas["Document"]["properties"]["pages"]["items"] == {
        "$ref": "#/components/schemas/Page"
    }
    for name, part in own["$defs"].items():
        assert schemas[name].keys() == part.keys()
    assert "$defs" not in json.dumps(schemas)
    answer = described["paths"]["/api/read"]["post"]["responses"]["200"]
    assert {"$ref": "#/components/schemas/Document"} in (
        answer["content"]["application/json"]["schema"]["allOf"]
    )


def test_no_two_things_share_a_name_in_the_interface():
    made = FastAPI.openapi(create_app(Settings(workers=1)).app)
    assert not made["components"]["schemas"].keys() & openapi.components().keys()


def test_no_page_tells_where_digits_are_kept(site, tmp_path):
    url = site(user_digits=tmp_path / "kept here", runs=tmp_path / "runs here").url
    for path in ("/", "/inside", "/runs", "/api", "/api/runs", "/api/networks", "/openapi.json"):
        told = httpx.get(f"{url}{path}", timeout=60).text
        assert not any(part in told for part in ("kept here", "runs here", str(tmp_path)))
