"""``python -m inkdigits`` is the command line."""

from .cli import main

main()
