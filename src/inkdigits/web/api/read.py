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
        "description": "An image file, such as PNG, JPEG or TIFF.",
        "content": {"*/*": {"schema": {"type": "string", "format": "binary"}}},
    }
}
DRAWN_PAGE = {"$ref": COMPONENTS + STEPS}
ABOUT = "If requested: one per page."
READ = answer(DOCUMENT, steps={"type": "array", "items": DRAWN_PAGE, "description": ABOUT})
READ_DIGIT = answer(SYMBOL, page={"$ref": COMPONENTS + PLACEMENT}, steps=DRAWN_PAGE)


class Asked(BaseModel):
    """How a picture is to be read."""

    min_confidence: float = Field(
        MIN_CONFIDENCE, ge=0, le=1, description="Symbols with a lower confidence are rejected."
    )
    alphabet: Literal["all", "digits"] = Field(
        "all", description="Digits and marks, or digits alone; marks are then listed in `left_out`."
    )
    decimal: Literal["point", "comma", "auto"] = Field(
        "auto",
        description="The decimal separator; auto infers it from the numbers of a page.",
    )
    rotate: bool = Field(
        True, description="Rotate a page that lies on its side, is upside down, or slants."
    )
    rotation: int | None = Field(
        None,
        ge=0,
        le=270,
        multiple_of=90,
        description="Clockwise rotation in degrees that makes the picture upright, if known.",
    )
    steps: bool = Field(False, description="Add network inputs and intermediate images, in base64.")
    layers: bool = Field(
        False, description="Add the classes of the pixels to the steps, as data URLs."
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
    """Read all numbers in an image file, page by page and line by line, as `Reader.read` does."""
    return await _read(request, asked, single=False)


@router.post(
    "/read-digit", response_class=Response, responses={**ERRORS, **READ_DIGIT},
    openapi_extra=PICTURE,
)  # fmt: skip
async def read_digit(request: Request, asked: HowToRead) -> Response:
    """Read a picture of a single symbol, as `Reader.read_digit` does."""
    return await _read(request, asked, single=True)


async def _read(request: Request, asked: Asked, *, single: bool) -> Response:
    pool: WorkerPool = request.app.state.pool
    metrics: Metrics = request.app.state.metrics
    content = await request.body()
    begin = time.perf_counter()
    found = await pool.read(content, asked.options(single=single), asked.layers)
    metrics.reading.observe(time.perf_counter() - begin)
    return Response(found, media_type="application/json")
