"""Damaged pictures by the thousand: each must give an answer or one sentence, within 2 s and 1 GB.

Small valid files of every format are damaged in all ways that files are, and in some that only
someone with bad intentions would think of; then they are read. What is neither an answer nor a
`PictureError` is a failure: its bytes are saved, and it is named by its number, from which it can
be made again. The same seed makes the same files every time.

    python -m benchmarks fuzz [--count 100000] [--seed 0] [--recogniser FILE] [--picture-only]
    python -m benchmarks fuzz --seed 0 --begin 4711 --count 1      # one of them again
"""

import faulthandler
import io
import re
import resource
import sys
import time
import zlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import cv2
import numpy as np
from PIL import Image

from benchmarks.options import argument_parser
from inkdigits import PictureError, Reader
from inkdigits.io.picture import open_picture

MOST_SECONDS = 2.0
MOST_MEMORY = 1024  # MB
SIZE = (112, 48)
PNG = b"\x89PNG\r\n\x1a\n"
# Where a piece of a file begins: a marker of a JPEG, a length and name of a PNG, a name of a WebP.
PIECE = re.compile(rb"\xff[\xc0-\xfe]|\0[\0-\xff]{3}[A-Za-z]{4}|VP8[ LX]|ANMF|EXIF")
NUMBERS = (
    *(0, 1, 2, 7, 127, 128, 255, 256, 4_000, 32_767, 32_768, 65_535, 70_000, 2**24, 2**28),
    *(2**31 - 1, 2**31, 2**32 - 9, 2**32 - 1),
)

Draw = np.random.Generator


@dataclass
class Tally:
    """What became of the files."""

    answers: int = 0
    refused: int = 0
    failures: int = 0
    slowest: tuple[float, str] = (0.0, "none")
    largest: tuple[int, str] = field(default_factory=lambda: (memory(), "the start"))


def main(arguments: Sequence[str]) -> None:
    """Read damaged files and say what became of them, in one line at the end."""
    parser = argument_parser("fuzz", __doc__)
    parser.add_argument("--count", type=int, default=100_000, help="how many files")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--begin", type=int, default=0, help="number of the first")
    parser.add_argument("--recogniser", default=None, help="an .onnx file; the shipped one")
    parser.add_argument("--picture-only", action="store_true", help="open them, but do not read")
    parser.add_argument("--keep", type=Path, default=Path("fuzz"), help="where to save failures")
    options = parser.parse_args(arguments)
    faulthandler.enable()
    read = open_picture if options.picture_only else Reader(options.recogniser).read
    whole = valid()
    for name, content in whole.items():
        read(content)  # or else it is no fault of the damage; and what is loaded once is loaded
        print(f"{name}: {len(content)} bytes", file=sys.stderr)
    tally = Tally()
    begin = time.perf_counter()
    for number in range(options.begin, options.begin + options.count):
        name, content = damaged(whole, options.seed, number)
        problem = problem_of(read, content, f"{number} ({name})", tally)
        if problem is not None:
            tally.failures += 1
            options.keep.mkdir(parents=True, exist_ok=True)
            path = options.keep / f"{options.seed}-{number}-{name}.bin"
            path.write_bytes(content)
            print(f"--seed {options.seed} --begin {number} --count 1: {problem}; saved as {path}")
        if (number + 1) % 1_000 == 0:
            print(f"{number + 1:,}: {tally}", file=sys.stderr)
    seconds = time.perf_counter() - begin
    print(
        f"{options.count:,} files of seed {options.seed} in {seconds:.0f} s: "
        f"{tally.answers:,} answers, {tally.refused:,} refused, {tally.failures:,} failures; "
        f"slowest {tally.slowest[0]:.2f} s, {tally.slowest[1]}; "
        f"memory at most {tally.largest[0]:,} MB, {tally.largest[1]}"
    )
    sys.exit(1 if tally.failures or tally.largest[0] > MOST_MEMORY else 0)


