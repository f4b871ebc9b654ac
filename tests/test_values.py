from datetime import date, time
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inkdigits.errors import InkdigitsError
from inkdigits.values import DECIMALS, SIGNS, convention, type_of, value_of, written

NUMBERS = st.builds(
    lambda digits, places: Decimal((digits < 0, Decimal(abs(digits)).as_tuple().digits, -places)),
    st.integers(-(10**12), 10**12),
    st.integers(0, 6),
)
TEXTS = st.text("0123456789.,-/:+%=— ?", max_size=14)


def formatted(number: Decimal, decimal: str, grouping: str | None = None) -> str:
    """Return a number as people write it by one convention."""
    point, thousands = SIGNS[decimal]
    text = f"{number:,f}" if grouping else f"{number:f}"
    return text.translate({ord(","): grouping or thousands, ord("."): point})


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("7", "7"),
        ("12.50", "12.50"),
        ("12,50", "12.50"),
        ("1.234,50", "1234.50"),
        ("1,234.50", "1234.50"),
        ("1 234,50", "1234.50"),
        ("1 234 567", "1234567"),
        ("1.234.567", "1234567"),
        ("1234.567", "1234.567"),
        ("0.234", "0.234"),
        (".5", "0.5"),
        ("5.", "5"),
        ("-264.27", "-264.27"),
        ("+5", "5"),
        ("3.000.-", "3000"),
        ("3.000,—", "3000"),
        ("12,-", "12"),
        ("12.--", "12"),
        ("40/-", "40"),
        ("12.50/-", "12.50"),
        ("12.50=", "12.50"),
        ("7—", "7"),
        ("50%", "0.50"),
        ("12,5 %", "0.125"),
    ],
)
def test_numbers_are_known_however_they_are_written(text, value):
    assert str(value_of(text)) == value


@pytest.mark.parametrize(
    "text",
    [
        "", "?", "12?5", "85+9", "1.234", "1,234", "12.500%", "12 345", "12 34", "1..5", "12.50.-",
        "264-", "- 5", "--5", "1.234.", "1.23.456", "10/12", "1/2", "10-12", "12.50 3.20", "—",
        "%", ".", "0.000.000", "7" * 101,
    ],
)  # fmt: skip
def test_what_is_no_single_number_for_sure_has_no_value(text):
    assert value_of(text) is None


def test_a_known_sign_decides():
    assert value_of("1.234", "point") == Decimal("1.234")
    assert value_of("1.234", "comma") == value_of("1,234", "point") == Decimal(1234)
    assert value_of("12.50", "comma") is value_of("12,50", "point") is None
    assert value_of("14.03.2026", "comma") == value_of("14.03.2026", "point") == date(2026, 3, 14)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("14/03/2026", date(2026, 3, 14)),
        ("14.3.26", date(2026, 3, 14)),
        ("14. 3. 26", date(2026, 3, 14)),
        ("2026-03-14", date(2026, 3, 14)),
        ("2026/3/14", date(2026, 3, 14)),
        ("03/14/2026", date(2026, 3, 14)),
        ("03/04/2026", date(2026, 4, 3)),
        ("1-1-69", date(1969, 1, 1)),
        ("1-1-68", date(2068, 1, 1)),
        ("29.2.2023", None),
        ("2026-14-03", None),
        ("14/03-2026", None),
        ("0/1/2026", None),
        ("10:45", time(10, 45)),
        ("9:05:30", time(9, 5, 30)),
        ("24:00", None),
        ("10:4", None),
        ("10:60", None),
    ],
)
def test_dates_and_times_are_known_by_their_marks(text, value):
    assert value_of(text) == value


@given(NUMBERS, st.sampled_from(sorted(SIGNS)))
def test_a_number_comes_back(number, decimal):
    text = formatted(number, decimal)
    assert value_of(text, decimal) == number
    assert value_of(f"{text}%", decimal) == Decimal(f"{number}e-2")
    for grouping in (SIGNS[decimal][1], " "):
        found = value_of(formatted(number, decimal, grouping), decimal)
        assert found == number or (found is None and grouping == " ")
    # What is not known may have no value, but never a wrong one.
    assert value_of(text) in (number, None)


@given(st.dates(date(1969, 1, 1), date(2068, 12, 31)), st.sampled_from("./-"))
def test_a_date_comes_back(day, mark):
    for form in ("%d{0}%m{0}%Y", "%d{0}%m{0}%y", "%Y{0}%m{0}%d"):
        assert value_of(day.strftime(form.format(mark))) == day


@given(st.times().map(lambda at: at.replace(microsecond=0)))
def test_a_time_comes_back(at):
    assert value_of(at.isoformat()) == at
    assert value_of(f"{at.hour}:{at.minute:02}") == at.replace(second=0)


@given(TEXTS)
def test_nothing_is_guessed(text):
    found = value_of(text)
    if isinstance(found, Decimal):
        each = {value_of(text, decimal) for decimal in SIGNS} - {None}
        assert each == {found}
    if found is not None:
        assert "?" not in text
        assert type(found)(written(found)) == found if type_of(found) == "number" else True


def test_lines_that_stand_together_prove_how_numbers_are_written():
    assert convention(["1.234", "12,50"]) == "comma"
    assert convention(["1.234", "112.50"]) == "point"
    assert convention(["1.234", "3.000.-"]) == "comma"
    assert convention(["1.234", "12", "14.03.2026", "1,2,3", "?"]) == "auto"
    assert convention(["1,5", "1.5"]) == "auto"


def test_what_may_be_a_time_or_a_day_proves_nothing():
    assert convention(["1.234", "12.50"]) == convention(["1.234", "14.03"]) == "auto"


def test_values_are_written_as_standards_have_them():
    assert written(Decimal("-0.0000001")) == "-0.0000001"
    assert written(date(2026, 3, 14)) == "2026-03-14"
    assert written(time(10, 45)) == "10:45:00"
    assert [type_of(value_of(text)) for text in ("1", "1.1.26", "1:00", "")] == [
        "number", "date", "time", None
    ]  # fmt: skip


def test_another_sign_is_refused():
    with pytest.raises(InkdigitsError, match=f"decimal must be {' or '.join(DECIMALS)}, not 'dot'"):
        value_of("1.5", "dot")
