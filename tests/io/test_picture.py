import io
import os
import pickle
import random
import re
import socket
import struct
import subprocess
import sys
import time
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays
from PIL import Image, ImageDraw, PngImagePlugin

from inkdigits.errors import PictureError
from inkdigits.io.decode import ORIENTATION, WORKING
from inkdigits.io.picture import Picture, open_picture

INK, PAPER = 20, 230
FORMATS = ("PNG", "JPEG", "WEBP", "BMP", "GIF", "TIFF")
MODES = [
    *("L", "P", "RGB", "RGBA", "CMYK", "YCbCr", "LAB", "HSV", "I", "F", "LA", "PA", "RGBX"),
    *("RGBa", "La", "I;16", "I;16L", "I;16B"),
]
SIGNATURES = (
    b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR",
    b"\xff\xd8\xff\xe0",
    b"RIFF\x40\0\0\0WEBPVP8 ",
    b"RIFF\x40\0\0\0WEBPVP8X",
    b"BM",
    b"GIF89a",
    b"II*\0\x08\0\0\0",
    b"MM\0+\0\x08\0\0",
)


def drawn(mode: str = "L", size: tuple[int, int] = (40, 30)) -> Image.Image:
    """Return a page with ink in its upper left quarter, so that every turn of it differs."""
    page = Image.new("L", size, PAPER)
    page.paste(INK, (size[0] // 10, size[1] // 10, size[0] // 2, size[1] // 4))
    if mode in ("La", "RGBa"):
        return page.convert(mode.upper()).convert(mode)
    if mode == "PA":
        return page.convert("P").convert("PA")
    if mode == "LAB":
        return Image.merge("LAB", (page, page, page))
    if mode.startswith("I;16"):
        return Image.fromarray(np.asarray(page).astype(np.uint16) * 257).convert("I").convert(mode)
    return page.convert("RGB").convert(mode) if mode in ("HSV", "YCbCr") else page.convert(mode)


def saved(image: Image.Image, kind: str = "PNG", **options: object) -> bytes:
    file = io.BytesIO()
    image.save(file, kind, **options)
    return file.getvalue()


def grey(picture: Picture) -> np.ndarray:
    return picture.pixels.mean(2) if picture.pixels.ndim == 3 else picture.pixels.astype(float)


def refusal(source: object) -> str:
    """Return the sentence with which `source` is refused."""
    with pytest.raises(PictureError) as caught:
        open_picture(source)
    return checked(caught.value)


def checked(error: PictureError) -> str:
    sentence = str(error)
    assert is_sentence(sentence), sentence
    return sentence


def is_sentence(found: object) -> bool:
    """Whether it is one printable line with an end, and no traceback."""
    return (
        isinstance(found, str)
        and found.isprintable()
        and found.endswith((".", ":"))
        and "Traceback" not in found
    )


def is_picture(found: object) -> bool:
    """Whether it is a picture as the reader takes it: bytes, grey or RGB, not too large."""
    return (
        isinstance(found, Picture)
        and found.pixels.dtype == np.uint8
        and (found.pixels.ndim == 2 or found.pixels.shape[2:] == (3,))
        and max(found.pixels.shape[:2]) <= WORKING
        and min(*found.pixels.shape[:2], found.width, found.height) > 0
    )


def opened(source: object) -> Picture | str:
    """Return the picture that `source` holds, or the sentence with which it is refused."""
    try:
        return open_picture(source)
    except PictureError as error:
        return str(error)


def chunk(kind: bytes, content: bytes = b"") -> bytes:
    """Return a chunk of a PNG."""
    checksum = zlib.crc32(kind + content)
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", checksum)


def png_of(width: int, height: int) -> bytes:
    """Return a tiny PNG that says it is large."""
    header = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0))
    return SIGNATURES[0][:8] + header + chunk(b"IDAT", zlib.compress(b"")) + chunk(b"IEND")


def tiff_of(*tags: tuple[int, int, int, int], tail: bytes = b"") -> bytes:
    """Return a TIFF of these tags (tag, kind, count, value); 0 as value: where the tail begins."""
    end = 8 + 2 + 12 * len(tags) + 4
    entries = b"".join(struct.pack("<HHLL", *tag[:3], tag[3] or end) for tag in tags)
    return b"II*\0" + struct.pack("<LH", 8, len(tags)) + entries + bytes(4) + tail


# What is opened.


@pytest.mark.parametrize("kind", FORMATS)
def test_format_is_told_by_content_and_not_by_name(kind, tmp_path):
    path = tmp_path / "page.txt"
    path.write_bytes(saved(drawn("RGB"), kind))
    picture = open_picture(path)
    assert (picture.name, picture.width, picture.height) == ("page.txt", 40, 30)
    assert np.abs(grey(picture) - np.asarray(drawn())).mean() < 6


