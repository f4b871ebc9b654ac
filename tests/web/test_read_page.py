import base64
import io
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import Page as Tab

import inkdigits
from inkdigits.data import folders as own
from inkdigits.document import Candidate, Document, LeftOut, Line, Page, Reason, Symbol
from inkdigits.io.decode import ORIENTATION

from .conftest import PHONE, overflows, serious

EXAMPLES = Path(__file__).parents[2] / "examples"
SEVEN = [[(0.35, 0.25), (0.65, 0.25), (0.45, 0.8)]]
FLAGGED_ONE = [[(0.38, 0.42), (0.5, 0.2), (0.5, 0.82)]]
FORTY_TWO = [
    [(0.15, 0.2), (0.12, 0.5), (0.3, 0.5)],
    [(0.26, 0.3), (0.25, 0.8)],
    [(0.5, 0.3), (0.56, 0.2), (0.66, 0.22), (0.68, 0.35), (0.5, 0.75), (0.72, 0.75)],
]
SCRIBBLE = [[(0.2 + 0.5 * (i % 2) + 0.02 * i, 0.12 + 0.05 * i) for i in range(14)]]

CAMERA = """() => {
  const canvas = document.createElement("canvas");
  Object.assign(canvas, { width: 320, height: 240 });
  const context = canvas.getContext("2d");
  setInterval(() => {
    context.fillStyle = "white";
    context.fillRect(0, 0, 320, 240);
    context.fillStyle = "black";
    context.fillRect(150, 40, 16, 160);
  }, 50);
  navigator.mediaDevices.getUserMedia = async () => canvas.captureStream();
}"""


@pytest.fixture
def read(served, page):
    """Open the page, and return a function that draws on it and returns what was read."""
    page.goto(served.url)
    pad = page.locator(".pad canvas")
    pad.wait_for()

    def draw(strokes) -> str:
        box = pad.bounding_box()
        for stroke in strokes:
            points = [
                (box["x"] + x * box["width"], box["y"] + y * box["height"]) for x, y in stroke
            ]
            page.mouse.move(*points[0])
            page.mouse.down()
            for point in points[1:]:
                page.mouse.move(*point, steps=4)
            page.mouse.up()
        settle(page)
        return page.locator(".text").inner_text()

    return draw


def settle(page: Tab) -> None:
    """Wait until what is on the pad has been read."""
    page.wait_for_function("() => document.documentElement.dataset.busy === 'false'")


def why(page: Tab) -> str:
    return page.locator(".why").inner_text()


def drop(page: Tab, name: str, content: bytes, kind: str) -> None:
    page.evaluate(
        """([name, content, type]) => {
          const bytes = Uint8Array.from(atob(content), (sign) => sign.charCodeAt(0));
          const dataTransfer = new DataTransfer();
          dataTransfer.items.add(new File([bytes], name, { type }));
          const event = new DragEvent("drop", { dataTransfer, bubbles: true, cancelable: true });
          document.querySelector(".drawing").dispatchEvent(event);
        }""",
        [name, base64.b64encode(content).decode(), kind],
    )
    settle(page)


def png(image: Image.Image, kind: str = "PNG") -> bytes:
    file = io.BytesIO()
    image.save(file, kind)
    return file.getvalue()


@pytest.mark.parametrize(("strokes", "text"), [(SEVEN, "7"), (FLAGGED_ONE, "1"), (FORTY_TWO, "42")])
def test_what_is_drawn_is_read(read, page, strokes, text):
    assert read(strokes) == text
    assert "correct: " in why(page)
    assert page.locator(".boxes > g").count() == len(text)
    assert page.locator("#detail .bars").is_visible()
    assert not serious(page)
    page.set_viewport_size(PHONE)
    assert not overflows(page)


def test_nothing_and_a_scribble_are_refused_in_words(read, page):
    assert read([]) == ""
    assert page.locator(".hint").is_visible()
    assert read(SCRIBBLE) == ""
    assert why(page).startswith("No digits found: ")
    assert "Rejected" in page.locator("#detail h2").inner_text()


