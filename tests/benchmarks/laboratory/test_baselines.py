import numpy as np
import pytest
import torch

from benchmarks.laboratory import baselines
from inkdigits.data.digits import Digits


@pytest.fixture
def few(written) -> Digits:
    return written[:80]


@pytest.mark.parametrize("name", baselines.BASELINES)
def test_every_baseline_learns_and_reads(name, few):
    baseline = baselines.BASELINES[name]
    if baseline.needs:
        pytest.importorskip(baseline.needs)
    learner = baseline.begin(few, 0)
    learner.epoch()
    read = learner.read(few.images[:7])
    assert read.shape == (7,)
    assert set(read) <= set(range(10))


def test_the_same_seed_learns_the_same(few):
    def weights(seed: int) -> torch.Tensor:
        learner = baselines.gpu_record(few, seed)
        learner.epoch()
        return learner.network[0].weight.detach()

    assert torch.equal(weights(1), weights(1))
    assert not torch.equal(weights(1), weights(2))


def test_networks_are_those_that_were_published(few):
    found = {name: baselines.BASELINES[name].begin(few, 0).parameters
             for name in ("gpu-record", "pytorch-example", "system-d")}  # fmt: skip
    assert found == {"gpu-record": 215_194, "pytorch-example": 1_199_882, "system-d": 421_642}


def test_the_example_takes_digits_as_they_lie_unless_it_shuffles(few):
    def order(shuffle: bool) -> list[int]:
        loader = baselines.example(few, 0, shuffle).loader
        return [int(label) for _, labels in loader for label in labels]

    assert order(shuffle=False) == few.labels.tolist()
    assert order(shuffle=True) != few.labels.tolist()
    assert sorted(order(shuffle=True)) == sorted(few.labels.tolist())


def test_a_loaded_picture_is_the_normalised_one(few):
    picture, label = baselines.Pictures(few)[3]
    assert label == few.labels[3]
    assert np.allclose(picture, baselines.normalised(few.images[3:4])[0], atol=1e-6)


def test_a_published_recipe_reads_without_normalising_twice(few):
    learner = baselines.as_published(baselines.Recipe.load("simple-cnn-published"), few)
    images = baselines.normalised(few.images[:5])
    learner.network.eval()
    assert np.array_equal(learner.read(few.images[:5]), learner.network(images).argmax(1).numpy())
