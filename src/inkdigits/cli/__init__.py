"""The command line: parse, call, print. No logic lives here, and nothing heavy is imported."""

from .base import app
from .entry import main

__all__ = ["app", "main"]
