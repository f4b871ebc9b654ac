import numpy as np
import pytest

from inkdigits.recognition.lattice import Role
from inkdigits.recognition.line import (
    CHUNK,
    CROP,
    PAPER,
    Answer,
    ComponentLineRecogniser,
    LineReading,
)
from inkdigits.recognition.recogniser import Prediction
from inkdigits.segmentation.components import Component, find_components
from tests.reading.strokes import Shapes, one, paper, zero
from tests.segmentation.drawings import block, ink, line, ring


class Recording(Shapes):
    """The stand-in, which keeps what it was shown."""

    def __init__(self) -> None:
        super().__init__()
        self.shown: list[np.ndarray] = []

    def read(self, ink: np.ndarray) -> Prediction:
        self.shown.append(ink)
        return super().read(ink)


@pytest.fixture
def recogniser() -> Recording:
    return Recording()


@pytest.fixture
def reader(recogniser: Recording) -> ComponentLineRecogniser:
    return ComponentLineRecogniser(recogniser)  # type: ignore[arg-type]


def components(page: np.ndarray) -> list[Component]:
    return sorted(find_components(ink(page))[0], key=lambda c: c.left)


def values(reading: LineReading) -> list[int]:
    return [int(answer.likeliest) for one, answer in reading.best() if one.role is Role.SYMBOL]


def test_no_lines_make_no_readings(reader):
    assert reader.read([]) == []


def test_lines_are_read_each_as_it_is(reader):
    first = components(zero(one(paper(), 20, 30), 50, 30))
    second = components(one(zero(paper(), 20, 30), 70, 30))
    found = reader.read([line(*first, height=44), line(*second, height=44)])
    assert [values(reading) for reading in found] == [[1, 0], [0, 1]]


def test_a_broken_digit_is_joined(reader):
    whole = ring(0, 0, 32, 36)
    halves = Component(0, 0, whole.ink[:, :16]), Component(16, 0, whole.ink[:, 16:])
    (reading,) = reader.read([line(*halves, height=36)])
    assert values(reading) == [0]
    ((one, _),) = reading.best()
    assert one.component.mass == whole.mass and (one.first, one.last) == (0, 2)


def test_a_mark_is_asked_of_and_joined_with_nothing(reader, recogniser):
    digits = [ring(0, 0, 20, 30), ring(30, 0, 20, 30)]
    dot = block(23, 24, 5, 6)
    row = line(digits[0], dot, digits[1], marks=frozenset([dot]))
    (reading,) = reader.read([row])
    assert [one.role for one, _ in reading.best()] == [Role.SYMBOL, Role.MARK, Role.SYMBOL]
    assert dot in reading.answers and recogniser.asked == 3
    assert dot not in reading.lattice.components


def test_components_that_look_alike_are_answered_each(reader):
    same = np.ones((30, 6), np.float32)
    first, second = Component(0, 0, same), Component(40, 0, same)
    answers = reader.ask([first, second])
    assert set(answers) == {first, second} and answers[first] is not answers[second]


def test_crops_are_shrunk_and_never_stretched(reader, recogniser):
    reader.ask([block(0, 0, 10, 20)])
    assert recogniser.shown[-1].shape == (1, 20 + PAPER, 10 + PAPER)
    reader.ask([block(0, 0, 300, 900), block(0, 0, 10, 20)])
    shown = recogniser.shown[-1]
    assert shown.shape[1:] == (CROP + PAPER, CROP + PAPER) and shown[0, :CROP, :21].min() > 0.99
    assert shown[1].sum() == 200


def test_a_hairline_of_one_pixel_can_be_asked_of(reader):
    answers = reader.ask([block(0, 0, 1, 1), block(0, 0, 1, 4000), block(0, 0, 4000, 1)])
    assert all(0 <= answer.confidence <= 1 for answer in answers.values())


def test_many_components_are_asked_of_in_chunks(reader, recogniser):
    many = [block(0, 0, 3, 9) for _ in range(CHUNK + 5)]
    assert len(reader.ask(many)) == CHUNK + 5
    assert [len(shown) for shown in recogniser.shown] == [CHUNK, 5]


def test_an_answer_is_as_sure_as_its_best_share_if_it_is_a_digit():
    shares = np.full(10, 0.02, np.float32)
    shares[7] = 0.82
    seen = np.zeros((28, 28), np.uint8)
    answer = Answer(tuple("0123456789"), shares, 0.25, 0.1, seen)
    assert answer.confidence == pytest.approx(0.82 * 0.75) and answer.likeliest == "7"
