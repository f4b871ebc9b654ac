import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch.nn import functional

from inkdigits.data import mnist
from inkdigits.glyphs import written
from inkdigits.networks.frame import Frame, is_framed_alike

LARGE = 84  # pixels a side: a digit of a scan


@pytest.fixture(scope="module")
def digits() -> torch.Tensor:
    """Return thirty pen digits, large."""
    random = torch.Generator().manual_seed(6)
    return written.draw(torch.arange(30) % 10, random, size=LARGE).unsqueeze(1)


def frame(ink: torch.Tensor) -> torch.Tensor:
    return Frame()(ink)


def sides(framed: torch.Tensor, least: float) -> torch.Tensor:
    """Return the longer side of what is darker than `least` in each, in pixels."""
    inked = framed[:, 0] > least
    return torch.maximum(inked.any(2).sum(1), inked.any(1).sum(1))


@settings(deadline=None, max_examples=30)
@given(st.tuples(*[st.integers(0, 60)] * 4))
def test_paper_around_counts_not(digits, margins):
    wider = functional.pad(digits[:10], margins)
    assert torch.allclose(frame(wider), frame(digits[:10]), atol=2e-3)


@pytest.mark.parametrize("times", [2, 3, 4])
@pytest.mark.parametrize("mode", ["nearest", "bilinear"])
def test_a_digit_of_any_size_gives_about_the_same(digits, times, mode):
    larger = functional.interpolate(digits, scale_factor=times, mode=mode)
    apart = (frame(larger) - frame(digits)).abs()
    assert apart.mean((1, 2, 3)).max() < 0.03  # the ink is about 0.13 of a picture
    assert apart.mean() < 0.015


def test_a_framed_digit_stays_as_it_is(digits):
    once = frame(digits)
    assert (frame(once) - once).abs().mean() < 0.02


def test_the_centre_of_mass_comes_to_pixel_14(digits):
    small = digits[:, :, ::3, ::3]  # of which some have the right size, and keep their pixels
    for ink, most in ((digits, 0.3), (functional.pad(digits, (50, 0, 0, 9)), 0.3), (small, 0.61)):
        framed = frame(ink)[:, 0]
        at, mass = torch.arange(28.0), framed.sum((1, 2))
        assert ((framed.sum(2) @ at) / mass - 14).abs().max() < most
        assert ((framed.sum(1) @ at) / mass - 14).abs().max() < most


def square(size: int, top: int, left: int, *, edge: float = 1.0, canvas: int = 28) -> torch.Tensor:
    """Return a square of ink, as large as MNIST's digits are, with edges of half ink."""
    ink = torch.zeros(1, 1, canvas, canvas)
    ink[:, :, top : top + size, left : left + size] = edge
    ink[:, :, top + 1 : top + size - 1, left + 1 : left + size - 1] = 0.996
    return ink


@pytest.mark.parametrize("edge", [0.2, 0.5, 0.996])
def test_a_picture_that_lies_as_a_digit_of_mnist_stays_as_it_is_to_the_bit(edge):
    ink = square(20, 4, 5, edge=edge)  # centres at 14 and 15: half a pixel from the middle
    ink[:, :, 10:12, 9:20] = 0.3  # thin it out: what has its size is not made stronger
    assert torch.equal(frame(ink), ink)
    moved = frame(functional.pad(ink, (7, 3, 2, 9)))  # by whole pixels: the same values elsewhere
    assert torch.equal(moved.flatten().sort().values, ink.flatten().sort().values)


def test_what_is_a_little_too_small_or_too_faint_is_framed():
    small, faint = square(17, 6, 6), square(20, 4, 4) * 0.4
    assert sides(frame(small), 0.3) >= 20
    assert frame(faint).max() > 0.7


def test_all_of_mnist_stays_as_it_is(real_mnist):
    images = mnist.load(real_mnist).open_test().images
    ink = torch.from_numpy(images.astype(np.float32) / 255).unsqueeze(1)
    assert torch.equal(frame(ink), ink)


def test_which_pictures_are_framed_about_as_those_of_mnist():
    drawn = written.draw(torch.arange(40) % 10, torch.Generator().manual_seed(1)).unsqueeze(1)
    assert is_framed_alike(drawn)
    assert is_framed_alike(torch.cat([drawn, torch.zeros(4, 1, 28, 28)]))
    clothes = functional.interpolate(drawn[:, :, 4:24, 4:24], size=(28, 28), mode="bilinear")
    assert not is_framed_alike(clothes)
    assert not is_framed_alike(functional.pad(drawn, (4, 0, 4, 0)))  # another size
    assert not is_framed_alike(torch.roll(drawn, 5, 2))
    assert not is_framed_alike(drawn[:0])


