import torch
from torch.nn import functional

from inkdigits.glyphs import written
from inkdigits.glyphs.pen import Variation
from inkdigits.glyphs.strokes import VARIANTS, parse_variant


def test_corners_are_threefold_points():
    assert parse_variant("0,0 1,2! | 3,4 5,6") == [
        [(0, 0), (1, 2), (1, 2), (1, 2)],
        [(3, 4), (5, 6)],
    ]


def test_twice_the_size_is_the_same_writing():
    # Each pixel has a grain of its own, so a picture of more pixels is another one with grain.
    labels, variation = torch.arange(60) % 10, Variation(grain=0)
    usual = written.draw(labels, torch.Generator().manual_seed(3), variation)
    large = written.draw(labels, torch.Generator().manual_seed(3), variation, size=56)
    assert large.shape == (60, 56, 56)
    shrunk = functional.avg_pool2d(large[:, None], 2)[:, 0]
    apart = (usual[:, None] - shrunk).abs().mean((2, 3))  # of every one to every other
    assert torch.equal(apart.argmin(1), torch.arange(60))
    assert apart.diag().max() < 0.03
    assert apart.diag().mean() < 0.012


def test_writers_keep_to_their_variant_of_a_digit_and_differ_from_others():
    ones = written.variants().choose(
        torch.ones(2000, dtype=torch.int64), torch.Generator().manual_seed(2)
    )
    ones = ones.view(-1, 10)
    usual = ones.mode(1, keepdim=True).values
    assert (ones == usual).float().mean() > 0.85
    assert (ones != usual).any()
    assert len(usual.unique()) == len(VARIANTS[1])
