"""Reading over HTTP: a file's bytes come in, what `Reader` says of them goes out."""

import time
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request, Response

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
MinConfidence = Annotated[
    float, Query(ge=0, le=1, description="What is read with less confidence is rejected.")
]
WithSteps = Annotated[
    bool, Query(description="Add what the network saw and the steps to it, as base64.")
]


@router.post("/read", response_class=Response, responses={**ERRORS, **READ}, openapi_extra=PICTURE)
async def read(
    request: Request, min_confidence: MinConfidence = MIN_CONFIDENCE, steps: WithSteps = False
) -> Response:
    """Read all digits in a file, page by page and line by line: what `Reader.read` says."""
    return await _read(request, min_confidence, steps, single=False)


@router.post(
    "/read-digit", response_class=Response, responses={**ERRORS, **READ_DIGIT},
    openapi_extra=PICTURE,
)  # fmt: skip
async def read_digit(
    request: Request, min_confidence: MinConfidence = MIN_CONFIDENCE, steps: WithSteps = False
) -> Response:
    """Read the one digit in a picture, all its ink: what `Reader.read_digit` says."""
    return await _read(request, min_confidence, steps, single=True)


async def _read(request: Request, min_confidence: float, steps: bool, *, single: bool) -> Response:
    pool: WorkerPool = request.app.state.pool
    metrics: Metrics = request.app.state.metrics
    content = await request.body()
    begin = time.perf_counter()
    found = await pool.read(content, single=single, min_confidence=min_confidence, steps=steps)
    metrics.reading.observe(time.perf_counter() - begin)
    return Response(found, media_type="application/json")
