import json

import pytest
import torch
from torch.nn import functional

from inkdigits import training
from inkdigits.errors import RecipeError, RunError
from inkdigits.training.distil import Distil, Teacher
from inkdigits.training.loop import State

IMAGES = torch.zeros(2, 1, 28, 28)


class Says(torch.nn.Module):
    """Says the same of every picture."""

    def __init__(self, *outputs):
        super().__init__()
        self.outputs = torch.nn.Parameter(torch.tensor(outputs))

    def forward(self, pictures):
        return self.outputs.expand(len(pictures), -1)


def test_the_loss_is_least_where_the_pupil_says_what_the_teacher_does():
    teacher = Teacher(Says(2.0, 0.0, -1.0), Distil("x", weight=1.0, temperature=3.0))
    student = torch.tensor([[2.0, 0.0, -1.0]] * 2, requires_grad=True)
    teacher.loss(student, IMAGES, torch.tensor(9.0)).backward()
    torch.testing.assert_close(student.grad, torch.zeros(2, 3), atol=1e-6, rtol=0)


def test_labels_keep_their_part_of_the_loss():
    outputs, labels_loss = torch.randn(2, 3), torch.tensor(0.7)
    whole, part = (
        Teacher(Says(1.0, 0.0, 0.0), Distil("x", weight=weight)).loss(outputs, IMAGES, labels_loss)
        for weight in (1.0, 0.25)
    )
    assert part.item() == pytest.approx(0.25 * whole.item() + 0.75 * 0.7)


def test_soft_gradients_are_as_large_at_any_temperature():
    def gradient(temperature):
        student = torch.zeros(1, 2, requires_grad=True)
        settings = Distil("x", weight=1.0, temperature=temperature)
        Teacher(Says(0.1, 0.0), settings).loss(student, IMAGES[:1], torch.tensor(0.0)).backward()
        return student.grad.norm().item()

    assert gradient(10.0) == pytest.approx(gradient(1.0), rel=0.01)


def test_a_teacher_learns_nothing():
    network = Says(1.0, 0.0)
    outputs = torch.zeros(2, 2, requires_grad=True)
    Teacher(network, Distil("x")).loss(
        outputs, IMAGES, functional.cross_entropy(outputs, torch.tensor([0, 1]))
    ).backward()
    assert network.outputs.grad is None


@pytest.mark.parametrize("setting", [{"weight": 0.0}, {"weight": 1.5}, {"temperature": 0.0}])
def test_impossible_settings_are_one_sentence(setting):
    with pytest.raises(RecipeError, match=f"distil.{next(iter(setting))}"):
        Distil("x", **setting)


@pytest.fixture
def train(tiny, small_mnist):
    def go(name, **settings):
        return training.train(
            tiny, name=name, epochs=2, settings=settings, data=small_mnist, progress=False
        )

    return go


def test_a_run_learns_from_another_and_says_from_which(train, tmp_path):
    train("old")
    alone, taught = train("alone"), train("new", **{"distil.teacher": "old"})
    weights = [run.network().state_dict() for run in (alone, taught)]
    assert any(not torch.equal(weights[0][name], weights[1][name]) for name in weights[0])
    environment = json.loads((tmp_path / "runs" / "new" / "environment.json").read_text())
    assert environment["teacher"]["run"] == "old"
    assert len(environment["teacher"]["sha256"]) == 64


def test_a_teacher_that_is_missing_or_other_is_one_sentence_and_leaves_no_folder(train, tmp_path):
    with pytest.raises(RunError, match=r"needs its teacher\. There is no run"):
        train("new", **{"distil.teacher": "nobody"})
    train("framed", **{"network.frame": True})
    with pytest.raises(RunError, match="cannot teach"):
        train("new", **{"distil.teacher": "framed"})
    train("other", **{"data.split": "validate-on-test"})
    with pytest.raises(RunError, match="trained on other data"):
        train("new", **{"distil.teacher": "other"})
    assert not (tmp_path / "runs" / "new").exists()


def test_a_run_goes_on_with_the_teacher_that_it_began_with_or_not_at_all(train, small_mnist):
    train("old")
    taught = train("new", **{"distil.teacher": "old"})
    training.resume(taught, epochs=3, data=small_mnist, progress=False)
    training.resume("old", epochs=4, data=small_mnist, progress=False)
    with pytest.raises(RunError, match="trained again since"):
        training.resume(taught, epochs=5, data=small_mnist, progress=False)


def test_who_does_not_ask_the_teacher_says_so(tiny):
    with pytest.raises(RecipeError, match="needs its teacher old"):
        State.fresh(tiny.with_settings({"distil.teacher": "old"}), torch.device("cpu"))