@pytest.mark.parametrize("size", [(40, 30), (3600, 2700)])
@pytest.mark.parametrize("mode", MODES)
def test_every_mode_shows_dark_ink_on_light_paper(mode, size):
    pixels = grey(open_picture(drawn(mode, size)))
    height, width = pixels.shape
    assert max(height, width) == min(max(size), WORKING)
    assert pixels[height // 6, width // 4] < 40
    assert pixels[-1, -1] > 220


@pytest.mark.parametrize("kind", ["PNG", "TIFF", "BMP"])
def test_pages_of_one_bit_are_black_and_white(kind):
    content = saved(drawn().point(lambda value: 255 * (value > 99), "1"), kind)
    assert set(np.unique(grey(open_picture(content)))) == {0, 255}


@pytest.mark.parametrize("kind", ["PNG", "TIFF"])
def test_pages_of_16_bits_are_read(kind):
    pixels = grey(open_picture(saved(drawn("I;16"), kind)))
    assert pixels[4, 8] < 40
    assert pixels[-1, -1] > 220


@pytest.mark.parametrize(
    "compression", ["raw", "packbits", "tiff_lzw", "tiff_adobe_deflate", "jpeg", "zstd"]
)
def test_tiff_is_read_however_it_is_compressed(compression):
    content = saved(drawn("RGB"), "TIFF", compression=compression)
    assert np.abs(grey(open_picture(content)) - np.asarray(drawn())).mean() < 6


def test_jpeg_of_print_colours_is_read():
    pixels = grey(open_picture(saved(drawn("CMYK"), "JPEG")))
    assert np.abs(pixels - np.asarray(drawn())).mean() < 6


@pytest.mark.parametrize("kind", ["GIF", "WEBP", "TIFF", "PNG"])
def test_only_the_first_frame_or_page_counts(kind):
    more = [Image.new("L", (40, 30), value) for value in (0, 99)]
    content = saved(drawn(), kind, save_all=True, append_images=more)
    assert np.abs(grey(open_picture(content)) - np.asarray(drawn())).mean() < 6


def test_jpeg_with_a_second_picture_in_it_is_its_first():
    content = saved(drawn(), "MPO", save_all=True, append_images=[Image.new("L", (40, 30), 0)])
    assert np.abs(grey(open_picture(content)) - np.asarray(drawn())).mean() < 6


def test_sources_of_all_kinds_give_the_same_picture(tmp_path):
    content = saved(drawn())
    path = tmp_path / "page.png"
    path.write_bytes(content)
    pieces = io.BufferedReader(Dripping(content))
    array = np.asarray(drawn())
    with path.open("rb") as file, Image.open(path) as lazy:
        for source in (
            path,
            str(path),
            content,
            bytearray(content),
            memoryview(content),
            io.BytesIO(content),
            file,
            pieces,
            Dripping(content),
            lazy,
            drawn(),
            array,
            array[..., None],
            array / 255,
        ):
            assert np.array_equal(open_picture(source).pixels, array)


class Dripping(io.RawIOBase):
    """A file object that gives a few bytes at a time, as a pipe does."""

    def __init__(self, content: bytes) -> None:
        self.file = io.BytesIO(content)

    def readable(self) -> bool:
        return True

    def readinto(self, target: memoryview) -> int:
        piece = self.file.read(min(7, len(target)))
        target[: len(piece)] = piece
        return len(piece)


def test_file_object_is_read_from_where_it_stands():
    file = io.BytesIO(b"something else" + saved(drawn()))
    file.seek(len(b"something else"))
    assert open_picture(file).width == 40


def test_pictures_of_the_caller_stay_as_they_are():
    image = drawn("LA", (3600, 20))
    before = image.copy()
    open_picture(image)
    assert image == before
    array = np.full((20, 3600), 200, np.uint8)
    open_picture(array).pixels[:] = 0
    assert (array == 200).all()


# Size.


@pytest.mark.parametrize("size", [(1, 1), (1, 20_000), (20_000, 1), (3, 5_000)])
@pytest.mark.parametrize("mode", ["1", "L", "RGBA", "P", "I;16"])
def test_odd_shapes_are_pictures(size, mode):
    image = drawn(mode, size) if mode != "1" else Image.new("1", size, 1)
    picture = open_picture(saved(image))
    assert (picture.width, picture.height) == size
    assert max(picture.pixels.shape[:2]) == min(max(size), WORKING)
    scale = picture.width / picture.place.wide, picture.height / picture.place.tall
    assert scale == (
        size[0] / picture.pixels.shape[1],
        size[1] / picture.pixels.shape[0],
    )


@pytest.mark.parametrize("value", [0, 255])
@pytest.mark.parametrize("mode", ["1", "L", "RGB", "RGBA"])
def test_pages_of_one_colour_stay_that_colour(value, mode):
    assert (open_picture(saved(Image.new("L", (9, 9), value).convert(mode))).pixels == value).all()


def test_49_megapixels_are_read():
    begin = time.perf_counter()
    picture = open_picture(saved(Image.new("1", (7_000, 7_000), 1)))
    assert (picture.width, picture.pixels.shape) == (7_000, (WORKING, WORKING))
    assert (picture.pixels == 255).all()
    assert time.perf_counter() - begin < 5


@pytest.mark.parametrize(
    "source",
    [
        png_of(60_000, 60_000),
        png_of(7_100, 7_100),
        saved(Image.new("1", (7_100, 7_100)), "TIFF", compression="group4"),
        np.broadcast_to(np.uint8(0), (60_000, 60_000)),
        np.broadcast_to(np.float32(0), (7_100, 7_100, 3)),
        Image.new("1", (7_100, 7_100)),
    ],
    ids=["bomb", "png", "tiff", "array", "floats", "image"],
)
def test_more_than_50_megapixels_are_refused(source):
    assert "more than 50 million pixels" in refusal(source)


def test_webp_which_needs_more_memory_is_refused_sooner():
    content = saved(Image.new("L", (5_100, 5_100)), "WEBP", lossless=True, quality=0, method=0)
    assert "more than 25 million pixels" in refusal(content)


def test_picture_of_the_caller_that_is_too_large_is_not_decoded():
    with Image.open(io.BytesIO(png_of(7_100, 7_100))) as lazy:
        assert "million pixels" in refusal(lazy)
        assert lazy._im is None


@pytest.mark.parametrize("mode", ["1", "L", "P", "RGB", "LA", "RGBA"])
def test_thin_strokes_survive_shrinking_alike_on_paper_and_on_nothing(mode):
    image = Image.new("L", (6_400, 400), 255)
    ImageDraw.Draw(image).rectangle((0, 200, 6_400, 201), fill=0)
    stroke = image.point(lambda value: 255 - value)
    image = image.convert(mode)
    if mode in ("LA", "RGBA"):
        image.putalpha(stroke)
    assert abs(grey(open_picture(image)).min() - 255 / 2) < 2


# More pixels than the working copy has.


def fine(size: tuple[int, int] = (3_508, 2_480)) -> Image.Image:
    """Return a page with strokes so fine that a working copy loses them."""
    page = drawn(size=size)
    page.paste(Image.effect_noise((size[0] // 3, size[1] // 3), 90), (size[0] // 2, size[1] // 2))
    return page


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "TIFF", "WEBP", "BMP", "array", "image"])
def test_enlarged_page_has_the_pixels_of_the_file(kind):
    page = fine()
    sources = {"array": np.asarray(page), "image": page}
    source = sources[kind] if kind in sources else saved(page, kind)
    picture = open_picture(source)
    whole = pickle.loads(pickle.dumps(picture)).enlarged(4_000)  # noqa: S301 our own
    assert grey(whole).shape == (2_480, 3_508) == (picture.height, picture.width)
    assert np.abs(grey(whole) - np.asarray(page)).mean() < (6 if kind in ("JPEG", "WEBP") else 0.01)
    assert (whole.name, whole.orientation, whole.number) == (picture.name, 1, 1)
    middle = picture.enlarged(2_000)
    assert grey(middle).shape == (1_414, 2_000)
    assert middle.enlarged(4_000).pixels.shape == whole.pixels.shape
    assert grey(picture).shape == (1_131, 1_600)


@pytest.mark.parametrize("tag", range(1, 9))
@pytest.mark.parametrize("kind", ["PNG", "JPEG", "TIFF"])
@pytest.mark.parametrize("size", [(1_800, 1_000), (3_300, 1_000)])
def test_enlarged_page_is_upright(kind, tag, size):
    page = drawn(size=size)
    picture = open_picture(saved(as_taken(page, tag), kind, exif=exif(tag)))
    whole = picture.enlarged(4_000)
    assert np.abs(grey(whole) - np.asarray(page)).mean() < 1
    assert whole.place.outline(0, 0, *size) == picture.place.outline(
        0, 0, picture.place.wide, picture.place.tall
    )


@pytest.mark.parametrize("mode", [*MODES, "1"])
def test_enlarged_page_looks_like_its_working_copy(mode):
    picture = open_picture(drawn(mode, (3_500, 1_000)))
    for side in (2_000, 3_500):
        whole = picture.enlarged(side)
        assert whole.pixels.ndim == picture.pixels.ndim
        both = [Image.fromarray(p.pixels).resize((80, 20), Image.BOX) for p in (whole, picture)]
        assert np.abs(np.subtract(*both, dtype=float)).mean() < 0.5


@pytest.mark.parametrize(("ink", "paper"), [(10, 255), (250, 0)])
def test_enlarged_transparent_page_lies_on_the_same_paper(ink, paper):
    stroke = inked("RGBA", (ink, ink, ink, 255)).resize((3_000, 2_000))
    for source in (stroke, saved(stroke), saved(stroke, "TIFF")):
        whole = open_picture(source).enlarged(3_000)
        assert whole.pixels[0, 0].tolist() == [paper] * 3
        assert whole.pixels[1_000, 1_500].tolist() == [ink] * 3


def test_enlarged_page_has_no_more_pixels_than_the_file_and_none_but_whole_ones():
    picture = open_picture(drawn(size=(300, 200)))
    assert np.array_equal(picture.enlarged(4_000).pixels, picture.pixels)
    assert picture.enlarged(30).pixels.shape == (20, 30)
    with pytest.raises(PictureError, match="1 or more"):
        picture.enlarged(0)


def test_enlarged_page_is_what_was_opened_whatever_becomes_of_it():
    page = fine()
    array = np.array(page)
    with Image.open(io.BytesIO(saved(page))) as image:
        pictures = [open_picture(array), open_picture(image), open_picture(page)]
        image.load()
        image.paste(0, (0, 0, *image.size))
    before, array[:] = array.copy(), 0
    page.paste(0, (0, 0, *page.size))
    for picture in pictures:
        assert np.array_equal(picture.enlarged(4_000).pixels, before)


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="counts memory as Linux does")
@pytest.mark.parametrize("kind", ["PNG", "JPEG", "TIFF"])
def test_49_megapixels_and_their_enlarged_page_fit_into_600_mb(kind, tmp_path):
    path = tmp_path / "page"
    Image.new("RGB", (8_160, 6_100), (250, 250, 240)).save(path, kind)
    code = (
        "import sys; from pathlib import Path; from inkdigits.io.picture import open_picture\n"
        "print(open_picture(sys.argv[1]).enlarged(3_000).pixels.shape)\n"
        "print(Path('/proc/self/status').read_text().partition('VmHWM:')[2].split()[0])"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, path], capture_output=True, text=True, check=True
    )
    shape, kilobytes = done.stdout.splitlines()
    assert shape == "(2243, 3000, 3)"
    assert int(kilobytes) < 600_000


