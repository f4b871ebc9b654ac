"""The options of a measurement: what all parsers have in common."""

import argparse


def argument_parser(name: str, about: str | None) -> argparse.ArgumentParser:
    """Return a parser for ``python -m benchmarks NAME``; its help begins with `about`, as it is."""
    return argparse.ArgumentParser(
        prog=f"python -m benchmarks {name}",
        description=about,
        formatter_class=argparse.RawTextHelpFormatter,
    )