def test_strokes_are_undone_and_cleared(read, page):
    read(FORTY_TWO)
    page.get_by_role("button", name="Undo").click()
    settle(page)
    assert page.locator(".text").inner_text() == "4"
    page.get_by_role("button", name="Clear").click()
    settle(page)
    assert page.locator(".text").inner_text() == ""
    assert page.locator("#detail").is_hidden()


@pytest.mark.usefixtures("read")
def test_the_pad_is_drawn_on_by_keys(page):
    page.locator(".pad canvas").focus()
    keyboard = page.keyboard
    for _ in range(6):
        keyboard.press("Shift+ArrowUp")
    keyboard.press(" ")
    for _ in range(14):
        keyboard.press("Shift+ArrowDown")
    keyboard.press(" ")
    settle(page)
    assert page.locator(".text").inner_text() == "1"
    keyboard.press("Delete")
    settle(page)
    assert page.locator(".text").inner_text() == ""


@pytest.mark.usefixtures("read")
def test_a_dropped_photo_is_read_with_its_boxes(page):
    content = (EXAMPLES / "sum.jpg").read_bytes()
    drop(page, "sum.jpg", content, "image/jpeg")
    expected = inkdigits.Reader().read(content)
    assert page.locator(".text .line b").all_inner_texts() == expected.text.split("\n")
    assert page.locator(".boxes > g").count() == len(expected.symbols) > 3
    last = page.locator(".read-digits button").last
    last.click()
    assert last.get_attribute("aria-pressed") == "true"


@pytest.mark.usefixtures("read")
def test_what_is_no_picture_is_refused_in_a_sentence(page):
    drop(page, "notes.txt", b"no picture at all", "text/plain")
    assert "is not a picture that can be opened" in why(page)
    page.complaints.clear()  # a browser also writes each answer above 399 to its console
    page.evaluate(
        """() => {
          const dataTransfer = new DataTransfer();
          dataTransfer.items.add(new File([new Uint8Array(30e6)], "huge.png"));
          const event = new DragEvent("drop", { dataTransfer, bubbles: true, cancelable: true });
          document.querySelector(".drawing").dispatchEvent(event);
        }"""
    )
    assert why(page) == "huge.png is larger than 20 MB: choose a smaller picture."


@pytest.mark.usefixtures("read")
def test_a_tiff_that_no_browser_shows_is_read_all_the_same(page):
    page_of = np.full((120, 120), 255, np.uint8)
    page_of[20:100, 56:64] = 0
    drop(page, "one.tiff", png(Image.fromarray(page_of), "TIFF"), "image/tiff")
    assert page.locator(".text").inner_text() == "1"


def test_a_digit_that_is_corrected_is_kept_as_labelled_data(read, page, served):
    read(SEVEN)
    page.get_by_role("button", name="Correct to 1").click()
    page.wait_for_selector(".correct code")
    assert "inkdigits train quick --data" in page.locator(".correct").inner_text()
    (file,) = own.labelled(served.settings.user_digits)
    assert file.parent.name == "1"
    page.get_by_role("button", name="Correct to 7").click()
    page.wait_for_function("() => document.querySelector('.correct').innerText.includes('as a 7')")
    (file,) = own.labelled(served.settings.user_digits)
    assert file.parent.name == "7"
    with page.expect_download() as download:
        page.get_by_role("button", name="Save as 28×28 PNG").click()
    saved = np.array(Image.open(download.value.path()).convert("L"))
    assert (saved == np.array(Image.open(file))).all()


@pytest.mark.usefixtures("read")
def test_a_camera_that_is_not_there_is_one_sentence(page):
    page.get_by_role("button", name="Camera").click()
    page.wait_for_selector(".why .bad")
    assert "choose a picture instead" in why(page)


@pytest.mark.usefixtures("read")
def test_a_picture_is_taken_with_the_camera(page):
    page.evaluate(CAMERA)
    page.get_by_role("button", name="Camera").click()
    page.wait_for_function("() => document.querySelector('video')?.videoWidth > 0")
    page.get_by_role("button", name="Take picture").click()
    page.wait_for_selector("#detail[data-drawn]")
    assert page.locator(".text").inner_text() == "1"


