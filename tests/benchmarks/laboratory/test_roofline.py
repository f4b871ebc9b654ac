import pytest
import torch

from benchmarks import results
from benchmarks.laboratory import roofline
from inkdigits.training import Recipe


def test_operations_are_those_of_the_layers_less_what_nobody_needs(tiny):
    # Two convolutions of 5x5 and 3x3 and a linear layer, three times; the first but twice.
    forward = 4 * 25 * 14 * 14 + 4 * 8 * 9 * 14 * 14 + 8 * 7 * 7 * 10
    recipe = tiny.with_settings(
        {"network.options": {"stages": [[4], [8]], "head": "flatten", "first_kernel": 5,
                             "first_stride": 2}}
    )  # fmt: skip
    assert roofline.operations(recipe) == 2 * (3 * forward - 4 * 25 * 14 * 14)


def test_what_is_no_operation_is_dispatch():
    spent = {"aten::mkldnn_convolution": 3.0, "aten::convolution_backward": 2.0, "aten::mm": 1.0,
             "aten::add_": 0.5, "aten::addmm": 0.25, "aten::to": 0.3,
             "AddmmBackward0": 9.0}  # fmt: skip
    kinds = roofline.by_kind(spent, wall=8.0)
    assert kinds["convolutions and products"] == 6.25
    assert kinds["element by element"] == 0.5
    assert kinds["other operations"] == 0.3
    assert kinds[roofline.DISPATCH] == pytest.approx(8 - 7.05)


def test_the_machine_is_written_whole(small_mnist, tmp_path, monkeypatch, tiny):
    monkeypatch.setattr(Recipe, "load", lambda _: tiny)
    threads = torch.get_num_threads()
    roofline.measure(tmp_path, small_mnist, ("tiny",), sizes=(16, 32), digits=128, repeats=2)
    found = results.load(tmp_path, results.MACHINE)
    assert torch.get_num_threads() == threads
    assert {row["precision"] for row in found["products"]} >= {"float32"}
    (training,) = found["training"]
    assert training["gflops"]["low"] <= training["gflops"]["median"]
    parts = [row["part"] for row in found["where"]["rows"]]
    assert sum(parts) == pytest.approx(1)
    assert parts == sorted(parts, reverse=True)
