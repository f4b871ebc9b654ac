"""What the HTTP interface answers, as its OpenAPI document describes it."""

from typing import Any

from pydantic import BaseModel, Field

Share = Field(ge=0, le=1)


class Error(BaseModel):
    """What went wrong: one sentence with the cause and the next step."""

    error: str


class Steps(BaseModel):
    """A picture on its way to digits, as PNG files in base64."""

    grey: str = Field(description="Its brightness.")
    ink: str = Field(description="Its ink on paper.")


class Digit(BaseModel):
    """One digit, or what stands where one was looked for."""

    value: int | None = Field(ge=0, le=9, description="None if it is refused.")
    confidence: float = Share
    probabilities: list[float] = Field(
        min_length=10, max_length=10, description="Which digit it is, if it is one."
    )
    box: tuple[int, int, int, int] = Field(
        description="Left, top, width and height in the picture's own pixels."
    )
    line: int = Field(ge=0, description="The line it stands in, from 0.")
    space: bool = Field(description="Whether there is a gap as wide as a digit before it.")
    refusal: str | None = Field(description="Why there is no value; None if there is one.")
    seen: str | None = Field(
        None,
        description="If asked for: the 28×28 that the network saw, a byte a pixel, in base64.",
    )
    steps: Steps | None = Field(None, description="If asked for, of a single digit.")


class Reading(BaseModel):
    """What was read in a picture."""

    picture: str
    text: str = Field(description='The digits, a line a line; "?" for what is not vouched for.')
    confidence: float = Share
    width: int = Field(ge=1, description="Of the picture, upright, in its own pixels.")
    height: int = Field(ge=1)
    digits: list[Digit]
    error: None = None
    steps: Steps | None = Field(None, description="If asked for.")


ERRORS: dict[int | str, dict[str, Any]] = {
    403: {"model": Error, "description": "Another site asks, or another machine."},
    408: {"model": Error, "description": "The request did not come in time."},
    413: {"model": Error, "description": "More than 20 MB came."},
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
