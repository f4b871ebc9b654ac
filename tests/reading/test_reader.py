import io
import subprocess
import sys
from itertools import cycle, islice

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays
from PIL import Image

import inkdigits
from inkdigits.document import Document, Reason
from inkdigits.errors import RecogniserError
from inkdigits.models.bundle import CARD, MODELS, SHIPPED, Bundle
from inkdigits.reading import pool
from inkdigits.reading.read import ReadOptions
from inkdigits.reading.reader import Reader
from inkdigits.recognition.line_network import LineNetwork
from inkdigits.segmentation.finder import Finder
from tests.reading.strokes import cross, one, paper, zero


def row(page: np.ndarray, text: str, x: int = 20, y: int = 30, step: int = 45) -> np.ndarray:
    draw = {"0": zero, "1": one, "x": cross}
    for place, sign in enumerate(text):
        if sign != " ":
            draw[sign](page, x + place * step, y)
    return page


def test_a_line_is_read_from_left_to_right(reader):
    reading = reader.read(row(paper(100, 300), "01101"))
    assert reading.text == "01101"
    assert [len(line.symbols) for line in reading.lines] == [5]
    assert reading.confidence == pytest.approx(0.982**5, abs=0.06)


def test_lines_are_lines_of_text(reader):
    page = row(row(paper(200, 300), "0110"), "10", y=120)
    assert reader.read(page).text == "0110\n10"


def test_a_wide_gap_is_a_space(reader):
    assert reader.read(row(paper(100, 500), "010  011")).text == "010 011"


def test_boxes_are_in_pixels_of_the_picture(reader):
    page = np.kron(zero(paper(), 40, 30, 60), np.ones((20, 20), np.uint8))  # 2,400 a side
    (digit,) = reader.read(page).symbols
    left, top, width, height = digit.box
    assert left == pytest.approx(40 * 20, abs=60) and top == pytest.approx(30 * 20, abs=60)
    assert width == pytest.approx(34 * 20, abs=100) and height == pytest.approx(64 * 20, abs=100)


def test_what_is_no_digit_within_a_number_leaves_a_mark(reader):
    reading = reader.read(row(paper(100, 400), "0x101", step=70))
    assert reading.text == "0?101"
    assert reading.symbols[1].value is None and reading.symbols[1].rejection is Reason.NOT_A_SYMBOL


def test_what_is_no_digit_beside_numbers_leaves_none(reader):
    assert reader.read(row(paper(100, 600), "xxx   011")).text == "011"


def test_digits_within_a_word_are_refused(reader):
    reading = reader.read(row(paper(100, 400), "x1xx", step=58))
    assert reading.text == ""
    assert reading.symbols[1].rejection is Reason.PART_OF_WORD and reading.symbols[1].value is None


def test_an_empty_sheet_is_blank(reader):
    assert reader.read(paper()).text == ""
    digit = reader.read_digit(paper())
    assert digit.value is None and digit.rejection is Reason.BLANK and digit.confidence == 0


def test_all_ink_is_one_digit_if_asked(reader):
    assert reader.read_digit(zero(paper(), 40, 30)).value == "0"
    both = reader.read_digit(row(paper(100, 200), "01"))
    assert both.value is None and both.rejection is Reason.NOT_A_SYMBOL


@pytest.mark.parametrize("single", [False, True])
@pytest.mark.parametrize("light", [False, True])
def test_a_trace_shows_the_ink_that_was_read(reader, single, light):
    page = row(paper(100, 200), " 0")
    inked = page < 128
    trace = reader.trace(255 - page if light else page, single=single)
    (shown,) = trace.pages
    assert trace.document.text == "0" and trace.document.pages == (shown.page,)
    assert np.array_equal(shown.ink > 127, inked) and len(shown.components) == 1
    assert shown.page.polarity == ("light_on_dark" if light else "dark_on_light")


def test_a_trace_of_a_single_symbol_is_of_one_component(reader):
    (shown,) = reader.trace(row(paper(100, 200), "01"), single=True).pages
    assert len(shown.components) == len(shown.page.symbols) == 1
    (shown,) = reader.trace(row(paper(100, 200), "01")).pages
    assert len(shown.components) == len(shown.page.symbols) == 2


def test_what_is_below_the_least_confidence_is_refused(reader):
    strict = Reader.of(reader.recogniser, ReadOptions(min_confidence=0.999))
    digit = strict.read_digit(zero(paper(), 40, 30))
    assert digit.value is None and "not sure between 0 and" in digit.reason


def test_a_page_that_is_known_to_lie_on_its_side_is_turned(reader):
    page = np.rot90(row(paper(100, 300), "01101"))
    known = Reader.of(reader.recogniser, ReadOptions(rotation=90))
    found = known.read(page)
    assert (found.text, found.pages[0].rotation) == ("01101", 90)
    left, top, width, height = found.symbols[0].box
    assert page[top : top + height, left : left + width].min() == 0 and height < width


def test_many_are_read_in_order_and_a_bad_one_stops_nothing(reader, tmp_path):
    sources = [row(paper(100, 200), "01"), b"no picture", tmp_path / "none.png"] * 15
    readings = list(reader.read_many(sources))
    assert [reading.text for reading in readings] == ["01", "", ""] * 15
    assert all("not a picture" in str(reading.error) for reading in readings[1::3])
    assert readings[2].name == "none.png"


