import json

import pytest

from inkdigits.alphabet import DIGITS, DIGITS_OR_REJECT, LINE_SYMBOLS, PAGE_CLASSES
from inkdigits.errors import RecogniserError
from inkdigits.models.contract import INPUT, KEY, OUTPUTS, Contract


@pytest.mark.parametrize(
    "contract",
    [
        Contract(DIGITS),
        Contract(DIGITS_OR_REJECT, 0.97),
        Contract(DIGITS, 1.2, size=(28, 32)),
        Contract(LINE_SYMBOLS, 1.0, "lines"),
        Contract(PAGE_CLASSES, 1.0, "pages"),
    ],
)
def test_the_metadata_give_the_contract_back(contract):
    assert Contract.from_metadata(contract.to_metadata(), "file") == contract


def test_it_says_names_shapes_range_polarity_and_meaning():
    told = json.loads(Contract(DIGITS_OR_REJECT, 1.5).to_metadata()[KEY])
    assert told["input"].items() >= {"name": INPUT, "shape": ["N", 1, "H", "W"]}.items()
    assert told["input"]["range"] == [0, 1] and "0 is paper" in told["input"]["polarity"]
    assert tuple(output["name"] for output in told["outputs"]) == OUTPUTS
    assert told["outputs"][0]["shape"] == ["N", 10]
    assert all(output["means"] for output in told["outputs"])
    assert told["temperature"] == 1.5


@pytest.mark.parametrize(
    ("contract", "given", "shapes"),
    [
        (Contract(DIGITS), (3, 1, 9, 5), [(3, 10), (3,), (3,), (3, 28, 28)]),
        (Contract(DIGITS, size=(32, 30)), (3, 1, 32, 30), [(3, 10), (3,), (3,), (3, 28, 28)]),
        (Contract(LINE_SYMBOLS, task="lines"), (2, 1, 40, 96), [(2, 24, 21)]),
        (Contract(PAGE_CLASSES, task="pages"), (2, 3, 64, 96), [(2, 4, 32, 48)]),
    ],
)
def test_the_shape_of_an_output_follows_from_that_of_the_input(contract, given, shapes):
    assert list(contract.shapes_for(given).values()) == shapes


def test_version_and_alphabet_are_enough():
    least = {"version": 1, "alphabet": {"symbols": ["+", "-"]}}
    found = Contract.from_metadata({KEY: json.dumps(least)}, "file")
    assert (found.alphabet.symbols, found.temperature) == (("+", "-"), None)


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"version": 2}, "has version 2 of"),
        ({"alphabet": {"symbols": ["1"]}}, "2 to 1,000 symbols"),
        ({"alphabet": 3}, "An alphabet must be a table"),
        ({"input": {"range": [0, 255]}}, "expects other pixels"),
        ({"input": {"polarity": "255 is paper"}}, "expects other pixels"),
        ({"input": []}, "expects other pixels"),
        ({"input": {"shape": ["N", 1, 0, 28]}}, "does not have the input shape"),
        ({"input": {"shape": ["N", 1, 28, "W"]}}, "does not have the input shape"),
        ({"input": {"shape": ["N", 1, 28.0, True]}}, "does not have the input shape"),
        ({"input": {"shape": 28}}, "does not have the input shape"),
        ({"task": "poems"}, "an unknown task"),
        ({"task": "lines"}, "expects other pixels than a model of lines"),
        ({"temperature": "1"}, "temperature"),
        ({"temperature": 0}, "temperature"),
    ],
)
def test_another_contract_is_one_sentence(change, says):
    text = json.dumps(Contract(DIGITS).to_dict() | change)
    with pytest.raises(RecogniserError, match=says) as caught:
        Contract.from_metadata({KEY: text}, "file")
    assert "\n" not in str(caught.value) and "file" in str(caught.value)


@pytest.mark.parametrize("text", ["", "{", "3", "[" * 100_000, " " * 2_000_000])
def test_damaged_metadata_are_one_sentence(text):
    with pytest.raises(RecogniserError, match="damaged"):
        Contract.from_metadata({KEY: text}, "file")
