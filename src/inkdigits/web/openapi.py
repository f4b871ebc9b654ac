"""The OpenAPI document: what FastAPI makes of the routes, and the JSON Schema of a document.

That schema comes with the package, and is what every reader of documents goes by; here it is only
taken apart into the components that routes refer to.
"""

import copy
from typing import Any

from fastapi import FastAPI

from ..document import json_schema

COMPONENTS = "#/components/schemas/"
DOCUMENT, SYMBOL = "Document", "Symbol"
STEPS: dict[str, Any] = {
    "type": "object",
    "description": "A page on its way to symbols, as files in base64, upright.",
    "required": ["picture", "grey", "ink"],
    "properties": {
        "picture": {"type": "string", "description": "As it was read, a JPEG file."},
        "grey": {"type": "string", "description": "Its brightness, a PNG file."},
        "ink": {"type": "string", "description": "The ink that was read, a PNG file."},
    },
}
PLACEMENT: dict[str, Any] = {
    "type": "object",
    "description": "The page that a symbol stands on, as pages of documents are described.",
    "required": ["number", "width", "height", "rotation", "mirrored", "polarity"],
    "properties": {
        "number": {"type": "integer", "minimum": 1},
        "width": {"type": "integer", "minimum": 1},
        "height": {"type": "integer", "minimum": 1},
        "rotation": {"type": "number"},
        "mirrored": {"type": "boolean"},
        "polarity": {"type": "string"},
    },
}


def described(app: FastAPI) -> dict[str, Any]:
    """Return the OpenAPI document of `app`, made once."""
    made = FastAPI.openapi(app)
    schemas = made.setdefault("components", {}).setdefault("schemas", {})
    if DOCUMENT not in schemas:
        schemas.update(components())
    return made


def components() -> dict[str, Any]:
    """Return the schemas of a document and its parts, and of what may come with them."""
    whole = copy.deepcopy(json_schema())
    parts = whole.pop("$defs", {})
    for unknown in ("$schema", "$id"):
        whole.pop(unknown, None)
    named = {name[:1].upper() + name[1:]: part for name, part in parts.items()}
    found = {SYMBOL: {}, **named, DOCUMENT: whole, "Steps": STEPS, "Placement": PLACEMENT}
    return {name: _pointed(part) for name, part in found.items()}


def answer(name: str, **more: dict[str, Any]) -> dict[int | str, dict[str, Any]]:
    """Return how a route is described that answers a component with `more` properties."""
    schema = {
        "allOf": [
            {"$ref": COMPONENTS + name},
            {"type": "object", "properties": more},
        ]
    }
    return {200: {"description": name, "content": {"application/json": {"schema": schema}}}}


def _pointed(schema: Any) -> Any:
    """Return `schema` with what points into itself pointing to the components."""
    if isinstance(schema, dict):
        return {key: _target(v) if key == "$ref" else _pointed(v) for key, v in schema.items()}
    return [_pointed(value) for value in schema] if isinstance(schema, list) else schema


def _target(reference: str) -> str:
    name = reference.removeprefix("#/$defs/")
    if reference == "#":
        name = DOCUMENT
    return COMPONENTS + name[:1].upper() + name[1:]
