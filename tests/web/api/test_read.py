import base64
import io
import json

import numpy as np
from PIL import Image

import inkdigits
from inkdigits.document import Document, Symbol
from inkdigits.io.decode import MOST_PAGES
from inkdigits.reading.read import ReadOptions
from inkdigits.web.api.read import Asked
from inkdigits.web.worker_pool import read_picture

from ...reading.strokes import cross, one, paper
from ..conftest import picture


def test_answers_are_those_of_python(client):
    reader = inkdigits.Reader()
    content = picture()
    found = client.post("/api/read", content=content)
    assert found.status_code == 200
    assert found.json() == reader.read(content).to_dict()
    assert Document.from_dict(found.json()) == reader.read(content)


def test_a_single_digit_is_a_symbol_and_the_page_it_stands_on(client):
    content = picture(one(paper(), 60, 20, 80, 8))
    found = client.post("/api/read-digit", content=content).json()
    expected = inkdigits.Reader().read_digit(content)
    assert Symbol.from_dict(found) == expected
    assert found.pop("page") == {
        "number": 1, "width": 120, "height": 120, "rotation": 0.0, "mirrored": False,
        "polarity": "dark_on_light",
    }  # fmt: skip
    assert found == expected.to_dict()


def test_what_the_network_saw_and_the_steps_come_where_they_are_asked_for(client):
    content = picture()
    found = client.post("/api/read?steps=true", content=content).json()
    symbols = Document.from_dict(found).symbols
    for symbol, expected in zip(symbols, inkdigits.Reader().read(content).symbols, strict=True):
        assert (symbol.network_input == expected.network_input).all()
    (steps,) = found["steps"]
    assert client.post("/api/read?steps=true&layers=true", content=content).json()["steps"] == [
        {**steps, "layers": {}}
    ]
    assert {name: drawn(content).size for name, content in steps.items()} == {
        "grey": (300, 200), "ink": (300, 200), "picture": (300, 200)
    }  # fmt: skip


def drawn(content: str) -> Image.Image:
    return Image.open(io.BytesIO(base64.b64decode(content)))


def test_the_steps_are_those_of_what_was_read():
    # Light ink on dark paper: the ink that is drawn is the light one.
    content = picture(255 - one(paper(), 60, 20, 80, 8))
    recogniser = inkdigits.Reader().recogniser
    found = json.loads(read_picture(recogniser, (content, ReadOptions(keep=True), False)))
    assert found["pages"][0]["polarity"] == "light_on_dark"
    ink = np.asarray(drawn(found["steps"][0]["ink"]))
    assert ink[60, 60] < 60 < 200 < ink[5, 5]


def test_it_is_read_as_is_asked_for(client):
    assert Asked(rotation=90).options(single=False) == ReadOptions(rotate=False, rotation=90)
    asked = Asked(alphabet="digits", decimal="comma", rotate=False, steps=True, min_confidence=1)
    assert asked.options(single=True) == ReadOptions(
        True, 1, True, MOST_PAGES, "digits", "comma", False
    )
    found = client.post("/api/read?decimal=comma", content=picture()).json()
    assert {line["decimal"] for page in found["pages"] for line in page["lines"]} == {"comma"}
    refused = client.post("/api/read?alphabet=letters", content=picture())
    assert refused.status_code == 422 and "alphabet" in refused.json()["error"]


def test_what_is_less_sure_than_asked_for_is_rejected(client):
    found = client.post("/api/read?min_confidence=1", content=picture()).json()
    symbols = found["pages"][0]["lines"][0]["symbols"]
    assert [symbol["rejection"] for symbol in symbols] == ["low_confidence"] * 2
    assert all(symbol["reason"].startswith("not sure") for symbol in symbols)
    blank = client.post("/api/read-digit", content=picture(paper())).json()
    assert blank["reason"] == "blank: there is no ink"
    nothing = client.post("/api/read", content=picture(cross(paper(), 30, 30, 60))).json()
    assert nothing["text"] == ""
