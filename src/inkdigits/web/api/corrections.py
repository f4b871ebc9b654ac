"""Corrections: saved as labelled digits, in a folder that `inkdigits train` can use."""

import base64
import binascii
from threading import Lock
from typing import Annotated, Any

import numpy as np
import numpy.typing as npt
from fastapi import APIRouter, Depends, Request
from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel, Field, ValidationError
from starlette.exceptions import HTTPException

from ...alphabet import DIGITS, MAX_LENGTH
from ...data import folders
from ...errors import DataError, FileError
from ..schemas import ERRORS, UNWRITTEN
from ..settings import Settings

MOST = 100_000  # files
SAVING = Lock()  # two labels of one digit at once would each delete what the other wrote

router = APIRouter(prefix="/api/corrections", tags=["reading"])


class Correction(BaseModel):
    """A digit and its true label."""

    network_input: Annotated[
        str,
        Field(max_length=2000, description="28×28 bytes, 0 for paper to 255 for ink, in base64."),
    ]
    label: Annotated[str, Field(max_length=MAX_LENGTH, description='The true label, such as "7".')]


class Saved(BaseModel):
    """What was saved."""

    count: int = Field(description="Number of digits in the folder.")
    train: str = Field(
        description="The command that trains on them; FOLDER stands for that of --user-digits."
    )


BODY: dict[str, Any] = {
    "requestBody": {
        "required": True,
        "content": {"application/json": {"schema": Correction.model_json_schema()}},
    }
}


async def body(request: Request) -> bytes:
    """Return what a request brings, to be taken apart where nobody waits for it."""
    return await request.body()


@router.post("", responses={**ERRORS, **UNWRITTEN}, openapi_extra=BODY)
def save(content: Annotated[bytes, Depends(body)], request: Request) -> Saved:
    """Save a corrected digit as labelled data."""
    settings: Settings = request.app.state.settings
    if settings.user_digits is None:
        raise HTTPException(
            403, "This server saves no corrections: start it with --user-digits FOLDER."
        )
    try:
        correction = Correction.model_validate_json(content)
    except ValidationError as error:
        raise RequestValidationError(error.errors(include_context=False)) from error
    pixels, label = _pixels(correction), DIGITS.index(correction.label)
    with SAVING:
        if len(folders.labelled(settings.user_digits)) >= MOST:
            raise FileError(f"The folder of corrected digits is full: it holds {MOST:,}.")
        folders.keep(settings.user_digits, pixels, label)
        count = len(folders.labelled(settings.user_digits))
    folder = "user_digits" if settings.user_digits == Settings.user_digits else "FOLDER"
    return Saved(count=count, train=f"inkdigits train quick --data mnist+{folder}")


def _pixels(correction: Correction) -> npt.NDArray[np.uint8]:
    try:
        values = np.frombuffer(base64.b64decode(correction.network_input, validate=True), np.uint8)
    except (binascii.Error, ValueError) as error:
        raise DataError(
            "The digit is not valid base64: send the network_input of a reading."
        ) from error
    if values.size != 28 * 28 or not values.any():
        raise DataError("The digit must have 28×28 bytes, not all of them 0.")
    return values.reshape(28, 28).copy()
