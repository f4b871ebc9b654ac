"""Where the arithmetic runs, and how wide its numbers are."""

import os
import platform
from pathlib import Path

import torch

from ..errors import DeviceError, nearest

DEVICES = ("auto", "cpu", "cuda", "mps")
PRECISIONS = ("auto", "float32", "bfloat16")


def choose(name: str = "auto") -> torch.device:
    """Return the device called `name`; ``"auto"`` takes CUDA, else MPS, else the CPU.

    Raises
    ------
    DeviceError
        If the name is unknown or the device is not there.
    """
    kind = name.split(":")[0]
    if kind not in DEVICES or (kind == "auto" and name != "auto"):
        raise DeviceError(f"Unknown device {name!r}: {nearest(name, DEVICES)}")
    there = {
        "cuda": torch.cuda.is_available(),
        "mps": torch.backends.mps.is_available(),
        "cpu": True,
    }
    if name == "auto":
        return torch.device(next(device for device in there if there[device]))
    if not there[kind]:
        found = ", ".join(device for device in there if there[device])
        raise DeviceError(f"The device {name!r} is not available on this machine: use {found}.")
    try:
        device = torch.device(name)
        torch.empty(0, device=device)
    except (RuntimeError, AssertionError) as error:
        raise DeviceError(
            f"The device {name!r} cannot be used: leave out its number, or use cpu."
        ) from error
    return device


def autocast_type(precision: str, device: torch.device) -> torch.dtype:
    """Return the type that products are computed in.

    ``"auto"`` is bfloat16 where the processor multiplies it natively, else float32: emulated
    bfloat16 is slower than float32.
    """
    if precision == "auto":
        native = has_bfloat16() if device.type == "cpu" else _accelerator_bfloat16(device)
        precision = "bfloat16" if native else "float32"
    return torch.bfloat16 if precision == "bfloat16" else torch.float32


def has_bfloat16() -> bool:
    """Whether this processor has instructions for products of bfloat16."""
    capabilities = torch.cpu.get_capabilities()
    return any(capabilities.get(name, False) for name in ("avx512_bf16", "amx_bf16", "bf16"))


def describe(device: torch.device) -> str:
    """Name the device as a person would: its model, and the threads of a processor."""
    if device.type == "cuda":
        return str(torch.cuda.get_device_name(device))
    if device.type == "mps":
        return f"{platform.machine()} GPU (MPS)"
    return f"{_processor()}, {torch.get_num_threads()} of {os.cpu_count()} threads"


def _accelerator_bfloat16(device: torch.device) -> bool:
    return device.type == "cuda" and torch.cuda.is_bf16_supported(including_emulation=False)


def _processor() -> str:
    try:
        with Path("/proc/cpuinfo").open(encoding="utf-8") as info:
            for line in info:
                if line.startswith("model name"):
                    return line.split(":", 1)[1].strip()
    except OSError:
        pass
    return platform.processor() or platform.machine()
