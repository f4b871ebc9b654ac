import json
from dataclasses import replace

import pytest

from inkdigits.alphabet import Alphabet
from inkdigits.errors import RecogniserError
from inkdigits.models.bundle import Bundle
from inkdigits.recognition.line_confidence import FILE, NAMES, SURE, Calibration, Features

GOOD = Features(5.0, 1.0, -0.05, -0.1, 0.0, 1.0, 1.0, 1.8)
WORST = Features(-20.0, 0.0, -50.0, -90.0, 1.0, 0.0, 0.0, 4.0)


def test_what_speaks_for_a_line_makes_it_surer():
    usual = Calibration()
    assert (
        usual.confidence(GOOD) > 0.95 > 0.6 > usual.confidence(replace(GOOD, agree=0.0, weakest=1))
    )
    for change in (
        {"weakest": 1.0},
        {"agree": 0.0},
        {"network": -2.0},
        {"inked": 0.0},
        {"unexplained": 0.5},
    ):
        assert usual.confidence(replace(GOOD, **change)) < usual.confidence(GOOD)
    assert 0 < usual.confidence(WORST) < 0.01


def test_no_feature_counts_without_end():
    assert abs(WORST.values).max() <= SURE
    assert replace(GOOD, weakest=float("inf")).values[NAMES.index("weakest")] == SURE


def test_a_calibration_lies_beside_its_network(tmp_path):
    assert Calibration.beside(None) == Calibration()
    made = Bundle("lines", {}, Alphabet(), "lines").write(tmp_path / "lines", b"weights")
    assert Calibration.beside(made) == Calibration()
    other = replace(Calibration(), weight=0.5, bias=1.0)
    (tmp_path / "lines" / FILE).write_text(json.dumps(other.to_dict()), encoding="utf-8")
    assert Calibration.beside(made) == other


@pytest.mark.parametrize(
    "change",
    [
        {"weight": "1"},
        {"temperature": 0},
        {"bias": float("nan")},
        {"coefficients": {}},
        {"coefficients": {**dict.fromkeys(NAMES, 0.0), "more": 1.0}},
        {"more": 1},
    ],
)
def test_a_damaged_calibration_is_one_sentence(tmp_path, change):
    made = Bundle("lines", {}, Alphabet(), "lines").write(tmp_path / "lines", b"weights")
    table = Calibration().to_dict() | change
    (tmp_path / "lines" / FILE).write_text(json.dumps(table), encoding="utf-8")
    with pytest.raises(RecogniserError, match=r"^\S+json is not a calibration of lines: [^\n]*\.$"):
        Calibration.beside(made)


def test_what_is_no_table_is_one_sentence(tmp_path):
    made = Bundle("lines", {}, Alphabet(), "lines").write(tmp_path / "lines", b"weights")
    for content in (b"", b"[]", b"\xff", b"[" * 50_000):
        (tmp_path / "lines" / FILE).write_bytes(content)
        with pytest.raises(RecogniserError, match="is not a calibration of lines"):
            Calibration.beside(made)
