from .conftest import picture


def test_metrics_count_under_routes_not_under_what_clients_write(client):
    client.get("/guide/some-invented-name")
    client.post("/api/read", content=picture())
    found = client.get("/metrics").text
    assert 'inkdigits_requests_total{route="/api/read",status="200"}' in found
    assert "inkdigits_reading_seconds_bucket" in found
    assert "some-invented-name" not in found
