"""Our own recipes: what each scores on MNIST test, over seeds, and what it costs."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from ..errors import FileError
from ..evaluation.report import render, spoken_seconds
from ..files import write_text
from .seeds import Spread, train_seeds

RECIPES = ("quick", "standard", "lenet5", "cnn-augmented", "pens")


def measure(
    names: Sequence[str], seeds: int, out: Path, runs: Path, data: Path | None, device: str
) -> Path:
    """Train and evaluate recipes, and write `out` from a JSON file beside it.

    A row that was measured before and is not asked for now stays as it is.
    """
    figures = out.with_suffix(".json")
    rows = _earlier(figures)
    for name in names:
        trained = train_seeds(name, {}, seeds, runs / "_recipes", data, device, on="mnist")
        rows[name] = trained.figures()
        write_text(figures, json.dumps(rows, indent=2, ensure_ascii=False) + "\n")
    page = render(
        "recipes.md", rows=rows, path=figures.name, percent=_percent, spoken=spoken_seconds
    )
    write_text(out, page)
    return out


def _earlier(figures: Path) -> dict[str, dict[str, Any]]:
    if not figures.is_file():
        return {}
    try:
        rows = json.loads(figures.read_text(encoding="utf-8"))
        known = {str(name): dict(row) for name, row in rows.items()}
        for row in known.values():
            _percent(row["honest_top_1"]), row["seconds"], row["parameters"], row["machine"]
        return known
    except KeyError as error:
        raise FileError(f"{figures} lacks {error}: restore it, or delete it.") from error
    except (OSError, ValueError, AttributeError, TypeError) as error:
        raise FileError(f"{figures} is damaged: restore it, or delete it.") from error


def _percent(spread: dict[str, float]) -> str:
    return Spread(**spread).percent()