def test_the_reader_s_digit_is_what_the_other_pages_show(read, page):
    read(SEVEN)
    page.wait_for_function("() => localStorage.getItem('digit') !== null")
    page.goto(page.url + "guide/convolution")
    page.wait_for_selector("article[data-ready]")
    assert "Your digit" in page.locator("#mine").inner_text()


def test_what_the_network_saw_holds_nothing_of_earlier_digits(read, page):
    clear = page.get_by_role("button", name="Clear")
    seen = []
    for strokes in (SEVEN, FLAGGED_ONE, SEVEN):
        read(strokes)
        page.wait_for_selector("#detail[data-drawn]")
        seen.append(page.locator(".way canvas").last.evaluate("canvas => canvas.toDataURL()"))
        clear.click()
        settle(page)
    assert seen[0] == seen[2] != seen[1]


@pytest.mark.usefixtures("read")
def test_a_photo_is_not_drawn_on(page):
    drop(page, "sum.jpg", (EXAMPLES / "sum.jpg").read_bytes(), "image/jpeg")
    before = page.locator(".text").inner_text()
    page.locator(".pad canvas").click()
    page.locator(".pad canvas").press(" ")
    settle(page)
    assert page.locator(".text").inner_text() == before
    page.get_by_role("button", name="Undo").click()
    settle(page)
    assert page.locator(".text").inner_text() == ""


def test_the_drawing_is_still_there_for_whoever_comes_back(read, page):
    read(FORTY_TWO)
    page.goto(page.url + "guide")
    page.go_back()
    page.wait_for_selector("#detail[data-drawn]")
    assert page.locator(".text").inner_text() == "42"


@pytest.mark.usefixtures("read")
def symbol(value: str, box: tuple[int, int, int, int], **more: object) -> Symbol:
    left, top, width, height = box
    corners = [(0, 0), (width, 0), (width, height), (0, height)]
    outline = tuple((float(left + x), float(top + y)) for x, y in corners)
    seen = np.full((28, 28), 9, np.uint8)
    return Symbol((Candidate(value, 0.9), Candidate("1", 0.1)), 0.9, outline, network_input=seen,
                  **more)  # fmt: skip


@pytest.fixture
def told(page, served):
    """Return a function that drops a picture of which the server tells a given document."""

    def show(document: Document, content: bytes, **more: object) -> None:
        described = document.to_dict(network_input=True)
        grey = base64.b64encode(png(Image.new("L", (80, 80), 200))).decode()
        described["steps"] = [
            {"grey": grey, "ink": grey, "picture": base64.b64encode(content).decode(), **more}
            for _ in document.pages
        ]
        page.route("**/api/read?*", lambda route: route.fulfill(json=described))
        page.goto(served.url)
        drop(page, "page.jpg", content, "image/jpeg")
        page.wait_for_function("() => document.querySelector('.boxes > *') !== null")

    return show


def test_what_is_left_out_is_shown_with_its_reason(told, page):
    around = ((5.0, 5.0), (95.0, 5.0), (95.0, 9.0), (5.0, 9.0))
    leave = (LeftOut(Reason.RULE, around), LeftOut(Reason.SPECK, around, 0.1),
             LeftOut(Reason.SPECK, around))  # fmt: skip
    seven = symbol("7", (20, 20, 30, 50))
    several = symbol("0", (60, 20, 30, 50), rejection=Reason.SEVERAL_SYMBOLS)
    line = Line((seven, several))
    told(Document("page.jpg", (Page(1, 100, 100, (line,), leave),)), jpeg(100, 100))
    assert page.locator(".boxes > polygon.left-out").count() == 3
    note = page.locator("label.left-out")
    assert (
        note.inner_text()
        == "Show ink that was not read: a printed rule or an underline; a speck (2)."
    )
    assert "1 rejected: several digits" in why(page)
    assert page.locator(".read-digits .rejected").get_attribute("title") == "several digits"
    note.locator("input").uncheck()
    assert page.locator(".boxes > polygon.left-out").count() == 0
    assert page.locator(".boxes > g").count() == 2
    assert not serious(page)


