"""What the HTTP interface answers where something goes wrong."""

from typing import Any

from pydantic import BaseModel


class Error(BaseModel):
    """What went wrong: one sentence with the cause and the next step."""

    error: str


ERRORS: dict[int | str, dict[str, Any]] = {
    403: {"model": Error, "description": "Another site asks, or another machine."},
    408: {"model": Error, "description": "The request did not come in time."},
    413: {
        "model": Error,
        "description": "More came than is taken: 20 MB of a picture, 64 kB of all else.",
    },
    422: {"model": Error, "description": "What came cannot be used; the sentence says why."},
    503: {"model": Error, "description": "Too busy: try again after as long as Retry-After says."},
}
UNWRITTEN: dict[int | str, dict[str, Any]] = {
    507: {"model": Error, "description": "What should be kept cannot be written."},
}
LAB: dict[int | str, dict[str, Any]] = {
    404: {"model": Error, "description": "There is no such run, network or digit."},
    501: {"model": Error, "description": "What trains networks is not installed."},
    **ERRORS,
}
