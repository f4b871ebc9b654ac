from collections.abc import Callable, Sequence
from itertools import pairwise

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from inkdigits.recognition.lattice import Candidate, Lattice, Role
from inkdigits.segmentation.components import Component
from tests.segmentation.drawings import block

HEIGHT = 30


def best(
    line: Sequence[Component],
    sure: Sequence[float],
    says: Callable[[Component], float],
    marks: Sequence[Component] = (),
) -> list[Candidate]:
    """Return what is chosen when a recogniser `says` how sure it is of a component."""
    lattice = Lattice(line, sure, [1 - value for value in sure], HEIGHT, frozenset(marks))
    return lattice.best({component: says(component) for component in lattice.components})


def read(
    line: Sequence[Component], sure: Sequence[float], says: Callable[[Component], float]
) -> list[tuple[int, int]]:
    """Return left and right of what is read as symbols."""
    chosen = [one.component for one in best(line, sure, says) if one.role is Role.SYMBOL]
    return [(component.left, component.right) for component in chosen]


def test_no_components_make_no_symbols():
    assert best([], [], lambda _: 0.9) == []


def test_sure_digits_are_read_as_they_stand():
    line = [block(0, 0), block(30, 0)]
    assert read(line, [0.99, 0.99], lambda _: 0.99) == [(0, 20), (30, 50)]


def test_a_broken_digit_is_joined_when_that_makes_one():
    left, right = block(0, 0, 10), block(12, 0, 10)
    assert read([left, right], [0.1, 0.4], lambda c: 0.95 if c.width > 15 else 0.2) == [(0, 22)]


def test_neighbours_are_not_joined_when_each_is_a_digit():
    left, right = block(0, 0, 10), block(12, 0, 10)
    assert len(read([left, right], [0.8, 0.8], lambda c: 0.8 if c.width < 15 else 0.6)) == 2


def test_what_stands_far_apart_is_never_joined():
    line = [block(0, 0, 10), block(60, 0, 10)]
    assert len(read(line, [0.1, 0.1], lambda c: 0.99 if c.width > 15 else 0.1)) == 2


def test_a_small_piece_between_digits_is_passed_over_as_nothing():
    line = [block(0, 0), block(24, 26, 4, 4), block(32, 0)]
    found = best(line, [0.99, 0.6, 0.99], lambda c: 0.99 if c.width == 20 else 0.3)
    assert [one.role for one in found] == [Role.SYMBOL, Role.NOTHING, Role.SYMBOL]
    assert [one.component for one in found] == line


def test_the_bar_of_a_five_is_taken_along():
    body, bar = block(0, 6, 16, 24), block(10, 0, 14, 5)
    found = read([body, bar], [0.5, 0.1], lambda c: 0.99 if c.width == 24 else 0.5)
    assert found == [(0, 24)]


def test_a_mark_is_a_mark_however_good_a_digit_it_would_help_to_make():
    body, mark = block(0, 6, 16, 24), block(10, 0, 14, 5)
    found = best([body, mark], [0.5, 0.1], lambda c: 0.99 if c.width == 24 else 0.5, [mark])
    assert [(one.component, one.role) for one in found] == [
        (body, Role.SYMBOL),
        (mark, Role.MARK),
    ]


def test_a_mark_keeps_apart_what_stands_on_either_side():
    left, mark, right = block(0, 0, 8), block(9, 22, 3, 8), block(13, 0, 8)
    found = best(
        [left, mark, right], [0.1, 0.1, 0.1], lambda c: 0.99 if c.width > 15 else 0.1, [mark]
    )
    assert [one.component for one in found] == [left, mark, right]


@settings(deadline=None)
@given(st.lists(st.tuples(st.floats(0, 1), st.booleans()), min_size=1, max_size=8), st.data())
def test_no_symbol_holds_a_mark(signs, data):
    line = [block(12 * at, 0, 10) for at in range(len(signs))]
    marks = [part for part, (_, marked) in zip(line, signs, strict=True) if marked]
    lattice = Lattice(line, [s for s, _ in signs], [1 - s for s, _ in signs], HEIGHT, set(marks))
    for one in lattice.candidates:
        covered = lattice.primitives[one.first : one.last]
        assert (one.role is Role.MARK) == any(part in marks for part in covered)
        assert one.role is Role.SYMBOL or len(covered) == 1
    sure = {part: data.draw(st.floats(0, 1)) for part in lattice.components}
    found = lattice.best(sure)
    assert [one.component for one in found if one.role is Role.MARK] == marks


def test_digits_that_touch_are_cut_when_the_halves_are_digits():
    ink = np.zeros((40, 60), np.float32)
    for x in (0, 32):
        ink[:, x : x + 28] = 1
        ink[5:35, x + 5 : x + 23] = 0
    ink[18:22, 26:34] = 1  # where they touch
    found = read([Component(0, 0, ink)], [0.05], lambda c: 0.95 if 24 <= c.width <= 34 else 0.05)
    assert len(found) == 2


def test_what_is_surely_a_digit_is_not_cut():
    wide = block(0, 0, 40, 40)
    assert Lattice([wide], [0.95], [0.5], 40).components == [wide]


@settings(deadline=None)
@given(st.lists(st.floats(0, 1), min_size=1, max_size=8))
def test_every_component_is_either_read_or_passed_over(sure):
    line = [block(22 * x, 0) for x in range(len(sure))]
    found = best(line, sure, lambda _: 0.5)
    assert found[0].first == 0 and found[-1].component.right == line[-1].right
    assert all(a.last == b.first for a, b in pairwise(found))