def test_many_rejected_are_told_in_one(told, page):
    letters = [
        symbol("0", (8 * at, 20, 8, 20), rejection=Reason.NOT_A_SYMBOL) for at in range(1, 8)
    ]
    line = Line((symbol("7", (80, 20, 8, 20)), *letters))
    told(Document("page.jpg", (Page(1, 100, 100, (line,)),)), jpeg(100, 100))
    shown = page.locator(".read-digits button").count()
    page.get_by_role("button", name="Show 7 rejected").click()
    assert page.locator(".read-digits button").count() == shown + 7 - 1


def test_cells_of_a_table_are_apart(told, page):
    cells = {(0, 0): "1", (0, 1): "2", (1, 1): "3"}
    lines = [Line((symbol(value, (9, 9, 9, 9)),), cell) for cell, value in cells.items()]
    told(Document("page.jpg", (Page(1, 100, 100, tuple(lines)),)), jpeg(100, 100))
    rows = page.locator(".text table tr")
    assert [
        [cell.locator("b").all_inner_texts() for cell in row.locator("td").all()]
        for row in rows.all()
    ] == [[["1"], ["2"]], [[], ["3"]]]
    assert page.locator(".text td .sure").all_inner_texts() == ["90%"] * 3


def test_lines_have_marks_values_and_how_sure_they_are(told, page):
    lines = [
        Line(tuple(symbol(sign, (9 + 9 * at, top, 8, 20)) for at, sign in enumerate(text)), **more)
        for top, text, more in ((0, "3.000.-", {"probability": 0.97}), (30, "14/03/26", {}),
                                (60, "85+9", {"probability": 0.4}))
    ]  # fmt: skip
    told(Document("page.jpg", (Page(1, 100, 100, tuple(lines)),)), jpeg(100, 100))
    shown = page.locator(".text .line")
    assert shown.locator("b").all_inner_texts() == ["3.000.-", "14/03/26", "85+9"]
    assert shown.locator(".value").all_inner_texts() == ["= 3000", "= 2026-03-14"]
    assert shown.locator(".sure").all_inner_texts() == ["97%", "43%", "40%"]
    assert page.locator(".sure.doubtful").count() == 2
    page.locator(".read-digits button").nth(1).click()
    assert page.locator("#detail h2").inner_text() == "Read as a dot (.), probability 90.0%"
    assert not serious(page)
    page.set_viewport_size(PHONE)
    assert not overflows(page)


def test_one_line_has_no_probability_of_its_own_beside_it(told, page):
    line = Line(tuple(symbol(sign, (9 + 9 * at, 9, 8, 20)) for at, sign in enumerate("12,50")))
    told(Document("page.jpg", (Page(1, 100, 100, (line,)),)), jpeg(100, 100))
    assert page.locator(".text").inner_text().split() == ["12,50", "=", "12.50"]
    assert "59.0%" in why(page)


def test_what_the_finder_sees_is_laid_over_the_page(told, page):
    line = Line((symbol("7", (20, 20, 30, 50)),))
    layer = "data:image/png;base64," + base64.b64encode(png(Image.new("RGBA", (9, 9)))).decode()
    found = Document("page.jpg", (Page(1, 100, 100, (line,)),))
    told(found, jpeg(100, 100), layers={"handwriting": layer, "rules": layer})
    ticks = page.locator("fieldset.layers label:visible")
    assert ticks.all_inner_texts() == ["handwriting", "rules and boxes"]
    assert page.locator(".boxes image").count() == 0
    ticks.first.click()
    assert page.locator(".boxes image").count() == 1
    ticks.last.click()
    assert page.locator(".boxes image").count() == 2
    ticks.first.click()
    assert page.locator(".boxes image").get_attribute("href") == layer
    assert not serious(page)


@pytest.mark.usefixtures("read")
def test_without_a_finder_there_is_nothing_to_tick(page):
    drop(page, "page.jpg", jpeg(160, 80, 1, (100, 20)), "image/jpeg")
    assert page.locator("fieldset.layers").is_hidden()


