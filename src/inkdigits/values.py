"""Values: what a written line says as a number, a date or a time; None where it says none for sure.

Nothing is guessed. What may be read in two ways that differ, such as ``1.234``, has a value only if
it is known which sign parts whole and fraction.
"""

import re
from collections.abc import Iterable
from datetime import date, time
from decimal import Decimal
from typing import TypeAlias

from .alphabet import UNKNOWN
from .errors import InkdigitsError

Value: TypeAlias = Decimal | date | time

AUTO = "auto"
DECIMALS = ("point", "comma", AUTO)
SIGNS = {"point": (".", ","), "comma": (",", ".")}  # of the fraction, and between thousands
LONGEST = 100  # characters; what is longer is no value that anybody wrote
CENTURY = 69  # a year of two digits from here on is of the 1900s, as in POSIX and `strptime`

DATE = re.compile(r"([0-9]{1,2})([./-]) ?([0-9]{1,2})\2 ?([0-9]{4}|[0-9]{2})")
YEAR_FIRST = re.compile(r"([0-9]{4})([./-])([0-9]{1,2})\2([0-9]{1,2})")
TIME = re.compile(r"([0-9]{1,2}):([0-9]{2})(?::([0-9]{2}))?")
# Beside a sign, digits, and what ends an amount (3.000.-, 12,—, 40/-, 7=) or a share (50 %).
NUMBER = re.compile(
    r"(?P<sign>[+-]?)(?P<body>[0-9]|[0-9.,][0-9., ]*[0-9])"
    r"(?:(?P<open>[.,])(?P<dash>--?|[—=])?|/[-—=]|[—=]| ?(?P<percent>%))?"
)
# May be a time or a day and month, so it proves nothing of how numbers are written.
MAYBE_NO_NUMBER = re.compile(r"([0-2]?[0-9]|3[01])\.[0-5][0-9]")


def value_of(text: str, decimal: str = AUTO) -> Value | None:
    """Return the value of a line.

    - Numbers: thousands are parted by the other sign or by spaces; ``.-``, ``,—``, ``/-`` and
      ``=`` end an amount, ``%`` divides by a hundred (``50%`` is ``0.50``). Thousands that are
      parted by one space alone (``12 345``) may as well be two numbers.
    - Dates: three numbers between equal signs of ``. / -``, the day first, or the month where only
      that makes a date; with four digits in front, year, month and day. Years of two digits are
      1969 to 2068.
    - Times: hours and minutes, and perhaps seconds, between colons.

    Parameters
    ----------
    text
        As a line has it.
    decimal
        What parts whole and fraction: ``"point"``, ``"comma"``, or ``"auto"``: whichever makes a
        number of it, and none if both do and they differ.

    Returns
    -------
    Decimal, date, time or None
        None if it is no single value, if a ``"?"`` stands in it, or if it may be read in two ways.

    Raises
    ------
    InkdigitsError
        If there is no such `decimal`.

    Examples
    --------
    >>> value_of("1.234,50"), value_of("3.000.-"), value_of("1.234"), value_of("1.234", "comma")
    (Decimal('1234.50'), Decimal('3000'), None, Decimal('1234'))
    >>> value_of("14/03/2026"), value_of("10:45"), value_of("85+9")
    (datetime.date(2026, 3, 14), datetime.time(10, 45), None)
    """
    checked_decimal(decimal)
    text = text.strip()
    if not text or len(text) > LONGEST or UNKNOWN in text:
        return None
    if (found := YEAR_FIRST.fullmatch(text)) is not None:
        return _date(found[1], found[3], found[4])
    if (found := DATE.fullmatch(text)) is not None:
        day_first = _date(found[4], found[3], found[1])
        return _date(found[4], found[1], found[3]) if day_first is None else day_first
    if (found := TIME.fullmatch(text)) is not None:
        return _time(int(found[1]), int(found[2]), int(found[3] or 0))
    if decimal != AUTO:
        return _number(text, decimal)
    values = {_number(text, one) for one in SIGNS} - {None}
    return values.pop() if len(values) == 1 else None


def convention(texts: Iterable[str]) -> str:
    """Return what parts whole and fraction in lines that stand together, as far as they prove it.

    ``1.234,50`` is a number by the comma alone. If some lines prove one sign and none the other,
    it holds for all of them; else it is ``"auto"``.
    """
    proven = set()
    for text in texts:
        if MAYBE_NO_NUMBER.fullmatch(text) or not isinstance(value_of(text), Decimal):
            continue
        possible = [one for one in SIGNS if _number(text.strip(), one) is not None]
        if len(possible) == 1:
            proven.add(possible[0])
    return proven.pop() if len(proven) == 1 else AUTO


def type_of(value: Value | None) -> str | None:
    """Return what kind of value it is: ``"number"``, ``"date"`` or ``"time"``."""
    kinds = {Decimal: "number", date: "date", time: "time"}
    return None if value is None else kinds[type(value)]


def written(value: Value) -> str:
    """Return a value as JSON has it: digits with a point, or a date or time as ISO 8601 has it."""
    return format(value, "f") if isinstance(value, Decimal) else value.isoformat()


def checked_decimal(decimal: str) -> str:
    """Return `decimal` if it is one of `DECIMALS`.

    Raises
    ------
    InkdigitsError
        If it is not.
    """
    if decimal not in DECIMALS:
        raise InkdigitsError(f"decimal must be {' or '.join(DECIMALS)}, not {decimal!r}.")
    return decimal


def _number(text: str, decimal: str) -> Decimal | None:
    """Return the number that `text` is by one convention."""
    found = NUMBER.fullmatch(text)
    if found is None:
        return None
    point, group = map(re.escape, SIGNS[decimal])
    # One space may as well part two numbers, unless a fraction or a second space follows.
    parts = re.fullmatch(
        rf"(?P<whole>[0-9]+|[1-9][0-9]{{0,2}}(?:{group}[0-9]{{3}})+"
        rf"|[1-9][0-9]{{0,2}}(?: [0-9]{{3}})+(?={point})|[1-9][0-9]{{0,2}}(?: [0-9]{{3}}){{2,}})?"
        rf"(?:{point}(?P<fraction>[0-9]+))?",
        found["body"],
    )
    if parts is None:
        return None
    whole, fraction = re.sub("[., ]", "", parts["whole"] or "0"), parts["fraction"]
    if found["open"] and (fraction or (found["dash"] is None and not parts["whole"].isdigit())):
        return None  # 12.50.- is no amount, and a dot may follow 12 but not 1.234
    number = Decimal(f"{found['sign']}{whole}.{fraction or ''}")
    if not found["percent"]:
        return number
    sign, digits, exponent = number.as_tuple()
    return Decimal((sign, digits, int(exponent) - 2))  # exact, however many digits there are


def _date(year: str, month: str, day: str) -> date | None:
    number = int(year)
    if len(year) == 2:
        number += 1900 if number >= CENTURY else 2000
    try:
        return date(number, int(month), int(day))
    except ValueError:
        return None


def _time(hour: int, minute: int, second: int) -> time | None:
    try:
        return time(hour, minute, second)
    except ValueError:
        return None
