"""Models: what a bundle holds, and what its ONNX file takes and gives."""

from .bundle import Bundle
from .contract import Contract

__all__ = ["Bundle", "Contract"]
