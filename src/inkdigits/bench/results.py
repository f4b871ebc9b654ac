"""What was measured, on disk: one JSON file a kind in one folder, and on which machine.

What the page makes of it stands in page.py.
"""

import json
import os
from collections.abc import Mapping
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

import torch

from ..errors import FileError
from ..files import write_text
from ..training import device as devices
from ..training.environment import versions

RECIPES, TRAINING, INFERENCE, MACHINE = KINDS = ("recipes", "training", "inference", "machine")


def save(folder: Path, what: str, found: Mapping[str, Any]) -> Path:
    """Write what was found as ``folder/what.json``, whole or not at all, and return the path.

    Keys keep their order, so that two measurements differ where their figures do.

    Parameters
    ----------
    folder
        Made if it is not there.
    what
        The kind: ``"recipes"``, ``"training"``, ``"inference"`` or ``"machine"``.
    found
        What JSON knows; no infinities, which it does not.
    """
    path = folder / f"{what}.json"
    write_text(path, json.dumps(found, indent=2, ensure_ascii=False, allow_nan=False) + "\n")
    return path


def load(folder: Path, what: str) -> dict[str, Any]:
    """Return what `save` wrote; ``{}`` if it never did.

    Raises
    ------
    FileError
        If the file is damaged.
    """
    path = folder / f"{what}.json"
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return {}
    except (OSError, ValueError) as error:
        raise damaged(path) from error
    if not isinstance(found, dict):
        raise damaged(path)
    return found


def damaged(path: Path) -> FileError:
    """Say that a file does not hold what was measured."""
    return FileError(f"{path} is damaged: restore it, or delete it and measure again.")


def machine() -> dict[str, Any]:
    """Return hardware, threads and versions: what figures of speed depend on."""
    place = devices.choose("cpu")
    return {
        "hardware": devices.describe(place),
        "cores": os.cpu_count() or 1,
        "threads": torch.get_num_threads(),
        "native_bfloat16": devices.autocast_type("auto", place) is torch.bfloat16,
        **versions(),
        **_engine(),
    }


def _engine() -> dict[str, str]:
    try:
        return {"onnxruntime": version("onnxruntime")}
    except PackageNotFoundError:  # onnxruntime-gpu and its like go by other names
        return {}
