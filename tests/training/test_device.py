import pytest
import torch

from inkdigits.errors import DeviceError
from inkdigits.training import device

CPU = torch.device("cpu")


def test_auto_takes_what_is_there():
    assert device.choose("auto").type in ("cpu", "cuda", "mps")
    assert device.choose("cpu") == CPU


@pytest.mark.parametrize("name", ["gpu", "", "cuda9:x", "xpu", "auto:0"])
def test_unknown_devices_are_one_sentence(name):
    with pytest.raises(DeviceError, match="Unknown device"):
        device.choose(name)


@pytest.mark.skipif(torch.cuda.is_available(), reason="this machine has one")
def test_absent_device_is_one_sentence():
    with pytest.raises(DeviceError, match="not available on this machine: use cpu"):
        device.choose("cuda:1")


def test_narrow_arithmetic_only_where_the_processor_has_it(monkeypatch):
    for native, expected in ((True, torch.bfloat16), (False, torch.float32)):
        monkeypatch.setattr(device, "has_bfloat16", lambda native=native: native)
        assert device.autocast_type("auto", CPU) == expected
    assert device.autocast_type("float32", CPU) == torch.float32
    assert device.autocast_type("bfloat16", CPU) == torch.bfloat16


def test_description_names_the_threads():
    assert "threads" in device.describe(CPU)
