"""Pictures that cost much: valid, grey, and no larger than the reader takes."""

import numpy as np
import pytest

from inkdigits.synthesis import COSTLY, costly

QUICK = [name for name in COSTLY if name not in ("fingerprint", "50 megapixels of digits")]


@pytest.mark.parametrize("name", QUICK)
def test_a_costly_picture_is_one_and_the_same(name):
    picture = costly(name)
    assert picture.dtype == np.uint8 and picture.ndim == 2
    assert 2e6 < picture.size <= 50e6
    assert 0.01 < (picture < 128).mean() < 0.9  # there is ink, and there is paper
    assert np.array_equal(picture, costly(name))
