import pytest
import torch

from inkdigits.glyphs.strikes import STRIKES, strikes

FIGURE = torch.tensor([[0.0, 0.0], [0.5, 1.0], [0.2, 0.6]])


def struck(name: str, count: int = 30, seed: int = 0) -> tuple[torch.Tensor, torch.Tensor]:
    kinds = torch.full((count,), STRIKES.index(name))
    random = torch.Generator().manual_seed(seed)
    return strikes(FIGURE.expand(count, -1, -1), kinds, 60, random)


@pytest.mark.parametrize("name", STRIKES)
def test_lines_go_through_the_figure_from_side_to_side(name):
    points, length = struck(name)
    assert points.shape == (30, 60, 2) and length.shape == (30, 60)
    assert (points[..., 0].amin(1) < 0.15).all() and (points[..., 0].amax(1) > 0.35).all()
    middle = points[..., 1].mean(1)
    assert (middle > 0.1).all() and (middle < 0.9).all()
    assert (length >= 0).all() and (length.sum(1) > 0.4).all()


@pytest.mark.parametrize("name", STRIKES)
def test_no_two_are_alike_and_one_seed_draws_the_same(name):
    points = struck(name)[0]
    assert len({line.numpy().tobytes() for line in points}) == len(points)
    assert torch.equal(points, struck(name)[0])
    assert not torch.equal(points, struck(name, seed=1)[0])


@pytest.mark.parametrize("name", ["two lines", "cross"])
def test_the_pen_is_lifted_between_two_lines(name):
    points, length = struck(name)
    jump = (points[:, 1:] - points[:, :-1]).norm(dim=-1)
    assert (jump.argmax(1) == 29).all()
    assert (length.sum(1) < jump.sum(1) - jump.amax(1) + 1e-5).all()


def test_the_more_lines_the_more_ink():
    one, two, tangle = (struck(name)[1].sum(1).mean() for name in ("line", "two lines", "scribble"))
    assert one < two < tangle
