import dataclasses

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from inkdigits.augmentation.degradations import Degradations, degrade
from inkdigits.errors import RecipeError
from inkdigits.glyphs import written

KINDS = [setting.name for setting in dataclasses.fields(Degradations)]


def random(seed: int = 0) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


@pytest.fixture(scope="module")
def digits() -> torch.Tensor:
    """Return forty pen digits."""
    return written.draw(torch.arange(40) % 10, random(3)).unsqueeze(1)


def worn(images: torch.Tensor, kind: str, seed: int = 0) -> torch.Tensor:
    return degrade(images, Degradations(**{kind: 1.0}), random(seed))


def masses(images: torch.Tensor) -> torch.Tensor:
    return images.sum((1, 2, 3))


def edges(images: torch.Tensor, width: int) -> torch.Tensor:
    """Return the most ink in a strip along each of the four sides, ``(4, N)``."""
    strips = (
        images[..., :width],
        images[..., -width:],
        images[:, :, :width],
        images[:, :, -width:],
    )
    return torch.stack([strip.amax((1, 2, 3)) for strip in strips])


def test_no_wear_is_the_identity(digits):
    assert not Degradations().active
    assert degrade(digits, Degradations(), random()) is digits


@pytest.mark.parametrize("kind", KINDS)
def test_same_generator_same_wear(digits, kind):
    assert torch.equal(worn(digits, kind, 4), worn(digits, kind, 4))
    assert not torch.equal(worn(digits, kind, 4), worn(digits, kind, 5))


@pytest.mark.parametrize("kind", KINDS)
def test_what_came_in_is_left_alone(digits, kind):
    before = digits.clone()
    worn(digits, kind)
    assert torch.equal(digits, before)


@pytest.mark.parametrize("kind", KINDS)
def test_a_share_of_the_images_is_worn(kind):
    some = written.draw(torch.arange(300) % 10, random(4)).unsqueeze(1)
    changed = degrade(some, Degradations(**{kind: 0.4}), random()) != some
    assert 0.2 < changed.any(3).any(2).float().mean() < 0.5


@settings(deadline=None, max_examples=40)
@given(
    st.tuples(*[st.sampled_from([0.0, 0.3, 1.0])] * len(KINDS)),
    st.integers(1, 4),
    st.sampled_from([28, 32, 48]),
    st.integers(0, 1000),
)
def test_any_wear_gives_pictures_in_range(shares, count, size, seed):
    images = torch.rand(count, 1, size, size, generator=random(seed))
    found = degrade(images, Degradations(*shares), random(seed))
    assert found.shape == images.shape
    assert found.dtype == images.dtype
    assert found.isfinite().all()
    assert found.min() >= 0 and found.max() <= 1


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("share", [-0.1, 1.1, float("nan")])
def test_an_impossible_share_is_one_sentence(kind, share):
    with pytest.raises(RecipeError, match=rf"^degradations\.{kind} must be between 0 and 1\.$"):
        Degradations(**{kind: share})


@pytest.mark.parametrize("kind", KINDS)
def test_one_kind_is_enough_to_be_active(kind):
    assert Degradations(**{kind: 0.01}).active


def test_thick_strokes_have_more_ink(digits):
    found = worn(digits, "thick")
    assert (found >= digits).all()
    assert masses(found).mean() > 1.3 * masses(digits).mean()


def test_thin_strokes_have_less_ink_but_never_none(digits):
    found = worn(digits, "thin")
    assert (found <= digits).all()
    assert masses(found).mean() < 0.8 * masses(digits).mean()
    assert (found >= 0.34 * digits).all()


def test_broken_strokes_have_gaps(digits):
    found = worn(digits, "broken")
    assert (found <= digits).all()
    assert 0.4 * masses(digits).mean() < masses(found).mean() < 0.98 * masses(digits).mean()


