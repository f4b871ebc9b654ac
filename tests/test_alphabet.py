import tomllib

import pytest

from inkdigits.alphabet import (
    DIGITS,
    DIGITS_OR_REJECT,
    MARKS,
    NO_SYMBOL,
    NUMBERS_OR_REJECT,
    SEVERAL_SYMBOLS,
    Alphabet,
)
from inkdigits.errors import AlphabetError, RecipeError
from inkdigits.training.recipe import Recipe


def test_marks_are_symbols_that_have_a_name_each():
    assert NUMBERS_OR_REJECT.symbols == (*DIGITS.symbols, *MARKS)
    assert len(set(MARKS.values())) == len(MARKS)


def test_the_outputs_are_the_symbols_and_then_the_rejects():
    alphabet = Alphabet(("0", "1", "-"), (SEVERAL_SYMBOLS, NO_SYMBOL))
    assert len(alphabet) == 5
    assert alphabet.names == ("0", "1", "-", "several_symbols", "no_symbol")
    assert (alphabet.several_symbols, alphabet.no_symbol) == (3, 4)
    assert alphabet.index("-") == 2
    assert alphabet.can_reject


def test_what_has_no_output_has_no_place():
    assert (DIGITS.no_symbol, DIGITS.several_symbols, DIGITS.can_reject) == (None, None, False)
    one = Alphabet(rejects=(SEVERAL_SYMBOLS,))
    assert (one.no_symbol, one.several_symbols) == (None, 10)


@pytest.mark.parametrize("alphabet", [DIGITS, DIGITS_OR_REJECT, Alphabet(("T-shirt/top", "bag"))])
def test_a_dict_gives_the_alphabet_back(alphabet):
    assert Alphabet.from_dict(alphabet.to_dict()) == alphabet


@pytest.mark.parametrize(
    ("symbols", "rejects", "says"),
    [
        (("?", "1"), (), "stands for a rejected symbol"),
        (("0",), (), "2 to 1,000 symbols, not 1"),
        (tuple(map(str, range(1001))), (), "not 1,001"),
        (("0", ""), (), "Invalid symbol ''"),
        (("0", "1\n"), (), "Invalid symbol"),
        (("0", "x" * 65), (), "Invalid symbol"),
        (("0", "no_symbol"), (), "list it in rejects"),
        (("0", "1", "0"), (), "'0' appears twice in an alphabet"),
        (("0", "1"), (NO_SYMBOL, NO_SYMBOL), "'no_symbol' appears twice in an alphabet"),
        (("0", "1"), ("no_symbols",), "did you mean 'no_symbol'"),
        ("0123", (), "must be a list of strings"),
        ((0, 1), (), "must be a list of strings"),
    ],
)
def test_what_is_no_alphabet_is_one_sentence(symbols, rejects, says):
    with pytest.raises(AlphabetError, match=says) as raised:
        Alphabet(symbols, rejects)
    assert "\n" not in str(raised.value)


@pytest.mark.parametrize(
    "table", [None, [], {}, {"symbols": "01"}, {"symbols": ["0", "1"], "x": 1}]
)
def test_what_is_no_table_of_one_is_one_sentence(table):
    with pytest.raises(AlphabetError, match="alphabet"):
        Alphabet.from_dict(table)


def test_an_unknown_symbol_is_one_sentence():
    with pytest.raises(AlphabetError, match="no symbol 'a'"):
        DIGITS.index("a")


def test_a_recipe_holds_it():
    text = '[alphabet]\nsymbols = ["0", "1", "-"]\nrejects = ["no_symbol"]\n'
    recipe = Recipe.parse(text, "mine")
    assert recipe.alphabet == Alphabet(("0", "1", "-"), (NO_SYMBOL,))
    assert tomllib.loads(recipe.dump())["alphabet"] == recipe.alphabet.to_dict()
    assert Recipe.parse(recipe.dump(), "mine") == recipe
    assert Recipe("plain").alphabet == DIGITS


@pytest.mark.parametrize("line", ['symbols = "0123456789"', "symbols = [0, 1]", 'rejects = ["x"]'])
def test_an_impossible_one_in_a_recipe_names_the_recipe(line):
    with pytest.raises(RecipeError, match=r"^In recipe 'mine': [^\n]+$"):
        Recipe.parse(f"[alphabet]\n{line}\n", "mine")