def test_many_are_read_lazily(reader):
    def endless():
        while True:
            yield row(paper(100, 200), "10")

    assert next(reader.read_many(endless())).text == "10"


def test_reading_many_is_reading_each(reader):
    pages = [row(paper(100, 300), text) for text in ("0", "11", "0x1", "", "1010")]
    assert [r.text for r in reader.read_many(pages)] == [reader.read(p).text for p in pages]


def test_every_kind_of_source_says_the_same(reader, tmp_path):
    page = row(paper(100, 200), "01")
    file = io.BytesIO()
    Image.fromarray(page).save(file, "PNG")
    path = tmp_path / "page.png"
    path.write_bytes(file.getvalue())
    sources = [page, path, str(path), file.getvalue(), io.BytesIO(file.getvalue())]
    assert {reader.read(source).text for source in [*sources, Image.fromarray(page)]} == {"01"}


@given(arrays.arrays(np.uint8, st.tuples(st.integers(1, 50), st.integers(1, 50))))
def test_any_picture_has_a_reading_that_json_knows(reader, pixels):
    reading = reader.read(pixels)
    assert isinstance(reading, Document)
    known = reading.to_dict()
    assert known["pages"][0]["width"] == pixels.shape[1] and known["text"] == reading.text
    assert Document.from_dict(known) == reading
    assert len(reader.read_digit(pixels).candidates) == 10


def test_what_only_others_need_is_never_imported():
    code = (
        "import sys, numpy, inkdigits\n"
        "reader = inkdigits.Reader()\n"
        "page = numpy.full((90, 90), 255, 'uint8'); page[20:70, 40:46] = 0\n"
        "assert reader.read(page).text == '1', reader.read(page)\n"
        "assert reader.read_digit(page).value == '1'\n"
        "assert len(list(reader.read_many([page] * 40))) == 40\n"
        "heavy = {'torch', 'scipy', 'matplotlib', 'onnx', 'loky', 'safetensors'}\n"
        "print(sorted(heavy & set(sys.modules)))\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=False
    )
    assert done.stdout.strip() == "[]", done.stderr


def test_the_shipped_recogniser_reads_and_refuses():
    shipped = inkdigits.Reader()
    assert shipped.read(row(paper(100, 300), "0110")).text == "0110"
    assert shipped.read_digit(cross(paper(), 30, 30)).value is None


def test_the_shipped_file_is_the_one_on_its_card():
    bundle = Bundle.open(SHIPPED)
    assert len(bundle.onnx) + len(bundle.weights) < 2_000_000
    card = (MODELS / SHIPPED / CARD).read_text(encoding="utf-8")
    assert all(digest in card for digest in bundle.digests.values())


def test_workers_change_no_answer_take_few_ahead_and_end_with_the_reading(tmp_path, started):
    shipped, path = inkdigits.Reader(), tmp_path / "page.png"
    Image.fromarray(row(paper(100, 300), "0110")).save(path)
    large = np.kron(row(paper(100, 300), "01x1", step=70), np.ones((8, 8), np.uint8))
    sources = [path, b"no picture", tmp_path / "none.png", row(paper(100, 200), "10"), large]
    sources = [*sources * 8, Image.fromarray(paper()), path.read_bytes(), "\0"]
    taken = []
    endless = (taken.append(1) or source for source in cycle(sources))
    one, two = shipped.read_many(sources, workers=1), shipped.read_many(endless, workers=2)
    # The last batch of those that end is a smaller one, in which the last bits may differ.
    for alone, among in islice(zip(one, two, strict=False), 32):
        assert told(among) == told(alone)
    assert len(taken) <= 32 + 5 * 32
    assert len(started()) == 2
    two.close()
    assert not started()


def test_processes_that_cannot_be_started_are_one_sentence(monkeypatch):
    def refused(*_, **__):
        raise OSError(11, "Resource temporarily unavailable")

    monkeypatch.setattr("loky.ProcessPoolExecutor.submit", refused)
    with pytest.raises(inkdigits.InkdigitsError, match=r"2 processes \(Resource.*workers=1"):
        list(inkdigits.Reader().read_many([paper()] * 2, workers=2))


def test_what_comes_to_its_end_early_starts_no_process(monkeypatch):
    monkeypatch.setattr(pool, "Pool", lambda *_: pytest.fail("a process was started"))
    reader = inkdigits.Reader()
    assert len(list(reader.read_many(iter([paper()] * 3)))) == 3
    assert list(reader.read_many([], workers=2)) == []


@pytest.mark.parametrize("workers", [0, -1, 1.5, "2", 500])
def test_workers_are_a_number_that_one_program_can_feed(reader, workers):
    with pytest.raises(inkdigits.InkdigitsError, match="1 to 32"):
        reader.read_many([], workers=workers)


def told(reading: Document) -> tuple[object, ...]:
    seen = [(digit.candidates, digit.network_input.tobytes()) for digit in reading.symbols]
    return repr(reading), reading.to_dict(), reading.confidence, seen


def test_a_folder_that_is_called_as_a_shipped_model_is_not_taken_for_it(tmp_path, monkeypatch):
    for name in ("reader", "lines", "finder"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "model.json").write_text("{}", encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    assert Reader().read_digit(paper()).rejection is Reason.BLANK
    assert LineNetwork.load().alphabet and Finder.load().name == "finder"
    with pytest.raises(RecogniserError):
        Reader("reader")  # unless it is named