# Orientation.


def exif(tag: int) -> bytes:
    found = Image.Exif()
    found[ORIENTATION] = tag
    return found.tobytes()


def as_taken(upright: Image.Image, tag: int) -> Image.Image:
    """Return `upright` as a camera held in the way of `tag` stores it."""
    turn = {
        1: None,
        2: Image.Transpose.FLIP_LEFT_RIGHT,
        3: Image.Transpose.ROTATE_180,
        4: Image.Transpose.FLIP_TOP_BOTTOM,
        5: Image.Transpose.TRANSPOSE,
        6: Image.Transpose.ROTATE_90,
        7: Image.Transpose.TRANSVERSE,
        8: Image.Transpose.ROTATE_270,
    }[tag]
    return upright if turn is None else upright.transpose(turn)


@pytest.mark.parametrize("tag", range(1, 9))
@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP", "TIFF"])
def test_orientation_is_obeyed(kind, tag):
    content = saved(as_taken(drawn(), tag), kind, exif=exif(tag))
    with Image.open(io.BytesIO(content)) as lazy:
        turned = kind == "TIFF"  # Pillow turns it by itself
        for source, stored in ((content, tag), (lazy, 1 if turned else tag)):
            picture = open_picture(source)
            size = as_taken(drawn(), stored).size
            assert (picture.width, picture.height, picture.orientation) == (*size, stored)
            assert np.abs(grey(picture) - np.asarray(drawn())).mean() < 6


