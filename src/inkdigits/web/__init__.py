"""The page: draw, see inside, compare runs, learn. A server on this machine, and what it shows."""

from .server import serve
from .settings import Settings

__all__ = ["Settings", "serve"]
