"""The study guide: chapters in Markdown, formulas in MathML, a place for a figure that moves.

A chapter is `guide/NN-name.md`. Its figure is the script `static/figures/name.js`, which finds
its places where the text says ``[[figure]]`` and ``[[formula]]``.
"""

import re
from dataclasses import dataclass
from functools import cache
from importlib import resources

from latex2mathml.converter import convert
from markdown_it import MarkdownIt
from markupsafe import Markup
from mdit_py_plugins.dollarmath import dollarmath_plugin

PLACE = re.compile(r"<p>\[\[(figure|formula)\]\]</p>")
FILE = re.compile(r"\d\d-([a-z-]+)\.md")


@dataclass(frozen=True)
class Chapter:
    """One chapter.

    Attributes
    ----------
    name
        In its address.
    title
        Its heading.
    definition
        Its first line, in HTML: what the thing is.
    body
        All that follows, in HTML.
    """

    name: str
    title: str
    definition: Markup
    body: Markup


@cache
def chapters() -> tuple[Chapter, ...]:
    """Return all chapters, in their order."""
    folder = resources.files(__package__) / "guide"
    files = sorted((file for file in folder.iterdir() if FILE.fullmatch(file.name)),
                   key=lambda file: file.name)  # fmt: skip
    return tuple(parse(file.name, file.read_text(encoding="utf-8")) for file in files)


def parse(file: str, text: str) -> Chapter:
    """Return the chapter that a file holds: ``# title``, ``> definition``, and the rest."""
    named = FILE.fullmatch(file)
    head, _, rest = text.partition("\n\n")
    definition, _, rest = rest.partition("\n\n")
    if named is None or not head.startswith("# ") or not definition.startswith("> "):
        raise ValueError(f"{file} does not begin with a title and a definition")
    body = PLACE.sub(r'<div data-place="\1"></div>', _markdown().render(rest))
    # A formula that is wider than a phone is scrolled, by keys too.
    body = body.replace('<div class="math block">', '<div class="math block" tabindex="0">')
    lines = " ".join(line.removeprefix("> ") for line in definition.splitlines())
    return Chapter(
        named[1],
        head[2:],
        inline(lines),
        Markup(body),  # noqa: S704
    )


def inline(text: str) -> Markup:
    """Return a line of Markdown as HTML."""
    return Markup(_markdown().renderInline(text))  # noqa: S704 - it is our own text


@cache
def _markdown() -> MarkdownIt:
    parser = MarkdownIt("commonmark", {"html": False}).enable("table")
    return parser.use(dollarmath_plugin, renderer=_formula)


def _formula(source: str, options: dict[str, bool]) -> str:
    return convert(source, display="block" if options["display_mode"] else "inline")
