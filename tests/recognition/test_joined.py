from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import pytest

from inkdigits.alphabet import Alphabet
from inkdigits.document import Reason
from inkdigits.models.contract import LINE_HEIGHT, LINE_STEP
from inkdigits.recognition.joined import JoinedLineRecogniser, JoinedReading
from inkdigits.recognition.lattice import Role
from inkdigits.recognition.line import ComponentLineRecogniser
from inkdigits.recognition.line_confidence import Calibration
from inkdigits.recognition.pieces import Columns
from inkdigits.recognition.recogniser import Prediction
from inkdigits.segmentation.components import Component
from inkdigits.segmentation.lines import TextLine
from inkdigits.segmentation.strip import Strip
from tests.reading.strokes import Shapes
from tests.segmentation.drawings import block, box, line, ring

SYMBOLS = Alphabet((*"0123456789", ".", "-"), ("no_symbol",))
HEIGHT = 30
STEP = 4  # pixels of a page that one column stands for


class Network:
    """A stand-in for a network of lines, which says what it is told to."""

    def __init__(self, *says: dict[int, dict[str, float]]) -> None:
        self.says = says
        self.alphabet = SYMBOLS
        self.bundle = None

    def read(self, strips: Sequence[Strip]) -> list[npt.NDArray[np.float32]]:
        """Say of each strip's columns what each symbol's share is; the rest is blank.

        Of the same strips, narrower or wider, it says the same.
        """
        found = []
        for number, one in enumerate(strips):
            first, said = (some[number % len(self.says)] for some in (strips, self.says))
            moved = {at * one.width // first.width: some for at, some in said.items()}
            found.append(spoken(one.width // LINE_STEP, moved))
        return found


def spoken(columns: int, said: dict[int, dict[str, float]]) -> npt.NDArray[np.float32]:
    shares = np.full((columns, 1 + len(SYMBOLS)), 1e-5)
    for at, some in said.items():
        for name, share in some.items():
            shares[at, 1 + SYMBOLS.names.index(name)] = share
    shares[:, 0] = 1 - shares[:, 1:].sum(1)
    return np.log(shares).astype(np.float32)


def strip(width: int, left: int = 0, middle: int = 15) -> Strip:
    """Return a strip of which a pixel is one of the page, with the line's middle in its own."""
    down = middle - LINE_HEIGHT / 2
    matrix = np.array([[STEP / LINE_STEP, 0.0, left], [0.0, STEP / LINE_STEP, down]])
    return Strip(np.full((LINE_HEIGHT, width), 255, np.uint8), matrix)


def at(component: Component) -> int:
    """Return the column in which a component's middle lies."""
    return int(component.middle[0] // STEP)


def read(
    row: TextLine, *says: dict[int, dict[str, float]], strips: Sequence[Strip] | None = None
) -> JoinedReading:
    row = line(*row.components, marks=row.marks, strips=strips or [strip(160)])
    recogniser = JoinedLineRecogniser(Shapes(), Network(*says))  # type: ignore[arg-type]
    (found,) = recogniser.read([row])
    assert isinstance(found, JoinedReading)
    return found


def places(found: JoinedReading) -> list[tuple[int, int, int, int]]:
    return [box(one.component) for one, _ in found.symbols]


@pytest.fixture
def two() -> TextLine:
    """Return a line that reads 0 1 by its components."""
    return line(ring(0, 0), block(40, 0, 4, 30))


def test_where_both_agree_all_is_sure_and_stands_where_its_ink_is(two):
    zero, one = two.components
    found = read(two, {at(zero): {"0": 0.97}, at(one): {"1": 0.98}})
    assert found.text == "01" and found.agree and not found.doubtful
    assert places(found) == [box(zero), box(one)] and found.passed == []
    assert min(answer.confidence for _, answer in found.symbols) > 0.95
    assert found.confidence > 0.8
    assert all(answer.symbols == SYMBOLS.symbols for _, answer in found.symbols)


def test_a_mark_that_only_the_network_knows_is_read_and_has_its_component(two):
    zero, one = two.components
    dot = block(28, 25, 4, 5)
    row = line(zero, dot, one, marks=frozenset([dot]))
    found = read(row, {at(zero): {"0": 0.97}, at(dot): {".": 0.9}, at(one): {"1": 0.98}})
    assert found.text == "0.1" and found.agree
    assert places(found) == [box(zero), box(dot), box(one)]
    assert all(one.role is Role.SYMBOL for one, _ in found.best())


def test_where_they_disagree_a_symbol_is_doubtful_and_the_rest_is_not(two):
    zero, one = two.components
    found = read(two, {at(zero): {"0": 0.97}, at(one): {"7": 0.97, "1": 0.02}})
    assert not found.agree and found.doubtful == {found.symbols[1][0].component}
    assert found.doubt(found.symbols[1][0].component) is Reason.DISAGREE
    assert found.doubt(found.symbols[0][0].component) is Reason.LOW_CONFIDENCE
    first, second = (answer for _, answer in found.symbols)
    assert first.confidence > 0.9 > 0.8 > second.confidence
    assert {second.symbols[int(k)] for k in np.argsort(-second.shares)[:2]} == {"1", "7"}
    assert found.confidence < 0.5


def test_what_the_components_know_decides_where_the_network_does_not(two):
    zero, one = two.components
    found = read(two, {at(zero): {"0": 0.97}, at(one): {"7": 0.5, "1": 0.45}})
    assert found.text == "01" and not found.agree


def test_symbols_that_touch_are_cut_where_the_network_sees_them():
    wide = Component(0, 0, np.ones((30, 44), np.float32))
    found = read(line(wide), {2: {"4": 0.98}, 8: {"5": 0.98}})
    assert found.text == "45" and found.passed == []
    (left, right) = (one.component for one, _ in found.symbols)
    assert (left.left, left.right, right.left, right.right) == (0, 22, 22, 44)
    assert left.mass + right.mass == wide.mass


def test_what_was_cut_has_a_picture():
    seen = np.full((28, 28), 0.5, np.float32)

    class Seeing(Shapes):
        def read(self, ink: npt.NDArray[np.float32]) -> Prediction:
            said = super().read(ink)
            pictures = np.broadcast_to(seen, (len(ink), 28, 28))
            return Prediction(said.probabilities, said.no_symbol, said.several_symbols, pictures)

    wide = Component(0, 0, np.ones((30, 44), np.float32))
    network = Network({2: {"4": 0.98}, 8: {"5": 0.98}})
    recogniser = JoinedLineRecogniser(Seeing(), network)  # type: ignore[arg-type]
    (found,) = recogniser.read([line(wide, strips=[strip(160)])])
    assert all(answer.network_input.max() == 128 for _, answer in found.best())


def test_ink_that_is_no_symbol_to_the_network_is_passed_over_and_known(two):
    zero, one = two.components
    blot = block(80, 5, 20, 20)
    found = read(line(zero, one, blot), {at(zero): {"0": 0.97}, at(one): {"1": 0.98}})
    assert found.text == "01" and [c.component for c in found.passed] == [blot]
    nothing = found.best()[-1][0]
    assert nothing.component is blot and nothing.role is Role.NOTHING
    assert 0.4 < found.features.unexplained < 0.8


def test_a_digit_that_only_its_shape_tells_is_read_and_not_sure(two):
    zero, one = two.components
    both = read(two, {at(zero): {"0": 0.97}, at(one): {"1": 0.98}})
    found = read(two, {at(zero): {"0": 0.97}})
    assert found.text == "01" and not found.passed and one in found.doubtful
    assert 0.5 < found.symbols[1][1].confidence < 0.6 < found.symbols[0][1].confidence
    assert found.symbols[1][1].symbols == SYMBOLS.symbols
    assert found.confidence < 0.6 < both.confidence


def test_what_is_no_symbol_to_both_stands_in_its_place(two):
    zero, one = two.components
    cross = block(64, 2, 24, 26)
    said = {at(zero): {"0": 0.97}, at(one): {"1": 0.98}, at(cross): {"no_symbol": 0.95}}
    found = read(line(zero, one, cross), said)
    candidate, answer = found.symbols[2]
    assert candidate.component is cross and answer.no_symbol > 0.8 and answer.confidence < 0.1


def test_a_symbol_without_ink_has_a_place(two):
    zero, one = two.components
    said = {at(zero): {"0": 0.99}, at(one): {"1": 0.99}, 22: {"5": 0.99999 - 12e-5}}
    found = read(two, said)
    assert found.text == "015" and not found.agree
    left, top, width, height = places(found)[2]
    assert left <= 22 * STEP <= left + width and top <= 15 <= top + height


def test_a_line_in_two_strips_is_one_line(two):
    zero, one = two.components
    strips = [strip(32, 0), strip(32, 32)]
    found = read(two, {at(zero): {"0": 0.97}}, {at(one) - 8: {"1": 0.98}}, strips=strips)
    assert found.text == "01" and places(found) == [box(zero), box(one)]


def test_a_line_without_components_is_read_by_the_network_alone():
    found = read(line(), {3: {"4": 0.97}, 9: {"2": 0.96}})
    assert found.text == "42" and not found.agree and len(places(found)) == 2
    assert found.features.unexplained == 0


def test_a_line_in_which_the_network_sees_nothing(two):
    found = read(two, {})
    assert not found.agree and found.confidence < 0.5


def test_a_line_without_strips_is_read_by_its_components(two):
    recogniser = JoinedLineRecogniser(Shapes(), Network())  # type: ignore[arg-type]
    (found,) = recogniser.read([two])
    assert not isinstance(found, JoinedReading)
    assert [answer.likeliest for _, answer in found.best()] == ["0", "1"]
    assert recogniser.read([]) == [] and recogniser.alphabet == SYMBOLS


def test_how_both_are_weighed_is_a_setting(two):
    zero, one = two.components
    row = line(*two.components, strips=[strip(160)])
    said = {at(zero): {"0": 0.97}, at(one): {"7": 0.9, "1": 0.05}}
    texts = []
    for weight in (0.0, 2.0):
        recogniser = JoinedLineRecogniser(
            Shapes(),  # type: ignore[arg-type]
            Network(said),  # type: ignore[arg-type]
            Calibration(weight=weight),
        )
        (found,) = recogniser.read([row])
        assert isinstance(found, JoinedReading)
        texts.append(found.text)
    assert texts == ["07", "01"]


def test_columns_know_where_they_lie():
    said = [np.zeros((2, 3)), np.zeros((3, 3))]
    columns = Columns.of([strip(8, 100), strip(16, 200)], said)
    assert columns.places[:, 0].tolist() == [102, 106, 202, 206, 210]
    assert columns.places[:, 1].tolist() == [15] * 5
    assert columns.log_probabilities.shape == (5, 3)


@pytest.mark.parametrize(("seen", "sure"), [("0", (0.95, 1.0)), ("7", (0.0, 0.7))])
def test_one_symbol_is_as_sure_as_its_readers_where_they_agree_and_less_where_not(two, seen, sure):
    one, _ = two.components
    alone = TextLine([one], HEIGHT, single=True, strips=(strip(64),))
    (by_components,) = ComponentLineRecogniser(Shapes()).read([alone])
    assert by_components.answers[one].likeliest == "0"
    (by_both,) = JoinedLineRecogniser(Shapes(), Network({3: {seen: 0.98}})).read([alone])
    after = by_both.answers[one]
    at = after.symbols.index("0")
    assert sure[0] <= after.shares[at] * (1 - after.no_symbol) <= sure[1]
    assert after.shares.sum() == pytest.approx(1)


class Unsteady(Network):
    """A stand-in that sees a 7 for a 1 as soon as a strip is narrower or wider."""

    def read(self, strips: Sequence[Strip]) -> list[npt.NDArray[np.float32]]:
        first, *others = super().read(strips)
        seven = Network(
            {at: {"7" if "1" in said else "0": 0.99} for at, said in self.says[0].items()}
        )
        return [first, *seven.read(strips)[len(strips) - len(others) :]]


def test_a_line_that_reads_otherwise_at_another_look_is_less_sure(two):
    zero, one = two.components
    row = line(*two.components, strips=[strip(160)])
    said = {at(zero): {"0": 0.99}, at(one): {"1": 0.99}}
    found = []
    for network in (Network(said), Unsteady(said)):
        recogniser = JoinedLineRecogniser(Shapes(), network)  # type: ignore[arg-type]
        (reading,) = recogniser.read([row])
        assert isinstance(reading, JoinedReading) and reading.text == "01"
        found.append(reading)
    assert [reading.features.steady for reading in found] == [1.0, 0.0]
    assert [reading.features.inked for reading in found] == [1.0, 0.0]
    assert found[1].confidence < found[0].confidence


def test_what_either_reader_says_alone_is_kept(two):
    zero, one = two.components
    found = read(two, {at(zero): {"0": 0.99}, 8: {".": 0.99}, at(one): {"7": 0.99}})
    assert "".join(name for _, name in found.by_components) == "01"
    assert "".join(name for _, name in found.by_network) == "0.7"
    for x, _ in (found.by_components[1], found.by_network[2]):
        assert abs(x - one.middle[0]) < STEP
