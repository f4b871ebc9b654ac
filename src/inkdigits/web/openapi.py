"""The OpenAPI document: what FastAPI makes of the routes, and the JSON Schema of a document.

That schema comes with the package, and is what every reader of documents goes by; here it is only
taken apart into the components that routes refer to.
"""

from typing import Any

from fastapi import FastAPI

from ..document import json_schema

COMPONENTS = "#/components/schemas/"
DOCUMENT, SYMBOL, STEPS, PLACEMENT = "Document", "Symbol", "ReadingSteps", "SymbolPage"
PLACED = ("number", "width", "height", "rotation", "mirrored", "polarity")  # of a symbol's page
FILES = {
    "picture": "The page, a JPEG file.",
    "grey": "The page in grey, a PNG file.",
    "ink": "The ink of the page, a PNG file.",
}


LAYERS = {
    "handwriting": "Handwriting.",
    "rules": "Printed lines, boxes and combs.",
    "other": "Print, stamps, dirt, and what lies beside the paper.",
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
    whole = json_schema()
    parts = whole.pop("$defs")
    del whole["$schema"]
    page = parts["Page"]["properties"]
    found = {
        **parts,
        DOCUMENT: whole,
        PLACEMENT: {
            "type": "object",
            "description": "The page of the symbol.",
            "required": list(PLACED),
            "properties": {name: page[name] for name in PLACED},
        },
        STEPS: {
            "type": "object",
            "description": "Intermediate images of a page, upright, base64-encoded.",
            "required": list(FILES),
            "properties": {
                **{name: _text(words) for name, words in FILES.items()},
                "layers": {
                    "type": "object",
                    "description": "If requested: the classes of the pixels, each a PNG file as "
                    "a data URL, the more opaque the likelier; empty if the pixels were not "
                    "classified.",
                    "properties": {name: _text(words) for name, words in LAYERS.items()},
                },
            },
        },
    }
    return {name: _pointed(part) for name, part in found.items()}


def _text(description: str) -> dict[str, str]:
    return {"type": "string", "description": description}


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
    return COMPONENTS + (DOCUMENT if reference == "#" else reference.removeprefix("#/$defs/"))
