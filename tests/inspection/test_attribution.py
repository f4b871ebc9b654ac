import numpy as np
import pytest
import torch
from torch import nn

from inkdigits.inspection import integrated_gradients, occlusion
from inkdigits.inspection.attribution import CLOSE, PATCH
from inkdigits.networks import NetworkSettings
from inkdigits.training.recipe import Recipe

from .conftest import awake

PAPER = np.zeros((28, 28), np.uint8)


class Straight(nn.Sequential):
    """A network that weighs pixels and does nothing else."""

    def __init__(self) -> None:
        linear = nn.Linear(784, 10)
        super().__init__(nn.Flatten(), linear)
        self.weights = linear.weight.detach().reshape(10, 28, 28)


@pytest.mark.parametrize("name", ["compact", "mlp", "lenet5"])
def test_integrated_gradients_add_up_to_the_difference(name, compact, digits):
    network = compact if name == "compact" else awake(NetworkSettings(name))
    found = integrated_gradients(network, digits[3], 7)
    with torch.inference_mode():
        picture = torch.from_numpy(digits[3])[None, None].float() / 255
        logit, blank = network(torch.cat([picture, torch.zeros_like(picture)]))[:, 7]
    whole = float(logit - blank)
    assert (found.logit, found.blank) == (pytest.approx(float(logit)), pytest.approx(float(blank)))
    assert float(found.parts.sum()) == pytest.approx(whole, abs=CLOSE * max(1, abs(whole)))
    assert found.parts[digits[3] == 0].abs().max() == 0


def test_a_weighing_network_gives_pixel_times_weight(digits):
    torch.manual_seed(0)
    network = Straight()
    found = integrated_gradients(network, digits[0], 4)
    expected = network.weights[4] * torch.from_numpy(digits[0]).float() / 255
    assert torch.allclose(found.parts, expected, atol=1e-5)


def test_a_softmax_at_the_end_is_looked_through(digits):
    settings = Recipe.load("spatial-dropout-published").network
    found = integrated_gradients(awake(settings), digits[0], 2)
    assert abs(float(found.parts.sum()) - (found.logit - found.blank)) == pytest.approx(
        found.gap, abs=1e-5
    )


def test_blank_paper_has_nothing_to_cover(compact):
    assert not occlusion(compact, PAPER, 3).fall.any()
    assert not integrated_gradients(compact, PAPER, 3).parts.any()
    assert occlusion(compact, PAPER, 3, cover=0.5).fall.any()


def test_where_a_patch_matters_is_where_the_network_looks():
    network = Straight()
    nn.init.zeros_(network[1].weight)
    nn.init.zeros_(network[1].bias)
    with torch.no_grad():
        network[1].weight[5, 28 * 10 + 12] = 3.0  # one pixel, for one class
    picture = np.full((28, 28), 255, np.uint8)
    found = occlusion(network, picture, 5)
    rows, columns = found.fall.nonzero(as_tuple=True)
    reach = PATCH - 1
    assert (int(rows.min()), int(rows.max())) == (10 - reach, 10 + reach)
    assert (int(columns.min()), int(columns.max())) == (12 - reach, 12 + reach)
    # Every patch over that pixel takes the logit from 3 to 0.
    assert float(found.fall[10, 12]) == pytest.approx(3, abs=1e-5)
    assert float(found.fall.max()) == pytest.approx(3, abs=1e-5)
    assert found.log_odds == pytest.approx(3 - np.log(9), abs=1e-5)


def test_a_corner_is_covered_as_often_as_the_middle():
    network = Straight()
    nn.init.zeros_(network[1].weight)
    with torch.no_grad():
        network[1].weight[5, 0] = 2.0
    found = occlusion(network, np.full((28, 28), 255, np.uint8), 5)
    assert float(found.fall[0, 0]) == pytest.approx(2, abs=1e-5)


def test_temperature_cools_the_odds(compact, digits):
    warm, cool = (occlusion(compact, digits[1], 1, temperature=t).fall for t in (1.0, 4.0))
    assert cool.abs().max() < warm.abs().max()
