import numpy as np
import pytest
import torch

import inkdigits
from inkdigits.errors import RecogniserError
from inkdigits.exporting import onnx_file
from inkdigits.models.bundle import ONNX, Bundle
from inkdigits.models.session import Session
from inkdigits.recognition.recogniser import Recogniser
from tests.made import small, stand_in


@pytest.fixture(autouse=True)
def _stand_ins(monkeypatch):
    stand_in(monkeypatch)


@pytest.mark.parametrize("task", ["lines", "pages"])
def test_an_export_answers_as_pytorch_does_at_any_size(task, tmp_path):
    run = inkdigits.train(small(task), epochs=1, progress=False)
    made = inkdigits.export(run, eight_bits=True)
    bundle = Bundle.open(run.path)
    assert bundle.task == task and bundle.temperature == 1.0
    assert (bundle.precision == "int8") == (made.lost <= onnx_file.ALLOWED)
    full = inkdigits.export(run, tmp_path / "full")
    assert full.difference <= 1e-4 and full.lost is None and full.bundle.precision == "float32"
    session = Session((tmp_path / "full" / ONNX).read_bytes(), "full", task)
    assert session.contract.alphabet == run.recipe.alphabet
    shape = (2, 1, 40, 68) if task == "lines" else (1, 3, 96, 160)
    pictures = torch.rand(shape)
    with torch.inference_mode():
        wanted = run.network()(pictures).softmax(2 if task == "lines" else 1)
    (found,) = session.run(pictures.numpy())
    found = np.exp(found) if task == "lines" else found
    assert np.abs(found - wanted.numpy()).max() < 1e-4
    with pytest.raises(RecogniserError, match=f"reads {task}, not symbols"):
        Recogniser.load(run.path)


def test_eight_bits_that_cost_too_much_are_not_taken(monkeypatch):
    run = inkdigits.train(small("pages"), epochs=1, progress=False)
    monkeypatch.setattr(onnx_file, "ALLOWED", -2.0)
    made = inkdigits.export(run, eight_bits=True)
    assert made.bundle.precision == "float32" and made.lost is not None
    assert "so it is left in float32" in repr(made)
