"""From segmentations to pages: what is read, rejected and left out, and where it is in the file."""

import io
from collections.abc import Sequence
from dataclasses import replace

import cv2
import numpy as np
import pytest
from PIL import Image

from inkdigits.document import LeftOut, Page, Reason, Symbol
from inkdigits.errors import InkdigitsError
from inkdigits.io.picture import Placement, open_picture
from inkdigits.reading.read import (
    MOST_LEFT_OUT,
    PageTrace,
    ReadOptions,
    left_out,
    read,
)
from inkdigits.recognition.recogniser import Prediction
from inkdigits.segmentation.components import Unread
from inkdigits.segmentation.rules import connected
from inkdigits.segmentation.segment import segment
from inkdigits.segmentation.strip import Strip
from tests.cli.pages import row
from tests.reading.strokes import Grey, Shapes, Sums, cross, one, paper, zero
from tests.recognition.test_joined import SYMBOLS, spoken
from tests.segmentation.drawings import block, number, table

PLAIN = ReadOptions()


def traced(source: object, options: ReadOptions = PLAIN, shapes: Shapes | None = None) -> PageTrace:
    picture = open_picture(source)  # type: ignore[arg-type]
    shapes = shapes or Shapes()
    strips = shapes.lines is not None
    found = segment(picture, single=options.single, keep=options.keep, strips=strips)
    return read([found], shapes, options)[0]  # type: ignore[arg-type]


def page_of(source: object, options: ReadOptions = PLAIN) -> Page:
    return traced(source, options).page


def reasons(page: Page) -> list[Reason]:
    return [one.reason for one in page.left_out]


def marks(page: Page) -> list[Symbol]:
    return [symbol for symbol in page.symbols if symbol.rejection is Reason.MARK]


def near(found: Symbol, x: float, y: float, apart: float = 6) -> bool:
    left, top, width, height = found.box
    return abs(left + width / 2 - x) <= apart and abs(top + height / 2 - y) <= apart


def sides(found: LeftOut) -> tuple[int, int, int, int]:
    """Return left, top, right and bottom in the file."""
    left, top, width, height = found.box
    return left, top, left + width, top + height


