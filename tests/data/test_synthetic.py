import numpy as np
import torch
from torch.nn import functional

from inkdigits.data import synthetic
from inkdigits.glyphs import written
from inkdigits.glyphs.strokes import VARIANTS, parse_variant


def test_same_seed_same_digits_and_other_seed_others():
    first, again, other = (
        synthetic.write(50, seed=1),
        synthetic.write(50, seed=1),
        synthetic.write(50, seed=2),
    )
    assert first.checksum == again.checksum != other.checksum


def test_every_class_is_written_equally_often():
    assert set(synthetic.write(200, seed=0).counts) == {20}


def test_digits_are_normalised_as_mnist_is(written):
    ink = written.images.astype(float)
    mass = ink.sum((1, 2))
    rows = (ink.sum(2) @ np.arange(28)) / mass
    columns = (ink.sum(1) @ np.arange(28)) / mass
    assert abs(rows.mean() - 14) < 0.2
    assert abs(columns.mean() - 14) < 0.2
    assert 0.09 < ink.mean() / 255 < 0.16
    inked = written.images > 0
    size = np.maximum(inked.any(2).sum(1), inked.any(1).sum(1))
    assert 18 <= np.median(size) <= 21
    frame = inked.copy()
    frame[:, 1:-1, 1:-1] = False
    assert frame.any((1, 2)).mean() < 0.03


def test_paper_is_white_and_strokes_are_anti_aliased(written):
    assert (written.images == 0).mean() > 0.6
    assert (written.images == 255).any((1, 2)).mean() > 0.9
    assert ((written.images > 0) & (written.images < 255)).any((1, 2)).all()


def test_ways_of_a_digit_differ():
    for digit, ways in VARIANTS.items():
        drawn = [synthetic.write(10, seed=3, variant=way) for way in range(len(ways))]
        pictures = {tuple(d.images[d.labels == digit].ravel()) for d in drawn}
        assert len(pictures) == len(ways) >= 4


def test_a_hand_of_no_spread_writes_one_digit_the_same_way_each_time():
    still = Variation(
        slant=0, turn=0, width=0, balance=0, looseness=0, tremor=0,
        corners=0, pens=0, pressure=0, grain=0, softness=1e-6,
    )  # fmt: skip
    digits = synthetic.write(40, seed=5, variation=still, variant=0)
    for digit in range(10):
        same = digits.images[digits.labels == digit].astype(int)
        assert (same != same[0]).mean() < 0.01


def test_none_can_be_written():
    assert len(synthetic.write(0)) == 0


def test_corners_are_threefold_points():
    assert parse_variant("0,0 1,2! | 3,4 5,6") == [
        [(0, 0), (1, 2), (1, 2), (1, 2)],
        [(3, 4), (5, 6)],
    ]


def test_rendering_leaves_the_global_generator_alone():
    torch.manual_seed(1)
    expected = torch.rand(1)
    torch.manual_seed(1)
    synthetic.write(10)
    assert torch.equal(torch.rand(1), expected)


def test_twice_the_size_is_the_same_writing():
    # Each pixel has a grain of its own, so a picture of more pixels is another one with grain.
    labels, hand = torch.arange(60) % 10, Variation(grain=0)
    usual = written.draw(labels, torch.Generator().manual_seed(3), hand)
    large = written.draw(labels, torch.Generator().manual_seed(3), hand, size=56)
    assert large.shape == (60, 56, 56)
    shrunk = functional.avg_pool2d(large[:, None], 2)[:, 0]
    apart = (usual[:, None] - shrunk).abs().mean((2, 3))  # of every one to every other
    assert torch.equal(apart.argmin(1), torch.arange(60))
    assert apart.diag().max() < 0.03
    assert apart.diag().mean() < 0.012


def test_writers_keep_to_their_way_of_a_digit_and_differ_from_others():
    ways = written.variants()
    ones = ways.choose(torch.ones(2000, dtype=torch.int64), torch.Generator().manual_seed(2))
    ones = ones.view(-1, 10)
    usual = ones.mode(1, keepdim=True).values
    assert (ones == usual).float().mean() > 0.85
    assert (ones != usual).any()
    assert len(usual.unique()) == len(VARIANTS[1])
