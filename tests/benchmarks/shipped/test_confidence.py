"""How two readers are joined is fitted on lines whose text is known."""

import numpy as np
import pytest

from benchmarks.shipped.confidence import TEMPERATURES, WEIGHTS, Sample, fit, read, write
from inkdigits.recognition.line import ComponentLineRecogniser
from inkdigits.recognition.line_confidence import Calibration
from inkdigits.recognition.pieces import Columns
from inkdigits.segmentation.lines import TextLine
from tests.reading.strokes import Shapes
from tests.recognition.test_joined import HEIGHT, SYMBOLS, spoken, strip
from tests.segmentation.drawings import ring


def sample(share: float, text: str) -> Sample:
    """Return a line of a ring, of which a network says with this share that it is a 0."""
    line = TextLine([ring(10, 0)], HEIGHT, strips=(strip(64),))
    (reading,) = ComponentLineRecogniser(Shapes()).read([line])
    columns = Columns.of(line.strips, [spoken(16, {4: {"0": share, "6": 0.98 - share}})])
    return Sample(line, reading, columns, text)


def test_lines_that_are_read_rightly_are_surer_after_a_fit(tmp_path):
    random = np.random.default_rng(0)
    shares = random.uniform(0.5, 0.97, 60)
    some = [sample(share, "0" if random.random() < share else "6") for share in shares]
    found = fit(some, SYMBOLS)
    assert found.weight in WEIGHTS and found.temperature in TEMPERATURES
    sure = [one.confidence for one in read(some, SYMBOLS, found)]
    right = [one.text == "0" for one in some]
    assert np.mean(sure) == pytest.approx(np.mean(right), abs=0.05)
    assert write(found, tmp_path).is_file()
    assert Calibration.from_dict(found.to_dict(), "here") == found
