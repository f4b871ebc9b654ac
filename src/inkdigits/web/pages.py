"""The pages: HTML around what the scripts draw, and the chapters of the guide."""

from collections.abc import Iterator
from functools import cache
from importlib.util import find_spec
from typing import Any

import jinja2
from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse
from starlette.exceptions import HTTPException

from .. import __version__
from ..alphabet import DIGITS
from . import guide
from .schemas import LAB, UNWRITTEN
from .settings import Settings

router = APIRouter(include_in_schema=False, default_response_class=HTMLResponse)


@router.get("/")
def read(request: Request) -> str:
    """Draw or drop a picture, and see it read."""
    settings: Settings = request.app.state.settings
    return _page("read.html", labels=DIGITS.symbols if settings.user_digits else ())


@router.get("/inside")
def inside() -> str:
    """Look into a network."""
    return _page("inside.html", lab=has_lab())


@router.get("/runs")
def runs() -> str:
    """All runs, one, or several side by side."""
    return _page("runs.html", lab=has_lab())


@router.get("/guide")
def contents() -> str:
    """List the chapters of the guide."""
    return _page("contents.html", chapters=guide.chapters())


@router.get("/guide/{name}")
def chapter(name: str) -> str:
    """One chapter."""
    chapters = guide.chapters()
    places = {chapter.name: place for place, chapter in enumerate(chapters)}
    if name not in places:
        raise HTTPException(404, f"The guide has no chapter {name!r}: see its contents at /guide.")
    place = places[name]
    return _page(
        "chapter.html",
        chapter=chapters[place],
        number=place + 1,
        count=len(chapters),
        before=chapters[place - 1] if place else None,
        after=chapters[place + 1] if place + 1 < len(chapters) else None,
    )


@router.get("/api")
def interface(request: Request) -> str:
    """Describe the HTTP interface, as its OpenAPI document does."""
    document: dict[str, Any] = request.app.openapi()
    return _page(
        "interface.html",
        base=request.base_url,
        document=document,
        errors=sorted((LAB | UNWRITTEN).items()),
        operations=list(_operations(document)),
    )


def error(status: int, sentence: str) -> str:
    """Return the page of what cannot be shown."""
    return _page("error.html", status=status, sentence=sentence)


def _operations(document: dict[str, Any]) -> Iterator[dict[str, Any]]:
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            yield {"path": path, "method": method.upper(), **operation}


def has_lab() -> bool:
    """Whether what trains networks is installed."""
    return find_spec("torch") is not None


def _page(template: str, **values: object) -> str:
    return _templates().get_template(template).render(version=__version__, **values)


@cache
def _templates() -> jinja2.Environment:
    made = jinja2.Environment(
        loader=jinja2.PackageLoader(__package__, "pages"),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.filters["inline"] = guide.inline
    return made
