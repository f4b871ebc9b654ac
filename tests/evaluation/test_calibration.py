import pytest
import torch

from inkdigits.evaluation.calibration import fit_temperature


@pytest.fixture(scope="module")
def logits() -> tuple[torch.Tensor, torch.Tensor]:
    """Return logits that are as sure as they should be, and labels drawn by them."""
    random = torch.Generator().manual_seed(0)
    sure = torch.randn(4000, 10, generator=random) * 2
    return sure, torch.multinomial(sure.softmax(1), 1, generator=random).flatten()


@pytest.mark.parametrize("times", [3.0, 1.0, 0.3])
def test_the_temperature_undoes_what_made_a_network_too_sure(logits, times):
    sure, labels = logits
    found = fit_temperature(sure * times, labels)
    assert found == pytest.approx(times, rel=0.06)


def test_a_network_that_is_too_sure_is_cooled_down(logits):
    sure, labels = logits
    assert fit_temperature(sure * 4, labels) > 1 > fit_temperature(sure / 4, labels)


def test_labels_without_an_output_count_not_in_the_temperature(logits):
    sure, labels = logits
    more = torch.cat([sure, 9 * torch.ones(500, 10)])
    strange = torch.cat([labels, torch.tensor([10, 11]).repeat(250)])
    assert fit_temperature(more, strange) == pytest.approx(fit_temperature(sure, labels))
