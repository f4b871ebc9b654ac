"""What a reader corrects: kept as labelled digits, in a folder that `inkdigits train` can use."""

import base64
import binascii
import shlex
from threading import Lock
from typing import Annotated

import numpy as np
from fastapi import APIRouter, Request
from pydantic import BaseModel, Field
from starlette.exceptions import HTTPException

from ..data import own
from ..errors import DataError, FileError
from .answers import ERRORS, UNWRITTEN
from .settings import Settings

MOST = 100_000  # files
KEEPING = Lock()  # two labels of one digit at once would each delete what the other wrote

router = APIRouter(prefix="/api/own", tags=["reading"])


class Correction(BaseModel):
    """A digit, and what it was."""

    seen: Annotated[str, Field(max_length=2000, description="28×28, a byte a pixel, in base64.")]
    label: Annotated[int, Field(ge=0, le=9)]


class Kept(BaseModel):
    """What is kept."""

    count: int = Field(description="Digits in the folder now.")
    train: str = Field(description="The command that learns from them.")


@router.post("", responses={**ERRORS, **UNWRITTEN})
def keep(correction: Correction, request: Request) -> Kept:
    """Keep a digit that was corrected, as labelled data."""
    settings: Settings = request.app.state.settings
    if settings.own is None:
        raise HTTPException(403, "This server keeps no digits: it was started without --own.")
    try:
        values = np.frombuffer(base64.b64decode(correction.seen, validate=True), np.uint8)
    except (binascii.Error, ValueError) as error:
        raise DataError("What was seen is no base64: send what a reading gave.") from error
    if values.size != 28 * 28 or not values.any():
        raise DataError("What was seen must be 28×28 bytes with ink in them.")
    with KEEPING:
        if len(own.files(settings.own)) >= MOST:
            raise FileError(f"{settings.own} is full: it holds {MOST:,} digits.")
        own.keep(settings.own, values.reshape(28, 28).copy(), correction.label)
        count = len(own.files(settings.own))
    return Kept(count=count, train=f"inkdigits train quick --data {shlex.quote(str(settings.own))}")
