"""BMP: a file whose pixels are stored as runs becomes one whose pixels are stored one by one.

Runs are copied as a whole and counted: a kilobyte of them may stand for millions of pixels, which
took seconds one by one.
"""

import struct

import numpy as np
import numpy.typing as npt

from .guard import InPiecesError

Indices = npt.NDArray[np.uint8]

HEADER = struct.Struct("<2sLHHL")  # of the file
DETAILS = struct.Struct("<LllHHLLllLL")  # of the picture, as far as they concern us
RUNS = {1: 8, 2: 4}  # bits of a pixel, by the kind of compression
LINE_ENDS, PICTURE_ENDS, MOVES = 0, 1, 2  # after a run of no length
MOST_RUNS = 500_000


def without_runs(content: bytes, most: int) -> bytes:
    """Return a BMP of bytes instead of one of runs, and any other content as it is.

    It may hold `most` pixels; one that says it has more stays as it is, to be refused by its size.

    Raises
    ------
    InPiecesError
        If it has far more runs than a picture needs.
    ValueError
        If it is cut short, or its runs are of no kind that there is.
    """
    if len(content) < HEADER.size + DETAILS.size:
        return content
    start = HEADER.unpack_from(content)[4]
    length, width, height, planes, bits, kind, _, *resolution, colours, _ = DETAILS.unpack_from(
        content, HEADER.size
    )
    if kind not in RUNS or length < DETAILS.size or not 0 < width * abs(height) <= most:
        return content
    if bits != RUNS[kind]:
        raise ValueError(f"runs of {RUNS[kind]} bits and pixels of {bits}")
    colours = colours or 1 << bits
    end = HEADER.size + length + 4 * colours  # of the header, and the palette
    pixels = _decoded(content, start or end, width, abs(height), halves=bits == 4)
    lines = np.zeros((abs(height), (width + 3) // 4 * 4), np.uint8)
    lines[:, :width] = pixels
    return b"".join(
        (
            HEADER.pack(b"BM", end + lines.nbytes, 0, 0, end),
            DETAILS.pack(length, width, height, planes, 8, 0, 0, *resolution, colours, 0),
            content[HEADER.size + DETAILS.size : end],
            lines.tobytes(),
        )
    )


def _decoded(content: bytes, place: int, width: int, height: int, *, halves: bool) -> Indices:
    """Return indices of colours, the line that comes first first; what no run reaches stays 0."""
    pixels = np.zeros((height, width), np.uint8)
    stored: Indices = np.frombuffer(content, np.uint8)
    if halves:
        stored = np.stack((stored >> 4, stored & 15), 1).ravel()
    each = 2 if halves else 1  # pixels a byte
    x = y = 0
    for _ in range(MOST_RUNS):
        if y >= height:
            return pixels
        if place + 2 > len(content):
            break
        count, value = content[place], content[place + 1]
        place += 2
        if count:
            line = pixels[y, x : x + count]
            line[:] = value >> 4 if halves else value
            if halves:
                line[1::2] = value & 15
            x += count
        elif value == LINE_ENDS:
            x, y = 0, y + 1
        elif value == PICTURE_ENDS:
            return pixels
        elif value == MOVES:
            right, up = content[place : place + 2].ljust(2, b"\0")
            x, y, place = x + right, y + up, place + 2
        else:  # so many pixels as they are, and a byte that makes theirs even
            line = pixels[y, x : x + value]
            run = stored[each * place : each * place + value]
            if len(run) < value:
                break
            line[:] = run[: len(line)]
            size = -(-value // each)
            x, place = x + value, place + size + size % 2
    else:
        raise InPiecesError
    if y == height - 1 and x >= width:  # only the sign that it ends is missing
        return pixels
    raise ValueError("its runs end too early")
