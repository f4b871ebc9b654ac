"""What a run says of itself beside its weights, read as what it is: somebody else's JSON."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ..errors import FileError, RunError
from ..files import exists, read_json

LARGEST = 4_000_000  # bytes of JSON
SHARE = ("value", "low", "high")


def environment(path: Path) -> dict[str, Any]:
    """Return what a run was trained with; empty where nobody wrote it down.

    Raises
    ------
    RunError
        If the file is damaged.
    """
    hint = "restore it, or delete it to go on without it"
    found = _table(path, hint)
    parts = found.get("data", {})
    good = isinstance(parts, dict) and all(map(_is_data, parts.values()))
    for key in ("init", "teacher"):
        texts = found.get(key, {})
        good = good and isinstance(texts, dict)
        good = good and all(isinstance(text, str) for text in texts.values())
    if not good:
        raise RunError(f"{path} is damaged: {hint}.")
    return found


def figures(path: Path) -> dict[str, Any]:
    """Return what an evaluation found; empty where there was none.

    Raises
    ------
    RunError
        If the file is damaged.
    """
    hint = "evaluate the run again"
    found = _table(path, hint)
    if found and not (
        type(found.get("epoch")) is int
        and isinstance(found.get("weights"), str)
        and isinstance(found.get("on"), str)
        and _is_number(found.get("loss"))
        and _is_share(found.get("accuracy"))
    ):
        raise RunError(f"{path} is damaged: {hint}.")
    return found


def _table(path: Path, hint: str) -> dict[str, Any]:
    if not exists(path):
        return {}
    try:
        found = read_json(path, LARGEST, hint)
    except FileError as error:
        raise RunError(str(error)) from error
    if not isinstance(found, dict):
        raise RunError(f"{path} is damaged: {hint}.")
    return found


def _is_data(part: object) -> bool:
    """Whether something describes samples: how many there are, what they are, their digest."""
    if not isinstance(part, Mapping):
        return False
    count, digest = part.get("count", 0), part.get("sha256", "")
    named = isinstance(part.get("name", ""), str) and (digest is None or isinstance(digest, str))
    return named and type(count) is int and count >= 0


def _is_share(share: object) -> bool:
    if not isinstance(share, Mapping):
        return False
    values: list[Any] = [share.get(name) for name in SHARE]
    right, count = share.get("right"), share.get("count")
    if type(right) is not int or type(count) is not int or not 0 <= right <= count:
        return False
    return all(_is_number(value) and 0 <= value <= 1 for value in values)


def _is_number(value: Any) -> bool:
    return type(value) in (int, float)
