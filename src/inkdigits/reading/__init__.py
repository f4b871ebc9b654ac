"""From pictures to documents. Nothing here knows PyTorch.

``io`` → ``segmentation`` → ``recognition`` → `Document`, one direction.
"""

from ..document import Document, Line, Page, Symbol
from .reader import Reader

__all__ = ["Document", "Line", "Page", "Reader", "Symbol"]
