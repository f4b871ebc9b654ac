from collections.abc import Mapping

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from inkdigits.alphabet import Alphabet
from inkdigits.recognition.lattice import Lattice, Role
from inkdigits.recognition.line import Answer
from inkdigits.recognition.paths import FAINT, MISSING, PASSED, Paths
from inkdigits.segmentation.components import Component
from tests.segmentation.drawings import block

SYMBOLS = tuple("0123456789")
LINES = Alphabet((*SYMBOLS, ".", "-"), ("no_symbol",))
DOT, NONE = 11, 13
SEEN = np.zeros((28, 28), np.uint8)


def answer(none: float = 0.0, several: float = 0.0, **shares: float) -> Answer:
    """Return what says that it is ``d1`` with such a share, and else anything."""
    found = np.full(10, 0.0, np.float32)
    for name, share in shares.items():
        found[int(name[1:])] = share
    found += (1 - found.sum()) / 10
    return Answer(SYMBOLS, found, none, several, SEEN)


def paths_of(
    answers: Mapping[Component, Answer], marks: tuple[Component, ...] = (), height: float = 30
) -> Paths:
    line = list(answers)
    lattice = Lattice(
        line,
        [one.confidence for one in answers.values()],
        [one.several_symbols for one in answers.values()],
        height,
        frozenset(marks),
    )
    every = {c: answers.get(c, answer(none=0.9)) for c in lattice.components}
    return Paths(lattice, {**every, **answers}, LINES.names)


def classes(text: str) -> tuple[int, ...]:
    return tuple(NONE if sign == "x" else 1 + LINES.symbols.index(sign) for sign in text)


def score(paths: Paths, text: str) -> float:
    return float(paths.log_scores([classes(text)])[0])


@pytest.fixture
def three() -> Paths:
    """Return a line that reads 1 4 7, in which the 7 may be a 1."""
    return paths_of(
        {
            block(0, 0): answer(d1=0.98),
            block(30, 0): answer(d4=0.98),
            block(60, 0): answer(d7=0.6, d1=0.35),
        }
    )


def test_the_text_that_the_components_say_scores_best(three):
    assert three.best()[0].classes == classes("147")
    others = ["141", "17", "1447", "", "999", "1.47"]
    assert all(score(three, "147") > score(three, other) for other in others)
    assert score(three, "147") == pytest.approx(three.best()[0].score)
    assert score(three, "147") - score(three, "141") == pytest.approx(
        np.log(0.605 / 0.355), abs=0.01
    )


def test_texts_are_scored_together_as_each_alone(three):
    texts = [classes(text) for text in ("147", "", "1", "14.7", "x47", "1477777")]
    alone = [float(three.log_scores([text])[0]) for text in texts]
    assert three.log_scores(texts) == pytest.approx(alone)
    assert np.isfinite(alone).all()


def test_other_texts_come_behind_the_best(three):
    found = three.best()
    assert [path.classes for path in found[:2]] == [classes("147"), classes("141")]
    assert len({path.classes for path in found}) == len(found) <= 5
    assert [path.score for path in found] == sorted([p.score for p in found], reverse=True)
    assert found[0].places == ((0, 20), (30, 50), (60, 80))


def test_a_symbol_may_have_no_ink(three):
    for text in ("1470", "0147"):
        assert score(three, "147") + MISSING <= score(three, text) < score(three, "147") - 3
    assert score(three, "14.7") == pytest.approx(score(three, "147") + FAINT)


def test_a_mark_is_a_mark_and_counts_against_a_text_without_it():
    one, dot, two = block(0, 0), block(23, 24, 5, 6), block(32, 0)
    paths = paths_of({one: answer(d1=1), dot: answer(none=0.9), two: answer(d2=1)}, (dot,))
    assert score(paths, "1.2") == pytest.approx(0, abs=0.01)
    assert score(paths, "12") == pytest.approx(score(paths, "1.2") + PASSED)
    assert paths.best()[0].classes == classes("12")
    steps = paths.explained(classes("1.2"))
    assert [(c.component, a, b) for c, a, b in steps] == [(one, 0, 1), (dot, 1, 2), (two, 2, 3)]


def test_a_speck_may_be_a_mark():
    one, speck, two = block(0, 0), block(23, 24, 5, 6), block(32, 0)
    paths = paths_of({one: answer(d1=1), speck: answer(none=0.9), two: answer(d2=1)})
    (_, _, _), (found, first, last), _ = paths.explained(classes("1.2"))
    assert found.component is speck and found.role is Role.NOTHING and (first, last) == (1, 2)
    assert score(paths, "1.2") > score(paths, "132")


def test_what_is_no_symbol_may_be_passed_over_or_be_a_mark():
    one, stroke = block(0, 0), block(30, 0, 12, 30)
    paths = paths_of({one: answer(d1=1), stroke: answer(none=0.95)})
    assert score(paths, "1-") == pytest.approx(score(paths, "1"))
    assert score(paths, "1x") == pytest.approx(score(paths, "1"))
    assert score(paths, "13") < score(paths, "1") - 2
    assert paths.best()[0].classes == classes("1x")


def test_a_component_may_be_several_symbols():
    one, wide = block(0, 0), block(30, 0, 28, 30)
    paths = paths_of({one: answer(d1=1), wide: answer(d4=0.9, several=0.9, none=0.9)})
    assert score(paths, "100") > max(score(paths, "10"), score(paths, "1000"))
    steps = [(c.component, a, b) for c, a, b in paths.explained(classes("100"))]
    assert steps == [(one, 0, 1), (wide, 1, 3)]


def test_without_components_all_is_missing():
    paths = paths_of({})
    assert score(paths, "12.") == pytest.approx(2 * MISSING + FAINT)
    assert paths.explained(classes("12")) == []
    assert [path.classes for path in paths.best()] == [()]
    assert paths.log_scores([]).shape == (0,)


def test_a_recogniser_that_knows_marks_is_asked_for_them():
    dash = block(0, 12, 20, 20)
    known = Answer((*SYMBOLS, "-"), np.eye(11, dtype=np.float32)[10], 0.0, 0.0, SEEN)
    paths = paths_of({dash: known})
    assert score(paths, "-") == pytest.approx(0, abs=0.01) and score(paths, "1") < -2
    assert paths.best()[0].classes == classes("-")


@given(seed=st.integers(0, 1000), count=st.integers(0, 5))
@settings(max_examples=20, deadline=None)
def test_what_explains_a_text_covers_the_line_once_and_the_text_in_order(seed, count):
    random = np.random.default_rng(seed)
    answers = {
        block(25 * at, 0, *random.integers(4, 30, 2)): answer(
            none=random.random(), several=random.random() / 2, d3=random.random()
        )
        for at in range(count)
    }
    paths = paths_of(answers)
    text = tuple(random.integers(1, 14, random.integers(0, 7)).tolist())
    at, place = 0, 0
    for candidate, first, last in paths.explained(text):
        assert candidate.first == at and first >= place and last >= first
        at, place = candidate.last, last
    assert at == paths.nodes and place <= len(text)
    best = paths.best()[0]
    assert best.score <= score_of(paths, best.classes) + 1e-6


def score_of(paths: Paths, text: tuple[int, ...]) -> float:
    return float(paths.log_scores([text])[0])