@pytest.mark.parametrize("tag", range(1, 9))
def test_orientation_of_large_pictures_is_obeyed(tag):
    upright = drawn(size=(3_600, 1_800))
    picture = open_picture(saved(as_taken(upright, tag), "JPEG", exif=exif(tag)))
    assert (picture.width, picture.height) == as_taken(upright, tag).size
    assert np.abs(grey(picture) - np.asarray(upright.resize((1_600, 800)))).mean() < 6


@pytest.mark.parametrize("tag", range(1, 9))
def test_a_place_is_found_in_the_file_and_back(tag):
    picture = open_picture(saved(as_taken(drawn(size=(400, 300)), tag), exif=exif(tag)))
    outline = picture.place.outline(40, 30, 160, 45)  # where its ink is
    (left, top), (right, bottom) = np.min(outline, 0), np.max(outline, 0)
    ink = np.asarray(as_taken(drawn(size=(400, 300)), tag)) == INK
    assert ink[int(top) : int(bottom), int(left) : int(right)].all()
    assert ink.sum() == (right - left) * (bottom - top)
    assert picture.place.upright(outline) == pytest.approx((40, 30, 200, 75))


@pytest.mark.parametrize("tag", range(1, 9))
def test_a_page_is_turned_as_somebody_says(tag):
    stored = np.arange(24, dtype=np.uint8).reshape(4, 6)
    exif = Image.Exif()
    exif[ORIENTATION] = tag
    file = io.BytesIO()
    Image.fromarray(stored).save(file, "PNG", exif=exif)
    picture = open_picture(file.getvalue())
    for rotation in (0, 90, 180, 270):
        turned = picture.turned(rotation)
        mirrored = stored[:, ::-1] if picture.place.mirrored else stored
        np.testing.assert_array_equal(turned.pixels, np.rot90(mirrored, -rotation // 90))
        assert (turned.place.rotation, turned.place.mirrored) == (rotation, picture.place.mirrored)
    with pytest.raises(PictureError, match="rotated by 0, 90, 180 or 270 degrees, not 45"):
        picture.turned(45)


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP"])
@pytest.mark.parametrize(
    "tags",
    [
        exif(0),
        exif(9),
        exif(65_535),
        b"Exif\0\0",
        b"Exif\0\0II*\0",
        b"Exif\0\0no TIFF at all",
        b"Exif\0\0" + tiff_of((ORIENTATION, 2, 4, 0x78787878)),
        b"Exif\0\0" + tiff_of((ORIENTATION, 3, 99_000, 0), tail=b"\6\0" * 20_000),
        b"Exif\0\0" + tiff_of((ORIENTATION, 5, 1, 0), tail=bytes(8)),
        b"Exif\0\0" + tiff_of((ORIENTATION, 3, 1, 6))[:-12],
    ],
    ids=range(10),
)
def test_invalid_orientation_is_ignored(kind, tags):
    picture = open_picture(saved(drawn(), kind, exif=tags))
    assert (picture.width, picture.height) == (40, 30)
    assert np.abs(grey(picture) - np.asarray(drawn())).mean() < 6


# Transparency.


def inked(mode: str, ink: tuple[int, ...], hidden: int = 0) -> Image.Image:
    """Return a stroke of `ink`, its last value its opacity, on nothing of colour `hidden`."""
    image = Image.new("RGBA", (60, 40), (hidden, hidden, hidden, 0))
    ImageDraw.Draw(image).line((10, 30, 50, 10), fill=ink, width=5)
    return image.convert(mode)


@pytest.mark.parametrize("mode", ["RGBA", "LA", "PA", "RGBa"])
@pytest.mark.parametrize("hidden", [0, 255])
@pytest.mark.parametrize("strength", [255, 90])
def test_dark_ink_on_nothing_is_laid_on_white(mode, hidden, strength):
    pixels = grey(open_picture(inked(mode, (10, 10, 30, strength), hidden)))
    assert pixels[0, 0] == 255
    assert pixels[20, 30] < 255 - 0.8 * strength


@pytest.mark.parametrize("mode", ["RGBA", "LA", "PA", "RGBa"])
@pytest.mark.parametrize("hidden", [0, 255])
@pytest.mark.parametrize("strength", [255, 90])
def test_light_ink_on_nothing_is_laid_on_black(mode, hidden, strength):
    pixels = grey(open_picture(inked(mode, (250, 250, 200, strength), hidden)))
    assert pixels[0, 0] == 0
    assert pixels[20, 30] > 0.8 * strength


@pytest.mark.parametrize("kind", ["PNG", "WEBP", "GIF"])
@pytest.mark.parametrize(("ink", "paper"), [(10, 255), (250, 0)])
def test_transparency_of_every_format_is_composited(kind, ink, paper):
    content = saved(inked("RGBA", (ink, ink, ink, 255)), kind)
    pixels = grey(open_picture(content))
    assert pixels[0, 0] == paper
    assert abs(pixels[20, 30] - ink) < 12


def test_transparent_colour_of_a_palette_or_grey_png_is_composited():
    page = Image.new("P", (20, 20), 1)
    page.putpalette([0, 0, 0, 1, 1, 1])
    page.paste(0, (5, 5, 15, 15))
    for image in (page, page.convert("L"), page.convert("RGB")):
        clear = {"P": 1, "L": 1, "RGB": (1, 1, 1)}[image.mode]
        pixels = grey(open_picture(saved(image, transparency=clear)))
        assert (pixels[0, 0], pixels[10, 10]) == (255, 0)


@pytest.mark.parametrize(("paper", "ink"), [(240, 20), (20, 240)])
def test_opaque_paper_with_ink_keeps_its_look_beyond_its_edges(paper, ink):
    image = Image.new("RGBA", (60, 40), (0, 0, 0, 0))
    ImageDraw.Draw(image).rounded_rectangle((0, 0, 59, 39), 12, fill=(paper, paper, paper, 255))
    ImageDraw.Draw(image).line((10, 30, 50, 10), fill=(ink, ink, ink, 255), width=3)
    pixels = grey(open_picture(image))
    assert abs(pixels[0, 0] - paper) < 30
    assert (pixels[5, 20], pixels[20, 30]) == (paper, ink)


def test_ink_of_two_colours_is_not_taken_for_paper():
    image = inked("RGBA", (250, 250, 60, 255))
    ImageDraw.Draw(image).line((10, 10, 50, 30), fill=(90, 0, 0, 255), width=2)
    assert grey(open_picture(image))[0, 0] == 0


def test_wholly_transparent_picture_is_white_paper():
    assert (open_picture(Image.new("RGBA", (9, 9), (5, 5, 5, 0))).pixels == 255).all()


def test_wholly_opaque_picture_is_itself():
    image = drawn("RGB")
    assert np.array_equal(open_picture(image.convert("RGBA")).pixels, np.asarray(image))


# Arrays.


@pytest.mark.parametrize(
    ("array", "expected"),
    [
        (np.array([[False, True]]), [0, 255]),
        (np.array([[0.0, 1.0]]), [0, 255]),
        (np.array([[0.0, 0.5]]), [0, 128]),
        (np.array([[1.0, 1.0]]), [255, 255]),
        (np.array([[-3.0, 5.0]], np.float16), [0, 255]),
        (np.array([[-1.7e308, 1.7e308]]), [0, 255]),
        (np.array([[0, 1e-300]]) * 5, [0, 0]),
        (np.array([[0, 65_535]], ">u2"), [0, 255]),
        (np.array([[-(2**63), 2**63 - 1]]), [0, 255]),
        (np.array([[7, 7]]), [0, 0]),
        ([[0, 9]], [0, 255]),
    ],
)
def test_numbers_of_any_kind_become_bytes(array, expected):
    assert open_picture(array).pixels.tolist() == [expected]


@pytest.mark.parametrize("last", [1, 3, 4])
def test_arrays_may_have_one_three_or_four_values_a_pixel(last):
    array = np.full((5, 8, last), 255, np.uint8)
    assert (open_picture(array).pixels == 255).all()
    assert (open_picture(array[::-1, ::2]).width, open_picture(array).height) == (4, 5)


@pytest.mark.parametrize(
    ("source", "says"),
    [
        (np.array([[0, np.nan]]), "NaN or infinite"),
        (np.array([[0, np.inf]]), "NaN or infinite"),
        (np.full((2, 2), np.longdouble("1e4000")), "NaN or infinite"),
        (Image.fromarray(np.full((4, 4), np.nan, np.float32)), "NaN or infinite"),
        (np.array([["0", "1"]]), "pass a path"),
        (np.array([[None, 1]]), "pass a path"),
        (np.array([[1j]]), "complex128"),
        (np.array([["2026-01-01"]], "M8[D]"), "pass a path"),
        (np.zeros((2, 2), [("a", int)]), "pass a path"),
        (np.zeros(()), "shape ()"),
        (np.zeros(4), "shape (4,)"),
        (np.zeros((2, 2, 2)), "shape (2, 2, 2)"),
        (np.zeros((2, 2, 0)), "shape (2, 2, 0)"),
        (np.zeros((1, 2, 2, 3)), "shape (1, 2, 2, 3)"),
        (np.zeros((0, 5)), "no pixels"),
        (np.zeros((5, 0, 3)), "no pixels"),
        (Image.new("L", (0, 5)), "no pixels"),
        ([[1, 2], [3]], "pass an array"),
        ([], "shape (0,)"),
        (7, "shape ()"),
        (None, "NoneType"),
        ({"a": 1}, "dict"),
        (object(), "object"),
        (("page.png", "other.png"), "tuple"),
    ],
)
def test_arrays_that_are_no_pictures_are_refused(source, says):
    assert says in refusal(source)


# What is refused.


def zipped() -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("page.png", saved(drawn()))
    return file.getvalue()


@pytest.mark.parametrize(
    "content",
    [
        b"8BPS\0\1" + bytes(6) + struct.pack(">HLLHH", 1, 9, 9, 8, 1) + bytes(200),
        b"%PDF-1.7\n1 0 obj\n<<>>\nendobj\n%%EOF\n",
        b'<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"></svg>',
        b"<!doctype html><title>404</title>",
        b"Just a text, of letters.\n",
        b"II, the second of its name.\n",
        b"P5 2 2 255\n\0\0\0\0",
        b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n",
        zipped(),
        bytes(1_000),
        b"\0",
    ],
    ids=["psd", "pdf", "svg", "html", "text", "two", "pgm", "eps", "zip", "zeros", "zero"],
)
def test_other_files_are_refused_by_their_content(content, tmp_path):
    path = tmp_path / "page.png"
    path.write_bytes(content)
    assert re.search(r"page\.png is (not a picture|.*, which is not supported)", refusal(path))


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (
            b"\0\0\0\x18ftypheic" + bytes(90),
            "HEIC, which is not supported: export it as JPEG or PNG",
        ),
        (
            b"\0\0\0\x18ftypavif" + bytes(90),
            "AVIF, which is not supported: export it as JPEG or PNG",
        ),
        (b"\xff\x0a" + bytes(90), "JPEG XL, which is not supported: export it as JPEG or PNG"),
        (b"%PDF-1.7\n", "PDF, which is not supported: save its pages as PNG, JPEG or TIFF"),
    ],
)
def test_what_looks_like_a_picture_is_named_with_what_to_do(content, says):
    assert refusal(content).startswith(f"the picture is {says}")


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="this system has no named pipes")
def test_what_is_no_file_is_not_opened(tmp_path):
    os.mkfifo(tmp_path / "pipe.png")
    assert "pipe.png is a pipe: pass a file" in refusal(tmp_path / "pipe.png")
    assert "/dev/zero is a device: pass a file" in refusal("/dev/zero")
    with socket.socket(socket.AF_UNIX) as server:
        server.bind("socket.png")
        assert "socket.png is a socket: pass a file" in refusal("socket.png")