def problem_of(
    read: Callable[[bytes], object], content: bytes, what: str, tally: Tally
) -> str | None:
    """Read one file, note it in `tally`, and say what is wrong with that, if anything is."""
    problem = None
    begin = time.perf_counter()
    try:
        read(content)
        tally.answers += 1
    except PictureError as error:
        tally.refused += 1
        if not str(error).isprintable() or not str(error).endswith((".", ":")):
            problem = f"no sentence: {error}"
    except Exception as error:  # noqa: BLE001 just what is looked for
        problem = f"{type(error).__name__}: {error}"
    seconds = time.perf_counter() - begin
    tally.slowest = max(tally.slowest, (seconds, what))
    if memory() > tally.largest[0]:
        tally.largest = (memory(), what)
    return f"{seconds:.1f} s" if problem is None and seconds > MOST_SECONDS else problem


def memory() -> int:
    """Return the most memory that this process ever had, in MB."""
    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return most // (1024 * 1024 if sys.platform == "darwin" else 1024)


def valid() -> dict[str, bytes]:
    """Return small files with digits in them, by name."""
    page = np.full(SIZE[::-1], 235, np.uint8)
    cv2.putText(page, "40718", (4, 36), cv2.FONT_HERSHEY_SIMPLEX, 1.1, 30, 3, cv2.LINE_AA)
    return dict(_valid(Image.fromarray(page)))


