"""Pages whose truth is known: pens, paper, light and cameras, tables and marks, and hard cases."""

from .costly import COSTLY, costly
from .marks import marked_page
from .pages import KINDS, SyntheticPage, page, pages
from .small_writing import large_and_small, small_writing
from .tables import SyntheticTable, comb, table
from .writers import Writers

__all__ = [
    "COSTLY",
    "KINDS",
    "SyntheticPage",
    "SyntheticTable",
    "Writers",
    "comb",
    "costly",
    "large_and_small",
    "marked_page",
    "page",
    "pages",
    "small_writing",
    "table",
]