def test_file_that_is_too_long_is_refused_before_it_is_read(tmp_path, monkeypatch):
    monkeypatch.setattr("inkdigits.io.sources.MOST_BYTES", 1_000_000)
    monkeypatch.setattr("inkdigits.io.sources.limited", lambda *_: pytest.fail("it was read"))
    (tmp_path / "long.png").write_bytes(bytes(1_000_001))
    assert "long.png has more than 1 MB" in refusal(tmp_path / "long.png")


@pytest.mark.parametrize("kind", FORMATS)
@pytest.mark.parametrize("share", [0.3, 0.6, 0.9])
def test_file_that_breaks_off_is_refused(kind, share):
    noise = np.random.default_rng(1).integers(0, 256, (50, 50), np.uint8)
    content = saved(Image.fromarray(noise), kind)
    assert "damaged" in refusal(content[: int(len(content) * share)])


def test_files_that_cannot_be_read_are_refused(tmp_path):
    (tmp_path / "empty.png").write_bytes(b"")
    assert "empty.png is empty" in refusal(tmp_path / "empty.png")
    assert "is a folder" in refusal(tmp_path)
    assert "No such file" in refusal(tmp_path / "missing.png")
    assert "No such file" in refusal(str(tmp_path / "missing.png"))
    assert "Not a directory" in refusal(tmp_path / "empty.png" / "page.png")
    assert "not a valid path" in refusal("page\0.png")
    assert "not a valid path" in refusal(Path("page\0.png"))
    assert "too long" in refusal("page" * 999)
    assert refusal("two\nlines.png").startswith("Cannot read two?lines.png")
    assert refusal(b"") == refusal(io.BytesIO())


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_file_without_permission_is_refused(tmp_path):
    path = tmp_path / "page.png"
    path.write_bytes(saved(drawn()))
    path.chmod(0)
    assert "permissions" in refusal(path)


