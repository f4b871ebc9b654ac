"""What a run is trained with: versions, device, digits."""

import platform
import subprocess
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import torch

from . import device as devices
from .recipe import Recipe


def describe(recipe: Recipe, data: Mapping[str, Any], device: torch.device) -> dict[str, Any]:
    """Return versions, device, threads, precision, commit and `data`, as JSON knows them."""
    wide = devices.autocast_type(recipe.training.precision, device)
    return {
        "started": datetime.now(UTC).isoformat(timespec="seconds"),
        **versions(),
        "device": str(device),
        "hardware": devices.describe(device),
        "threads": torch.get_num_threads(),
        "precision": str(wide).removeprefix("torch."),
        "git_commit": _commit(),
        "data": dict(data),
    }


def versions() -> dict[str, str]:
    """Return the versions that figures depend on."""
    from importlib.metadata import version

    packages = {name: version(name) for name in ("inkdigits", "torch", "numpy")}
    system = f"{platform.system()} {platform.machine()}"
    return {**packages, "python": platform.python_version(), "system": system}


def _commit() -> str | None:
    """Return the commit of the source tree, if the package is used from one."""
    try:
        found = subprocess.run(
            ["git", "rev-parse", "--verify", "--quiet", "HEAD"],  # noqa: S607
            cwd=Path(__file__).parent,
            capture_output=True,
            text=True,
            timeout=2,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired):
        return None
    return found.stdout.strip() or None
