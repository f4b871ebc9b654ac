import pytest


@pytest.mark.parametrize(
    "path",
    ["/static/../app.py", "/static/..%2fapp.py", "/static//etc/passwd", "/static/%2e%2e/guard.py",
     "/guide/..%2f..%2fapp", "/guide/%00"],
)  # fmt: skip
def test_no_request_reaches_a_file_that_is_not_for_it(client, path):
    found = client.get(path)
    assert found.status_code == 404
    assert "import" not in found.text


def test_files_are_sent_packed_and_once(client):
    first = client.get("/static/style.css")
    assert first.headers["content-encoding"] == "gzip"
    assert "--paper" in first.text
    again = client.get("/static/style.css", headers={"if-none-match": first.headers["etag"]})
    assert again.status_code == 304
    assert not again.content
    plain = client.get("/static/style.css", headers={"accept-encoding": "identity"})
    assert plain.text == first.text