def test_file_objects_that_cannot_be_read_are_refused(tmp_path):
    path = tmp_path / "page.png"
    path.write_bytes(saved(drawn()))
    with path.open() as text:
        assert "binary mode" in refusal(text)
    with path.open("rb") as file:
        pass
    assert "opened in binary mode" in refusal(file)
    with path.open("ab") as writing:
        assert "cannot be read" in refusal(writing)
    assert "binary mode" in refusal(io.StringIO("page"))
    assert "binary mode" in refusal(Reads("page"))
    assert "cannot be read" in refusal(Reads(3.5))
    assert "cannot be read" in refusal(Reads(ZeroDivisionError("two\nlines")))
    assert "is empty" in refusal(Reads(None))
    released = memoryview(saved(drawn()))
    released.release()
    assert "cannot be read" in refusal(released)


class Reads:
    """A file object that reads something else."""

    def __init__(self, what: object) -> None:
        self.what = what

    def read(self, _: int) -> object:
        if isinstance(self.what, Exception):
            raise self.what
        return self.what


def test_endless_file_object_is_refused(monkeypatch):
    monkeypatch.setattr("inkdigits.io.sources.MOST_BYTES", 1_000_000)
    assert "more than 1 MB" in refusal(Reads(bytes(70_000)))


def test_closed_image_is_refused(tmp_path):
    (tmp_path / "page.png").write_bytes(saved(drawn()))
    with Image.open(tmp_path / "page.png") as image:
        pass
    image.close()
    assert "damaged" in refusal(image)


