"""The four golden signals (lesson 09), with one worker process or with several (lesson 12)."""

import time
from contextlib import suppress

import psutil
from fastapi import APIRouter, FastAPI, Response
from prometheus_client import (
    CONTENT_TYPE_LATEST,
    REGISTRY,
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    disable_created_metrics,
    generate_latest,
)
from prometheus_client.multiprocess import MultiProcessCollector, mark_process_dead
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from titanic.settings import Settings, metrics_folder

disable_created_metrics()
metrics_folder()  # if one is named, the library opens a file in it for each metric that is defined below

SECONDS = (0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10)
METHODS = {"GET", "HEAD", "POST", "PUT", "DELETE", "CONNECT", "OPTIONS", "TRACE", "PATCH"}

# Traffic
http_requests_total = Counter(
    "http_requests_total",
    "Total number of HTTP requests received, by method, endpoint and status code.",
    ["method", "endpoint", "status_code"],
)
# Latency
http_request_duration_seconds = Histogram(
    "http_request_duration_seconds",
    "Time from the arrival of a request to the end of its answer, in seconds.",
    ["method", "endpoint"],
    buckets=SECONDS,
)
# Errors
http_errors_total = Counter(
    "http_errors_total",
    "Total number of requests that failed on the server (status 500 and above).",
    ["method", "endpoint"],
)
# Saturation. With several workers: the sum over those that live.
http_requests_in_progress = Gauge(
    "http_requests_in_progress", "Requests that are being worked on now.", multiprocess_mode="livesum"
)
cpu_usage_percent = Gauge(
    "cpu_usage_percent", "Share of all processors that this app uses, 0 to 100.", multiprocess_mode="livesum"
)
memory_usage_bytes = Gauge("memory_usage_bytes", "Memory that this app uses, in bytes.", multiprocess_mode="livesum")
this_process = psutil.Process()


class FourSignals:
    """A middleware that feeds the four golden signals: latency, traffic, errors, saturation."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, note the status of the answer, and count when all is over."""
        if scope["type"] != "http":
            return await self.app(scope, receive, send)
        status_code = 500  # stays, if the app raises an error and never begins to answer

        async def note_status(message: Message) -> None:
            nonlocal status_code
            if message["type"] == "http.response.start":
                status_code = message["status"]
            await send(message)

        start = time.perf_counter()
        http_requests_in_progress.inc()
        try:
            await self.app(scope, receive, note_status)
        finally:
            http_requests_in_progress.dec()
            endpoint = getattr(scope.get("route"), "path", "<unmatched>")
            method = scope["method"] if scope["method"] in METHODS else "<other>"
            http_requests_total.labels(method, endpoint, str(status_code)).inc()
            http_request_duration_seconds.labels(method, endpoint).observe(time.perf_counter() - start)
            if status_code >= 500:
                http_errors_total.labels(method, endpoint).inc()


def registry() -> CollectorRegistry:
    """The metrics of this process; with PROMETHEUS_MULTIPROC_DIR, those of all workers, added up."""
    folder = Settings().prometheus_multiproc_dir
    if folder is None:
        return REGISTRY
    # A killed worker has no requests in progress and uses no memory: forget these gauges. What it counted stays.
    for file in folder.glob("gauge_live*_*.db"):
        pid = int(file.stem.rpartition("_")[2])
        if not psutil.pid_exists(pid):
            with suppress(FileNotFoundError):  # another scrape was faster
                mark_process_dead(pid)
    together = CollectorRegistry()
    MultiProcessCollector(together)
    return together


router = APIRouter()


@router.get("/metrics", response_class=Response)
def metrics() -> Response:
    """Look at the processor and the memory, then tell Prometheus all metrics."""
    # Over a very short time the system's clock is too coarse, and the share could seem to be more than all.
    cpu_usage_percent.set(min(100, this_process.cpu_percent() / (psutil.cpu_count() or 1)))
    memory_usage_bytes.set(this_process.memory_info().rss)
    return Response(generate_latest(registry()), media_type=CONTENT_TYPE_LATEST)


def add_to(app: FastAPI) -> None:
    """Let this app feed the four golden signals, and tell them and all its other metrics at /metrics."""
    app.add_middleware(FourSignals)
    app.include_router(router)
