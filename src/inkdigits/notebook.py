"""What a notebook shows of a thing: a small card of plain HTML.

No scripts, nothing fetched, and colours that stand on light and on dark paper. What goes into a
card is said by each class, in its own `_repr_html_`; how it looks is said here.
"""

import base64
import html
import io
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from importlib import import_module
from typing import Any

import numpy as np
import numpy.typing as npt

Bytes = npt.NDArray[np.uint8]

TRAIN, VALIDATION, GOOD, BAD = "#3b82c4", "#e07b39", "#2f9e68", "#d64545"  # as in our plots
WIDTH, HEIGHT = 640, 440  # of a page, on the screen
STYLE = """
.inkdigits { font-size: 13px; line-height: 1.5; max-width: 900px; }
.inkdigits p { margin: 0 0 6px; max-width: 720px; }
.inkdigits table { border-collapse: collapse; margin: 0 0 6px; font-size: inherit; }
.inkdigits tr { background: none !important; border-bottom: 1px solid #8883; }
.inkdigits th, .inkdigits td { font-weight: normal; padding: 4px 16px 4px 0; max-width: none;
  text-align: left !important; vertical-align: middle; white-space: normal; line-height: 1.5;
  font-variant-numeric: tabular-nums; }
.inkdigits th, .inkdigits .quiet { opacity: .75; }
.inkdigits .warning { border-left: 3px solid #d64545; padding-left: 10px; }
.inkdigits .row { display: flex; flex-wrap: wrap; gap: 6px 14px; align-items: center; }
.inkdigits > * + * { margin-top: 8px !important; }
.inkdigits figure { margin: 0; text-align: center; font-size: 12px; }
.inkdigits img { background: white; border: 1px solid #8886; border-radius: 3px; margin: 0;
  image-rendering: pixelated; display: block; }
.inkdigits svg { display: inline-block; vertical-align: middle; max-width: 100%; height: auto; }
"""


class Html(str):
    """Text that is HTML already. All other text is escaped on its way into a card."""

    __slots__ = ()


@dataclass(frozen=True)
class Mark:
    """Something that was found on a page: its place, its ink, and what is said of it."""

    box: tuple[int, int, int, int]  # left, top, width, height
    ink: Bytes  # 0 paper to 255 ink
    label: str
    good: bool
    hint: str  # shown where one points at it


class Output:
    """A place under the cell that is running, which can be drawn again."""

    def __init__(self) -> None:
        # Whoever is in a notebook has IPython; nobody else needs it.
        self._ipython: Any = import_module("IPython.display")
        self._handle = self._ipython.display(self._ipython.HTML(""), display_id=True)

    def draw(self, *parts: Html) -> None:
        """Show these parts, in place of what was there."""
        self._handle.update(self._ipython.HTML(block(*parts)))


def card(title: str, note: str, *parts: Html) -> str:
    """Return a card: a title, what it is of, and parts made by the functions below."""
    head = f'<p><b>{escaped(title)}</b> <span class="quiet">{escaped(note)}</span></p>'
    return block(Html(head), *parts)


def block(*parts: Html) -> str:
    """Return parts one under the other."""
    return f'<style>{STYLE}</style><div class="inkdigits">{"".join(parts)}</div>'


def escaped(value: object) -> Html:
    """Return `value` as HTML that shows it."""
    return value if isinstance(value, Html) else Html(html.escape(str(value)))


def paragraph(text: str, kind: str = "") -> Html:
    """Return a paragraph; its `kind` is plain, ``"quiet"`` or a ``"warning"``."""
    return Html(f'<p class="{kind}">{escaped(text)}</p>')


def published(note: str) -> Html:
    """Return the note on the figure of a published system; nothing for other recipes."""
    return paragraph(f"As published: {note}", "warning") if note else Html()


def table(rows: Iterable[Sequence[object]], columns: Sequence[str] = ()) -> Html:
    """Return a table. Without names of columns, the first cell of a row names the row."""
    lines = [_cells("th", columns)] if columns else []
    for row in rows:
        first = "td" if columns else "th"
        lines.append(_cells(first, row[:1]) + _cells("td", row[1:]))
    return Html(f"<table>{''.join(f'<tr>{line}</tr>' for line in lines)}</table>")


def _cells(tag: str, values: Sequence[object]) -> str:
    return "".join(f"<{tag}>{escaped(value)}</{tag}>" for value in values)


def settings(values: Mapping[str, object], usual: Mapping[str, object]) -> Html:
    """Return names and values in one line, those that are not as usual bold."""
    said: list[str] = []
    for name, value in values.items():
        if isinstance(value, Mapping):
            said += [settings(value, {})] if value else []
            continue
        shown = escaped(f"{name} {value:g}" if isinstance(value, float) else f"{name} {value}")
        said.append(shown if value == usual.get(name) else f"<b>{shown}</b>")
    return Html(" · ".join(said))


def row(parts: Iterable[Html]) -> Html:
    """Return parts side by side, on more lines where one is too short."""
    return Html(f'<div class="row">{"".join(parts)}</div>')