# Bombs: small files that would keep a decoder busy, or fill the memory.


def test_long_texts_in_a_png_do_not_matter_until_they_fill_the_memory():
    texts = PngImagePlugin.PngInfo()
    texts.add_text("plain", "x" * 900_000)
    texts.add_text("packed", "x" * 900_000, zip=True)
    assert open_picture(saved(drawn(), pnginfo=texts)).width == 40
    texts.add_text("bomb", "x" * 9_000_000, zip=True)
    refusal(saved(drawn(), pnginfo=texts))


def bombs() -> Iterator[tuple[str, bytes]]:
    png = saved(drawn())
    begin = png.index(b"IDAT") - 4
    for kind in (b"tEXt", b"prVt", b"IDAT"):
        flood = chunk(kind, b"a\0b" if kind == b"tEXt" else b"") * 400_000
        yield f"png of {kind.decode()}", png[:begin] + flood + png[begin:]
    jpeg = saved(Image.new("L", (640, 640)), "JPEG", progressive=True)
    scan = jpeg.rindex(b"\xff\xda")
    yield "jpeg of scans", jpeg[:-2] + jpeg[scan:-2] * 1_000 + jpeg[-2:]
    for head in (b"Exif\0\0", b"Photoshop 3.0\0"):
        segment = b"\xff\xe1\xff\xff" + head.ljust(65_533, b"\0")
        yield f"jpeg of {head.decode()[:4]}", jpeg[:2] + segment * 300 + jpeg[2:]
    gif = saved(drawn(), "GIF")
    begin = gif.index(b",", 13)
    yield "gif of comments", gif[:begin] + b"!\xfe\1a\0" * 400_000 + gif[begin:]
    shape = ((256, 4, 1, 30), (257, 4, 1, 20), (258, 3, 1, 8), (262, 3, 1, 1))
    for kind, size in ((1, 1), (3, 2), (5, 8)):
        tail = bytes(9_000_000)
        yield (
            f"tiff of strips {kind}",
            tiff_of(*shape, (273, kind, len(tail) // size, 0), tail=tail),
        )
    pointer = (34665, 4, 1, 0)
    inner = struct.pack("<HHHLL", 1, 37386, 3, 4_000_000, 100) + bytes(8_000_000)
    yield "tiff of exif", tiff_of(*shape, (273, 4, 1, 8), (278, 4, 1, 20), pointer, tail=inner)
    tiles = ((259, 3, 1, 8), (322, 4, 1, 40_000), (323, 4, 1, 25_000))
    packed = zlib.compress(bytes(40_000_000), 1)
    yield (
        "tiff of a tile",
        tiff_of(*shape, *tiles, (324, 4, 1, 0), (325, 4, 1, len(packed)), tail=packed),
    )
    header = struct.pack("<LllHHLLllLL", 40, 2_000, 2_000, 1, 8, 1, 0, 0, 0, 256, 0)
    palette = bytes(1_020) + b"\1\2\3\0"
    bmp = b"BM" + struct.pack("<LHHL", 0, 0, 0, 1_078) + header + palette
    yield "bmp of runs", bmp + b"\1\5" * 4_000_000


def test_bombs_are_refused_at_once():
    for name, content in bombs():
        begin = time.process_time()
        sentence = refusal(content)
        assert "in too many pieces" in sentence or "million pixels" in sentence, name
        assert time.process_time() - begin < 5, name


def test_what_follows_the_end_of_a_jpeg_does_not_count():
    film = b"\xff\xda\0\x08" * 1_000  # as after the still of a moving picture
    assert open_picture(saved(drawn(), "JPEG") + film).width == 40


def test_jpeg_with_many_restarts_is_read():
    content = saved(drawn(size=(900, 900)), "JPEG", restart_marker_blocks=1)
    assert open_picture(content).width == 900


# Any bytes, any array: a picture or one sentence.


@given(st.sampled_from((b"", *SIGNATURES)), st.binary(max_size=400))
@settings(max_examples=150, deadline=2_000)
def test_any_bytes_are_a_picture_or_one_sentence(signature, content):
    found = opened(signature + content)
    assert is_picture(found) or is_sentence(found), found


@given(
    arrays.arrays(
        arrays.scalar_dtypes(),
        arrays.array_shapes(min_dims=0, max_dims=4, min_side=0, max_side=5),
    )
)
@settings(max_examples=150, deadline=2_000)
def test_any_array_is_a_picture_or_one_sentence(array):
    found = opened(array)
    assert is_picture(found) or is_sentence(found), found


@given(st.recursive(st.none() | st.integers() | st.floats() | st.text(max_size=3), st.lists))
@settings(max_examples=100, deadline=2_000)
def test_any_lists_are_a_picture_or_one_sentence(source):
    if not isinstance(source, str):
        found = opened(source)
        assert is_picture(found) or is_sentence(found), found


def test_damaged_files_of_every_format_are_a_picture_or_one_sentence():
    draw = random.Random(3)
    colour = drawn("RGB")
    whole = [
        *(saved(colour, kind) for kind in FORMATS),
        *(saved(drawn(mode)) for mode in ("1", "P", "LA", "RGBA", "I;16")),
        *(
            saved(colour, "TIFF", compression=name)
            for name in ("packbits", "tiff_lzw", "tiff_adobe_deflate", "jpeg", "lzma", "zstd")
        ),
        saved(drawn("1"), "TIFF", compression="group4"),
        saved(colour, "JPEG", progressive=True, exif=exif(6)),
        saved(colour, "WEBP", lossless=True, exif=exif(6)),
        saved(inked("RGBA", (0, 0, 0, 255)), "GIF"),
    ]
    for number in range(300):
        content = bytearray(whole[number % len(whole)])
        for _ in range(draw.choice((1, 2, 8))):
            place = draw.randrange(len(content))
            what = draw.randrange(4)
            if what == 0:
                content[place] ^= 1 << draw.randrange(8)
            elif what == 1:
                content[place] = draw.choice((0, 1, 127, 128, 255))
            elif what == 2:
                end = min(len(content), place + draw.randrange(1, 40))
                content[place:place] = content[place:end]
            elif len(content) > 50:
                del content[place : place + draw.randrange(1, 9)]
        found = opened(bytes(content))
        assert is_picture(found) or is_sentence(found), found