def _valid(grey: Image.Image) -> Iterator[tuple[str, bytes]]:
    tags = Image.Exif()
    tags[274] = 6
    colour = Image.merge("RGB", (grey, grey.point(lambda v: v // 2 + 120), grey))
    ink = Image.new("RGBA", SIZE, (20, 20, 60, 0))
    ink.putalpha(grey.point(lambda v: 255 - v))
    deep = Image.fromarray(np.asarray(grey).astype(np.uint16) * 257)
    palette, bits = colour.quantize(16), grey.convert("1")

    def saved(image: Image.Image, kind: str, **options: object) -> bytes:
        file = io.BytesIO()
        image.copy().save(file, kind, **options)  # saving leaves its traces in an image
        return file.getvalue()

    def frames(image: Image.Image, kind: str) -> bytes:
        return saved(image, kind, save_all=True, append_images=[colour.rotate(180), colour.copy()])

    pngs = {"grey": grey, "colour": colour, "ink": ink, "palette": palette, "bits": bits}
    pngs |= {"deep": deep, "grey-ink": ink.convert("LA")}
    for name, image in pngs.items():
        yield f"png-{name}", saved(image, "PNG")
    yield "png-tags", saved(grey, "PNG", exif=tags, dpi=(300, 300), transparency=235)
    yield "png-frames", frames(colour, "PNG")
    yield "jpeg-grey", saved(grey, "JPEG")
    yield "jpeg-tags", saved(colour, "JPEG", exif=tags, comment="a page", quality=90)
    yield "jpeg-progressive", saved(colour, "JPEG", progressive=True, exif=tags)
    yield "jpeg-print", saved(colour.convert("CMYK"), "JPEG")
    yield "jpeg-restarts", saved(colour, "JPEG", restart_marker_blocks=3)
    yield "jpeg-frames", frames(colour, "MPO")
    yield "webp-lossy", saved(colour, "WEBP", exif=tags)
    yield "webp-lossless", saved(ink, "WEBP", lossless=True)
    yield "webp-frames", frames(colour, "WEBP")
    for name, image in (("grey", grey), ("colour", colour), ("palette", palette), ("bits", bits)):
        yield f"bmp-{name}", saved(image, "BMP")
    yield "gif", saved(palette, "GIF")
    yield "gif-ink", saved(ink, "GIF", comment=b"a page")
    yield "gif-frames", frames(palette, "GIF")
    for name in ("raw", "packbits", "tiff_lzw", "tiff_adobe_deflate", "jpeg", "lzma", "zstd"):
        yield f"tiff-{name.removeprefix('tiff_')}", saved(colour, "TIFF", compression=name)
    yield "tiff-tags", saved(ink, "TIFF", exif=tags)
    yield "tiff-group4", saved(bits, "TIFF", compression="group4")
    yield "tiff-deep", saved(deep, "TIFF")
    yield "tiff-float", saved(grey.convert("F"), "TIFF")
    yield "tiff-palette", saved(palette, "TIFF")
    yield "tiff-big", saved(grey, "TIFF", big_tiff=True)
    yield "tiff-frames", frames(grey, "TIFF")


def damaged(whole: dict[str, bytes], seed: int, number: int) -> tuple[str, bytes]:
    """Return a file's name and its bytes, damaged in the way of this seed and number."""
    draw = np.random.default_rng((seed, number))
    name = str(draw.choice(list(whole)))
    content = bytearray(whole[name])
    ways = list(VARIANTS)
    for _ in range(int(draw.choice((1, 1, 1, 2, 3, 8)))):
        if content:
            ways[draw.integers(len(ways))](content, draw, whole)
    if content.startswith(PNG) and draw.random() < 0.7:
        mend(content)  # or its checksums would keep nearly all damage from the decoder
    return name, bytes(content)


def flip(content: bytearray, draw: Draw, _: dict[str, bytes]) -> None:
    """Flip a few bits."""
    for place in draw.integers(len(content), size=draw.integers(1, 9)):
        content[place] ^= 1 << int(draw.integers(8))


def overwrite(content: bytearray, draw: Draw, _: dict[str, bytes]) -> None:
    """Overwrite a stretch with one value, or with any."""
    begin, end = stretch(content, draw, 40)
    same = bytes([int(draw.choice((0, 255, int(draw.integers(256)))))]) * (end - begin)
    content[begin:end] = same if draw.random() < 0.5 else draw.bytes(end - begin)


def renumber(content: bytearray, draw: Draw, _: dict[str, bytes]) -> None:
    """Write a telling number where one may stand: nearly always among the first bytes."""
    size = int(draw.choice((1, 2, 4)))
    last = min(len(content), 64 if draw.random() < 0.7 else len(content)) - size
    if last <= 0:
        return
    value = int(draw.choice((*NUMBERS, len(content), int(draw.integers(2**32))))) % 2 ** (8 * size)
    place = int(draw.integers(last))
    content[place : place + size] = value.to_bytes(size, "big" if draw.random() < 0.5 else "little")


def cut(content: bytearray, draw: Draw, _: dict[str, bytes]) -> None:
    """Break off, or lose a stretch."""
    if draw.random() < 0.5:
        del content[int(draw.integers(len(content))) :]
    else:
        begin, end = stretch(content, draw, 400)
        del content[begin:end]


def repeat(content: bytearray, draw: Draw, _: dict[str, bytes]) -> None:
    """Repeat a piece, once or very often."""
    begin, end = piece(content, draw)
    content[begin:begin] = content[begin:end] * int(draw.choice((1, 2, 50)))
    del content[400_000:]


def splice(content: bytearray, draw: Draw, whole: dict[str, bytes]) -> None:
    """Put in, or in place of something, a piece of another file or of this one."""
    other = bytearray(whole[str(draw.choice(list(whole)))])
    begin, end = piece(other, draw)
    place, until = piece(content, draw)
    content[place : until if draw.random() < 0.5 else place] = other[begin:end]


def swap(content: bytearray, draw: Draw, _: dict[str, bytes]) -> None:
    """Put a piece elsewhere."""
    begin, end = piece(content, draw)
    moved = content[begin:end]
    del content[begin:end]
    place = int(draw.integers(len(content) + 1))
    content[place:place] = moved


VARIANTS = (flip, flip, overwrite, renumber, renumber, renumber, cut, repeat, splice, swap)


def stretch(content: bytearray, draw: Draw, longest: int) -> tuple[int, int]:
    """Return where a stretch of some bytes begins and ends."""
    begin = int(draw.integers(len(content)))
    return begin, min(len(content), begin + int(draw.integers(1, longest)))


def piece(content: bytearray, draw: Draw) -> tuple[int, int]:
    """Return where a piece begins and ends: a chunk or segment, or any stretch."""
    begins = [found.start() for found in PIECE.finditer(content)]
    if len(begins) < 2 or draw.random() < 0.4:
        return stretch(content, draw, 200)
    number = int(draw.integers(len(begins)))
    return begins[number], [*begins, len(content)][number + 1]


def mend(content: bytearray) -> None:
    """Set the checksums of a PNG right."""
    place = len(PNG)
    while place + 12 <= len(content):
        end = place + 8 + int.from_bytes(content[place : place + 4], "big")
        if end + 4 > len(content):
            return
        content[end : end + 4] = zlib.crc32(content[place + 4 : end]).to_bytes(4, "big")
        place = end + 4
