"""What either reader proposes for a line, and where they differ."""

from inkdigits.alphabet import Alphabet
from inkdigits.recognition.proposals import Proposals, disagreements, is_odd

SYMBOLS = Alphabet((*"0123456789.-/%",), ("no_symbol",))


def classes(text: str) -> tuple[int, ...]:
    return tuple(1 + SYMBOLS.names.index(name) for name in text)


def test_no_number_begins_with_a_stroke_or_a_percent_sign():
    texts = ("12", "%2", "/12", "1%2", ".5", "-1", "%")
    assert [text for text in texts if is_odd(classes(text), SYMBOLS)] == ["%2", "/12"]


def test_symbols_that_one_reader_sees_differently_or_not_at_all_are_told():
    for network, lattice, doubted in (
        ("123", "123", set()),
        ("173", "123", {1}),
        ("123", "13", {1}),
        ("123", "1230", {2}),
    ):
        proposals = Proposals([classes(network)], classes(network), [], classes(lattice), ())
        assert disagreements(classes(network), proposals) == doubted
