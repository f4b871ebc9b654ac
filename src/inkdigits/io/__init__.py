"""Files in and out: pictures and their limits, what was read as text, JSON, CSV, pictures."""

from .hocr import to_hocr
from .table import to_csv
from .text import to_json, to_jsonl, to_text

__all__ = ["to_csv", "to_hocr", "to_json", "to_jsonl", "to_text"]
