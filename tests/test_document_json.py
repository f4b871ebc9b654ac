import copy
import json
import math
import pickle

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from inkdigits.document import Document, Page, Reason, Symbol, json_schema
from inkdigits.errors import DocumentError
from tests.documents import document, documents, line, symbols

VALIDATOR = Draft202012Validator(json_schema())
# What follows from the rest is not asked for when a document is read back.
DERIVED = {"text", "box", "value", "value_type", "reason", "sentence"}
JUNK = st.sampled_from(
    [
        None, True, "", "x", "7" * 1048, -1, 0, 2, 0.5, 1e308, 10**400, -(10**12), math.nan,
        math.inf, [], [1], [[1, 2]] * 3, [[math.nan, 0]] * 3, {}, {"schema": 1},
    ]
)  # fmt: skip


@settings(deadline=None)
@given(documents(), st.booleans())
def test_any_document_is_as_the_schema_says(found, network_input):
    assert not list(VALIDATOR.iter_errors(found.to_dict(network_input=network_input)))


@settings(deadline=None)
@given(documents())
def test_a_document_comes_back_from_json(found):
    said = json.loads(json.dumps(found.to_dict(network_input=True)))
    back = Document.from_dict(said)
    assert back == found
    for ours, theirs in zip(found.symbols, back.symbols, strict=True):
        assert (ours.network_input is None) == (theirs.network_input is None)
        if ours.network_input is not None:
            np.testing.assert_array_equal(ours.network_input, theirs.network_input)
    assert back.to_dict(network_input=True) == said


@given(symbols())
def test_a_symbol_comes_back_by_itself(found):
    assert Symbol.from_dict(found.to_dict(network_input=True)) == found


@settings(deadline=None)
@given(documents())
def test_texts_and_confidences_follow_from_the_symbols(found):
    said = found.to_dict()
    assert (said["text"], said["confidence"]) == (found.text, found.confidence)
    for values in (said, *said["pages"], *(it for page in said["pages"] for it in page["lines"])):
        values.update(text="something else", confidence="none")
    assert Document.from_dict(said) == found


def places(value: object, before: tuple = ()) -> list[tuple]:
    """Return the path of everything in nested lists and dicts."""
    inside = value.items() if isinstance(value, dict) else enumerate(value)
    found = []
    for key, part in inside:
        derived = key in DERIVED and "candidates" not in before
        if derived or (key == "confidence" and "symbols" not in before):
            continue
        found.append((*before, key))
        if isinstance(part, (dict, list)):
            found += places(part, found[-1])
    return found


@settings(deadline=None, max_examples=300, suppress_health_check=[HealthCheck.too_slow])
@given(documents(), st.data())
def test_what_is_damaged_is_refused_in_one_sentence(found, data):
    said = found.to_dict(network_input=True)
    path = data.draw(st.sampled_from(places(said)))
    damaged = copy.deepcopy(said)
    around = damaged
    for key in path[:-1]:
        around = around[key]
    if data.draw(st.booleans()):
        del around[path[-1]]
    else:
        around[path[-1]] = data.draw(JUNK)
    try:
        back = Document.from_dict(damaged)
    except DocumentError as error:
        assert len(str(error)) < 300 and "\n" not in str(error)
    else:  # it may be as good as before
        assert VALIDATOR.is_valid(damaged)
        VALIDATOR.validate(back.to_dict(network_input=True))


@pytest.mark.parametrize("junk", [None, 1, "x", [], [1], {}, {"schema": 1}, float("nan")])
def test_what_is_no_document_at_all_is_refused(junk):
    for read in (Document.from_dict, Symbol.from_dict):
        with pytest.raises(DocumentError, match="not a document written by inkdigits"):
            read(junk)


def test_nesting_without_end_is_refused():
    nested: list = []
    for _ in range(100_000):
        nested = [nested]
    said = document(line("7")).to_dict()
    for values, key in ((said, "pages"), (said["pages"][0], "lines"), (said, "name")):
        with pytest.raises(DocumentError):
            Document.from_dict(said | {"pages": [values | {key: nested}]})


def test_the_sentence_says_where_the_damage_is():
    said = document(line("17")).to_dict()
    said["pages"][0]["lines"][0]["symbols"][1]["confidence"] = 2
    with pytest.raises(DocumentError, match=r"\.lines\[0\]\.symbols\[1\]\.confidence is"):
        Document.from_dict(said)


def test_values_are_exact_and_have_a_type():
    them = ("-264.27", "50%", "14/03/2026", "10:45", "1.234")
    (page,) = document(*map(line, them)).to_dict()["pages"]
    assert [(it["value"], it["value_type"]) for it in page["lines"]] == [
        ("-264.27", "number"),
        ("0.50", "number"),
        ("2026-03-14", "date"),
        ("10:45:00", "time"),
        (None, None),
    ]


def test_another_schema_is_refused():
    with pytest.raises(DocumentError, match="schema 2, and this version supports 1 only"):
        Document.from_dict({"schema": 2})


def test_the_schema_is_sound_and_complete():
    Draft202012Validator.check_schema(json_schema())
    parts = json_schema()["$defs"] | {"Document": json_schema()}
    assert parts["Reason"]["enum"] == [reason.value for reason in Reason]
    said = document(line("17", (0, 0))).to_dict(network_input=True)
    page = said["pages"][0]
    symbol = page["lines"][0]["symbols"][0]
    for name, values in {
        "Document": said,
        "Page": page,
        "Line": page["lines"][0],
        "Symbol": symbol,
        "Candidate": symbol["candidates"][0],
    }.items():
        assert set(parts[name]["properties"]) == set(values)
        assert all("description" in it or "$ref" in it for it in parts[name]["properties"].values())


def test_values_are_plain_and_can_be_pickled():
    found = document(line("17"))
    assert pickle.loads(pickle.dumps(found)) == found  # noqa: S301
    assert hash(found) == hash(document(line("17")))
    assert Page(1, 9, 9) != Page(2, 9, 9)