def test_a_neighbour_reaches_in_from_one_side(digits):
    found = worn(digits, "neighbour")
    assert (found >= digits).all()
    more = (found - digits).amax((1, 2))  # (N, W)
    assert (more[:, :12].amax(1) > 0.1).sum() > 5 and (more[:, 16:].amax(1) > 0.1).sum() > 5
    assert not ((more[:, :8].amax(1) > 0) & (more[:, -8:].amax(1) > 0)).any()
    assert torch.equal(worn(digits[:1], "neighbour")[..., 11:17], digits[:1, :, :, 11:17])


def test_a_cut_empties_an_edge():
    found = worn(torch.ones(60, 1, 48, 48), "cut")
    emptied = edges(found, 7) == 0
    assert (emptied.sum(0) == 1).all()
    assert emptied.any(1).all()  # each side now and then
    left = masses(found) / 48**2
    assert left.min() > 0.68 and left.max() < 0.88


def test_faded_ink_is_weaker_and_uneven(digits):
    found = worn(digits, "faded")
    assert (found <= digits).all()
    assert ((found > 0) == (digits > 0)).float().mean() > 0.999
    left = (found / digits.clamp_min(0.5))[digits > 0.5]
    assert left.std() > 0.1


def test_a_blur_spreads_ink_and_keeps_its_amount(digits):
    found = worn(digits, "blurred")
    assert masses(found).mean() == pytest.approx(float(masses(digits).mean()), rel=0.02)
    assert (found.amax((1, 2, 3)) <= digits.amax((1, 2, 3)) + 1e-6).all()
    assert (found > 0).sum() > 1.2 * (digits > 0).sum()


def test_coarse_pictures_keep_the_ink_and_lose_detail(digits):
    found = torch.cat([worn(digits, "coarse", seed) for seed in range(4)])
    assert masses(found).mean() == pytest.approx(float(masses(digits).mean()), rel=0.1)

    def detail(images):
        return (images[..., 1:] - images[..., :-1]).abs().mean()

    assert detail(found) < 0.9 * detail(digits)


def test_binary_pictures_have_nearly_two_values(digits):
    for ink in (digits, 0.5 * digits):  # faint ink is ink
        found = worn(ink, "binary")
        assert ((found < 0.05) | (found > 0.95)).float().mean() > 0.97
        assert masses(found).min() > 0


def test_noise_leaves_the_digit_and_adds_specks(digits):
    found = torch.cat([worn(digits, "noisy", seed) for seed in range(4)])
    paper = digits.repeat(4, 1, 1, 1) == 0
    assert 0 < (found[paper] > 0).float().mean() < 0.004
    assert (found - digits.repeat(4, 1, 1, 1))[~paper].abs().mean() < 0.2


def test_wear_draws_from_its_own_generator_alone(digits):
    torch.manual_seed(1)
    expected = torch.rand(1)
    torch.manual_seed(1)
    degrade(digits, Degradations(*[1.0] * len(KINDS)), random())
    assert torch.equal(torch.rand(1), expected)


def shapes(images: torch.Tensor) -> torch.Tensor:
    """Return how wide the ink is for its height."""
    inked = images.squeeze(1) > 0.2
    return inked.any(1).sum(1) / inked.any(2).sum(1)


def test_stretched_ink_fills_a_square_and_stays_as_long_as_it_was(digits):
    found = worn(digits, "stretched")
    assert (shapes(found) - 1).abs().mean() < 0.5 * (shapes(digits) - 1).abs().mean()
    for before, after in zip(shapes(digits), shapes(found), strict=True):
        assert abs(after - 1) <= abs(before - 1) + 0.1
    sides = [(images.squeeze(1) > 0.2).any(2).sum(1) for images in (digits, found)]
    tall = shapes(digits) < 1
    assert (sides[0] - sides[1])[tall].abs().max() <= 1


def test_some_that_are_seen_in_few_pixels_are_black_and_white_there(digits):
    levels = [
        len(picture.unique()) for seed in range(4) for picture in worn(digits, "coarse", seed)
    ]
    assert 2 in levels and max(levels) > 200
