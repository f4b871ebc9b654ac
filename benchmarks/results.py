"""What was measured, on disk: one JSON file a kind in one folder, and on which machine.

Every command that writes figures or a page of docs does it by what stands here.
"""

import json
import os
from collections.abc import Mapping
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

import jinja2
import torch

from inkdigits.errors import FileError
from inkdigits.files import write_text
from inkdigits.training import device as devices
from inkdigits.training.environment import versions

CHECKOUT = Path(__file__).parents[1]  # the folder in which ``python -m benchmarks`` works
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
    return write_json(folder / f"{what}.json", found)


def write_json(path: Path, found: Mapping[str, Any]) -> Path:
    """Write figures as JSON, whole or not at all; keys keep their order."""
    write_text(path, json.dumps(found, indent=2, ensure_ascii=False, allow_nan=False) + "\n")
    return path


def render(template: str, **values: object) -> str:
    """Return a page of docs: one of the templates in ``laboratory/pages``, filled in."""
    environment = jinja2.Environment(
        loader=jinja2.PackageLoader("benchmarks.laboratory", "pages"),
        autoescape=False,  # noqa: S701 Markdown, of our own figures
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
    )
    environment.filters["percent"] = lambda value: f"{value:.2%}"
    environment.filters["thousands"] = lambda value: f"{value:,}"
    return environment.get_template(template).render(**values)


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
        **_runtime(),
    }


def _runtime() -> dict[str, str]:
    try:
        return {"onnxruntime": version("onnxruntime")}
    except PackageNotFoundError:  # onnxruntime-gpu and its like go by other names
        return {}
