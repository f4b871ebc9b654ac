"""The formats of `--format`: each takes documents as they come, and gives lines to print."""

from collections.abc import Callable, Iterable, Iterator

from ..document import Document
from .hocr import to_hocr
from .table import to_csv
from .text import to_json, to_jsonl, to_text

FORMATS: dict[str, Callable[[Iterable[Document]], Iterator[str]]] = {
    "text": to_text,
    "json": to_json,
    "jsonl": to_jsonl,
    "csv": to_csv,
    "hocr": to_hocr,
}
