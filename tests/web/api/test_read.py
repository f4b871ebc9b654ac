import base64

import inkdigits

from ...reading.strokes import cross, one, paper
from ..conftest import picture


def test_answers_are_those_of_python(client):
    reader = inkdigits.Reader()
    content = picture()
    found = client.post("/api/read", content=content)
    assert found.status_code == 200
    assert found.json() == reader.read(content).as_dict()
    assert client.post("/api/read-digit", content=picture(one(paper(), 60, 20, 80, 8))).json() == (
        reader.read_digit(picture(one(paper(), 60, 20, 80, 8))).as_dict()
    )


def test_pictures_come_where_they_are_asked_for(client):
    content = picture()
    found = client.post("/api/read?steps=true", content=content).json()
    reading = inkdigits.Reader().read(content)
    for digit, expected in zip(found["digits"], reading.digits, strict=True):
        assert base64.b64decode(digit["seen"]) == expected.seen.tobytes()
    assert all(
        base64.b64decode(found["steps"][name]).startswith(b"\x89PNG") for name in ("grey", "ink")
    )


def test_what_is_less_sure_than_asked_for_is_refused(client):
    found = client.post("/api/read?min_confidence=1", content=picture()).json()
    assert all(digit["refusal"] for digit in found["digits"])
    blank = client.post("/api/read-digit", content=picture(paper())).json()
    assert blank["refusal"] == "blank: there is no ink"
    assert (
        client.post("/api/read", content=picture(cross(paper(), 30, 30, 60))).json()["text"] == ""
    )