def test_the_longer_side_is_20_pixels(digits):
    for ink in (digits, digits[:, :, ::3, ::3], digits.repeat_interleave(4, 2)):
        assert ((sides(frame(ink), 0.1) - 20).abs() <= 2).all()  # pale ends of hairlines as well
    assert sides(frame(digits), 0.3).float().mean() == pytest.approx(20, abs=0.6)


def test_a_bar_fills_the_box_and_no_more():
    bar = torch.zeros(1, 1, 90, 90)
    bar[:, :, 10:70, 30:42] = 1  # 60 by 12
    framed = frame(bar)[0, 0]
    assert framed[:, 14].sum() == pytest.approx(20, abs=0.1)
    assert framed[14].sum() == pytest.approx(4, abs=0.1)
    assert framed.sum() == pytest.approx(20 * 4, rel=0.05)


@pytest.mark.parametrize("size", [(1, 1), (2, 40), (28, 28), (300, 70)])
def test_blank_paper_gives_zeros(size):
    assert torch.equal(frame(torch.zeros(2, 1, *size)), torch.zeros(2, 1, 28, 28))


def test_a_hairline_on_a_large_canvas_stays_visible():
    lines = torch.zeros(3, 1, 280, 280)
    along = torch.arange(20, 260)
    lines[0, 0, along, 140] = lines[1, 0, 140, along] = lines[2, 0, along, along] = 1
    framed = frame(lines)
    assert (framed.amax((1, 2, 3)) > 0.7).all()
    assert ((framed > 0.5).sum((1, 2, 3)) >= 19).all()


def test_a_batch_is_framed_as_one_by_one(digits):
    mixed = torch.cat([digits[:6], torch.zeros(1, 1, LARGE, LARGE), digits[6:9] * 0.4])
    single = torch.cat([frame(one.unsqueeze(0)) for one in mixed])
    assert torch.allclose(frame(mixed), single, atol=1e-4)


@settings(deadline=None, max_examples=60)
@given(
    st.tuples(st.integers(1, 3), st.integers(1, 70), st.integers(1, 70)),
    st.integers(0, 1000),
    st.floats(0, 1),
    st.sampled_from([0.0, 1e-30, 1e-6, 0.01, 1.0]),
)
def test_any_ink_gives_values_in_range(shape, seed, bare, strength):
    random = torch.Generator().manual_seed(seed)
    count, height, width = shape
    ink = torch.rand(count, 1, height, width, generator=random)
    framed = frame(ink * (ink > bare) * strength)
    assert framed.shape == (count, 1, 28, 28)
    assert framed.isfinite().all()
    assert framed.min() >= 0 and framed.max() <= 1


def test_a_picture_that_goes_out_is_one_that_can_learn(digits):
    ink = digits[:4].clone().requires_grad_()
    frame(ink).sum().backward()
    assert ink.grad.isfinite().all()


@pytest.mark.parametrize("kind", [torch.float64, torch.bfloat16, torch.uint8])
def test_ink_of_any_type_is_framed_in_float32(digits, kind):
    whole = (digits[:3] > 0.5).to(kind)
    assert torch.equal(frame(whole), frame(whole.float()))


@pytest.mark.parametrize("size", [(56, 56), (40, 64), (64, 40), (8, 9)])
def test_other_sizes_are_framed_in_proportion(digits, size):
    framed = Frame(size)(digits)
    assert framed.shape == (len(digits), 1, *size)
    tall, wide = size
    for axis, side in ((2, tall), (1, wide)):
        profile = framed[:, 0].sum(axis)
        centre = profile @ torch.arange(float(side)) / profile.sum(1)
        assert (centre + 0.5 - 14.5 / 28 * side).abs().max() < 0.02 * side
    box = 20 / 28 * min(size)
    assert ((sides(framed, 0.1) - box).abs() <= 3).all()


def test_twice_the_size_is_the_same_picture(digits):
    large = functional.avg_pool2d(Frame((56, 56))(digits), 2)
    assert (large - frame(digits)).abs().mean() < 0.02
