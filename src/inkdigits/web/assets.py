"""The files of the page: all known when the server starts, so no request can name a path."""

import gzip
import hashlib
from dataclasses import dataclass
from functools import cached_property
from importlib import resources
from importlib.resources.abc import Traversable

from fastapi import APIRouter, Request, Response
from starlette.exceptions import HTTPException

TYPES = {
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".json": "application/json",
    ".bin": "application/octet-stream",
    ".png": "image/png",
    ".svg": "image/svg+xml",
}
PLOTLY = "plotly.min.js"  # it comes with the Python package, and is not ours to copy

router = APIRouter(include_in_schema=False)


@dataclass(frozen=True)
class Asset:
    """A file that browsers ask for."""

    source: Traversable
    kind: str

    @cached_property
    def content(self) -> bytes:
        """The file, read once."""
        return self.source.read_bytes()

    @cached_property
    def packed(self) -> bytes:
        """The file as gzip, packed once."""
        return gzip.compress(self.content, 6, mtime=0)

    @cached_property
    def tag(self) -> str:
        """What changes when the file does."""
        return f'"{hashlib.sha256(self.content).hexdigest()[:16]}"'


def collect() -> dict[str, Asset]:
    """Return every file by the name under which browsers ask for it."""
    found = {name: Asset(file, TYPES[_suffix(name)]) for name, file in _under(_static(), "")}
    plotly = resources.files("plotly") / "package_data" / PLOTLY
    return {**found, PLOTLY: Asset(plotly, TYPES[".js"])}


def _static() -> Traversable:
    return resources.files(__package__) / "static"


def _under(folder: Traversable, prefix: str) -> list[tuple[str, Traversable]]:
    found = []
    for entry in folder.iterdir():
        if entry.is_dir():
            found += _under(entry, f"{prefix}{entry.name}/")
        elif _suffix(entry.name) in TYPES:
            found.append((prefix + entry.name, entry))
    return found


def _suffix(name: str) -> str:
    return name[name.rfind(".") :]


@router.get("/static/{name:path}")
def asset(name: str, request: Request) -> Response:
    """Return a file of the page, unless the browser has it already."""
    found: Asset | None = request.app.state.assets.get(name)
    if found is None:
        raise HTTPException(404, "File not found.")
    headers = {"etag": found.tag, "cache-control": "no-cache", "vary": "accept-encoding"}
    if request.headers.get("if-none-match") == found.tag:
        return Response(status_code=304, headers=headers)
    if "gzip" not in request.headers.get("accept-encoding", ""):
        return Response(found.content, media_type=found.kind, headers=headers)
    headers["content-encoding"] = "gzip"
    return Response(found.packed, media_type=found.kind, headers=headers)
