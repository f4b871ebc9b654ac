import io
import struct
from itertools import chain, repeat

import numpy as np
import pytest
from PIL import Image

from inkdigits.errors import PictureError
from inkdigits.io import decode, guard
from inkdigits.io.picture import open_pages, open_picture
from tests.io.test_picture import drawn, exif, grey, png_of, refusal, saved, tiff_of

SHADES = (30, 90, 150, 210)


def shaded(size: tuple[int, int] = (40, 30)) -> list[Image.Image]:
    return [Image.new("L", size, shade) for shade in SHADES]


def several(kind: str, **options: object) -> bytes:
    first, *rest = shaded()
    return saved(first, kind, save_all=True, append_images=rest, **options)


@pytest.mark.parametrize("kind", ["TIFF", "GIF", "WEBP", "PNG"])
def test_pages_come_one_by_one_with_their_numbers(kind):
    lossless = {"lossless": True} if kind == "WEBP" else {}
    pages = list(open_pages(several(kind, **lossless)))
    assert [page.number for page in pages] == [1, 2, 3, 4]
    assert [round(float(grey(page).mean())) for page in pages] == list(SHADES)
    assert grey(open_picture(several(kind, **lossless))).mean() == SHADES[0]


def test_pages_of_a_tiff_have_sizes_and_turns_of_their_own():
    first, second = drawn(size=(40, 30)), drawn("RGB", (3_000, 20))
    content = saved(first, "TIFF", save_all=True, append_images=[second], exif=exif(6))
    one, two = open_pages(content)
    assert (one.width, one.height, one.orientation, one.pixels.shape) == (40, 30, 6, (40, 30))
    assert (two.width, two.height) == (3_000, 20)


def test_pages_stay_what_they_are_when_the_next_ones_are_opened():
    large = shaded((2_000, 300))
    for kind in ("TIFF", "GIF", "PNG"):
        pages = list(open_pages(saved(large[0], kind, save_all=True, append_images=large[1:])))
        assert [round(float(grey(p.enlarged(2_000)).mean())) for p in pages] == list(SHADES), kind


def test_pages_are_decoded_when_they_are_asked_for():
    whole = several("TIFF", compression="tiff_adobe_deflate")
    start = struct.unpack("<L", whole[4:8])[0]
    number = struct.unpack("<H", whole[start : start + 2])[0]
    second = struct.unpack("<L", whole[start + 2 + 12 * number :][:4])[0]
    tags = whole[second + 2 : second + 2 + 12 * 20]
    strip = next(e[8:12] for e in zip(*[iter(tags)] * 12, strict=False) if e[:2] == (17, 1))
    at = struct.unpack("<L", bytes(strip))[0]
    pages = open_pages(whole[:at] + b"\xff" * 8 + whole[at + 8 :])
    assert next(pages).number == 1
    with pytest.raises(PictureError, match="page 2 of the picture is damaged"):
        next(pages)


def test_pictures_of_an_animation_are_what_is_shown():
    still = Image.new("RGBA", (40, 30), (0, 0, 0, 255))
    patch = Image.new("RGBA", (40, 30), (0, 0, 0, 0))
    patch.paste((255, 255, 255, 255), (10, 10, 20, 20))
    content = saved(still, "PNG", save_all=True, append_images=[patch], blend=1)
    _, second = open_pages(content)
    assert grey(second)[15, 15] == 255
    assert grey(second)[0, 0] == 0


def test_previews_and_masks_of_a_tiff_are_no_pages():
    page = ((256, 4, 1, 2), (257, 4, 1, 1), (258, 3, 1, 8), (262, 3, 1, 1), (273, 4, 1, 0))
    one = tiff_of((254, 4, 1, 1), *page, (278, 4, 1, 1), (279, 4, 1, 2), tail=b"\x09\x0a")
    start = len(one)
    place = 8 + 2 + 12 * 8  # of what leads on
    second = tiff_of((254, 4, 1, 2), *page, (278, 4, 1, 1), (279, 4, 1, 2), tail=b"\x63\x64")
    moved = bytearray(second[8:])
    offset = struct.pack("<L", start + len(moved) - 2)
    where = moved.index(struct.pack("<HHL", 273, 4, 1)) + 8
    moved[where : where + 4] = offset
    content = one[:place] + struct.pack("<L", start) + one[place + 4 :] + bytes(moved)
    assert open_picture(content).pixels.tolist() == [[0x63, 0x64]]
    (only,) = open_pages(content)
    assert (only.number, only.pixels.tolist()) == (1, [[0x63, 0x64]])


def test_directories_that_go_round_in_a_circle_are_read_once():
    page = tiff_of(
        *((256, 4, 1, 2), (257, 4, 1, 1), (258, 3, 1, 8), (262, 3, 1, 1), (273, 4, 1, 0)),
        *((278, 4, 1, 1), (279, 4, 1, 2)),
        tail=b"\x63\x64",
    )
    place = 8 + 2 + 12 * 7
    looped = page[:place] + struct.pack("<L", 8) + page[place + 4 :]
    assert [picture.pixels.tolist() for picture in open_pages(looped)] == [[[0x63, 0x64]]]


def test_every_directory_of_a_tiff_is_looked_at():
    shape = ((256, 4, 1, 2), (257, 4, 1, 1))
    one = tiff_of(*shape)
    long = struct.pack("<HHHLL", 1, 273, 3, 4_000_000, 0) + bytes(4)
    content = one[:-4] + struct.pack("<L", len(one)) + long
    with pytest.raises(guard.InPiecesError):
        guard.check_tiff(content)
    guard.check_tiff(one)


