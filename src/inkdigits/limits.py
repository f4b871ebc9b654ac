"""Limits of what a recipe may say, and the sentence where a value lies beyond them.

A recipe may be somebody else's file: no line of it may fill the memory, or keep a program busy.
"""

import reprlib

from .errors import RecipeError

LONG = 60  # characters of a value in a sentence


def within(setting: str, value: float, low: float, high: float, why: str = "") -> None:
    """Refuse a value of `setting` that is not from `low` to `high`; `why` says what for.

    Raises
    ------
    RecipeError
        If it lies beyond.
    """
    if not low <= value <= high:
        raise RecipeError(
            f"{setting} must be from {number(low)} to {number(high)}, not {brief(value)}"
            f"{f': {why}' if why else ''}."
        )


def number(value: float) -> str:
    """Return a limit as a sentence has it: ``100,000``, ``0.001``."""
    return f"{value:,}" if isinstance(value, int) else f"{value:,.6g}"


def brief(value: object) -> str:
    """Return a value as a sentence has it, however long it is."""
    try:
        text = reprlib.repr(value)
    except ValueError:  # of a whole number with thousands of digits Python makes no text
        return "a number that large"
    return text if len(text) <= LONG else f"{text[: LONG - 3]}..."
