"""Documents as hOCR 1.2: HTML that says where on a page each symbol stands.

See https://kba.github.io/hocr-spec/1.2/.
"""

import html
import re
from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby
from urllib.parse import quote

from ..document import Box, Document, Line, Page, Symbol, bounds, is_shown, rows_of_cells

CAPABILITIES = "ocr_page ocr_table ocr_line ocrx_word ocrx_cinfo"
HEAD = """<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE html PUBLIC "-//W3C//DTD XHTML 1.0 Transitional//EN" \
"http://www.w3.org/TR/xhtml1/DTD/xhtml1-transitional.dtd">
<html xmlns="http://www.w3.org/1999/xhtml" xml:lang="en" lang="en">
<head>
<title>Numbers read by inkdigits</title>
<meta http-equiv="Content-Type" content="text/html; charset=utf-8"/>
<meta name="ocr-system" content="inkdigits"/>
<meta name="ocr-capabilities" content="{capabilities}"/>
<meta name="ocr-langs" content="unknown"/>
<meta name="ocr-scripts" content="Zyyy"/>
</head>
<body>"""
FOOT = "</body>\n</html>"
# What XML cannot hold at all, escaped or not.
NO_XML = re.compile(r"[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
PLAIN = "".join(map(chr, range(32, 127))).translate({ord(sign): None for sign in '%";\\'})


def to_hocr(documents: Iterable[Document]) -> Iterator[str]:
    """Yield the lines of one XHTML file with all pages of all documents.

    Words of print that were passed over are not in it, and a picture that could not be opened has
    no page.
    """
    yield HEAD.format(capabilities=CAPABILITIES)
    count = 0
    for document in documents:
        for page in document.pages:
            count += 1
            yield _page(document.name, page, count)
    yield FOOT


def _page(name: str, page: Page, count: int) -> str:
    title = f'image "{_address(name)}"; bbox 0 0 {page.width} {page.height}; '
    parts = [_open("div", "ocr_page", f"page_{count}", f"{title}ppageno {page.number - 1}")]
    shown = [(number, line) for number, line in enumerate(page.lines, start=1) if line.text]
    # The cells of a table come one after the other.
    for is_table, group in groupby(shown, key=lambda pair: pair[1].cell is not None):
        lines = [(f"{count}_{number}", line) for number, line in group]
        if is_table:
            parts.append(_table(lines, page))
        else:
            parts += [f"<p>{_line(name, line, page)}</p>" for name, line in lines]
    return "\n".join([*parts, "</div>"])


def _table(cells: Sequence[tuple[str, Line]], page: Page) -> str:
    names = {id(line): name for name, line in cells}
    box = bounds(symbol.outline for _, line in cells for symbol in line.symbols)
    parts = [_open("table", "ocr_table", f"table_{cells[0][0]}", f"bbox {_box(box)}")]
    for row in rows_of_cells(line for _, line in cells):
        drawn = [
            "<td>" + " ".join(_line(names[id(line)], line, page) for line in cell) + "</td>"
            for cell in row
        ]
        parts += ["<tr>", *drawn, "</tr>"]  # apart also for whoever drops the tags
    return "\n".join([*parts, "</table>"])


def _line(name: str, line: Line, page: Page) -> str:
    title = f"bbox {_box(line.box)}; x_wconf {100 * line.confidence:.1f}"
    if page.rotation:
        title += f"; textangle {page.rotation:g}"  # of the writing, in the file as it is stored
    words = [word for word in line.words if is_shown(word)]
    drawn = [_word(f"{name}_{number}", word) for number, word in enumerate(words, start=1)]
    return f"{_open('span', 'ocr_line', f'line_{name}', title)}{' '.join(drawn)}</span>"


def _word(name: str, word: Sequence[Symbol]) -> str:
    box = bounds(symbol.outline for symbol in word)
    sure = Line(tuple(word)).confidence
    title = f"bbox {_box(box)}; x_wconf {100 * sure:.1f}"
    drawn = "".join(_symbol(symbol) for symbol in word)
    return f"{_open('span', 'ocrx_word', f'word_{name}', title)}{drawn}</span>"


def _symbol(symbol: Symbol) -> str:
    title = f"x_bboxes {_box(symbol.box)}; x_confs {100 * symbol.confidence:.1f}"
    return f'<span class="ocrx_cinfo" title="{title}">{_escaped(symbol.text)}</span>'


def _open(tag: str, kind: str, name: str, title: str) -> str:
    return f'<{tag} class="{kind}" id="{name}" title="{_escaped(title)}">'


def _box(box: Box) -> str:
    left, top, width, height = box
    # The format knows no negative places: of a symbol at the edge they are cut off.
    corners = left, top, left + width, top + height
    return " ".join(str(max(0, corner)) for corner in corners)


def _address(name: str) -> str:
    """Return a name without the signs that end a property; they are written as in an address."""
    return quote(name.encode("utf-8", "surrogateescape"), safe=PLAIN)


def _escaped(text: str) -> str:
    return html.escape(NO_XML.sub("\ufffd", text))