def thumbnail(ink: Bytes, caption: str, side: int = 56) -> Html:
    """Return a small picture ``(H, W)``, 0 paper to 255 ink, over its caption."""
    return Html(
        f'<figure><img src="{_uri(ink)}" width="{side}" height="{side}" '
        f'alt="{escaped(caption)}"/>{escaped(caption)}</figure>'
    )


def bars(shares: Mapping[str, float], chosen: str | None) -> Html:
    """Return upright bars of `shares`, 0 to 1, each over its name; the chosen one is green."""
    drawn = []
    for number, (name, share) in enumerate(shares.items()):
        colour = GOOD if name == chosen else "#8888"
        tall = 1 + 47 * float(share)
        drawn.append(
            f'<rect x="{20 * number + 3}" y="{50 - tall:.1f}" width="14" height="{tall:.1f}" '
            f'rx="2" fill="{colour}"><title>{escaped(name)}: {share:.1%}</title></rect>'
            f'<text x="{20 * number + 10}" y="64" text-anchor="middle">{escaped(name)}</text>'
        )
    wide = 20 * len(drawn)
    return _svg(wide, 68, wide, "".join(drawn), "probability of each symbol")


def bar(share: float, figures: Iterable[str]) -> Html:
    """Return a bar that is filled as far as `share`, 0 to 1, and what is said beside it."""
    said = "".join(f"<span>{escaped(figure)}</span>" for figure in figures)
    return Html(f'<div class="row"><progress value="{share:.4f}" max="1"></progress>{said}</div>')


def curves(lines: Mapping[str, Sequence[float]], at: int, form: str) -> Html:
    """Return curves in little space, and what they are at one of their points.

    Parameters
    ----------
    lines
        Values one an epoch, of ``"train"`` and of ``"validation"``.
    at
        The point to mark.
    form
        How a value is written, as ``".2%"``.
    """
    values = np.array([*lines.values()])
    low, spread = values.min(), np.ptp(values) or 1
    x = np.linspace(4, 156, values.shape[1]) if values.shape[1] > 1 else np.array([80.0])
    y = 34 - 30 * (values - low) / spread
    drawn, said = "", []
    for line, (name, own), colour in zip(y, lines.items(), (TRAIN, VALIDATION), strict=False):
        points = " ".join(f"{a:.1f},{b:.1f}" for a, b in zip(x, line, strict=True))
        drawn += f'<polyline points="{points}" fill="none" stroke="{colour}" stroke-width="1.5"/>'
        drawn += f'<circle cx="{x[at]:.1f}" cy="{line[at]:.1f}" r="3" fill="{colour}"/>'
        said.append(
            Html(f'<span><span style="color:{colour}">●</span> {name} {own[at]:{form}}</span>')
        )
    return row([_svg(160, 38, 160, drawn, " and ".join(lines)), *said])


def page(width: int, height: int, marks: Iterable[Mark]) -> Html:
    """Return a page of so many pixels with what was found on it, each in its box."""
    shown = min(WIDTH, HEIGHT * width / height)
    size = 13 * width / shown  # of labels, in the page's own pixels
    drawn = [f'<rect width="{width}" height="{height}" fill="#fff" stroke="#8886"/>']
    for mark in marks:
        left, top, across, down = mark.box
        place = f'x="{left}" y="{top}" width="{across}" height="{down}"'
        colour = "#14783c" if mark.good else "#be3c1e"
        above = top - 0.3 * size if top > 1.3 * size else top + down + size
        inked = _cropped(mark.ink)
        if inked.size:
            drawn.append(f'<image {place} preserveAspectRatio="none" href="{_uri(inked)}"/>')
        drawn.append(
            f'<rect {place} fill="#fff0" stroke="{colour}" stroke-width="1.5" '
            f'vector-effect="non-scaling-stroke"><title>{escaped(mark.hint)}</title></rect>'
            f'<text x="{left}" y="{above:.1f}" font-size="{size:.1f}" font-weight="bold" '
            f'style="fill:{colour}">{escaped(mark.label)}</text>'
        )
    return _svg(width, height, shown, "".join(drawn), "the page with the symbols found")


def _svg(width: float, height: float, shown: float, drawn: str, label: str) -> Html:
    return Html(
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" '
        f'width="{shown:.0f}" role="img" aria-label="{escaped(label)}" fill="currentColor" '
        f'font-family="sans-serif" font-size="12">{drawn}</svg>'
    )


def _cropped(ink: Bytes) -> Bytes:
    """Return the part of a picture that has ink."""
    rows, columns = (np.flatnonzero(ink.max(axis, initial=0) > 32) for axis in (1, 0))
    if not rows.size:
        return ink[:0]
    return ink[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]


def _uri(ink: Bytes) -> str:
    """Return a picture as an address that holds it: a PNG of black ink on nothing."""
    from PIL import Image

    file = io.BytesIO()
    Image.fromarray(np.dstack([np.zeros_like(ink), ink]), "LA").save(file, "PNG", optimize=True)
    return f"data:image/png;base64,{base64.b64encode(file.getvalue()).decode()}"
