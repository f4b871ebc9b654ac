"""The application: its routes, what they share, and how what goes wrong is said."""

import asyncio
import hashlib
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial

from fastapi import APIRouter, FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import HTMLResponse, JSONResponse, Response
from pydantic import BaseModel
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect

from .. import __version__
from ..errors import FileError, InkdigitsError, MissingExtraError
from ..reading.reader import Reader
from ..recognition.recogniser import Recogniser
from . import assets, metrics, openapi, pages
from .api import corrections, networks, read, runs
from .disclosure import public_text
from .hosts import AllowedHosts
from .middleware import App, LimitsMiddleware
from .settings import Settings
from .worker_pool import BusyError, WorkerPool

logger = logging.getLogger("inkdigits")
server = APIRouter(tags=["server"])
ABOUT = (
    "Reads handwritten digits in pictures, and serves the runs and networks of this machine. "
    'An error is one sentence: `{"error": "..."}`.'
)


def create_app(settings: Settings, recogniser: Recogniser | None = None) -> App:
    """Return the application, which reads with `recogniser` if it has been loaded already.

    Raises
    ------
    InkdigitsError
        If there is no such recogniser.
    """
    recogniser = recogniser or Reader(settings.recogniser).recogniser
    pool = WorkerPool(recogniser, settings.workers)

    @asynccontextmanager
    async def life(_: FastAPI) -> AsyncIterator[None]:
        pool.start()
        yield
        pool.stop()

    app = FastAPI(
        title="inkdigits",
        version=__version__,
        description=ABOUT,
        docs_url=None,  # they fetch their scripts from elsewhere; ours is /api
        redoc_url=None,
        lifespan=life,
    )
    app.openapi = partial(openapi.described, app)  # type: ignore[method-assign]
    app.state.settings = settings
    app.state.recogniser = recogniser
    app.state.pool = pool
    app.state.turns = asyncio.Semaphore(networks.TURNS)
    app.state.metrics = metrics.Metrics(pool)
    app.state.assets = assets.collect()
    for part in (read, corrections, runs, networks, metrics, assets, pages):
        app.include_router(part.router)
    app.include_router(server)
    errors = InkdigitsError, HTTPException, RequestValidationError, ModuleNotFoundError
    for error in (*errors, ClientDisconnect, Exception):
        app.add_exception_handler(error, _answer_error)
    return LimitsMiddleware(app, hosts=AllowedHosts(settings), count=app.state.metrics.request)


class Health(BaseModel):
    """The status and version of the server, and its recogniser."""

    status: str
    version: str
    recogniser: str


@server.get("/health")
async def health(request: Request) -> Health:
    """Return the status and version of the server, and the SHA-256 of its recogniser."""
    content = request.app.state.recogniser.content
    return Health(status="ok", version=__version__, recogniser=hashlib.sha256(content).hexdigest())


async def _answer_error(request: Request, error: Exception) -> Response:
    """Answer with one sentence; a defect of ours goes to the log, and never to the client."""
    headers: dict[str, str] = {}
    if isinstance(error, ModuleNotFoundError):
        error = MissingExtraError.of(error)
    if isinstance(error, HTTPException):
        status, sentence = error.status_code, str(error.detail)
        headers = dict(error.headers or {})
    elif isinstance(error, RequestValidationError):
        first = error.errors()[0]
        place = ".".join(
            str(part) for part in first["loc"] if part not in ("query", "path", "body")
        )
        status, sentence = 422, f"{place or 'The request'}: {first['msg']}."
    elif isinstance(error, InkdigitsError):
        status = _status(error)
        sentence = public_text(error, request.app.state.settings)
        headers = {"retry-after": "1"} if isinstance(error, BusyError) else {}
    elif isinstance(error, ClientDisconnect):  # nobody hears it, and it is no defect of ours
        status, sentence = 400, "The request ended before it was complete."
    else:
        logger.error("%s %r failed", request.method, request.url.path, exc_info=error)
        status, sentence = 500, "Internal error: the server's log has the details."
    if "text/html" in request.headers.get("accept", ""):  # a person who follows a link
        return HTMLResponse(pages.error(status, sentence), status, headers)
    return JSONResponse({"error": sentence}, status, headers)


def _status(error: InkdigitsError) -> int:
    kinds = {BusyError: 503, MissingExtraError: 501, FileError: 507}
    return next((status for kind, status in kinds.items() if isinstance(error, kind)), 422)
