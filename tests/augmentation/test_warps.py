import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from inkdigits.augmentation.warps import Augmentation, elastic, rotate, warp
from inkdigits.errors import RecipeError


def random(seed: int = 0) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def digits(count: int = 6) -> torch.Tensor:
    return torch.rand(count, 1, 28, 28, generator=random(9))


def test_warp_by_nothing_is_the_identity():
    images = digits()
    assert warp(images, Augmentation(), random()) is images
    barely = warp(images, Augmentation(rotation=1e-9), random())
    assert torch.allclose(barely, images, atol=1e-5)


def test_each_image_has_a_draw_of_its_own():
    same = digits(1).expand(8, 1, 28, 28)
    for warps in (Augmentation(rotation=20), Augmentation(shift=3), Augmentation(elastic=1)):
        moved = warp(same, warps, random())
        assert all(not torch.allclose(moved[0], other, atol=0.05) for other in moved[1:])


def test_same_generator_same_warp():
    warps = Augmentation(rotation=10, scale=0.1, stretch=0.1, shear=5, shift=2, elastic=1)
    assert torch.equal(warp(digits(), warps, random(4)), warp(digits(), warps, random(4)))


def test_shift_moves_by_at_most_its_pixels():
    image = torch.zeros(400, 1, 28, 28)
    image[:, :, 14, 14] = 1
    moved = warp(image, Augmentation(shift=2), random())
    rows, columns = moved[:, 0].sum(2), moved[:, 0].sum(1)
    places = torch.stack([rows @ torch.arange(28.0), columns @ torch.arange(28.0)])
    assert (places - 14).abs().max() <= 2.001
    assert (places - 14).abs().max() > 1.8


def test_elastic_spread_is_what_it_says():
    field = elastic(500, Augmentation(elastic=1.5), random(), 28, 28) * 14  # pixels
    assert abs(field.std().item() - 1.5) < 0.15
    assert (field[:, :, 1:] - field[:, :, :-1]).std() < 0.6  # neighbours move together


def test_rotation_by_a_right_angle_is_exact_and_counter_clockwise():
    image = torch.zeros(1, 1, 28, 28)
    image[0, 0, 14, 20] = 1  # right of the centre
    turned = rotate(image, 90)
    assert torch.allclose(turned, torch.rot90(image, 1, (2, 3)), atol=1e-4)
    assert turned[0, 0, :10].sum() > 0.9  # now above it


@settings(deadline=None)
@given(
    st.floats(0, 89),
    st.floats(0, 0.9),
    st.floats(0, 89),
    st.floats(0, 28),
    st.floats(0, 10),
)
def test_any_warp_gives_pictures_in_range(rotation, scale, shear, shift, elastic_pixels):
    warps = Augmentation(
        rotation=rotation, scale=scale, shear=shear, shift=shift, elastic=elastic_pixels
    )
    moved = warp(digits(3), warps, random())
    assert moved.shape == (3, 1, 28, 28)
    assert moved.isfinite().all()
    assert moved.min() >= 0
    assert moved.max() <= 1.0001


@pytest.mark.parametrize(
    "setting", [{"rotation": -1}, {"scale": 1}, {"shear": 90}, {"smoothness": 0.5}]
)
def test_impossible_warps_are_refused(setting):
    with pytest.raises(RecipeError, match=f"augmentation.{next(iter(setting))}"):
        Augmentation(**setting)
