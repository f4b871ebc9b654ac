"""How fast many pictures are read, by one process and by all, and how much memory that takes.

    python -m benchmarks read-many [--count 10000] [--photos 64] [--workers N]

Memory is the peak of the process that asks, and of the largest of those that read for it: after a
quarter of the pictures and after all of them. It is known on Linux only.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

from benchmarks.options import argument_parser

WAYS = {"this process": 1, "all processors": None}


def main(arguments: Sequence[str]) -> None:
    """Write the pictures, read them each way in a program of its own, and print."""
    parser = argument_parser("read-many", __doc__)
    parser.add_argument("--count", type=int, default=10_000, help="small files")
    parser.add_argument("--photos", type=int, default=64, help="of 12 megapixels")
    parser.add_argument("--workers", type=int, help="instead of as many as there are processors")
    parser.add_argument("--read", type=Path, help=argparse.SUPPRESS)
    options = parser.parse_args(arguments)
    if options.read is not None:
        print(json.dumps(measured(options.read, options.workers)))
        return
    print(f"{os.cpu_count()} processors")
    with tempfile.TemporaryDirectory() as name:
        for kind, count in (("drawings", options.count), ("photos", options.photos)):
            if count:
                folder = Path(name) / kind
                write(folder, kind, count)
                compare(folder, f"{count:,} {kind}", options.workers)


def write(folder: Path, kind: str, count: int) -> None:
    """Write so many files; ten drawings or one photo, again and again: reading remembers none."""
    import io

    import torch
    from PIL import Image

    from benchmarks.reader.speed import sheet
    from inkdigits.glyphs import written
    from inkdigits.glyphs.pen import Variation

    if kind == "photos":
        contents, suffix = [sheet()], "jpg"
    else:
        contents, suffix = [], "png"
        random, smooth = torch.Generator().manual_seed(0), Variation(grain=0, pressure=0)
        for ink in written.draw(torch.arange(10), random, smooth, size=280).numpy():
            file = io.BytesIO()
            Image.fromarray((255 - 255 * ink).astype("uint8")).save(file, "PNG")
            contents.append(file.getvalue())
    folder.mkdir()
    for number in range(count):
        (folder / f"{number:06d}.{suffix}").write_bytes(contents[number % len(contents)])


def compare(folder: Path, title: str, workers: int | None) -> None:
    """Read a folder each way and print a line for each; the answers must be the same."""
    found = {}
    for name, count in {**WAYS, "all processors": workers}.items():
        command = [sys.executable, "-m", "benchmarks", "read-many", "--read", str(folder)]
        command += [] if count is None else ["--workers", str(count)]
        done = subprocess.run(command, check=True, capture_output=True, text=True)
        found[name] = json.loads(done.stdout)
        rate, quarter, whole = (found[name][key] for key in ("rate", "quarter", "whole"))
        memory = [f"{a:.0f} + {b:.0f} MB" for a, b in (quarter, whole)]
        print(
            f"{title:18s} {name:15s} {rate:8,.1f} a second   memory, asking + largest reading: "
            f"{memory[0]} after a quarter, {memory[1]} after all"
        )
    one, all_of_them = found.values()
    if one["texts"] != all_of_them["texts"]:
        raise SystemExit("The answers differ.")
    print(f"{title:18s} {'ratio':15s} {all_of_them['rate'] / one['rate']:8.2f}")


def measured(folder: Path, workers: int | None) -> dict[str, object]:
    """Read a folder and return pictures a second, the peaks of memory, and a hash of all texts."""
    import hashlib

    from inkdigits.reading import Reader

    paths = sorted(folder.iterdir())
    reader = Reader()
    quarter = children = (0.0, 0.0)
    texts = hashlib.sha256()
    begin = time.perf_counter()
    for number, reading in enumerate(reader.read_many(paths, workers=workers), start=1):
        texts.update(f"{reading.name} {reading.text}\n".encode())
        if number == max(1, len(paths) // 4):
            quarter = peaks()
        if number % max(1, len(paths) // 100) == 0:
            children = peaks()  # when all are read there are none any more
    took = time.perf_counter() - begin
    whole = peaks()[0], max(children[1], quarter[1])
    return {
        "rate": len(paths) / took,
        "quarter": quarter,
        "whole": whole,
        "texts": texts.hexdigest(),
    }


def peaks() -> tuple[float, float]:
    """Return the peak of this process and that of its largest child, in MB."""
    here = Path("/proc/self")
    if not here.exists():
        return 0.0, 0.0
    named = (file.read_text() for file in here.glob("task/*/children"))
    children = [Path("/proc") / number for text in named for number in text.split()]
    return _peak(here), max(map(_peak, children), default=0.0)


def _peak(process: Path) -> float:
    try:
        lines = (process / "status").read_text().splitlines()
    except OSError:  # it has just ended
        return 0.0
    return next((int(line.split()[1]) / 1000 for line in lines if line.startswith("VmHWM")), 0.0)
