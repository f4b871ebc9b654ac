"""What shipped recipes and the README say of accuracy and time: rows of recipes.json, in words.

The figures of a recipe are the comment at the head of its TOML file, up to the first empty line.
"""

import re
import textwrap
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from benchmarks import results
from benchmarks.laboratory import page
from benchmarks.laboratory.seeds import settings_of
from inkdigits.errors import FileError
from inkdigits.files import write_text
from inkdigits.training import Recipe

HEAD = "# Measured by `python -m benchmarks recipes"
BLOCK = re.compile(r"(<!-- benchmarks -->\n).*?(<!-- /benchmarks -->)", re.DOTALL)
HEADLINES = ("quick", "standard", "synthetic")


def write(folder: Path, recipes: Path) -> list[Path]:
    """Write the figures of `folder` into a folder of recipes, and into a README above the page.

    A recipe without a row loses its figures. Files that are right already are not touched.

    Returns
    -------
    list
        The files that were written.

    Raises
    ------
    FileError
        If nothing was measured, or if a recipe has changed since it was.
    """
    rows = results.load(folder, results.RECIPES)
    if not rows:
        raise FileError(
            f"There are no figures of recipes in {folder}: "
            "measure them by `python -m benchmarks recipes`."
        )
    _check_fresh(rows, recipes)
    wanted = {
        path: with_figures(path, rows.get(path.stem)) for path in sorted(recipes.glob("*.toml"))
    }
    readme = folder.parent.parent / "README.md"
    if readme.is_file():
        text = readme.read_text(encoding="utf-8")
        wanted[readme] = BLOCK.sub(lambda block: block[1] + table(rows) + block[2], text)
    changed = [path for path, text in wanted.items() if path.read_text(encoding="utf-8") != text]
    for path in changed:
        write_text(path, wanted[path])
    return changed


def _check_fresh(rows: Mapping[str, Mapping[str, Any]], recipes: Path) -> None:
    for path in sorted(recipes.glob("*.toml")):
        row = rows.get(path.stem)
        if row and row["settings"] != settings_of(Recipe.load(path)):
            raise FileError(
                f"The recipe {path.stem!r} has other settings than those that were measured: "
                f"measure again by `python -m benchmarks recipes {path.stem}`."
            )


def with_figures(path: Path, row: Mapping[str, Any] | None) -> str:
    """Return a recipe's TOML with the figures of `row` at its head, and no others."""
    text = path.read_text(encoding="utf-8")
    if text.startswith(HEAD):
        text = text.partition("\n\n")[2]
    return f"{comment(path.stem, row)}\n\n{text}" if row else text


def comment(name: str, row: Mapping[str, Any]) -> str:
    """Return what a recipe scores and costs, as a comment: with n, range, hardware, versions."""
    seeds = row["seeds"]
    text = (
        f"{HEAD.removeprefix('# ')} {name} --seeds {seeds}`: "
        f"{page.share(row['test_top_1'])} of MNIST's test digits, {seeds} "
        f"seed{'s' if seeds > 1 else ''}; {page.spoken(row['seconds']['median'])} of "
        f"training on {page.on_machine(row['machine'])}."
    )
    return textwrap.fill(text, 100, initial_indent="# ", subsequent_indent="# ",
                         break_long_words=False, break_on_hyphens=False)  # fmt: skip


def table(rows: Mapping[str, Mapping[str, Any]]) -> str:
    """Return the headline figures, as the README has them."""
    lines = [
        f"| `{name}` | {page.share(rows[name]['test_top_1'])} | {rows[name]['seeds']} | "
        f"{page.spoken(rows[name]['seconds']['median'])} |\n"
        for name in HEADLINES
        if name in rows
    ]
    return (
        "| recipe | top-1 on MNIST's test digits (least to greatest) | seeds | training |\n"
        f"| --- | --- | --- | --- |\n{''.join(lines)}\n"
        "*[All figures](docs/benchmarks.md), with n, spread and hardware; "
        "`python -m benchmarks suite` measures the same on your machine, in minutes.*\n"
    )
