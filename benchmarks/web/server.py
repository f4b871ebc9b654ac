"""A class at the page: many browsers read drawings at once, for minutes.

    python -m benchmarks server [--clients 50] [--seconds 120] [--pause 0.25] [--out docs/server.md]

Each client posts a 280×280 drawing, waits for the answer, pauses as a hand does between strokes,
and posts the next; then, in the second part, all of them without a pause. The clients share the
machine with the server. Memory is of the server and its processes; it is known on Linux only.
"""

import argparse
import asyncio
import io
import json
import os
import random
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import psutil

from benchmarks import results
from benchmarks.options import argument_parser
from benchmarks.web.serving import served
from inkdigits.files import write_text

SEED = 0
HEAD = "POST /api/read HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: {length}\r\n\r\n"


@dataclass
class Load:
    """What came of some minutes: seconds of each answer, and what went wrong."""

    seconds: list[float] = field(default_factory=list)
    failed: list[str] = field(default_factory=list)
    memory: list[float] = field(default_factory=list)  # MB, once a second

    def at(self, share: float) -> float:
        """Return the time, in milliseconds, in which so many of the answers came."""
        ordered = sorted(self.seconds)
        return 1000 * ordered[min(len(ordered) - 1, int(share * len(ordered)))]


def main(arguments: Sequence[str]) -> None:
    """Start a server, load it both ways, print and write what came of it."""
    parser = argument_parser("server", __doc__)
    parser.add_argument("--clients", type=int, default=50)
    parser.add_argument("--seconds", type=float, default=120, help="of each part")
    parser.add_argument("--pause", type=float, default=0.25, help="seconds between two readings")
    parser.add_argument("--out", type=Path, help="write a page here")
    options = parser.parse_args(arguments)
    pictures = drawings()
    rows = []
    with served() as server:
        for pause in (options.pause, 0.0):
            load = asyncio.run(loaded(server.port, server.process, pictures, options, pause))
            rows.append(row(load, pause, options))
            print(rows[-1], flush=True)
    if options.out is not None:
        write_text(options.out, page(rows, options))


def drawings() -> list[bytes]:
    """Return forty drawings of 280×280 as PNG files: four writers' ten digits."""
    import torch
    from PIL import Image

    from inkdigits.glyphs import written
    from inkdigits.glyphs.pen import Variation

    found = []
    drawn = torch.Generator().manual_seed(SEED)
    for ink in written.draw(
        torch.arange(40) % 10, drawn, Variation(grain=0, pressure=0), size=280
    ).numpy():
        file = io.BytesIO()
        Image.fromarray((255 - 255 * ink.reshape(280, 280)).astype("uint8")).save(file, "PNG")
        found.append(file.getvalue())
    return found


async def loaded(
    port: int, server: int, pictures: list[bytes], options: argparse.Namespace, pause: float
) -> Load:
    """Let all clients read for as long as asked."""
    load = Load()
    end = time.monotonic() + options.seconds
    watching = asyncio.create_task(watch(server, load))
    each = (client(port, pictures, number, end, pause, load) for number in range(options.clients))
    await asyncio.gather(*each)
    watching.cancel()
    return load


async def client(
    port: int, pictures: list[bytes], number: int, end: float, pause: float, load: Load
) -> None:
    """Read drawings on one connection until the end."""
    chance = random.Random(number)  # noqa: S311 - when a hand pauses is no secret
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    await asyncio.sleep(chance.random() * max(pause, 0.1))
    while time.monotonic() < end:
        picture = pictures[chance.randrange(len(pictures))]
        head = HEAD.format(length=len(picture)).encode()
        begin = time.perf_counter()
        writer.write(head + picture)
        status, body = await answer(reader)
        load.seconds.append(time.perf_counter() - begin)
        if status != 200 or len(json.loads(body)["text"].strip()) != 1:
            load.failed.append(f"{status}: {body[:200]!r}")
        if pause:
            await asyncio.sleep(pause * (0.5 + chance.random()))
    writer.close()


async def answer(reader: asyncio.StreamReader) -> tuple[int, bytes]:
    """Return the status and the body of one answer."""
    head = (await reader.readuntil(b"\r\n\r\n")).decode().lower()
    length = int(head.split("content-length: ")[1].split("\r\n")[0])
    return int(head.split(" ")[1]), await reader.readexactly(length)


async def watch(pid: int, load: Load) -> None:
    """Note the memory of the server and its processes once a second."""
    server = psutil.Process(pid)
    while True:
        await asyncio.sleep(1)
        family = [server, *server.children(recursive=True)]
        load.memory.append(sum(one.memory_full_info().uss for one in family) / 1e6)


def row(load: Load, pause: float, options: argparse.Namespace) -> list[str]:
    """Return the figures of one part."""
    quarter = load.memory[len(load.memory) // 4] if load.memory else 0
    return [
        f"every {pause:g} s" if pause else "without pause",
        f"{len(load.seconds):,}",
        f"{len(load.seconds) / options.seconds:.0f}",
        str(len(load.failed)),
        *(f"{load.at(share):.0f} ms" for share in (0.5, 0.95, 0.99)),
        f"{quarter:.0f} MB",
        f"{load.memory[-1] if load.memory else 0:.0f} MB",
    ]


def page(rows: list[list[str]], options: argparse.Namespace) -> str:
    """Return the page in docs."""
    found = results.machine()
    header = ["a client sends", "readings", "per second", "failed", "median", "95%", "99%",
              "memory after a quarter", "at the end"]  # fmt: skip
    table = [header, ["---"] * len(header), *rows]
    lines = "\n".join("| " + " | ".join(cells) + " |" for cells in table)
    return f"""<!-- Written by `python -m benchmarks server`. Do not edit. -->
# Throughput of the server

{options.clients} clients on the same machine as the server, each sending one 280×280 drawing at
a time, for {options.seconds:g} seconds per part. A person who draws pauses between strokes; a
program does not.

{lines}

Times are from sending a drawing to receiving its answer; memory is that of the server and its
worker processes, without what they share with other programs. Measured on
{found["hardware"]}, {os.cpu_count()} cores, inkdigits {found["inkdigits"]},
Python {found["python"]}, n = 1 run per part.
"""