@pytest.mark.parametrize("kind", ["TIFF", "GIF"])
def test_more_pages_than_are_read_is_one_sentence(kind, monkeypatch):
    monkeypatch.setattr(decode, "MOST_PAGES", 3)
    pages = open_pages(several(kind))
    with pytest.raises(PictureError, match=r"has 4 pages or pictures, more than 3: split it\."):
        next(pages)
    assert open_picture(several(kind)).number == 1


@pytest.mark.parametrize("kind", ["TIFF", "GIF"])
def test_fewer_pages_may_be_asked_for(kind):
    assert len(list(open_pages(several(kind), 4))) == 4
    with pytest.raises(PictureError, match=r"has 4 pages or pictures, more than 3: split it\."):
        next(open_pages(several(kind), 3))


@pytest.mark.parametrize(
    ("kind", "bound", "before"), [("TIFF", "MOST_OF_PAGES", 3), ("GIF", "MOST_OF_FRAMES", 0)]
)
def test_more_pixels_on_all_pages_than_are_read_is_one_sentence(kind, bound, before, monkeypatch):
    monkeypatch.setattr(decode, bound, 3 * 40 * 30)
    pages = open_pages(several(kind))
    assert len([next(pages) for _ in range(before)]) == before
    with pytest.raises(PictureError, match="on all its pages or pictures together: split it"):
        next(pages)


def test_what_moves_may_have_fewer_pixels_than_what_stands_still():
    size = (5_100, 5_000)
    content = saved(
        Image.new("P", size), "GIF", save_all=True, append_images=[Image.new("P", size, 1)]
    )
    assert open_picture(content).width == 5_100
    with pytest.raises(PictureError, match="more than 25 million pixels"):
        next(open_pages(content))


def test_a_photograph_with_a_preview_in_it_is_one_page():
    content = saved(drawn(), "MPO", save_all=True, append_images=[Image.new("L", (40, 30), 0)])
    (page,) = open_pages(content)
    assert np.abs(grey(page) - np.asarray(drawn())).mean() < 6


def test_what_is_no_file_is_one_page():
    with Image.open(io.BytesIO(several("TIFF"))) as image:
        image.seek(2)
        for source in (image, drawn(), np.asarray(drawn()), open_picture(drawn())):
            (page,) = open_pages(source)
            assert page.number == 1
        assert grey(next(open_pages(image))).mean() == SHADES[2]


@pytest.mark.parametrize("source", [b"", b"no picture", png_of(9_000, 9_000), "none.png", None])
def test_what_cannot_be_opened_is_one_sentence(source):
    with pytest.raises(PictureError) as caught:
        next(open_pages(source))
    assert str(caught.value) == refusal(source)


# Runs of a BMP.


def bmp(
    runs: bytes, width: int, height: int, bits: int = 8, kind: int = 1, start: int = 0
) -> bytes:
    """Return a BMP whose colours are shades of grey."""
    colours = 1 << bits
    step = 255 // (colours - 1)
    palette = b"".join(bytes((step * c, step * c, step * c, 0)) for c in range(colours))
    header = struct.pack("<LllHHLLllLL", 40, width, height, 1, bits, kind, 0, 0, 0, 0, 0)
    place = 54 + len(palette) if start == 0 else start
    return b"BM" + struct.pack("<LHHL", 0, 0, 0, place) + header + palette + runs


def test_runs_are_drawn_from_the_lowest_line_up():
    runs = b"\3\7\0\0" + b"\0\3\1\2\3\0" + b"\0\1"
    assert grey(open_picture(bmp(runs, 3, 2))).tolist() == [[1, 2, 3], [7, 7, 7]]
    assert grey(open_picture(bmp(runs, 3, -2))).tolist() == [[7, 7, 7], [1, 2, 3]]


def test_runs_of_half_bytes_alternate():
    runs = b"\5\x1f\0\0" + b"\0\5\x12\x34\x50\0" + b"\0\0"
    values = grey(open_picture(bmp(runs, 5, 2, bits=4, kind=2))) / 17
    assert values.tolist() == [[1, 2, 3, 4, 5], [1, 15, 1, 15, 1]]


def test_runs_that_move_on_end_early_or_are_too_long_leave_the_rest_empty():
    runs = b"\0\2\1\1\2\5" + b"\0\0" + b"\x09\4\0\1"
    values = grey(open_picture(bmp(runs, 3, 4)))
    assert values.tolist() == [[0, 0, 0], [4, 4, 4], [0, 5, 5], [0, 0, 0]]


@pytest.mark.parametrize("runs", [b"", b"\3\7\0\0", b"\0\3\1", b"\3\7\0\0\2\1"])
def test_runs_that_break_off_are_refused(runs):
    assert "damaged" in refusal(bmp(runs, 3, 2))


def test_runs_of_the_wrong_kind_are_refused():
    assert "damaged or incomplete" in refusal(bmp(b"\0\1", 3, 2, bits=4, kind=1))


def test_runs_are_what_pillow_makes_of_them():
    draw = np.random.default_rng(5)
    parts = chain.from_iterable(
        (*((int(n), int(v)) for n, v in draw.integers(1, (9, 255), (4, 2))), (0, 0))
        for _ in repeat(0, 12)
    )
    runs = bytes(chain.from_iterable(parts)) + b"\0\1"
    content = bmp(runs, 32, 12)
    with Image.open(io.BytesIO(content)) as image:
        expected = np.asarray(image.convert("L"))
    assert np.array_equal(grey(open_picture(content)), expected)


def test_a_kilobyte_of_runs_costs_no_more_than_its_pixels():
    picture = open_picture(bmp(b"\0\0" * 7_000, 7_000, 7_000))
    assert picture.pixels.shape == (1_600, 1_600)
    assert not picture.pixels.any()