class Telling:
    """A stand-in for a network of lines, which takes what it sees for the symbols of a text."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.alphabet = SYMBOLS
        self.bundle = None

    def read(self, strips: Sequence[Strip]) -> list[np.ndarray]:
        """Say of the middle of each piece of ink that the next symbol stands there."""
        found = []
        for strip in strips:
            _, boxes = connected((strip.pixels < 128).astype(np.uint8))
            middles = np.sort(boxes[1:, 0] + boxes[1:, 2] / 2)
            said = {int(x // 4): {name: 0.97} for x, name in zip(middles, self.text, strict=True)}
            found.append(spoken(strip.width // 4, said))
        return found


class Ones(Shapes):
    """A stand-in that takes every slender stroke for a 1, however it leans, and rings for 0."""

    def read(self, ink: np.ndarray) -> Prediction:
        found = super().read(ink)
        for at in range(len(ink)):
            if found.no_symbol[at] > 0.5:
                found.no_symbol[at] = 0
                found.probabilities[at] = 0.001
                found.probabilities[at, 1] = 0.991
        return found


# --- marks ---


def with_mark(draw: str) -> Grey:
    """Return 0 and 10 with a mark between them."""
    page = zero(paper(120, 260), 20, 30, 60, 5)
    one(page, 120, 30, 60, 5)
    zero(page, 150, 30, 60, 5)
    if draw == "dot":
        cv2.circle(page, (84, 88), 4, 0, -1)
    elif draw == "comma":
        cv2.line(page, (86, 84), (82, 102), 0, 5)
    elif draw == "dash":
        cv2.line(page, (74, 62), (98, 62), 0, 5)
    else:
        cv2.circle(page, (84, 48), 4, 0, -1)
        cv2.circle(page, (84, 80), 4, 0, -1)
    return page


@pytest.mark.parametrize(("draw", "y"), [("dot", 88), ("comma", 93), ("dash", 62), ("colon", 64)])
def test_a_mark_within_a_number_stands_in_its_line_as_a_mark(draw, y):
    page = page_of(with_mark(draw))
    (line,) = page.lines
    assert [symbol.rejection for symbol in line.symbols] == [None, Reason.MARK, None, None]
    assert near(line.symbols[1], 84, y) and line.text == "0?10"
    assert [symbol.value for symbol in line.symbols] == ["0", None, "1", "0"]
    assert not page.left_out


@pytest.mark.parametrize("draw", ["dot", "comma", "dash", "colon"])
def test_where_digits_alone_are_asked_for_a_mark_is_left_out_and_listed(draw):
    before = page_of(with_mark(draw))
    page = page_of(with_mark(draw), ReadOptions(alphabet="digits"))
    (line,) = page.lines
    assert line.text == "010" and line.value is None and reasons(page) == [Reason.MARK]
    assert page.left_out[0].outline == before.lines[0].symbols[1].outline


def test_a_mark_that_is_read_is_a_symbol_unless_digits_alone_are_asked_for():
    sum_ = row(paper(100, 400), "01x101", step=55)
    found = traced(sum_, shapes=Sums()).page
    assert (found.text, found.lines[0].value) == ("01+101", None)
    alone = traced(sum_, ReadOptions(alphabet="digits"), Sums()).page
    assert alone.text == "01101" and reasons(alone) == [Reason.MARK]
    assert alone.lines[0].confidence > found.lines[0].confidence


def test_the_one_symbol_of_a_picture_may_be_a_mark():
    plus = cross(paper(), 40, 40)
    (found,) = traced(plus, ReadOptions(single=True), Sums()).page.symbols
    (digit,) = traced(plus, ReadOptions(single=True, alphabet="digits"), Sums()).page.symbols
    assert (found.value, digit.value, digit.rejection) == ("+", None, Reason.MARK)


def test_options_that_say_nothing_are_refused_in_a_sentence():
    for wrong in (
        {"min_confidence": 2},
        {"alphabet": "letters"},
        {"decimal": "dot"},
        {"rotation": 45},
    ):
        ((name, value),) = wrong.items()
        with pytest.raises(InkdigitsError, match=f"^{name} must be .*, not {value!r}.$"):
            ReadOptions(**wrong)


def test_a_mark_before_a_number_stands_in_its_line():
    page = row(paper(100, 200), " 01")
    cv2.line(page, (30, 51), (48, 51), 0, 4)
    (line,) = page_of(page).lines
    assert line.text == "?01" and line.symbols[0].rejection is Reason.MARK


def test_no_digit_holds_a_mark():
    digit = page_of(zero(zero(paper(120, 260), 20, 30, 60, 5), 150, 30, 60, 5)).symbols[0]
    for draw in ("dot", "comma", "dash", "colon"):
        found = page_of(with_mark(draw))
        assert found.symbols[0].outline == digit.outline


def test_a_percent_sign_is_one_mark():
    page = zero(one(paper(120, 300), 40, 30, 60, 4), 70, 30, 60, 4)
    cv2.line(page, (150, 90), (186, 30), 0, 4)
    zero(page, 142, 32, 22, 3)
    zero(page, 184, 66, 22, 3)
    (line,) = page_of(page).lines
    assert [symbol.rejection for symbol in line.symbols] == [None, None, Reason.MARK]
    assert line.text == "10?" and near(line.symbols[2], 168, 60, 10)


def test_a_stroke_that_leans_more_than_the_digits_is_a_mark_and_no_1():
    page = paper(120, 320)
    for x in (20, 70, 190, 240):
        zero(page, x, 30, 50, 4)
    cv2.line(page, (130, 84), (168, 22), 0, 4)
    (line,) = traced(page, shapes=Ones()).page.lines
    assert [symbol.rejection for symbol in line.symbols] == [None, None, Reason.MARK, None, None]
    assert line.text == "00?00"


def test_an_upright_1_between_digits_is_a_1():
    page = paper(120, 320)
    for x in (20, 70, 190, 240):
        zero(page, x, 30, 50, 4)
    cv2.line(page, (146, 80), (150, 30), 0, 4)
    assert traced(page, shapes=Ones()).page.text == "00100"


def test_a_leaning_stroke_at_an_end_of_a_number_is_read():
    page = paper(120, 320)
    for x in (90, 140, 190):
        zero(page, x, 30, 50, 4)
    cv2.line(page, (30, 84), (68, 22), 0, 4)
    assert not marks(traced(page, shapes=Ones()).page)


def test_two_leaning_strokes_of_a_date_are_both_marks():
    page = paper(120, 460)
    for x in (20, 70, 170, 220, 320, 370):
        zero(page, x, 30, 50, 4)
    for x in (132, 282):
        cv2.line(page, (x, 84), (x + 22, 26), 0, 4)
    (line,) = traced(page, shapes=Ones()).page.lines
    assert line.text == "00?00?00"


@pytest.mark.parametrize("digits", [(20, 80, 170, 230), (20, 170)], ids=["11/11", "1/1"])
def test_a_leaning_stroke_among_nothing_but_upright_ones_is_a_mark(digits):
    page = paper(120, 320)
    for x in digits:
        cv2.line(page, (x, 80), (x + 4, 30), 0, 4)
    cv2.line(page, (108, 86), (148, 24), 0, 4)
    (line,) = traced(page, shapes=Ones()).page.lines
    half = "1" * (len(digits) // 2)
    assert line.text.replace(" ", "") == f"{half}?{half}"


def test_ones_that_all_lean_are_ones():
    page = paper(120, 320)
    for x in (20, 90, 160):
        cv2.line(page, (x, 84), (x + 38, 22), 0, 4)
    assert not marks(traced(page, shapes=Ones()).page)


def test_specks_near_writing_are_no_marks_unless_they_are_as_large_as_strokes():
    page = row(paper(120, 260), "0110")
    before = page_of(page)
    for x, y in ((58, 66), (104, 40), (148, 60)):
        page[y : y + 2, x : x + 2] = 0
    found = page_of(page)
    assert not marks(found) and found.text == before.text == "0110"
    assert [s.outline for s in found.symbols] == [s.outline for s in before.symbols]


# --- what is left out ---


def test_a_rule_and_the_edges_of_the_paper_are_left_out_with_their_reason():
    page = row(paper(300, 400), "0110", y=60)
    cv2.line(page, (0, 30), (399, 30), 0, 2)
    page[270:] = 0
    page[40:, 374:] = 0
    found = page_of(page)
    assert found.text == "0110"
    assert {one.reason: sides(one) for one in found.left_out} == {
        Reason.RULE: pytest.approx((0, 29, 400, 32), abs=4),
        Reason.PAPER_EDGE: pytest.approx((0, 40, 400, 300), abs=4),
    }


def test_a_box_is_left_out_with_its_reason_and_what_it_holds_is_read():
    page = row(paper(300, 400), "0110", y=60)
    cv2.rectangle(page, (20, 150), (150, 240), 0, 2)
    zero(page, 60, 170, 50)
    found = page_of(page)
    assert found.text == "0110\n0"
    (box,) = found.left_out
    assert box.reason is Reason.BOX and sides(box) == pytest.approx((19, 149, 152, 242), abs=4)


def test_what_is_left_out_lies_right_in_a_file_that_is_larger_than_what_was_segmented():
    page = row(paper(120, 300), "0110")
    cv2.line(page, (10, 95), (220, 95), 0, 3)
    page = np.kron(page, np.ones((12, 12), np.uint8))  # 3,600 wide
    found = page_of(page)
    (rule,) = found.left_out
    assert rule.reason is Reason.RULE
    assert sides(rule) == pytest.approx((120, 94 * 12, 222 * 12, 97 * 12), abs=72)


@pytest.mark.parametrize("orientation", range(1, 9))
def test_what_is_left_out_lies_right_in_a_file_that_is_turned(orientation):
    page = row(paper(120, 300), "0110")
    cv2.line(page, (10, 95), (220, 95), 90, 3)
    page = np.kron(page, np.ones((8, 8), np.uint8))
    stored = page
    if orientation > 1:
        stored = np.asarray(Image.fromarray(page).transpose(INVERSE[orientation]))
    found = page_of(tagged(stored, orientation))
    assert found.text == "0110"
    assert (found.width, found.height) == stored.shape[::-1]
    (rule,) = found.left_out
    rows, columns = np.nonzero(stored == 90)
    expected = columns.min(), rows.min(), columns.max() + 1, rows.max() + 1
    assert rule.reason is Reason.RULE and sides(rule) == pytest.approx(expected, abs=30)


INVERSE = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_90,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_270,
}


def tagged(stored: Grey, orientation: int) -> bytes:
    """Return a PNG file whose EXIF says how it is turned."""
    exif = Image.Exif()
    exif[274] = orientation
    file = io.BytesIO()
    Image.fromarray(stored).save(file, "PNG", exif=exif)
    return file.getvalue()


def test_a_page_full_of_pieces_says_that_there_are_too_many():
    y, x = np.mgrid[:1500, :1500]
    page = np.where((y % 14 < 7) & (x % 14 < 7), 0, 255).astype(np.uint8)
    found = page_of(page)
    assert Reason.TOO_MANY in reasons(found) and len(found.left_out) == MOST_LEFT_OUT + 1


def test_of_very_much_that_is_left_out_the_largest_is_listed():
    place = Placement(100, 100, 100, 100)
    unread = [Unread(Reason.SPECK, at % 90, 3, 1 + at % 7, 2) for at in range(MOST_LEFT_OUT + 9)]
    found = left_out(unread, place, {})
    sizes = [one.box[2] * one.box[3] for one in found[:-1]]
    assert sizes == sorted(sizes, reverse=True) and len(sizes) == MOST_LEFT_OUT
    assert found[-1].reason is Reason.TOO_MANY and found[-1].box == (0, 0, 100, 100)
    assert len(left_out(unread[:MOST_LEFT_OUT], place, {})) == MOST_LEFT_OUT


def test_ink_that_is_left_out_has_the_doubt_that_is_known_of_it():
    speck, other = block(3, 4, 5, 6), block(30, 4, 2, 2)
    unread = [Unread.of(speck, Reason.SPECK), Unread.of(other, Reason.SPECK)]
    found = left_out(unread, Placement(200, 100, 100, 50), {speck: 0.25})
    assert [(one.doubt, one.box) for one in found] == [
        (0.25, (6, 8, 10, 12)),
        (0.0, (60, 8, 4, 4)),
    ]


def test_ink_in_no_line_is_doubted_by_how_much_it_looks_like_a_digit():
    page = row(paper(120, 300), "0110")
    plain = page_of(page)
    cv2.rectangle(page, (200, 32), (204, 36), 0, 1)
    cv2.rectangle(page, (212, 32), (216, 36), 0, -1)
    found = page_of(page)
    assert found.text == plain.text == "0110"
    ringed, blot = sorted(found.left_out, key=lambda one: one.box[0])
    assert ringed.reason is blot.reason is Reason.SPECK
    assert 0 <= blot.doubt < ringed.doubt < 0.2
    assert found.confidence < plain.confidence


def grainy(shape: str) -> Grey:
    """Return large digits above a row of small things: crosses, or zeros."""
    page = paper(500, 700)
    for x in (40, 160, 280, 400):
        zero(page, x, 40, 140, 10)
    for at in range(12):
        x = 40 + 40 * at
        if shape == "zeros":
            zero(page, x, 330, 22, 2)
        else:
            cv2.line(page, (x, 330), (x + 16, 352), 0, 2)
            cv2.line(page, (x + 16, 330), (x, 352), 0, 2)
    return page


def test_small_writing_that_reads_as_digits_is_read():
    assert page_of(grainy("zeros")).text == "0000\n" + 12 * "0"


def test_small_things_that_do_not_read_as_digits_are_left_out_as_specks():
    found = page_of(grainy("crosses"))
    assert found.text == "0000" and len(found.lines) == 1
    assert reasons(found) == [Reason.SPECK] * 12
    assert all(330 - 4 <= one.box[1] <= 340 for one in found.left_out)


# --- tables ---


def test_cells_of_a_table_have_places_and_tabs_between_them():
    xs, ys = [20, 150, 280, 410], [20, 105, 190]
    page = table(paper(220, 440), xs, ys)
    for r, c, text in ((0, 0, "10"), (0, 2, "01"), (1, 0, "0"), (1, 1, "11")):
        number(page, text, xs[c] + 34, ys[r] + 20)
    found = page_of(page)
    assert [line.cell for line in found.lines] == [(0, 0), (0, 2), (1, 0), (1, 1)]
    assert found.text == "10\t\t01\n0\t11"
    assert {*reasons(found)} <= {Reason.RULE, Reason.BOX} and found.left_out


def test_a_table_whose_walls_are_missing_in_places_is_one():
    xs, ys = [20, 150, 280, 410], [20, 105, 190]
    page = table(paper(220, 440), xs, ys)
    page[50:58, 146:155] = page[140:150, 276:285] = page[101:110, 60:70] = 255
    for r, c, text in ((0, 0, "10"), (0, 1, "0"), (0, 2, "01"), (1, 0, "0"), (1, 1, "11")):
        number(page, text, xs[c] + 34, ys[r] + 20)
    assert page_of(page).text == "10\t0\t01\n0\t11"


def test_a_comb_of_one_row_is_one_number():
    xs = list(range(20, 321, 60))
    page = table(paper(120, 340), xs, [20, 100])
    for at, x in enumerate(xs[:-1]):
        (zero if at % 2 else one)(page, x + 22, 40)
    found = page_of(page)
    assert found.text == "10101" and found.lines[0].cell is None


# --- hypotheses ---


@pytest.mark.parametrize("level", [0, 255])
@pytest.mark.parametrize("single", [False, True])
def test_the_ink_of_a_trace_is_that_which_was_read(level, single):
    page = number(paper(100, 200), "0", 80, 30)
    page = page if level else 255 - page
    found = traced(page, ReadOptions(single=single, keep=True))
    assert found.page.text == "0" and found.ink is not None
    assert found.page.polarity == ("dark_on_light" if level else "light_on_dark")
    assert np.array_equal(found.ink > 127, page == (0 if level else 255))
    (component,) = found.components
    left, top, width, height = found.page.symbols[0].box
    assert (component.left, component.top) == (left, top)
    assert (component.width, component.height) == (width, height)


@pytest.mark.parametrize("turned", [False, True])
def test_of_two_hypotheses_the_one_that_reads_is_taken_and_traced(turned):
    picture, keep = open_picture(row(paper(100, 300), "0110")), ReadOptions(keep=True)
    found = segment(picture, keep=True)
    (better,) = found.hypotheses
    (worse,) = segment(open_picture(255 - row(paper(100, 300), "xx1x")), keep=True).hypotheses
    both = [better, worse][:: -1 if turned else 1]
    (trace,) = read([replace(found, hypotheses=both)], Shapes(), keep)  # type: ignore[arg-type]
    assert trace.page.text == "0110" and trace.page.polarity == "dark_on_light"
    assert trace.ink is better.ink and list(trace.components) == better.components


def test_without_being_asked_nothing_is_kept_to_be_drawn():
    found = traced(row(paper(100, 200), "01"))
    assert found.ink is None and found.pixels is None and not found.components


# --- symbols ---


def test_all_ink_is_one_symbol_if_asked():
    single = ReadOptions(single=True, keep=True)
    both = traced(row(paper(100, 200), "01"), single)
    (symbol,) = both.page.symbols
    assert symbol.rejection is Reason.NOT_A_SYMBOL and len(both.components) == 1
    (blank,) = page_of(paper(), single).symbols
    assert blank.rejection is Reason.BLANK and blank.box == (0, 0, 120, 120)
    assert blank.confidence == 0


def test_rejecting_never_makes_a_line_surer():
    plain = page_of(row(paper(100, 400), "0101", step=70))
    crossed = page_of(row(paper(100, 400), "0x01", step=70))
    assert crossed.text == "0?01" and plain.text == "0101"
    assert crossed.lines[0].confidence <= 0.5 < plain.lines[0].confidence
    strict = page_of(row(paper(100, 400), "0101", step=70), ReadOptions(min_confidence=0.999))
    assert {symbol.rejection for symbol in strict.symbols} == {Reason.LOW_CONFIDENCE}
    assert strict.confidence <= min(0.5, plain.confidence)


def test_a_mark_within_a_number_leaves_its_line_in_doubt():
    found = page_of(with_mark("dot"))
    assert 0 < found.lines[0].confidence <= 0.5


def test_several_symbols_in_one_are_said_to_be_several():
    class Several(Shapes):
        def read(self, ink: np.ndarray) -> Prediction:
            found = super().read(ink)
            return replace(
                found, no_symbol=found.no_symbol + 0.9, several_symbols=found.several_symbols + 0.9
            )

    (symbol,) = traced(zero(paper(), 40, 30), shapes=Several()).page.symbols
    assert symbol.rejection is Reason.SEVERAL_SYMBOLS


def test_a_line_that_a_network_reads_too_has_its_marks_and_its_doubts():
    two = Shapes(lines=Telling("0.17"))
    page = row(paper(100, 400), "01", step=70)
    cv2.circle(page, (60, 66), 4, 0, -1)
    one(page, 140, 30)
    trace = traced(page, PLAIN, two)
    (line,) = trace.page.lines
    assert [symbol.value for symbol in line.symbols[:3]] == ["0", ".", "1"]
    last = line.symbols[3]
    assert {last.candidates[0].value, last.candidates[1].value} == {"1", "7"}
    strict = traced(page, ReadOptions(min_confidence=0.999), two).page
    assert strict.lines[0].symbols[3].rejection is Reason.DISAGREE
    assert near(line.symbols[1], 60, 66)


def test_pages_that_are_read_together_are_read_as_each_alone():
    pages = [row(paper(100, 300), text) for text in ("0", "0x1", "", "1010")]
    found = read([segment(open_picture(p)) for p in pages], Shapes(), PLAIN)  # type: ignore[arg-type]
    assert [trace.page for trace in found] == [page_of(p) for p in pages]
