"""Processes that read: so many pictures at once, few that wait, none that can end the server."""

import asyncio
import base64
import io
import json
from concurrent.futures import BrokenExecutor
from dataclasses import replace
from typing import Any, TypeAlias

import numpy as np
from loky.process_executor import ShutdownExecutorError
from PIL import Image

from ..errors import InkdigitsError, PictureError
from ..io.annotate import png
from ..io.picture import open_picture
from ..reading import steps
from ..reading.batch import read_batch
from ..reading.pool import Pool, processors
from ..reading.read import PageTrace, ReadOptions
from ..recognition.recogniser import Recogniser
from .deadline import Overdue, deadline
from .openapi import PLACED
from .settings import (
    LOST_SECONDS,
    QUEUE_LENGTH,
    QUEUE_SECONDS,
    READING_PAGES,
    READING_SECONDS,
)

Job: TypeAlias = tuple[bytes, ReadOptions, bool]

QUALITY = 90  # of the JPEG that shows a page
DATA_URL = "data:image/png;base64,"
SLOW = (
    f"Reading took longer than {READING_SECONDS:.0f} seconds: "
    "send a smaller picture, or fewer pages at a time."
)


class BusyError(InkdigitsError):
    """More is asked for than can be read just now."""


class WorkerPool:
    """A few processes, and a short queue in front of them.

    Parameters
    ----------
    recogniser
        What they read with.
    workers
        How many; None for as many as there are processors.
    """

    def __init__(self, recogniser: Recogniser, workers: int | None = None) -> None:
        self.workers = workers or processors()
        self._recogniser = recogniser
        self._pool: Pool | None = None
        self._ended = False
        # One more for each than can be read: while an answer goes out the next one is at work.
        self._turns = asyncio.Semaphore(2 * self.workers)
        self.waiting = 0

    def start(self) -> Pool:
        """Start the processes, and return them."""
        self._pool = Pool(self._recogniser, self.workers, idle=None)
        return self._pool

    def stop(self) -> None:
        """End the processes, whatever they are at."""
        self._ended = True
        if self._pool is not None:
            self._pool.stop(now=True)
            self._pool = None

    async def read(self, content: bytes, options: ReadOptions, layers: bool = False) -> bytes:
        """Return what is read in a picture, as JSON.

        Parameters
        ----------
        content
            Of the picture's file.
        options
            How it is read; with `keep` what the network saw is added, and the steps to it. No file
            of more than `READING_PAGES` pages is read.
        layers
            Add to the steps what a finder took the pixels for.

        Raises
        ------
        PictureError
            If it cannot be opened as a picture.
        BusyError
            If too many wait, or if it would wait too long.
        """
        if self.waiting >= QUEUE_LENGTH:
            raise BusyError("Too many pictures are waiting to be read: try again in a second.")
        self.waiting += 1
        try:
            async with asyncio.timeout(QUEUE_SECONDS):
                await self._turns.acquire()
        except TimeoutError as error:
            raise BusyError("The server is busy: try again in a second.") from error
        finally:
            self.waiting -= 1
        # A reading goes on although nobody waits for it any more, and so long it keeps its turn.
        reading = asyncio.create_task(self._submit((content, options, layers)))
        return await asyncio.shield(reading)

    async def _submit(self, job: Job) -> bytes:
        try:
            pool = self._running()
            try:
                async with asyncio.timeout(LOST_SECONDS):
                    return await asyncio.wrap_future(pool.submit(read_picture, job))
            except TimeoutError as error:  # not even its own deadline ended it
                self._replace(pool)
                raise PictureError(SLOW) from error
            except (BrokenExecutor, ShutdownExecutorError) as error:
                self._replace(pool)
                raise BusyError("A worker process died and was replaced: try again.") from error
        finally:
            self._turns.release()

    def _replace(self, pool: Pool) -> None:
        """Start other processes, unless somebody has done so already."""
        if self._pool is pool:
            pool.stop(now=True)
            self._pool = None
            self._running()

    def _running(self) -> Pool:
        """Return the processes; if they could not be started, that is tried again."""
        if self._ended:
            raise BusyError("The server is shutting down.")
        try:
            return self._pool or self.start()
        except InkdigitsError as error:
            raise BusyError("No worker process can be started: try again in a minute.") from error


def read_picture(recogniser: Recogniser, job: Job) -> bytes:
    """Read one file and return the JSON of it; this runs in a process of its own."""
    try:
        with deadline(READING_SECONDS):
            return _read(recogniser, job)
    except Overdue as error:
        raise PictureError(SLOW) from error


def _read(recogniser: Recogniser, job: Job) -> bytes:
    content, options, layers = job
    options = replace(options, most_pages=READING_PAGES)
    single = options.single
    source = open_picture(content) if single else content  # one digit stands on the first page
    (trace,) = read_batch([source], recogniser, options)
    if trace.document.error is not None:
        raise PictureError(trace.document.error)
    document = trace.document.to_dict(network_input=options.keep)
    drawn = [_drawn(page, layers) for page in trace.pages]
    if single:
        (page, *_) = document["pages"]
        symbol = page["lines"][0]["symbols"][0]
        placed = {name: page[name] for name in PLACED}
        found = {**symbol, "page": placed, **({"steps": drawn[0]} if drawn else {})}
    else:
        found = {**document, **({"steps": drawn} if options.keep else {})}
    return json.dumps(found).encode()


def _drawn(page: PageTrace, layers: bool) -> dict[str, Any]:
    images = steps.stages(page)  # of what was read: nothing is found again
    picture = Image.fromarray(np.asarray(page.pixels)).convert("RGB")
    picture.thumbnail(max((image.size for image in images.values()), default=picture.size))
    # They go no further than the page that shows them: time counts more than bytes.
    drawn = {name: png(image, fast=True) for name, image in images.items()}
    files = {name: _base64(file) for name, file in {**drawn, "picture": _jpeg(picture)}.items()}
    if not layers:
        return files
    found = {name: DATA_URL + _base64(png(image)) for name, image in steps.layers(page).items()}
    return {**files, "layers": found}


def _jpeg(image: Image.Image) -> bytes:
    file = io.BytesIO()
    image.save(file, "JPEG", quality=QUALITY)
    return file.getvalue()


def _base64(content: bytes) -> str:
    return base64.b64encode(content).decode()