@pytest.mark.usefixtures("read")
@pytest.mark.parametrize(
    ("orientation", "turns", "says"),
    [
        (1, 1, "rotated by 90° clockwise."),
        (1, 2, "rotated by 180°."),
        (6, 2, "rotated by 90° counterclockwise."),
        (5, 1, "mirrored."),
    ],
)
def test_a_picture_is_turned_and_read_again(page, orientation, turns, says):
    turn = page.get_by_role("button", name="Rotate by 90°")
    assert turn.is_hidden()
    upright = (8, 40) if orientation == 1 else (40, 8)  # as it is stored
    drop(page, "page.jpg", jpeg(160, 80, orientation, (100, 20), upright), "image/jpeg")
    for _ in range(turns):
        turn.click()
        settle(page)
    assert why(page).partition("The stored picture was ")[2] == says
    page.wait_for_timeout(200)  # the picture is laid when it is decoded
    points = page.locator(".boxes polygon").first.get_attribute("points").split(" ")
    xs, ys = zip(*(map(float, point.split(",")) for point in points), strict=True)
    assert page.evaluate(DARK) == pytest.approx([min(xs), max(xs), min(ys), max(ys)], abs=12)
    page.get_by_role("button", name="Clear").click()
    assert turn.is_hidden()


def test_every_page_of_a_file_has_a_part_of_its_own(told, page):
    pages = [
        Page(number, 100, 100, (Line(tuple(symbol(v, (9, 9, 9, 9)) for v in text)),))
        for number, text in enumerate(("12", "345"), start=1)
    ]
    told(Document("page.jpg", tuple(pages)), jpeg(100, 100))
    parts = page.locator(".page-text")
    assert [part.locator("div").first.inner_text() for part in parts.all()] == ["12", "345"]
    assert page.locator(".boxes > g").count() == 2
    parts.last.get_by_role("button", name="Page 2").click()
    assert page.locator(".boxes > g").count() == 3
    assert parts.last.get_by_role("button").get_attribute("aria-pressed") == "true"
    assert not serious(page)
    page.set_viewport_size(PHONE)
    assert not overflows(page)


def jpeg(
    width: int,
    height: int,
    orientation: int = 1,
    at: tuple[int, int] = (0, 0),
    stroke: tuple[int, int] = (40, 8),
) -> bytes:
    """Return a white picture with a black stroke, as it is stored."""
    image = Image.new("L", (width, height), 255)
    image.paste(0, (*at, at[0] + stroke[0], at[1] + stroke[1]))
    exif = Image.Exif()
    exif[ORIENTATION] = orientation
    file = io.BytesIO()
    image.save(file, "JPEG", quality=95, exif=exif)
    return file.getvalue()


DARK = """() => {
  const canvas = document.querySelector(".pad canvas");
  const { width, height } = canvas;
  const { data } = canvas.getContext("2d").getImageData(0, 0, width, height);
  const ends = [width, 0, height, 0];
  for (let at = 0; at < data.length / 4; at += 1) {
    if (data[4 * at] > 100) continue;
    const [x, y] = [at % width, Math.floor(at / width)];
    ends[0] = Math.min(ends[0], x);
    ends[1] = Math.max(ends[1], x);
    ends[2] = Math.min(ends[2], y);
    ends[3] = Math.max(ends[3], y);
  }
  return ends;
}"""


@pytest.mark.usefixtures("read")
@pytest.mark.parametrize("orientation", range(1, 9))
def test_outlines_lie_on_the_ink_however_the_picture_is_turned(page, orientation):
    drop(page, "page.jpg", jpeg(160, 80, orientation, (100, 20)), "image/jpeg")
    page.wait_for_selector(".boxes polygon", state="attached")
    points = page.locator(".boxes polygon").get_attribute("points").split(" ")
    xs, ys = zip(*(map(float, point.split(",")) for point in points), strict=True)
    around = [min(xs), max(xs), min(ys), max(ys)]
    assert page.evaluate(DARK) == pytest.approx(around, abs=12)
