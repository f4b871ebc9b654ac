"""What the server counts, for Prometheus."""

from fastapi import APIRouter, Request, Response
from prometheus_client import (
    CONTENT_TYPE_LATEST,
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    generate_latest,
)

from .worker_pool import WorkerPool

router = APIRouter(tags=["server"])
EDGES = (0.005, 0.01, 0.02, 0.05, 0.1, 0.15, 0.25, 0.5, 1, 2, 5)  # seconds


class Metrics:
    """Counters of one server."""

    def __init__(self, pool: WorkerPool) -> None:
        self.registry = CollectorRegistry()
        self.requests = Counter(
            "inkdigits_requests", "Requests answered.", ["route", "status"],
            registry=self.registry,
        )  # fmt: skip
        self.seconds = Histogram(
            "inkdigits_request_seconds", "Time to answer a request.", ["route"], buckets=EDGES,
            registry=self.registry,
        )  # fmt: skip
        self.reading = Histogram(
            "inkdigits_reading_seconds", "Time to read a picture, waiting included.", buckets=EDGES,
            registry=self.registry,
        )  # fmt: skip
        waiting = Gauge("inkdigits_waiting", "Pictures waiting to be read.", registry=self.registry)
        waiting.set_function(lambda: pool.waiting)

    def request(self, route: str, status: int, seconds: float) -> None:
        """Count a request under its route: never under what a client writes."""
        self.requests.labels(route, status).inc()
        self.seconds.labels(route).observe(seconds)


@router.get("/metrics", response_class=Response)
async def get_metrics(request: Request) -> Response:
    """Return the metrics of the server, in the text format of Prometheus."""
    found = generate_latest(request.app.state.metrics.registry)
    return Response(found, media_type=CONTENT_TYPE_LATEST)
