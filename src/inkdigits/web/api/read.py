"""Reading over HTTP: a file's bytes come in, what `Reader` says of them goes out."""

import time
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query, Request, Response
from pydantic import BaseModel, Field

from ...reading.read import ReadOptions
from ...reading.reader import MIN_CONFIDENCE
from ..metrics import Metrics
from ..openapi import COMPONENTS, DOCUMENT, PLACEMENT, STEPS, SYMBOL, answer
from ..schemas import ERRORS
from ..worker_pool import WorkerPool

router = APIRouter(prefix="/api", tags=["reading"])
PICTURE: dict[str, Any] = {
    "requestBody": {
        "required": True,
        "description": "A picture's file, such as PNG, JPEG or TIFF.",
        "content": {"*/*": {"schema": {"type": "string", "format": "binary"}}},
    }
}
DRAWN_PAGE = {"$ref": COMPONENTS + STEPS}
ABOUT = "If asked for: of each page."
READ = answer(DOCUMENT, steps={"type": "array", "items": DRAWN_PAGE, "description": ABOUT})
READ_DIGIT = answer(SYMBOL, page={"$ref": COMPONENTS + PLACEMENT}, steps=DRAWN_PAGE)


class Asked(BaseModel):
    """How a picture is to be read."""

    min_confidence: float = Field(
        MIN_CONFIDENCE, ge=0, le=1, description="What is read with less confidence is rejected."
    )
    alphabet: Literal["all", "digits"] = Field(
        "all", description="Digits and marks, or digits alone: marks are then among `left_out`."
    )
    decimal: Literal["point", "comma", "auto"] = Field(
        "auto",
        description="What parts whole and fraction; auto is what the numbers of a page prove.",
    )
    rotate: bool = Field(
        True, description="Turn a page that lies on its side or upside down, or slants."
    )
    rotation: int | None = Field(
        None,
        ge=0,
        le=270,
        multiple_of=90,
        description="Clockwise degrees that make the stored picture upright, if they are known.",
    )
    steps: bool = Field(
        False, description="Add what the network saw and the steps to it, as base64."
    )
    layers: bool = Field(
        False, description="Add to the steps what the pixels were taken for, as data URLs."
    )

    def options(self, *, single: bool) -> ReadOptions:
        """Return it as the reader has it: what is not asked for is not kept either."""
        return ReadOptions(
            single,
            self.min_confidence,
            keep=self.steps,
            alphabet=self.alphabet,
            decimal=self.decimal,
            rotate=self.rotate and self.rotation is None,
            rotation=self.rotation,
        )


HowToRead = Annotated[Asked, Query()]


@router.post("/read", response_class=Response, responses={**ERRORS, **READ}, openapi_extra=PICTURE)
async def read(request: Request, asked: HowToRead) -> Response:
    """Read all numbers in a file, page by page and line by line: what `Reader.read` says."""
    return await _read(request, asked, single=False)


@router.post(
    "/read-digit", response_class=Response, responses={**ERRORS, **READ_DIGIT},
    openapi_extra=PICTURE,
)  # fmt: skip
async def read_digit(request: Request, asked: HowToRead) -> Response:
    """Read the one symbol in a picture, all its ink: what `Reader.read_digit` says."""
    return await _read(request, asked, single=True)


async def _read(request: Request, asked: Asked, *, single: bool) -> Response:
    pool: WorkerPool = request.app.state.pool
    metrics: Metrics = request.app.state.metrics
    content = await request.body()
    begin = time.perf_counter()
    found = await pool.read(content, asked.options(single=single), asked.layers)
    metrics.reading.observe(time.perf_counter() - begin)
    return Response(found, media_type="application/json")
