"""What the HTTP interface answers where something goes wrong."""

from typing import Any

from pydantic import BaseModel


class Error(BaseModel):
    """An error: one sentence with the cause and the next step."""

    error: str


ERRORS: dict[int | str, dict[str, Any]] = {
    403: {
        "model": Error,
        "description": "The request comes from another site, or from another machine.",
    },
    408: {"model": Error, "description": "The request did not arrive in time."},
    413: {
        "model": Error,
        "description": "Too large: a picture may have 20 MB, any other request 64 kB.",
    },
    422: {"model": Error, "description": "The input cannot be used; the sentence says why."},
    503: {"model": Error, "description": "Busy: try again after the time in Retry-After."},
}
UNWRITTEN: dict[int | str, dict[str, Any]] = {
    507: {"model": Error, "description": "A file cannot be written."},
}
LAB: dict[int | str, dict[str, Any]] = {
    404: {"model": Error, "description": "There is no such run, network or digit."},
    501: {"model": Error, "description": "PyTorch is not installed."},
    **ERRORS,
}
